//! What a file is.

use crate::format::Format;
use serde_json::{Value, json};

/// What a file is, for reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileDescription {
    /// Of the table, once archives are opened.
    pub format: Format,
    /// The archives around it, the outermost first.
    pub archives: Vec<Format>,
    /// The sheet of a workbook.
    pub sheet: Option<String>,
}

impl FileDescription {
    /// Whether it is text as it was sent.
    pub(crate) fn is_plain(&self) -> bool {
        self.archives.is_empty() && self.sheet.is_none() && self.format != Format::FixedWidth
    }

    /// `{"format", "archive", "sheet"}`, the last two where there is one.
    pub fn to_json(&self) -> Value {
        let mut json = json!({"format": self.format.code()});
        if let Some(archive) = self.archives.first() {
            json["archive"] = archive.code().into();
        }
        if let Some(sheet) = &self.sheet {
            json["sheet"] = sheet.as_str().into();
        }
        json
    }
}

impl From<Format> for FileDescription {
    /// A file that is of a format as it was sent.
    fn from(format: Format) -> Self {
        FileDescription { format, archives: Vec::new(), sheet: None }
    }
}
