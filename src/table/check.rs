//! The CHECK constraints of a table. Those that say of one column what its numbers, texts or lengths must be, as most do, intake asks
//! of each value; the rest are asked of the database, a batch at a time.

mod condition;

use super::column::Column;
use intake::{Condition, Constraint};
use serde::Deserialize;

/// A CHECK constraint.
#[derive(Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    pub name: String,
    pub expression: String,
    /// The columns that it looks at.
    pub columns: Vec<String>,
    /// Whether texts there are equal only if their bytes are.
    is_deterministic: bool,
    /// Whether it can be asked of rows before they are inserted: no trigger changes these columns until then.
    pub is_unmodified: bool,
}

impl Check {
    /// Makes the constraint one that intake asks, if it can; `columns` and `of_intake` are parallel. Where a default takes the place
    /// of a NULL, it is asked about when it is read ([`Target::allows`](super::Target::allows)).
    pub fn become_intakes(&self, columns: &[&Column], of_intake: &mut [intake::Column]) -> bool {
        let Some((only, conditions)) = self.conditions() else { return false };
        let Some(position) = columns.iter().position(|column| column.name() == only) else { return false };
        let kind = &of_intake[position].kind;
        let is_intakes = self.is_unmodified
            && self.is_deterministic
            && conditions.iter().all(|condition| condition.applies_to(kind));
        let constraints = conditions.into_iter().filter(|_| is_intakes);
        let constraints = constraints.map(|condition| Constraint { condition, name: self.name.clone() });
        let known = of_intake[position].constraints.len();
        of_intake[position].constraints.extend(constraints);
        of_intake[position].constraints.len() > known
    }

    /// As PostgreSQL words it.
    pub fn violation(&self, table: &str) -> String {
        format!("new row for relation \"{table}\" violates check constraint \"{}\"", self.name)
    }

    /// In words, if it is one that has any; else as it stands in the table.
    pub fn suggestion(&self) -> String {
        match self.conditions() {
            Some((column, conditions)) => {
                conditions.iter().map(|it| it.in_words(column)).collect::<Vec<_>>().join(", and ")
            }
            None => format!("the value must satisfy {}", self.expression),
        }
    }

    /// The only column that it looks at, and what it asks of it.
    fn conditions(&self) -> Option<(&str, Vec<Condition>)> {
        let [only] = self.columns.as_slice() else { return None };
        Some((only, condition::conditions(&self.expression, only)?))
    }
}
