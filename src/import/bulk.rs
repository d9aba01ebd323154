//! The bulk sink: rows past the executor, made into tuples on the reader's thread. Only where that is provably the same as
//! the INSERT of the general sink: what an INSERT would do besides is either absent from the table
//! (`teamwork.bulk_obstacles`), the same for every row and done once (defaults, policies, foreign keys of the owner), checked
//! before, by intake (types, NOT NULL, CHECK) or for a batch at once (other foreign keys), or done row by row as the executor
//! does it (triggers after a row). A batch with a row that one of these or a unique index refuses is left to the general sink.

mod fired;
mod layout;
mod update;

use super::changes::EXACT;
use super::target::Target;
use crate::creator::Creator;
use crate::failure::Failure;
use crate::pg::{self, BulkTarget, Place};
use crate::settings;
use fired::Fired;
use intake::Event;
use layout::Column;
use pack::{ColumnPlan, Packed, Packer, RowPlan};
use pgrx::Uuid;
use serde_json::{Value, json};

/// What the rows of an import are made of, before the file's columns are known.
#[derive(Clone, PartialEq)]
pub struct Plan {
    drafts: Vec<ColumnPlan>,
    /// Of the columns; parallel to `drafts`.
    names: Vec<String>,
    indexes: Vec<Vec<usize>>,
}

impl Plan {
    /// What packs the rows of a file with these columns, or why only the database can make them.
    pub fn packer(&self, columns: &[usize]) -> Result<Packer, Vec<String>> {
        let made: Vec<_> = self.drafts.iter().map(|draft| draft.attribute(columns)).collect();
        let others = self.names.iter().zip(&made).filter(|(_, attribute)| attribute.is_none());
        let others: Vec<String> =
            others.map(|(name, _)| format!("only the database can make values of {name}")).collect();
        if !others.is_empty() {
            return Err(others);
        }
        let attributes = made.into_iter().flatten().collect();
        let packer = Packer::new(RowPlan { attributes, indexes: self.indexes.clone() });
        packer.ok_or_else(|| vec!["only the database can store a default".into()])
    }
}

/// Packs batches as they come, on the reader's thread.
pub struct Packing {
    plan: Plan,
    packer: Option<Packer>,
    /// A batch that is done with, whose memory is used again.
    spent: Packed,
}

impl Packing {
    pub fn new(plan: Plan) -> Self {
        Self { plan, packer: None, spent: Packed::default() }
    }

    /// Takes the memory of a batch that is done with.
    pub fn take_back(&mut self, spent: Packed) {
        self.spent = spent;
    }

    pub fn take(&mut self, event: &Event) -> Option<Packed> {
        match event {
            Event::Started { columns, .. } => {
                self.packer = self.plan.packer(columns).ok();
                None
            }
            Event::Batch(batch) => self.packer.as_mut()?.pack(batch, std::mem::take(&mut self.spent)),
        }
    }
}

pub struct Bulk {
    target: BulkTarget,
    pub plan: Plan,
    /// The columns of each unique index.
    unique: Vec<Vec<String>>,
    /// The columns that tell rows apart, where undo_import() cannot know by import_id which rows an import has inserted.
    identity: Vec<Identity>,
    fired: Vec<Fired>,
    /// Whether rows can also be updated past the executor.
    can_update: bool,
}

/// A column that tells rows apart, and where its values come from.
#[derive(PartialEq)]
enum Identity {
    /// A sequence, in numbers of so many bytes.
    Numbered { name: String, attribute: usize, width: usize },
    /// A random UUID.
    Random { name: String, attribute: usize },
    /// The file.
    Given { name: String },
}

/// The bulk sink, or why rows have to go through the executor.
pub type Prepared = Result<Bulk, Vec<String>>;

impl Bulk {
    /// The target is locked, so that nobody changes what is found out about it.
    pub fn prepare(
        target: &Target,
        creator: &Creator,
        job: Option<Uuid>,
        is_small: bool,
    ) -> Result<Prepared, Failure> {
        let Some(job) = job else {
            return Ok(Err(vec!["the import is a preview".into()]));
        };
        if is_small {
            return Ok(Err(vec!["the source is small".into()]));
        }
        if !settings::bulk_imports() {
            return Ok(Err(vec!["teamwork.bulk_imports is off".into()]));
        }
        // Nothing here asks or tells of the conflicts that the other levels look for.
        if !pg::is_read_committed() {
            return Ok(Err(vec!["the transaction is not one of READ COMMITTED".into()]));
        }
        if pg::is_left_out_of_wal(target.oid) {
            return Ok(Err(vec![
                "wal_level is minimal, and the transaction has made or emptied the table".into(),
            ]));
        }
        let obstacles = obstacles(target, creator);
        if !obstacles.is_empty() {
            return Ok(Err(obstacles));
        }
        let held: Option<bool> = pg::query_one(
            "SELECT teamwork.lock_parents($1, $2, $3, $4)",
            &[target.oid.into(), creator.id.into(), creator.team.into(), job.into()],
        );
        if held != Some(true) {
            return Ok(Err(vec!["a row that a foreign key wants is not there".into()]));
        }
        Self::of(target, creator, job).map(Ok)
    }

