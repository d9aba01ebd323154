//! Pages that are changed past PostgreSQL's own access methods, and what the log says of them: the steps of "Write-Ahead Log Coding"
//! in `src/backend/access/transam/README`.

use pgrx::pg_sys;

/// `InvalidSubTransactionId` (`c.h`).
const NO_SUBTRANSACTION: pg_sys::SubTransactionId = 0;

/// Where a record of the log ends. There is no other way to one: where the next record will begin is another place, as the header of
/// a page may lie in between that nobody has begun.
#[derive(Clone, Copy)]
pub struct RecordEnd(pg_sys::XLogRecPtr);

/// Changes a page and logs it with one image; returns the end of its record, None where the log says nothing of the relation.
///
/// SAFETY: the buffer is the relation's, locked for writing. `change` leaves the page whole; it allocates nothing and raises nothing, as
/// page and log say the same or the server recovers.
pub unsafe fn change_page(
    relation: pg_sys::Relation,
    buffer: pg_sys::Buffer,
    change: impl FnOnce(pg_sys::Page),
) -> Option<RecordEnd> {
    // SAFETY: the caller's word.
    unsafe {
        let is_logged = needs_wal(relation);
        // START_CRIT_SECTION
        pg_sys::CritSectionCount += 1;
        change(pg_sys::BufferGetPage(buffer));
        pg_sys::MarkBufferDirty(buffer);
        let end = is_logged.then(|| RecordEnd(pg_sys::log_newpage_buffer(buffer, true)));
        // END_CRIT_SECTION
        pg_sys::CritSectionCount -= 1;
        end
    }
}

/// `RelationNeedsWAL` (`rel.h`): not of relations whose file this transaction has made, under `wal_level = minimal`. Those are synced
/// at its commit (`smgrDoPendingSyncs` in `storage.c`), and an image in the log would undo, after a crash, what is done to them later.
unsafe fn needs_wal(relation: pg_sys::Relation) -> bool {
    // SAFETY: the relation is open.
    unsafe { is_permanent(relation) && (is_wal_needed() || !is_file_new(relation)) }
}

/// Whether the log says nothing of a table, of its TOAST table, or of an index of either, though they are permanent.
pub fn is_left_out_of_wal(table: pg_sys::Oid) -> bool {
    // SAFETY: what is opened is locked as an INSERT would lock it.
    unsafe {
        !is_wal_needed()
            && with_its_own(table, &mut |relation| is_permanent(relation) && is_file_new(relation))
    }
}

/// Whether something is true of a table or of what belongs to it. SAFETY: there is such a table.
unsafe fn with_its_own(table: pg_sys::Oid, ask: &mut dyn FnMut(pg_sys::Relation) -> bool) -> bool {
    // SAFETY: each relation is used while it is open.
    unsafe {
        let lock = pg_sys::RowExclusiveLock as i32;
        let relation = pg_sys::table_open(table, lock);
        let indexes = pg_sys::RelationGetIndexList(relation);
        let mut is_true = ask(relation);
        for index in pgrx::PgList::<pg_sys::Oid>::from_pg(indexes).iter_oid() {
            let index = pg_sys::index_open(index, lock);
            is_true |= ask(index);
            pg_sys::index_close(index, pg_sys::NoLock as i32);
        }
        let toast = (*(*relation).rd_rel).reltoastrelid;
        pg_sys::table_close(relation, pg_sys::NoLock as i32);
        is_true || toast != pg_sys::InvalidOid && with_its_own(toast, ask)
    }
}

/// `RelationIsPermanent` (`rel.h`).
unsafe fn is_permanent(relation: pg_sys::Relation) -> bool {
    // SAFETY: the relation is open.
    unsafe { (*(*relation).rd_rel).relpersistence as u8 == pg_sys::RELPERSISTENCE_PERMANENT }
}

/// Whether this transaction has made the relation or its file.
unsafe fn is_file_new(relation: pg_sys::Relation) -> bool {
    // SAFETY: the relation is open.
    unsafe {
        #[cfg(feature = "pg15")]
        let file = (*relation).rd_firstRelfilenodeSubid;
        #[cfg(not(feature = "pg15"))]
        let file = (*relation).rd_firstRelfilelocatorSubid;
        [(*relation).rd_createSubid, file] != [NO_SUBTRANSACTION; 2]
    }
}

/// `XLogIsNeeded` (`xlog.h`).
fn is_wal_needed() -> bool {
    // SAFETY: the level does not change while the server runs.
    unsafe { pg_sys::wal_level >= pg_sys::WalLevel::WAL_LEVEL_REPLICA as i32 }
}

/// `RelationIsLogicallyLogged` (`rel.h`) of a table of a user's: logical decoding may read its changes from the log, and understands
/// no page images.
pub unsafe fn is_decoded(table: pg_sys::Relation) -> bool {
    // SAFETY: the table is open; the level does not change while the server runs.
    unsafe { needs_wal(table) && pg_sys::wal_level >= pg_sys::WalLevel::WAL_LEVEL_LOGICAL as i32 }
}

/// Wakes the WAL writer, to write up to there: else the buffers of the log are full before it looks again, and this process writes
/// them page by page. Who is asked to write what is not there yet finds a "request to flush past end of generated WAL"
/// (`WaitXLogInsertionsToFinish` in `xlog.c`), and may end the server.
pub fn wake_wal_writer(RecordEnd(end): RecordEnd) {
    // SAFETY: the record is in the log.
    unsafe { pg_sys::XLogSetAsyncXactLSN(end) }
}
