//! What `teamwork.table_description()` says of a table. `sql/imports/table_description.sql` is the other half.

use super::check::Check;
use super::column::Column;
use super::foreign_key::ForeignKey;
use crate::failure::Failure;
use crate::pg;
use pgrx::pg_sys;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// Qualified and quoted.
    pub name: String,
    pub is_partitioned: bool,
    /// Whether the table records which import made a row.
    pub has_import_id: bool,
    /// The columns by which a row is found again; none if it cannot be.
    pub row_identity: Vec<String>,
    /// All columns, in the order of `pg_attribute`; dropped ones keep their places.
    pub columns: Vec<Column>,
    pub checks: Vec<Check>,
    pub indexes: Vec<Index>,
    pub constraints: Vec<Constraint>,
    pub foreign_keys: Vec<ForeignKey>,
    pub row_triggers: Vec<RowTrigger>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Index {
    pub oid: u32,
    /// The numbers of its columns, from 1, included ones too; 0 is an expression.
    pub attributes: Vec<usize>,
    pub is_unique: bool,
    /// The columns of its key; `None` where it has expressions or looks at some rows only.
    pub key_columns: Option<Vec<String>>,
}

/// What an error may name: a constraint or a unique index, with its columns.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Constraint {
    pub name: String,
    pub columns: Vec<String>,
}

/// A trigger that fires after each inserted row.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowTrigger {
    pub oid: u32,
    /// The foreign key that it checks; the others' triggers, and those of keys that cannot be asked in advance, have none in
    /// [`Description::foreign_keys`].
    pub foreign_key: Option<u32>,
}

impl Description {
    /// `None` when the table is gone.
    pub fn load(table: pg_sys::Oid) -> Result<Option<Self>, Failure> {
        let json: Option<String> =
            pg::query_value("SELECT teamwork.table_description($1)::text", &[table.into()]);
        let description = json.as_deref().map(serde_json::from_str).transpose();
        description.map_err(|error| Failure::new(format!("a table's description cannot be read: {error}")))
    }
}