    fn of(target: &Target, creator: &Creator, job: Uuid) -> Result<Self, Failure> {
        let columns = Column::load(target.oid);
        let names: Vec<String> =
            columns.iter().map(|column| column.name.clone().unwrap_or_default()).collect();
        let indexes = layout::indexes(target.oid);
        let unique = indexes.iter().filter(|(_, is_unique)| *is_unique);
        let named = |keys: &[usize]| keys.iter().map(|key| names[*key].clone()).collect();
        let unique = unique.map(|(index, _)| named(&index.attributes)).collect();
        let keys = indexes.iter().map(|(index, _)| index.attributes.clone()).collect();
        let bulk = BulkTarget {
            table: target.oid,
            indexes: indexes.into_iter().map(|(index, _)| index).collect(),
            places: columns.iter().map(Column::place).collect(),
            sequences: columns.iter().enumerate().filter_map(Column::numbering).collect(),
            times: (0..columns.len()).filter(|at| columns[*at].is_now).collect(),
            uuids: (0..columns.len()).filter(|at| columns[*at].is_random).collect(),
        };
        let drafts = columns.iter().map(|column| column.draft(target, creator, job)).collect();
        let identity = if target.has_import_id { Vec::new() } else { identity(target, &columns) };
        let fired = Fired::load(target.oid, creator, job);
        let can_update = update::is_possible(target.oid);
        let plan = Plan { drafts, names, indexes: keys };
        Ok(Self { target: bulk, plan, unique, identity, fired, can_update })
    }

    /// Whether the order of the rows decides which of them a unique index refuses, besides that of the key: rows that are
    /// updated may take or leave values there.
    pub fn is_order_felt(&self, columns: &[&super::target::Column]) -> bool {
        let changes = |name: &String| {
            columns.iter().any(|column| column.name == *name && !column.is_key && !column.is_identity)
        };
        self.unique.iter().any(|names| names.iter().any(changes))
    }

    /// The same for rows that are made for another's plan, whose orders are those of the indexes that there were then; None where
    /// these are no rows for this one.
    pub fn for_rows_of(mut self, other: &Self) -> Option<Self> {
        for index in &mut self.target.indexes {
            // Where the values of other columns lie is not known of the rows.
            let is_located = |attribute| other.plan.indexes.iter().any(|keys| keys.contains(attribute));
            if !index.attributes.iter().all(is_located) {
                return None;
            }
            index.order = other.plan.indexes.iter().position(|keys| *keys == index.attributes);
        }
        let indexes = self.target.indexes.clone();
        self.plan.indexes = other.plan.indexes.clone();
        let target = BulkTarget { indexes, ..other.target.clone() };
        let are_right = self.target == target && self.plan == other.plan && self.identity == other.identity;
        are_right.then_some(self)
    }

    /// The keys of inserted rows as undo_import() wants them, where it does; `given` is the value of a file's column in a row,
    /// the rows counted as those of `packed`.
    pub fn keys<'b>(
        &self,
        packed: &Packed,
        given: impl Fn(usize, &str) -> Option<&'b str>,
    ) -> Option<String> {
        let value = |row: usize, column: &Identity| match column {
            Identity::Numbered { name, attribute, width } if packed.is_deferred(*attribute) => {
                (name.clone(), json!(packed.number(row, *attribute, *width)))
            }
            Identity::Random { name, attribute } if packed.is_deferred(*attribute) => (
                name.clone(),
                json!(packed.uuid(row, *attribute).map(|uuid| Uuid::from_bytes(uuid).to_string())),
            ),
            Identity::Numbered { name, .. } | Identity::Random { name, .. } | Identity::Given { name } => {
                (name.clone(), json!(given(row, name)))
            }
        };
        let key = |row| Value::Object(self.identity.iter().map(|column| value(row, column)).collect());
        (!self.identity.is_empty()).then(|| Value::Array((0..packed.rows()).map(key).collect()).to_string())
    }

    /// Inserts a batch; false when the database finds a fault with a row of it, and nothing is inserted. `values` are those of a
    /// column in its rows, None of a column that the file does not fill.
    pub fn insert<'v>(
        &self,
        packed: &mut Packed,
        creator: &Creator,
        values: impl Fn(&str) -> Option<Vec<Option<&'v str>>>,
    ) -> Result<bool, Failure> {
        let insert = || {
            let triggers: Vec<_> = self.fired.iter().filter_map(|fired| fired.to_fire(&values)).collect();
            // Triggers see the settings that they see of the general sink.
            creator.act_with(&EXACT, || pg::bulk_insert(&self.target, packed, &triggers));
        };
        match pg::subtransaction(insert) {
            Ok(()) => Ok(true),
            Err(error) if super::fault::is_fault_of_a_row(&error) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

/// The columns of [`Target::identity`].
fn identity(target: &Target, columns: &[Column]) -> Vec<Identity> {
    let source = |name: &String| {
        let name = name.clone();
        let attribute = columns.iter().position(|column| column.name.as_ref() == Some(&name));
        match attribute.map(|attribute| (attribute, &columns[attribute], columns[attribute].place())) {
            Some((attribute, column, Place::Value(width))) if column.sequence.is_some() => {
                Identity::Numbered { name, attribute, width }
            }
            Some((attribute, column, _)) if column.is_random => Identity::Random { name, attribute },
            _ => Identity::Given { name },
        }
    };
    target.identity.iter().map(source).collect()
}

fn obstacles(target: &Target, creator: &Creator) -> Vec<String> {
    let sql = "SELECT teamwork.bulk_obstacles($1, $2)";
    let found = pg::query(sql, &[target.oid.into(), creator.role_name.as_str().into()], |row| {
        row.get::<String>(1).ok().flatten()
    });
    let about_table = found.into_iter().flatten().map(|obstacle| format!("the table {obstacle}"));
    let checks = target.checks.iter().map(|check| format!("only the database can judge {}", check.name));
    about_table.chain(checks).collect()
}
