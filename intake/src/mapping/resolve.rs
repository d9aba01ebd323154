//! The mapping of a file: where each of its columns goes.

use super::builder::{Choice, MappingBuilder, MappingSource};
use super::candidates::{Candidates, File, SURE};
use super::destination::Destination;
use super::hints::speaks_for;
use super::suggest::suggest;
use crate::error::FileError;
use crate::error_file::REASON_COLUMN;
use crate::location::Location;
use crate::table::{Column, Table};
use serde_json::{Map, Value};

/// The file's column names and, for each, its destination, who or what decided that, and the reason in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// The names of the file's columns.
    pub header: Vec<String>,
    /// Where each of them goes.
    pub destinations: Vec<Destination>,
    /// Who or what decided that.
    pub sources: Vec<MappingSource>,
    /// Why, in words, without a full stop.
    pub reasons: Vec<String>,
    /// For each column of the table that gets nothing, the columns of the file that may be meant for it: nothing was decided
    /// about them, and their first values are of its type or their names have a word for it. Empty for others.
    pub possible: Vec<Vec<usize>>,
    /// Likewise, the columns of the file that are as likely as each other, so that none of them was taken.
    pub rivals: Vec<Vec<usize>>,
    /// Required columns of the table that get nothing, each with a column of the file that may be meant for it: of a file that may
    /// have values of known rows only.
    pub lacking: Vec<(String, Option<String>)>,
    /// The column of the file that says of each row at which location it is, where one location was asked for, or the sum.
    pub place: Option<usize>,
}

/// What is asked of a mapping, besides what the names and values of a file tell.
pub(crate) struct Asked<'a> {
    /// The mapping that came with the file.
    pub(crate) explicit: Option<&'a Map<String, Value>>,
    pub(crate) saved: Option<&'a Map<String, Value>>,
    pub(crate) location: Option<&'a Location>,
    /// Whether the file may have values of known rows only, such as a stock count: if it fills the columns that rows are known by,
    /// and others, it need not fill all that new rows require.
    pub(crate) may_be_partial: bool,
}

impl Mapping {
    /// Decides where the columns of a file go. `rows` are the first of the file.
    ///
    /// 1. What `explicit` says: `{"CSV column": "table_column" | null}`, null to leave a column out. Several columns fill one of
    ///    numbers as `"+column"` and `"-column"`.
    /// 2. What the team has `saved` for this header.
    /// 3. What [`suggest()`] finds by names and values, if it is sure.
    /// 4. Other columns go to the attributes, or nowhere if the table has none.
    ///
    /// Fails if `explicit` names a column that the file or the table lacks, or one twice. Fails if required columns
    /// of the table get nothing.
    ///
    /// ```
    /// use intake::{Column, Destination, Kind, Mapping, MappingSource, Table};
    /// use serde_json::json;
    ///
    /// let text = || Kind::Text { max_chars: None };
    /// let table = Table { columns: vec![Column::new("sku", text()), Column::new("name", text())], attributes: None };
    /// let header = ["Item Code", "Title"].map(str::to_owned);
    /// let explicit = json!({"Title": "name"});
    ///
    /// let mapping = Mapping::resolve(&header, &[], &table, explicit.as_object(), None)?;
    /// assert_eq!(mapping.destinations, [Destination::Column(0), Destination::Column(1)]);
    /// assert_eq!(mapping.sources, [MappingSource::Found, MappingSource::Explicit]);
    /// # Ok::<(), intake::FileError>(())
    /// ```
    pub fn resolve(
        header: &[String],
        rows: &[Vec<String>],
        table: &Table,
        explicit: Option<&Map<String, Value>>,
        saved: Option<&Map<String, Value>>,
    ) -> Result<Mapping, FileError> {
        let asked = Asked { explicit, saved, location: None, may_be_partial: false };
        Mapping::resolve_asked(header, rows, table, &asked)
    }

    /// Why no new row can be made of the file; None if one can.
    pub fn lack(&self) -> Option<FileError> {
        let (columns, header) = (self.lacking.clone(), self.header.clone());
        (!columns.is_empty()).then_some(FileError::RequiredNotMapped { columns, header, advice: None })
    }

    /// The same with all that can be asked for.
    pub(crate) fn resolve_asked(
        header: &[String],
        rows: &[Vec<String>],
        table: &Table,
        asked: &Asked<'_>,
    ) -> Result<Mapping, FileError> {
        let mapping = Mapping::build(header, rows, table, asked)?;
        let fills = |index: usize| mapping.fills(index);
        let (keys, others): (Vec<usize>, Vec<usize>) =
            (0..table.columns.len()).partition(|index| table.columns[*index].is_key);
        let is_partial = asked.may_be_partial
            && !keys.is_empty()
            && keys.into_iter().all(fills)
            && others.into_iter().any(fills);
        match mapping.lack().filter(|_| !is_partial) {
            Some(error) => Err(error),
            None => Ok(mapping),
        }
    }

