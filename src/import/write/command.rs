//! The two statements that write rows, each as the creator.

use super::changes::{Changes, UpdatedRows, WrittenRow, raise_race};
use super::result::RowCounts;
use super::session::Session;
use super::statements::Statements;
use crate::pg;
use intake::{Batch, Notes};
use pgrx::pg_sys;
use std::collections::HashSet;

#[derive(Clone, Copy)]
pub enum Command {
    Insert,
    Update,
}

/// What a statement has done to rows.
#[derive(Default)]
pub struct Written {
    pub counts: RowCounts,
    /// Of an update: the rows that were not found.
    pub missing: Vec<usize>,
    pub notes: Notes,
}

/// `unneeded`: the triggers that need not fire after each row, as what they check is proved.
pub fn insert(session: &Session, unneeded: &[pg_sys::Oid], batch: &Batch, rows: &[usize]) -> Written {
    let parameters = session.parameters(batch, rows);
    let Statements { lock, insert, depends_on_rows, .. } = &session.statements;
    let mut notes = Notes::default();
    let lock = lock.as_ref().filter(|_| !depends_on_rows);
    if let Some(lock) = lock {
        session.with_tid_plan(|| pg::execute(lock, &parameters));
    }
    if !depends_on_rows {
        session.note_emptied(batch, rows, &mut notes);
    }
    let changes = session.creator.act_with(&super::changes::EXACT_VALUES, || {
        let written: Vec<WrittenRow> =
            pg::without_triggers(session.target.oid, unneeded, || pg::query(insert, &parameters));
        Changes::of(written, lock.is_some())
    });
    changes.keep(session.job);
    let Changes { inserted, updated, .. } = changes;
    if *depends_on_rows && inserted < rows.len() as u64 && rows.len() > 1 {
        raise_race("insert");
    }
    Written { counts: session.count(rows.len(), inserted, updated), missing: Vec::new(), notes }
}

pub fn update(session: &Session, batch: &Batch, rows: &[usize]) -> Written {
    let all_missing = || Written { missing: rows.to_vec(), ..Written::default() };
    let Statements { lock, update: Some(update), depends_on_rows, .. } = &session.statements else {
        return all_missing();
    };
    let parameters = session.parameters(batch, rows);
    let mut notes = Notes::default();
    if let Some(lock) = lock.as_ref().filter(|_| *depends_on_rows) {
        session.with_tid_plan(|| pg::execute(lock, &parameters));
    }
    session.note_emptied(batch, rows, &mut notes);
    let updated =
        session.with_tid_plan(|| pg::query_first::<UpdatedRows>(update, &parameters).map(Changes::of_update));
    let Some((changes, found)) = updated else { return all_missing() };
    changes.keep(session.job);
    let found: HashSet<i64> = found.into_iter().collect();
    let is_missing = |(row, _): &(i64, &usize)| !found.contains(row);
    let missing = (1..).zip(rows).filter(is_missing).map(|(_, row)| *row).collect();
    Written { counts: session.count(found.len(), 0, changes.updated), missing, notes }
}
