//! What there is to remark about a sheet of a workbook.

use crate::notes::Notes;
use crate::remark::Remark;
use crate::workbook::SheetLayout;

/// Remarks about the other sheets, and about rows behind `header`, the line of the header.
pub(crate) fn notes_on_sheet(layout: &SheetLayout, others: &[String], header: u64) -> Notes {
    let mut notes = Notes::default();
    let mut add = |remark, lines: &mut dyn Iterator<Item = u64>| {
        lines.filter(|line| *line > header).for_each(|line| notes.add("", remark, line, None));
    };
    add(Remark::HiddenRow, &mut layout.hidden.iter().copied());
    add(Remark::MergedCell, &mut layout.merged_rows());
    add(Remark::FormulaWithoutValue, &mut layout.without_value.iter().copied());
    for sheet in others {
        notes.add("", Remark::OtherSheet, header, Some(sheet));
    }
    notes
}
