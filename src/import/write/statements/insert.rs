//! The INSERT of a batch: new rows, and with ON CONFLICT those whose keys the table has.

use super::builder::{Builder, column_of};
use super::update::{assignment, difference};
use crate::options::OnConflict;
use crate::table::Column;
use pgrx::spi::quote_literal;

impl Builder<'_> {
    /// See [`super::Statements::insert`].
    pub fn insert(&self, on_conflict: Option<OnConflict>) -> String {
        format!(
            "{} RETURNING {} AS is_new, {} AS key, {} AS before",
            self.insert_into(on_conflict),
            self.was_inserted(on_conflict.is_some()),
            self.new_key(),
            self.image(on_conflict),
        )
    }

    /// See [`super::Statements::insert_and_show`].
    pub fn insert_and_show(&self, on_conflict: Option<OnConflict>) -> String {
        let is_new = self.was_inserted(on_conflict.is_some());
        format!(
            "{} RETURNING {is_new} AS is_new, {} AS shown",
            self.insert_into(on_conflict),
            self.shown_row()
        )
    }

    /// See [`super::Statements::show_existing`].
    pub fn show_existing(&self) -> String {
        format!(
            "SELECT {} FROM {} JOIN {} t ON {}",
            self.shown_row(),
            self.input_of_key(),
            self.target.name,
            self.same_key()
        )
    }

    /// A statement of its own, so that the next one's snapshot is taken when nobody can change the rows any more.
    pub fn lock(&self) -> String {
        format!(
            "SELECT count(*) FROM {} CROSS JOIN LATERAL (SELECT FROM {} t WHERE {} FOR NO KEY UPDATE OF t) locked",
            self.input_of_key(),
            self.target.name,
            self.same_key()
        )
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

    fn conflict_clause(&self, on_conflict: OnConflict) -> String {
        let key: Vec<&str> = self.key().map(|(name, _)| name).collect();
        let conflict = format!("ON CONFLICT (admin_id, {})", key.join(", "));
        match on_conflict {
            // Asked about beforehand; a race raises.
            OnConflict::Error => String::new(),
            OnConflict::Update if self.updated().next().is_some() => {
                let new = |column: &Column| column_of("excluded", column.name());
                let updates: Vec<String> = self.updated().map(|(_, it)| assignment(it, &new(it))).collect();
                let differs: Vec<String> = self.updated().map(|(_, it)| difference(it, &new(it))).collect();
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

    /// The key of a new row, for tables that do not mark the rows of an import.
    fn new_key(&self) -> String {
        if self.target.has_import_id || self.target.row_identity.is_empty() {
            return "NULL::text".to_owned();
        }
        let member = |name: &String| format!("{}, {}", quote_literal(name), column_of("t", name));
        let key: Vec<String> = self.target.row_identity.iter().map(member).collect();
        format!("json_build_object({})::text", key.join(", "))
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

    /// The row `t` as the statement's snapshot shows it.
    fn row_before(&self) -> String {
        let same: Vec<String> = self.key().map(|(name, _)| format!("b.{name} = t.{name}")).collect();
        format!("{} b WHERE b.admin_id = t.admin_id AND {}", self.target.name, same.join(" AND "))
    }

    /// The row `t` as JSON: the columns that a file may fill, but for a primary key that this one leaves to the database.
    fn shown_row(&self) -> String {
        let is_filled = |column: &Column| self.columns.iter().any(|filled| filled.name() == column.name());
        let shown = self.target.file_columns().filter(|column| is_filled(column) || !column.is_primary_key);
        let names: Vec<String> = shown.map(|column| column_of("t", column.name())).collect();
        format!("(SELECT row_to_json(s.*)::text FROM (SELECT {}) s)", names.join(", "))
    }
}
