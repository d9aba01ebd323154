//! The parts that statements are made of.

use super::known::{Known, Update};
use crate::options::OnConflict;
use crate::table::{Column, Target};
use pgrx::spi::quote_identifier;
use std::collections::BTreeSet;

pub struct Builder<'a> {
    pub target: &'a Target,
    pub columns: &'a [&'a Column],
    /// Quoted, one per column.
    pub names: Vec<String>,
    /// The file's value for each column, of the column's type, as an expression over [`Builder::input`].
    pub values: Vec<String>,
    known: Known<'a>,
}

impl<'a> Builder<'a> {
    pub fn new(target: &'a Target, columns: &'a [&'a Column], known: Known<'a>) -> Self {
        let value = |(index, column): (usize, &&Column)| {
            let cast = cast(index, column);
            let given = match column.own_default().filter(|_| known.update(column) == Update::Add) {
                Some(default) => format!("{cast} + coalesce({default}, 0)"),
                None => cast,
            };
            column.default_for_null().map_or(given.clone(), |default| format!("coalesce({given}, {default})"))
        };
        Self {
            target,
            columns,
            names: columns.iter().map(|column| quote_identifier(column.name())).collect(),
            values: columns.iter().enumerate().map(value).collect(),
            known,
        }
    }

    /// What an update makes of a column of the row `t`, of the type that the table stores.
    pub fn new_value(&self, index: usize) -> String {
        let (column, cast) = (self.columns[index], cast(index, self.columns[index]));
        let old = column_of("t", column.name());
        let new = match self.known.update(column) {
            Update::Set => return self.stored(index),
            Update::Keep => format!("coalesce({cast}, {old})"),
            Update::Add => {
                format!("CASE WHEN u.c{index} IS NULL THEN {old} ELSE coalesce({old}, 0) + {cast} END")
            }
        };
        format!("({new})::{}", column.stored_type)
    }

    /// The columns of which a blank cell would take what a known row has, with their numbers.
    pub fn emptiable(&self) -> impl Iterator<Item = (usize, &Column)> {
        let is_set = |column: &Column| self.known.update(column) == Update::Set;
        let takes_null = |column: &Column| !column.is_attributes() && column.default_for_null().is_none();
        self.updated().filter(move |(_, column)| is_set(column) && takes_null(column))
    }

    /// The value of a column as the table would store it.
    pub fn stored(&self, index: usize) -> String {
        format!("({})::{}", self.values[index], self.columns[index].stored_type)
    }

    /// `u (c0, c1, …, row)`: the batch as a table of text.
    pub fn input(&self) -> String {
        self.input_of(|_| true)
    }

    /// The same with some of the columns.
    pub fn input_of(&self, is_wanted: impl Fn(&Column) -> bool) -> String {
        let wanted: Vec<usize> =
            (0..self.columns.len()).filter(|index| is_wanted(self.columns[*index])).collect();
        let arrays: Vec<String> = wanted.iter().map(|index| format!("${}::text[]", index + 1)).collect();
        let names: Vec<String> = wanted.iter().map(|index| format!("c{index}")).collect();
        format!("unnest({}) WITH ORDINALITY AS u ({}, row)", arrays.join(", "), names.join(", "))
    }

    /// The same with the columns of the key.
    pub fn input_of_key(&self) -> String {
        self.input_of(|column| column.is_key)
    }

    /// A parameter after the columns': 1 the creator, 2 the team, 3 the job.
    pub fn own(&self, number: usize) -> String {
        format!("${}::uuid", self.columns.len() + number)
    }

    /// The columns that are filled with them.
    pub fn own_columns(&self) -> impl Iterator<Item = (usize, &'static str)> {
        let columns = (1..).zip(["owner_id", "admin_id", "import_id"]);
        columns.filter(|(_, name)| *name != "import_id" || self.target.has_import_id)
    }

    /// Quoted names of the key's columns, with their values.
    pub fn key(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.columns.iter().zip(&self.names).zip(&self.values);
        all.filter(|((column, _), _)| column.is_key).map(|((_, name), value)| (name.as_str(), value.as_str()))
    }

    /// The columns that an update sets, with their numbers.
    pub fn updated(&self) -> impl Iterator<Item = (usize, &Column)> {
        self.columns.iter().copied().enumerate().filter(|(_, column)| column.is_updatable())
    }

    /// Whether rows are updated.
    pub fn updates(&self, on_conflict: Option<OnConflict>) -> bool {
        on_conflict == Some(OnConflict::Update) && self.updated().next().is_some()
    }

    /// Whether rows are updated, and can be found again.
    pub fn remembers_updates(&self, on_conflict: Option<OnConflict>) -> bool {
        self.updates(on_conflict) && !self.target.row_identity.is_empty()
    }

    /// What undo_import() has to know of a row before its update.
    pub fn columns_before(&self, row: &str) -> String {
        let values: Vec<String> = self.remembered().into_iter().map(|name| column_of(row, name)).collect();
        values.join(", ")
    }

    /// The names of those columns.
    pub fn remembered(&self) -> BTreeSet<&str> {
        let key = self.columns.iter().copied().filter(|column| column.is_key);
        let names = key.chain(self.updated().map(|(_, column)| column)).map(Column::name);
        let has = |name: &&str| self.target.columns.iter().any(|column| column.name() == *name);
        let own = ["import_id", "updated_at", "updated_by"].into_iter().filter(has);
        let own = own.filter(|name| *name != "import_id" || self.target.has_import_id);
        self.target.row_identity.iter().map(String::as_str).chain(names).chain(own).collect()
    }

    /// Some input `u`, each with the row `t` of the team that has its key. The rows are looked up one by one: a planner that knows
    /// the table from another time, and less full, might go through all of the team's for each.
    pub fn found(&self, input: &str) -> String {
        let (table, same_key) = (&self.target.name, self.same_key());
        format!("{input} CROSS JOIN LATERAL (SELECT t.ctid, t.* FROM {table} t WHERE {same_key} OFFSET 0) t")
    }

    /// Tells the rows `t` of the team that have the key of the input `u`.
    pub fn same_key(&self) -> String {
        let same: Vec<String> = self.key().map(|(name, value)| format!("t.{name} = {value}")).collect();
        format!("t.admin_id = {} AND {}", self.own(2), same.join(" AND "))
    }
}

/// The file's value, of the column's type.
fn cast(index: usize, column: &Column) -> String {
    format!("u.c{index}::{}", column.type_name())
}

pub fn column_of(row: &str, name: &str) -> String {
    format!("{row}.{}", quote_identifier(name))
}
