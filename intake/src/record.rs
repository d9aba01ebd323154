//! One record as the splitter lends it out.

/// One record, valid until the next is read.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    /// Physical line on which the record starts, counted from 1.
    pub line: u64,
    /// Position of the record's first byte in the input, a byte order mark included.
    pub byte_offset: u64,
    pub kind: RecordKind,
    /// The bytes as they stand in the file, without the line end; of an over-long record the first 8 KiB, of
    /// an unclosed quote the first line.
    pub raw: &'a [u8],
    pub(crate) spans: &'a [Span],
    pub(crate) copied: &'a [u8],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordKind {
    Row,
    /// A line of no bytes.
    Blank,
    /// Longer than [`MAX_RECORD`](crate::MAX_RECORD); has no fields.
    TooLong,
    /// A quoted field runs over line ends past [`MAX_RECORD`](crate::MAX_RECORD), or to the end of the input;
    /// has no fields.
    Unclosed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field<'a> {
    /// The value: quotes around it removed, doubled quotes made one.
    pub bytes: &'a [u8],
    pub quoted: bool,
}

impl<'a> Record<'a> {
    pub fn fields(&self) -> impl ExactSizeIterator<Item = Field<'a>> + use<'a> {
        let Record { spans, raw, copied, .. } = *self;
        spans.iter().map(move |&Span { start, end, quoted }| {
            let home = if quoted { copied } else { raw };
            Field { bytes: &home[start..end], quoted }
        })
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
