//! In whose name a job runs.

use crate::failure::Failure;
use crate::job::Work;
use crate::{identity, pg};
use pgrx::pg_sys;
use std::ffi::{CStr, CString};

/// The role of members.
const STAND_IN: &str = "authenticated";

/// The role, or, where it is exempt from row-level security, the one that stands in: rows are always written and read under it.
pub fn under_row_security(role: pg_sys::Oid) -> Option<pg_sys::Oid> {
    if pg::is_exempt_from_row_security(role) { pg::role(STAND_IN) } else { Some(role) }
}

/// The creator of a job, in whose name its rows are written and read.
pub struct Creator {
    pub id: pgrx::Uuid,
    pub team: pgrx::Uuid,
    role: pg_sys::Oid,
    pub role_name: String,
    claims: CString,
    search_path: CString,
}

impl Creator {
    /// Fails when the creator has left the team since the job was made.
    pub fn of(work: &Work) -> Result<Self, Failure> {
        if identity::team_of(work.created_by) != Some(work.organization) {
            return Err(Failure::not_a_member(work));
        }
        let submitted_as = pg::role(&work.submitted_as).ok_or_else(|| Failure::no_such_role(work))?;
        let role = under_row_security(submitted_as).ok_or_else(|| Failure::no_such_role(work))?;
        let name = if role == submitted_as { work.submitted_as.as_str() } else { STAND_IN };
        let claims = serde_json::json!({ "sub": work.created_by.to_string(), "role": name }).to_string();
        // The worker's own search path is none of the creator's triggers' business.
        let search_path = pg::default_setting(c"search_path").unwrap_or_default();
        Ok(Self {
            id: work.created_by,
            team: work.organization,
            role,
            role_name: name.to_owned(),
            claims: CString::new(claims).unwrap_or_default(),
            search_path: CString::new(search_path).unwrap_or_default(),
        })
    }

    /// Runs the body as the creator: role, claims, row-level security.
    pub fn act<R>(&self, body: impl FnOnce() -> R) -> R {
        self.act_with(&[], body)
    }

    /// The same, with settings of the job's own.
    pub fn act_with<R>(&self, own: &[(&CStr, &CStr)], body: impl FnOnce() -> R) -> R {
        let settings = [
            own,
            &[
                (c"request.jwt.claims", self.claims.as_c_str()),
                (c"request.jwt.work.sub", c""),
                (c"row_security", c"on"),
                (c"search_path", self.search_path.as_c_str()),
            ],
        ]
        .concat();
        pg::Alarm::Statement.within(pg::statement_timeout(), || pg::as_user(self.role, &settings, body))
    }
}