    fn build(
        header: &[String],
        rows: &[Vec<String>],
        table: &Table,
        asked: &Asked<'_>,
    ) -> Result<Mapping, FileError> {
        let file = File::new(header, rows);
        let mut builder = MappingBuilder::new(header, table);
        for (name, target) in asked.explicit.into_iter().flatten() {
            builder.apply_explicit(name, target)?;
        }
        let candidates = Candidates::gather(&file, table);
        let rivals = candidates.rivals.clone();
        let place = asked.location.map(|it| builder.apply_location(it, &candidates)).transpose()?.flatten();
        builder.apply_saved(asked.saved.unwrap_or(&Map::new()));
        builder.apply_opposites(&candidates);
        builder.apply_candidates(candidates);
        let mut mapping = Mapping::of(header, builder.finish(SURE, &file.samples));
        mapping.possible =
            (0..table.columns.len()).map(|to| mapping.possible_for(to, table, &file)).collect();
        mapping.rivals = (0..table.columns.len()).map(|to| mapping.rivals_for(to, &rivals)).collect();
        let lacking = mapping.missing(table).into_iter();
        let lacking = lacking
            .map(|index| (table.columns[index].name.clone(), likely_source(header, rows, table, index)));
        mapping.lacking = lacking.collect();
        mapping.place = place;
        Ok(mapping)
    }

    fn of(header: &[String], choices: Vec<Choice>) -> Mapping {
        let sources = choices.iter().map(|choice| choice.source).collect();
        let (destinations, reasons) = choices.into_iter().map(|it| (it.destination, it.reason)).unzip();
        Mapping {
            header: header.to_vec(),
            destinations,
            sources,
            reasons,
            possible: Vec::new(),
            rivals: Vec::new(),
            lacking: Vec::new(),
            place: None,
        }
    }

    /// Those of `rivals`, each with the column of the table that it means.
    fn rivals_for(&self, to: usize, rivals: &[(usize, usize)]) -> Vec<usize> {
        let is_rival = |from: &usize| !self.fills(to) && rivals.contains(&(*from, to));
        self.left_over().filter(is_rival).collect()
    }

    fn possible_for(&self, to: usize, table: &Table, file: &File<'_>) -> Vec<usize> {
        if self.fills(to) {
            return Vec::new();
        }
        self.left_over().filter(|from| may_be(file, *from, &table.columns[to])).collect()
    }

    /// The columns of the file that nothing was decided about.
    pub fn left_over(&self) -> impl Iterator<Item = usize> {
        let is_left_over =
            |from: &usize| self.sources[*from] == MappingSource::None && self.header[*from] != REASON_COLUMN;
        (0..self.header.len()).filter(is_left_over)
    }

    /// `{"CSV column": "table_column" | "attributes.key" | null}`: what `resolve` takes as `explicit` again.
    pub fn to_json(&self, table: &Table) -> Value {
        self.json_of(table, |_| true)
    }

    /// The same for the columns that people have decided on, now or before: what is saved for the next file.
    pub fn decided_to_json(&self, table: &Table) -> Value {
        self.json_of(table, |source| matches!(source, MappingSource::Explicit | MappingSource::Saved))
    }

    fn json_of(&self, table: &Table, is_wanted: impl Fn(MappingSource) -> bool) -> Value {
        let columns = self.header.iter().zip(&self.destinations).zip(&self.sources);
        let wanted = columns.filter(|(_, source)| is_wanted(**source));
        wanted.map(|((name, destination), _)| (name.clone(), Value::from(destination.name(table)))).collect()
    }

    /// `{"CSV column": "why it goes where it goes"}`.
    pub fn reasons_to_json(&self) -> Value {
        let reasons = self.reasons.iter().map(|reason| Value::from(reason.as_str()));
        Value::Object(self.header.iter().cloned().zip(reasons).collect())
    }

    /// Whether a column of the table gets something.
    pub fn fills(&self, column: usize) -> bool {
        self.destinations.iter().any(|destination| destination.column() == Some(column))
    }

    pub(crate) fn uses_attributes(&self) -> bool {
        self.destinations.iter().any(|destination| matches!(destination, Destination::Attribute(_)))
    }

    /// The required columns that get nothing.
    fn missing(&self, table: &Table) -> Vec<usize> {
        let is_missing = |index: &usize| {
            // Attributes are made from whatever there is, even from nothing.
            table.columns[*index].required && table.attributes != Some(*index) && !self.fills(*index)
        };
        (0..table.columns.len()).filter(is_missing).collect()
    }
}

/// Whether a column of the file may be meant for a column of the table: by its values, or by a word in its name.
fn may_be(file: &File<'_>, from: usize, target: &Column) -> bool {
    file.samples.may_be(from, target)
        || (file.samples.is_telling(from, target) && speaks_for(&file.header[from], target))
}

/// The column of the file that may be meant for a column of the table that got none.
fn likely_source(header: &[String], rows: &[Vec<String>], table: &Table, index: usize) -> Option<String> {
    let mut suggestions = suggest(header, rows, table, None).into_iter();
    suggestions.find(|it| it.destination.column() == Some(index)).map(|it| it.csv_column)
}
