//! Settings that other software sets, read without SQL.

use pgrx::pg_sys;
use std::ffi::CStr;

/// The value of a setting; `None` when it was never set. A placeholder such as `request.jwt.claims` is read as it is:
/// registering it would clash with an extension that does.
pub fn setting(name: &CStr) -> Option<String> {
    // SAFETY: the name is NUL-terminated; the result points into guc.c's memory and is copied before anything can set it.
    let value = unsafe { pg_sys::GetConfigOption(name.as_ptr(), true, false) };
    if value.is_null() {
        return None;
    }
    // SAFETY: GetConfigOption returns a NUL-terminated string.
    Some(unsafe { CStr::from_ptr(value) }.to_string_lossy().into_owned())
}

/// Makes a misspelt `prefix.something` an error instead of a placeholder.
pub fn reserve_setting_prefix(prefix: &CStr) {
    // SAFETY: the prefix is NUL-terminated and copied by the callee.
    unsafe { pg_sys::MarkGUCPrefixReserved(prefix.as_ptr()) }
}
