//! Rows read by index or scan, without SQL: no planner, no row-level security, no recursion.

use super::invalidation::watch_profiles;
use pgrx::pg_sys::{self, Oid};
use pgrx::prelude::*;
use std::ffi::CStr;

/// What a user may do, from user_profiles.
pub struct Profile {
    pub id: pgrx::Uuid,
    pub role: String,
    pub admin_id: Option<pgrx::Uuid>,
    pub is_active: bool,
}

/// PostgreSQL's DATCONNLIMIT_INVALID_DB: what DROP DATABASE sets before it begins to delete files.
const INVALID_DATABASE: i32 = -2;

/// A database of the cluster.
pub struct Database {
    pub oid: Oid,
    /// Takes connections, is no template and was not left half dropped.
    pub is_usable: bool,
}

/// The schema that the extension was created in; `None` where it is not installed.
pub fn extension_schema() -> Option<Oid> {
    extension(pg_sys::Anum_pg_extension_extnamespace)
}

/// The role that the extension belongs to.
pub fn extension_owner() -> Option<Oid> {
    extension(pg_sys::Anum_pg_extension_extowner)
}

/// What pg_extension says of the extension in a column.
fn extension(column: u32) -> Option<Oid> {
    // A `name` is 64 bytes, padded with zeros.
    let mut name = [0u8; pg_sys::NAMEDATALEN as usize];
    name[..8].copy_from_slice(b"teamwork");
    let key = Key {
        column: pg_sys::Anum_pg_extension_extname as i16,
        equality: pg_sys::F_NAMEEQ.into(),
        value: pg_sys::Datum::from(name.as_ptr()),
    };
    scan(pg_sys::ExtensionRelationId, Some(pg_sys::ExtensionNameIndexId.into()), Some(key), |row| {
        row.get::<Oid>(column as i16)
    })
    .pop()
    .flatten()
}

/// Holds the extension as it is until the end of the transaction. DROP EXTENSION takes this lock before any of its tables:
/// the two wait for one another here, instead of deadlocking over the tables, which each takes in an order of its own.
pub fn hold_extension() {
    // SAFETY: inside a transaction; the name is NUL-terminated. In no database there is nothing to hold.
    unsafe {
        if pg_sys::MyDatabaseId == Oid::INVALID {
            return;
        }
        let extension = pg_sys::get_extension_oid(c"teamwork".as_ptr(), true);
        if extension != Oid::INVALID {
            let mode = pg_sys::AccessShareLock as i32;
            pg_sys::LockDatabaseObject(pg_sys::ExtensionRelationId, extension, 0, mode);
        }
    }
}

/// The table user_profiles; `None` where the extension is not installed.
pub fn profiles_table() -> Option<Oid> {
    relation(c"user_profiles", extension_schema()?)
}

/// The profile of a user, whoever asks. Sees what was committed a moment ago, also in a REPEATABLE READ transaction: a
/// member who was deactivated must not go on reading because of an old snapshot.
pub fn find_profile(user: pgrx::Uuid) -> Option<Profile> {
    let schema = extension_schema()?;
    let table = relation(c"user_profiles", schema)?;
    let index = relation(c"user_profiles_pkey", schema)?;
    watch_profiles(table);
    let column = |name: &CStr| {
        // SAFETY: the name is NUL-terminated; the answer comes from the system cache.
        unsafe { pg_sys::get_attnum(table, name.as_ptr()) }
    };
    let key = Key { column: column(c"id"), equality: pg_sys::F_UUID_EQ.into(), value: user.into_datum()? };
    let (role, admin_id, is_active) = (column(c"role"), column(c"admin_id"), column(c"is_active"));
    scan(table, Some(index), Some(key), |row| {
        Some(Profile {
            id: user,
            role: row.get(role)?,
            admin_id: row.get(admin_id),
            is_active: row.get(is_active)?,
        })
    })
    .pop()
    .flatten()
}

