//! A foreign key with one column that the rows of a file differ in, about which the parents' owner is asked for many rows at
//! once, as the key's own trigger asks for each.

use crate::pg;
use pgrx::datum::{FromDatum, IntoDatum};
use pgrx::{Uuid, pg_sys};
use std::collections::HashSet;
use std::ffi::CStr;

#[derive(PartialEq)]
pub struct ForeignKey {
    pub column: String,
    /// Locks the parents of some values, given as texts, as the trigger would, and counts them.
    proof: String,
    /// Lists those of some values that have no parent.
    orphans: String,
    /// The owner of the parents, who is asked for them.
    keeper: pg_sys::Oid,
    /// The values that the rows may share: the owner, the team and the job.
    shared: [Uuid; 3],
}

impl ForeignKey {
    /// From (attribute, lock_parents_sql, missing_parents_sql, parent_owner) of `teamwork.foreign_key_checks()`, in a row's columns from
    /// `first` on; `None` of NULLs.
    pub fn read(row: &pg::Row, first: usize, shared: [Uuid; 3]) -> Option<Self> {
        let text = |column: usize| row.get::<String>(first + column).ok().flatten();
        let keeper = row.get(first + 3).ok().flatten()?;
        Some(Self { column: text(0)?, proof: text(1)?, orphans: text(2)?, keeper, shared })
    }

    /// Whether all values have their parents, which are held. Of values that are spelled in two ways there is a parent too few:
    /// the trigger judges them.
    pub fn holds(&self, values: &[Option<&str>]) -> bool {
        let distinct: HashSet<&str> = values.iter().flatten().copied().collect();
        let count = distinct.len() as i64;
        self.ask(&self.proof, distinct) == Some(count)
    }

    /// Those of the values that have no parent.
    pub fn orphans(&self, values: &[Option<&str>]) -> HashSet<String> {
        let orphans: Option<Vec<String>> =
            self.ask(&self.orphans, values.iter().flatten().copied().collect());
        orphans.into_iter().flatten().collect()
    }

    fn ask<T: FromDatum + IntoDatum>(&self, sql: &str, values: HashSet<&str>) -> Option<T> {
        const SETTINGS: [(&CStr, &CStr); 2] =
            [(c"row_security", c"on"), (c"search_path", c"pg_catalog, pg_temp")];
        let values: Vec<&str> = values.into_iter().collect();
        let [owner, team, job] = self.shared.map(Into::into);
        pg::as_owner(self.keeper, &SETTINGS, || pg::query_one(sql, &[values.into(), owner, team, job]))
    }
}
