//! A quick look through a part of an `.xlsx`, tag by tag where something is of interest, without taking it apart.

use super::layout::{Merged, SheetLayout};
use crate::content::is_bomb;
use crate::error::FileError;
use crate::format::Format;
use crate::limits::MAX_RECORD;
use memchr::memmem::{self, Finder};
use memchr::{memchr, memrchr};
use std::io::{ErrorKind, Read};

const CHUNK: usize = 256 * 1024;

/// A tag of interest is shorter than that. So much of a chunk is looked at again with the next.
const OVERLAP: usize = 4 * 1024;

/// More hidden rows, merged cells and the like than that are only counted as one more.
const MAX_KEPT: usize = 100_000;

/// What a look has found.
#[derive(Debug, Default)]
pub(super) struct Scan {
    /// Of the part, unpacked.
    pub(super) bytes: u64,
    /// Texts that are shared by cells.
    pub(super) texts: u64,
    /// As many of them as the part says there are.
    pub(super) announced_texts: u64,
    pub(super) layout: SheetLayout,
}

/// Looks through a part of a file of that size. Fails if the part is no part of a table: out of all proportion to the
/// file, or with a text that no cell has.
pub(super) fn scan(mut part: impl Read, file_size: u64) -> Result<Scan, FileError> {
    let mut scanner = Scanner::new();
    let mut window = Vec::with_capacity(CHUNK + OVERLAP);
    // Of the window: what has been looked at.
    let mut done = 0;
    loop {
        let kept = window.len();
        let is_at_end = fill(&mut part, &mut window)?;
        scanner.scan.bytes += (window.len() - kept) as u64;
        if is_bomb(file_size, scanner.scan.bytes) {
            return Err(FileError::Bomb);
        }
        scanner.measure(&window[kept..])?;
        let until = if is_at_end { window.len() } else { window.len().saturating_sub(OVERLAP).max(done) };
        scanner.look(&window, done, until);
        if is_at_end {
            return Ok(scanner.scan);
        }
        // The part that was looked at stays as long as a tag may begin in it.
        let drop = until.saturating_sub(OVERLAP);
        window.drain(..drop);
        done = until - drop;
    }
}

/// Reads on by a chunk; true at the end.
fn fill(part: &mut impl Read, window: &mut Vec<u8>) -> Result<bool, FileError> {
    let start = window.len();
    window.resize(start + CHUNK, 0);
    let mut end = start;
    while end < window.len() {
        match part.read(&mut window[end..]) {
            Ok(0) => break,
            Ok(read) => end += read,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(FileError::damaged(Format::ExcelWorkbook, error)),
        }
    }
    let is_at_end = end < window.len();
    window.truncate(end);
    Ok(is_at_end)
}

struct Scanner {
    scan: Scan,
    /// Bytes since the last tag began.
    run: usize,
    hidden: Finder<'static>,
    merged: Finder<'static>,
    text_end: Finder<'static>,
    formula_end: Finder<'static>,
    announced: Finder<'static>,
}

impl Scanner {
    fn new() -> Self {
        Scanner {
            scan: Scan::default(),
            run: 0,
            hidden: Finder::new("hidden=\""),
            merged: Finder::new("mergeCell "),
            text_end: Finder::new("si>"),
            formula_end: Finder::new("</c>"),
            announced: Finder::new("uniqueCount=\""),
        }
    }

    /// Fails if a text or a tag is longer than a record may be: it would be in memory.
    fn measure(&mut self, chunk: &[u8]) -> Result<(), FileError> {
        let Some(first) = memchr(b'<', chunk) else {
            self.run += chunk.len();
            return self.check_run();
        };
        self.run += first;
        self.check_run()?;
        self.run = memrchr(b'<', chunk).map_or(0, |last| chunk.len() - last);
        Ok(())
    }

    fn check_run(&self) -> Result<(), FileError> {
        if self.run <= MAX_RECORD {
            return Ok(());
        }
        Err(FileError::damaged(Format::ExcelWorkbook, "a text is longer than a cell may be"))
    }

    /// Takes what begins in `from..until`; a tag may end behind that.
    fn look(&mut self, window: &[u8], from: usize, until: usize) {
        let layout = &mut self.scan.layout;
        let found = |finder: &Finder<'_>| {
            let end = (until + finder.needle().len() - 1).min(window.len());
            finder.find_iter(&window[from..end]).map(|at| from + at).collect::<Vec<_>>()
        };
        for at in found(&self.hidden) {
            if let Some(tag) = tag_at(window, at)
                && is_named(tag, b"row")
                && matches!(attribute(tag, b"hidden"), Some(b"1" | b"true"))
                && layout.hidden.len() < MAX_KEPT
            {
                layout.hidden.extend(attribute(tag, b"r").and_then(number));
            }
        }
        for at in found(&self.merged) {
            let tag = tag_at(window, at).filter(|_| layout.merged.len() < MAX_KEPT);
            layout.merged.extend(tag.and_then(|tag| merged(attribute(tag, b"ref")?)));
        }
        for at in found(&self.formula_end) {
            if let Some(row) = row_without_value(window, at).filter(|_| layout.without_value.len() < MAX_KEPT)
            {
                layout.without_value.push(row);
            }
        }
        // Each text has a tag at its beginning and one at its end.
        self.scan.texts += (found(&self.text_end).len() as u64).div_ceil(2);
        for at in found(&self.announced) {
            let tag = tag_at(window, at);
            let announced = tag.and_then(|tag| number(attribute(tag, b"uniqueCount")?));
            self.scan.announced_texts = self.scan.announced_texts.max(announced.unwrap_or_default());
        }
    }
}

