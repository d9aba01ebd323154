//! What is asked of a reading.

use crate::doubts::Doubts;
use crate::error::FileError;
use crate::locale::{DateOrder, DecimalMark};
use crate::locales::{Hints, Locales};
use crate::location::Location;
use crate::mapping::{Asked, Mapping, header_signature};
use crate::options::ReadOptions;
use crate::readings::Readings;
use crate::table::Table;
use crate::told::Told;
use serde_json::{Map, Value};
use std::collections::HashMap;

/// What to read into, and how.
///
/// ```
/// use intake::{Column, DateOrder, Kind, Spec, Table};
///
/// let table = Table { columns: vec![Column::new("sold_on", Kind::Date)], attributes: None };
/// let spec = Spec { date_order: Some(DateOrder::Dmy), ..Spec::new(table) };
/// assert_eq!(spec.batch_rows, 1000);
/// ```
#[derive(Debug, Clone)]
pub struct Spec {
    /// The table, or as much of it as a file may fill.
    pub table: Table,
    /// `{"CSV column": "table_column" | null}`; what it leaves out is mapped by name.
    pub mapping: Option<Map<String, Value>>,
    /// Mappings accepted before, by [`header_signature`] of the file.
    pub saved: HashMap<String, Map<String, Value>>,
    /// The keys that the records of a JSON file have, by [`json_keys`](crate::json_keys); those of its beginning if None.
    pub keys: Option<Vec<String>>,
    /// How the file is written, where that is not left to the file.
    pub reading: ReadOptions,
    /// How numbers are spelled; found out column by column if None.
    pub decimal: Option<DecimalMark>,
    /// How dates are; found out likewise.
    pub date_order: Option<DateOrder>,
    /// How dates are read that can be read in several orders, if nothing else in the file tells.
    pub usual_date_order: DateOrder,
    /// What else decides how numbers and dates are spelled.
    pub locales: LocalesBy,
    /// Of which location the file is taken, if it has several.
    pub location: Option<Location>,
    /// Whether rows that the table has are updated. Then a file that fills their key need not fill what only new rows require.
    pub updates_known_rows: bool,
    /// A batch ends with this many accepted rows, or as many faults.
    pub batch_rows: usize,
    /// A batch ends when it has gone through this much input.
    pub batch_bytes: u64,
    /// A batch ends where this much of the input has been read, whatever else would end it: up to there another reading
    /// went.
    pub break_at: Option<u64>,
}

/// What decides how numbers and dates are read, where nobody has said it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum LocalesBy {
    /// The first 64 KiB. If later cells outweigh them, the reading ends with [`FileError::GuessRuledOut`].
    #[default]
    FirstRows,
    /// The first 64 KiB, whatever follows.
    FirstRowsForGood,
    /// All rows. They are looked at and no more: the reading ends with its first event.
    AllRows,
    /// A reading by all rows, whose event had these.
    Known(Locales),
}

impl Spec {
    /// Everything sniffed; batches of 1000 rows or 4 MiB.
    pub fn new(table: Table) -> Self {
        Spec {
            table,
            mapping: None,
            saved: HashMap::new(),
            keys: None,
            reading: ReadOptions::default(),
            decimal: None,
            date_order: None,
            usual_date_order: DateOrder::Mdy,
            locales: LocalesBy::FirstRows,
            location: None,
            updates_known_rows: false,
            batch_rows: 1000,
            batch_bytes: 4 << 20,
            break_at: None,
        }
    }

    pub(crate) fn hints(&self, delimiter: Option<u8>) -> Hints {
        Hints {
            decimal: self.decimal,
            date_order: self.date_order,
            usual_date_order: self.usual_date_order,
            semicolons: delimiter == Some(b';'),
        }
    }

    /// How numbers and dates are read, by what the first rows say.
    pub(crate) fn decide(&self, readings: &[Readings], delimiter: Option<u8>, told: &Told) -> Locales {
        match &self.locales {
            LocalesBy::Known(locales) => locales.clone(),
            _ => Locales::decide(readings, &self.hints(delimiter), told),
        }
    }

    /// What cells may overturn of that.
    pub(crate) fn doubts(&self, readings: Vec<Readings>, locales: &Locales) -> Doubts {
        match self.locales {
            LocalesBy::FirstRows => Doubts::about(readings, locales),
            _ => Doubts::default(),
        }
    }

    /// Where the columns of a file go that begins with these rows.
    pub(crate) fn map(
        &self,
        header: &[String],
        rows: &[Vec<String>],
        explicit: Option<&Map<String, Value>>,
    ) -> Result<Mapping, FileError> {
        let saved = header_signature(header).and_then(|signature| self.saved.get(&signature));
        let location = self.location.as_ref();
        let asked = Asked { explicit, saved, location, may_be_partial: self.updates_known_rows };
        Mapping::resolve_asked(header, rows, &self.table, &asked)
    }
}
