//! New versions of rows past the executor: what a row is to be comes as a made tuple, and the new versions go into each index in
//! the order of its keys. What an UPDATE does besides (triggers, constraints, policies) the caller has made sure that there is
//! none of, or has done.

use super::btree_append::Key;
use super::heap_replace::{Version, replace};
use super::index_entry::{close_index, insert_entry, open_index};
use super::insert::{AT_ONCE, BulkTarget, Index};
use super::row_values::{Values, part};
use crate::pg::{check_for_interrupts, with_scratch_memory};
use pack::{Excluded, Packed};
use pgrx::{FromDatum, PgSqlErrorCode, PgTupleDesc, ereport, pg_sys};
use std::ffi::CStr;

/// What becomes of rows; attributes are positions in `pg_attribute`, from 0.
#[derive(Debug)]
pub struct BulkUpdate<'a> {
    pub target: &'a BulkTarget,
    /// The attributes that get the values of the made tuples.
    pub set: Vec<usize>,
    /// The one of them, a jsonb, that is added to what the row has.
    pub merged: Option<usize>,
    /// The attribute that gets the time of the transaction.
    pub time: usize,
    /// The attribute that gets the user who updates, and who that is.
    pub author: (usize, pgrx::Uuid),
    /// The attributes of before-images.
    pub remembered: Vec<usize>,
}

/// What an update has done.
pub struct Updated {
    /// The rows of `Excluded` that were found.
    pub found: Vec<usize>,
    pub updated: u64,
    /// What the updated rows were, a JSON array; None when there are none.
    pub before: Option<String>,
    pub emptied: Vec<Emptied>,
}

/// A value that a row has lost.
pub struct Emptied {
    /// The row of `Excluded`.
    pub row: usize,
    pub attribute: usize,
    /// Of the first of an attribute.
    pub was: Option<String>,
}

/// Updates the rows that `find` finds: their numbers among `rows`, and their places. Those that have the values already are left
/// alone. Raises where somebody else has changed a row meanwhile, and where a row violates an index: to be called in a
/// subtransaction.
pub fn bulk_update(
    update: &BulkUpdate,
    packed: &mut Packed,
    rows: &Excluded,
    find: impl FnOnce() -> Vec<(usize, pg_sys::ItemPointerData)>,
) -> Updated {
    // SAFETY: snapshot and relation stay for all of it, and an error lets go of them with the subtransaction. As the snapshot is
    // older than the search, nobody can take the place of a row that both see.
    with_scratch_memory(|| unsafe {
        pg_sys::PushActiveSnapshot(pg_sys::GetTransactionSnapshot());
        let found = find();
        let table = pg_sys::table_open(update.target.table, pg_sys::RowExclusiveLock as i32);
        let mut writing = Writing::new(update, table, rows.rows());
        let memory: *mut u64 = packed.memory().as_mut_ptr();
        for (count, (row, place)) in found.iter().enumerate() {
            if count % AT_ONCE == 0 {
                check_for_interrupts();
            }
            let (word, len) = rows.extent(*row);
            let made = pg_sys::HeapTupleData {
                t_len: len as u32,
                t_data: memory.add(word).cast(),
                ..Default::default()
            };
            writing.update(*row, *place, made);
        }
        for index in &update.target.indexes {
            writing.index(index, rows);
        }
        pg_sys::table_close(table, pg_sys::NoLock as i32);
        pg_sys::PopActiveSnapshot();
        pg_sys::CommandCounterIncrement();
        let before = (writing.updated > 0).then(|| writing.before + "]");
        let found = found.into_iter().map(|(row, _)| row).collect();
        Updated { found, updated: writing.updated, before, emptied: writing.emptied }
    })
}

/// An update under way.
struct Writing<'a> {
    update: &'a BulkUpdate<'a>,
    table: pg_sys::Relation,
    description: pg_sys::TupleDesc,
    remembered: pg_sys::TupleDesc,
    /// For each attribute that is set, its type's equality, and its collation.
    equalities: Vec<(*mut pg_sys::FmgrInfo, pg_sys::Oid)>,
    dropped: Vec<usize>,
    /// The row as it is, as it is to be, and what is remembered of it.
    old: Values,
    new: Values,
    image: Values,
    /// By the rows' numbers.
    versions: Vec<Option<Version>>,
    updated: u64,
    before: String,
    emptied: Vec<Emptied>,
}

