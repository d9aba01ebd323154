//! Settings that other software sets, read without SQL.

use pgrx::{PgLogLevel, pg_sys};
use std::ffi::{CStr, CString};

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

/// The settings of this process whose names begin so, in whatever case, placeholders included.
pub fn settings_with_prefix(prefix: &str) -> Vec<CString> {
    // SAFETY: guc.c's array of pointers to the settings, as many as it says; the names are NUL-terminated, and copied.
    unsafe {
        #[cfg(feature = "pg15")]
        let (all, count) = (pg_sys::get_guc_variables(), pg_sys::GetNumConfigOptions());
        #[cfg(not(feature = "pg15"))]
        let (all, count) = {
            let mut count = 0;
            (pg_sys::get_guc_variables(&mut count), count)
        };
        let names =
            std::slice::from_raw_parts(all, count as usize).iter().map(|it| CStr::from_ptr((**it).name));
        let begins_so = |name: &&CStr| {
            let start = name.to_bytes().get(..prefix.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
        };
        names.filter(begins_so).map(CStr::to_owned).collect()
    }
}

/// Sets a setting as `set_config()` does.
pub fn set_setting(name: &CStr, value: &CStr, is_local: bool) {
    let action =
        if is_local { pg_sys::GucAction::GUC_ACTION_LOCAL } else { pg_sys::GucAction::GUC_ACTION_SET };
    // SAFETY: inside a transaction; both strings are NUL-terminated and copied.
    unsafe { set(name, value, pg_sys::GucContext::PGC_USERSET, action) }
}

/// Runs the body with settings of its own. Whatever the body sets is undone with them, also when it raises: by the rollback of the
/// (sub)transaction.
pub fn with_settings<R>(settings: &[(&CStr, &CStr)], body: impl FnOnce() -> R) -> R {
    // SAFETY: inside a transaction; the nest level is closed below on success and by the rollback on error.
    let nest_level = unsafe { pg_sys::NewGUCNestLevel() };
    for (name, value) in settings {
        // SAFETY: as above; GUC_ACTION_SAVE undoes the change with the nest level.
        unsafe { set(name, value, pg_sys::GucContext::PGC_USERSET, pg_sys::GucAction::GUC_ACTION_SAVE) }
    }
    let result = body();
    // SAFETY: the nest level is that of above.
    unsafe { pg_sys::AtEOXact_GUC(false, nest_level) };
    result
}

/// The same with a setting that is a superuser's to set, whoever the current user is.
pub fn with_superuser_setting<R>(name: &CStr, value: &CStr, body: impl FnOnce() -> R) -> R {
    // No settings, but their nest level.
    with_settings(&[], || {
        // SAFETY: inside a transaction; the nest level ends with the body.
        unsafe { set(name, value, pg_sys::GucContext::PGC_SUSET, pg_sys::GucAction::GUC_ACTION_SAVE) }
        body()
    })
}

/// SAFETY: inside a transaction.
unsafe fn set(name: &CStr, value: &CStr, context: pg_sys::GucContext::Type, action: pg_sys::GucAction::Type) {
    // SAFETY: the caller's word; both strings are NUL-terminated and copied.
    unsafe {
        let source = pg_sys::GucSource::PGC_S_SESSION;
        let level = PgLogLevel::ERROR as i32;
        pg_sys::set_config_option(name.as_ptr(), value.as_ptr(), context, source, action, true, level, false);
    }
}

/// Makes a misspelt `prefix.something` an error instead of a placeholder.
pub fn reserve_setting_prefix(prefix: &CStr) {
    // SAFETY: the prefix is NUL-terminated and copied by the callee.
    unsafe { pg_sys::MarkGUCPrefixReserved(prefix.as_ptr()) }
}
