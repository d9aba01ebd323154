//! Acting as somebody else for a while.

use super::setting::with_settings;
use pgrx::pg_sys;
use std::ffi::{CStr, CString};

/// Runs the body as a role, with the settings given, under row-level security, and then as before. Whatever the body
/// sets is undone. The role cannot be left from inside: SET ROLE is refused, as in a SECURITY DEFINER function. When the
/// body raises, the (sub)transaction's rollback restores the user and the settings.
///
/// Deferred triggers fire at commit, as whoever commits: the caller has them fired (SET CONSTRAINTS ALL IMMEDIATE) before
/// leaving the role for the last time.
pub fn as_user<R>(role: pg_sys::Oid, settings: &[(&CStr, &CStr)], body: impl FnOnce() -> R) -> R {
    within_context(role, pg_sys::SECURITY_LOCAL_USERID_CHANGE, settings, body)
}

/// The same as the owner of tables whose rows are looked for however row-level security is forced upon the owner, as foreign
/// keys look for them (`ri_PerformCheck` in `ri_triggers.c`).
pub fn as_owner<R>(role: pg_sys::Oid, settings: &[(&CStr, &CStr)], body: impl FnOnce() -> R) -> R {
    let context = pg_sys::SECURITY_LOCAL_USERID_CHANGE | pg_sys::SECURITY_NOFORCE_RLS;
    within_context(role, context, settings, body)
}

fn within_context<R>(
    role: pg_sys::Oid,
    security: u32,
    settings: &[(&CStr, &CStr)],
    body: impl FnOnce() -> R,
) -> R {
    let mut user_before = pg_sys::InvalidOid;
    let mut context_before = 0;
    // SAFETY: inside a transaction, whose end restores both.
    unsafe { pg_sys::GetUserIdAndSecContext(&mut user_before, &mut context_before) };
    let result = with_settings(settings, || {
        // SAFETY: as above.
        unsafe { pg_sys::SetUserIdAndSecContext(role, context_before | security as i32) };
        body()
    });
    // SAFETY: the user is the one saved above.
    unsafe { pg_sys::SetUserIdAndSecContext(user_before, context_before) };
    result
}

/// Whether policies do not hold the current user back: a superuser, or a role with BYPASSRLS.
pub fn bypasses_row_security() -> bool {
    // SAFETY: reads a variable of this process.
    is_exempt_from_row_security(unsafe { pg_sys::GetUserId() })
}

/// Whether policies do not hold a role back.
pub fn is_exempt_from_row_security(role: pg_sys::Oid) -> bool {
    // SAFETY: looks roles up, inside a transaction.
    unsafe { pg_sys::has_bypassrls_privilege(role) }
}

/// A role by its name.
pub fn role(name: &str) -> Option<pg_sys::Oid> {
    let name = CString::new(name).ok()?;
    // SAFETY: looks roles up, inside a transaction; the name is NUL-terminated.
    let oid = unsafe { pg_sys::get_role_oid(name.as_ptr(), true) };
    (oid != pg_sys::InvalidOid).then_some(oid)
}

/// The role that has connected, whatever it has become by SET ROLE.
pub fn session_user() -> pg_sys::Oid {
    // SAFETY: set when the session starts.
    unsafe { pg_sys::GetSessionUserId() }
}

/// The role that calls, whatever SECURITY DEFINER functions it goes through: the one of SET ROLE, else the one that has connected.
pub fn outer_user() -> pg_sys::Oid {
    // SAFETY: reads a variable of this process.
    unsafe { pg_sys::GetOuterUserId() }
}

/// Whether the role that has connected, whatever it has become by SET ROLE, is in a role; superusers are in none by themselves.
pub fn session_is_in(name: &str) -> bool {
    // SAFETY: looks roles up, inside a transaction.
    role(name).is_some_and(|role| unsafe { pg_sys::is_member_of_role_nosuper(session_user(), role) })
}
