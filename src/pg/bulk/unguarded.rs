//! Functions of PostgreSQL without the guard that pgrx puts around each call, which takes longer than the call. Whoever calls
//! them stands in a guard of their own (`pg_guard_ffi_boundary`) with nothing to be dropped in it, or in a critical section,
//! which an error does not leave.

use pgrx::pg_sys;
use std::ffi::{c_int, c_void};

unsafe extern "C-unwind" {
    pub fn index_form_tuple(
        description: pg_sys::TupleDesc,
        values: *mut pg_sys::Datum,
        nulls: *mut bool,
    ) -> pg_sys::IndexTuple;
    pub fn FunctionCall2Coll(
        function: *mut pg_sys::FmgrInfo,
        collation: pg_sys::Oid,
        first: pg_sys::Datum,
        second: pg_sys::Datum,
    ) -> pg_sys::Datum;
    fn PageAddItemExtended(
        page: pg_sys::Page,
        item: *const c_void,
        bytes: pg_sys::Size,
        offset: pg_sys::OffsetNumber,
        flags: c_int,
    ) -> pg_sys::OffsetNumber;
    pub fn pfree(pointer: pg_sys::IndexTuple);
    // sequence.h, which pgrx does not bind.
    pub fn nextval_internal(sequence: pg_sys::Oid, check_permissions: bool) -> i64;
}

/// Puts an item onto a page that has room for it, in a critical section. SAFETY: the page is locked for writing, the item is as long
/// as is said.
pub unsafe fn add_item(page: pg_sys::Page, item: *const c_void, bytes: usize, offset: u16, flags: u32) {
    // SAFETY: the caller's word.
    if unsafe { PageAddItemExtended(page, item, bytes, offset, flags as c_int) } != offset {
        // There was room. What else is wrong nobody can tell, least of all a page half written.
        std::process::abort();
    }
}
