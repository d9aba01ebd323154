//! PostgreSQL's types as intake and pack know them.

use super::column::Column;
use intake::Kind;
use pack::Storage;
use std::sync::Arc;

/// How values of a column are checked; what intake does not know, the database checks.
pub fn kind_of_column(column: &Column) -> Kind {
    match column.labels() {
        Some(labels) => Kind::Enum { name: column.type_name().to_owned(), labels: labels.to_vec() },
        None => kind_of(column.type_name(), column.modifier),
    }
}

/// How values of a column are stored, where that can be told outside of the database.
pub fn storage_of(column: &Column) -> Option<Storage> {
    let (type_name, modifier) = (column.type_name(), column.modifier);
    if let Some(labels) = column.labels_with_ids() {
        let labels = labels.map(|(label, id)| (label.clone(), id)).collect();
        return Some(Storage::Enum { labels: Arc::new(labels) });
    }
    if column.is_dropped() || column.is_plain_varlena {
        return None;
    }
    if type_name == "bpchar" {
        return (modifier > 4).then(|| Storage::Char { chars: (modifier - 4) as u32 });
    }
    Some(match kind_of(type_name, modifier) {
        Kind::Text { max_chars } => Storage::Text { max_chars },
        Kind::Int2 => Storage::Int2,
        Kind::Int4 => Storage::Int4,
        Kind::Int8 => Storage::Int8,
        Kind::Numeric { precision: None } => Storage::Numeric { scale: None },
        Kind::Numeric { precision: Some((_, scale)) } => {
            Storage::Numeric { scale: Some(u16::try_from(scale).ok()?) }
        }
        Kind::Float4 => Storage::Float4,
        Kind::Float8 => Storage::Float8,
        Kind::Bool => Storage::Bool,
        Kind::Date => Storage::Date,
        // A timestamp(n) is rounded.
        Kind::Timestamp if modifier < 0 => Storage::Timestamp,
        Kind::TimestampTz if modifier < 0 => Storage::TimestampTz,
        Kind::Uuid => Storage::Uuid,
        Kind::Json if type_name == "jsonb" => Storage::Jsonb,
        Kind::Timestamp | Kind::TimestampTz | Kind::Json | Kind::Enum { .. } | Kind::Other => return None,
    })
}

/// The same of a type; `modifier` is `atttypmod`.
pub fn kind_of(type_name: &str, modifier: i32) -> Kind {
    // VARHDRSZ is part of every length modifier; numeric's packs precision and an 11-bit signed scale.
    let length = (modifier >= 4).then(|| modifier - 4);
    match type_name {
        "text" => Kind::Text { max_chars: None },
        "character varying" => Kind::Text { max_chars: length.map(|length| length as u32) },
        "smallint" => Kind::Int2,
        "integer" => Kind::Int4,
        "bigint" => Kind::Int8,
        "numeric" => Kind::Numeric {
            precision: length
                .map(|packed| ((packed >> 16) as u16, (((packed & 0x7FF) ^ 1024) - 1024) as i16)),
        },
        "real" => Kind::Float4,
        "double precision" => Kind::Float8,
        "boolean" => Kind::Bool,
        "date" => Kind::Date,
        "timestamp without time zone" => Kind::Timestamp,
        "timestamp with time zone" => Kind::TimestampTz,
        "uuid" => Kind::Uuid,
        "json" | "jsonb" => Kind::Json,
        _ => Kind::Other,
    }
}
