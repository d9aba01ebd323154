//! Opens a CSV file by its first 64 KiB, and hands out its lines.

use crate::buffer::LookaheadBuffer;
use crate::decode::Decoded;
use crate::dialect::Dialect;
use crate::encoding::detect;
use crate::encoding_notes::remarks;
use crate::error::FileError;
use crate::format::Format;
use crate::header_detection::DetectedHeader;
use crate::limits::SAMPLE_BYTES;
use crate::lines::{Line, Lines};
use crate::mapping::Vocabulary;
use crate::notes::Notes;
use crate::options::ReadOptions;
use crate::records::Records;
use crate::sample::{Sample, first_rows, read_rows};
use crate::sniffer::{rare_dialect, sniff_dialect};
use crate::table::Table;
use std::io::{self, Read};

/// A CSV file, opened and ready to read its first row.
///
/// ```
/// use intake::{CsvFile, Line, ReadOptions};
///
/// let text = "# exported\nsku;name\nA1;bolt\n\n";
/// let mut file = CsvFile::open(text.as_bytes(), &ReadOptions::default())?;
/// assert_eq!(file.columns(), ["sku", "name"]);
/// assert_eq!(file.dialect().delimiter, b';');
/// while let Some(line) = file.next_line()? {
///     match line {
///         Line::Data(record) => assert_eq!(record.fields().len(), 2),
///         Line::Skipped(line, why) => println!("line {line} is no data: {why:?}"),
///     }
/// }
/// # Ok::<(), intake::FileError>(())
/// ```
pub struct CsvFile<R> {
    lines: Lines<Decoded<R>>,
    sample: Sample,
}

impl<R: Read> CsvFile<R> {
    /// Reads the start of the input. It tells what `options` leave open.
    pub fn open(input: R, options: &ReadOptions) -> Result<Self, FileError> {
        CsvFile::open_for(input, options, &Vocabulary::default())
    }

    /// The same for somebody who knows what the columns may be called.
    pub(crate) fn open_for(
        mut input: R,
        options: &ReadOptions,
        vocabulary: &Vocabulary,
    ) -> Result<Self, FileError> {
        let encoding = options.check()?;
        let mut start = Vec::new();
        input.by_ref().take(SAMPLE_BYTES as u64).read_to_end(&mut start)?;
        if let Some(format) = Format::of_bytes(&start) {
            return Err(FileError::NotCsv(format));
        }
        let encoding = detect(&start, encoding);
        let is_all = start.len() < SAMPLE_BYTES;
        let mut decoded = LookaheadBuffer::new(Decoded::new(start.clone(), io::empty(), encoding));
        decoded.reach(usize::MAX)?;
        let text = decoded.bytes();
        if let Some(format) = Format::of_text(text) {
            return Err(FileError::NotCsv(format));
        }
        let (name, encoding_basis) = (encoding.encoding.name(), encoding.basis);
        let sniffed = sniff_for(text, options, vocabulary);
        let dialect = Dialect { encoding: name, encoding_basis, ..sniffed };
        let notes = remarks(&start, text, &encoding);
        let input = Decoded::new(start, input, encoding);
        let detected = DetectedHeader::of(&read_rows(text, dialect, is_all), options.header, vocabulary);
        let of_sample = Lines::begin(Records::new(text, dialect), &detected);
        let rows = of_sample.map(|lines| first_rows(lines, text, is_all)).unwrap_or_default();
        let mut lines = Lines::begin(Records::of_file(input, dialect), &detected)?;
        lines.note(&notes);
        let sample = Sample { header: lines.columns().to_vec(), rows };
        Ok(CsvFile { lines, sample })
    }

    /// How the file spells its records, and where they begin.
    pub fn dialect(&self) -> Dialect {
        self.lines.dialect()
    }

    /// The names of the columns: those of the header, made unique, or numbers.
    pub fn columns(&self) -> &[String] {
        self.lines.columns()
    }

    /// The first rows of the file.
    pub fn sample(&self) -> &Sample {
        &self.sample
    }

    /// Remarks about the header.
    pub fn notes(&self) -> &Notes {
        self.lines.notes()
    }

    /// The line of the header, and its cells as they stand in the file; None without one.
    pub fn header(&self) -> Option<(u64, &[String])> {
        self.lines.header()
    }

    /// The next record behind the header, or None at the end of the input.
    pub fn next_line(&mut self) -> io::Result<Option<Line<'_>>> {
        self.lines.next()
    }

    /// Bytes of the input up to the end of the last record, its line end included.
    pub fn bytes_read(&self) -> u64 {
        self.lines.bytes_read()
    }
}

/// The dialect of a file, whose delimiter may be a rare one if that makes sense of its names.
fn sniff_for(text: &[u8], options: &ReadOptions, vocabulary: &Vocabulary) -> Dialect {
    let usual = sniff_dialect(text, options.delimiter);
    if options.delimiter.is_some() || usual.sep_line {
        return usual;
    }
    rare_dialect(text, usual, |cell| vocabulary.knows(cell)).unwrap_or(usual)
}

impl Sample {
    /// The sample of a file, given all of it or at least its first 64 KiB.
    pub fn of(bytes: &[u8], options: &ReadOptions) -> Result<Sample, FileError> {
        let start = &bytes[..bytes.len().min(SAMPLE_BYTES)];
        CsvFile::open(start, options).map(|file| file.sample().clone())
    }

    /// The same of a file for a table, whose names help to find the header.
    pub fn for_table(bytes: &[u8], options: &ReadOptions, table: &Table) -> Result<Sample, FileError> {
        let start = &bytes[..bytes.len().min(SAMPLE_BYTES)];
        let vocabulary = Vocabulary::of(table, None);
        CsvFile::open_for(start, options, &vocabulary).map(|file| file.sample().clone())
    }
}
