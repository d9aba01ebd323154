//! The order in which rows go into an index. Inserted in the order of the keys, a batch touches each page of the index
//! once. Any order is correct; one near the index's own is fast.

use crate::row_plan::{Fill, RowPlan};
use crate::value::Storage;
use intake::Batch;

/// The rows by their keys; None when they come in that order, when all keys begin alike, and when the order is not
/// known yet.
pub(crate) fn of(index: &[usize], plan: &RowPlan, batch: &Batch) -> Option<Vec<u32>> {
    let leading = &plan.attributes[leading(index, plan)?];
    if leading.fill.is_deferred() {
        return None;
    }
    let storage = leading.storage.as_ref()?;
    let text = |row: u32| leading.text(batch, row as usize).unwrap_or_default();
    let mut keys: Vec<(u64, u32)> =
        (0..batch.rows() as u32).map(|row| (prefix(storage, text(row)), row)).collect();
    let compare = |a: &(u64, u32), b: &(u64, u32)| a.0.cmp(&b.0).then_with(|| text(a.1).cmp(text(b.1)));
    if keys.is_sorted_by(|a, b| compare(a, b).is_le()) {
        return None;
    }
    keys.sort_by(compare);
    Some(keys.into_iter().map(|(_, row)| row).collect())
}

/// The attribute in whose order the keys of an index are, if that is deferred.
pub(crate) fn deferred_key(index: &[usize], plan: &RowPlan) -> Option<usize> {
    leading(index, plan).filter(|attribute| plan.attributes[*attribute].fill.is_deferred())
}

/// The rows by their UUIDs.
pub(crate) fn of_uuids(uuids: &[[u8; 16]]) -> Vec<u32> {
    let mut rows: Vec<u32> = (0..uuids.len() as u32).collect();
    rows.sort_unstable_by_key(|row| u128::from_be_bytes(uuids[*row as usize]));
    rows
}

/// The first attribute of an index that differs from row to row in another way than they are numbered.
fn leading(index: &[usize], plan: &RowPlan) -> Option<usize> {
    let varies =
        |position: &usize| matches!(plan.attributes[*position].fill, Fill::Cell { .. } | Fill::Random);
    index.iter().copied().find(varies)
}

/// A number in whose order the values are, as far as it goes.
fn prefix(storage: &Storage, text: &str) -> u64 {
    if storage.is_textual() {
        let mut bytes = [0; 8];
        let len = text.len().min(8);
        bytes[..len].copy_from_slice(&text.as_bytes()[..len]);
        return u64::from_be_bytes(bytes);
    }
    let bits = text.parse::<f64>().unwrap_or(0.0).to_bits();
    // Of IEEE numbers those below zero are in reverse.
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}
