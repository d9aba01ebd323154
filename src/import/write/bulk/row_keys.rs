//! The keys of inserted rows, for undo_import(), where it cannot know by import_id which rows an import has inserted.

use super::layout;
use crate::pg::Place;
use crate::table::Target;
use pack::Packed;
use pgrx::Uuid;
use serde_json::{Value, json};

/// The columns that tell rows apart; none where the rows are marked.
#[derive(PartialEq)]
pub struct RowKeys(Vec<KeyColumn>);

/// A column that tells rows apart, and where its values come from.
#[derive(PartialEq)]
enum KeyColumn {
    /// A sequence, in numbers of so many bytes.
    Numbered { name: String, attribute: usize, width: usize },
    /// A random UUID.
    Random { name: String, attribute: usize },
    /// The file.
    Given { name: String },
}

impl RowKeys {
    pub fn of(target: &Target) -> Self {
        if target.has_import_id {
            return Self(Vec::new());
        }
        Self(target.row_identity.iter().map(|name| KeyColumn::of(target, name)).collect())
    }

    /// A JSON array; None where nothing is to be remembered. `given` is the value of a file's column in a row, the rows counted as
    /// those of `packed`.
    pub fn of_rows<'b>(
        &self,
        packed: &Packed,
        given: impl Fn(usize, &str) -> Option<&'b str>,
    ) -> Option<String> {
        let value = |row: usize, column: &KeyColumn| match column {
            KeyColumn::Numbered { name, attribute, width } if packed.is_deferred(*attribute) => {
                (name.clone(), json!(packed.number(row, *attribute, *width)))
            }
            KeyColumn::Random { name, attribute } if packed.is_deferred(*attribute) => (
                name.clone(),
                json!(packed.uuid(row, *attribute).map(|uuid| Uuid::from_bytes(uuid).to_string())),
            ),
            KeyColumn::Numbered { name, .. } | KeyColumn::Random { name, .. } | KeyColumn::Given { name } => {
                (name.clone(), json!(given(row, name)))
            }
        };
        let key = |row| Value::Object(self.0.iter().map(|column| value(row, column)).collect());
        (!self.0.is_empty()).then(|| Value::Array((0..packed.rows()).map(key).collect()).to_string())
    }
}

impl KeyColumn {
    fn of(target: &Target, name: &str) -> Self {
        let name = name.to_owned();
        let Some(attribute) = target.position(&name) else { return Self::Given { name } };
        let column = &target.columns[attribute];
        match layout::place(column) {
            Place::Value(width) if column.sequence().is_some() => Self::Numbered { name, attribute, width },
            _ if column.is_random => Self::Random { name, attribute },
            _ => Self::Given { name },
        }
    }
}
