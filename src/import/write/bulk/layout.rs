//! How the rows of a table are made and where the backend finds what it has to fill in itself.

use crate::creator::Creator;
use crate::pg::{self, Index, Place, Sequence, setting_name};
use crate::table::{Column, Target, storage_of};
use pack::{ColumnPlan, Fill, Storage};
use pgrx::Uuid;

/// The indexes of a table. Rows are made with an order for each.
pub fn indexes(target: &Target) -> Vec<Index> {
    let index = |(place, index): (usize, &crate::table::Index)| Index {
        oid: index.oid.into(),
        attributes: index.attributes.iter().map(|number| number - 1).collect(),
        order: Some(place),
    };
    target.indexes.iter().enumerate().map(index).collect()
}

/// What fills each column, in a file that has it and in one that has not.
pub fn plan(target: &Target, creator: &Creator, job: Uuid) -> Vec<ColumnPlan> {
    let of_file = |at: usize| target.fillable.iter().position(|fillable| *fillable == at);
    let plan = |(at, column)| column_plan(target, column, of_file(at), creator, job);
    target.columns.iter().enumerate().map(plan).collect()
}

/// `in_file`: its number among the columns that a file may fill.
fn column_plan(
    target: &Target,
    column: &Column,
    in_file: Option<usize>,
    creator: &Creator,
    job: Uuid,
) -> ColumnPlan {
    let storage = storage_of(column);
    let own = match column.name() {
        "owner_id" => Some(creator.id),
        "admin_id" => Some(creator.team),
        "import_id" if target.has_import_id => Some(job),
        _ => None,
    };
    let otherwise = match own {
        Some(id) => Some(Fill::Constant(Some(id.to_string()))),
        None => without_a_file(column, storage.as_ref(), creator),
    };
    let otherwise = otherwise.filter(|fill| in_file.is_none_or(|number| target.allows(number, fill)));
    // Where there is none, intake refuses a NULL.
    let has_default = column.default().is_some() || column.sequence().is_some();
    ColumnPlan { storage, column: in_file, defaults: column.is_not_null && has_default, otherwise }
}

/// What an INSERT that leaves the column out puts there; None if only the database can tell.
fn without_a_file(column: &Column, storage: Option<&Storage>, creator: &Creator) -> Option<Fill> {
    if column.sequence().is_some() {
        let is_number = matches!(storage, Some(Storage::Int4 | Storage::Int8));
        return is_number.then_some(Fill::Deferred);
    }
    if column.is_now {
        return Some(Fill::Deferred);
    }
    if column.is_random {
        return Some(Fill::Random);
    }
    let value = match column.default() {
        Some((_, node)) if pg::is_volatile_expression(node) => return None,
        Some((text, _)) => evaluate(text, creator)?,
        None => None,
    };
    // An INSERT would refuse the rows; statements say so.
    (value.is_some() || !column.is_not_null).then_some(Fill::Constant(value))
}

/// The value of a default, which is the same for every row of a transaction; None if it raises, as an INSERT would too.
fn evaluate(text: &str, creator: &Creator) -> Option<Option<String>> {
    // Floats as they are.
    let settings = [(setting_name::EXTRA_FLOAT_DIGITS, c"1")];
    let sql = format!("SELECT {text}");
    pg::subtransaction(|| creator.act_with(&settings, || pg::query_value(&sql, &[]))).ok()
}

/// What numbers a column, if anything does.
pub fn numbering((attribute, column): (usize, &Column)) -> Option<Sequence> {
    column.sequence().map(|oid| Sequence { attribute, oid, is_identity: column.is_identity() })
}

pub fn place(column: &Column) -> Place {
    match storage_of(column) {
        Some(Storage::Bool) => Place::Value(1),
        Some(Storage::Int2) => Place::Value(2),
        Some(Storage::Int4 | Storage::Float4 | Storage::Date | Storage::Enum { .. }) => Place::Value(4),
        Some(Storage::Int8 | Storage::Float8 | Storage::Timestamp | Storage::TimestampTz) => Place::Value(8),
        _ => Place::Reference,
    }
}