impl<'a> Writing<'a> {
    /// SAFETY: the table is open and locked for writing, inside a transaction.
    unsafe fn new(update: &'a BulkUpdate<'a>, table: pg_sys::Relation, rows: usize) -> Self {
        // SAFETY: the description stays as long as the table is open; the type cache, for ever.
        unsafe {
            let description = (*table).rd_att;
            let attributes = PgTupleDesc::from_pg_unchecked(description);
            let equality = |attribute: &usize| {
                let attribute = &attributes.get(*attribute).expect("an attribute of the table");
                let flags = pg_sys::TYPECACHE_EQ_OPR_FINFO as i32;
                let entry = pg_sys::lookup_type_cache(attribute.atttypid, flags);
                (&raw mut (*entry).eq_opr_finfo, attribute.attcollation)
            };
            let width = attributes.len();
            let is_dropped = |at: &usize| attributes.get(*at).is_some_and(|attribute| attribute.attisdropped);
            Self {
                update,
                table,
                description,
                remembered: part(description, &update.remembered),
                equalities: update.set.iter().map(equality).collect(),
                dropped: (0..width).filter(is_dropped).collect(),
                old: Values::new(width),
                new: Values::new(width),
                image: Values::new(update.remembered.len()),
                versions: vec![None; rows],
                updated: 0,
                before: String::new(),
                emptied: Vec::new(),
            }
        }
    }

    /// Updates the row at a place to what the made tuple says, where they differ.
    /// SAFETY: there is an active snapshot; the made tuple has the table's row type.
    unsafe fn update(&mut self, row: usize, place: pg_sys::ItemPointerData, mut made: pg_sys::HeapTupleData) {
        // SAFETY: the old row is used while its page is pinned.
        unsafe {
            let mut tuple = pg_sys::HeapTupleData { t_self: place, ..Default::default() };
            let mut buffer = 0;
            let snapshot = pg_sys::GetActiveSnapshot();
            if !pg_sys::heap_fetch(self.table, snapshot, &mut tuple, &mut buffer, false) {
                raise_race();
            }
            self.old.read(&mut tuple, self.description);
            self.new.read(&mut made, self.description);
            self.merge();
            if self.differs() {
                self.note_emptied(row);
                self.complete();
                self.remember();
                let tuple = self.new.form(self.description);
                let version = replace(self.table, place, tuple).unwrap_or_else(|| raise_race());
                self.versions[row] = Some(version);
                self.updated += 1;
            }
            pg_sys::ReleaseBuffer(buffer);
        }
    }

    /// Adds the new value of the merged attribute to the old one.
    unsafe fn merge(&mut self) {
        let Some(at) = self.update.merged.filter(|at| !self.old.nulls[*at]) else { return };
        if self.new.nulls[at] {
            self.new.take(at, &self.old);
            return;
        }
        // SAFETY: both are values of jsonb.
        self.new.values[at] = unsafe {
            let (function, collation) = (pg_sys::F_JSONB_CONCAT.into(), pg_sys::InvalidOid);
            pg_sys::OidFunctionCall2Coll(function, collation, self.old.values[at], self.new.values[at])
        };
    }

    /// Whether the row is to become another, as IS DISTINCT FROM sees it.
    unsafe fn differs(&self) -> bool {
        let (old, new) = (&self.old, &self.new);
        self.update.set.iter().zip(&self.equalities).any(|(at, (equality, collation))| {
            if old.nulls[*at] || new.nulls[*at] {
                return old.nulls[*at] != new.nulls[*at];
            }
            // SAFETY: both are values of the equality's type.
            let is_same =
                unsafe { pg_sys::FunctionCall2Coll(*equality, *collation, old.values[*at], new.values[*at]) };
            is_same.value() & 1 == 0
        })
    }

    /// Notes what the row loses.
    /// SAFETY: the old values are those of the description.
    unsafe fn note_emptied(&mut self, row: usize) {
        for at in &self.update.set {
            if self.old.nulls[*at] || !self.new.nulls[*at] {
                continue;
            }
            let is_first = self.emptied.iter().all(|known| known.attribute != *at);
            // SAFETY: the value is one of the attribute's type.
            let was = is_first.then(|| unsafe { text_of(self.description, *at, self.old.values[*at]) });
            self.emptied.push(Emptied { row, attribute: *at, was });
        }
    }

