//! A PostgreSQL error or a Rust panic that was caught, as plain data.

use pgrx::pg_sys::panic::{CaughtError, ErrorReport};
use pgrx::{PgLogLevel, PgSqlErrorCode, function_name};

/// What is left of an error after its (sub)transaction is rolled back.
#[derive(Debug, Clone)]
pub struct Caught {
    /// Five characters.
    pub sqlstate: String,
    pub message: String,
    pub detail: Option<String>,
    pub hint: Option<String>,
}

impl Caught {
    /// Raises the error again.
    pub fn raise(self) -> ! {
        let code = PgSqlErrorCode::from(packed_sqlstate(&self.sqlstate));
        let mut report = ErrorReport::new(code, self.message, function_name!());
        if let Some(detail) = self.detail {
            report = report.set_detail(detail);
        }
        if let Some(hint) = self.hint {
            report = report.set_hint(hint);
        }
        report.report(PgLogLevel::ERROR);
        unreachable!("an ERROR does not return")
    }
}

impl From<CaughtError> for Caught {
    fn from(error: CaughtError) -> Self {
        let (CaughtError::PostgresError(report)
        | CaughtError::ErrorReport(report)
        | CaughtError::RustPanic { ereport: report, .. }) = error;
        Self {
            sqlstate: sqlstate_text(report.sql_error_code() as i32),
            message: report.message().to_owned(),
            detail: report.detail().map(str::to_owned),
            hint: report.hint().map(str::to_owned),
        }
    }
}

impl std::fmt::Display for Caught {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

/// PostgreSQL packs five characters of six bits each, lowest first (`MAKE_SQLSTATE` in `elog.h`).
fn sqlstate_text(packed: i32) -> String {
    (0..5).map(|place| char::from((((packed >> (6 * place)) & 0x3F) as u8) + b'0')).collect()
}

fn packed_sqlstate(text: &str) -> i32 {
    (0..).zip(text.bytes()).fold(0, |sum, (place, c)| sum + (i32::from(c.wrapping_sub(b'0')) << (6 * place)))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_packed_sqlstate_reads_as_its_five_characters() {
        // errcodes.h: ERRCODE_UNIQUE_VIOLATION
        let packed = super::packed_sqlstate("23505");
        assert_eq!(packed, pgrx::pg_sys::errcodes::PgSqlErrorCode::ERRCODE_UNIQUE_VIOLATION as i32);
        assert_eq!(super::sqlstate_text(packed), "23505");
    }
}
