//! Decides how the numbers and dates of each column are read: in the way that explains most values of the sample. If
//! several ways explain as many, the other columns decide, as one file comes from one country.

use crate::locale::{DateOrder, DecimalMark, Locale};
use crate::readings::Readings;
use crate::table::Column;
use crate::told::Told;
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
    ErrorFile,
    Export,
    Values,
    OtherColumns,
    Delimiter,
    Default,
}

impl Basis {
    fn name(self) -> &'static str {
        match self {
            Basis::Option => "option",
            Basis::ErrorFile => "error file",
            Basis::Export => "export",
            Basis::Values => "values",
            Basis::OtherColumns => "other columns",
            Basis::Delimiter => "delimiter",
            Basis::Default => "default",
        }
    }

    /// Whether the file itself or its sender says so, rather than a guess.
    fn is_certain(self) -> bool {
        !matches!(self, Basis::Delimiter | Basis::Default)
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

impl Decision {
    /// Takes over what the file itself tells. Values may decide now what was a guess then.
    fn follow(&mut self, locale: Locale, basis: Basis) {
        let is_decided =
            self.basis == Basis::Option || (basis == Basis::Default && self.basis == Basis::Values);
        if !is_decided {
            (self.locale, self.basis) = (locale, basis);
        }
    }
}

/// How the columns of numbers and dates are read, and why so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Locales {
    decisions: Vec<Decision>,
}

impl Locales {
    /// `told` is what an error file or an export says.
    pub(crate) fn decide(columns: &[Readings], hints: &Hints, told: &Told) -> Locales {
        let (dates, numbers): (Vec<_>, Vec<_>) = columns.iter().partition(|column| column.is_date());
        let (decimal, decimal_basis) = usual_decimal(&numbers, hints);
        let (order, order_basis) = usual_date_order(&dates, decimal, decimal_basis, hints);
        let usual = Locale { decimal, grouping: true, dates: order };
        let in_order: Vec<_> = numbers.iter().chain(&dates).copied().collect();
        let numbers = numbers.into_iter().map(|column| {
            let given = hints.decimal.map(|decimal| Locale { decimal, ..usual });
            let (locale, basis) = choose(column, given, usual, decimal_basis);
            let locale = column.with_grouping(Locale { decimal: locale.decimal, ..usual });
            Decision { column: column.name().to_owned(), is_date: false, locale, basis }
        });
        let dates = dates.into_iter().map(|column| {
            let given = hints.date_order.map(|dates| Locale { dates, ..usual });
            let (locale, basis) = choose(column, given, usual, order_basis);
            let locale = Locale { dates: locale.dates, ..usual };
            Decision { column: column.name().to_owned(), is_date: true, locale, basis }
        });
        let mut locales = Locales { decisions: numbers.chain(dates).collect() };
        for (decision, column) in locales.decisions.iter_mut().zip(in_order) {
            if let Some((locale, is_guess)) = told.locale(column.column(), usual) {
                let certain = if told.is_export { Basis::Export } else { Basis::ErrorFile };
                decision.follow(locale, if is_guess { Basis::Default } else { certain });
            }
        }
        locales
    }

    /// Whether no value of some column has decided how it is read: a later one may.
    pub fn are_open(&self) -> bool {
        self.decisions
            .iter()
            .any(|decision| matches!(decision.basis, Basis::OtherColumns | Basis::Delimiter | Basis::Default))
    }

    /// How a column is read, if values that say otherwise may change that.
    pub(crate) fn to_be_doubted(&self, column: &str) -> Option<Locale> {
        let decision = self.decisions.iter().find(|decision| decision.column == column)?;
        (!matches!(decision.basis, Basis::Option | Basis::ErrorFile | Basis::Export))
            .then_some(decision.locale)
    }

    /// How a column is read, and whether that is no more than a guess.
    pub(crate) fn of(&self, column: &Column) -> (Locale, bool) {
        let decision = self.decisions.iter().find(|decision| decision.column == column.name);
        decision.map_or((Locale::US, false), |decision| (decision.locale, !decision.basis.is_certain()))
    }

    /// `{"unit_price": {"decimal": ",", "basis": "values"}, "sold_on": {"date_order": "dmy", "basis": "default"}}`; the
    /// basis is one of option, error file, export, values, other columns, delimiter and default. `"grouping": false` where neither
    /// points nor commas part thousands.
    pub fn to_json(&self) -> Value {
        let entry = |decision: &Decision| {
            let Decision { column, is_date, locale, basis, .. } = decision;
            let decision = match is_date {
                true => json!({"date_order": locale.dates.name(), "basis": basis.name()}),
                false if locale.grouping => {
                    json!({"decimal": locale.decimal.as_char(), "basis": basis.name()})
                }
                false => {
                    json!({"decimal": locale.decimal.as_char(), "grouping": false, "basis": basis.name()})
                }
            };
            (column.clone(), decision)
        };
        Value::Object(self.decisions.iter().map(entry).collect::<Map<_, _>>())
    }
}

/// The way to read a column, and why.
fn choose(column: &Readings, told: Option<Locale>, usual: Locale, usual_basis: Basis) -> (Locale, Basis) {
    let is_usual = |way: &Locale| column.number_of(*way) == column.number_of(usual);
    match (told, column.sure()) {
        (Some(told), _) => (told, Basis::Option),
        (None, Some(sure)) => (sure, Basis::Values),
        (None, None) if column.best().any(|way| is_usual(&way)) => (usual, usual_basis),
        (None, None) => (column.best().next().unwrap_or(usual), Basis::Default),
    }
}

/// The only way to read some of the columns, if it is the same for all of them.
fn agreed(columns: &[&Readings]) -> Option<Locale> {
    let mut sure = columns.iter().filter_map(|column| column.sure());
    let first = sure.next()?;
    sure.all(|other| other == first).then_some(first)
}

fn usual_decimal(numbers: &[&Readings], hints: &Hints) -> (DecimalMark, Basis) {
    match (hints.decimal, agreed(numbers)) {
        (Some(decimal), _) => (decimal, Basis::Option),
        (None, Some(sure)) => (sure.decimal, Basis::OtherColumns),
        (None, None) if hints.semicolons => (DecimalMark::Comma, Basis::Delimiter),
        (None, None) => (DecimalMark::Point, Basis::Default),
    }
}

/// Where numbers have decimal commas, the day comes first.
fn usual_date_order(
    dates: &[&Readings],
    decimal: DecimalMark,
    decimal_basis: Basis,
    hints: &Hints,
) -> (DateOrder, Basis) {
    match agreed(dates) {
        Some(sure) => (sure.dates, Basis::OtherColumns),
        None if decimal == DecimalMark::Comma && decimal_basis != Basis::Delimiter => {
            (DateOrder::Dmy, Basis::OtherColumns)
        }
        None if hints.semicolons => (DateOrder::Dmy, Basis::Delimiter),
        None => (hints.usual_date_order, Basis::Default),
    }
}
