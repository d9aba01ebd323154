//! The table that an export reads.

use crate::failure::Failure;
use crate::job::Work;
use crate::options::ExportOptions;
use crate::pg;
use pgrx::pg_sys;
use pgrx::spi::quote_identifier;

pub struct Table {
    pub oid: pg_sys::Oid,
    /// Qualified and quoted.
    name: String,
    /// In the order of the file.
    pub columns: Vec<ExportedColumn>,
    /// What the rows are sorted by.
    order: Vec<String>,
}

pg::from_row! {
    pub struct ExportedColumn {
        pub name: String,
        /// Holds what people write, as against numbers, dates and the like.
        pub is_text: bool,
        /// Whether an import could fill it.
        pub is_importable: bool,
    }
}

impl Table {
    pub fn load(work: &Work, options: &ExportOptions) -> Result<Self, Failure> {
        let oid = work.target()?;
        let name: Option<String> =
            pg::query_value("SELECT name FROM teamwork.describe_target($1)", &[oid.into()]);
        Ok(Self {
            oid,
            name: name.ok_or_else(|| work.lost_its_target())?,
            columns: choose(
                load_columns(oid),
                options.columns.as_ref().map(|names| names.0.as_slice()),
                work,
            )?,
            order: pg::query_value("SELECT teamwork.export_order($1)", &[oid.into()]),
        })
    }

    /// The rows that whoever asks may see.
    pub fn count_rows(&self) -> u64 {
        pg::query_value::<i64>(&format!("SELECT count(*) FROM {}", self.name), &[]) as u64
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

fn load_columns(table: pg_sys::Oid) -> Vec<ExportedColumn> {
    pg::query("SELECT name, is_text, is_importable FROM teamwork.export_columns($1)", &[table.into()])
}

/// Those asked for, in their order; without a wish those that an import could fill.
fn choose(
    mut all: Vec<ExportedColumn>,
    asked: Option<&[String]>,
    work: &Work,
) -> Result<Vec<ExportedColumn>, Failure> {
    let Some(asked) = asked else {
        all.retain(|column| column.is_importable);
        return Ok(all);
    };
    let mut find = |name: &String| {
        let position = all.iter().position(|column| column.name == *name);
        position.map(|position| all.swap_remove(position)).ok_or_else(|| {
            // It was there when the job was submitted.
            Failure::new(format!("column \"{name}\" of {} does not exist any more", work.data_type))
                .hint("Submit the job again with other columns.")
        })
    };
    asked.iter().map(&mut find).collect()
}
