//! The sheets of a workbook.

use calamine::{SheetType, SheetVisible};

/// A sheet that may have a table.
#[derive(Debug, Clone)]
pub(super) struct Sheet {
    pub(super) name: String,
    pub(super) is_visible: bool,
}

impl Sheet {
    /// Those that are no charts or macros.
    pub(super) fn all(sheets: &[calamine::Sheet]) -> Vec<Sheet> {
        let tables = sheets.iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
        let sheet = |sheet: &calamine::Sheet| Sheet {
            name: sheet.name.clone(),
            is_visible: sheet.visible == SheetVisible::Visible,
        };
        tables.map(sheet).collect()
    }
}
