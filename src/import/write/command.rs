//! The two statements that write rows, each as the creator.

use super::changes::{Changes, UpdatedRows, WrittenRow};
use super::result::RowCounts;
use super::session::Session;
use super::statements::Statements;
use crate::pg;
use intake::Batch;
use pgrx::pg_sys;
use std::collections::HashSet;

#[derive(Clone, Copy)]
pub enum Command {
    Insert,
    Update,
}

/// `unneeded`: the triggers that need not fire after each row, as what they check is proved.
pub fn insert(session: &Session, unneeded: &[pg_sys::Oid], batch: &Batch, rows: &[usize]) -> RowCounts {
    let parameters = session.parameters(batch, rows);
    let Statements { lock, insert, .. } = &session.statements;
    if let Some(lock) = lock {
        session.with_tid_plan(|| pg::execute(lock, &parameters));
    }
    let changes = session.creator.act_with(&super::changes::EXACT_VALUES, || {
        let written: Vec<WrittenRow> =
            pg::without_triggers(session.target.oid, unneeded, || pg::query(insert, &parameters));
        Changes::of(written, lock.is_some())
    });
    changes.keep(session.job);
    let Changes { inserted, updated, .. } = changes;
    session.count(rows.len(), inserted, updated)
}

/// Also returns the rows that were not found.
pub fn update(session: &Session, batch: &Batch, rows: &[usize]) -> (RowCounts, Vec<usize>) {
    let all_missing = || (RowCounts::default(), rows.to_vec());
    let Some(update) = &session.statements.update else { return all_missing() };
    let parameters = session.parameters(batch, rows);
    let updated =
        session.with_tid_plan(|| pg::query_first::<UpdatedRows>(update, &parameters).map(Changes::of_update));
    let Some((changes, found)) = updated else { return all_missing() };
    changes.keep(session.job);
    let found: HashSet<i64> = found.into_iter().collect();
    let is_missing = |(row, _): &(i64, &usize)| !found.contains(row);
    let missing = (1..).zip(rows).filter(is_missing).map(|(_, row)| *row).collect();
    (session.count(found.len(), 0, changes.updated), missing)
}
