//! The tables of a query, and what it wants to do with them. Up to PostgreSQL 15 an entry says so itself; since 16 a list of its own does
//! (commit a61b1f74823c).

use pgrx::PgList;
use pgrx::pg_sys::{self, List, RangeTblEntry};
use std::ffi::c_int;

#[cfg(feature = "pg15")]
pub type Permissions = RangeTblEntry;
#[cfg(not(feature = "pg15"))]
pub type Permissions = pg_sys::RTEPermissionInfo;

/// An entry, and its number, from 1.
pub struct Entry {
    pub position: c_int,
    pub entry: *mut RangeTblEntry,
}

/// SAFETY: the list holds entries.
pub unsafe fn entries(table: *mut List) -> Vec<Entry> {
    // SAFETY: the caller's word.
    let entries = unsafe { PgList::<RangeTblEntry>::from_pg(table) };
    entries.iter_ptr().zip(1..).map(|(entry, position)| Entry { position, entry }).collect()
}

/// SAFETY: the entry is one of the query's.
#[cfg(feature = "pg15")]
pub unsafe fn permissions_of(
    _query: *mut pg_sys::Query,
    entry: *mut RangeTblEntry,
) -> Option<*mut Permissions> {
    Some(entry)
}

/// SAFETY: the entry is one of the query's.
#[cfg(not(feature = "pg15"))]
pub unsafe fn permissions_of(
    query: *mut pg_sys::Query,
    entry: *mut RangeTblEntry,
) -> Option<*mut Permissions> {
    // SAFETY: the caller's word.
    unsafe {
        ((*entry).perminfoindex > 0).then(|| pg_sys::getRTEPermissionInfo((*query).rteperminfos, entry))
    }
}

/// Makes `table` the one entry of a subquery, with the permissions that `entry` of the query has, and then has no more.
/// SAFETY: the entry is one of the query's, and the table a copy of it.
#[cfg(feature = "pg15")]
pub unsafe fn hand_over(
    _query: *mut pg_sys::Query,
    entry: *mut RangeTblEntry,
    subquery: *mut pg_sys::Query,
    table: *mut RangeTblEntry,
) {
    // SAFETY: the caller's word.
    unsafe {
        (*subquery).rtable = lone(table);
        (*entry).requiredPerms = 0;
        (*entry).checkAsUser = pg_sys::Oid::INVALID;
        (*entry).selectedCols = std::ptr::null_mut();
        (*entry).insertedCols = std::ptr::null_mut();
        (*entry).updatedCols = std::ptr::null_mut();
        (*entry).extraUpdatedCols = std::ptr::null_mut();
    }
}

/// Likewise; the query keeps the permissions in its list, where they are asked of nobody.
/// SAFETY: as above.
#[cfg(not(feature = "pg15"))]
pub unsafe fn hand_over(
    query: *mut pg_sys::Query,
    entry: *mut RangeTblEntry,
    subquery: *mut pg_sys::Query,
    table: *mut RangeTblEntry,
) {
    // SAFETY: the caller's word.
    unsafe {
        let mut own = std::ptr::null_mut();
        if (*entry).perminfoindex > 0 {
            let held = pg_sys::getRTEPermissionInfo((*query).rteperminfos, entry);
            (*table).perminfoindex = 0;
            let handed = pg_sys::addRTEPermissionInfo(&mut own, table);
            *handed = *held;
            (*held).requiredPerms = 0;
            (*entry).perminfoindex = 0;
        }
        (*subquery).rteperminfos = own;
        (*subquery).rtable = lone(table);
    }
}

/// SAFETY: the entry lives as long as the list.
unsafe fn lone(table: *mut RangeTblEntry) -> *mut List {
    let mut list = PgList::<RangeTblEntry>::new();
    list.push(table);
    list.into_pg()
}
