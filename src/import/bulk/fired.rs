//! What fires after each row, and the foreign keys that need not: where all values of a batch have their parents, which are
//! held, no row of it can be refused.

use crate::creator::Creator;
use crate::import::foreign_key::ForeignKey;
use crate::pg;
use pgrx::{Uuid, pg_sys};

/// A trigger of the table.
#[derive(PartialEq)]
pub struct Fired {
    trigger: pg_sys::Oid,
    /// What it checks.
    key: Option<ForeignKey>,
}

impl Fired {
    pub fn load(table: pg_sys::Oid, creator: &Creator, job: Uuid) -> Vec<Self> {
        let shared = [creator.id, creator.team, job];
        let sql = "SELECT trigger, attribute::text, lock_parents_sql, missing_parents_sql, parent_owner
                   FROM teamwork.row_triggers($1)";
        let fired = pg::query(sql, &[table.into()], |row| {
            Some(Self { trigger: row.get(1).ok()??, key: ForeignKey::read(&row, 2, shared) })
        });
        fired.into_iter().flatten().collect()
    }

    /// The trigger, unless it is that of a key that holds; `values` are those of a column in the rows to be inserted, None of
    /// one that the file does not fill. To be called before they are: who removes a parent afterwards finds them.
    pub fn to_fire<'v>(&self, values: impl Fn(&str) -> Option<Vec<Option<&'v str>>>) -> Option<pg_sys::Oid> {
        let holds = |key: &ForeignKey| values(&key.column).is_some_and(|values| key.holds(&values));
        (!self.key.as_ref().is_some_and(holds)).then_some(self.trigger)
    }
}
