//! News of changed profiles and of a changed catalog, by the messages that keep every session's view of the catalog true:
//! whoever changes user_profiles announces it, every session counts the announcements, and what was remembered under an
//! older count is forgotten. The messages arrive with the announcing transaction's commit, on standbys too.

use pgrx::prelude::*;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};

/// The table watched; 0 when none is yet.
static TABLE: AtomicU32 = AtomicU32::new(0);
static GENERATION: AtomicU64 = AtomicU64::new(0);
static IS_REGISTERED: AtomicBool = AtomicBool::new(false);

/// How often profiles were changed, as far as this session knows now.
pub fn profiles_generation() -> u64 {
    // Statements that lock nothing new would not look for messages by themselves.
    // SAFETY: inside a transaction; taking a lock does the same at any point of a query.
    unsafe { pg_sys::AcceptInvalidationMessages() };
    GENERATION.load(Relaxed)
}

/// From now on changes of this table count.
pub fn watch_profiles(table: pg_sys::Oid) {
    TABLE.store(table.to_u32(), Relaxed);
    if !IS_REGISTERED.swap(true, Relaxed) {
        // SAFETY: the callback is a function and so outlives the process; it is registered once.
        unsafe { pg_sys::CacheRegisterRelcacheCallback(Some(count), pg_sys::Datum::from(0)) };
    }
}

/// Tells every session, when the transaction commits, and this one at once.
pub fn announce_change(table: pg_sys::Oid) {
    // SAFETY: inside a transaction; a table that is gone is a quiet error of the server's own.
    unsafe { pg_sys::CacheInvalidateRelcacheByRelid(table) };
}

#[pg_guard]
unsafe extern "C-unwind" fn count(_argument: pg_sys::Datum, table: pg_sys::Oid) {
    // No table: the message queue overflowed, and anything may have changed.
    if table == pg_sys::InvalidOid || table.to_u32() == TABLE.load(Relaxed) {
        GENERATION.fetch_add(1, Relaxed);
    }
}

/// Counts whatever may change the description of a table: relations, types and their labels, functions.
static CATALOG_GENERATION: AtomicU64 = AtomicU64::new(0);
static COUNTS_CATALOG: AtomicBool = AtomicBool::new(false);

/// How often tables, types or functions were changed since the first call, as far as this session knows now.
pub fn catalog_generation() -> u64 {
    if !COUNTS_CATALOG.swap(true, Relaxed) {
        // SAFETY: the callbacks are functions and so outlive the process; they are registered once.
        unsafe {
            pg_sys::CacheRegisterRelcacheCallback(Some(count_relation), pg_sys::Datum::from(0));
            use pg_sys::SysCacheIdentifier::{ENUMOID, PROCOID, TYPEOID};
            for cache in [TYPEOID, ENUMOID, PROCOID] {
                pg_sys::CacheRegisterSyscacheCallback(
                    cache as i32,
                    Some(count_entry),
                    pg_sys::Datum::from(0),
                );
            }
        }
    }
    // SAFETY: as in `profiles_generation`.
    unsafe { pg_sys::AcceptInvalidationMessages() };
    CATALOG_GENERATION.load(Relaxed)
}

#[pg_guard]
unsafe extern "C-unwind" fn count_relation(_argument: pg_sys::Datum, _table: pg_sys::Oid) {
    CATALOG_GENERATION.fetch_add(1, Relaxed);
}

#[pg_guard]
unsafe extern "C-unwind" fn count_entry(_argument: pg_sys::Datum, _cache: std::ffi::c_int, _hash: u32) {
    CATALOG_GENERATION.fetch_add(1, Relaxed);
}
