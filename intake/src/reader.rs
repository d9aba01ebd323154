//! Reads the records of a file, from the first to the last.

use crate::batch::{Emit, Event, Origin};
use crate::batches::Batches;
use crate::cell::{Cell, Form};
use crate::cells::{decode, no_extra_fields, whole};
use crate::dialect::{DELIMITERS, Dialect};
use crate::encoding::EncodingBasis;
use crate::encoding_notes::remark_on_damage;
use crate::error::FileError;
use crate::file::CsvFile;
use crate::lines::Line;
use crate::mapping::{Destination, MappingSource};
use crate::new_row::NewRow;
use crate::notes::Notes;
use crate::places::Places;
use crate::products::Products;
use crate::readings::Readings;
use crate::record::Record;
use crate::refusal::CellError;
use crate::remark::Remark;
use crate::row::Layout;
use crate::row_marks::RowMarks;
use crate::sampled_column::SampledColumn;
use crate::second_table;
use crate::skipped::SkipReason;
use crate::spec::{LocalesBy, Spec};
use crate::sums::Sums;
use crate::survey::Survey;
use crate::told::Told;
use memchr::memchr;
use std::borrow::Cow;
use std::ops::ControlFlow;

/// Reads a file that is open, whether it was text or a sheet.
pub(crate) fn read_records(mut file: CsvFile<'_>, spec: &Spec, emit: Emit<'_>) -> Result<(), FileError> {
    let (dialect, sample) = (file.dialect(), file.sample());
    let mapping = spec.map(&sample.header, &sample.rows, spec.mapping.as_ref());
    let mapping = mapping.map_err(|error| error.with_advice(advice(&sample.header, &dialect)))?;
    let sampled = SampledColumn::all(&spec.table, &mapping, sample.spelled_rows());
    let readings = Readings::of_sample(&sampled);
    let told = match dialect.is_export {
        true => Told::of_export(),
        false => Told::of_file(&sample.header, &sample.rows),
    };
    let locales = spec.decide(&readings, Some(dialect.delimiter), &told);
    let marks = RowMarks::of(&spec.table, &mapping, &sample.rows);
    let layout = Layout::new(&spec.table, &mapping, &sampled, &locales, marks).told(&told);
    let columns = layout.columns().to_vec();
    let is_lone = matches!(mapping.destinations[..], [Destination::Attribute(_) | Destination::Ignored])
        && mapping.sources[0] == MappingSource::None;
    let mut places = Places::of(&mapping, spec.location.as_ref());
    let sums = Sums::of(spec, &mapping, &layout)?;
    let description = Some(file.description().clone());
    let started =
        |locales| Event::Started { file: description, dialect: Some(dialect), mapping, columns, locales };
    let surveyed = (spec.locales == LocalesBy::AllRows).then(|| Survey::of(&sampled));
    if let Some(survey) = surveyed {
        let readings = look_through(&mut file, survey, &layout)?;
        let _ = emit(started(spec.decide(&readings, Some(dialect.delimiter), &told)));
        return Ok(());
    }
    let doubts = spec.doubts(readings, &locales);
    if emit(started(locales)).is_break() {
        return Ok(());
    }
    let mut batches = Batches::new(spec, &layout, doubts, sums, emit);
    batches.note(file.notes());
    if is_lone {
        batches.note(&note_on_lone_column(&file));
    }
    if add_rows(&mut file, &layout, places.as_mut(), &mut batches)?.is_break() {
        return Ok(());
    }
    places.map_or(Ok(()), Places::finish)?;
    batches.finish()
}

fn note_on_lone_column(file: &CsvFile<'_>) -> Notes {
    let (line, cells) = file.header().unwrap_or((1, file.columns()));
    let mut notes = Notes::default();
    notes.add("", Remark::OneColumn, line, Some(&cells[0]));
    notes
}

