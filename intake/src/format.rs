//! Files that are called `.csv` and are something else.

mod wrapped;

use serde::de::IgnoredAny;
pub use wrapped::Wrapped;

/// What a file is, if not CSV.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `.xlsx`
    ExcelWorkbook,
    /// `.xls`
    OldExcelWorkbook,
    /// `.ods`
    OpenDocument,
    /// Another ZIP archive.
    Zip,
    /// `.gz`
    Gzip,
    /// A page that begins as HTML does.
    Html,
    /// A document that begins with `<?xml`.
    Xml,
    /// JSON values, one after the other.
    Json,
    /// `.pdf`
    Pdf,
    /// Text in UTF-32.
    Utf32,
    /// Text that has the data inside, or none.
    Wrapped(Wrapped),
    /// Too many control characters for text.
    Binary,
}

/// Control characters of which text has at most one in so many bytes.
const TEXT_BYTES_PER_CONTROL: usize = 10;

impl Format {
    /// What the first bytes of a file as it was sent give away; None for text.
    pub(crate) fn of_bytes(start: &[u8]) -> Option<Self> {
        match start {
            [b'P', b'K', 3, 4, ..] => Some(Format::of_zip(start)),
            [0xD0, 0xCF, 0x11, 0xE0, ..] => Some(Format::OldExcelWorkbook),
            [0x1F, 0x8B, ..] => Some(Format::Gzip),
            _ if is_utf32(start) => Some(Format::Utf32),
            [b'%', b'P', b'D', b'F', b'-', ..] => Some(Format::Pdf),
            _ => None,
        }
    }

    fn of_zip(start: &[u8]) -> Self {
        let has = |name: &str| memchr::memmem::find(start, name.as_bytes()).is_some();
        if has("[Content_Types].xml") || has("xl/") {
            Format::ExcelWorkbook
        } else if has("application/vnd.oasis.opendocument") {
            Format::OpenDocument
        } else {
            Format::Zip
        }
    }

    /// What the first characters of a file give away, once decoded; None for CSV.
    pub(crate) fn of_text(start: &[u8]) -> Option<Self> {
        let text = start.trim_ascii_start();
        let begins =
            |tag: &str| text.get(..tag.len()).is_some_and(|head| head.eq_ignore_ascii_case(tag.as_bytes()));
        if ["<!doctype html", "<html", "<table", "<head", "<body"].into_iter().any(begins) {
            Some(Format::Html)
        } else if begins("<?xml") {
            Some(Format::Xml)
        } else if matches!(text.first(), Some(b'{' | b'[')) && is_json(text) {
            Some(Format::Json)
        } else if is_binary(start) {
            Some(Format::Binary)
        } else {
            Wrapped::of(text).map(Format::Wrapped)
        }
    }

    /// With its article, as a message has it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Format::ExcelWorkbook => "an Excel workbook",
            Format::OldExcelWorkbook => "an Excel workbook of the old format (.xls)",
            Format::OpenDocument => "an OpenDocument spreadsheet",
            Format::Zip => "a ZIP archive, as Excel workbooks are",
            Format::Gzip => "compressed with gzip",
            Format::Html => "an HTML page",
            Format::Xml => "an XML document",
            Format::Json => "JSON",
            Format::Pdf => "a PDF document",
            Format::Utf32 => "text in UTF-32",
            Format::Wrapped(what) => what.name(),
            Format::Binary => "binary data",
        }
    }

    /// What to do about it.
    pub(crate) fn hint(self) -> &'static str {
        match self {
            Format::ExcelWorkbook | Format::OldExcelWorkbook | Format::OpenDocument => {
                "Open it in the spreadsheet program, save the sheet as CSV, and send that file."
            }
            Format::Zip => "Save the workbook as CSV, or unpack the archive, and send the CSV file.",
            Format::Gzip => "Unpack it, and send the CSV file that is in it.",
            Format::Html => {
                "Open it in a browser: it is an error or login page, or a table that a spreadsheet program can save as CSV."
            }
            Format::Xml | Format::Pdf | Format::Binary => "Export the data as CSV, and send that file.",
            Format::Wrapped(what) => what.hint(),
            Format::Utf32 => "Save it in the encoding UTF-8, and send that file.",
            Format::Json => "Send the objects as records, or export the data as CSV.",
        }
    }
}

/// Whether the text is JSON values one after another, the last of which may be cut off.
fn is_json(text: &[u8]) -> bool {
    let mut values = serde_json::Deserializer::from_slice(text).into_iter::<IgnoredAny>();
    values.all(|value| value.map_or_else(|error| error.is_eof(), |IgnoredAny| true))
}

/// Whether bytes are UTF-32, by its mark or by the NULs that it puts beside ASCII.
fn is_utf32(start: &[u8]) -> bool {
    let (units, _) = start.as_chunks::<4>();
    let small = |is_ascii: fn(&[u8; 4]) -> bool| {
        units.len() > 1 && units.iter().filter(|it| is_ascii(it)).count() * 2 > units.len()
    };
    matches!(start, [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..])
        || small(|it| it[0] != 0 && it[1..] == [0, 0, 0])
        || small(|it| it[3] != 0 && it[..3] == [0, 0, 0])
}

fn is_binary(start: &[u8]) -> bool {
    let is_control =
        |&&byte: &&u8| byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0B | 0x0C | 0x1A);
    let mut controls = start.iter().filter(is_control);
    let first = controls.clone().next();
    // One alone that is made to separate is a delimiter.
    let is_separator = |byte: &u8| matches!(byte, 0x01 | 0x1C..=0x1F);
    if first.is_some_and(is_separator) && controls.all(|byte| Some(byte) == first) {
        return false;
    }
    let count = start.iter().filter(is_control).count();
    // A NUL or two are damage, which costs their rows.
    count > 2 && count * TEXT_BYTES_PER_CONTROL > start.len()
}
