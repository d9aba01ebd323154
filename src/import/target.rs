//! The table that an import fills.

use super::check::Check;
use super::mapping;
use super::options::Options;
use super::sink::AT_ONCE;
use crate::failure::Failure;
use crate::job::Work;
use crate::pg;
use intake::{DateOrder, Kind, Spec, Table};
use pack::{Fill, Storage};
use pgrx::pg_sys;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// Accepted rows a batch that goes in bulk. The more rows go into an index at once, the more of them share its pages.
const BULK_ROWS: usize = 10_000;

/// Input that a batch goes through at most.
pub const BATCH_BYTES: u64 = 4 << 20;

pub struct Target {
    pub oid: pg_sys::Oid,
    /// Its name among the data types.
    pub data_type: String,
    /// Qualified and quoted.
    pub name: String,
    pub columns: Vec<Column>,
    pub checks: Vec<Check>,
    pub is_partitioned: bool,
    /// Whether the table records which import made a row.
    pub has_import_id: bool,
    /// The columns by which a row is found again; none if it cannot be.
    pub identity: Vec<String>,
    table: Table,
}

/// A column that a file may fill; parallel to the columns of [`Target::table`].
#[derive(PartialEq)]
pub struct Column {
    pub name: String,
    /// As a cast takes it, without a length.
    pub type_name: String,
    /// With its length and, if it is not the type's own, the collation.
    pub stored_type: String,
    /// Takes the place of NULL in a NOT NULL column.
    pub default: Option<String>,
    pub is_key: bool,
    /// Part of the primary key: no update changes it.
    pub is_identity: bool,
}

impl Column {
    /// Whether what a file has is added to what a row has.
    pub fn is_attributes(&self) -> bool {
        self.name == "attributes" && self.type_name == "jsonb"
    }
}

thread_local! {
    /// The targets loaded since the catalog last changed, by data type, and its generation.
    static LOADED: RefCell<(u64, HashMap<String, Rc<Target>>)> = RefCell::default();
}

impl Target {
    /// The target of a job. It is remembered until something in the catalog changes: to describe a table takes longer than to
    /// insert a row into it.
    pub fn of(work: &Work) -> Result<Rc<Self>, Failure> {
        let generation = pg::catalog_generation();
        let known = LOADED
            .with_borrow(|(at, loaded)| loaded.get(&work.data_type).filter(|_| *at == generation).cloned());
        if let Some(target) = known {
            return Ok(target);
        }
        let target = Rc::new(Self::load(work)?);
        LOADED.with_borrow_mut(|(at, loaded)| {
            if *at != generation {
                loaded.clear();
            }
            *at = generation;
            loaded.insert(work.data_type.clone(), target.clone());
        });
        Ok(target)
    }

    fn load(work: &Work) -> Result<Self, Failure> {
        let oid = work.target().ok_or_else(|| Failure::no_such_target(work))?;
        let sql = "SELECT name, is_partitioned, has_import_id, identity FROM teamwork.describe_target($1)";
        let description = pg::query(sql, &[oid.into()], |row| {
            Some((row.get(1).ok()??, row.get(2).ok()??, row.get(3).ok()??, row.get(4).ok()??))
        });
        let (name, is_partitioned, has_import_id, identity) =
            description.into_iter().flatten().next().ok_or_else(|| Failure::no_such_target(work))?;
        let (columns, mut of_intake): (Vec<Column>, Vec<intake::Column>) =
            load_columns(oid).into_iter().unzip();
        // What intake can ask of a value, nobody has to ask the database.
        let mut checks = load_checks(oid);
        checks.retain(|check| !check.become_intakes(&work.data_type, &columns, &mut of_intake));
        let table = Table { columns: of_intake, attributes: columns.iter().position(Column::is_attributes) };
        Ok(Self {
            oid,
            data_type: work.data_type.clone(),
            name,
            is_partitioned,
            has_import_id,
            identity,
            columns,
            checks,
            table,
        })
    }

    /// The same, locked as an INSERT would lock it: nobody changes from here on what is said of it.
    pub fn locked(work: &Work) -> Result<Rc<Self>, Failure> {
        let target = Self::of(work)?;
        pg::lock_for_writing(target.oid);
        let now = Self::of(work)?;
        if now.oid == target.oid { Ok(now) } else { Self::locked(work) }
    }

    /// Whether the same is said of both.
    pub fn is_like(&self, other: &Self) -> bool {
        let Self { oid, data_type, name, columns, checks, is_partitioned, has_import_id, identity, table } =
            self;
        *oid == other.oid
            && *data_type == other.data_type
            && *name == other.name
            && *columns == other.columns
            && *checks == other.checks
            && *is_partitioned == other.is_partitioned
            && *has_import_id == other.has_import_id
            && *identity == other.identity
            && *table == other.table
    }

    /// Whether what fills a column satisfies its constraints.
    pub fn allows(&self, column: usize, fill: &Fill) -> bool {
        let column = &self.table.columns[column];
        let holds = |text: &str| column.constraints.iter().all(|it| it.condition.holds(&column.kind, text));
        match fill {
            Fill::Constant(text) => text.as_deref().is_none_or(holds),
            // Nobody knows yet.
            Fill::Deferred | Fill::Random => column.constraints.is_empty(),
            Fill::Cell { .. } => true,
        }
    }

    pub fn table(&self) -> &Table {
        &self.table
    }

