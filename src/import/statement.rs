//! The SQL of the general sink: whole batches as arrays, under row-level security, with everything the table has.

use super::check::Check;
use super::options::OnConflict;
use super::target::{Column, Target};
use pgrx::spi::quote_identifier;

/// The statements for a file's columns. Parameters: one text[] per column, then the creator, the team and the job.
pub struct Statements {
    /// Returns one boolean per row written: whether it was inserted.
    pub insert: String,
    /// Returns (row, from 1; -1) of the rows whose key the table has. `None` when the file does not fill the key.
    pub existing: Option<String>,
    /// Returns (row, from 1; number of the violated constraint in `checks`, from 0, or -1 for an existing key). `None` when
    /// there is nothing to ask beforehand.
    pub probe: Option<String>,
    /// `insert` for a single row: returns (whether it was inserted, the row as JSON).
    pub insert_and_show: String,
    /// Returns the row, as JSON, that has the key of a single row. `None` when the file does not fill the key.
    pub show_existing: Option<String>,
}

impl Statements {
    /// `has_key`: whether the file fills the key that conflicts are told by.
    pub fn build(
        target: &Target,
        columns: &[&Column],
        checks: &[&Check],
        has_key: bool,
        on_conflict: OnConflict,
    ) -> Self {
        let builder = Builder::new(target, columns);
        let existing = has_key.then(|| builder.existing_keys());
        let refused = existing.clone().filter(|_| on_conflict == OnConflict::Error);
        let violated = (!checks.is_empty()).then(|| builder.violations(checks));
        let questions: Vec<String> = violated.into_iter().chain(refused).collect();
        let action = has_key.then_some(on_conflict);
        let insert = builder.insert(action);
        Self {
            insert_and_show: format!("{insert}, {}", builder.image()),
            show_existing: has_key.then(|| builder.existing_row()),
            insert,
            existing,
            probe: (!questions.is_empty()).then(|| questions.join(" UNION ALL ") + " ORDER BY 1, 2"),
        }
    }
}

struct Builder<'a> {
    target: &'a Target,
    columns: &'a [&'a Column],
    /// Quoted, one per column.
    names: Vec<String>,
    /// The file's value for each column, of the column's type, as an expression over [`Builder::input`].
    values: Vec<String>,
}

