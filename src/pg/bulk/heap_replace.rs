//! A new version of a row in the place of the one before.

use pgrx::pg_sys;
use std::ptr;

/// A new version of a row.
#[derive(Clone, Copy)]
pub struct Version {
    pub tuple: pg_sys::HeapTuple,
    /// Whether the indexes that sum up blocks want to know of it even if it is found through the version before.
    is_summarized: bool,
}

impl Version {
    /// Whether it has to go into an index.
    /// SAFETY: the tuple is still there; `info` is that of an index.
    pub unsafe fn goes_into(&self, info: *const pg_sys::IndexInfo) -> bool {
        // SAFETY: the caller's word.
        unsafe {
            let is_heap_only = (*(*self.tuple).t_data).t_infomask2 & pg_sys::HEAP_ONLY_TUPLE as u16 != 0;
            !is_heap_only || self.is_summarized && sums_up(info)
        }
    }
}

/// Puts a new version in the place of a row; None if somebody else has changed the row since the active snapshot.
/// SAFETY: the table is a heap, open and locked for writing; the tuple has its row type.
pub unsafe fn replace(
    table: pg_sys::Relation,
    mut place: pg_sys::ItemPointerData,
    tuple: pg_sys::HeapTuple,
) -> Option<Version> {
    // SAFETY: the caller's word.
    let (result, is_summarized) = unsafe {
        (*tuple).t_tableOid = (*table).rd_id;
        heap_update(table, &mut place, tuple)
    };
    (result == pg_sys::TM_Result::TM_Ok).then_some(Version { tuple, is_summarized })
}

/// Waits for whoever has locked the row. Also returns whether only the indexes that sum up blocks want to know of the version.
unsafe fn heap_update(
    table: pg_sys::Relation,
    place: &mut pg_sys::ItemPointerData,
    tuple: pg_sys::HeapTuple,
) -> (pg_sys::TM_Result::Type, bool) {
    let (mut failure, mut mode, no_snapshot) = (pg_sys::TM_FailureData::default(), 0, ptr::null_mut());
    let (failure, mode) = (&mut failure, &mut mode);
    // SAFETY: as above.
    unsafe {
        let command = pg_sys::GetCurrentCommandId(true);
        #[cfg(feature = "pg15")]
        let done =
            (pg_sys::heap_update(table, place, tuple, command, no_snapshot, true, failure, mode), false);
        #[cfg(not(feature = "pg15"))]
        let done = {
            let mut indexes = pg_sys::TU_UpdateIndexes::TU_All;
            let result = pg_sys::heap_update(
                table,
                place,
                tuple,
                command,
                no_snapshot,
                true,
                failure,
                mode,
                &mut indexes,
            );
            (result, indexes == pg_sys::TU_UpdateIndexes::TU_Summarizing)
        };
        done
    }
}

/// PostgreSQL 15 treats a BRIN index as any other.
#[cfg(feature = "pg15")]
unsafe fn sums_up(_: *const pg_sys::IndexInfo) -> bool {
    false
}

#[cfg(not(feature = "pg15"))]
unsafe fn sums_up(info: *const pg_sys::IndexInfo) -> bool {
    // SAFETY: the info is that of an index.
    unsafe { (*info).ii_Summarizing }
}
