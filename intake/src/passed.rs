//! Records that are no data, and what they are instead.

use serde_json::{Value, json};

/// Why a record is no data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passed {
    Blank,
    Comment,
    RepeatedHeader,
    /// Under the header: `(kg)`, `EUR`.
    Units,
    /// Under the header, in other words.
    SecondHeader,
    /// The last row, with the sum of a column.
    Total,
}

impl Passed {
    pub fn reason(self) -> &'static str {
        match self {
            Passed::Blank => "blank line",
            Passed::Comment => "comment",
            Passed::RepeatedHeader => "header row again",
            Passed::Units => "row of units",
            Passed::SecondHeader => "second header row",
            Passed::Total => "row of totals",
        }
    }
}

/// Records passed over, by reason.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PassedOver(Vec<Group>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Group {
    why: Passed,
    count: u64,
    /// Of the first of them.
    line: u64,
}

impl PassedOver {
    pub(crate) fn add(&mut self, line: u64, why: Passed) {
        self.merge(Group { why, count: 1, line });
    }

    fn merge(&mut self, group: Group) {
        match self.0.iter_mut().find(|known| known.why == group.why) {
            Some(known) => known.count += group.count,
            None => self.0.push(group),
        }
    }

    /// Adds those of a later stretch of the file.
    pub fn append(&mut self, later: &PassedOver) {
        later.0.iter().cloned().for_each(|group| self.merge(group));
    }

    /// How many records.
    pub fn count(&self) -> u64 {
        self.0.iter().map(|group| group.count).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `[{"reason", "count", "line"}]` with the line of the first, in the order of the file.
    pub fn to_json(&self) -> Value {
        let json = |Group { why, count, line }: &Group| json!({"reason": why.reason(), "count": count, "line": line});
        self.0.iter().map(json).collect()
    }
}
