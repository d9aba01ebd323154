//! The bulk sink: rows past the executor, made into tuples on the reader's thread. Only where that is provably the same as
//! the INSERT of the general sink: what an INSERT would do besides is either absent from the table
//! (`teamwork.bulk_obstacles`), the same for every row and done once (defaults, foreign keys, policies), or checked by intake
//! before (types, NOT NULL, CHECK). A batch that violates a unique index is left to the general sink.

use super::target::{Target, storage_of};
use crate::creator::Creator;
use crate::failure::Failure;
use crate::pg::{self, BulkTarget, Place, Sequence};
use crate::settings;
use intake::Event;
use pack::{Draft, Fill, Packed, Packer, Recipe, Storage};
use pgrx::{Uuid, pg_sys};
use serde_json::{Value, json};

/// What the rows of an import are made of, before the file's columns are known.
#[derive(Clone, PartialEq)]
pub struct Plan {
    drafts: Vec<Draft>,
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
        let packer = Packer::new(Recipe { attributes, indexes: self.indexes.clone() });
        packer.ok_or_else(|| vec!["only the database can store a default".into()])
    }
}

/// Packs batches as they come, on the reader's thread.
pub struct Packing {
    plan: Plan,
    packer: Option<Packer>,
}

impl Packing {
    pub fn new(plan: Plan) -> Self {
        Self { plan, packer: None }
    }

