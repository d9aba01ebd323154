//! The CHECK constraints of a table. Those that compare a column with a whole number, as most do, intake asks of each value;
//! the rest are asked of the database, a batch at a time.

use super::target::Column;
use intake::{Bound, Comparison};
use pgrx::spi::quote_identifier;

/// A CHECK constraint.
#[derive(PartialEq)]
pub struct Check {
    pub name: String,
    pub expression: String,
    /// The columns that it looks at.
    pub columns: Vec<String>,
}

impl Check {
    /// Makes the constraint one that intake asks, if it can; `columns` and `of_intake` are parallel.
    pub fn become_bound(&self, table: &str, columns: &[Column], of_intake: &mut [intake::Column]) -> bool {
        let [only] = self.columns.as_slice() else { return false };
        let Some(position) = columns.iter().position(|column| column.name == *only) else { return false };
        // Where a default takes the place of a NULL, it is that which has to be asked about.
        if columns[position].default.is_some() || !Bound::applies_to(&of_intake[position].kind) {
            return false;
        }
        let Some((comparison, limit)) = self.comparison(only) else { return false };
        of_intake[position].bounds.push(Bound {
            comparison,
            limit,
            message: self.violation(table),
            suggestion: self.suggestion(),
        });
        true
    }

    /// As PostgreSQL words it.
    pub fn violation(&self, table: &str) -> String {
        format!("new row for relation \"{table}\" violates check constraint \"{}\"", self.name)
    }

    pub fn suggestion(&self) -> String {
        format!("the value must satisfy {}", self.expression)
    }

    /// Reads `(quantity >= 0)`, `(price > (0)::numeric)`. Operators of other schemas are written with their schema.
    fn comparison(&self, column: &str) -> Option<(Comparison, i64)> {
        let inner = self.expression.strip_prefix('(')?.strip_suffix(')')?;
        let rest = inner.strip_prefix(quote_identifier(column).as_str())?.strip_prefix(' ')?;
        let (operator, limit) = rest.split_once(' ')?;
        let comparison = match operator {
            ">=" => Comparison::AtLeast,
            ">" => Comparison::MoreThan,
            "<=" => Comparison::AtMost,
            "<" => Comparison::LessThan,
            _ => return None,
        };
        Some((comparison, whole_number(limit)?))
    }
}

/// Reads `5`, `(5)::numeric`, `'-5'::integer`, `('-5'::integer)::numeric`.
fn whole_number(text: &str) -> Option<i64> {
    let text = ["::numeric", "::integer", "::bigint", "::smallint"]
        .iter()
        .find_map(|cast| text.strip_suffix(cast))
        .unwrap_or(text);
    let inner = text.strip_prefix('(').and_then(|text| text.strip_suffix(')'));
    let quoted = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
    match (inner, quoted) {
        (Some(inner), _) => whole_number(inner),
        (None, quoted) => quoted.unwrap_or(text).parse().ok(),
    }
}
