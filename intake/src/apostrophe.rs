//! Apostrophes before cells that a spreadsheet would run, and before those that could be taken for such cells: one comes,
//! and one goes again.

use crate::formula::is_formula;
use std::borrow::Cow;

/// Whether an apostrophe at the beginning of a cell would be taken off where formulas have one.
pub fn looks_escaped(cell: &str) -> bool {
    unescape_formula(cell).len() < cell.len()
}

/// What [`escape_formula`] was given.
pub(crate) fn unescape_formula(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| is_formula_or_escaped(rest)).unwrap_or(cell)
}

/// The cell, with an apostrophe if it is a formula. Numbers are none, whatever their sign.
pub(crate) fn escape_formula(cell: &str) -> Cow<'_, str> {
    if is_formula_or_escaped(cell) && !is_number(cell) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

/// Whether a cell is a formula but for the apostrophes before it.
fn is_formula_or_escaped(cell: &str) -> bool {
    is_formula(cell.trim_start_matches('\''))
}

fn is_number(cell: &str) -> bool {
    let unsigned = cell.strip_prefix(['-', '+']).unwrap_or(cell);
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | ' ' | '%' | '$' | '€' | '£' | '¥');
    unsigned.contains(|c: char| c.is_ascii_digit()) && unsigned.chars().all(is_part)
}
