//! Reads records that are JSON objects.

use crate::batch::{Emit, Event, Origin};
use crate::batches::Batches;
use crate::cell::{Cell, Form};
use crate::error::FileError;
use crate::file_description::FileDescription;
use crate::header::name_columns;
use crate::json_texts::JsonText;
use crate::limits::{SAMPLE_BYTES, SAMPLE_ROWS};
use crate::mapping::Finder;
use crate::new_row::NewRow;
use crate::places::Places;
use crate::readings::Readings;
use crate::refusal::CellError;
use crate::row::Layout;
use crate::row_marks::RowMarks;
use crate::sampled_column::SampledColumn;
use crate::skipped::SkipReason;
use crate::spec::{LocalesBy, Spec};
use crate::spelling;
use crate::sqlstate;
use crate::sums::Sums;
use crate::survey::Survey;
use crate::told::Told;
use crate::values::{escapes_nul, no_nul};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::HashMap;

/// Reads JSON objects as rows of a file whose header is `keys`, all keys that the objects have.
///
/// A string counts as its text, a number as it is written, null as an empty cell, and anything nested as its JSON. In
/// attributes, all but strings stay JSON. Spellings of one key, `SKU` and `sku`, are one column unless a record has both.
/// Lines are ordinals from 1, and bytes those of the texts.
///
/// ```
/// use intake::{Batch, Column, Event, JsonRecords, Kind, Spec, Table, read_objects};
/// use std::ops::ControlFlow;
///
/// let table = Table { columns: vec![Column::new("quantity", Kind::Int4)], attributes: None };
/// let array = r#"[{"quantity": 5}, {"quantity": "7"}]"#;
/// let JsonRecords { keys, records, .. } = JsonRecords::of(array).expect("an array");
/// let mut rows = 0;
///
/// read_objects(&keys, records.into_iter(), &Spec::new(table), &mut |event| {
///     if let Event::Batch(batch) = event {
///         rows += batch.rows();
///     }
///     ControlFlow::Continue(Batch::default())
/// })?;
///
/// assert_eq!(rows, 2);
/// # Ok::<(), intake::FileError>(())
/// ```
pub fn read_objects(
    keys: &[String],
    objects: impl Iterator<Item = String>,
    spec: &Spec,
    emit: Emit<'_>,
) -> Result<(), FileError> {
    let mut end = 0;
    let texts = (1..).zip(objects).map(|(line, text)| {
        end += text.len() as u64;
        Ok(JsonText { line, byte_offset: None, end, text: Ok(text) })
    });
    read_json_texts(keys, None, texts, &mut |text| text.end, spec, emit)
}

/// The same of texts from anywhere; `consumed` says how much of its file was gone through when a text was read.
pub(crate) fn read_json_texts(
    keys: &[String],
    file: Option<FileDescription>,
    mut texts: impl Iterator<Item = Result<JsonText, FileError>>,
    consumed: &mut dyn FnMut(&JsonText) -> u64,
    spec: &Spec,
    emit: Emit<'_>,
) -> Result<(), FileError> {
    let first = take_first(&mut texts)?;
    if first.is_empty() {
        return Err(FileError::Empty);
    }
    let objects: Vec<&str> = first.iter().filter_map(|text| text.text.as_deref().ok()).collect();
    let columns = spelling::columns(keys, &keys_of(keys, &objects));
    let header = name_columns(columns.iter().map(|spellings| spellings[0].clone()));
    let columns = Columns { keys, spellings: &columns };
    // A client may send a mapping of all its columns. Entries for keys that no record has do not matter.
    let finder = Finder::new(&header);
    let known = |mapping: &Map<String, Value>| -> Map<String, Value> {
        let pairs = mapping.iter().filter(|(name, _)| finder.find(name).is_some());
        pairs.map(|(name, target)| (name.clone(), target.clone())).collect()
    };
    let explicit = spec.mapping.as_ref().map(known);
    let mapping = spec.map(&header, &sample_rows(&columns, &objects), explicit.as_ref())?;
    let rows: Vec<_> = objects.iter().map(|object| strings(&columns, object)).collect();
    let sampled = SampledColumn::all(&spec.table, &mapping, &rows);
    let readings = Readings::of_sample(&sampled);
    let told = Told::of_file(&header, &rows);
    let locales = spec.decide(&readings, None, &told);
    let marks = RowMarks::of(&spec.table, &mapping, &rows);
    let layout = Layout::new(&spec.table, &mapping, &sampled, &locales, marks).told(&told);
    let filled = layout.columns().to_vec();
    let mut places = Places::of(&mapping, spec.location.as_ref());
    let sums = Sums::of(spec, &mapping, &layout)?;
    if spec.locales == LocalesBy::AllRows {
        let texts = first.into_iter().map(Ok).chain(texts);
        let readings = look_through(texts, &columns, Survey::of(&sampled), &layout)?;
        let locales = spec.decide(&readings, None, &told);
        let _ = emit(Event::Started { file, dialect: None, mapping, columns: filled, locales });
        return Ok(());
    }
    let doubts = spec.doubts(readings, &locales);
    if emit(Event::Started { file, dialect: None, mapping, columns: filled, locales }).is_break() {
        return Ok(());
    }
    let mut batches = Batches::new(spec, &layout, doubts, sums, emit);
    for text in first.into_iter().map(Ok).chain(texts) {
        let text = text?;
        let (end, consumed) = (text.end, consumed(&text));
        add(&mut batches, &text, &columns, places.as_mut(), &layout);
        if batches.emit_if_full(end, consumed)?.is_break() {
            return Ok(());
        }
    }
    places.map_or(Ok(()), Places::finish)?;
    batches.finish()
}

