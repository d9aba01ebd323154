//! Decides how the numbers and dates of each column are read: in the way that explains most values of the sample. If
//! several ways explain as many, the other columns decide, as one file comes from one country.

use crate::kind::Kind;
use crate::locale::{DateOrder, DecimalMark, Locale};
use crate::sampled_column::SampledColumn;
use crate::table::Column;
use crate::values::{check, day_of, normalized, parse_localized};
use serde_json::{Map, Value, json};

/// What is known besides the file's values.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hints {
    /// What the user says, of every column.
    pub(crate) decimal: Option<DecimalMark>,
    pub(crate) date_order: Option<DateOrder>,
    /// What the server does with dates when nothing is known.
    pub(crate) usual_date_order: DateOrder,
    /// Fields are separated by semicolons. Spreadsheets do that where numbers have decimal commas.
    pub(crate) semicolons: bool,
}

/// What a decision is based on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Basis {
    Option,
    Values,
    OtherColumns,
    Delimiter,
    Default,
}

impl Basis {
    fn name(self) -> &'static str {
        match self {
            Basis::Option => "option",
            Basis::Values => "values",
            Basis::OtherColumns => "other columns",
            Basis::Delimiter => "delimiter",
            Basis::Default => "default",
        }
    }

    /// Whether the file itself or its sender says so, rather than a guess.
    fn is_certain(self) -> bool {
        matches!(self, Basis::Option | Basis::Values | Basis::OtherColumns)
    }
}

/// How a column of numbers or dates is read.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Decision {
    column: String,
    is_date: bool,
    locale: Locale,
    basis: Basis,
}

/// How the columns of numbers and dates are read, and why so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Locales {
    decisions: Vec<Decision>,
}

impl Locales {
    pub(crate) fn decide(columns: &[SampledColumn<'_>], hints: &Hints) -> Locales {
        let numbers: Vec<_> = of_kind(columns, Kind::is_number).map(decimal_readings).collect();
        let dates: Vec<_> = of_kind(columns, Kind::is_date).map(date_readings).collect();
        let (decimal, decimal_basis) = usual_decimal(&numbers, hints);
        let (order, order_basis) = usual_date_order(&dates, decimal, decimal_basis, hints);
        let usual = Locale { decimal, grouping: true, dates: order };
        let numbers = numbers.into_iter().map(|readings| {
            let sampled = readings.sampled;
            let (decimal, basis) = readings.choose(hints.decimal, decimal, decimal_basis);
            let locale = with_grouping(Locale { decimal, ..usual }, &sampled.cells);
            Decision { column: sampled.column.name.clone(), is_date: false, locale, basis }
        });
        let dates = dates.into_iter().map(|readings| {
            let column = readings.sampled.column.name.clone();
            let (dates, basis) = readings.choose(hints.date_order, order, order_basis);
            Decision { column, is_date: true, locale: Locale { dates, ..usual }, basis }
        });
        Locales { decisions: numbers.chain(dates).collect() }
    }

    /// How a column is read, and whether that is no more than a guess.
    pub(crate) fn of(&self, column: &Column) -> (Locale, bool) {
        let decision = self.decisions.iter().find(|decision| decision.column == column.name);
        decision.map_or((Locale::US, false), |decision| (decision.locale, !decision.basis.is_certain()))
    }

    /// `{"unit_price": {"decimal": ",", "basis": "values"}, "sold_on": {"date_order": "dmy", "basis": "default"}}`; the
    /// basis is one of option, values, other columns, delimiter and default.
    pub fn to_json(&self) -> Value {
        let entry = |decision: &Decision| {
            let Decision { column, is_date, locale, basis, .. } = decision;
            let decision = match is_date {
                true => json!({"date_order": locale.dates.name(), "basis": basis.name()}),
                false => json!({"decimal": locale.decimal.as_char(), "basis": basis.name()}),
            };
            (column.clone(), decision)
        };
        Value::Object(self.decisions.iter().map(entry).collect::<Map<_, _>>())
    }
}

fn of_kind<'s, 'a>(
    columns: &'s [SampledColumn<'a>],
    kind: fn(&Kind) -> bool,
) -> impl Iterator<Item = &'s SampledColumn<'a>> {
    columns.iter().filter(move |sampled| kind(&sampled.column.kind))
}

