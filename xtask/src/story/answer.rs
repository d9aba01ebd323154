//! What came back: text in rows, as psql shows it.

use std::fmt;

use anyhow::{Context, Result};
use postgres::SimpleQueryMessage;

#[derive(Default)]
pub struct Answer {
    columns: Vec<String>,
    rows: Vec<Vec<Option<String>>>,
    /// Rows returned, or changed by a command that returns none.
    pub count: u64,
}

impl Answer {
    pub fn read(messages: Vec<SimpleQueryMessage>) -> Self {
        let mut answer = Self::default();
        for message in messages {
            match message {
                SimpleQueryMessage::Row(row) => {
                    answer.rows.push((0..row.len()).map(|index| row.get(index).map(str::to_owned)).collect());
                }
                SimpleQueryMessage::RowDescription(columns) => {
                    answer.columns = columns.iter().map(|column| column.name().to_owned()).collect();
                }
                SimpleQueryMessage::CommandComplete(count) => answer.count = count,
                _ => {}
            }
        }
        answer
    }

    /// The value in the first column of the first row.
    pub fn value(&self) -> Result<&str> {
        self.field(0, 0)
    }

    pub fn field(&self, row: usize, column: usize) -> Result<&str> {
        let row = self.rows.get(row).context("too few rows came back")?;
        row.get(column).and_then(Option::as_deref).context("a null came back")
    }

    pub fn rows(&self) -> usize {
        self.rows.len()
    }

    fn width(&self, column: usize) -> usize {
        let widths = self.rows.iter().map(|row| shown(&row[column]).chars().count());
        widths.chain([self.columns[column].chars().count()]).max().unwrap_or(0)
    }
}

fn shown(value: &Option<String>) -> &str {
    value.as_deref().unwrap_or("")
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.columns.is_empty() {
            return write!(f, "({} row{})", self.count, if self.count == 1 { "" } else { "s" });
        }
        let widths: Vec<usize> = (0..self.columns.len()).map(|column| self.width(column)).collect();
        let line = |cells: Vec<&str>| {
            let padded: Vec<_> =
                cells.iter().zip(&widths).map(|(cell, &width)| format!(" {cell:width$} ")).collect();
            padded.join("|").trim_end().to_owned()
        };
        writeln!(f, "{}", line(self.columns.iter().map(String::as_str).collect()))?;
        write!(f, "{}", widths.iter().map(|width| "-".repeat(width + 2)).collect::<Vec<_>>().join("+"))?;
        for row in &self.rows {
            write!(f, "\n{}", line(row.iter().map(shown).collect()))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_as_psql_does() {
        let answer = Answer {
            columns: vec!["id".into(), "name".into()],
            rows: vec![vec![Some("10".into()), None], vec![Some("7".into()), Some("Müller".into())]],
            count: 2,
        };
        assert_eq!(answer.to_string(), " id | name\n----+--------\n 10 |\n 7  | Müller");
        assert_eq!(answer.field(1, 1).unwrap(), "Müller");
        assert!(answer.field(0, 1).is_err());
    }

    #[test]
    fn a_command_without_rows_says_how_many_it_changed() {
        assert_eq!(Answer { count: 1, ..Answer::default() }.to_string(), "(1 row)");
    }
}
