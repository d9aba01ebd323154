//! The table that an import fills, and how it was asked to.

use super::Failure;
use super::outcome::Tally;
use crate::job::Claim;
use crate::pg;
use intake::{Kind, Refusal, Spec, Table};
use serde_json::Value;

/// Accepted rows a batch: one statement in one subtransaction. More than 64 subtransactions in a transaction slow down
/// every snapshot of the server, so they are large.
const BATCH_ROWS: usize = 5_000;

pub struct Target {
    /// Qualified and quoted.
    pub name: String,
    pub columns: Vec<Column>,
    pub checks: Vec<Check>,
    /// Whether the table records which import made a row.
    pub has_import_id: bool,
    table: Table,
}

/// A column that a file may fill; parallel to the columns of [`Target::table`].
pub struct Column {
    pub name: String,
    /// As a cast takes it, without a length.
    pub type_name: String,
    /// Takes the place of NULL in a NOT NULL column.
    pub default: Option<String>,
    pub is_key: bool,
}

/// A CHECK constraint.
pub struct Check {
    pub name: String,
    pub expression: String,
    /// The columns that it looks at.
    pub columns: Vec<String>,
}

impl Target {
    pub fn load(claim: &Claim) -> Result<Self, Failure> {
        let oid = claim.target.ok_or_else(|| Failure::no_such_target(claim))?;
        let sql = "SELECT name, type, modifier, required, default_expression, is_key FROM teamwork.import_columns($1)";
        let (columns, of_intake): (Vec<_>, Vec<_>) = pg::query(sql, &[oid.into()], |row| {
            let (name, type_name): (String, String) = (row.get(1).ok()??, row.get(2).ok()??);
            let kind = kind_of(&type_name, row.get(3).ok()??);
            let required = row.get(4).ok()??;
            let of_intake = intake::Column { name: name.clone(), kind, required };
            Some((
                Column { name, type_name, default: row.get(5).ok()?, is_key: row.get(6).ok()?? },
                of_intake,
            ))
        })
        .into_iter()
        .flatten()
        .unzip();
        let attributes =
            columns.iter().position(|column| column.name == "attributes" && column.type_name == "jsonb");
        let checks = pg::query(
            "SELECT name, expression, columns FROM teamwork.check_constraints($1)",
            &[oid.into()],
            |row| {
                Some(Check {
                    name: row.get(1).ok()??,
                    expression: row.get(2).ok()??,
                    columns: row.get(3).ok()??,
                })
            },
        );
        Ok(Self {
            name: pg::query_one("SELECT teamwork.qualified_name($1)", &[oid.into()])
                .ok_or_else(|| Failure::no_such_target(claim))?,
            has_import_id: pg::query_one("SELECT teamwork.has_import_id($1)", &[oid.into()]).unwrap_or(false),
            columns,
            checks: checks.into_iter().flatten().collect(),
            table: Table { columns: of_intake, attributes },
        })
    }

    pub fn table(&self) -> &Table {
        &self.table
    }

    /// What intake has to know.
    pub fn spec(&self, claim: &Claim, options: &Options) -> Result<Spec, Failure> {
        let mapping = claim.mapping.as_deref().map(serde_json::from_str).transpose();
        Ok(Spec {
            mapping: mapping
                .map_err(|error| Failure::new(format!("mapping is not a JSON object: {error}")))?,
            delimiter: options.delimiter,
            header: options.header,
            batch_rows: BATCH_ROWS,
            ..Spec::new(self.table.clone())
        })
    }
}

/// PostgreSQL's type as intake knows it; what intake does not know, the database checks.
fn kind_of(type_name: &str, modifier: i32) -> Kind {
    // VARHDRSZ is part of every length modifier; numeric's packs precision and an 11-bit signed scale.
    let length = (modifier >= 4).then(|| modifier - 4);
    match type_name {
        "text" => Kind::Text { max_chars: None },
        "character varying" => Kind::Text { max_chars: length.map(|length| length as u32) },
        "smallint" => Kind::Int2,
        "integer" => Kind::Int4,
        "bigint" => Kind::Int8,
        "numeric" => Kind::Numeric {
            precision: length
                .map(|packed| ((packed >> 16) as u16, (((packed & 0x7FF) ^ 1024) - 1024) as i16)),
        },
        "real" => Kind::Float4,
        "double precision" => Kind::Float8,
        "boolean" => Kind::Bool,
        "date" => Kind::Date,
        "timestamp without time zone" => Kind::Timestamp,
        "timestamp with time zone" => Kind::TimestampTz,
        "uuid" => Kind::Uuid,
        "json" | "jsonb" => Kind::Json,
        _ => Kind::Other,
    }
}

/// What to do with a row whose key the table has already.
#[derive(Clone, Copy, PartialEq)]
pub enum OnConflict {
    Update,
    Skip,
    Error,
}

/// The options of a job, checked when it was submitted (`teamwork.check_import_options`).
pub struct Options {
    pub on_conflict: OnConflict,
    delimiter: Option<u8>,
    header: Option<bool>,
    /// More refused rows than these fail the import.
    tolerance: Option<u64>,
}

impl Options {
    pub fn parse(json: &str) -> Result<Self, Failure> {
        let options: Value =
            serde_json::from_str(json).map_err(|error| Failure::new(format!("invalid options: {error}")))?;
        let text = |name: &str| options.get(name).and_then(Value::as_str);
        Ok(Self {
            on_conflict: match text("on_conflict") {
                Some("skip") => OnConflict::Skip,
                Some("error") => OnConflict::Error,
                _ => OnConflict::Update,
            },
            delimiter: text("delimiter")
                .map(|given| if given == "tab" { b'\t' } else { given.as_bytes()[0] }),
            header: options.get("header").and_then(Value::as_bool),
            tolerance: match text("on_error") {
                Some("abort") => Some(0),
                _ => options.get("max_errors").and_then(Value::as_u64),
            },
        })
    }

    /// Fails the import when more rows are refused than it may refuse.
    pub fn tolerate(&self, tally: &Tally, refused: impl Iterator<Item = Refusal>) -> Result<(), Failure> {
        let Some(most) = self.tolerance.filter(|most| tally.refused > *most) else { return Ok(()) };
        let refusals: Vec<Refusal> = refused.collect();
        let first = refusals
            .first()
            .and_then(|refusal| refusal.cells.first().map(|cell| (refusal.line, &cell.message)));
        let detail = first.map_or_else(String::new, |(line, message)| format!(" Line {line}: {message}."));
        Err(Failure {
            refusals,
            ..Failure::new(format!("import stopped at {} refused rows, of which {most} are allowed", tally.refused))
                .detail(format!("Nothing was imported.{detail}"))
                .hint("Mend the rows that scheduled_job_errors lists, or import without the options on_error and max_errors.")
        })
    }
}
