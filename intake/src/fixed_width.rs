//! Text in columns of a fixed width, as reports and consoles print it: found by the blanks that all lines have in the same
//! places, and made into CSV.

use crate::line_ends;
use std::io::{self, BufRead, BufReader, Read};

/// Fewer lines than that say nothing about columns.
const MIN_LINES: usize = 3;

/// Lines that are looked at.
const MAX_LINES: usize = 1000;

/// Where the columns begin, in characters; the first at 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Widths {
    starts: Vec<usize>,
    /// Blanks that stand before each of them: a text with a single one there may as well go on.
    blanks: Vec<usize>,
}

impl Widths {
    /// The columns of a text, if it has no delimiter in its header, and blanks between columns that all have names.
    pub(crate) fn of(sample: &[u8], is_all: bool) -> Option<Self> {
        let sample = std::str::from_utf8(sample).ok()?;
        let mut lines: Vec<&str> =
            sample.lines().filter(|line| !line.trim().is_empty()).take(MAX_LINES).collect();
        if !is_all && lines.len() < MAX_LINES {
            lines.pop();
        }
        let header = *lines.first()?;
        let has_delimiter = header.contains([',', ';', '\t', '|']);
        if has_delimiter || lines.len() < MIN_LINES || !header.trim().contains("  ") && !is_ruler(lines[1]) {
            return None;
        }
        let starts = if is_ruler(lines[1]) { runs(&[lines[1]]) } else { named_runs(&lines) };
        let ends = starts.iter().map(|(_, end)| *end);
        let gaps = ends.zip(starts.iter().skip(1)).map(|(end, (start, _))| (start - end).min(2));
        let blanks = std::iter::once(0).chain(gaps).collect();
        let widths = Widths { starts: starts.iter().map(|(start, _)| *start).collect(), blanks };
        (widths.starts.len() > 1 && lines.iter().all(|line| widths.fits(line))).then_some(widths)
    }

    /// Whether no text of a line runs over the border of its column.
    fn fits(&self, line: &str) -> bool {
        let mut starts = self.starts.iter().zip(&self.blanks).skip(1).peekable();
        for (place, character) in line.chars().enumerate() {
            while starts.next_if(|(start, _)| **start <= place).is_some() {}
            let Some((start, blanks)) = starts.peek() else { return true };
            if place + **blanks >= **start && !character.is_whitespace() {
                return false;
            }
        }
        true
    }

    /// The cells of a line.
    fn cells<'l>(&self, line: &'l str) -> impl Iterator<Item = &'l str> {
        let place = |start: usize| line.char_indices().nth(start).map_or(line.len(), |(place, _)| place);
        let places: Vec<usize> = self.starts.iter().map(|start| place(*start)).chain([line.len()]).collect();
        (0..self.starts.len()).map(move |column| line[places[column]..places[column + 1]].trim())
    }
}

/// A line of dashes below the header.
fn is_ruler(line: &str) -> bool {
    line.contains("--") && line.chars().all(|c| matches!(c, '-' | '=' | '+' | ' '))
}

/// Where some line has text: the first place and the one behind the last, of each run without a blank that all lines have.
fn runs(lines: &[&str]) -> Vec<(usize, usize)> {
    let mut filled = Vec::new();
    for line in lines {
        for (place, character) in line.chars().enumerate() {
            if filled.len() <= place {
                filled.push(false);
            }
            filled[place] |= !character.is_whitespace();
        }
    }
    let mut found: Vec<(usize, usize)> = Vec::new();
    for place in (0..filled.len()).filter(|place| filled[*place]) {
        match found.last_mut() {
            Some((_, end)) if *end == place => *end += 1,
            _ => found.push((place, place + 1)),
        }
    }
    if let Some((start, _)) = found.first_mut() {
        *start = 0;
    }
    found
}

/// The runs that are columns: those with a name and with values. A run without either is a word of the column beside it.
fn named_runs(lines: &[&str]) -> Vec<(usize, usize)> {
    let has_text = |lines: &[&str], (start, end): (usize, usize)| {
        lines.iter().any(|line| line.chars().skip(start).take(end - start).any(|c| !c.is_whitespace()))
    };
    let mut columns: Vec<(usize, usize)> = Vec::new();
    // A word of a name whose values stand further to the right.
    let mut pending = None;
    for run in runs(lines) {
        let (is_named, is_filled) = (has_text(&lines[..1], run), has_text(&lines[1..], run));
        let run = (pending.take().unwrap_or(run.0), run.1);
        if !is_filled {
            pending = Some(run.0);
        } else if is_named || columns.is_empty() {
            columns.push(run);
        } else if let Some(last) = columns.last_mut() {
            last.1 = run.1;
        }
    }
    columns
}

