//! Which sheet of a workbook has the data.

use super::sheet::Sheet;
use crate::content::read_start;
use crate::dialect::Dialect;
use crate::error::FileError;
use crate::header_detection::Row;
use crate::mapping::Vocabulary;
use crate::sample::read_rows;
use std::io::Read;

/// A sheet that was chosen.
#[derive(Debug, Clone)]
pub(super) struct Chosen {
    pub(super) sheet: String,
    /// The others that have rows, too, if nobody said which one to take.
    pub(super) others: Vec<String>,
}

impl Chosen {
    pub(super) fn only(sheet: &str) -> Self {
        Chosen { sheet: sheet.to_owned(), others: Vec::new() }
    }
}

/// The sheet of that name, or of that number from 1.
pub(super) fn asked(sheets: &[Sheet], asked: &str) -> Result<Chosen, FileError> {
    let plain = |name: &str| name.trim().to_lowercase();
    let by_number = || asked.trim().parse::<usize>().ok()?.checked_sub(1);
    let sheet = (sheets.iter().find(|sheet| sheet.name == asked))
        .or_else(|| sheets.iter().find(|sheet| plain(&sheet.name) == plain(asked)))
        .or_else(|| sheets.get(by_number()?));
    let unknown = || FileError::UnknownSheet {
        sheet: asked.to_owned(),
        sheets: sheets.iter().map(|sheet| sheet.name.clone()).collect(),
    };
    Ok(Chosen::only(&sheet.ok_or_else(unknown)?.name))
}

/// The visible sheets, or all if none is.
pub(super) fn candidates(sheets: &[Sheet]) -> Vec<&Sheet> {
    let visible: Vec<&Sheet> = sheets.iter().filter(|sheet| sheet.is_visible).collect();
    if visible.is_empty() { sheets.iter().collect() } else { visible }
}

/// The first sheet that tells most.
pub(super) fn best(looks: Vec<(String, Look)>) -> Result<Chosen, FileError> {
    let mut best: Option<&(String, Look)> = None;
    for look in &looks {
        if best.is_none_or(|(_, found)| look.1 > *found) {
            best = Some(look);
        }
    }
    let (sheet, _) = best.ok_or(FileError::Empty)?;
    let others = looks.iter().filter(|(name, look)| look.rows > 1 && name != sheet);
    Ok(Chosen { sheet: sheet.clone(), others: others.map(|(name, _)| name.clone()).collect() })
}

/// What the first rows of a sheet have, the most telling first.
#[derive(PartialEq, PartialOrd)]
pub(super) struct Look {
    /// Cells of one row that name something.
    known: usize,
    /// Cells with something in them.
    cells: usize,
    /// Rows with something in them.
    rows: usize,
}

impl Look {
    pub(super) fn at(mut text: impl Read, vocabulary: &Vocabulary) -> Result<Self, FileError> {
        let (start, is_all) = read_start(&mut text)?;
        let rows = read_rows(&start, Dialect::of_sheet(), is_all);
        let known = |row: &Row| row.cells().iter().filter(|cell| vocabulary.knows(cell)).count();
        let filled = |row: &Row| row.cells().iter().filter(|cell| !cell.is_empty()).count();
        Ok(Look {
            known: rows.iter().take(MAX_ABOVE).map(known).max().unwrap_or(0),
            cells: rows.iter().map(filled).sum(),
            rows: rows.iter().filter(|row| filled(row) > 0).count(),
        })
    }
}

/// The header is one of the first rows.
const MAX_ABOVE: usize = 30;
