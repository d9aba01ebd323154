//! What is asked of a batch before it is written, or when it is refused.

use super::builder::{Builder, column_of};
use crate::table::{Check, Column};

impl Builder<'_> {
    /// See [`super::Statements::existing`].
    pub fn existing_rows(&self) -> String {
        format!("SELECT u.row FROM {}", self.rows_with_existing_keys())
    }

    /// See [`super::Statements::emptied`].
    pub fn emptied(&self) -> String {
        let cell = |(index, column): (usize, &Column)| {
            format!("({index}, u.c{index}, {}::text)", column_of("t", column.name()))
        };
        format!(
            "SELECT u.row AS row, e.number AS number, e.was AS was FROM {}
             CROSS JOIN LATERAL (VALUES {}) e (number, cell, was) WHERE e.cell IS NULL AND e.was IS NOT NULL ORDER BY 1, 2",
            self.found(&self.input()),
            self.emptiable().map(cell).collect::<Vec<_>>().join(", "),
        )
    }

    /// The same rows as violations.
    pub fn existing_key_violations(&self) -> String {
        format!("SELECT u.row AS row, -1 AS number FROM {}", self.rows_with_existing_keys())
    }

    /// Looked up one by one as in [`Builder::found`].
    fn rows_with_existing_keys(&self) -> String {
        format!(
            "{} WHERE EXISTS (SELECT FROM {} t WHERE {} OFFSET 0)",
            self.input_of_key(),
            self.target.name,
            self.same_key()
        )
    }

    /// The rows that constraints refuse, of the file's columns.
    pub fn check_violations(&self, checks: &[&Check]) -> String {
        let named = |(index, name): (usize, &String)| format!("{} AS {name}", self.stored(index));
        let named: Vec<String> = self.names.iter().enumerate().map(named).collect();
        let verdicts: Vec<String> = checks
            .iter()
            .enumerate()
            .map(|(number, check)| format!("({number}, ({}))", check.expression))
            .collect();
        format!(
            "SELECT r.\"teamwork row\" AS row, v.number AS number FROM (SELECT u.row AS \"teamwork row\", {} FROM {}) r
             CROSS JOIN LATERAL (VALUES {}) v (number, holds) WHERE NOT v.holds",
            named.join(", "),
            self.input(),
            verdicts.join(", ")
        )
    }

    /// `None` when the file fills no column of the key, or the database one.
    pub fn repeats(&self, key: &[String], has_key: bool) -> Option<String> {
        let is_conflict_key = |name: &String| name == "admin_id" || self.is_filled(name, |it| it.is_key);
        if has_key && key.iter().all(is_conflict_key)
            || !key.iter().any(|name| self.is_filled(name, |_| true))
        {
            return None;
        }
        let values: Vec<String> = key.iter().map(|name| self.value_of(name)).collect::<Option<_>>()?;
        let given: Vec<String> = values.iter().map(|value| format!("{value} IS NOT NULL")).collect();
        let same = key.iter().zip(&values).map(|(name, value)| format!("{} = {value}", column_of("t", name)));
        // What an update finds of its own is no other row.
        let other = has_key.then(|| format!("NOT ({})", self.same_key()));
        let same: Vec<String> = same.chain(other).collect();
        Some(format!(
            "SELECT s.row FROM (SELECT u.row, row_number() OVER (PARTITION BY {} ORDER BY u.row) AS number,
                                       EXISTS (SELECT FROM {} t WHERE {} OFFSET 0) AS is_there FROM {} WHERE {}) s
             WHERE s.number > 1 OR s.is_there",
            values.join(", "),
            self.target.name,
            same.join(" AND "),
            self.input_of(|column| has_key && column.is_key || key.iter().any(|name| name == column.name())),
            given.join(" AND "),
        ))
    }

    fn is_filled(&self, name: &str, is_wanted: impl Fn(&Column) -> bool) -> bool {
        self.columns.iter().any(|column| column.name() == name && is_wanted(column))
    }

    /// What an INSERT puts into a column; `None` if the database decides.
    fn value_of(&self, name: &str) -> Option<String> {
        if let Some(position) = self.columns.iter().position(|column| column.name() == name) {
            return Some(self.stored(position));
        }
        let (number, _) = self.own_columns().find(|(_, column)| *column == name)?;
        Some(self.own(number))
    }
}