/// The ways of reading a column that its values allow.
struct Readings<'s, H> {
    sampled: &'s SampledColumn<'s>,
    /// Those that explain most values.
    best: Vec<H>,
}

impl<'s, H: Copy + PartialEq> Readings<'s, H> {
    fn of(sampled: &'s SampledColumn<'s>, ways: &[H], reads: impl Fn(H, &str) -> bool) -> Self {
        let explained = |way: H| sampled.cells.iter().filter(|cell| reads(way, cell)).count();
        let counts: Vec<usize> = ways.iter().map(|way| explained(*way)).collect();
        let most = counts.iter().copied().max();
        let best: Vec<H> = ways
            .iter()
            .zip(&counts)
            .filter(|(_, count)| Some(**count) == most)
            .map(|(way, _)| *way)
            .collect();
        Readings { sampled, best }
    }

    fn sure(&self) -> Option<H> {
        (self.best.len() == 1).then(|| self.best[0])
    }

    /// The way to read the column, and why.
    fn choose(self, told: Option<H>, usual: H, usual_basis: Basis) -> (H, Basis) {
        match (told, self.sure()) {
            (Some(told), _) => (told, Basis::Option),
            (None, Some(sure)) => (sure, Basis::Values),
            (None, None) if self.best.contains(&usual) => (usual, usual_basis),
            (None, None) => (self.best[0], Basis::Default),
        }
    }
}

fn decimal_readings<'s>(sampled: &'s SampledColumn<'s>) -> Readings<'s, DecimalMark> {
    let column = Column { required: false, refuses_blanks: false, ..sampled.column.clone() };
    Readings::of(sampled, &[DecimalMark::Point, DecimalMark::Comma], |decimal, cell| {
        matches!(check(&column, Locale { decimal, ..Locale::US }, cell), Ok(Some(_)))
    })
}

fn date_readings<'s>(sampled: &'s SampledColumn<'s>) -> Readings<'s, DateOrder> {
    Readings::of(sampled, &DateOrder::ALL, |order, cell| day_of(&normalized(cell), order).is_some())
}

/// The only way to read some of the columns, if it is the same for all of them.
fn agreed<H: Copy + PartialEq>(columns: &[Readings<'_, H>]) -> Option<H> {
    let mut sure = columns.iter().filter_map(Readings::sure);
    let first = sure.next()?;
    sure.all(|other| other == first).then_some(first)
}

fn usual_decimal(numbers: &[Readings<'_, DecimalMark>], hints: &Hints) -> (DecimalMark, Basis) {
    match (hints.decimal, agreed(numbers)) {
        (Some(decimal), _) => (decimal, Basis::Option),
        (None, Some(decimal)) => (decimal, Basis::OtherColumns),
        (None, None) if hints.semicolons => (DecimalMark::Comma, Basis::Delimiter),
        (None, None) => (DecimalMark::Point, Basis::Default),
    }
}

/// Where numbers have decimal commas, the day comes first.
fn usual_date_order(
    dates: &[Readings<'_, DateOrder>],
    decimal: DecimalMark,
    decimal_basis: Basis,
    hints: &Hints,
) -> (DateOrder, Basis) {
    match agreed(dates) {
        Some(order) => (order, Basis::OtherColumns),
        None if decimal == DecimalMark::Comma && decimal_basis != Basis::Delimiter => {
            (DateOrder::Dmy, Basis::OtherColumns)
        }
        None if hints.semicolons => (DateOrder::Dmy, Basis::Delimiter),
        None => (hints.usual_date_order, Basis::Default),
    }
}

/// A column whose thousands are mostly separated by spaces or apostrophes has no points or commas for that.
fn with_grouping(locale: Locale, cells: &[&str]) -> Locale {
    let mut scratch = String::new();
    let group = |cell: &&str| parse_localized(&normalized(cell), locale, &mut scratch)?.group;
    let (marks, others): (Vec<char>, Vec<char>) =
        cells.iter().filter_map(group).partition(|group| *group == locale.decimal.other().as_char());
    Locale { grouping: others.is_empty() || marks.len() > others.len(), ..locale }
}