    /// What intake has to know.
    pub fn spec(&self, work: &Work, options: &Options, is_bulk: bool) -> Result<Spec, Failure> {
        let mapping = work.mapping.as_deref().map(serde_json::from_str).transpose();
        Ok(Spec {
            mapping: mapping
                .map_err(|error| Failure::new(format!("mapping is not a JSON object: {error}")))?,
            saved: mapping::saved(work),
            reading: options.reading.clone(),
            decimal: options.decimal,
            date_order: options.date_order,
            usual_date_order: date_order_of_server(),
            batch_rows: options.batch_rows(if is_bulk { BULK_ROWS } else { AT_ONCE }),
            batch_bytes: BATCH_BYTES,
            ..Spec::new(self.table.clone())
        })
    }
}

/// The order in `ISO, MDY`, as DateStyle has it.
fn date_order_of_server() -> DateOrder {
    let style = pg::setting(c"datestyle").unwrap_or_default();
    style.split(", ").find_map(DateOrder::parse).unwrap_or(DateOrder::Mdy)
}

fn load_columns(table: pg_sys::Oid) -> Vec<(Column, intake::Column)> {
    let sql =
        "SELECT name, type, modifier, required, default_expression, is_key, is_identity, stored_type, labels
               FROM teamwork.import_columns($1)";
    let columns = pg::query(sql, &[table.into()], |row| {
        let (name, type_name): (String, String) = (row.get(1).ok()??, row.get(2).ok()??);
        let labels: Option<Vec<String>> = row.get(9).ok()?;
        let kind = match labels {
            Some(labels) => Kind::Enum { name: type_name.clone(), labels },
            None => kind_of(&type_name, row.get(3).ok()??),
        };
        let required = row.get(4).ok()??;
        let of_intake = intake::Column { required, ..intake::Column::new(name.as_str(), kind) };
        let (default, is_key, is_identity) = (row.get(5).ok()?, row.get(6).ok()??, row.get(7).ok()??);
        let stored_type = row.get(8).ok()??;
        Some((Column { name, type_name, stored_type, default, is_key, is_identity }, of_intake))
    });
    columns.into_iter().flatten().collect()
}

fn load_checks(table: pg_sys::Oid) -> Vec<Check> {
    let sql = "SELECT name, expression, columns, is_by_bytes, is_asked FROM teamwork.check_constraints($1)";
    let checks = pg::query(sql, &[table.into()], |row| {
        let (name, expression, columns) = (row.get(1).ok()??, row.get(2).ok()??, row.get(3).ok()??);
        let (is_by_bytes, is_asked) = (row.get(4).ok()??, row.get(5).ok()??);
        Some(Check { name, expression, columns, is_by_bytes, is_asked })
    });
    checks.into_iter().flatten().collect()
}

/// How values of a type are stored, where that can be told outside of the database.
pub fn storage_of(type_name: &str, modifier: i32) -> Option<Storage> {
    if type_name == "bpchar" {
        return (modifier > 4).then(|| Storage::Char { chars: (modifier - 4) as u32 });
    }
    Some(match kind_of(type_name, modifier) {
        Kind::Text { max_chars } => Storage::Text { max_chars },
        Kind::Int2 => Storage::Int2,
        Kind::Int4 => Storage::Int4,
        Kind::Int8 => Storage::Int8,
        Kind::Numeric { precision: None } => Storage::Numeric { scale: None },
        Kind::Numeric { precision: Some((_, scale)) } => {
            Storage::Numeric { scale: Some(u16::try_from(scale).ok()?) }
        }
        Kind::Float4 => Storage::Float4,
        Kind::Float8 => Storage::Float8,
        Kind::Bool => Storage::Bool,
        Kind::Date => Storage::Date,
        // A timestamp(n) is rounded.
        Kind::Timestamp if modifier < 0 => Storage::Timestamp,
        Kind::TimestampTz if modifier < 0 => Storage::TimestampTz,
        Kind::Uuid => Storage::Uuid,
        Kind::Json if type_name == "jsonb" => Storage::Jsonb,
        Kind::Timestamp | Kind::TimestampTz | Kind::Json | Kind::Enum { .. } | Kind::Other => return None,
    })
}

/// PostgreSQL's type as intake knows it; what intake does not know, the database checks.
pub fn kind_of(type_name: &str, modifier: i32) -> Kind {
    // VARHDRSZ is part of every length modifier; numeric's packs precision and an 11-bit signed scale.
    let length = (modifier >= 4).then(|| modifier - 4);
    match type_name {
        "text" => Kind::Text { max_chars: None },
        "character varying" => Kind::Text { max_chars: length.map(|length| length as u32) },
        "smallint" => Kind::Int2,
        "integer" => Kind::Int4,
        "bigint" => Kind::Int8,
        "numeric" => Kind::Numeric {
            precision: length
                .map(|packed| ((packed >> 16) as u16, (((packed & 0x7FF) ^ 1024) - 1024) as i16)),
        },
        "real" => Kind::Float4,
        "double precision" => Kind::Float8,
        "boolean" => Kind::Bool,
        "date" => Kind::Date,
        "timestamp without time zone" => Kind::Timestamp,
        "timestamp with time zone" => Kind::TimestampTz,
        "uuid" => Kind::Uuid,
        "json" | "jsonb" => Kind::Json,
        _ => Kind::Other,
    }
}
