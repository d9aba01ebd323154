//! The SQL of the general sink: whole batches as arrays, under row-level security, with everything the table has.

use super::options::OnConflict;
use super::target::{Column, Target};
use pgrx::spi::quote_identifier;

/// The statements for a file's columns. Parameters: one text[] per column, then the creator, the team and the job.
pub struct Statements {
    /// Returns one boolean per row written: whether it was inserted.
    pub insert: String,
    /// Returns (row, from 1; number of the violated constraint in `checks`, from 0; -1 for an existing key). `None` when
    /// there is nothing to ask beforehand.
    pub probe: Option<String>,
}

pub fn build(
    target: &Target,
    columns: &[&Column],
    checks: &[&str],
    has_key: bool,
    on_conflict: OnConflict,
) -> Statements {
    let names: Vec<String> = columns.iter().map(|column| quote_identifier(&column.name)).collect();
    let values: Vec<String> =
        columns.iter().enumerate().map(|(index, column)| value(index, column)).collect();
    let first = columns.len() + 1;
    let (mut own_names, mut own_values) =
        (vec!["owner_id", "admin_id"], vec![format!("${first}::uuid"), format!("${}::uuid", first + 1)]);
    if target.has_import_id {
        own_names.push("import_id");
        own_values.push(format!("${}::uuid", first + 2));
    }
    let insert = format!(
        "INSERT INTO {} AS t ({}, {}) SELECT {}, {} FROM {} {} RETURNING {}",
        target.name,
        names.join(", "),
        own_names.join(", "),
        values.join(", "),
        own_values.join(", "),
        input(columns.len()),
        if has_key { conflict_clause(columns, on_conflict) } else { String::new() },
        was_inserted(target, columns, has_key),
    );
    let existing =
        (has_key && on_conflict == OnConflict::Error).then(|| existing_keys(target, columns, &values));
    Statements { insert, probe: probe(columns, &values, checks, existing) }
}

/// `u(c0, c1, …, row)`: the batch as a table of text.
fn input(columns: usize) -> String {
    let arrays: Vec<String> = (1..=columns).map(|number| format!("${number}::text[]")).collect();
    let names: Vec<String> = (0..columns).map(|index| format!("c{index}")).collect();
    format!("unnest({}) WITH ORDINALITY AS u ({}, row)", arrays.join(", "), names.join(", "))
}

fn value(index: usize, column: &Column) -> String {
    let cast = format!("u.c{index}::{}", column.type_name);
    match &column.default {
        Some(default) => format!("coalesce({cast}, {default})"),
        None => cast,
    }
}

fn conflict_clause(columns: &[&Column], on_conflict: OnConflict) -> String {
    let key: Vec<String> =
        columns.iter().filter(|column| column.is_key).map(|column| quote_identifier(&column.name)).collect();
    let rest: Vec<&&Column> = columns.iter().filter(|column| !column.is_key && !column.is_identity).collect();
    let conflict = format!("ON CONFLICT (admin_id, {})", key.join(", "));
    match on_conflict {
        // Asked about beforehand; a race raises.
        OnConflict::Error => String::new(),
        OnConflict::Update if !rest.is_empty() => {
            let updates: Vec<String> = rest
                .iter()
                .map(|column| format!("{} = {}", quote_identifier(&column.name), updated(column)))
                .collect();
            let differs: Vec<String> = rest
                .iter()
                .map(|column| {
                    let name = quote_identifier(&column.name);
                    format!(
                        "{} IS DISTINCT FROM {}",
                        comparable(column, &format!("t.{name}")),
                        comparable(column, &updated(column))
                    )
                })
                .collect();
            format!("{conflict} DO UPDATE SET {} WHERE {}", updates.join(", "), differs.join(" OR "))
        }
        _ => format!("{conflict} DO NOTHING"),
    }
}

/// Whether a returned row is new. A row that ON CONFLICT has locked and updated has an xmax. Through a partitioned table system
/// columns cannot be had: there the snapshot says whether the key was there before the statement.
fn was_inserted(target: &Target, columns: &[&Column], has_key: bool) -> String {
    if !target.is_partitioned || !has_key {
        return if target.is_partitioned { "true".to_owned() } else { "(t.xmax = 0)".to_owned() };
    }
    let keys = columns.iter().filter(|column| column.is_key).map(|column| quote_identifier(&column.name));
    let same: Vec<String> = keys.map(|key| format!("before.{key} = t.{key}")).collect();
    format!(
        "NOT EXISTS (SELECT FROM {} before WHERE before.admin_id = t.admin_id AND {})",
        target.name,
        same.join(" AND ")
    )
}

/// The new value of a column; attributes are added to those that the row has.
fn updated(column: &Column) -> String {
    let name = quote_identifier(&column.name);
    if column.name == "attributes" && column.type_name == "jsonb" {
        format!("coalesce(t.{name} || excluded.{name}, t.{name}, excluded.{name})")
    } else {
        format!("excluded.{name}")
    }
}

/// Types without equality compare by their text.
fn comparable(column: &Column, expression: &str) -> String {
    const WITHOUT_EQUALITY: [&str; 9] =
        ["json", "xml", "point", "line", "lseg", "box", "path", "polygon", "circle"];
    if WITHOUT_EQUALITY.contains(&column.type_name.as_str()) {
        format!("({expression})::text")
    } else {
        format!("({expression})")
    }
}

fn existing_keys(target: &Target, columns: &[&Column], values: &[String]) -> String {
    let matches: Vec<String> = columns
        .iter()
        .zip(values)
        .filter(|(column, _)| column.is_key)
        .map(|(column, value)| format!("t.{} = {value}", quote_identifier(&column.name)))
        .collect();
    let team = columns.len() + 2;
    format!(
        "SELECT u.row, -1 FROM {} WHERE EXISTS (SELECT FROM {} t WHERE t.admin_id = ${team}::uuid AND {})",
        input(columns.len()),
        target.name,
        matches.join(" AND ")
    )
}

fn probe(
    columns: &[&Column],
    values: &[String],
    checks: &[&str],
    existing: Option<String>,
) -> Option<String> {
    let violated = (!checks.is_empty()).then(|| {
        let named: Vec<String> = columns
            .iter()
            .zip(values)
            .map(|(column, value)| format!("{value} AS {}", quote_identifier(&column.name)))
            .collect();
        let verdicts: Vec<String> =
            checks.iter().enumerate().map(|(number, check)| format!("({number}, ({check}))")).collect();
        format!(
            "SELECT r.\"teamwork row\", v.number FROM (SELECT u.row AS \"teamwork row\", {} FROM {}) r
             CROSS JOIN LATERAL (VALUES {}) v (number, holds) WHERE NOT v.holds",
            named.join(", "),
            input(columns.len()),
            verdicts.join(", ")
        )
    });
    let parts: Vec<String> = violated.into_iter().chain(existing).collect();
    (!parts.is_empty()).then(|| format!("{} ORDER BY 1, 2", parts.join(" UNION ALL ")))
}
