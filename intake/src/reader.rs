//! Reads a CSV file from its first byte to its last.

use crate::batch::{Batches, Event, Origin, Spec};
use crate::cells::{decode, no_extra_fields, whole};
use crate::columns::Mapping;
use crate::dialect::Dialect;
use crate::error::FileError;
use crate::file::CsvFile;
use crate::lines::Line;
use crate::notes::Passed;
use crate::record::Record;
use crate::row::{Cell, Layout, Outcome};
use std::borrow::Cow;
use std::io::Read;
use std::ops::ControlFlow;

/// What is noted of a row that ends before the last column.
const SHORT_ROW: &str = "short row, filled up with NULL";

/// Reads CSV and emits [`Event::Started`], then batches, until the input ends or `emit` breaks off, which is
/// no error. A bad record costs itself alone; an error is the whole file's.
pub fn read_csv<R: Read>(
    input: R,
    spec: &Spec,
    emit: &mut dyn FnMut(Event) -> ControlFlow<()>,
) -> Result<(), FileError> {
    let mut file = CsvFile::open(input, &spec.read_options())?;
    let mapping = Mapping::resolve(file.columns(), &spec.table, spec.mapping.as_ref())?;
    let layout = Layout::new(&spec.table, &mapping);
    let (dialect, columns) = (file.dialect(), layout.columns().to_vec());
    if emit(Event::Started { dialect: Some(dialect), mapping, columns }).is_break() {
        return Ok(());
    }
    let mut batches = Batches::new(spec, &layout, emit);
    batches.notes().append(file.notes());
    while let Some(line) = file.next_line()? {
        match line {
            Line::Passed(line, why) => batches.skip(line, why),
            Line::Data(record) => {
                if record.fields().len() < layout.width() && whole(&record).is_ok() {
                    batches.notes().add(record.line, SHORT_ROW);
                }
                match read_row(&record, &layout, dialect) {
                    Outcome::Accepted(row) => batches.accept(origin(&record), row),
                    Outcome::Refused(cells) => batches.refuse(origin(&record), cells),
                    Outcome::Blank => batches.skip(record.line, Passed::Blank),
                }
            }
        }
        if batches.turn(file.bytes_read()).is_break() {
            return Ok(());
        }
    }
    batches.finish()
}

fn read_row(record: &Record<'_>, layout: &Layout<'_>, dialect: Dialect) -> Outcome {
    let fits = || no_extra_fields(record, layout.width(), dialect.delimiter);
    if let Err(error) = whole(record).and_then(|()| fits()) {
        return Outcome::Refused(vec![error]);
    }
    let mut cells = Vec::with_capacity(layout.width());
    let mut errors = Vec::new();
    for (index, field) in record.fields().take(layout.width()).enumerate() {
        match decode(field.bytes, dialect.encoding) {
            Ok(text) => cells.push(Cell { text: Cow::Borrowed(text), json: None }),
            Err(error) => errors.push(error.in_column(layout.column_name(index))),
        }
    }
    if errors.is_empty() { layout.check(&cells) } else { Outcome::Refused(errors) }
}

fn origin(record: &Record<'_>) -> Origin {
    let raw = String::from_utf8_lossy(record.raw).into_owned();
    Origin { line: record.line, byte_offset: Some(record.byte_offset), raw }
}
