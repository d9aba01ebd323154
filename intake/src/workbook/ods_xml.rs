//! The XML of an `.ods`, element by element.

use crate::error::FileError;
use crate::format::Format;
use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use std::fmt::Display;
use std::io::{BufReader, Read, Seek};
use zip::ZipArchive;

pub(super) struct OdsXml<R> {
    reader: Reader<BufReader<R>>,
    buffer: Vec<u8>,
}

/// The part of a workbook that has its sheets.
pub(super) fn open_content<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
) -> Result<OdsXml<impl Read + '_>, FileError> {
    let mut reader = Reader::from_reader(BufReader::new(archive.by_name("content.xml").map_err(damaged)?));
    reader.config_mut().expand_empty_elements = true;
    Ok(OdsXml { reader, buffer: Vec::new() })
}

impl<R: Read> OdsXml<R> {
    pub(super) fn next(&mut self) -> Result<Event<'_>, FileError> {
        self.buffer.clear();
        self.reader.read_event_into(&mut self.buffer).map_err(damaged)
    }

    /// Goes behind the start of a sheet.
    pub(super) fn go_to_table(&mut self, name: &str) -> Result<(), FileError> {
        loop {
            let is_it = |it: &BytesStart<'_>| {
                it.local_name().as_ref() == "table" && attribute(it, "name").unwrap_or_default() == name
            };
            match self.next()? {
                Event::Start(it) if is_it(&it) => return Ok(()),
                Event::Eof => return Err(damaged("a sheet is not there any more")),
                _ => {}
            }
        }
    }

    /// Goes behind the end of the element that has just begun.
    pub(super) fn skip_element(&mut self) -> Result<(), FileError> {
        let mut depth = 1;
        while depth > 0 {
            match self.next()? {
                Event::Start(_) => depth += 1,
                Event::End(_) => depth -= 1,
                Event::Eof => return Err(damaged("an element does not end")),
                _ => {}
            }
        }
        Ok(())
    }
}

/// An attribute of an element, whatever its prefix.
pub(super) fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let found =
        element.attributes().filter_map(Result::ok).find(|it| it.key.local_name().as_ref() == name)?;
    Some(found.normalized_value(XmlVersion::Explicit1_0).ok()?.into_owned())
}

/// The character that a reference such as `&amp;` stands for.
pub(super) fn resolve(reference: &BytesRef<'_>, text: &mut String) {
    match reference.resolve_char_ref() {
        Ok(Some(character)) => text.push(character),
        _ => text.push_str(resolve_predefined_entity(reference).unwrap_or("\u{FFFD}")),
    }
}

pub(super) fn damaged(error: impl Display) -> FileError {
    FileError::damaged(Format::OpenDocument, error)
}
