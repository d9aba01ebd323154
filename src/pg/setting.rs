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

/// Whether a setting has this value, without copying it; `None`: was never set.
pub fn setting_is(name: &CStr, expected: Option<&str>) -> bool {
    // SAFETY: as in `setting`; the value is compared before anything can set it.
    let value = unsafe { pg_sys::GetConfigOption(name.as_ptr(), true, false) };
    // SAFETY: as in `setting`.
    let value = (!value.is_null()).then(|| unsafe { CStr::from_ptr(value) }.to_bytes());
    value == expected.map(str::as_bytes)
}

/// The value that RESET would give a setting: the database's, the role's or the server's. None for a placeholder.
pub fn default_setting(name: &CStr) -> Option<String> {
    // SAFETY: as in `setting`.
    let value = unsafe { pg_sys::GetConfigOptionResetString(name.as_ptr()) };
    // SAFETY: a NUL-terminated string, if any.
    (!value.is_null()).then(|| unsafe { CStr::from_ptr(value) }.to_string_lossy().into_owned())
}

/// Sets a setting of this process, as SET would, over what the database or the role have it at. (A stronger source than SET's would
/// make PostgreSQL ignore the SET clauses of functions.)
pub fn override_setting(name: &CStr, value: &CStr) {
    // SAFETY: both strings are NUL-terminated and copied.
    unsafe {
        let (context, source) = (pg_sys::GucContext::PGC_SUSET, pg_sys::GucSource::PGC_S_SESSION);
        pg_sys::SetConfigOption(name.as_ptr(), value.as_ptr(), context, source);
    }
}

/// Makes a misspelt `prefix.something` an error instead of a placeholder.
pub fn reserve_setting_prefix(prefix: &CStr) {
    // SAFETY: the prefix is NUL-terminated and copied by the callee.
    unsafe { pg_sys::MarkGUCPrefixReserved(prefix.as_ptr()) }
}
