//! The types of columns that `pack` stores, and texts for each.

use super::server::Server;
use super::{documents, numbers, texts, times};
use intake::Kind;
use pack::Storage;
use proptest::strategy::BoxedStrategy;
use std::collections::HashMap;
use std::sync::Arc;

const LABELS: [&str; 6] = ["glad", "sad", "Sad", "ümläut", "two words, \"quoted\"", ""];

pub struct Column {
    pub sql_type: String,
    pub of_intake: intake::Column,
    pub storage: Storage,
    pub texts: BoxedStrategy<String>,
}

impl Column {
    fn new(sql_type: impl Into<String>, kind: Kind, storage: Storage, texts: BoxedStrategy<String>) -> Self {
        Self { sql_type: sql_type.into(), of_intake: intake::Column::new("v", kind), storage, texts }
    }

    pub fn all(server: &mut Server) -> Vec<Self> {
        let mut columns = Self::of_numbers();
        columns.extend(Self::of_texts());
        columns.extend([
            Self::new("boolean", Kind::Bool, Storage::Bool, texts::booleans()),
            Self::new("date", Kind::Date, Storage::Date, times::dates()),
            Self::new("timestamp", Kind::Timestamp, Storage::Timestamp, times::moments()),
            Self::new("timestamptz", Kind::TimestampTz, Storage::TimestampTz, times::zoned()),
            Self::new("uuid", Kind::Uuid, Storage::Uuid, texts::uuids()),
            Self::new("jsonb", Kind::Json, Storage::Jsonb, documents::documents()),
            Self::of_moods(server),
        ]);
        columns
    }

    fn of_numbers() -> Vec<Self> {
        // (precision, scale); the scale may be the greater one.
        let declared = [(5, 0), (12, 2), (6, 6), (3, 8), (70, 66), (300, 10), (1000, 500), (1000, 1000)];
        let numerics = declared.map(|(precision, scale)| {
            let kind = Kind::Numeric { precision: Some((precision, scale as i16)) };
            let storage = Storage::Numeric { scale: Some(scale) };
            let texts = numbers::decimals((precision - precision.min(scale)) as usize, scale as usize);
            Self::new(format!("numeric({precision}, {scale})"), kind, storage, texts)
        });
        let free = Storage::Numeric { scale: None };
        let mut columns = vec![
            Self::new("smallint", Kind::Int2, Storage::Int2, numbers::integers(16)),
            Self::new("integer", Kind::Int4, Storage::Int4, numbers::integers(32)),
            Self::new("bigint", Kind::Int8, Storage::Int8, numbers::integers(64)),
            Self::new("real", Kind::Float4, Storage::Float4, numbers::floats()),
            Self::new("double precision", Kind::Float8, Storage::Float8, numbers::floats()),
            Self::new("numeric", Kind::Numeric { precision: None }, free, numbers::any_decimals()),
        ];
        columns.extend(numerics);
        columns
    }

    fn of_texts() -> Vec<Self> {
        let text = Storage::Text { max_chars: None };
        let mut columns = vec![Self::new("text", Kind::Text { max_chars: None }, text, texts::texts(100))];
        for chars in [1, 10, 126, 127, 3_000] {
            let (varying, max_chars) = (format!("varchar({chars})"), Some(chars));
            let (kind, storage) = (Kind::Text { max_chars }, Storage::Text { max_chars });
            columns.push(Self::new(varying, kind, storage, texts::texts(chars as usize)));
            let (fixed, storage) = (format!("char({chars})"), Storage::Char { chars });
            columns.push(Self::new(fixed, Kind::Other, storage, texts::texts(chars as usize)));
        }
        columns
    }

    fn of_moods(server: &mut Server) -> Self {
        let quoted = LABELS.map(|label| format!("'{label}'")).join(", ");
        server.client.batch_execute(&format!("CREATE TYPE mood AS ENUM ({quoted})")).unwrap();
        let sql = "SELECT enumlabel::text, oid FROM pg_enum WHERE enumtypid = 'mood'::regtype";
        let rows = server.client.query(sql, &[]).unwrap();
        let labels: HashMap<String, u32> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
        let kind = Kind::Enum { name: "mood".into(), labels: LABELS.map(str::to_owned).to_vec() };
        Self::new("mood", kind, Storage::Enum { labels: Arc::new(labels) }, texts::words(&LABELS))
    }
}
