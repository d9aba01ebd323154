//! What fires after each row, and the foreign keys that need not: where all values of a batch have their parents, which are
//! held, no row of it can be refused.

use crate::creator::Creator;
use crate::pg;
use pgrx::{Uuid, pg_sys};
use std::collections::HashSet;
use std::ffi::CStr;

/// A trigger of the table.
#[derive(PartialEq)]
pub struct Fired {
    trigger: pg_sys::Oid,
    key: Option<ForeignKey>,
}

/// What the trigger checks.
#[derive(PartialEq)]
struct ForeignKey {
    /// The column that the rows differ in.
    column: String,
    /// Locks the parents of some values of it, given as texts, as the trigger would, and counts them.
    proof: String,
    /// The owner of the parents, who is asked for them.
    keeper: pg_sys::Oid,
    /// The values that the rows may share: the owner, the team and the job.
    shared: [Uuid; 3],
}

impl Fired {
    pub fn load(table: pg_sys::Oid, creator: &Creator, job: Uuid) -> Vec<Self> {
        let shared = [creator.id, creator.team, job];
        let sql = "SELECT trigger, attribute::text, proof, keeper FROM teamwork.row_triggers($1)";
        let fired = pg::query(sql, &[table.into()], |row| {
            let text = |column: usize| row.get::<String>(column).ok().flatten();
            let keeper = row.get(4).ok().flatten();
            let key = text(2).zip(text(3)).zip(keeper);
            let key = key.map(|((column, proof), keeper)| ForeignKey { column, proof, keeper, shared });
            Some(Self { trigger: row.get(1).ok()??, key })
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

impl ForeignKey {
    /// Of values that are spelled in two ways there is a parent too few: the trigger judges them.
    fn holds(&self, values: &[Option<&str>]) -> bool {
        const SETTINGS: [(&CStr, &CStr); 2] =
            [(c"row_security", c"on"), (c"search_path", c"pg_catalog, pg_temp")];
        let distinct: HashSet<&str> = values.iter().flatten().copied().collect();
        let count = distinct.len() as i64;
        let distinct: Vec<&str> = distinct.into_iter().collect();
        let [owner, team, job] = self.shared.map(Into::into);
        let held = || pg::query_one(&self.proof, &[distinct.into(), owner, team, job]);
        pg::as_owner(self.keeper, &SETTINGS, held) == Some(count)
    }
}
