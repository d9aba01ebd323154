//! A say in the drop of an extension, before anything of it is gone.

use pgrx::pg_sys::{self, ObjectAccessType, Oid};
use pgrx::prelude::*;
use std::ffi::{CStr, c_int, c_void};
use std::sync::OnceLock;

struct Guard {
    extension: &'static CStr,
    /// Raises to refuse.
    judge: fn(),
    previous: pg_sys::object_access_hook_type,
}

static GUARD: OnceLock<Guard> = OnceLock::new();

/// From now on `judge` is asked whenever a table, view or sequence of the extension is about to be dropped, which only
/// happens when the extension is. PostgreSQL drops an extension's row last and its event triggers before: the hook on its
/// relations is the one place where everything can still be looked at. To be called once, from `_PG_init`.
pub fn guard_drop(extension: &'static CStr, judge: fn()) {
    // SAFETY: a plain variable of a process with one thread.
    let previous = unsafe { pg_sys::object_access_hook };
    if GUARD.set(Guard { extension, judge, previous }).is_ok() {
        // SAFETY: as above; the function lives as long as the process, as libraries are never unloaded.
        unsafe { pg_sys::object_access_hook = Some(on_access) };
    }
}

/// Whether a relation belongs to the extension.
pub fn is_relation_of(extension: &CStr, relation: Oid) -> bool {
    // SAFETY: reads the catalog, in a transaction; the name is NUL-terminated.
    unsafe {
        let extension = pg_sys::get_extension_oid(extension.as_ptr(), true);
        extension != Oid::INVALID
            && pg_sys::getExtensionOfObject(pg_sys::RelationRelationId, relation) == extension
    }
}

#[pg_guard]
unsafe extern "C-unwind" fn on_access(
    access: ObjectAccessType::Type,
    class: Oid,
    object: Oid,
    column: c_int,
    argument: *mut c_void,
) {
    let Some(guard) = GUARD.get() else { return };
    if let Some(previous) = guard.previous {
        // SAFETY: called as PostgreSQL would have called it, had this hook not come after.
        unsafe { previous(access, class, object, column, argument) };
    }
    let is_relation = class == pg_sys::RelationRelationId && column == 0;
    // SAFETY: a plain variable. An extension's own scripts replace what they like.
    let in_script = unsafe { pg_sys::creating_extension };
    if access == ObjectAccessType::OAT_DROP
        && is_relation
        && !in_script
        && is_relation_of(guard.extension, object)
    {
        (guard.judge)();
    }
}