/// The tag around a position, without its brackets.
fn tag_at(window: &[u8], at: usize) -> Option<&[u8]> {
    let start = memrchr(b'<', &window[..at])? + 1;
    let length = memchr(b'>', &window[start..])?;
    Some(&window[start..start + length])
}

/// Whether a tag has that name, with any prefix.
fn is_named(tag: &[u8], name: &[u8]) -> bool {
    let end = tag.iter().position(|byte| byte.is_ascii_whitespace()).unwrap_or(tag.len());
    let start = tag[..end].iter().position(|byte| *byte == b':').map_or(0, |colon| colon + 1);
    &tag[start..end] == name
}

/// The value of an attribute of a tag.
fn attribute<'t>(tag: &'t [u8], name: &[u8]) -> Option<&'t [u8]> {
    let key = [b" ", name, b"=\""].concat();
    let start = memmem::find(tag, &key)? + key.len();
    let length = memchr(b'"', &tag[start..])?;
    Some(&tag[start..start + length])
}

fn number(digits: &[u8]) -> Option<u64> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// The row and the column, from 0, of a place such as `B7`.
fn place(text: &[u8]) -> Option<(u32, u32)> {
    let letters = text.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let value = |letter: &u8| u32::from(letter.to_ascii_uppercase() - b'A') + 1;
    let column = text[..letters.min(4)].iter().fold(0, |column, letter| column * 26 + value(letter));
    let row = u32::try_from(number(&text[letters..])?).ok()?;
    Some((row.checked_sub(1)?, column.checked_sub(1)?))
}

/// An area such as `A2:A5`, if it goes over several rows.
fn merged(area: &[u8]) -> Option<Merged> {
    let colon = memchr(b':', area)?;
    let ((first, column), (last, _)) = (place(&area[..colon])?, place(&area[colon + 1..])?);
    (first < last).then_some(Merged { rows: first..=last, column })
}

/// The row, from 1, of the cell that ends at a position, if it has a formula and no value.
fn row_without_value(window: &[u8], end: usize) -> Option<u64> {
    let cell = &window[end.saturating_sub(OVERLAP)..end];
    let has = |behind: &[&str]| behind.iter().any(|tail| cell.ends_with(tail.as_bytes()));
    let is_empty = has(&["</f>", "</f><v></v>", "</f><v/>"])
        || (cell.ends_with(b"/>") && memrchr(b'<', cell).is_some_and(|at| is_named(&cell[at + 1..], b"f")));
    if !is_empty {
        return None;
    }
    let start = memmem::rfind(cell, b"<c ")?;
    let tag = tag_at(cell, start + 1)?;
    place(attribute(tag, b"r")?).map(|(row, _)| u64::from(row) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(xml: &str) -> SheetLayout {
        scan(xml.as_bytes(), xml.len() as u64).unwrap().layout
    }

    #[test]
    fn hidden_rows_merged_cells_and_formulas_without_values_are_found() {
        let found = layout(concat!(
            "<worksheet><cols><col min=\"1\" hidden=\"1\"/></cols><sheetData><row r=\"3\" hidden=\"1\"><c r=\"A3\"><v>1</v></c>",
            "</row><row r=\"4\"><c r=\"B4\" s=\"1\"><f>A1+A2</f></c><c r=\"C4\"><f t=\"shared\" si=\"0\"/></c><c r=\"D4\"><f>1</f><v>1</v></c>",
            "</row></sheetData><mergeCells><mergeCell ref=\"A3:A5\"/><mergeCell ref=\"B1:C1\"/></mergeCells></worksheet>",
        ));
        assert_eq!(found.hidden, [3]);
        assert_eq!(found.merged, [Merged { rows: 2..=4, column: 0 }]);
        assert_eq!(found.without_value, [4, 4]);
    }

    #[test]
    fn nothing_is_found_twice_or_missed_where_chunks_meet() {
        let row = |number: usize| {
            format!("<row r=\"{number}\" hidden=\"1\"><c r=\"A{number}\"><f>B1</f></c></row>")
        };
        let rows: String = (1..=30_000).map(row).collect();
        let found = layout(&rows);
        assert_eq!(found.hidden, (1..=30_000).collect::<Vec<u64>>());
        assert_eq!(found.without_value, found.hidden);
    }

    #[test]
    fn a_text_without_an_end_is_refused() {
        let text = format!("<c><is><t>{}</t></is></c>", "x".repeat(2 * MAX_RECORD));
        assert!(scan(text.as_bytes(), text.len() as u64).is_err());
    }
}