/// What a role may do with a table, and what of it the role does not see, from teamwork.table_rules.
#[derive(Clone)]
pub struct TableRule {
    pub table: Oid,
    pub role: String,
    pub commands: Vec<String>,
    pub hidden_columns: Vec<String>,
}

impl TableRule {
    pub fn allows(&self, command: &str) -> bool {
        self.commands.iter().any(|allowed| allowed == command)
    }
}

/// The rules of all tables, whoever asks; None where the extension is not installed. A change of them counts as one of the profiles.
pub fn table_rules() -> Option<Vec<TableRule>> {
    let rules = relation(c"table_rules", schema(c"teamwork")?)?;
    watch_profiles(profiles_table()?);
    // SAFETY: the names are NUL-terminated; the answers come from the system cache.
    let [target, role, commands, hidden] = [c"target", c"role", c"commands", c"hidden_columns"]
        .map(|name| unsafe { pg_sys::get_attnum(rules, name.as_ptr()) });
    let rule = |row: &Row| {
        Some(TableRule {
            table: row.get(target)?,
            role: row.get(role)?,
            commands: row.get(commands)?,
            hidden_columns: row.get(hidden)?,
        })
    };
    Some(scan(rules, None, None, rule).into_iter().flatten().collect())
}

/// The keys that tokens may be signed with, whoever asks. A change of them counts as one of the profiles.
pub fn token_keys() -> Vec<Vec<u8>> {
    if let Some(profiles) = profiles_table() {
        watch_profiles(profiles);
    }
    let Some(table) = schema(c"teamwork").and_then(|schema| relation(c"token_keys", schema)) else {
        return Vec::new();
    };
    // SAFETY: the name is NUL-terminated; the answer comes from the system cache.
    let column = unsafe { pg_sys::get_attnum(table, c"key".as_ptr()) };
    scan(table, None, None, |row| row.get::<Vec<u8>>(column)).into_iter().flatten().collect()
}

/// Whether a table has a row with that value in the column that an index begins with, whoever asks.
pub fn has_row(table: Oid, index: Oid, column: &CStr, value: pgrx::Uuid) -> bool {
    // SAFETY: the name is NUL-terminated; the answer comes from the system cache.
    let column = unsafe { pg_sys::get_attnum(table, column.as_ptr()) };
    let key = value.into_datum().map(|value| Key { column, equality: pg_sys::F_UUID_EQ.into(), value });
    let mut has_row = false;
    visit(table, Some(index), key, |_| {
        has_row = true;
        false
    });
    has_row
}

/// Every database of the cluster.
pub fn databases() -> Vec<Database> {
    scan(pg_sys::DatabaseRelationId, None, None, |row| {
        let is_template = row.get::<bool>(pg_sys::Anum_pg_database_datistemplate as i16).unwrap_or(true);
        let takes_connections =
            row.get::<bool>(pg_sys::Anum_pg_database_datallowconn as i16).unwrap_or(false);
        let is_whole = row.get::<i32>(pg_sys::Anum_pg_database_datconnlimit as i16) != Some(INVALID_DATABASE);
        row.get::<Oid>(pg_sys::Anum_pg_database_oid as i16)
            .map(|oid| Database { oid, is_usable: takes_connections && !is_template && is_whole })
    })
    .into_iter()
    .flatten()
    .collect()
}

/// How many rows a table has, without those where the boolean column is true; counts up to `most`.
pub fn count_rows(table: Oid, except: Option<&CStr>, most: usize) -> usize {
    // SAFETY: the name is NUL-terminated; the answer comes from the system cache.
    let except = except.map(|name| unsafe { pg_sys::get_attnum(table, name.as_ptr()) });
    let mut count = 0;
    visit(table, None, None, |row| {
        count += usize::from(except.is_none_or(|column| row.get(column) != Some(true)));
        count < most
    });
    count
}

/// A schema by its name.
pub fn schema(name: &CStr) -> Option<Oid> {
    // SAFETY: the name is NUL-terminated; the answer comes from the system cache.
    let oid = unsafe { pg_sys::get_namespace_oid(name.as_ptr(), true) };
    (oid != Oid::INVALID).then_some(oid)
}

