//! The bulk sink: rows past the executor, made into tuples on the reader's thread. Only where that is provably the same as
//! the INSERT of the general sink: what an INSERT would do besides is either absent from the table
//! (`teamwork.bulk_obstacles`), the same for every row and done once (defaults, foreign keys, policies), or checked by intake
//! before (types, NOT NULL, CHECK). A batch that violates a unique index is left to the general sink.

use super::target::{Target, storage_of};
use crate::creator::Creator;
use crate::failure::Failure;
use crate::pg::{self, BulkTarget, Place};
use intake::Event;
use pack::{Draft, Fill, Packed, Packer, Recipe, Storage};
use pgrx::{Uuid, pg_sys};
use serde_json::{Value, json};

/// What the rows of an import are made of, before the file's columns are known.
#[derive(Clone, PartialEq)]
pub struct Plan {
    drafts: Vec<Draft>,
    indexes: Vec<Vec<usize>>,
}

impl Plan {
    /// The recipe for a file with these columns; `None` when only the database can make its rows.
    fn recipe(&self, columns: &[usize]) -> Option<Recipe> {
        let attributes = self.drafts.iter().map(|draft| draft.attribute(columns)).collect::<Option<_>>()?;
        Some(Recipe { attributes, indexes: self.indexes.clone() })
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
                self.packer = self.plan.recipe(columns).and_then(Packer::new);
                None
            }
            Event::Batch(batch) => self.packer.as_mut()?.pack(batch),
        }
    }
}

pub struct Bulk {
    target: BulkTarget,
    pub plan: Plan,
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

impl Bulk {
    /// `None` when rows have to go through the executor.
    pub fn prepare(target: &Target, creator: &Creator, job: Uuid) -> Result<Option<Self>, Failure> {
        // From here on nobody changes what is found out about the table.
        pg::lock_for_writing(target.oid);
        if !target.checks.is_empty() || has_obstacle(target, creator) {
            return Ok(None);
        }
        let held: Option<bool> = pg::query_one(
            "SELECT teamwork.hold_parents($1, $2, $3, $4)",
            &[target.oid.into(), creator.id.into(), creator.team.into(), job.into()],
        );
        if held != Some(true) {
            return Ok(None);
        }
        let columns = Column::load(target.oid);
        let drafts =
            columns.iter().map(|column| column.draft(target, creator, job)).collect::<Result<_, _>>()?;
        let indexes = load_indexes(target.oid);
        let sequences = columns.iter().enumerate().filter_map(|(at, column)| Some((at, column.sequence?)));
        let bulk = BulkTarget {
            table: target.oid,
            indexes: indexes.clone(),
            places: columns.iter().map(Column::place).collect(),
            sequences: sequences.collect(),
            times: (0..columns.len()).filter(|at| columns[*at].is_time()).collect(),
        };
        let identity = if target.has_import_id { Vec::new() } else { identity(target, &columns) };
        let indexes = indexes.into_iter().map(|(_, keys)| keys).collect();
        Ok(Some(Self { target: bulk, plan: Plan { drafts, indexes }, identity }))
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

fn has_obstacle(target: &Target, creator: &Creator) -> bool {
    let sql = "SELECT teamwork.bulk_obstacles($1, $2)";
    !pg::query(sql, &[target.oid.into(), creator.role_name.as_str().into()], |_| ()).is_empty()
}

fn load_indexes(table: pg_sys::Oid) -> Vec<(pg_sys::Oid, Vec<usize>)> {
    let indexes =
        pg::query("SELECT index::oid, attributes FROM teamwork.index_keys($1)", &[table.into()], |row| {
            let attributes: Vec<i16> = row.get(2).ok()??;
            Some((row.get(1).ok()??, attributes.into_iter().map(|number| number as usize - 1).collect()))
        });
    indexes.into_iter().flatten().collect()
}

/// A column of the table in its physical order.
struct Column {
    /// `None` of a dropped column.
    name: Option<String>,
    storage: Option<Storage>,
    is_required: bool,
    default: Option<Default>,
    sequence: Option<pg_sys::Oid>,
}

struct Default {
    expression: String,
    is_volatile: bool,
}

impl Column {
    fn load(table: pg_sys::Oid) -> Vec<Self> {
        let sql =
            "SELECT name::text, type, modifier, is_required, default_expression, default_node, sequence::oid
                   FROM teamwork.row_layout($1)";
        pg::query(sql, &[table.into()], |row| {
            let text = |column: usize| row.get::<String>(column).ok().flatten();
            let modifier = row.get(3).ok().flatten().unwrap_or(-1);
            let default = text(5).zip(text(6)).map(|(expression, node)| Default {
                expression,
                is_volatile: pg::is_volatile_expression(&node),
            });
            Self {
                name: text(1),
                storage: text(2).and_then(|name| storage_of(&name, modifier)),
                is_required: row.get(4).ok().flatten().unwrap_or(false),
                default,
                sequence: row.get(7).ok().flatten(),
            }
        })
    }

    fn draft(&self, target: &Target, creator: &Creator, job: Uuid) -> Result<Draft, Failure> {
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
            None => self.without_a_file(creator)?,
        };
        let otherwise = otherwise.filter(|fill| column.is_none_or(|column| target.allows(column, fill)));
        // Where there is none, intake refuses a NULL.
        let has_default = self.default.is_some() || self.sequence.is_some();
        Ok(Draft { storage: self.storage, column, defaults: self.is_required && has_default, otherwise })
    }

    /// What an INSERT that leaves the column out puts there.
    fn without_a_file(&self, creator: &Creator) -> Result<Option<Fill>, Failure> {
        if self.sequence.is_some() {
            let is_number = matches!(self.storage, Some(Storage::Int4 | Storage::Int8));
            return Ok(is_number.then_some(Fill::Later));
        }
        if self.is_time() {
            return Ok(Some(Fill::Later));
        }
        let value = match &self.default {
            Some(default) if default.is_volatile => return Ok(None),
            Some(default) => self.evaluate(&default.expression, creator)?,
            None => None,
        };
        // An INSERT would refuse the rows; the general sink says so.
        Ok((value.is_some() || !self.is_required).then_some(Fill::Constant(value)))
    }

    /// Whether the default is the time of the transaction.
    fn is_time(&self) -> bool {
        let is_now =
            |default: &Default| ["now()", "CURRENT_TIMESTAMP"].contains(&default.expression.as_str());
        self.storage == Some(Storage::TimestampTz) && self.default.as_ref().is_some_and(is_now)
    }

    /// The value of a default, as a text that [`Storage`] takes; it is the same for every row of a transaction.
    fn evaluate(&self, expression: &str, creator: &Creator) -> Result<Option<String>, Failure> {
        let sql = format!("SELECT ({expression})::text");
        let settings = [(c"TimeZone", c"UTC"), (c"DateStyle", c"ISO")];
        Ok(pg::subtransaction(|| creator.act_with(&settings, || pg::query_one(&sql, &[])))?)
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
