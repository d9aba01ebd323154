//! The page as Markdown.

use std::fmt::Write;

use anyhow::{Context, Result};

use super::catalog::{Catalog, Function, JobOption, Relation, Setting};
use super::examples::{Example, Section};
use super::remarks;

const HEAD: &str = include_str!("head.md");
/// Signatures up to this length stand on one line.
const WIDTH: usize = 100;

pub fn page(catalog: &Catalog, sections: &[Section]) -> Result<String> {
    let mut page = HEAD.to_owned();
    for section in sections {
        let names: Vec<String> = section.names().map(link).collect();
        writeln!(page, "- **[{}](#{})**: {}", section.title, anchor(&section.title), names.join(", "))?;
    }
    page.push_str("- **[Options](#options)**\n- **[Settings](#settings)**\n- **[Errors](#errors)**\n");
    for section in sections {
        write!(page, "\n## {}\n\n{}\n", section.title, section.introduction)?;
        for example in &section.examples {
            object(&mut page, catalog, example)?;
        }
    }
    options(&mut page, &catalog.options)?;
    settings(&mut page, &catalog.settings)?;
    errors(&mut page, catalog)?;
    Ok(page)
}

fn link(name: &str) -> String {
    format!("[`{name}`](#{})", anchor(name))
}

/// As Git forges make it of a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

fn object(page: &mut String, catalog: &Catalog, example: &Example) -> Result<()> {
    write!(page, "\n### {}\n\n", example.name)?;
    let function = catalog.functions.iter().find(|it| it.name == example.name);
    let relation = catalog.relations.iter().find(|it| it.name == example.name);
    match (function, relation) {
        (Some(function), _) => show_function(page, function)?,
        (None, relation) => show_relation(page, relation.context("an example shows an object")?)?,
    }
    writeln!(page, "\nExample, as {}:", example.actor)?;
    for step in &example.steps {
        write!(page, "\n```sql\n{}\n```\n", step.sql.join("\n"))?;
        if !step.output.is_empty() {
            write!(page, "\n```text\n{}\n```\n", step.output.join("\n"))?;
        }
    }
    Ok(())
}

fn show_function(page: &mut String, function: &Function) -> Result<()> {
    let on_one_line = format!("{}({}) → {}", function.name, function.arguments.join(", "), function.result);
    let signature = if function.arguments.is_empty() || on_one_line.chars().count() <= WIDTH {
        on_one_line
    } else {
        format!("{}(\n    {}\n) → {}", function.name, function.arguments.join(",\n    "), function.result)
    };
    writeln!(page, "```text\n{signature}\n```\n\n{}.\n", sentences(&function.remarks.text))?;
    let callers: Vec<String> = function.callers.iter().map(|role| format!("`{role}`")).collect();
    match callers.as_slice() {
        [] => writeln!(page, "Callers: the owner of the extension and superusers.")?,
        callers => writeln!(page, "Callers: {}.", callers.join(", "))?,
    }
    let errors = function.remarks.errors.as_deref().unwrap_or_default();
    if !errors.is_empty() {
        page.push_str("\n| error | when |\n|---|---|\n");
        for (code, when) in errors {
            writeln!(page, "| `{code}` | {} |", cell(when))?;
        }
    }
    Ok(())
}

fn show_relation(page: &mut String, relation: &Relation) -> Result<()> {
    writeln!(page, "{} ({}).\n", sentences(&relation.remarks.text), relation.kind)?;
    if relation.grants.is_empty() {
        page.push_str("Grants: none. The owner of the extension and superusers read it.\n");
    } else {
        let grants = relation.grants.iter().map(|grant| match grant.split_once(": ") {
            Some((role, privileges)) => format!("`{role}` {privileges}"),
            None => grant.clone(),
        });
        writeln!(page, "Grants: {}.", grants.collect::<Vec<_>>().join("; "))?;
    }
    page.push_str("\n| column | type | default | |\n|---|---|---|---|\n");
    for column in &relation.columns {
        let of_type = [column.of_type.as_str(), column.not_null.as_str()].join(" ");
        let default =
            if column.default.is_empty() { String::new() } else { format!("`{}`", cell(&column.default)) };
        writeln!(page, "| `{}` | {} | {default} | {} |", column.name, of_type.trim(), cell(&column.comment))?;
    }
    Ok(())
}

fn options(page: &mut String, options: &[JobOption]) -> Result<()> {
    page.push_str(include_str!("options.md"));
    for JobOption { kind, name, values, meaning } in options {
        writeln!(page, "| {kind} | `{name}` | {} | {} |", cell(values), cell(meaning))?;
    }
    Ok(())
}

fn settings(page: &mut String, settings: &[Setting]) -> Result<()> {
    page.push_str(include_str!("settings.md"));
    for setting in settings {
        let how = match setting.context.as_str() {
            "sighup" => "configuration, reload",
            "superuser" => "a superuser, at any time",
            _ => "everybody, at any time",
        };
        let (name, comment) = (&setting.name, cell(&setting.comment));
        writeln!(page, "| `{name}` | `{}` | {} | {how} | {comment} |", setting.default, setting.range)?;
    }
    Ok(())
}

fn errors(page: &mut String, catalog: &Catalog) -> Result<()> {
    page.push_str(include_str!("errors.md"));
    for (code, name) in remarks::CONDITIONS {
        let raises =
            |function: &&Function| function.remarks.errors.iter().flatten().any(|(it, _)| it == code);
        let functions: Vec<String> =
            catalog.functions.iter().filter(raises).map(|it| link(&it.name)).collect();
        if !functions.is_empty() {
            writeln!(page, "| `{code}` | {name} | {} |", functions.join(", "))?;
        }
    }
    Ok(())
}

/// A comment's parts, which semicolons part, as sentences.
fn sentences(comment: &str) -> String {
    let capital = |part: &str| {
        let mut rest = part.chars();
        let first = rest.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
        // Names of functions keep their letters.
        if part.split(' ').next().is_some_and(|word| word.contains(['(', '_'])) {
            part.to_owned()
        } else {
            first + rest.as_str()
        }
    };
    comment.split("; ").map(capital).collect::<Vec<_>>().join(". ")
}

/// What may stand in a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