fn add(
    batches: &mut Batches<'_>,
    text: &JsonText,
    columns: &Columns<'_>,
    places: Option<&mut Places>,
    layout: &Layout<'_>,
) {
    let JsonText { line, byte_offset, text, .. } = text;
    let origin = |raw| Origin { line: *line, byte_offset: *byte_offset, raw: Cow::Borrowed(raw) };
    match text {
        Err((raw, error)) => batches.add(origin(raw), |_| Err(vec![error.clone()])),
        Ok(raw) => {
            let parsed = members(raw).and_then(|members| texts(columns, &members));
            if parsed.as_ref().is_ok_and(|texts| are_blank(texts)) {
                batches.skip(*line, SkipReason::Blank);
            } else if parsed.as_ref().is_ok_and(|texts| is_elsewhere(places, texts)) {
                batches.skip(*line, SkipReason::OtherLocation);
            } else {
                batches.add(origin(raw), |row| write(parsed, layout, row));
            }
        }
    }
}

/// What all records say of how they are to be read.
fn look_through(
    objects: impl Iterator<Item = Result<JsonText, FileError>>,
    columns: &Columns<'_>,
    mut survey: Survey,
    layout: &Layout<'_>,
) -> Result<Vec<Readings>, FileError> {
    for text in objects {
        if let Ok(object) = &text?.text
            && let Ok(texts) = members(object).and_then(|members| texts(columns, &members))
        {
            survey.add(layout, cells(&texts));
        }
    }
    Ok(survey.readings())
}

fn is_elsewhere(places: Option<&mut Places>, texts: &[Text<'_>]) -> bool {
    places.is_some_and(|places| places.is_elsewhere(texts.iter().map(|(text, _)| &**text)))
}

/// The keys of the records, and which of them are a column.
struct Columns<'k> {
    keys: &'k [String],
    spellings: &'k [Vec<String>],
}

/// The keys that each record has, by their places in `keys`.
fn keys_of(keys: &[String], objects: &[&str]) -> Vec<Vec<usize>> {
    let places: HashMap<&str, usize> = keys.iter().map(String::as_str).zip(0..).collect();
    let of_members =
        |members: Members<'_>| members.keys().filter_map(|key| places.get(&**key).copied()).collect();
    objects.iter().filter_map(|object| members(object).ok()).map(of_members).collect()
}

