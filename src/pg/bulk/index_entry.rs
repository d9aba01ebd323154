//! Entries of an index, one by one, as the executor puts them there (`ExecInsertIndexTuples` in `execIndexing.c`).

use super::btree_append::Key;
use pgrx::pg_sys;

const MOST_COLUMNS: usize = pg_sys::INDEX_MAX_KEYS as usize;
// A bit of a number for each.
const _: () = assert!(MOST_COLUMNS <= u32::BITS as usize);

/// Opens an index for entries; None of one that takes none yet: CREATE INDEX CONCURRENTLY looks through the table when this
/// transaction has ended. Valid it need not be. SAFETY: it is one of a locked table's.
pub unsafe fn open_index(index: pg_sys::Oid) -> Option<(pg_sys::Relation, *mut pg_sys::IndexInfo)> {
    // SAFETY: the caller's word.
    unsafe {
        let index = pg_sys::index_open(index, pg_sys::RowExclusiveLock as i32);
        let info = pg_sys::BuildIndexInfo(index);
        if !(*info).ii_ReadyForInserts {
            pg_sys::index_close(index, pg_sys::NoLock as i32);
            return None;
        }
        Some((index, info))
    }
}

/// SAFETY: as `open_index` has returned them.
pub unsafe fn close_index(index: pg_sys::Relation, info: *mut pg_sys::IndexInfo) {
    // SAFETY: the caller's word.
    unsafe {
        #[cfg(any(feature = "pg17", feature = "pg18"))]
        pg_sys::index_insert_cleanup(index, info);
        #[cfg(not(any(feature = "pg17", feature = "pg18")))]
        let _ = info;
        pg_sys::index_close(index, pg_sys::NoLock as i32);
    }
}

/// Puts a key into an index that has no exclusion constraint; `nulls` has a bit for each column. `is_unchanged`: an update of the row
/// has not changed the key.
/// SAFETY: the table is open and locked; the index is one of its, `info` is that of the index.
pub unsafe fn insert_entry(
    table: pg_sys::Relation,
    index: pg_sys::Relation,
    info: *mut pg_sys::IndexInfo,
    key: &mut Key,
    nulls: u32,
    is_unchanged: bool,
) {
    let mut nulls: [bool; MOST_COLUMNS] = std::array::from_fn(|column| nulls & 1 << column != 0);
    // SAFETY: as many values and flags as an index can have columns.
    unsafe {
        let unique = if (*info).ii_Unique {
            pg_sys::IndexUniqueCheck::UNIQUE_CHECK_YES
        } else {
            pg_sys::IndexUniqueCheck::UNIQUE_CHECK_NO
        };
        let (values, nulls) = (key.values.as_mut_ptr(), nulls.as_mut_ptr());
        pg_sys::index_insert(index, values, nulls, &mut key.row, table, unique, is_unchanged, info);
    }
}