/// Reads the records behind the header.
fn add_rows(
    file: &mut CsvFile<'_>,
    layout: &Layout<'_>,
    mut places: Option<&mut Places>,
    batches: &mut Batches<'_>,
) -> Result<ControlFlow<()>, FileError> {
    let dialect = file.dialect();
    let mut products = Products::of(file.columns());
    let mut after_gap = false;
    while let Some(line) = file.next_line()? {
        match line {
            Line::Skipped(line, why) => {
                after_gap |= why == SkipReason::Blank;
                batches.skip(line, why);
            }
            Line::Data(record) => {
                let text = std::str::from_utf8(record.raw).ok();
                if let Some(why) = no_data(products.as_ref(), places.as_deref_mut(), &record, text, dialect) {
                    batches.skip(record.line, why);
                    continue;
                }
                batches.add(origin(&record, text), |row| {
                    let read = read_row(&record, text, layout, dialect, products.as_mut(), row);
                    read.map_err(|errors| second_table::explain(&record, after_gap, errors))
                });
                after_gap = false;
            }
        }
        if batches.emit_if_full(file.bytes_read(), file.bytes_consumed())?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// What all records say of how they are to be read.
fn look_through(
    file: &mut CsvFile<'_>,
    mut survey: Survey,
    layout: &Layout<'_>,
) -> Result<Vec<Readings>, FileError> {
    let is_typed = file.dialect().typed;
    while let Some(line) = file.next_line()? {
        let Line::Data(record) = line else { continue };
        let text = std::str::from_utf8(record.raw).ok().filter(|_| whole(&record).is_ok());
        if let Some(cells) = text.and_then(|text| cells(&record, text, is_typed)) {
            survey.add(layout, cells);
        }
    }
    Ok(survey.readings())
}

/// What may have gone wrong if the columns of a file are not what they should be.
fn advice(header: &[String], dialect: &Dialect) -> Option<String> {
    if let [lone] = header {
        let quoted = lone.bytes().any(|byte| DELIMITERS.contains(&byte));
        return Some(if quoted {
            "Each line of the file is one quoted cell: take off the outer quotes.".to_owned()
        } else {
            "No delimiter was found, so that each line is one cell: give the option delimiter.".to_owned()
        });
    }
    let Dialect { encoding, encoding_basis, .. } = dialect;
    let is_guess = *encoding_basis == EncodingBasis::Guess;
    is_guess
        .then(|| format!("The encoding {encoding} was guessed: if it is another, give the option encoding."))
}

/// Why a record is no data of this import: it has nothing but the image of a product, or is of another location.
fn no_data(
    products: Option<&Products>,
    places: Option<&mut Places>,
    record: &Record<'_>,
    text: Option<&str>,
    dialect: Dialect,
) -> Option<SkipReason> {
    if products.is_none() && places.is_none() {
        return None;
    }
    let cells = text.and_then(|text| cells(record, text, dialect.typed))?;
    if products.is_some_and(|products| products.is_image(cells.clone())) {
        return Some(SkipReason::Image);
    }
    let is_elsewhere = places.is_some_and(|places| places.is_elsewhere(cells.map(|cell| cell.text)));
    is_elsewhere.then_some(SkipReason::OtherLocation)
}

/// `text` is the record's `raw`, if that is text.
fn read_row(
    record: &Record<'_>,
    text: Option<&str>,
    layout: &Layout<'_>,
    dialect: Dialect,
    products: Option<&mut Products>,
    row: &mut NewRow<'_>,
) -> Result<(), Vec<CellError>> {
    let fits = || no_extra_fields(record, layout.width(), dialect);
    whole(record).and_then(|()| fits()).map_err(|error| vec![error])?;
    let cells = text.and_then(|text| cells(record, text, dialect.typed));
    let cells = cells.ok_or_else(|| undecodable(record, layout, dialect))?;
    let cells = cells.take(layout.width());
    match products {
        Some(products) => {
            let cells = products.fill(cells, layout, record.line, row.notes);
            layout.write(cells.into_iter(), row)?;
        }
        None => layout.write(cells, row)?,
    }
    remark_on_damage(text.unwrap_or_default(), record.line, row.notes);
    // A sheet has no cell where there is nothing.
    if record.fields().len() < layout.width() && !dialect.typed {
        row.notes.add("", Remark::Short, record.line, None);
    }
    Ok(())
}

/// The fields of a record whose bytes are valid text. They need no validation one by one: delimiters are ASCII, and
/// quotes whole characters. None if there is a NUL, which PostgreSQL's text cannot hold.
fn cells<'a>(
    record: &Record<'a>,
    raw: &'a str,
    is_typed: bool,
) -> Option<impl Iterator<Item = Cell<'a>> + Clone + use<'a>> {
    if memchr(0, raw.as_bytes()).is_some() {
        return None;
    }
    let copied = std::str::from_utf8(record.copied).ok()?;
    Some(record.spans.iter().map(move |span| {
        let home = if span.quoted { copied } else { raw };
        let text = &home[span.start..span.end];
        let form = match (span.quoted, is_typed) {
            (true, false) => Form::Quoted,
            (false, true) if !text.is_empty() => Form::Json,
            _ => Form::Bare,
        };
        Cell { text, form }
    }))
}

fn undecodable(record: &Record<'_>, layout: &Layout<'_>, dialect: Dialect) -> Vec<CellError> {
    let named = |(index, error): (usize, CellError)| error.in_column(layout.column_name(index));
    let wrong = |(index, bytes)| Some((index, decode(bytes, dialect.encoding).err()?));
    let fields = record.fields().map(|field| field.bytes).enumerate();
    let errors: Vec<_> = fields.filter_map(wrong).map(named).collect();
    // A quote may be in the middle of a character.
    if errors.is_empty() { decode(record.raw, dialect.encoding).err().into_iter().collect() } else { errors }
}

fn origin<'a>(record: &Record<'a>, text: Option<&'a str>) -> Origin<'a> {
    let raw = text.map_or_else(|| String::from_utf8_lossy(record.raw), Cow::Borrowed);
    Origin { line: record.line, byte_offset: Some(record.byte_offset), raw }
}
