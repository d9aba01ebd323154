//! A column of a table.

use pgrx::pg_sys;
use serde::Deserialize;

#[derive(PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// `None` of a dropped column.
    name: Option<String>,
    /// As a cast takes it, without a length. `None` of a dropped column.
    #[serde(rename = "type")]
    type_name: Option<String>,
    /// With its length and, if it is not the type's own, the collation.
    pub stored_type: String,
    /// `atttypmod`.
    pub modifier: i32,
    /// Whether values are stored without short headers and TOAST, as those of other columns are not.
    pub is_plain_varlena: bool,
    /// Whether a file may fill it.
    pub is_fillable: bool,
    /// Whether a file has to fill it: NOT NULL, and nothing else does.
    pub is_required: bool,
    pub is_not_null: bool,
    /// Whether it is of the key that conflicts are told by.
    pub is_key: bool,
    /// Whether it is of the primary key, which no update changes.
    pub is_primary_key: bool,
    identity_kind: Option<String>,
    default_expression: Option<String>,
    /// An expression that gives the default as a text, whatever the settings are; `default_node` is the same, as the catalog has it.
    default_text: Option<String>,
    default_node: Option<String>,
    sequence: Option<u32>,
    /// Whether the default is the time of the transaction.
    pub is_now: bool,
    /// Whether the default is another UUID in every row.
    pub is_random: bool,
    /// Of an enumeration, in its order.
    labels: Option<Vec<String>>,
    /// Parallel to `labels`.
    label_ids: Option<Vec<u32>>,
}

impl Column {
    /// Empty of a dropped column, as no other name is.
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or_default()
    }

    /// As a cast takes it, without a length; empty of a dropped column.
    pub fn type_name(&self) -> &str {
        self.type_name.as_deref().unwrap_or_default()
    }

    pub fn is_dropped(&self) -> bool {
        self.name.is_none()
    }

    /// Whether it takes what a file has besides the table's columns, in addition to what a row has.
    pub fn is_attributes(&self) -> bool {
        self.name() == "attributes" && self.type_name() == "jsonb"
    }

    /// Whether an update sets it, where a file fills it.
    pub fn is_updatable(&self) -> bool {
        !self.is_key && !self.is_primary_key
    }

    /// Whether PostgreSQL numbers it by GENERATED … AS IDENTITY.
    pub fn is_identity(&self) -> bool {
        self.identity_kind.is_some()
    }

    /// What numbers the column, if anything does.
    pub fn sequence(&self) -> Option<pg_sys::Oid> {
        self.sequence.map(pg_sys::Oid::from)
    }

    /// The expression that takes the place of a NULL in the file.
    pub fn default_for_null(&self) -> Option<&str> {
        self.default_expression.as_deref().filter(|_| self.is_not_null)
    }

    /// The default, as an expression, of a column that people fill: not one that numbers rows or tells them apart.
    pub fn own_default(&self) -> Option<&str> {
        let is_peoples =
            self.sequence.is_none() && !self.is_identity() && !self.is_random && !self.is_attributes();
        self.default_expression.as_deref().filter(|_| is_peoples && !self.is_primary_key)
    }

    /// Whether the default is a date or a time that is another one with every import.
    pub fn defaults_to_now(&self) -> bool {
        const NOW: [&str; 5] = ["now()", "CURRENT_", "LOCALTIMESTAMP", "_timestamp()", "timeofday()"];
        let is_date = self.type_name() == "date" || self.type_name().starts_with("timestamp");
        is_date && self.default_expression.as_ref().is_some_and(|it| NOW.iter().any(|now| it.contains(now)))
    }

    /// The default: an expression that gives it as a text, and its node.
    pub fn default(&self) -> Option<(&str, &str)> {
        self.default_text.as_deref().zip(self.default_node.as_deref())
    }

    /// The labels of an enumeration, in its order.
    pub fn labels(&self) -> Option<&[String]> {
        self.labels.as_deref()
    }

    /// The same with their ids.
    pub fn labels_with_ids(&self) -> Option<impl Iterator<Item = (&String, u32)>> {
        self.labels
            .as_ref()
            .zip(self.label_ids.as_ref())
            .map(|(labels, ids)| labels.iter().zip(ids.iter().copied()))
    }

    /// Whether statements about a file's column are the same for both.
    pub fn is_like(&self, other: &Self) -> bool {
        let said = |it: &Self| {
            (it.name.clone(), it.type_name.clone(), it.stored_type.clone(), it.is_key, it.is_primary_key)
        };
        said(self) == said(other) && self.default_for_null() == other.default_for_null()
    }
}
