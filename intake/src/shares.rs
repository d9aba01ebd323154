//! A number that several columns of a file fill together: in each row one of them, as `Debit` and `Credit`, or the sum of all.

use crate::decimal::Decimal;
use crate::mapping::{Destination, Mapping, Sign};
use crate::refusal::CellError;
use crate::remark::Remarks;
use crate::sqlstate;
use crate::table::Column;
use crate::values::{CellReader, Found};

/// The columns of a file that fill one of the table together.
pub(crate) struct Shares {
    /// The table's column, as a share of it may be.
    column: Column,
    parts: Vec<Part>,
    /// Whether the values are added up; else each row has one.
    is_sum: bool,
}

struct Part {
    /// Index in the file's columns.
    from: usize,
    name: String,
    sign: Sign,
}

impl Shares {
    /// Those of a column of the table; `number` is its index.
    pub(crate) fn of(mapping: &Mapping, number: usize, column: &Column) -> Self {
        let part = |(from, destination): (usize, &Destination)| match destination {
            Destination::Share(to, sign) if *to == number => {
                Some(Part { from, name: mapping.header[from].clone(), sign: *sign })
            }
            _ => None,
        };
        let parts: Vec<Part> = mapping.destinations.iter().enumerate().filter_map(part).collect();
        let column = Column { required: false, constraints: Vec::new(), ..column.clone() };
        Shares { column, is_sum: parts.iter().all(|part| part.sign == Sign::Plus), parts }
    }

    /// Whether this column of the file is the one with which they are read.
    pub(crate) fn begin_at(&self, from: usize) -> bool {
        self.parts.first().is_some_and(|part| part.from == from)
    }

    /// The file's columns.
    pub(crate) fn places(&self) -> impl Iterator<Item = usize> {
        self.parts.iter().map(|part| part.from)
    }

    /// The number as a text; empty without any. `reader` reads the table's column, `cell` gives a text, and whether it is JSON.
    pub(crate) fn read<'c>(
        &self,
        reader: &CellReader<'_>,
        cell: impl Fn(usize) -> (&'c str, bool),
        remarks: &mut Remarks,
    ) -> Result<String, CellError> {
        let reader = CellReader { column: &self.column, ..*reader };
        let mut taken: Option<(&Part, String)> = None;
        for part in &self.parts {
            let (text, is_json) = cell(part.from);
            let reader = if is_json { reader.of_json() } else { reader };
            let mut value = String::new();
            if reader.read(text, false, &mut value, remarks)? == Found::Null {
                continue;
            }
            let value = self.signed(part, value, text)?;
            taken = Some(match taken {
                None => (part, value),
                Some((first, sum)) if self.is_sum => (first, self.sum(&sum, &value)?),
                Some(first) if is_zero(&value) => first,
                Some((_, zero)) if is_zero(&zero) => (part, value),
                Some((first, one)) => return Err(self.several(first, part, &one, text)),
            });
        }
        Ok(taken.map_or_else(String::new, |(_, value)| value))
    }

    /// The value as it counts. A sign that others of the column have not is no slip that can be guessed away.
    fn signed(&self, part: &Part, value: String, text: &str) -> Result<String, CellError> {
        let is_negative = value.starts_with('-') && !is_zero(&value);
        let (is_fault, what) = match part.sign {
            Sign::Plus => return Ok(value),
            Sign::Minus => (is_negative, "a minus sign, unlike"),
            Sign::OwnMinus => (!is_negative && !is_zero(&value), "no minus sign, unlike"),
        };
        if is_fault {
            let message = format!("value in column \"{}\" of the file has {what} others", part.name);
            let error = CellError::new(sqlstate::NO_DATA_ROW, message).in_column(Some(&self.column.name));
            return Err(error.about(text).suggest("write it as the others, or into the other column"));
        }
        Ok(if part.sign == Sign::Minus && !is_zero(&value) { format!("-{value}") } else { value })
    }

    fn sum(&self, one: &str, other: &str) -> Result<String, CellError> {
        let sum = Decimal::parse(one).zip(Decimal::parse(other)).and_then(|(one, other)| one.plus(&other));
        let too_long =
            || CellError::new(sqlstate::NUMBER_OUT_OF_RANGE, "numbers have too many digits to be added up");
        sum.ok_or_else(|| too_long().in_column(Some(&self.column.name)).about(other))
    }

    fn several(&self, first: &Part, second: &Part, one: &str, other: &str) -> CellError {
        let message = format!(
            "columns \"{}\" and \"{}\" of the file both have a value, of which \"{}\" takes one",
            first.name, second.name, self.column.name
        );
        let error = CellError::new(sqlstate::NO_DATA_ROW, message).in_column(Some(&self.column.name));
        let one = one.strip_prefix('-').unwrap_or(one);
        error.about(&format!("{one}, {}", other.trim())).suggest("leave one of them blank")
    }
}

fn is_zero(value: &str) -> bool {
    Decimal::parse(value).is_some_and(|number| number.significant().next().is_none())
}
