//! Tells data from lines that are skipped: blank lines, comments, repeated headers, totals.

use crate::header_detection::DetectedHeader;
use crate::record::{Record, RecordKind};
use crate::skipped::SkipReason;
use crate::totals::Sums;

/// What tells data from what is none.
#[derive(Debug)]
pub(crate) struct LineClassifier {
    /// The line of the header, and its cells as they stand in the file.
    pub(crate) header: Option<(u64, Vec<String>)>,
    width: usize,
    /// Lines under the header that are no data.
    under: Vec<(u64, SkipReason)>,
    /// There are comments among the rows.
    comments: bool,
    /// Rows are data, whatever they look like.
    is_own: bool,
    sums: Sums,
}

impl LineClassifier {
    /// Of a file with that many columns, and without a header as yet.
    pub(crate) fn of(detected: &DetectedHeader, width: usize) -> Self {
        let sums = Sums::of(&detected.numbers);
        LineClassifier {
            header: None,
            width,
            under: detected.under.clone(),
            comments: detected.comments,
            is_own: detected.is_own,
            sums,
        }
    }

    pub(crate) fn skip_reason(&mut self, record: &Record<'_>) -> Option<SkipReason> {
        if record.is_bare() {
            return Some(SkipReason::Blank);
        }
        if record.kind != RecordKind::Row {
            return None;
        }
        let under = self.under.iter().find(|(line, _)| *line == record.line).map(|(_, why)| *why);
        if under.is_some() {
            return under;
        }
        if self.is_header(record) {
            Some(SkipReason::RepeatedHeader)
        } else if self.is_own {
            None
        } else if self.is_comment(record) {
            Some(SkipReason::Comment)
        } else if self.is_rule(record) {
            Some(SkipReason::Rule)
        } else if record.last && self.sums.are_total(record) {
            Some(SkipReason::Total)
        } else {
            self.sums.add(record);
            None
        }
    }

    fn is_header(&self, record: &Record<'_>) -> bool {
        let Some((_, cells)) = &self.header else { return false };
        let mut pairs = cells.iter().zip(record.fields());
        record.fields().len() == cells.len() && pairs.all(|(cell, field)| cell.as_bytes() == field.bytes)
    }

    /// Whether a record is a line as it is drawn in tables: `---|---`, `------+-----`.
    fn is_rule(&self, record: &Record<'_>) -> bool {
        let draws = |byte: &u8| b"-=+|: \t".contains(byte);
        self.width > 1
            && record.raw.first().is_some_and(draws)
            && record.raw.iter().all(draws)
            && record.raw.windows(3).any(|three| three == b"---" || three == b"===")
    }

    /// Whether a record begins with `#` and has no other cell. In a file with comments it may have others, if their
    /// number is not that of the columns.
    fn is_comment(&self, record: &Record<'_>) -> bool {
        record.raw.starts_with(b"#")
            && self.width > 1
            && (record.fields().skip(1).all(|field| field.bytes.is_empty())
                || (self.comments && record.fields().len() != self.width)
                || record.raw.starts_with(b"#INFO"))
    }
}
