//! The SQL of the general sink: whole batches as arrays, under row-level security, with everything the table has.

mod questions;
mod update;

pub use questions::repeats;

use super::check::Check;
use super::options::OnConflict;
use super::target::{Column, Target};
use pgrx::spi::{quote_identifier, quote_literal};
use std::collections::BTreeSet;
use update::{assignment, difference};

/// The statements for a file's columns. Parameters: one text[] per column, then the creator, the team and the job.
pub struct Statements {
    /// Locks the rows that [`Statements::insert`] may update: its snapshot shows them as it finds them.
    pub lock: Option<String>,
    /// Returns [`WrittenRow`](super::changes::WrittenRow)s.
    pub insert: String,
    /// Updates the rows that the table has by their keys; returns what
    /// [`Changes::read_update`](super::changes::Changes::read_update) reads. For tables of which an INSERT ... ON CONFLICT would do
    /// nothing more. `None` when rows are not to be updated.
    pub update: Option<String>,
    /// Returns (row, from 1; place) of the rows whose key the table has. `None` when the file does not fill the key.
    pub places: Option<String>,
    /// The columns of what is remembered of an updated row.
    pub remembered: Vec<String>,
    /// Returns (row, from 1; -1) of the rows whose key the table has. `None` when the file does not fill the key.
    pub existing: Option<String>,
    /// Returns (row, from 1; number of the violated constraint in `checks`, from 0, or -1 for an existing key). `None` when
    /// there is nothing to ask beforehand.
    pub probe: Option<String>,
    /// The same INSERT of a single row: returns (whether it was inserted, the row as JSON).
    pub insert_and_show: String,
    /// Returns the row, as JSON, that has the key of a single row. `None` when the file does not fill the key.
    pub show_existing: Option<String>,
}

impl Statements {
    /// `has_key`: whether the file fills the key that conflicts are told by.
    pub fn build(
        target: &Target,
        columns: &[&Column],
        checks: &[&Check],
        has_key: bool,
        on_conflict: OnConflict,
    ) -> Self {
        let builder = Builder::new(target, columns);
        let existing = has_key.then(|| builder.existing_keys());
        let refused = existing.clone().filter(|_| on_conflict == OnConflict::Error);
        let violated = (!checks.is_empty()).then(|| builder.violations(checks));
        let questions: Vec<String> = violated.into_iter().chain(refused).collect();
        let action = has_key.then_some(on_conflict);
        let remembers_updates = builder.remembers_updates(action);
        Self {
            lock: remembers_updates.then(|| builder.lock()),
            update: remembers_updates.then(|| builder.update()),
            insert: builder.insert(action),
            places: has_key.then(|| builder.places()),
            remembered: builder.remembered().into_iter().map(str::to_owned).collect(),
            insert_and_show: builder.insert_and_show(action),
            show_existing: has_key.then(|| builder.existing_row()),
            existing,
            probe: (!questions.is_empty()).then(|| questions.join(" UNION ALL ") + " ORDER BY 1, 2"),
        }
    }
}

struct Builder<'a> {
    target: &'a Target,
    columns: &'a [&'a Column],
    /// Quoted, one per column.
    names: Vec<String>,
    /// The file's value for each column, of the column's type, as an expression over [`Builder::input`].
    values: Vec<String>,
}