impl<'a> Builder<'a> {
    fn new(target: &'a Target, columns: &'a [&'a Column]) -> Self {
        let value = |(index, column): (usize, &&Column)| {
            let cast = format!("u.c{index}::{}", column.type_name);
            column.default.as_ref().map_or(cast.clone(), |default| format!("coalesce({cast}, {default})"))
        };
        Self {
            target,
            columns,
            names: columns.iter().map(|column| quote_identifier(&column.name)).collect(),
            values: columns.iter().enumerate().map(value).collect(),
        }
    }

    /// `u (c0, c1, …, row)`: the batch as a table of text.
    fn input(&self) -> String {
        let count = self.columns.len();
        let arrays: Vec<String> = (1..=count).map(|number| format!("${number}::text[]")).collect();
        let names: Vec<String> = (0..count).map(|index| format!("c{index}")).collect();
        format!("unnest({}) WITH ORDINALITY AS u ({}, row)", arrays.join(", "), names.join(", "))
    }

    /// A parameter after the columns': 1 the creator, 2 the team, 3 the job.
    fn own(&self, number: usize) -> String {
        format!("${}::uuid", self.columns.len() + number)
    }

    /// Quoted names of the key's columns, with their values.
    fn key(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.columns.iter().zip(&self.names).zip(&self.values);
        all.filter(|((column, _), _)| column.is_key).map(|((_, name), value)| (name.as_str(), value.as_str()))
    }

    fn insert(&self, on_conflict: Option<OnConflict>) -> String {
        let (mut names, mut values) = (self.names.clone(), self.values.clone());
        for (number, name) in (1..).zip(["owner_id", "admin_id", "import_id"]) {
            if name != "import_id" || self.target.has_import_id {
                names.push(name.to_owned());
                values.push(self.own(number));
            }
        }
        format!(
            "INSERT INTO {} AS t ({}) SELECT {} FROM {} {} RETURNING {}",
            self.target.name,
            names.join(", "),
            values.join(", "),
            self.input(),
            on_conflict.map_or_else(String::new, |action| self.conflict_clause(action)),
            self.was_inserted(on_conflict.is_some()),
        )
    }

    fn conflict_clause(&self, on_conflict: OnConflict) -> String {
        let key: Vec<&str> = self.key().map(|(name, _)| name).collect();
        let conflict = format!("ON CONFLICT (admin_id, {})", key.join(", "));
        let changed = || self.columns.iter().filter(|column| !column.is_key && !column.is_identity);
        match on_conflict {
            // Asked about beforehand; a race raises.
            OnConflict::Error => String::new(),
            OnConflict::Update if changed().next().is_some() => {
                let updates: Vec<String> = changed().map(|column| assignment(column)).collect();
                let differs: Vec<String> = changed().map(|column| difference(column)).collect();
                format!("{conflict} DO UPDATE SET {} WHERE {}", updates.join(", "), differs.join(" OR "))
            }
            _ => format!("{conflict} DO NOTHING"),
        }
    }

    /// Whether a returned row is new. A row that ON CONFLICT has locked and updated has an xmax. Through a partitioned table
    /// system columns cannot be had: there the statement's snapshot says whether the key was there before.
    fn was_inserted(&self, has_key: bool) -> String {
        match (self.target.is_partitioned, has_key) {
            (false, _) => "(t.xmax = 0)".to_owned(),
            (true, false) => "true".to_owned(),
            (true, true) => {
                let same: Vec<String> = self.key().map(|(name, _)| format!("b.{name} = t.{name}")).collect();
                let (table, same) = (&self.target.name, same.join(" AND "));
                format!("NOT EXISTS (SELECT FROM {table} b WHERE b.admin_id = t.admin_id AND {same})")
            }
        }
    }

    fn existing_keys(&self) -> String {
        let matches: Vec<String> = self.key().map(|(name, value)| format!("t.{name} = {value}")).collect();
        format!(
            "SELECT u.row, -1 FROM {} WHERE EXISTS (SELECT FROM {} t WHERE t.admin_id = {} AND {})",
            self.input(),
            self.target.name,
            self.own(2),
            matches.join(" AND ")
        )
    }

    /// The row `t` as JSON: the columns that a file may fill, but for a primary key that this one leaves to the database.
    fn image(&self) -> String {
        let is_filled = |column: &Column| self.columns.iter().any(|filled| filled.name == column.name);
        let shown = self.target.columns.iter().filter(|column| is_filled(column) || !column.is_identity);
        let names: Vec<String> =
            shown.map(|column| format!("t.{}", quote_identifier(&column.name))).collect();
        format!("(SELECT row_to_json(s)::text FROM (SELECT {}) s)", names.join(", "))
    }

    fn existing_row(&self) -> String {
        let matches: Vec<String> = self.key().map(|(name, value)| format!("t.{name} = {value}")).collect();
        format!(
            "SELECT {} FROM {}, {} t WHERE t.admin_id = {} AND {}",
            self.image(),
            self.input(),
            self.target.name,
            self.own(2),
            matches.join(" AND ")
        )
    }

    fn violations(&self, checks: &[&Check]) -> String {
        let named: Vec<String> =
            self.names.iter().zip(&self.values).map(|(name, value)| format!("{value} AS {name}")).collect();
        let verdicts: Vec<String> = checks
            .iter()
            .enumerate()
            .map(|(number, check)| format!("({number}, ({}))", check.expression))
            .collect();
        format!(
            "SELECT r.\"teamwork row\", v.number FROM (SELECT u.row AS \"teamwork row\", {} FROM {}) r
             CROSS JOIN LATERAL (VALUES {}) v (number, holds) WHERE NOT v.holds",
            named.join(", "),
            self.input(),
            verdicts.join(", ")
        )
    }
}

fn assignment(column: &Column) -> String {
    format!("{} = {}", quote_identifier(&column.name), new_value(column))
}

fn difference(column: &Column) -> String {
    let old = comparable(column, &format!("t.{}", quote_identifier(&column.name)));
    format!("{old} IS DISTINCT FROM {}", comparable(column, &new_value(column)))
}

/// What an update makes of a column; attributes are added to those that the row has.
fn new_value(column: &Column) -> String {
    let name = quote_identifier(&column.name);
    if column.name == "attributes" && column.type_name == "jsonb" {
        format!("coalesce(t.{name} || excluded.{name}, t.{name}, excluded.{name})")
    } else {
        format!("excluded.{name}")
    }
}

/// Types without equality compare by their text.
fn comparable(column: &Column, expression: &str) -> String {
    const WITHOUT_EQUALITY: [&str; 9] =
        ["json", "xml", "point", "line", "lseg", "box", "path", "polygon", "circle"];
    let cast = if WITHOUT_EQUALITY.contains(&column.type_name.as_str()) { "::text" } else { "" };
    format!("({expression}){cast}")
}
