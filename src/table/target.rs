//! The table of a job.

use super::check::Check;
use super::column::Column;
use super::description::{Constraint, Description, Index, RowTrigger};
use super::foreign_key::ForeignKey;
use super::types::kind_of_column;
use crate::failure::Failure;
use crate::identity;
use crate::job::Work;
use crate::pg;
use intake::Table;
use pack::Fill;
use pgrx::pg_sys;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

pub struct Target {
    pub oid: pg_sys::Oid,
    /// Its name among the data types.
    pub data_type: String,
    /// Qualified and quoted.
    pub name: String,
    pub is_partitioned: bool,
    /// Whether the table records which import made a row.
    pub has_import_id: bool,
    /// The columns by which a row is found again; none if it cannot be.
    pub row_identity: Vec<String>,
    /// All columns, in the order of `pg_attribute`; dropped ones keep their places.
    pub columns: Vec<Column>,
    /// Those that a file may fill, by their positions in `columns`; parallel to the columns of [`Target::for_intake`].
    pub fillable: Vec<usize>,
    /// Those that intake does not ask of each value.
    pub checks: Vec<Check>,
    pub indexes: Vec<Index>,
    /// What errors may name.
    pub constraints: Rc<[Constraint]>,
    pub foreign_keys: Rc<[ForeignKey]>,
    pub row_triggers: Vec<RowTrigger>,
    table: Table,
}

/// The data type, and the role of the creator, from whom rules may hide columns.
type Known = (String, Option<String>);

thread_local! {
    /// The targets loaded since the catalog last changed, and its generation.
    static LOADED: RefCell<(u64, HashMap<Known, Rc<Target>>)> = RefCell::default();
}

impl Target {
    /// The target of a job. It is remembered until something in the catalog changes: to describe a table takes longer than to
    /// insert a row into it.
    pub fn of(work: &Work) -> Result<Rc<Self>, Failure> {
        let generation = pg::catalog_generation();
        let key = (work.data_type.clone(), identity::role_of(work.created_by));
        let known =
            LOADED.with_borrow(|(at, loaded)| loaded.get(&key).filter(|_| *at == generation).cloned());
        if let Some(target) = known {
            return Ok(target);
        }
        let target = Rc::new(Self::load(work)?);
        LOADED.with_borrow_mut(|(at, loaded)| {
            if *at != generation {
                loaded.clear();
            }
            *at = generation;
            loaded.insert(key, target.clone());
        });
        Ok(target)
    }

    /// The same, locked as an INSERT would lock it: nobody changes from here on what is said of it.
    pub fn locked(work: &Work) -> Result<Rc<Self>, Failure> {
        let target = Self::of(work)?;
        pg::lock_for_writing(target.oid);
        let now = Self::of(work)?;
        if now.oid == target.oid { Ok(now) } else { Self::locked(work) }
    }

    fn load(work: &Work) -> Result<Self, Failure> {
        let oid = work.target()?;
        let described = Description::load(oid)?.ok_or_else(|| work.lost_its_target())?;
        let Description { columns, mut checks, .. } = described;
        let rule = identity::rule_of(work.created_by, oid);
        let hidden = rule.map(|rule| rule.hidden_columns).unwrap_or_default();
        let is_open =
            |column: &Column| column.is_fillable && !hidden.iter().any(|name| name == column.name());
        let fillable: Vec<usize> = (0..columns.len()).filter(|at| is_open(&columns[*at])).collect();
        let filled: Vec<&Column> = fillable.iter().map(|at| &columns[*at]).collect();
        let mut of_intake: Vec<intake::Column> =
            filled.iter().map(|column| column_for_intake(column)).collect();
        // What intake can ask of a value, nobody has to ask the database.
        checks.retain(|check| !check.become_intakes(&filled, &mut of_intake));
        let attributes = filled.iter().position(|column| column.is_attributes());
        Ok(Self {
            oid,
            data_type: work.data_type.clone(),
            name: described.name,
            is_partitioned: described.is_partitioned,
            has_import_id: described.has_import_id,
            row_identity: described.row_identity,
            columns,
            fillable,
            checks,
            indexes: described.indexes,
            constraints: described.constraints.into(),
            foreign_keys: described.foreign_keys.into(),
            row_triggers: described.row_triggers,
            table: Table { columns: of_intake, attributes },
        })
    }

    /// A column by its number among those that a file may fill.
    pub fn file_column(&self, number: usize) -> &Column {
        &self.columns[self.fillable[number]]
    }

    /// Those that a file may fill.
    pub fn file_columns(&self) -> impl Iterator<Item = &Column> {
        self.fillable.iter().map(|at| &self.columns[*at])
    }

    /// The position of a column of that name in `columns`.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name() == name)
    }

    /// The columns of each unique index that looks at columns only, and at all rows.
    pub fn unique_keys(&self) -> Vec<Vec<String>> {
        let unique = self.indexes.iter().filter(|index| index.is_unique);
        unique.filter_map(|index| index.key_columns.clone()).collect()
    }

    /// Whether rows that were read and statements that were made for one are right for the other.
    pub fn is_like(&self, other: &Self) -> bool {
        let said = |it: &Self| (it.oid, it.is_partitioned, it.has_import_id, it.fillable.len());
        said(self) == said(other)
            && self.data_type == other.data_type
            && self.name == other.name
            && self.row_identity == other.row_identity
            && self.checks == other.checks
            && self.table == other.table
            && self.file_columns().zip(other.file_columns()).all(|(one, other)| one.is_like(other))
    }

    /// Whether what fills a column, by its number among those that a file may fill, satisfies its constraints.
    pub fn allows(&self, number: usize, fill: &Fill) -> bool {
        let column = &self.table.columns[number];
        let holds = |text: &str| column.constraints.iter().all(|it| it.condition.holds(&column.kind, text));
        match fill {
            Fill::Constant(text) => text.as_deref().is_none_or(holds),
            // Nobody knows yet.
            Fill::Deferred | Fill::Random => column.constraints.is_empty(),
            Fill::Cell { .. } => true,
        }
    }

    /// What intake knows of it.
    pub fn for_intake(&self) -> &Table {
        &self.table
    }
}

fn column_for_intake(column: &Column) -> intake::Column {
    intake::Column {
        required: column.is_required,
        is_key: column.is_key,
        refuses_blanks: column.defaults_to_now(),
        ..intake::Column::new(column.name(), kind_of_column(column))
    }
}
