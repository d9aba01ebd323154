//! The physical side of a table: its columns in the order of `pg_attribute`, what fills them when a file does not, and its
//! indexes.

use crate::creator::Creator;
use crate::import::target::{Target, storage_of};
use crate::pg::{self, Index, Place, Sequence};
use pack::{ColumnPlan, Fill, Storage};
use pgrx::{Uuid, pg_sys};
use std::sync::Arc;

/// The indexes of a table, and whether each is unique. Rows are made with an order for each.
pub fn indexes(table: pg_sys::Oid) -> Vec<(Index, bool)> {
    let sql = "SELECT index::oid, attributes, is_unique FROM teamwork.index_keys($1)";
    let indexes = pg::query(sql, &[table.into()], |row| {
        let attributes: Vec<i16> = row.get(2).ok()??;
        let attributes = attributes.into_iter().map(|number| number as usize - 1).collect();
        Some((row.get(1).ok()??, attributes, row.get(3).ok()??))
    });
    let index =
        |(place, (oid, attributes, is_unique))| (Index { oid, attributes, order: Some(place) }, is_unique);
    indexes.into_iter().flatten().enumerate().map(index).collect()
}

/// A column of the table in its physical order.
pub struct Column {
    /// `None` of a dropped column.
    pub name: Option<String>,
    storage: Option<Storage>,
    is_required: bool,
    default: Option<Default>,
    pub sequence: Option<pg_sys::Oid>,
    is_identity: bool,
    /// Whether the default is the time of the transaction.
    pub is_now: bool,
    /// Whether the default is another UUID in every row.
    pub is_random: bool,
}

struct Default {
    /// An expression that gives the default as a text.
    text: String,
    is_volatile: bool,
}

impl Column {
    pub fn load(table: pg_sys::Oid) -> Vec<Self> {
        let sql =
            "SELECT name::text, type, modifier, is_required, default_text, default_node, sequence::oid, is_identity, is_now,
                          labels, label_ids, is_random
                   FROM teamwork.row_layout($1)";
        pg::query(sql, &[table.into()], |row| {
            let text = |column: usize| row.get::<String>(column).ok().flatten();
            let modifier = row.get(3).ok().flatten().unwrap_or(-1);
            let labels = labels(&row);
            let default = text(5).zip(text(6));
            let default =
                default.map(|(text, node)| Default { text, is_volatile: pg::is_volatile_expression(&node) });
            Self {
                name: text(1),
                storage: labels.or_else(|| storage_of(&text(2)?, modifier)),
                is_required: row.get(4).ok().flatten().unwrap_or(false),
                default,
                sequence: row.get(7).ok().flatten(),
                is_identity: row.get(8).ok().flatten().unwrap_or(false),
                is_now: row.get(9).ok().flatten().unwrap_or(false),
                is_random: row.get(12).ok().flatten().unwrap_or(false),
            }
        })
    }

    pub fn draft(&self, target: &Target, creator: &Creator, job: Uuid) -> ColumnPlan {
        let name = self.name.as_deref();
        let column = target.columns.iter().position(|column| Some(column.name.as_str()) == name);
        let own = match name {
            Some("owner_id") => Some(creator.id),
            Some("admin_id") => Some(creator.team),
            Some("import_id") if target.has_import_id => Some(job),
            _ => None,
        };
        let otherwise = match own {
            Some(id) => Some(Fill::Constant(Some(id.to_string()))),
            None => self.without_a_file(creator),
        };
        let otherwise = otherwise.filter(|fill| column.is_none_or(|column| target.allows(column, fill)));
        // Where there is none, intake refuses a NULL.
        let has_default = self.default.is_some() || self.sequence.is_some();
        ColumnPlan {
            storage: self.storage.clone(),
            column,
            defaults: self.is_required && has_default,
            otherwise,
        }
    }

    /// What an INSERT that leaves the column out puts there; None if only the database can tell.
    fn without_a_file(&self, creator: &Creator) -> Option<Fill> {
        if self.sequence.is_some() {
            let is_number = matches!(self.storage, Some(Storage::Int4 | Storage::Int8));
            return is_number.then_some(Fill::Deferred);
        }
        if self.is_now {
            return Some(Fill::Deferred);
        }
        if self.is_random {
            return Some(Fill::Random);
        }
        let value = match &self.default {
            Some(default) if default.is_volatile => return None,
            Some(default) => self.evaluate(&default.text, creator)?,
            None => None,
        };
        // An INSERT would refuse the rows; the general sink says so.
        (value.is_some() || !self.is_required).then_some(Fill::Constant(value))
    }

    /// The value of a default, which is the same for every row of a transaction; None if it raises, as an INSERT would too.
    fn evaluate(&self, text: &str, creator: &Creator) -> Option<Option<String>> {
        // Floats as they are.
        let settings = [(c"extra_float_digits", c"1")];
        let sql = format!("SELECT {text}");
        pg::subtransaction(|| creator.act_with(&settings, || pg::query_one(&sql, &[]))).ok()
    }

    /// What numbers the column, if anything does.
    pub fn numbering((attribute, column): (usize, &Self)) -> Option<Sequence> {
        column.sequence.map(|oid| Sequence { attribute, oid, is_identity: column.is_identity })
    }

    pub fn place(&self) -> Place {
        match self.storage {
            Some(Storage::Bool) => Place::Value(1),
            Some(Storage::Int2) => Place::Value(2),
            Some(Storage::Int4 | Storage::Float4 | Storage::Date | Storage::Enum { .. }) => Place::Value(4),
            Some(Storage::Int8 | Storage::Float8 | Storage::Timestamp | Storage::TimestampTz) => {
                Place::Value(8)
            }
            _ => Place::Reference,
        }
    }
}

/// How the values of an enumeration are stored; None of another type.
fn labels(row: &pg::Row) -> Option<Storage> {
    let labels: Vec<String> = row.get(10).ok()??;
    let ids: Vec<pg_sys::Oid> = row.get(11).ok()??;
    let ids = ids.into_iter().map(pg_sys::Oid::to_u32);
    Some(Storage::Enum { labels: Arc::new(labels.into_iter().zip(ids).collect()) })
}
