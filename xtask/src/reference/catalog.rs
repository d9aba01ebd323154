//! What the extension has made, as the catalog tells it.

use anyhow::{Context, Result, ensure};
use postgres::{Client, Row};

use super::remarks::Remarks;

/// Four queries, each with its name for every column.
const QUERIES: &str = include_str!("catalog.sql");

pub struct Catalog {
    pub functions: Vec<Function>,
    pub relations: Vec<Relation>,
    pub settings: Vec<Setting>,
    pub options: Vec<JobOption>,
}

pub struct Function {
    /// With its schema, unless that is the extension's.
    pub name: String,
    pub remarks: Remarks,
    /// `name type DEFAULT value`.
    pub arguments: Vec<String>,
    pub result: String,
    /// Roles besides the owner.
    pub callers: Vec<String>,
}

pub struct Relation {
    pub name: String,
    pub remarks: Remarks,
    /// `table` or `view`.
    pub kind: String,
    /// `role: privileges`.
    pub grants: Vec<String>,
    pub columns: Vec<Column>,
}

pub struct Column {
    pub name: String,
    pub of_type: String,
    pub not_null: String,
    pub default: String,
    pub comment: String,
}

pub struct Setting {
    pub name: String,
    pub default: String,
    pub context: String,
    pub range: String,
    pub comment: String,
}

pub struct JobOption {
    /// What it is an option of.
    pub kind: String,
    pub name: String,
    pub values: String,
    pub meaning: String,
}

impl Catalog {
    pub fn read(client: &mut Client) -> Result<Self> {
        // The settings are there when the library is.
        client.batch_execute("LOAD 'teamwork'")?;
        let mut queries = QUERIES.split(";\n");
        let mut next = |what| -> Result<Vec<Row>> {
            client
                .query(queries.next().unwrap_or_default(), &[])
                .with_context(|| format!("cannot read {what}"))
        };
        let (functions, relations) = (next("functions")?, next("relations")?);
        let (settings, options) = (next("settings")?, next("options")?);
        let catalog = Self {
            functions: used(functions.iter().map(function))?,
            relations: used(relations.iter().map(relation))?,
            settings: settings.iter().map(setting).collect(),
            options: options.iter().map(job_option).collect(),
        };
        for function in &catalog.functions {
            ensure!(
                function.remarks.errors.is_some(),
                "the COMMENT on {} lacks the line `Errors: …`",
                function.name
            );
        }
        for relation in &relations {
            require_audience(&catalog, relation)?;
        }
        Ok(catalog)
    }

    /// Of every object on the page, functions first.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let functions = self.functions.iter().map(|it| it.name.as_str());
        functions.chain(self.relations.iter().map(|it| it.name.as_str()))
    }
}

/// What members may read is on the page, whatever its schema.
fn require_audience(catalog: &Catalog, row: &Row) -> Result<()> {
    let grants: Vec<String> = row.get("grants");
    let is_for_members = grants.iter().any(|grant| grant.starts_with("authenticated: "));
    let name = name(row);
    ensure!(
        !is_for_members || catalog.names().any(|it| it == name),
        "members may read {name}, but its COMMENT lacks the line `For: …`"
    );
    Ok(())
}

trait Object {
    fn name(&self) -> &str;
    fn remarks(&self) -> &Remarks;
}

impl Object for Function {
    fn name(&self) -> &str {
        &self.name
    }

    fn remarks(&self) -> &Remarks {
        &self.remarks
    }
}

impl Object for Relation {
    fn name(&self) -> &str {
        &self.name
    }

    fn remarks(&self) -> &Remarks {
        &self.remarks
    }
}

/// Those that people use.
fn used<T: Object>(objects: impl Iterator<Item = Result<T>>) -> Result<Vec<T>> {
    let is_used = |it: &T| it.remarks().audience.is_some() || !it.name().starts_with("teamwork.");
    objects.filter(|it| it.as_ref().map_or(true, is_used)).collect()
}

fn name(row: &Row) -> String {
    let (schema, name): (String, String) = (row.get("schema"), row.get("name"));
    if schema == "public" { name } else { format!("{schema}.{name}") }
}

fn remarks(row: &Row) -> Result<Remarks> {
    let comment: Option<String> = row.get("comment");
    Remarks::of(&comment.unwrap_or_default()).with_context(|| format!("the COMMENT on {}", name(row)))
}

fn function(row: &Row) -> Result<Function> {
    Ok(Function {
        name: name(row),
        remarks: remarks(row)?,
        arguments: row.get("arguments"),
        result: row.get("result"),
        callers: row.get("callers"),
    })
}

fn relation(row: &Row) -> Result<Relation> {
    let columns: Vec<String> = row.get("columns");
    let column = |parts: &[String]| match parts {
        [name, of_type, not_null, default, comment] => Some(Column {
            name: name.clone(),
            of_type: of_type.clone(),
            not_null: not_null.clone(),
            default: default.clone(),
            comment: comment.clone(),
        }),
        _ => None,
    };
    Ok(Relation {
        name: name(row),
        remarks: remarks(row)?,
        kind: row.get("kind"),
        grants: row.get("grants"),
        columns: columns.chunks(5).filter_map(column).collect(),
    })
}

fn setting(row: &Row) -> Setting {
    Setting {
        name: row.get("name"),
        default: row.get("default"),
        context: row.get("context"),
        range: row.get("range"),
        comment: row.get("comment"),
    }
}

fn job_option(row: &Row) -> JobOption {
    JobOption {
        kind: row.get("kind"),
        name: row.get("option"),
        values: row.get("values"),
        meaning: row.get("meaning"),
    }
}
