//! The types of columns, as far as cells are checked differently.

use std::fmt;

/// How the cells of a column are checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// `text`, or `character varying(n)` when `max_chars` is given.
    Text {
        /// Of characters, not of bytes; None for `text`.
        max_chars: Option<u32>,
    },
    /// `smallint`
    Int2,
    /// `integer`
    Int4,
    /// `bigint`
    Int8,
    /// `precision` is (precision, scale) as declared; the scale may be negative.
    Numeric {
        /// None for any number that `numeric` can hold.
        precision: Option<(u16, i16)>,
    },
    /// `real`
    Float4,
    /// `double precision`
    Float8,
    /// `boolean`
    Bool,
    /// `date`
    Date,
    /// `timestamp without time zone`
    Timestamp,
    /// `timestamp with time zone`
    TimestampTz,
    /// `uuid`
    Uuid,
    /// `json` or `jsonb`.
    Json,
    /// An enumeration of that name.
    Enum {
        /// As messages have it.
        name: String,
        /// In the order of the type.
        labels: Vec<String>,
    },
    /// A type that only the database can check: cells pass through as they are.
    Other,
}

impl Kind {
    /// Whether its values are numbers, with or without a fraction.
    #[inline]
    pub fn is_number(&self) -> bool {
        use Kind::*;
        matches!(self, Int2 | Int4 | Int8 | Numeric { .. } | Float4 | Float8)
    }

    #[inline]
    pub(crate) fn is_date(&self) -> bool {
        matches!(self, Kind::Date | Kind::Timestamp | Kind::TimestampTz)
    }
}

/// The type's name as PostgreSQL's messages have it.
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Text { max_chars: Some(max) } => return write!(f, "character varying({max})"),
            Kind::Text { max_chars: None } => "text",
            Kind::Int2 => "smallint",
            Kind::Int4 => "integer",
            Kind::Int8 => "bigint",
            Kind::Numeric { .. } => "numeric",
            Kind::Float4 => "real",
            Kind::Float8 => "double precision",
            Kind::Bool => "boolean",
            Kind::Date => "date",
            Kind::Timestamp => "timestamp",
            Kind::TimestampTz => "timestamp with time zone",
            Kind::Uuid => "uuid",
            Kind::Json => "json",
            Kind::Enum { name, .. } => name,
            Kind::Other => "unknown",
        })
    }
}