/// A table, index, view or sequence by its name.
pub fn relation(name: &CStr, schema: Oid) -> Option<Oid> {
    // SAFETY: the name is NUL-terminated; the answer comes from the system cache.
    let oid = unsafe { pg_sys::get_relname_relid(name.as_ptr(), schema) };
    (oid != Oid::INVALID).then_some(oid)
}

struct Key {
    column: i16,
    equality: Oid,
    value: pg_sys::Datum,
}

struct Row {
    tuple: pg_sys::HeapTuple,
    descriptor: pg_sys::TupleDesc,
}

impl Row {
    /// The value of a column, copied out of the row.
    fn get<T: FromDatum>(&self, column: i16) -> Option<T> {
        let number = std::num::NonZeroUsize::new(column as usize)?;
        // SAFETY: the tuple is valid until the scan moves on, which it does not before the value is copied.
        unsafe {
            pgrx::heap_getattr_raw(self.tuple, number, self.descriptor)
                .and_then(|datum| T::from_datum(datum, false))
        }
    }
}

fn scan<T>(table: Oid, index: Option<Oid>, key: Option<Key>, read: impl Fn(&Row) -> T) -> Vec<T> {
    let mut rows = Vec::new();
    visit(table, index, key, |row| {
        rows.push(read(row));
        true
    });
    rows
}

/// Shows the rows one by one, for as long as the visitor wants more.
fn visit(table: Oid, index: Option<Oid>, key: Option<Key>, mut wants_more: impl FnMut(&Row) -> bool) {
    // SAFETY: the relation, the snapshot and the scan are closed in reverse order; on error the transaction's rollback
    // closes them. The key's value lives until the end of this function.
    unsafe {
        let relation = pg_sys::table_open(table, pg_sys::AccessShareLock as i32);
        let snapshot = pg_sys::RegisterSnapshot(latest_snapshot());
        let mut scan_key: pg_sys::ScanKeyData = std::mem::zeroed();
        let keys = i32::from(key.is_some());
        if let Some(key) = key {
            let equal = pg_sys::BTEqualStrategyNumber as u16;
            pg_sys::ScanKeyInit(&mut scan_key, key.column, equal, key.equality, key.value);
        }
        let index_oid = index.unwrap_or(Oid::INVALID);
        let scan =
            pg_sys::systable_beginscan(relation, index_oid, index.is_some(), snapshot, keys, &mut scan_key);
        loop {
            let tuple = pg_sys::systable_getnext(scan);
            if tuple.is_null() || !wants_more(&Row { tuple, descriptor: (*relation).rd_att }) {
                break;
            }
        }
        pg_sys::systable_endscan(scan);
        pg_sys::UnregisterSnapshot(snapshot);
        pg_sys::table_close(relation, pg_sys::AccessShareLock as i32);
    }
}

/// # Safety
/// Inside a transaction.
unsafe fn latest_snapshot() -> pg_sys::Snapshot {
    // SAFETY: a new snapshot cannot be taken in parallel mode; the statement's own is active then.
    unsafe {
        if pg_sys::IsInParallelMode() && pg_sys::ActiveSnapshotSet() {
            pg_sys::GetActiveSnapshot()
        } else {
            pg_sys::GetLatestSnapshot()
        }
    }
}

/// Locks a table as an INSERT would, until the transaction ends.
pub fn lock_for_writing(table: Oid) {
    // SAFETY: locks by number, whether or not there is such a table.
    unsafe { pg_sys::LockRelationOid(table, pg_sys::RowExclusiveLock as i32) };
}

/// Whether an expression, as pg_attrdef has it, may give another value each time.
pub fn is_volatile_expression(node: &str) -> bool {
    let Ok(node) = std::ffi::CString::new(node) else { return true };
    // SAFETY: the text of a node tree, as the catalog keeps it.
    unsafe { pg_sys::contain_volatile_functions(pg_sys::stringToNode(node.as_ptr()).cast()) }
}