    /// What is not set stays as it is, but for the time and the author.
    unsafe fn complete(&mut self) {
        let (update, old) = (self.update, &self.old);
        (0..old.values.len()).filter(|at| !update.set.contains(at)).for_each(|at| self.new.take(at, old));
        self.dropped.iter().for_each(|at| self.new.nulls[*at] = true);
        // SAFETY: inside a transaction.
        let now = unsafe { pg_sys::GetCurrentTransactionStartTimestamp() };
        self.new.values[update.time] = pg_sys::Datum::from(now);
        self.new.nulls[update.time] = false;
        let (author, user) = &update.author;
        // A uuid is passed by its address, and the update outlives the row.
        self.new.values[*author] = pg_sys::Datum::from(user.as_bytes().as_ptr());
        self.new.nulls[*author] = false;
    }

    /// Writes down what the row is.
    unsafe fn remember(&mut self) {
        for (to, from) in self.update.remembered.iter().enumerate() {
            self.image.values[to] = self.old.values[*from];
            self.image.nulls[to] = self.old.nulls[*from];
        }
        self.before.push(if self.before.is_empty() { '[' } else { ',' });
        // SAFETY: the values are those of the attributes that the description was made of.
        let image = with_scratch_memory(|| unsafe {
            let row = pg_sys::HeapTupleHeaderGetDatum((*self.image.form(self.remembered)).t_data);
            let (function, collation) = (pg_sys::F_ROW_TO_JSON_RECORD.into(), pg_sys::InvalidOid);
            String::from_datum(pg_sys::OidFunctionCall1Coll(function, collation, row), false)
        });
        self.before.push_str(&image.unwrap_or_default());
    }

    /// Puts the new versions into an index.
    /// SAFETY: the index is one of the target's.
    unsafe fn index(&mut self, Index { oid, attributes, order }: &Index, rows: &Excluded) {
        // SAFETY: the index stays open for all of it, or an error closes it with the subtransaction.
        unsafe {
            let Some((index, info)) = open_index(*oid) else { return };
            // So that nbtree looks for older versions of the row before it splits a page.
            let keys = &attributes[..(*info).ii_NumIndexKeyAttrs as usize];
            let is_unchanged = !keys.iter().any(|at| self.update.set.contains(at));
            let mut key = Key::default();
            for position in 0..self.versions.len() {
                if position % AT_ONCE == 0 {
                    check_for_interrupts();
                }
                let order = order.and_then(|order| rows.order(order));
                let row = order.map_or(position, |order| order[position] as usize);
                let Some(version) = self.versions[row].filter(|it| it.goes_into(info)) else { continue };
                self.old.read(version.tuple, self.description);
                key.row = (*version.tuple).t_self;
                key.values.clear();
                key.values.extend(attributes.iter().map(|at| self.old.values[*at]));
                let bits = attributes.iter().enumerate();
                let bits = bits.fold(0, |bits, (column, at)| bits | u32::from(self.old.nulls[*at]) << column);
                insert_entry(self.table, index, info, &mut key, bits, is_unchanged);
            }
            close_index(index, info);
        }
    }
}

/// SAFETY: the value is one of the attribute's type.
unsafe fn text_of(description: pg_sys::TupleDesc, attribute: usize, value: pg_sys::Datum) -> String {
    // SAFETY: the caller's word; the output function returns a C string.
    unsafe {
        let attributes = PgTupleDesc::from_pg_unchecked(description);
        let of_type = attributes.get(attribute).expect("an attribute of the table").atttypid;
        let (mut function, mut is_varlena) = (pg_sys::InvalidOid, false);
        pg_sys::getTypeOutputInfo(of_type, &mut function, &mut is_varlena);
        let text = pg_sys::OidOutputFunctionCall(function, value);
        CStr::from_ptr(text).to_string_lossy().into_owned()
    }
}

fn raise_race() -> ! {
    let code = PgSqlErrorCode::ERRCODE_T_R_SERIALIZATION_FAILURE;
    ereport!(ERROR, code, "could not serialize access due to concurrent update");
}
