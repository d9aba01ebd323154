//! Refusals grouped by cause, for the job's report.

use crate::refusal::{CellError, Refusal};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::borrow::Cow;

/// Causes told apart; the rest are counted together.
const MAX_KEPT: usize = 100;

/// Counts refused cells by SQLSTATE and column, with an example of each.
///
/// ```
/// use intake::{Causes, CellError, Refusal, sqlstate};
///
/// let cell = CellError {
///     column: Some("price".into()),
///     value: None,
///     code: sqlstate::INVALID_TEXT.into(),
///     message: "invalid input syntax".into(),
///     suggestion: None,
/// };
/// let mut causes = Causes::new();
/// causes.add(&Refusal { line: 7, byte_offset: None, raw: String::new(), cells: vec![cell] });
/// assert_eq!(causes.to_json()[0]["line"], 7);
/// ```
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "Vec<Cause>", into = "Vec<Cause>")]
pub struct Causes {
    kept: Vec<Cause>,
    other: Option<Cause>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Cause {
    code: Cow<'static, str>,
    column: Option<String>,
    count: u64,
    /// Where the cause was first seen.
    line: u64,
    message: String,
}

impl Causes {
    /// No causes yet.
    pub fn new() -> Self {
        Causes::default()
    }

    /// Counts every refused cell of a record.
    pub fn add(&mut self, refusal: &Refusal) {
        for cell in &refusal.cells {
            self.count(refusal.line, cell);
        }
    }

    fn count(&mut self, line: u64, cell: &CellError) {
        self.merge(cell.code.clone(), cell.column.as_deref(), 1, line, &cell.message);
    }

    fn merge(&mut self, code: Cow<'static, str>, column: Option<&str>, count: u64, line: u64, message: &str) {
        let same = |cause: &&mut Cause| cause.code == code && cause.column.as_deref() == column;
        if let Some(cause) = self.kept.iter_mut().find(same) {
            cause.count += count;
        } else if self.kept.len() < MAX_KEPT {
            let (column, message) = (column.map(str::to_owned), message.to_owned());
            self.kept.push(Cause { code, column, count, line, message });
        } else {
            let message = "other causes".to_owned();
            let first = Cause { code: "other".into(), column: None, count: 0, line, message };
            self.other.get_or_insert(first).count += count;
        }
    }

    /// `[{"code", "column", "count", "line", "message"}]`, the most frequent first, `"code": "other"` last;
    /// line and message are those of the first case.
    pub fn to_json(&self) -> Value {
        json!(self)
    }
}

impl From<Causes> for Vec<Cause> {
    fn from(Causes { mut kept, other }: Causes) -> Self {
        kept.sort_by_key(|cause| std::cmp::Reverse(cause.count));
        kept.into_iter().chain(other).collect()
    }
}

impl From<Vec<Cause>> for Causes {
    fn from(listed: Vec<Cause>) -> Self {
        let mut causes = Causes::new();
        for Cause { code, column, count, line, message } in listed {
            causes.merge(code, column.as_deref(), count, line, &message);
        }
        causes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(line: u64, code: &'static str, column: &str) -> Refusal {
        let cells = vec![CellError::new(code, format!("on {line}")).in_column(Some(column))];
        Refusal { line, byte_offset: None, raw: String::new(), cells }
    }

    #[test]
    fn causes_are_counted_by_code_and_column_with_the_first_line() {
        let mut causes = Causes::new();
        for (line, code, column) in
            [(2, "22P02", "a"), (3, "22P02", "b"), (5, "22P02", "b"), (7, "22003", "a")]
        {
            causes.add(&refusal(line, code, column));
        }
        let report = causes.to_json();
        assert_eq!(
            report[0],
            json!({"code": "22P02", "column": "b", "count": 2, "line": 3, "message": "on 3"})
        );
        assert_eq!(report.as_array().map(Vec::len), Some(3));
    }

    #[test]
    fn causes_beyond_a_hundred_are_summed() {
        let mut causes = Causes::new();
        for line in 0..150 {
            causes.add(&refusal(line, "22P02", &format!("c{line}")));
        }
        let report = causes.to_json();
        assert_eq!(report.as_array().map(Vec::len), Some(101));
        assert_eq!((&report[100]["code"], &report[100]["count"]), (&json!("other"), &json!(50)));
    }
}
