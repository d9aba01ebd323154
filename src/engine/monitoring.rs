//! Monitoring: what SQL shows of the shared state, to those who may see it.

use super::shmem;
use super::slot::WorkerSlot;
use crate::{identity, pg};
use pgrx::Uuid;
use pgrx::iter::TableIterator;
use pgrx::prelude::*;

#[pg_schema]
pub mod teamwork {
    use super::*;

    /// The progress of a running job, read from shared memory; no row when no worker runs it, or it is not the caller's team's.
    #[pg_extern(volatile)]
    pub fn live_progress(
        job_id: Uuid,
    ) -> TableIterator<
        'static,
        (name!(current, i64), name!(total, i64), name!(percent, i32), name!(failed, i64)),
    > {
        let is_exempt = pg::bypasses_row_security();
        let team = identity::get_current_user_admin_id();
        let is_asked = |slot: &&WorkerSlot| slot.job().is_some_and(|(job, _)| job == job_id);
        let is_visible = |slot: &&WorkerSlot| is_exempt || team == Some(slot.team());
        let found = shmem::get()
            .and_then(|state| state.workers_of(pg::my_database()).find(is_asked))
            .filter(is_visible);
        TableIterator::new(
            found
                .map(WorkerSlot::progress)
                .into_iter()
                .map(|progress| (progress.current, progress.total, progress.percent, progress.failed)),
        )
    }

    /// The engine's processes in all databases, read from shared memory; no row without shared_preload_libraries.
    #[pg_extern(volatile)]
    #[allow(clippy::type_complexity)]
    pub fn engine_processes() -> TableIterator<
        'static,
        (
            name!(kind, String),
            name!(pid, i32),
            name!(database, Option<pg_sys::Oid>),
            name!(job_id, Option<Uuid>),
            name!(organization_id, Option<Uuid>),
            name!(started_at, Option<TimestampWithTimeZone>),
            name!(current, Option<i64>),
            name!(total, Option<i64>),
            name!(percent, Option<i32>),
            name!(failed, Option<i64>),
        ),
    > {
        let Some(state) = shmem::get() else { return TableIterator::empty() };
        let idle = |kind: &str, pid, database| {
            (kind.to_owned(), pid, database, None, None, None, None, None, None, None)
        };
        let launcher = std::iter::once(idle("launcher", state.launcher.pid(), None));
        let schedulers =
            state.databases.iter().map(|slot| idle("scheduler", slot.scheduler.pid(), slot.oid()));
        let workers = state.workers.iter().map(|slot| {
            let Some((job, _)) = slot.job() else { return idle("worker", slot.pid(), slot.database()) };
            let progress = slot.progress();
            (
                "worker".to_owned(),
                slot.pid(),
                slot.database(),
                Some(job),
                Some(slot.team()),
                slot.started_at().try_into().ok(),
                Some(progress.current),
                Some(progress.total),
                Some(progress.percent),
                Some(progress.failed),
            )
        });
        let running: Vec<_> =
            launcher.chain(schedulers).chain(workers).filter(|process| process.1 != 0).collect();
        TableIterator::new(running)
    }
}
