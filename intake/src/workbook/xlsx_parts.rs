//! The parts of an `.xlsx`, looked at before a reader takes their word for anything: how much memory they would take, and
//! what a sheet has besides its cells.

use super::layout::SheetLayout;
use super::sheet_parts::sheet_parts;
use super::xml_scan::{Scan, scan};
use crate::content::is_bomb;
use crate::error::FileError;
use crate::format::Format;
use std::collections::HashMap;
use std::io::Cursor;
use std::sync::Arc;
use zip::ZipArchive;

/// Memory that a text takes, beside its bytes: as a string of its own, and its place in the list.
const TEXT_OVERHEAD: u64 = 48;

pub(super) struct Parts {
    archive: ZipArchive<Cursor<Arc<[u8]>>>,
    size: u64,
    /// The part of each sheet that has been looked at, by the name of the sheet.
    layouts: HashMap<String, SheetLayout>,
    /// The name of the part that has a sheet, by the name of the sheet.
    sheets: HashMap<String, String>,
}

impl Parts {
    /// Fails if the workbook would take more memory than it may.
    pub(super) fn of(bytes: Arc<[u8]>, memory: u64) -> Result<Self, FileError> {
        let size = bytes.len() as u64;
        let archive = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
        let mut parts = Parts { archive, size, layouts: HashMap::new(), sheets: HashMap::new() };
        let mut held = size;
        for index in 0..parts.archive.len() {
            let part = parts.archive.by_index_raw(index).map_err(damaged)?;
            if is_bomb(size, part.size()) {
                return Err(FileError::Bomb);
            }
            let is_held = is_held(&part.name().unwrap_or_default());
            drop(part);
            if is_held {
                held += parts.memory_of(index)?;
            }
            if held > memory {
                return Err(FileError::TooLarge { memory });
            }
        }
        parts.sheets = sheet_parts(&mut parts.archive)?;
        Ok(parts)
    }

    /// Memory that a part takes which is held as a whole.
    fn memory_of(&mut self, index: usize) -> Result<u64, FileError> {
        let part = self.archive.by_index(index).map_err(damaged)?;
        let Scan { bytes, texts, announced_texts, .. } = scan(part, self.size)?;
        // A reader makes room for as many texts as it is told of.
        if announced_texts > texts + 1000 {
            return Err(damaged("more texts are announced than there are"));
        }
        Ok(bytes + texts * TEXT_OVERHEAD)
    }

    /// What a sheet has besides its cells. To know it takes a look through all of the sheet.
    pub(super) fn layout(&mut self, sheet: &str) -> Result<SheetLayout, FileError> {
        if let Some(known) = self.layouts.get(sheet) {
            return Ok(known.clone());
        }
        let Some(part) = self.sheets.get(sheet) else { return Ok(SheetLayout::default()) };
        let part = self.archive.by_name(part).map_err(damaged)?;
        let layout = scan(part, self.size)?.layout;
        self.layouts.insert(sheet.to_owned(), layout.clone());
        Ok(layout)
    }
}

/// Whether a part is in memory as a whole while the sheets are read.
fn is_held(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let ends = [".rels", "sharedstrings.xml", "styles.xml"].iter().any(|end| name.ends_with(end));
    ends || name.contains("workbook") || name.contains("/theme/")
}

fn damaged(error: impl std::fmt::Display) -> FileError {
    FileError::damaged(Format::ExcelWorkbook, error)
}
