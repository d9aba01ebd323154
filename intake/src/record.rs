//! One record, borrowed from the reader of records.

/// One record, valid until the next is read.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    /// Physical line on which the record starts, counted from 1.
    pub line: u64,
    /// Position of the record's first byte in the input, a byte order mark included.
    pub byte_offset: u64,
    /// What the splitter made of the record.
    pub kind: RecordKind,
    /// The bytes as they stand in the file, without the line end; of an over-long record the first 8 KiB, of
    /// an unclosed quote the first line.
    pub raw: &'a [u8],
    /// The line on which the last quoted field starts, if it is never closed.
    pub opened: Option<u64>,
    /// Text stands between a closing quote and the delimiter.
    pub(crate) untidy: bool,
    /// Nothing follows but blank lines and delimiters.
    pub(crate) last: bool,
    pub(crate) spans: &'a [Span],
    pub(crate) copied: &'a [u8],
}

/// What the splitter made of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordKind {
    /// Fields with delimiters between them.
    Row,
    /// A line of no bytes.
    Blank,
    /// Longer than [`MAX_RECORD`](crate::MAX_RECORD); has no fields.
    TooLong,
    /// A quoted field runs over line ends past [`MAX_RECORD`](crate::MAX_RECORD), or to the end of the input;
    /// has no fields.
    Unclosed,
}

/// One field of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field<'a> {
    /// The value: quotes around it removed, doubled quotes made one.
    pub bytes: &'a [u8],
    /// Whether quotes were around it.
    pub quoted: bool,
}

impl<'a> Record<'a> {
    /// The fields in their order.
    pub fn fields(&self) -> impl ExactSizeIterator<Item = Field<'a>> + use<'a> {
        let record = *self;
        self.spans.iter().map(move |&span| record.at(span))
    }

    pub(crate) fn field(&self, index: usize) -> Option<Field<'a>> {
        self.spans.get(index).map(|&span| self.at(span))
    }

    fn at(&self, Span { start, end, quoted }: Span) -> Field<'a> {
        let home = if quoted { self.copied } else { self.raw };
        Field { bytes: &home[start..end], quoted }
    }

    /// Whether the record is unclosed because the sample ends, not because a quote is missing. The lines behind it are
    /// parts of it then.
    pub(crate) fn is_cut_off(&self, sample: &[u8]) -> bool {
        self.kind == RecordKind::Unclosed && self.byte_offset as usize > sample.len() / 2
    }

    /// Nothing but white space.
    pub(crate) fn is_bare(&self) -> bool {
        let is_row = matches!(self.kind, RecordKind::Row);
        self.is_blank() || (is_row && self.fields().all(|field| is_white(field.bytes)))
    }

    /// Whether there is nothing in the record: a blank line, or delimiters alone.
    pub fn is_blank(&self) -> bool {
        match self.kind {
            RecordKind::Blank => true,
            RecordKind::Row => self.spans.iter().all(|span| span.start == span.end),
            RecordKind::TooLong | RecordKind::Unclosed => false,
        }
    }
}

/// White space of any script.
fn is_white(bytes: &[u8]) -> bool {
    match bytes.trim_ascii_start() {
        [] => true,
        rest if rest[0].is_ascii() => false,
        rest => std::str::from_utf8(rest).is_ok_and(|text| text.trim().is_empty()),
    }
}

/// Where a field's bytes lie.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Lies in the record's `copied` rather than in its `raw`.
    pub(crate) quoted: bool,
}

impl Span {
    pub(crate) fn raw(start: usize, end: usize) -> Self {
        Span { start, end, quoted: false }
    }

    pub(crate) fn copied(start: usize, end: usize) -> Self {
        Span { start, end, quoted: true }
    }
}