/// Records as rows of texts. Those that cannot be parsed are left out here, and refused later.
fn sample_rows(columns: &Columns<'_>, objects: &[&str]) -> Vec<Vec<String>> {
    let row = |cells: Vec<(Cow<'_, str>, _)>| cells.into_iter().map(|(text, _)| text.into_owned()).collect();
    objects.iter().filter_map(|text| Some(row(texts(columns, &members(text).ok()?).ok()?))).collect()
}

/// The texts that make the sample.
fn take_first(
    texts: &mut impl Iterator<Item = Result<JsonText, FileError>>,
) -> Result<Vec<JsonText>, FileError> {
    let mut first: Vec<JsonText> = Vec::new();
    while first.len() < SAMPLE_ROWS
        && first.last().is_none_or(|text| text.end < SAMPLE_BYTES as u64)
        && let Some(text) = texts.next().transpose()?
    {
        first.push(text);
    }
    Ok(first)
}

/// The strings among the cells of an object; the others are empty. Only strings depend on a locale.
fn strings(columns: &Columns<'_>, object: &str) -> Vec<String> {
    let Ok(members) = members(object) else { return Vec::new() };
    let string = |spellings: &Vec<String>| {
        let value = values(spellings, &members).next()?;
        text(value).ok().filter(|(_, form)| *form != Form::Json)
    };
    let texts = columns.spellings.iter().map(string);
    texts.map(|text| text.map_or_else(String::new, |(text, _)| text.into_owned())).collect()
}

fn are_blank(texts: &[Text<'_>]) -> bool {
    texts.iter().all(|(text, _)| text.trim().is_empty())
}

fn write(
    parsed: Result<Vec<Text<'_>>, CellError>,
    layout: &Layout<'_>,
    row: &mut NewRow<'_>,
) -> Result<(), Vec<CellError>> {
    let texts = parsed.map_err(|error| vec![error])?;
    layout.write(cells(&texts), row)
}

fn cells<'a>(texts: &'a [Text<'a>]) -> impl Iterator<Item = Cell<'a>> + Clone {
    texts.iter().map(|(text, form)| Cell { text, form: *form })
}

type Members<'a> = HashMap<Cow<'a, str>, &'a RawValue>;

fn members(text: &str) -> Result<Members<'_>, CellError> {
    if escapes_nul(text) {
        return Err(no_nul());
    }
    serde_json::from_str(text).map_err(|error| {
        if error.is_data() {
            let error = CellError::new(sqlstate::INVALID_PARAMETER, "record is not a JSON object");
            error.about(text).suggest("write {\"column\": value}")
        } else {
            CellError::new(sqlstate::INVALID_TEXT, "invalid input syntax for type json").about(text)
        }
    })
}

/// What a cell is made of.
type Text<'a> = (Cow<'a, str>, Form);

fn texts<'a>(columns: &Columns<'_>, members: &Members<'a>) -> Result<Vec<Text<'a>>, CellError> {
    if let Some(stray) = members.keys().find(|&key| !columns.keys.iter().any(|known| known == key)) {
        let message = format!("key \"{stray}\" is not among the columns");
        return Err(CellError::new(sqlstate::INVALID_PARAMETER, message));
    }
    let cell = |spellings: &Vec<String>| {
        let mut values = values(spellings, members);
        let cell = values.next().map_or(Ok(EMPTY), text);
        if values.next().is_some() {
            let message = format!("column \"{}\" has several values in different spellings", spellings[0]);
            return Err(CellError::new(sqlstate::INVALID_PARAMETER, message));
        }
        cell
    };
    columns.spellings.iter().map(cell).collect()
}

/// The values of a column in a record, if they are not null.
fn values<'m, 'a>(
    spellings: &'m [String],
    members: &'m Members<'a>,
) -> impl Iterator<Item = &'a RawValue> + use<'m, 'a> {
    let value = |key: &String| members.get(key.as_str()).copied();
    spellings.iter().filter_map(value).filter(|value| value.get() != "null")
}

const EMPTY: Text<'static> = (Cow::Borrowed(""), Form::Quoted);

fn text(value: &RawValue) -> Result<Text<'_>, CellError> {
    let json = value.get();
    match json.as_bytes().first() {
        Some(b'n') => Ok(EMPTY),
        // Half of a surrogate pair is valid JSON, but no text.
        Some(b'"') => serde_json::from_str(json).map(|text| (Cow::Owned(text), Form::Quoted)).map_err(|_| {
            CellError::new(sqlstate::INVALID_TEXT, "invalid input syntax for type json").about(json)
        }),
        _ => Ok((Cow::Borrowed(json), Form::Json)),
    }
}