    pub fn take(&mut self, event: &Event) -> Option<Packed> {
        match event {
            Event::Started { columns, .. } => {
                self.packer = self.plan.packer(columns).ok();
                None
            }
            Event::Batch(batch) => self.packer.as_mut()?.pack(batch),
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
}

/// A column that tells rows apart, and where its values come from.
#[derive(PartialEq)]
enum Identity {
    /// A sequence, in numbers of so many bytes.
    Numbered { name: String, attribute: usize, width: usize },
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
        let obstacles = obstacles(target, creator);
        if !obstacles.is_empty() {
            return Ok(Err(obstacles));
        }
        let held: Option<bool> = pg::query_one(
            "SELECT teamwork.hold_parents($1, $2, $3, $4)",
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
        let indexes = Index::load(target.oid);
        let unique = indexes.iter().filter(|index| index.is_unique);
        let unique = unique.map(|index| index.keys.iter().map(|key| names[*key].clone()).collect()).collect();
        let keys = indexes.iter().map(|index| index.keys.clone()).collect();
        let bulk = BulkTarget {
            table: target.oid,
            indexes: indexes.into_iter().map(|index| (index.oid, index.keys)).collect(),
            places: columns.iter().map(Column::place).collect(),
            sequences: columns.iter().enumerate().filter_map(Column::numbering).collect(),
            times: (0..columns.len()).filter(|at| columns[*at].is_now).collect(),
        };
        let drafts = columns.iter().map(|column| column.draft(target, creator, job)).collect();
        let identity = if target.has_import_id { Vec::new() } else { identity(target, &columns) };
        Ok(Self { target: bulk, plan: Plan { drafts, names, indexes: keys }, unique, identity })
    }

    /// Whether the order of the rows decides which of them a unique index refuses, besides that of the key: rows that are
    /// updated may take or leave values there.
    pub fn is_order_felt(&self, columns: &[&super::target::Column]) -> bool {
        let changes = |name: &String| {
            columns.iter().any(|column| column.name == *name && !column.is_key && !column.is_identity)
        };
        self.unique.iter().any(|names| names.iter().any(changes))
    }

    /// Whether rows that were made for another's plan are right for this one as well.
    pub fn makes_the_same_rows(&self, other: &Self) -> bool {
        self.target == other.target && self.plan == other.plan && self.identity == other.identity
    }

    /// The keys of inserted rows as undo_import() wants them, where it does; `given` is the value of a file's column in a row,
    /// the rows counted as those of `packed`.
    pub fn keys<'b>(
        &self,
        packed: &Packed,
        given: impl Fn(usize, &str) -> Option<&'b str>,
    ) -> Option<String> {
        let value = |row: usize, column: &Identity| match column {
            Identity::Numbered { name, attribute, width } if packed.leaves(*attribute) => {
                (name.clone(), json!(packed.number(row, *attribute, *width)))
            }
            Identity::Numbered { name, .. } | Identity::Given { name } => {
                (name.clone(), json!(given(row, name)))
            }
        };
        let key = |row| Value::Object(self.identity.iter().map(|column| value(row, column)).collect());
        (!self.identity.is_empty()).then(|| Value::Array((0..packed.rows()).map(key).collect()).to_string())
    }

    /// Inserts a batch; false when the database finds a fault with a row of it, and nothing is inserted.
    pub fn insert(&self, packed: &mut Packed, creator: &Creator) -> Result<bool, Failure> {
        match pg::subtransaction(|| creator.act(|| pg::bulk_insert(&self.target, packed))) {
            Ok(()) => Ok(true),
            Err(error) if super::sink::is_fault_of_a_row(&error) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

/// The columns of [`Target::identity`].
fn identity(target: &Target, columns: &[Column]) -> Vec<Identity> {
    let source = |name: &String| {
        let attribute = columns.iter().position(|column| column.name.as_ref() == Some(name));
        let numbered = attribute.filter(|attribute| columns[*attribute].sequence.is_some());
        match numbered.map(|attribute| (attribute, columns[attribute].place())) {
            Some((attribute, Place::Value(width))) => {
                Identity::Numbered { name: name.clone(), attribute, width }
            }
            _ => Identity::Given { name: name.clone() },
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

struct Index {
    oid: pg_sys::Oid,
    keys: Vec<usize>,
    is_unique: bool,
}

impl Index {
    fn load(table: pg_sys::Oid) -> Vec<Self> {
        let sql = "SELECT index::oid, attributes, is_unique FROM teamwork.index_keys($1)";
        let indexes = pg::query(sql, &[table.into()], |row| {
            let attributes: Vec<i16> = row.get(2).ok()??;
            let keys = attributes.into_iter().map(|number| number as usize - 1).collect();
            Some(Self { oid: row.get(1).ok()??, keys, is_unique: row.get(3).ok()?? })
        });
        indexes.into_iter().flatten().collect()
    }
}

/// A column of the table in its physical order.
struct Column {
    /// `None` of a dropped column.
    name: Option<String>,
    storage: Option<Storage>,
    is_required: bool,
    default: Option<Default>,
    sequence: Option<pg_sys::Oid>,
    is_identity: bool,
    /// Whether the default is the time of the transaction.
    is_now: bool,
}

struct Default {
    /// An expression that gives the default as a text.
    text: String,
    is_volatile: bool,
}

impl Column {
    fn load(table: pg_sys::Oid) -> Vec<Self> {
        let sql =
            "SELECT name::text, type, modifier, is_required, default_text, default_node, sequence::oid, is_identity, is_now
                   FROM teamwork.row_layout($1)";
        pg::query(sql, &[table.into()], |row| {
            let text = |column: usize| row.get::<String>(column).ok().flatten();
            let modifier = row.get(3).ok().flatten().unwrap_or(-1);
            let default = text(5).zip(text(6));
            let default =
                default.map(|(text, node)| Default { text, is_volatile: pg::is_volatile_expression(&node) });
            Self {
                name: text(1),
                storage: text(2).and_then(|name| storage_of(&name, modifier)),
                is_required: row.get(4).ok().flatten().unwrap_or(false),
                default,
                sequence: row.get(7).ok().flatten(),
                is_identity: row.get(8).ok().flatten().unwrap_or(false),
                is_now: row.get(9).ok().flatten().unwrap_or(false),
            }
        })
    }

    fn draft(&self, target: &Target, creator: &Creator, job: Uuid) -> Draft {
        let name = self.name.as_deref();
        let column = target.columns.iter().position(|column| Some(column.name.as_str()) == name);
        let own = match name {
            Some("owner_id") => Some(creator.id),
            Some("admin_id") => Some(creator.team),
            Some("import_id") if target.has_import_id => Some(job),
            _ => None,
        };
        let otherwise = match own {
            Some(id) => Some(Fill::Constant(Some(id.to_string()))),
            None => self.without_a_file(creator),
        };
        let otherwise = otherwise.filter(|fill| column.is_none_or(|column| target.allows(column, fill)));
        // Where there is none, intake refuses a NULL.
        let has_default = self.default.is_some() || self.sequence.is_some();
        Draft { storage: self.storage, column, defaults: self.is_required && has_default, otherwise }
    }

    /// What an INSERT that leaves the column out puts there; None if only the database can tell.
    fn without_a_file(&self, creator: &Creator) -> Option<Fill> {
        if self.sequence.is_some() {
            let is_number = matches!(self.storage, Some(Storage::Int4 | Storage::Int8));
            return is_number.then_some(Fill::Later);
        }
        if self.is_now {
            return Some(Fill::Later);
        }
        let value = match &self.default {
            Some(default) if default.is_volatile => return None,
            Some(default) => self.evaluate(&default.text, creator)?,
            None => None,
        };
        // An INSERT would refuse the rows; the general sink says so.
        (value.is_some() || !self.is_required).then_some(Fill::Constant(value))
    }

    /// The value of a default, which is the same for every row of a transaction; None if it raises, as an INSERT would too.
    fn evaluate(&self, text: &str, creator: &Creator) -> Option<Option<String>> {
        // Floats as they are.
        let settings = [(c"extra_float_digits", c"1")];
        let sql = format!("SELECT {text}");
        pg::subtransaction(|| creator.act_with(&settings, || pg::query_one(&sql, &[]))).ok()
    }

    /// What numbers the column, if anything does.
    fn numbering((attribute, column): (usize, &Self)) -> Option<Sequence> {
        column.sequence.map(|oid| Sequence { attribute, oid, is_identity: column.is_identity })
    }

    fn place(&self) -> Place {
        match self.storage {
            Some(Storage::Bool) => Place::Value(1),
            Some(Storage::Int2) => Place::Value(2),
            Some(Storage::Int4 | Storage::Float4 | Storage::Date) => Place::Value(4),
            Some(Storage::Int8 | Storage::Float8 | Storage::Timestamp | Storage::TimestampTz) => {
                Place::Value(8)
            }
            _ => Place::Reference,
        }
    }
}
