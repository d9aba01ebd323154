//! A foreign key with one column that the rows of a file differ in. The parents' owner is asked for the parents of many rows at
//! once, as the key's own trigger asks for those of each row.

use crate::creator::Creator;
use crate::pg::{self, FromColumn, setting_name};
use pgrx::Uuid;
use serde::Deserialize;
use std::collections::HashSet;
use std::ffi::CStr;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForeignKey {
    pub oid: u32,
    #[serde(rename = "column_name")]
    pub column: String,
    /// Locks the parents of some values, given as texts, as the trigger would, and counts them.
    lock_parents_sql: String,
    /// Lists those of some values that have no parent.
    missing_parents_sql: String,
    parent_owner: u32,
}

/// What all rows of an import have in common, and a foreign key may look at.
#[derive(Clone, Copy)]
pub struct Shared {
    pub owner: Uuid,
    pub team: Uuid,
    pub job: Uuid,
}

impl Shared {
    /// `None` of an import that no job is for.
    pub fn of(creator: &Creator, job: Option<Uuid>) -> Option<Self> {
        job.map(|job| Self { owner: creator.id, team: creator.team, job })
    }
}

impl ForeignKey {
    /// Whether all values have their parents, which are locked from here on. Of values that are spelled in two ways there is a
    /// parent too few: the trigger judges them.
    pub fn all_have_parents(&self, values: &[Option<&str>], shared: Shared) -> bool {
        let distinct: HashSet<&str> = values.iter().flatten().copied().collect();
        let count = distinct.len() as i64;
        self.ask::<i64>(&self.lock_parents_sql, distinct, shared) == count
    }

    /// Those of the values that have no parent.
    pub fn missing_parents(&self, values: &[Option<&str>], shared: Shared) -> HashSet<String> {
        let missing: Option<Vec<String>> =
            self.ask(&self.missing_parents_sql, values.iter().flatten().copied().collect(), shared);
        missing.into_iter().flatten().collect()
    }

    fn ask<T: FromColumn>(&self, sql: &str, values: HashSet<&str>, shared: Shared) -> T {
        const SETTINGS: [(&CStr, &CStr); 2] =
            [(setting_name::ROW_SECURITY, c"on"), (setting_name::SEARCH_PATH, c"pg_catalog, pg_temp")];
        let values: Vec<&str> = values.into_iter().collect();
        let arguments = [values.into(), shared.owner.into(), shared.team.into(), shared.job.into()];
        pg::as_owner(self.parent_owner.into(), &SETTINGS, || pg::query_value(sql, &arguments))
    }
}