/// The text as CSV, a record for each line.
pub(crate) struct FixedWidth<R> {
    input: BufReader<R>,
    widths: Widths,
    line: Vec<u8>,
    out: Vec<u8>,
    taken: usize,
}

impl<R: Read> FixedWidth<R> {
    pub(crate) fn new(input: R, widths: Widths) -> Self {
        let input = BufReader::with_capacity(64 * 1024, input);
        FixedWidth { input, widths, line: Vec::new(), out: Vec::new(), taken: 0 }
    }

    /// Writes the current line. One that runs over a border, or that is no text, is a single cell with too many behind it:
    /// the reader refuses it.
    fn write_line(&mut self) {
        let text = std::str::from_utf8(&self.line).ok().filter(|line| self.widths.fits(line));
        let Some(text) = text else {
            self.out.extend(std::iter::repeat_n(b',', self.widths.starts.len()));
            self.out.extend(quoted(&self.line));
            return;
        };
        for (column, cell) in self.widths.cells(text).enumerate() {
            if column > 0 {
                self.out.push(b',');
            }
            if cell.contains([',', '"', '\'', '“', '„']) {
                self.out.extend(quoted(cell.as_bytes()));
            } else {
                self.out.extend_from_slice(cell.as_bytes());
            }
        }
    }

    fn fill(&mut self) -> io::Result<()> {
        self.out.clear();
        self.taken = 0;
        self.line.clear();
        if self.input.read_until(b'\n', &mut self.line)? == 0 {
            return Ok(());
        }
        while let Some(b'\n' | b'\r') = self.line.last() {
            self.line.pop();
        }
        if let Some(end) = line_ends::first_end(&self.line) {
            // A line end of its own within the line would be one record more.
            self.line[end..].iter_mut().filter(|byte| **byte == b'\r').for_each(|byte| *byte = b' ');
        }
        if !self.line.trim_ascii().is_empty() {
            self.write_line();
        }
        self.out.push(b'\n');
        Ok(())
    }
}

fn quoted(cell: &[u8]) -> Vec<u8> {
    let mut quoted = vec![b'"'];
    for byte in cell {
        quoted.extend(std::iter::repeat_n(*byte, if *byte == b'"' { 2 } else { 1 }));
    }
    quoted.push(b'"');
    quoted
}

impl<R: Read> Read for FixedWidth<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.taken == self.out.len() {
            self.fill()?;
        }
        let read = (self.out.len() - self.taken).min(into.len());
        into[..read].copy_from_slice(&self.out[self.taken..self.taken + read]);
        self.taken += read;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn starts(text: &str) -> Option<Vec<usize>> {
        Widths::of(text.as_bytes(), true).map(|widths| widths.starts)
    }

    fn csv(text: &str) -> String {
        let widths = Widths::of(text.as_bytes(), true).expect("columns");
        let mut csv = String::new();
        FixedWidth::new(text.as_bytes(), widths).read_to_string(&mut csv).expect("text");
        csv
    }

    #[test]
    fn columns_are_where_no_line_has_text() {
        assert_eq!(
            starts("SKU   Name        Qty\nA1    Desk lamp     5\nB22   Bulb         12\n"),
            Some(vec![0, 6, 18])
        );
        // Words of names, and words that happen to stand below one another.
        assert_eq!(
            csv("SKU   Name        Unit Price\nA1    Desk lamp        12.50\nB22   Wall lamp         3.00\n"),
            "SKU,Name,Unit Price\nA1,Desk lamp,12.50\nB22,Wall lamp,3.00\n"
        );
    }

    #[test]
    fn a_ruler_tells_the_columns() {
        let text = "sku name      qty\n--- --------- ---\nA1  Desk lamp   5\n";
        assert_eq!(csv(text), "sku,name,qty\n---,---------,---\nA1,Desk lamp,5\n");
    }

    #[test]
    fn other_texts_have_no_such_columns() {
        for text in [
            "sku,name\nA1,Desk lamp\nB2,Bulb\n",
            "A letter\nwith some words\nof prose\n",
            "404: Not Found",
            "name\nLamp\nBulb\nSaw\n",
            "Dear all,  see below\nthis is a text\nwithout columns\n",
        ] {
            assert_eq!(starts(text), None, "{text}");
        }
    }

    #[test]
    fn a_text_over_a_border_is_no_cell() {
        let text = "SKU   Name   Qty\nA1    Lamp     5\nB22   Bulb    12\n";
        let widths = Widths::of(text.as_bytes(), true).expect("columns");
        let mut csv = String::new();
        FixedWidth::new(&b"C3    A long name 7\n"[..], widths).read_to_string(&mut csv).expect("text");
        assert_eq!(csv, ",,,\"C3    A long name 7\"\n");
    }
}
