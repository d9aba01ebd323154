//! Interrupting a running job.

use super::shmem;
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
            let Some(state) = shmem::get() else { return };
            if let Some(slot) = state.workers_of(database).find(|slot| slot.lease() == lease) {
                slot.interrupt(lease);
            }
        });
    }
}
