//! Interrupting a running job.

use super::board;
use crate::pg;
use pgrx::prelude::*;

#[pg_schema]
pub mod teamwork {
    use super::*;

    /// Interrupts the worker that holds the lease, when the current transaction commits.
    #[pg_extern(volatile)]
    pub fn interrupt(lease: i64) {
        let database = pg::my_database();
        pg::at_commit(move || {
            let Some(board) = board::get() else { return };
            if let Some(slot) = board.workers_of(database).find(|slot| slot.lease() == lease) {
                slot.interrupt(lease);
            }
        });
    }
}
