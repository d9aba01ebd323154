//! The SQL of an import: whole batches as arrays, under row-level security, with everything the table has.

mod builder;
mod insert;
mod known;
mod questions;
mod update;

use crate::options::OnConflict;
use crate::table::{Check, Column, Target};
use builder::Builder;
pub use known::Known;

/// The statements for a file's columns. Parameters: one text[] per column, then the creator, the team and the job.
pub struct Statements {
    /// Locks the rows that [`Statements::insert`] or [`Statements::update`] may update: its snapshot shows them as it finds them.
    pub lock: Option<String>,
    /// Whether a row depends on what the table has: known rows are updated first, and the insert passes over those that are
    /// known then.
    pub depends_on_rows: bool,
    /// Returns [`WrittenRow`](super::changes::WrittenRow)s.
    pub insert: String,
    /// Updates the rows that the table has by their keys; returns [`UpdatedRows`](super::changes::UpdatedRows). For tables of which an
    /// INSERT ... ON CONFLICT would do nothing more. `None` when rows are not to be updated.
    pub update: Option<String>,
    /// Returns (row, from 1; number of the column; was) of the blank cells that would take what a known row has. `None` when there
    /// can be none.
    pub emptied: Option<String>,
    /// The numbers of the columns that it looks at.
    pub emptiable: Vec<usize>,
    /// Returns (row, from 1; tid) of the rows whose key the table has. `None` when the file does not fill the key.
    pub tids: Option<String>,
    /// The columns of what is remembered of an updated row.
    pub remembered: Vec<String>,
    /// Returns the rows, from 1, whose key the table has. `None` when the file does not fill the key.
    pub existing: Option<String>,
    /// Returns (row, from 1; number of the violated constraint in `checks`, from 0, or -1 for an existing key). `None` when
    /// there is nothing to ask beforehand.
    pub violations: Option<String>,
    /// The same INSERT of a single row: returns (is_new; shown, the row as JSON).
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
        known: Known,
    ) -> Self {
        let builder = Builder::new(target, columns, known);
        let refused =
            (has_key && on_conflict == OnConflict::Error).then(|| builder.existing_key_violations());
        let violated = (!checks.is_empty()).then(|| builder.check_violations(checks));
        let questions: Vec<String> = violated.into_iter().chain(refused).collect();
        let action = has_key.then_some(on_conflict);
        let remembers_updates = builder.remembers_updates(action);
        let depends_on_rows = known.depends_on_rows() && builder.updates(action);
        let finds_rows = remembers_updates || depends_on_rows;
        let on_known = action.map(|action| if depends_on_rows { OnConflict::Skip } else { action });
        let emptiable: Vec<usize> = builder.emptiable().map(|(index, _)| index).collect();
        let may_empty = builder.updates(action) && !emptiable.is_empty();
        Self {
            depends_on_rows,
            lock: finds_rows.then(|| builder.lock()),
            update: finds_rows.then(|| builder.update(remembers_updates)),
            emptied: may_empty.then(|| builder.emptied()),
            emptiable,
            insert: builder.insert(on_known),
            tids: has_key.then(|| builder.tids()),
            remembered: builder.remembered().into_iter().map(str::to_owned).collect(),
            insert_and_show: builder.insert_and_show(action),
            show_existing: has_key.then(|| builder.show_existing()),
            existing: has_key.then(|| builder.existing_rows()),
            violations: (!questions.is_empty()).then(|| questions.join(" UNION ALL ") + " ORDER BY 1, 2"),
        }
    }
}

/// Returns the rows, from 1, that share one of these unique keys with a row of the team or with an earlier row, but for the key
/// that conflicts are told by. The parameters are those of [`Statements`]. `None` when the file fills none of them.
pub fn repeats(target: &Target, columns: &[&Column], has_key: bool, keys: &[Vec<String>]) -> Option<String> {
    let builder = Builder::new(target, columns, Known::default());
    let questions: Vec<String> = keys.iter().filter_map(|key| builder.repeats(key, has_key)).collect();
    (!questions.is_empty()).then(|| questions.join(" UNION "))
}
