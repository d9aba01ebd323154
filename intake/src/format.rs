//! What a file is, whatever it is called.

mod wrapped;

use serde::de::IgnoredAny;
pub use wrapped::Wrapped;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Text with delimiters.
    Csv,
    /// Text in columns of a fixed width.
    FixedWidth,
    /// `.xlsx`
    ExcelWorkbook,
    /// `.xls`
    OldExcelWorkbook,
    /// `.ods`
    OpenDocument,
    /// `.xlsb`
    BinaryExcelWorkbook,
    /// Another ZIP archive.
    Zip,
    /// `.gz`
    Gzip,
    /// `.zst`
    Zstd,
    /// A page that begins as HTML does.
    Html,
    /// A document that begins with `<?xml`.
    Xml,
    /// A JSON array.
    Json,
    /// JSON values, one after the other.
    JsonLines,
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
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Some(Format::Zip),
            [0xD0, 0xCF, 0x11, 0xE0, ..] => Some(Format::OldExcelWorkbook),
            [0x1F, 0x8B, ..] => Some(Format::Gzip),
            [0x28, 0xB5, 0x2F, 0xFD, ..] | [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..] => Some(Format::Zstd),
            _ if is_utf32(start) => Some(Format::Utf32),
            [b'%', b'P', b'D', b'F', b'-', ..] => Some(Format::Pdf),
            _ => None,
        }
    }

    /// Whether other files are in it.
    pub(crate) fn is_archive(self) -> bool {
        matches!(self, Format::Gzip | Format::Zstd | Format::Zip)
    }

    /// What the name of a file says that it is, if that is more than that it is text.
    pub fn of_name(name: &str) -> Option<Self> {
        let (_, extension) = name.rsplit_once('.')?;
        Some(match extension.to_ascii_lowercase().as_str() {
            "csv" | "tsv" | "tab" => Format::Csv,
            "xlsx" | "xlsm" => Format::ExcelWorkbook,
            "xls" => Format::OldExcelWorkbook,
            "xlsb" => Format::BinaryExcelWorkbook,
            "ods" => Format::OpenDocument,
            "json" => Format::Json,
            "jsonl" | "ndjson" => Format::JsonLines,
            "gz" => Format::Gzip,
            "zst" => Format::Zstd,
            "zip" => Format::Zip,
            "pdf" => Format::Pdf,
            "htm" | "html" => Format::Html,
            "xml" => Format::Xml,
            _ => return None,
        })
    }

    /// Its name for programs.
    pub fn code(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::FixedWidth => "fixed_width",
            Format::ExcelWorkbook => "xlsx",
            Format::OldExcelWorkbook => "xls",
            Format::BinaryExcelWorkbook => "xlsb",
            Format::OpenDocument => "ods",
            Format::Zip => "zip",
            Format::Gzip => "gzip",
            Format::Zstd => "zstd",
            Format::Html => "html",
            Format::Xml => "xml",
            Format::Json => "json",
            Format::JsonLines => "jsonl",
            Format::Pdf => "pdf",
            Format::Utf32 => "utf-32",
            Format::Wrapped(_) => "wrapped",
            Format::Binary => "binary",
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
        } else if let Some(json) = Format::of_json(text) {
            Some(json)
        } else if is_binary(start) {
            Some(Format::Binary)
        } else {
            Wrapped::of(text).map(Format::Wrapped)
        }
    }

    /// A broken record in between costs itself, not the format.
    fn of_json(text: &[u8]) -> Option<Self> {
        let rest = text.get(1..)?;
        let first_line = || text.split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
        match text[0] {
            b'[' if rest.trim_ascii_start().starts_with(b"{") || is_json(text) => Some(Format::Json),
            b'{' if is_json(first_line()) || is_json(text) => Some(Format::JsonLines),
            _ => None,
        }
    }

    /// With its article, as a message has it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Format::Csv => "CSV",
            Format::FixedWidth => "text in columns of a fixed width",
            Format::ExcelWorkbook => "an Excel workbook",
            Format::BinaryExcelWorkbook => "a binary Excel workbook (.xlsb)",
            Format::OldExcelWorkbook => "an Excel workbook of the old format (.xls)",
            Format::OpenDocument => "an OpenDocument spreadsheet",
            Format::Zip => "a ZIP archive",
            Format::Gzip => "compressed with gzip",
            Format::Zstd => "compressed with zstd",
            Format::Html => "an HTML page",
            Format::Xml => "an XML document",
            Format::Json | Format::JsonLines => "JSON",
            Format::Pdf => "a PDF document",
            Format::Utf32 => "text in UTF-32",
            Format::Wrapped(what) => what.name(),
            Format::Binary => "binary data",
        }
    }

    /// What to do about a file that is not what was asked for.
    pub(crate) fn hint(self) -> &'static str {
        match self {
            Format::ExcelWorkbook
            | Format::OldExcelWorkbook
            | Format::OpenDocument
            | Format::Zip
            | Format::Gzip
            | Format::Zstd
            | Format::Json
            | Format::JsonLines => "Import it as it is, and look at it with sniff_file().",
            Format::BinaryExcelWorkbook => "Save the workbook as .xlsx, and send that file.",
            Format::Html => {
                "Open it in a browser: it is an error or login page, or a table that a spreadsheet program can save as CSV."
            }
            Format::Csv | Format::FixedWidth | Format::Xml | Format::Pdf | Format::Binary => {
                "Export the data as CSV, and send that file."
            }
            Format::Wrapped(what) => what.hint(),
            Format::Utf32 => "Save it in the encoding UTF-8, and send that file.",
        }
    }

    /// What to do about a file that is damaged.
    pub(crate) fn hint_if_damaged(self) -> &'static str {
        if self.is_archive() {
            "Pack it anew, or send the file that is in it."
        } else {
            "Open it in the program that it comes from, save it anew, and send that file."
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