impl<'a> Builder<'a> {
    fn new(target: &'a Target, columns: &'a [&'a Column]) -> Self {
        let value = |(index, column): (usize, &&Column)| {
            let cast = format!("u.c{index}::{}", column.type_name);
            column.default.as_ref().map_or(cast.clone(), |default| format!("coalesce({cast}, {default})"))
        };
        Self {
            target,
            columns,
            names: columns.iter().map(|column| quote_identifier(&column.name)).collect(),
            values: columns.iter().enumerate().map(value).collect(),
        }
    }

    /// The value of a column as the table would store it.
    fn stored(&self, index: usize) -> String {
        format!("({})::{}", self.values[index], self.columns[index].stored_type)
    }

    /// `u (c0, c1, …, row)`: the batch as a table of text.
    fn input(&self) -> String {
        self.input_of(|_| true)
    }

    /// The same with some of the columns.
    fn input_of(&self, is_wanted: impl Fn(&Column) -> bool) -> String {
        let wanted: Vec<usize> =
            (0..self.columns.len()).filter(|index| is_wanted(self.columns[*index])).collect();
        let arrays: Vec<String> = wanted.iter().map(|index| format!("${}::text[]", index + 1)).collect();
        let names: Vec<String> = wanted.iter().map(|index| format!("c{index}")).collect();
        format!("unnest({}) WITH ORDINALITY AS u ({}, row)", arrays.join(", "), names.join(", "))
    }

    /// A parameter after the columns': 1 the creator, 2 the team, 3 the job.
    fn own(&self, number: usize) -> String {
        format!("${}::uuid", self.columns.len() + number)
    }

    /// The columns that are filled with them.
    fn own_columns(&self) -> impl Iterator<Item = (usize, &'static str)> {
        let columns = (1..).zip(["owner_id", "admin_id", "import_id"]);
        columns.filter(|(_, name)| *name != "import_id" || self.target.has_import_id)
    }

    /// Quoted names of the key's columns, with their values.
    fn key(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.columns.iter().zip(&self.names).zip(&self.values);
        all.filter(|((column, _), _)| column.is_key).map(|((_, name), value)| (name.as_str(), value.as_str()))
    }

    fn insert(&self, on_conflict: Option<OnConflict>) -> String {
        format!(
            "{} RETURNING {}, {}, {}",
            self.insert_into(on_conflict),
            self.was_inserted(on_conflict.is_some()),
            self.new_key(),
            self.image(on_conflict),
        )
    }

    fn insert_and_show(&self, on_conflict: Option<OnConflict>) -> String {
        let is_new = self.was_inserted(on_conflict.is_some());
        format!("{} RETURNING {is_new}, {}", self.insert_into(on_conflict), self.shown_row())
    }

    fn insert_into(&self, on_conflict: Option<OnConflict>) -> String {
        let (mut names, mut values) = (self.names.clone(), self.values.clone());
        for (number, name) in self.own_columns() {
            names.push(name.to_owned());
            values.push(self.own(number));
        }
        format!(
            "INSERT INTO {} AS t ({}) SELECT {} FROM {} {}",
            self.target.name,
            names.join(", "),
            values.join(", "),
            self.input(),
            on_conflict.map_or_else(String::new, |action| self.conflict_clause(action)),
        )
    }

    /// The key of a new row, for tables that do not mark the rows of an import.
    fn new_key(&self) -> String {
        if self.target.has_import_id || self.target.identity.is_empty() {
            return "NULL::text".to_owned();
        }
        let member = |name: &String| format!("{}, {}", quote_literal(name), column_of("t", name));
        let key: Vec<String> = self.target.identity.iter().map(member).collect();
        format!("json_build_object({})::text", key.join(", "))
    }

    /// Whether rows are updated, and can be found again.
    fn remembers_updates(&self, on_conflict: Option<OnConflict>) -> bool {
        on_conflict == Some(OnConflict::Update)
            && self.updated().next().is_some()
            && !self.target.identity.is_empty()
    }

    /// What an updated row was before. The statement's snapshot does not show what the statement does.
    fn image(&self, on_conflict: Option<OnConflict>) -> String {
        if !self.remembers_updates(on_conflict) {
            return "NULL::text".to_owned();
        }
        format!(
            "CASE WHEN NOT {} THEN (SELECT row_to_json(o.*)::text FROM (SELECT {} FROM {}) o) END",
            self.was_inserted(true),
            self.columns_before("b"),
            self.row_before(),
        )
    }

    /// What undo_import() has to know of a row before its update.
    fn columns_before(&self, row: &str) -> String {
        let values: Vec<String> = self.remembered().into_iter().map(|name| column_of(row, name)).collect();
        values.join(", ")
    }

    /// The names of those columns.
    fn remembered(&self) -> BTreeSet<&str> {
        let key = self.columns.iter().copied().filter(|column| column.is_key);
        let names = key.chain(self.updated()).map(|column| column.name.as_str());
        let own = self.target.has_import_id.then_some("import_id").into_iter().chain(["updated_at"]);
        self.target.identity.iter().map(String::as_str).chain(names).chain(own).collect()
    }

    /// The row `t` as the statement's snapshot shows it.
    fn row_before(&self) -> String {
        let same: Vec<String> = self.key().map(|(name, _)| format!("b.{name} = t.{name}")).collect();
        format!("{} b WHERE b.admin_id = t.admin_id AND {}", self.target.name, same.join(" AND "))
    }

    /// A statement of its own, so that the next one's snapshot is taken when nobody can change the rows any more.
    fn lock(&self) -> String {
        format!(
            "SELECT count(*) FROM {} CROSS JOIN LATERAL (SELECT FROM {} t WHERE {} FOR NO KEY UPDATE OF t) locked",
            self.input_of(|column| column.is_key),
            self.target.name,
            self.same_key()
        )
    }

    /// Some input `u`, each with the row `t` of the team that has its key. The rows are looked up one by one: a planner that knows
    /// the table from another time, and less full, might go through all of the team's for each.
    fn found(&self, input: &str) -> String {
        let (table, same_key) = (&self.target.name, self.same_key());
        format!("{input} CROSS JOIN LATERAL (SELECT t.ctid, t.* FROM {table} t WHERE {same_key} OFFSET 0) t")
    }

    /// Tells the rows `t` of the team that have the key of the input `u`.
    fn same_key(&self) -> String {
        let same: Vec<String> = self.key().map(|(name, value)| format!("t.{name} = {value}")).collect();
        format!("t.admin_id = {} AND {}", self.own(2), same.join(" AND "))
    }

    /// The columns that an update sets.
    fn updated(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter().copied().filter(|column| !column.is_key && !column.is_identity)
    }

    fn conflict_clause(&self, on_conflict: OnConflict) -> String {
        let key: Vec<&str> = self.key().map(|(name, _)| name).collect();
        let conflict = format!("ON CONFLICT (admin_id, {})", key.join(", "));
        match on_conflict {
            // Asked about beforehand; a race raises.
            OnConflict::Error => String::new(),
            OnConflict::Update if self.updated().next().is_some() => {
                let new = |column: &Column| column_of("excluded", &column.name);
                let updates: Vec<String> = self.updated().map(|it| assignment(it, &new(it))).collect();
                let differs: Vec<String> = self.updated().map(|it| difference(it, &new(it))).collect();
                format!("{conflict} DO UPDATE SET {} WHERE {}", updates.join(", "), differs.join(" OR "))
            }
            _ => format!("{conflict} DO NOTHING"),
        }
    }

    /// Whether a returned row is new. A row that ON CONFLICT has locked and updated has an xmax. Through a partitioned table
    /// system columns cannot be had: there the statement's snapshot says whether the key was there before.
    fn was_inserted(&self, has_key: bool) -> String {
        match (self.target.is_partitioned, has_key) {
            (false, _) => "(t.xmax = 0)".to_owned(),
            (true, false) => "true".to_owned(),
            (true, true) => format!("NOT EXISTS (SELECT FROM {})", self.row_before()),
        }
    }

    /// The row `t` as JSON: the columns that a file may fill, but for a primary key that this one leaves to the database.
    fn shown_row(&self) -> String {
        let is_filled = |column: &Column| self.columns.iter().any(|filled| filled.name == column.name);
        let shown = self.target.columns.iter().filter(|column| is_filled(column) || !column.is_identity);
        let names: Vec<String> = shown.map(|column| column_of("t", &column.name)).collect();
        format!("(SELECT row_to_json(s.*)::text FROM (SELECT {}) s)", names.join(", "))
    }

    fn existing_row(&self) -> String {
        format!(
            "SELECT {} FROM {} JOIN {} t ON {}",
            self.shown_row(),
            self.input_of(|column| column.is_key),
            self.target.name,
            self.same_key()
        )
    }
}

fn column_of(row: &str, name: &str) -> String {
    format!("{row}.{}", quote_identifier(name))
}
