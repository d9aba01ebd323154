//! In whose name a job runs.

use crate::failure::Failure;
use crate::job::Work;
use crate::roles::AUTHENTICATED;
use crate::{
    claims, identity,
    pg::{self, setting_name},
};
use pgrx::pg_sys;
use std::ffi::{CStr, CString};

/// The role, or, where it is exempt from row-level security, the one that stands in: rows are always written and read under it.
pub fn under_row_security(role: pg_sys::Oid) -> Option<pg_sys::Oid> {
    if pg::is_exempt_from_row_security(role) { pg::role(AUTHENTICATED) } else { Some(role) }
}

/// The creator of a job, in whose name its rows are written and read.
pub struct Creator {
    pub id: pgrx::Uuid,
    pub team: pgrx::Uuid,
    role: pg_sys::Oid,
    pub role_name: String,
    /// The settings of a request, the creator's claims among them, and of the session that are the creator's.
    settings: Vec<(CString, CString)>,
}

impl Creator {
    /// Fails when the creator has left the team since the job was made.
    pub fn of(work: &Work) -> Result<Self, Failure> {
        if identity::team_of(work.created_by) != Some(work.organization_id) {
            return Err(work.lost_its_creator());
        }
        let submitted_as = pg::role(&work.submitted_as).ok_or_else(|| work.lost_its_role())?;
        let role = under_row_security(submitted_as).ok_or_else(|| work.lost_its_role())?;
        let name = if role == submitted_as { work.submitted_as.as_str() } else { AUTHENTICATED };
        Ok(Self {
            id: work.created_by,
            team: work.organization_id,
            role,
            role_name: name.to_owned(),
            settings: Self::settings(work, name),
        })
    }

    /// The creator's claims and no others, whatever the database, the role or the session has.
    fn settings(work: &Work, role: &str) -> Vec<(CString, CString)> {
        let claims = serde_json::json!({ "sub": work.created_by.to_string(), "role": role }).to_string();
        // The worker's own search path is none of the creator's triggers' business.
        let search_path = pg::default_setting(setting_name::SEARCH_PATH).unwrap_or_default();
        let no_claim = claims::all().into_iter().map(|name| (name, CString::default()));
        let own = [
            (claims::CLAIMS, claims),
            (setting_name::ROW_SECURITY, "on".to_owned()),
            (setting_name::SEARCH_PATH, search_path),
        ];
        let own = own.map(|(name, value)| (name.to_owned(), CString::new(value).unwrap_or_default()));
        no_claim.chain(own).collect()
    }

    /// Runs the body as the creator: role, claims, row-level security.
    pub fn act<R>(&self, body: impl FnOnce() -> R) -> R {
        self.act_with(&[], body)
    }

    /// The same, with settings of the job's own.
    pub fn act_with<R>(&self, own: &[(&CStr, &CStr)], body: impl FnOnce() -> R) -> R {
        let creators = self.settings.iter().map(|(name, value)| (name.as_c_str(), value.as_c_str()));
        let settings: Vec<_> = own.iter().copied().chain(creators).collect();
        pg::Timeout::Statement.within(pg::statement_timeout(), || pg::as_user(self.role, &settings, body))
    }
}
