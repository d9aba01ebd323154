//! Which part of an `.xlsx` has which sheet.

use crate::error::FileError;
use crate::format::Format;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::collections::HashMap;
use std::fmt::Display;
use std::io::{Read, Seek};
use zip::ZipArchive;

/// The names of the parts that have the sheets, by the names of the sheets. Sheets that cannot be found are left out.
pub(super) fn sheet_parts<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
) -> Result<HashMap<String, String>, FileError> {
    let package = elements(archive, "_rels/.rels", "Relationship")?;
    let is_workbook = |it: &&Attributes| it.get("Type").is_some_and(|of| of.ends_with("/officeDocument"));
    let Some(workbook) = package.iter().find(is_workbook).and_then(|it| it.get("Target")) else {
        return Ok(HashMap::new());
    };
    let workbook = workbook.trim_start_matches('/');
    let (folder, file) = workbook.rsplit_once('/').unwrap_or(("", workbook));
    let relations = elements(archive, &join(folder, &format!("_rels/{file}.rels")), "Relationship")?;
    let target = |id: &String| relations.iter().find(|it| it.get("Id") == Some(id))?.get("Target");
    let sheets = elements(archive, workbook, "sheet")?;
    let part = |sheet: &Attributes| {
        let name = sheet.get("name")?.clone();
        let target = target(sheet.get("id")?)?;
        let part = target.strip_prefix('/').map_or_else(|| join(folder, target), str::to_owned);
        Some((name, part))
    };
    Ok(sheets.iter().filter_map(part).collect())
}

/// The attributes of an element, without prefixes.
type Attributes = HashMap<String, String>;

/// The elements of that name in a part; none if there is no such part.
fn elements<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    part: &str,
    name: &str,
) -> Result<Vec<Attributes>, FileError> {
    let Ok(mut file) = archive.by_name(part) else { return Ok(Vec::new()) };
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(damaged)?;
    let mut reader = Reader::from_str(&text);
    let mut found = Vec::new();
    loop {
        match reader.read_event().map_err(damaged)? {
            Event::Start(element) | Event::Empty(element) if element.local_name().as_ref() == name => {
                found.push(attributes(&element));
            }
            Event::Eof => return Ok(found),
            _ => {}
        }
    }
}

fn attributes(element: &BytesStart<'_>) -> Attributes {
    let attributes = element.attributes().filter_map(Result::ok);
    let pair = |it: quick_xml::events::attributes::Attribute<'_>| {
        let name = it.key.local_name().as_ref().to_owned();
        let value = it.normalized_value(quick_xml::XmlVersion::Explicit1_0).ok()?;
        Some((name, value.into_owned()))
    };
    attributes.filter_map(pair).collect()
}

fn join(folder: &str, file: &str) -> String {
    if folder.is_empty() { file.to_owned() } else { format!("{folder}/{file}") }
}

fn damaged(error: impl Display) -> FileError {
    FileError::damaged(Format::ExcelWorkbook, error)
}
