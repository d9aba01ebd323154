//! The two paths of a row into its table, and why it did not take the faster one.

use std::fmt;

/// Why rows went by statements.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum SqlPathReason {
    Preview,
    SmallSource,
    BulkImportsOff,
    /// Numbers of the file are added to what rows have.
    AddsToRows,
    NotReadCommitted,
    /// The file of the table is new in this transaction, and is not logged.
    NotLogged,
    /// What `teamwork.bulk_obstacles()` says of the table.
    Table(String),
    /// A CHECK constraint of that name.
    CheckByDatabase(String),
    /// A column of that name.
    ColumnByDatabase(String),
    DefaultByDatabase,
    ValuesByDatabase,
    ParentMissing,
    TableChanged,
    ExistingKeys,
    /// Rows that have existing keys may also take or leave values of another unique index.
    ExistingKeysAndUniqueIndex,
    ViolationsExpected,
    Violations,
}

impl fmt::Display for SqlPathReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Preview => "the import is a preview",
            Self::SmallSource => "the source is small",
            Self::BulkImportsOff => "teamwork.bulk_imports is off",
            Self::AddsToRows => "numbers are added to what rows have",
            Self::NotReadCommitted => "the transaction is not one of READ COMMITTED",
            Self::NotLogged => "wal_level is minimal, and the transaction has made or emptied the table",
            Self::Table(obstacle) => return write!(f, "the table {obstacle}"),
            Self::CheckByDatabase(check) => return write!(f, "only the database can judge {check}"),
            Self::ColumnByDatabase(column) => {
                return write!(f, "only the database can make values of {column}");
            }
            Self::DefaultByDatabase => "only the database can store a default",
            Self::ValuesByDatabase => "only the database can store some values",
            Self::ParentMissing => "a row that a foreign key wants is not there",
            Self::TableChanged => "the table was changed between two commits",
            Self::ExistingKeys => "the table has the keys of rows",
            Self::ExistingKeysAndUniqueIndex => "the table has the keys of rows, and a unique index besides",
            Self::ViolationsExpected => "the database may refuse rows",
            Self::Violations => "the database refuses rows",
        })
    }
}
