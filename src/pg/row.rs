//! Rows of SQL results, read by the names of their columns into structs. A column that is missing, of another type or NULL where a
//! value must be raises an error that names it: a mistake between SQL and Rust must not read as "there is none".

use pgrx::datum::{FromDatum, IntoDatum};
use pgrx::prelude::*;
use pgrx::spi::{SpiHeapTupleData, SpiResult};
use pgrx::{JsonB, Uuid};

/// A row of a statement's result.
pub struct Row<'a> {
    tuple: SpiHeapTupleData<'a>,
}

/// What is made of a row: see [`from_row!`](crate::pg::from_row).
pub trait FromRow {
    fn from_row(row: &Row) -> Self;
}

/// What is made of a value. `Option` stands for values that may be NULL.
pub trait FromColumn: Sized {
    /// How pgrx reads it.
    type Value: FromDatum + IntoDatum;

    /// `None` where the value cannot be this: NULL, or a word that is none of an enumeration's.
    fn from_value(value: Option<Self::Value>) -> Option<Self>;
}

impl<'a> Row<'a> {
    pub(super) fn new(tuple: SpiHeapTupleData<'a>) -> Self {
        Self { tuple }
    }

    /// The value of a column by its name.
    pub fn get<T: FromColumn>(&self, column: &str) -> T {
        read(self.tuple.get_by_name(column), column)
    }

    /// The value of the only column.
    pub(super) fn only<T: FromColumn>(&self) -> T {
        read(self.tuple.get(1), "1")
    }

    /// The value of a column, which is a text, by its number from 1: for results whose columns only the statement knows.
    pub fn text(&self, number: usize) -> Option<&str> {
        self.tuple.get(number).unwrap_or_else(|error| raise(&number.to_string(), &error.to_string()))
    }
}

fn read<T: FromColumn>(value: SpiResult<Option<T::Value>>, column: &str) -> T {
    let value = value.unwrap_or_else(|error| raise(column, &error.to_string()));
    let is_null = value.is_none();
    T::from_value(value)
        .unwrap_or_else(|| raise(column, if is_null { "It is NULL." } else { "It has an unknown value." }))
}

fn raise(column: &str, fault: &str) -> ! {
    let code = PgSqlErrorCode::ERRCODE_DATATYPE_MISMATCH;
    let message = format!("column \"{column}\" of a result cannot be read");
    pg_sys::panic::ErrorReport::new(code, message, function_name!())
        .set_detail(fault.to_owned())
        .set_hint(
            "The library may be of another version than the extension: run ALTER EXTENSION teamwork UPDATE.",
        )
        .report(PgLogLevel::ERROR);
    unreachable!("an ERROR does not return")
}

macro_rules! values {
    ($($type:ty),*) => {$(
        impl FromColumn for $type {
            type Value = $type;

            fn from_value(value: Option<$type>) -> Option<Self> {
                value
            }
        }
    )*};
}

values!(
    bool,
    i16,
    i32,
    i64,
    String,
    Uuid,
    JsonB,
    pg_sys::Oid,
    pg_sys::ItemPointerData,
    TimestampWithTimeZone
);
values!(Vec<u8>, Vec<i16>, Vec<i64>, Vec<String>, Vec<Uuid>, Vec<pg_sys::Oid>);

impl<T: FromColumn> FromColumn for Option<T> {
    type Value = T::Value;

    fn from_value(value: Option<T::Value>) -> Option<Self> {
        value.map_or(Some(None), |value| T::from_value(Some(value)).map(Some))
    }
}

/// Declares a struct whose fields are the columns of a result, by their names.
macro_rules! from_row {
    ($(#[$attribute:meta])* $visible:vis struct $name:ident { $($(#[$of_field:meta])* $seen:vis $field:ident: $type:ty,)* }) => {
        $(#[$attribute])*
        $visible struct $name {
            $($(#[$of_field])* $seen $field: $type,)*
        }

        impl $crate::pg::FromRow for $name {
            fn from_row(row: &$crate::pg::Row) -> Self {
                Self { $($field: row.get(stringify!($field)),)* }
            }
        }
    };
}
pub(crate) use from_row;
