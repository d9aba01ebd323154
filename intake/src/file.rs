//! Opens a file of records by its first 64 KiB, and hands out its lines.

use crate::content::{Content, Opened, Position, Stream, Text, read_start};
use crate::decode::Decoded;
use crate::dialect::Dialect;
use crate::encoding_notes::remarks;
use crate::error::FileError;
use crate::file_description::FileDescription;
use crate::fixed_width::{FixedWidth, Widths};
use crate::format::Format;
use crate::header_detection::DetectedHeader;
use crate::limits::SAMPLE_BYTES;
use crate::lines::{Line, Lines};
use crate::mapping::Vocabulary;
use crate::notes::Notes;
use crate::options::ReadOptions;
use crate::own_file::recognize;
use crate::records::Records;
use crate::sample::{Sample, first_rows, read_rows};
use crate::sheet_notes::notes_on_sheet;
use crate::sniffer::{rare_dialect, sniff_dialect};
use crate::table::Table;
use crate::workbook::OpenSheet;
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
pub struct CsvFile<'a> {
    lines: Lines<Decoded<Stream<'a>>>,
    sample: Sample,
    description: FileDescription,
    position: Position,
}

/// Text of which the beginning is known, and how its records are spelled.
struct Begun<'a> {
    input: Decoded<Stream<'a>>,
    start: Vec<u8>,
    is_all: bool,
    dialect: Dialect,
    /// The file is one of our own.
    is_own: bool,
}

impl<'a> Begun<'a> {
    fn of_fixed_width(text: Text<'a>, widths: Widths, dialect: Dialect) -> Result<Self, FileError> {
        let mut csv: Stream<'a> = Box::new(FixedWidth::new(text.decode(), widths));
        let (start, is_all) = read_start(&mut csv)?;
        let Dialect { encoding, encoding_basis, newline, .. } = dialect;
        let dialect = Dialect { encoding, encoding_basis, newline, fixed: true, ..Dialect::plain(b',') };
        let input = Decoded::of_utf8(start.clone(), csv);
        Ok(Begun { input, start, is_all, dialect, is_own: false })
    }
}

impl<'a> CsvFile<'a> {
    /// Reads the start of the input. It tells what `options` leave open. Fails of a file that is no CSV.
    pub fn open<R: Read + 'a>(input: R, options: &ReadOptions) -> Result<Self, FileError> {
        CsvFile::open_for(Box::new(input), options, &Vocabulary::default())
    }

    /// The same for somebody who knows what the columns may be called.
    pub(crate) fn open_for(
        input: Stream<'a>,
        options: &ReadOptions,
        vocabulary: &Vocabulary,
    ) -> Result<Self, FileError> {
        let opened = Opened::of(input, options).map_err(|error| match error {
            FileError::Damaged { format, .. } => FileError::NotCsv(format),
            other => other,
        });
        let Opened { archives, content, position } = opened?;
        match (archives.first(), content) {
            (None, Content::Text(text)) => CsvFile::of_text(text, archives, position, options, vocabulary),
            (Some(archive), _) => Err(FileError::NotCsv(*archive)),
            (None, Content::Workbook(format, _)) => Err(FileError::NotCsv(format)),
        }
    }

    pub(crate) fn of_text(
        text: Text<'a>,
        archives: Vec<Format>,
        position: Position,
        options: &ReadOptions,
        vocabulary: &Vocabulary,
    ) -> Result<Self, FileError> {
        if let Some(format) = Format::of_text(&text.decoded) {
            return Err(FileError::NotCsv(format));
        }
        let notes = remarks(&text.start, &text.decoded, &text.detected);
        let (start, is_all, detected) = (text.decoded.clone(), text.is_all, text.detected);
        let own = recognize(&start, options.delimiter);
        let sniffed = own.map_or_else(|| sniff_for(&start, options, vocabulary), |(_, dialect)| dialect);
        let (encoding, encoding_basis) = (detected.encoding.name(), detected.basis);
        let dialect = Dialect { encoding, encoding_basis, ..sniffed };
        let may_be_fixed = options.delimiter.is_none() && own.is_none();
        let widths = if may_be_fixed { Widths::of(&start, is_all) } else { None };
        let is_own = own.is_some();
        let (begun, format) = match widths {
            None => (Begun { input: text.decode(), start, is_all, dialect, is_own }, Format::Csv),
            Some(widths) => (Begun::of_fixed_width(text, widths, dialect)?, Format::FixedWidth),
        };
        let description = FileDescription { format, archives, sheet: None };
        let mut file = CsvFile::begin(begun, description, position, options, vocabulary)?;
        file.lines.note(&notes);
        Ok(file)
    }

    pub(crate) fn of_sheet(
        sheet: OpenSheet<'a>,
        description: FileDescription,
        position: Position,
        options: &ReadOptions,
        vocabulary: &Vocabulary,
    ) -> Result<Self, FileError> {
        let layout = sheet.text.layout().clone();
        let mut text: Stream<'a> = Box::new(sheet.text);
        let (start, is_all) = read_start(&mut text)?;
        let input = Decoded::of_utf8(start.clone(), text);
        let begun = Begun { input, start, is_all, dialect: Dialect::of_sheet(), is_own: false };
        let mut file = CsvFile::begin(begun, description, position, options, vocabulary)?;
        let notes = notes_on_sheet(&layout, &sheet.others, file.dialect().skip + 1);
        file.lines.note(&notes);
        Ok(file)
    }

    fn begin(
        begun: Begun<'a>,
        description: FileDescription,
        position: Position,
        options: &ReadOptions,
        vocabulary: &Vocabulary,
    ) -> Result<Self, FileError> {
        let Begun { input, start, is_all, dialect, is_own } = begun;
        let detected = match is_own {
            true => DetectedHeader::on_line(1 + u64::from(dialect.sep_line)),
            false => DetectedHeader::of(&read_rows(&start, dialect, is_all), options.header, vocabulary),
        };
        let of_sample = Lines::begin(Records::new(start.as_slice(), dialect), &detected);
        let rows = of_sample.map(|lines| first_rows(lines, &start, is_all)).unwrap_or_default();
        let lines = Lines::begin(Records::of_file(input, dialect), &detected)?;
        let sample = Sample { header: lines.columns().to_vec(), ..rows };
        Ok(CsvFile { lines, sample, description, position })
    }

    /// What the file is.
    pub fn description(&self) -> &FileDescription {
        &self.description
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

    /// Bytes of the text up to the end of the last record, its line end included.
    pub fn bytes_read(&self) -> u64 {
        self.lines.bytes_read()
    }

    /// Bytes of the file as it was sent that have been gone through, roughly.
    pub(crate) fn bytes_consumed(&self) -> u64 {
        if self.description.is_plain() { self.bytes_read() } else { self.position.get() }
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
        CsvFile::open(start_of(bytes), options).map(|file| file.sample().clone())
    }

    /// The same of a file for a table, whose names help to find the header.
    pub fn for_table(bytes: &[u8], options: &ReadOptions, table: &Table) -> Result<Sample, FileError> {
        let vocabulary = Vocabulary::of(table, None);
        CsvFile::open_for(Box::new(start_of(bytes)), options, &vocabulary).map(|file| file.sample().clone())
    }
}

/// As much of a file as decides.
fn start_of(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes.len().min(SAMPLE_BYTES)]
}
