//! Why a job failed as a whole.

use crate::job::Claim;
use crate::pg::Caught;
use intake::{FileError, Refusal};
use pgrx::pg_sys::panic::ErrorReport;
use pgrx::{PgLogLevel, PgSqlErrorCode, function_name};
use std::fmt;
use std::time::Duration;

/// Nothing of the job's work is left. `Display` is what the job's error_message says: message, DETAIL and HINT on lines of their own.
#[derive(Debug)]
pub struct Failure {
    /// Of the error that ended the job; `None` when the job's own checks did.
    pub sqlstate: Option<String>,
    pub message: String,
    pub detail: Option<String>,
    pub hint: Option<String>,
    /// The refused rows that led to it, kept for whoever has to mend the file.
    pub refusals: Vec<Refusal>,
}

impl Failure {
    pub fn new(message: impl Into<String>) -> Self {
        Self { sqlstate: None, message: message.into(), detail: None, hint: None, refusals: Vec::new() }
    }

    pub fn detail(self, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..self }
    }

    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    pub fn not_a_member(claim: &Claim) -> Self {
        Self::new("the creator of the job is not an active member of its team any more")
            .detail(format!("User {} submitted the job for team {}.", claim.created_by, claim.organization))
            .hint("Let an active member submit the job again.")
    }

    pub fn no_such_role(claim: &Claim) -> Self {
        Self::new(format!("role \"{}\" does not exist any more", claim.submitted_as))
            .detail("A job runs as the role that submitted it.")
            .hint("Submit the job again.")
    }

    pub fn no_such_target(claim: &Claim) -> Self {
        Self::new(format!("data type {} does not exist any more", claim.data_type))
            .hint("Protect the table again with teamwork.protect_table, or submit the job for another table.")
    }

    /// Of an import that was asked to commit in between. It heals: the next attempt goes on with the table as it is then.
    pub fn table_changed(claim: &Claim) -> Self {
        Self {
            sqlstate: Some("40001".into()),
            ..Self::new(format!("table {} was changed while the import ran", claim.data_type))
        }
    }

    pub fn taken_away() -> Self {
        Self::new("the job was taken away while it ran")
    }

    pub fn timed_out(limit: Duration) -> Self {
        Self::new(format!("the job took longer than teamwork.job_timeout allows, {limit:?}"))
            .detail("Nothing of it was kept.")
            .hint("Split the file, or let an administrator raise teamwork.job_timeout.")
    }

    /// Whether the same job may well succeed in a while: the server was short of something, or others were in the way.
    pub fn is_transient(&self) -> bool {
        let sqlstate = self.sqlstate.as_deref().unwrap_or_default();
        // Serialization and deadlock; resources but for configured limits; connections.
        ["40001", "40P01"].contains(&sqlstate)
            || ["53", "08"].iter().any(|class| sqlstate.starts_with(class)) && sqlstate != "53400"
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if let Some(detail) = &self.detail {
            write!(f, "\nDETAIL: {detail}")?;
        }
        if let Some(hint) = &self.hint {
            write!(f, "\nHINT: {hint}")?;
        }
        Ok(())
    }
}

impl From<Caught> for Failure {
    fn from(caught: Caught) -> Self {
        let message = format!("{} (SQLSTATE {})", caught.message, caught.sqlstate);
        Self {
            sqlstate: Some(caught.sqlstate),
            message,
            detail: caught.detail,
            hint: caught.hint,
            refusals: Vec::new(),
        }
    }
}

impl From<FileError> for Failure {
    fn from(error: FileError) -> Self {
        Self { detail: error.detail(), hint: error.hint(), ..Self::new(error.to_string()) }
    }
}

/// Raises what is wrong with a file in the statement that was given it.
pub fn raise(error: &FileError) -> ! {
    // As MAKE_SQLSTATE packs it: six bits a character, the first lowest.
    let code = error.sqlstate().bytes().rev().fold(0, |code, byte| code << 6 | i32::from(byte - b'0') & 0x3F);
    let mut report = ErrorReport::new(PgSqlErrorCode::from(code), error.to_string(), function_name!());
    if let Some(detail) = error.detail() {
        report = report.set_detail(detail);
    }
    if let Some(hint) = error.hint() {
        report = report.set_hint(hint);
    }
    report.report(PgLogLevel::ERROR);
    unreachable!("an ERROR does not return")
}
