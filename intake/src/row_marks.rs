//! Columns that say of a row what no column of a table takes: that it is to be removed, or that its amount goes out.

mod debits;
mod removals;

use crate::constraint::{Comparison, Condition, Constraint};
use crate::kind::Kind;
use crate::mapping::{Destination, Mapping};
use crate::notes::Notes;
use crate::remark::Remark;
use crate::table::{Column, Table};
use debits::Debits;
use removals::Removals;

/// The columns of a file that mark rows. Most files have none.
#[derive(Default)]
pub(crate) struct RowMarks {
    removals: Vec<Marks<Removals>>,
    debits: Vec<Marks<Debits>>,
    /// Which columns of the file are amounts, which may have a sign.
    amounts: Vec<usize>,
}

/// A column of marks.
struct Marks<M> {
    /// Index in the file's columns.
    column: usize,
    name: String,
    marks: M,
}

impl RowMarks {
    /// `rows` are the first of the file.
    pub(crate) fn of(table: &Table, mapping: &Mapping, rows: &[Vec<String>]) -> Self {
        let target = |to: &Destination| match to {
            Destination::Column(index) => Some(&table.columns[*index]),
            // A share has its sign by its column.
            Destination::Share(..) | Destination::Attribute(_) | Destination::Ignored => None,
        };
        let mut found = RowMarks::default();
        for (column, (name, to)) in mapping.header.iter().zip(&mapping.destinations).enumerate() {
            let cells = || rows.iter().filter_map(move |row| row.get(column).map(String::as_str));
            let marks = || Marks { column, name: name.clone(), marks: () };
            match target(to) {
                Some(target) if is_amount(target) => found.amounts.push(column),
                // The table takes the words; the amounts are not what they say all the same.
                Some(Column { kind: Kind::Text { .. }, is_key: false, .. }) => {
                    found.debits.extend(Debits::in_books(name, cells()).map(|it| marks().with(it)));
                }
                Some(_) => {}
                None => {
                    found.removals.extend(Removals::of(name).map(|it| marks().with(it)));
                    found.debits.extend(Debits::of(name, cells()).map(|it| marks().with(it)));
                }
            }
        }
        if found.amounts.is_empty() {
            found.debits.clear();
        }
        found
    }

    pub(crate) fn are_none(&self) -> bool {
        self.removals.is_empty() && self.debits.is_empty()
    }

    /// Remarks on a row that was taken; `cells` are its texts.
    #[inline(never)]
    pub(crate) fn remark<'c>(
        &self,
        cells: impl Iterator<Item = &'c str> + Clone,
        line: u64,
        notes: &mut Notes,
    ) {
        let cell = |column: usize| cells.clone().nth(column).unwrap_or_default().trim();
        for Marks { column, name, marks } in &self.removals {
            if marks.has(cell(*column)) {
                notes.add(name, Remark::Removal, line, Some(cell(*column)));
            }
        }
        for Marks { column, name, marks } in &self.debits {
            if marks.has(cell(*column)) && self.amounts.iter().all(|amount| has_no_sign(cell(*amount))) {
                notes.add(name, Remark::UnsignedDebit, line, Some(cell(*column)));
            }
        }
    }
}

impl Marks<()> {
    fn with<M>(self, marks: M) -> Marks<M> {
        Marks { column: self.column, name: self.name, marks }
    }
}

/// Whether a column has amounts of money, of which some may be negative.
fn is_amount(column: &Column) -> bool {
    use Comparison::{AtLeast, MoreThan};
    let is_positive = |it: &Constraint| matches!(it.condition, Condition::Number(AtLeast | MoreThan, 0..));
    column.kind.is_number() && !column.is_key && !column.constraints.iter().any(is_positive)
}

/// Of an amount that is none, too: `0`, or nothing.
fn has_no_sign(amount: &str) -> bool {
    let is_minus = |c: char| matches!(c, '-' | '\u{2212}' | '\u{2013}' | '(');
    // `12.-` has no cents.
    let amount = amount.trim_end_matches([',', '.', '-', '\u{2013}', '\u{2014}']);
    !amount.contains(is_minus) && amount.chars().any(|c| c.is_numeric() && c != '0')
}
