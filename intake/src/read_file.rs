//! Reads a file, whatever it is, from its first byte to its last.

use crate::batch::Emit;
use crate::content::{Content, Opened};
use crate::error::FileError;
use crate::file::CsvFile;
use crate::file_description::FileDescription;
use crate::format::Format;
use crate::json_file::read_json;
use crate::mapping::Vocabulary;
use crate::reader::read_records;
use crate::spec::Spec;
use crate::workbook::Workbook;
use std::io::Read;

/// Reads a file of any format and emits [`Event::Started`], then batches, until the input ends or `emit` breaks.
///
/// A bad record is refused, and the reading goes on. An error is about the whole file. To break is no error.
///
/// ```
/// use intake::{Batch, Column, Event, Kind, Spec, Table, read_file};
/// use std::ops::ControlFlow;
///
/// let sku = Column::new("sku", Kind::Text { max_chars: None }).required();
/// let table = Table { columns: vec![sku, Column::new("quantity", Kind::Int4)], attributes: None };
/// let file = "SKU;Quantity\nA1;1.200\nA2;many\n";
/// let mut rows = Vec::new();
/// let mut refused = Vec::new();
///
/// read_file(file.as_bytes(), &Spec::new(table), &mut |event| {
///     if let Event::Batch(batch) = event {
///         rows.extend((0..batch.rows()).map(|row| batch.cell(row, 1).map(str::to_owned)));
///         refused.extend(batch.refused);
///     }
///     ControlFlow::Continue(Batch::default())
/// })?;
///
/// assert_eq!(rows, [Some("1200".to_owned())]);
/// assert_eq!((refused[0].line, refused[0].raw.as_str()), (3, "A2;many"));
/// assert_eq!(refused[0].cells[0].message, "invalid input syntax for type integer: \"many\"");
/// # Ok::<(), intake::FileError>(())
/// ```
pub fn read_file<R: Read>(input: R, spec: &Spec, emit: Emit<'_>) -> Result<(), FileError> {
    let vocabulary = Vocabulary::of(&spec.table, spec.mapping.as_ref());
    let options = &spec.reading;
    let Opened { archives, content, position } = Opened::of(Box::new(input), options)?;
    match content {
        Content::Text(text) if options.sheet.is_some() => {
            Err(FileError::NoSheets(text.json().unwrap_or(Format::Csv)))
        }
        Content::Text(text) => match text.json() {
            Some(format) => {
                let description = FileDescription { format, archives, sheet: None };
                read_json(text, description, position, spec, emit)
            }
            None => {
                let file = CsvFile::of_text(text, archives, position, options, &vocabulary)?;
                read_records(file, spec, emit)
            }
        },
        Content::Workbook(format, bytes) => {
            let mut workbook = Workbook::open(format, bytes, options.memory, position.clone())?;
            let sheet = workbook.open_sheet(options.sheet.as_deref(), &vocabulary)?;
            let description = FileDescription { format, archives, sheet: Some(sheet.name.clone()) };
            let file = CsvFile::of_sheet(sheet, description, position, options, &vocabulary)?;
            read_records(file, spec, emit)
        }
    }
}
