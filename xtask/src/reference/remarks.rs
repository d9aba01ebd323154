//! What a COMMENT says: its first line for everybody, then lines that this page reads.

use anyhow::{Context, Result, bail, ensure};

/// The SQLSTATEs that functions name, with PostgreSQL's names for them.
pub const CONDITIONS: [(&str, &str); 18] = [
    ("22004", "null_value_not_allowed"),
    ("22023", "invalid_parameter_value"),
    ("22P04", "bad_copy_file_format"),
    ("23502", "not_null_violation"),
    ("23503", "foreign_key_violation"),
    ("23505", "unique_violation"),
    ("23514", "check_violation"),
    ("25000", "invalid_transaction_state"),
    ("25006", "read_only_sql_transaction"),
    ("28000", "invalid_authorization_specification"),
    ("42501", "insufficient_privilege"),
    ("42703", "undefined_column"),
    ("42804", "datatype_mismatch"),
    ("42809", "wrong_object_type"),
    ("42P01", "undefined_table"),
    ("54000", "program_limit_exceeded"),
    ("55000", "object_not_in_prerequisite_state"),
    ("P0002", "no_data_found"),
];

/// A COMMENT, taken apart.
#[derive(Debug, Default)]
pub struct Remarks {
    pub text: String,
    /// Whom an object of the schema `teamwork` is for; of those without it the page says nothing.
    pub audience: Option<String>,
    /// SQLSTATEs and when they are raised; `None` where the comment does not say.
    pub errors: Option<Vec<(String, String)>>,
}

impl Remarks {
    pub fn of(comment: &str) -> Result<Self> {
        let mut remarks = Self::default();
        let mut lines = comment.lines();
        remarks.text = lines.next().unwrap_or_default().to_owned();
        for line in lines {
            match line.split_once(": ") {
                Some(("For", audience)) => remarks.audience = Some(audience.to_owned()),
                Some(("Errors", errors)) => remarks.errors = Some(errors_of(errors)?),
                _ => bail!("a comment has a line that is neither `For: …` nor `Errors: …`: {line}"),
            }
        }
        Ok(remarks)
    }
}

fn errors_of(line: &str) -> Result<Vec<(String, String)>> {
    if line == "none" {
        return Ok(Vec::new());
    }
    line.split("; ").map(error_of).collect()
}

fn error_of(part: &str) -> Result<(String, String)> {
    let (code, when) = part.split_once(' ').with_context(|| format!("not an error and when: {part}"))?;
    ensure!(name_of(code).is_some(), "not a SQLSTATE that this page knows: {code}");
    Ok((code.to_owned(), when.to_owned()))
}

/// PostgreSQL's name for a SQLSTATE.
pub fn name_of(code: &str) -> Option<&'static str> {
    CONDITIONS.iter().find(|(known, _)| *known == code).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_says_what_whom_it_is_for_and_what_it_raises() {
        let comment = "Does it\nFor: administrators\nErrors: 42501 unless allowed; 22023 for NULL";
        let remarks = Remarks::of(comment).unwrap();
        assert_eq!((remarks.text.as_str(), remarks.audience.as_deref()), ("Does it", Some("administrators")));
        let errors = remarks.errors.unwrap();
        assert_eq!(errors[1], ("22023".to_owned(), "for NULL".to_owned()));
    }

    #[test]
    fn an_unknown_sqlstate_or_line_is_no_remark() {
        assert!(Remarks::of("Does it\nErrors: 99999 always").is_err());
        assert!(Remarks::of("Does it\nand more").is_err());
    }
}
