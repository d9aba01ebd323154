//! The table that an export reads.

use super::options::Options;
use crate::failure::Failure;
use crate::job::Work;
use crate::pg;
use pgrx::pg_sys;
use pgrx::spi::quote_identifier;

pub struct Table {
    pub oid: pg_sys::Oid,
    /// Qualified and quoted.
    name: String,
    /// In the order of the file.
    pub columns: Vec<Column>,
    /// What the rows are sorted by.
    order: Vec<String>,
}

pub struct Column {
    pub name: String,
    /// Holds what people write, as against numbers, dates and the like.
    pub is_text: bool,
}

impl Table {
    pub fn load(work: &Work, options: &Options) -> Result<Self, Failure> {
        let oid = work.target().ok_or_else(|| Failure::no_such_target(work))?;
        let name = pg::query_one("SELECT name FROM teamwork.describe_target($1)", &[oid.into()]);
        Ok(Self {
            oid,
            name: name.ok_or_else(|| Failure::no_such_target(work))?,
            columns: choose(load_columns(oid), options.columns.as_deref(), work)?,
            order: pg::query_one("SELECT teamwork.export_order($1)", &[oid.into()]).unwrap_or_default(),
        })
    }

    /// The rows that whoever asks may see.
    pub fn count_rows(&self) -> u64 {
        pg::query_one::<i64>(&format!("SELECT count(*) FROM {}", self.name), &[]).unwrap_or(0) as u64
    }

    /// The same rows, each value as text.
    pub fn open(&self) -> pg::Cursor {
        let values: Vec<String> =
            self.columns.iter().map(|column| format!("t.{}::text", quote_identifier(&column.name))).collect();
        let order: Vec<String> =
            self.order.iter().map(|name| format!("t.{}", quote_identifier(name))).collect();
        let order_by = if order.is_empty() { "" } else { " ORDER BY " };
        let sql = format!("SELECT {} FROM {} t{order_by}{}", values.join(", "), self.name, order.join(", "));
        pg::Cursor::open(&sql, &[])
    }
}

/// All columns, with whether an import could fill them.
fn load_columns(table: pg_sys::Oid) -> Vec<(Column, bool)> {
    let sql = "SELECT name, is_text, is_importable FROM teamwork.export_columns($1)";
    let columns = pg::query(sql, &[table.into()], |row| {
        Some((Column { name: row.get(1).ok()??, is_text: row.get(2).ok()?? }, row.get(3).ok()??))
    });
    columns.into_iter().flatten().collect()
}

/// Those asked for, in their order; without a wish those that an import could fill.
fn choose(
    mut all: Vec<(Column, bool)>,
    asked: Option<&[String]>,
    work: &Work,
) -> Result<Vec<Column>, Failure> {
    let Some(asked) = asked else {
        all.retain(|(_, is_importable)| *is_importable);
        return Ok(all.into_iter().map(|(column, _)| column).collect());
    };
    let mut find = |name: &String| {
        let position = all.iter().position(|(column, _)| column.name == *name);
        position.map(|position| all.swap_remove(position).0).ok_or_else(|| {
            // It was there when the job was submitted.
            Failure::new(format!("column \"{name}\" of {} does not exist any more", work.data_type))
                .hint("Submit the job again with other columns.")
        })
    };
    asked.iter().map(&mut find).collect()
}
