//! How many cells of a column each way of reading explains. The way that explains most is how the column is read.

use crate::locale::{DateOrder, DecimalMark, Locale};
use crate::sampled_column::SampledColumn;
use crate::table::Column;
use crate::values::{check, day_of, normalized, parse_localized};

/// The ways to read numbers, by which tells them apart.
const DECIMALS: [Locale; 2] = [Locale::US, Locale { decimal: DecimalMark::Comma, ..Locale::US }];

/// The ways to read dates, likewise.
const ORDERS: [Locale; 3] = [
    Locale { dates: DateOrder::ALL[0], ..Locale::US },
    Locale { dates: DateOrder::ALL[1], ..Locale::US },
    Locale { dates: DateOrder::ALL[2], ..Locale::US },
];

/// The most ways that there are.
const WAYS: usize = ORDERS.len();

/// How many cells of a column of numbers or dates each way explains. Takes the same memory for any number of cells.
#[derive(Debug, Clone)]
pub(crate) struct Readings {
    /// Of the table; a blank cell is no fault.
    column: Column,
    explained: [u64; WAYS],
    /// Cells that the first way explains and the second does not.
    over: [[u64; WAYS]; WAYS],
    /// Of numbers: cells whose thousands are parted by the point or comma that is not the decimal mark, and by others.
    grouped: [[u64; 2]; WAYS],
}

impl Readings {
    /// None of a column that is read in one way.
    pub(crate) fn none_of(column: &Column) -> Option<Readings> {
        let column = Column { required: false, refuses_blanks: false, ..column.clone() };
        let has_ways = column.kind.is_number() || column.kind.is_date();
        let nothing =
            Readings { column, explained: [0; WAYS], over: [[0; WAYS]; WAYS], grouped: [[0; 2]; WAYS] };
        has_ways.then_some(nothing)
    }

    /// Those of the columns that have several ways.
    pub(crate) fn of_sample(sampled: &[SampledColumn<'_>]) -> Vec<Readings> {
        let of_column = |sampled: &SampledColumn<'_>| {
            let mut readings = Readings::none_of(sampled.column)?;
            sampled.cells.iter().for_each(|cell| readings.add(cell));
            Some(readings)
        };
        sampled.iter().filter_map(of_column).collect()
    }

    pub(crate) fn add(&mut self, cell: &str) {
        if !self.depends_on_the_way(cell) {
            return;
        }
        let explains = self.explains(cell);
        for (way, locale) in self.ways().iter().enumerate().filter(|(way, _)| explains[*way]) {
            self.explained[way] += 1;
            let group = (!self.is_date()).then(|| group(cell, *locale)).flatten();
            if let Some(group) = group {
                self.grouped[way][usize::from(group != locale.decimal.other().as_char())] += 1;
            }
            for (other, is_explained) in explains.iter().enumerate() {
                self.over[way][other] += u64::from(!is_explained);
            }
        }
    }

    pub(crate) fn column(&self) -> &Column {
        &self.column
    }

    pub(crate) fn name(&self) -> &str {
        &self.column.name
    }

    pub(crate) fn is_date(&self) -> bool {
        self.column.kind.is_date()
    }

    /// The ways that explain most cells.
    pub(crate) fn best(&self) -> impl Iterator<Item = Locale> {
        let most = self.explained.iter().max();
        let counted = self.ways().iter().zip(&self.explained);
        counted.filter(move |(_, count)| Some(*count) == most).map(|(way, _)| *way)
    }

    /// The one way that explains more cells than all others.
    pub(crate) fn sure(&self) -> Option<Locale> {
        let mut best = self.best();
        best.next().filter(|_| best.next().is_none())
    }

    /// The way with or without a point or comma between thousands. Where they are mostly parted by spaces or
    /// apostrophes, they have none.
    pub(crate) fn with_grouping(&self, locale: Locale) -> Locale {
        let [marks, others] = self.grouped[self.number_of(locale)];
        Locale { grouping: others == 0 || marks > others, ..locale }
    }

    /// The place of a way among all.
    pub(crate) fn number_of(&self, locale: Locale) -> usize {
        let is_same = |way: &Locale| match self.is_date() {
            true => way.dates == locale.dates,
            false => way.decimal == locale.decimal,
        };
        self.ways().iter().position(is_same).unwrap_or_default()
    }

    /// Which ways explain a cell, each in its place.
    pub(crate) fn explains(&self, cell: &str) -> [bool; WAYS] {
        let mut explains = [false; WAYS];
        for (explains, way) in explains.iter_mut().zip(self.ways()) {
            *explains = match self.is_date() {
                true => day_of(&normalized(cell), way.dates).is_some(),
                false => matches!(check(&self.column, *way, cell), Ok(Some(_))),
            };
        }
        explains
    }

    /// How many cells a way explains and another one does not.
    pub(crate) fn over(&self, way: usize, other: usize) -> u64 {
        self.over[way][other]
    }

    fn ways(&self) -> &'static [Locale] {
        if self.is_date() { &ORDERS } else { &DECIMALS }
    }

    /// False of what means the same in every way, as most cells do.
    fn depends_on_the_way(&self, cell: &str) -> bool {
        let bytes = cell.as_bytes();
        match self.is_date() {
            true => !(bytes.len() > 4 && bytes[4] == b'-' && bytes[..4].iter().all(u8::is_ascii_digit)),
            false => !bytes.iter().all(u8::is_ascii_digit),
        }
    }
}

/// What parts the thousands of a number.
fn group(cell: &str, locale: Locale) -> Option<char> {
    parse_localized(&normalized(cell), locale, &mut String::new())?.group
}
