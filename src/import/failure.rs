//! Why an import failed as a whole.

use crate::job::Claim;
use crate::pg::Caught;
use intake::{FileError, Refusal};
use std::fmt;

/// Nothing was imported. `Display` is what the job's error_message says: message, DETAIL and HINT on lines of their own.
#[derive(Debug)]
pub struct Failure {
    pub message: String,
    pub detail: Option<String>,
    pub hint: Option<String>,
    /// The refused rows that led to it, kept for whoever has to mend the file.
    pub refusals: Vec<Refusal>,
}

impl Failure {
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), detail: None, hint: None, refusals: Vec::new() }
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
            .hint("Let an active member submit the file again.")
    }

    pub fn no_such_role(claim: &Claim) -> Self {
        Self::new(format!("role \"{}\" does not exist any more", claim.submitted_as))
            .detail("A job runs as the role that submitted it.")
            .hint("Submit the file again.")
    }

    pub fn no_such_target(claim: &Claim) -> Self {
        Self::new(format!("data type {} does not exist any more", claim.data_type)).hint(
            "Protect the table again with teamwork.protect_table, or submit the file for another table.",
        )
    }

    pub fn taken_away() -> Self {
        Self::new("the job was taken away while it ran")
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
        Self { message, detail: caught.detail, hint: caught.hint, refusals: Vec::new() }
    }
}

impl From<FileError> for Failure {
    fn from(error: FileError) -> Self {
        Self { message: error.to_string(), detail: error.detail(), hint: error.hint(), refusals: Vec::new() }
    }
}
