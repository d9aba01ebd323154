//! Why a job failed as a whole.

use crate::pg::Caught;
use intake::sqlstate::{BAD_FILE_FORMAT, INVALID_PARAMETER};
use intake::{FileError, Refusal};
use std::fmt;
use std::time::Duration;

/// Nothing of the job's work is left. `Display` is what the job's error_message says: message, DETAIL and HINT on lines of their own.
#[derive(Debug)]
pub struct Failure {
    finder: Finder,
    pub message: String,
    pub detail: Option<String>,
    pub hint: Option<String>,
    /// The refused rows that led to it, kept for whoever corrects the file.
    pub refusals: Vec<Refusal>,
}

/// Who has found the fault, with its SQLSTATE.
#[derive(Debug)]
enum Finder {
    /// The job's own checks, or those of the reader, which have one.
    Job(Option<Box<str>>),
    /// Later rows of a file: they rule out how the first ones were read. All rows together say how.
    LaterRows,
    /// PostgreSQL. People look its errors up by their SQLSTATE, so that it is told with the message.
    Database(Box<str>),
}

impl Failure {
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            finder: Finder::Job(None),
            message: message.into(),
            detail: None,
            hint: None,
            refusals: Vec::new(),
        }
    }

    pub fn detail(self, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..self }
    }

    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    pub fn refusals(self, refusals: Vec<Refusal>) -> Self {
        Self { refusals, ..self }
    }

    /// A fault that the job's own checks have found, with its SQLSTATE.
    pub fn code(self, sqlstate: &str) -> Self {
        Self { finder: Finder::Job(Some(sqlstate.into())), ..self }
    }

    pub fn taken_away() -> Self {
        Self::new("the job was taken away while it ran")
    }

    pub fn timed_out(limit: Duration) -> Self {
        Self::new(format!("the job took longer than teamwork.job_timeout allows, {limit:?}"))
            .detail("Nothing of it was kept.")
            .hint("Split the file, or let an administrator raise teamwork.job_timeout.")
    }

    /// `None` of most of the job's own checks.
    pub fn sqlstate(&self) -> Option<&str> {
        match &self.finder {
            Finder::Job(sqlstate) => sqlstate.as_deref(),
            Finder::LaterRows => Some(BAD_FILE_FORMAT),
            Finder::Database(sqlstate) => Some(sqlstate),
        }
    }

    /// Whether another attempt is to look through the whole file before it reads numbers and dates.
    pub fn rules_out_a_guess(&self) -> bool {
        matches!(self.finder, Finder::LaterRows)
    }

    /// Raises it in the statement that asked for the work, where no job is to say it.
    pub fn raise(self) -> ! {
        let sqlstate = self.sqlstate().unwrap_or(INVALID_PARAMETER).to_owned();
        Caught { sqlstate, message: self.message, detail: self.detail, hint: self.hint }.raise()
    }

    /// Whether the same job may well succeed in a while: the server was short of something, or others were in the way.
    pub fn is_transient(&self) -> bool {
        let sqlstate = self.sqlstate().unwrap_or_default();
        // Serialization and deadlock; resources but for configured limits; connections.
        ["40001", "40P01"].contains(&sqlstate)
            || ["53", "08"].iter().any(|class| sqlstate.starts_with(class)) && sqlstate != "53400"
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if let Finder::Database(sqlstate) = &self.finder {
            write!(f, " (SQLSTATE {sqlstate})")?;
        }
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
        Self {
            finder: Finder::Database(caught.sqlstate.into()),
            detail: caught.detail,
            hint: caught.hint,
            ..Self::new(caught.message)
        }
    }
}

impl From<FileError> for Failure {
    fn from(error: FileError) -> Self {
        Self {
            finder: match error {
                FileError::GuessRuledOut { .. } => Finder::LaterRows,
                _ => Finder::Job(Some(error.sqlstate().into())),
            },
            detail: error.detail(),
            hint: error.hint(),
            ..Self::new(error.to_string())
        }
    }
}
