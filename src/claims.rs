//! The settings of a request, in which PostgREST and Supabase say who is calling. Their names stand here and nowhere else.

use crate::pg;
use std::ffi::{CStr, CString};

/// All claims, a JSON object.
pub const CLAIMS: &CStr = c"request.jwt.claims";
/// Single claims, which old PostgREST sets; each comes before the same one among all.
pub const SUB: &CStr = c"request.jwt.claim.sub";
pub const ROLE: &CStr = c"request.jwt.claim.role";
pub const EMAIL: &CStr = c"request.jwt.claim.email";

/// What all of them begin with, these and those that only somebody's own functions read (`request.jwt.claim` of old Supabase, the
/// claims of an application, headers, cookies).
const PREFIX: &str = "request.";

/// The settings of a request that there are in this session, from wherever: SET, the role's, the database's, the server's.
pub fn all() -> Vec<CString> {
    pg::settings_with_prefix(PREFIX)
}

/// Makes the session, or the transaction, that of these claims and no others; `None`: nobody's.
pub fn set(claims: Option<&CStr>, is_local: bool) {
    all().iter().for_each(|name| pg::set_setting(name, c"", is_local));
    if let Some(claims) = claims {
        pg::set_setting(CLAIMS, claims, is_local);
    }
}

/// Runs the body as nobody.
pub fn without<R>(body: impl FnOnce() -> R) -> R {
    let all = all();
    let settings: Vec<_> = all.iter().map(|name| (name.as_c_str(), c"")).collect();
    pg::with_settings(&settings, body)
}
