//! Lines of a file that are no data, and what they are instead.

use serde::{Deserialize, Serialize};

/// Why a record is no data. Written down in words, for reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SkipReason {
    /// A line of nothing, of white space or of delimiters.
    #[serde(rename = "blank line")]
    Blank,
    /// A line that begins with `#`.
    #[serde(rename = "comment")]
    Comment,
    /// The same cells as the header.
    #[serde(rename = "header row again")]
    RepeatedHeader,
    /// Under the header: `(kg)`, `EUR`.
    #[serde(rename = "row of units")]
    Units,
    /// Under the header, in other words.
    #[serde(rename = "second header row")]
    SecondHeader,
    /// Dashes under the header, or around the table.
    #[serde(rename = "line of dashes")]
    Rule,
    /// Of a product, with nothing but an image.
    #[serde(rename = "row of an image")]
    Image,
    /// Of another location than the one that is asked for.
    #[serde(rename = "row of another location")]
    OtherLocation,
    /// Added to an earlier row of the same key.
    #[serde(rename = "added to the first row of its key")]
    AddedUp,
    /// The last row, with the sum of a column.
    #[serde(rename = "row of totals")]
    Total,
}

/// The lines that were skipped, by reason. As JSON `[{"reason", "count", "line"}]` with the line of the first, in the order of the
/// file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkippedLines(Vec<Group>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Group {
    #[serde(rename = "reason")]
    why: SkipReason,
    count: u64,
    /// Of the first of them.
    line: u64,
}

impl SkippedLines {
    pub(crate) fn add(&mut self, line: u64, why: SkipReason) {
        self.merge(Group { why, count: 1, line });
    }

    fn merge(&mut self, group: Group) {
        match self.0.iter_mut().find(|known| known.why == group.why) {
            Some(known) => known.count += group.count,
            None => self.0.push(group),
        }
    }

    /// Adds those of a later stretch of the file.
    pub fn append(&mut self, later: &SkippedLines) {
        later.0.iter().cloned().for_each(|group| self.merge(group));
    }

    /// How many records.
    pub fn count(&self) -> u64 {
        self.0.iter().map(|group| group.count).sum()
    }

    /// Whether no line was skipped.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
