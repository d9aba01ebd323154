//! Rows into a table as COPY puts them there (`CopyMultiInsertBufferFlush` in `copyfrom.c`), and faster: the tuples come made,
//! and go into each index in the order of its keys. What an INSERT does besides (other triggers than those
//! after each row, constraints, policies, defaults) the caller has made sure that there is none of, or has done.

use super::btree_append::{Appendable, Key};
use super::index_entry::{close_index, insert_entry, open_index};
use super::row_triggers::RowTriggers;
use super::{heap_append, sequence};
use crate::pg::check_for_interrupts;
use pack::{Numbers, OfRows, Packed};
use pgrx::{PgSqlErrorCode, ereport, pg_sys};
use std::ptr;

/// Tuples that go into the table with one call, and so into one WAL record a page: what COPY buffers (`MAX_BUFFERED_TUPLES` in
/// `copyfrom.c`).
pub const AT_ONCE: usize = 1_000;

/// The slot owns its tuple (`TTS_SHOULDFREE` in `tuptable.h`). Off again before the slot is cleared, for these are not its own.
const OWNED: u16 = pg_sys::TTS_FLAG_SHOULDFREE as u16;

/// A value of a row that the backend has to find or to make: how it lies in the tuple.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Place {
    /// An address.
    Reference,
    /// A value of so many bytes.
    Value(usize),
}

/// A table and what to do with its rows.
#[derive(Debug, Clone, PartialEq)]
pub struct BulkTarget {
    pub table: pg_sys::Oid,
    pub indexes: Vec<Index>,
    /// By attribute.
    pub places: Vec<Place>,
    pub sequences: Vec<Sequence>,
    /// The attributes that get the time of the transaction.
    pub times: Vec<usize>,
    /// Those that get a random UUID.
    pub uuids: Vec<usize>,
}

/// An index of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct Index {
    pub oid: pg_sys::Oid,
    /// Its columns, included ones too: positions in `pg_attribute`, from 0.
    pub attributes: Vec<usize>,
    /// Which of the orders that the rows were made with is that of its keys; None: the rows come as they are.
    pub order: Option<usize>,
}

/// What numbers an attribute.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sequence {
    pub attribute: usize,
    pub oid: pg_sys::Oid,
    /// An identity column's, which needs no right of its own; nextval() in a default does.
    pub is_identity: bool,
}

/// Inserts a batch, and has those of the table's triggers fire after each row that are given. Raises where the batch violates
/// a unique index, and what triggers raise: to be called in a subtransaction.
pub fn bulk_insert(target: &BulkTarget, packed: &mut Packed, triggers: &[pg_sys::Oid]) {
    fill(target, packed);
    // SAFETY: see the functions; the relation stays open for both, and an error closes it with the subtransaction.
    unsafe {
        let table = pg_sys::table_open(target.table, pg_sys::RowExclusiveLock as i32);
        let triggers = RowTriggers::begin(table, triggers);
        let ids = insert_tuples(table, packed);
        let memory = packed.memory().as_ptr().cast();
        for index in &target.indexes {
            insert_keys(table, &Entries::of(index, &target.places, packed, memory, &ids));
        }
        if let Some(triggers) = triggers {
            triggers.fire(packed, &ids);
        }
        pg_sys::table_close(table, pg_sys::NoLock as i32);
        pg_sys::CommandCounterIncrement();
    }
}

/// Gives each row its time, its UUIDs, and the next numbers of its sequences.
fn fill(target: &BulkTarget, packed: &mut Packed) {
    let mut columns = Vec::new();
    for Sequence { attribute, oid, is_identity } in target.sequences.iter().copied() {
        let Place::Value(width) = target.places[attribute] else { continue };
        if !packed.is_deferred(attribute) {
            continue;
        }
        // SAFETY: the sequence exists as long as the table, on which there is a lock.
        let numbers = unsafe { sequence::draw(oid, packed.rows(), !is_identity) };
        if width == 4 && numbers.iter().any(|number| i32::try_from(*number).is_err()) {
            let code = PgSqlErrorCode::ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE;
            ereport!(ERROR, code, "integer out of range");
        }
        columns.push(Numbers { attribute, width, of_rows: OfRows::Each(numbers) });
    }
    // SAFETY: inside a transaction.
    let now = unsafe { pg_sys::GetCurrentTransactionStartTimestamp() };
    let times = target.times.iter().copied().filter(|attribute| packed.is_deferred(*attribute));
    let width = size_of::<i64>();
    columns.extend(times.map(|attribute| Numbers { attribute, width, of_rows: OfRows::Same(now) }));
    packed.set_numbers(&columns);
    for attribute in &target.uuids {
        if packed.is_deferred(*attribute) {
            packed.set_uuids(*attribute, &random_uuids(packed.rows()));
        }
    }
}

/// What as many calls of gen_random_uuid() would return: UUIDs of version 4.
fn random_uuids(count: usize) -> Vec<[u8; 16]> {
    let mut uuids = vec![[0; 16]; count];
    // SAFETY: the memory has that size.
    if !unsafe { pg_sys::pg_strong_random(uuids.as_mut_ptr().cast(), size_of_val(&*uuids)) } {
        ereport!(ERROR, PgSqlErrorCode::ERRCODE_INTERNAL_ERROR, "could not generate random values");
    }
    for uuid in &mut uuids {
        uuid[6] = uuid[6] & 0x0F | 0x40;
        uuid[8] = uuid[8] & 0x3F | 0x80;
    }
    uuids
}

/// SAFETY: the table is open and locked for writing; the tuples have its row type.
unsafe fn insert_tuples(table: pg_sys::Relation, packed: &mut Packed) -> Vec<pg_sys::ItemPointerData> {
    check_for_interrupts();
    let mut ids = vec![pg_sys::ItemPointerData::default(); packed.rows()];
    // SAFETY: the caller's word.
    let left = unsafe { heap_append::append(table, packed, &mut ids) };
    // SAFETY: slots and headers outlive the call that they are for; memory of an error goes with its context.
    unsafe {
        let bulk = pg_sys::GetBulkInsertState();
        let command = pg_sys::GetCurrentCommandId(true);
        let mut slots: Vec<*mut pg_sys::TupleTableSlot> = (0..left.len().min(AT_ONCE))
            .map(|_| pg_sys::MakeSingleTupleTableSlot((*table).rd_att, &pg_sys::TTSOpsHeapTuple))
            .collect();
        let mut headers = vec![pg_sys::HeapTupleData::default(); slots.len()];
        for rows in left.chunks(AT_ONCE) {
            check_for_interrupts();
            for ((row, header), slot) in rows.iter().zip(&mut headers).zip(&slots) {
                let (word, len) = packed.extent(*row);
                header.t_len = len as u32;
                header.t_tableOid = (*table).rd_id;
                header.t_data = packed.memory().as_mut_ptr().add(word).cast();
                pg_sys::ExecStoreHeapTuple(header, *slot, false);
                // Or the insertion would copy the tuple, to own it.
                (**slot).tts_flags |= OWNED;
            }
            let count = rows.len() as i32;
            pg_sys::table_multi_insert(table, slots.as_mut_ptr(), count, command, 0, bulk);
            for (row, slot) in rows.iter().zip(&slots) {
                ids[*row] = (**slot).tts_tid;
                (**slot).tts_flags &= !OWNED;
            }
        }
        slots.iter().for_each(|slot| pg_sys::ExecDropSingleTupleTableSlot(*slot));
        pg_sys::FreeBulkInsertState(bulk);
    }
    ids
}

/// What becomes of the rows in one index.
struct Entries<'a> {
    index: &'a Index,
    /// By attribute.
    places: &'a [Place],
    packed: &'a Packed,
    /// The tuples.
    memory: *const u8,
    /// The rows' places in the table.
    ids: &'a [pg_sys::ItemPointerData],
    /// By column of the index: what is the same in every row, such as the team. Read in one place, it stays in the cache.
    constants: Vec<Option<pg_sys::Datum>>,
}

impl<'a> Entries<'a> {
    /// SAFETY: the memory is that of the tuples, and does not change meanwhile.
    unsafe fn of(
        index: &'a Index,
        places: &'a [Place],
        packed: &'a Packed,
        memory: *const u8,
        ids: &'a [pg_sys::ItemPointerData],
    ) -> Self {
        let entries = Self { index, places, packed, memory, ids, constants: Vec::new() };
        let constant = |attribute: &usize| {
            let is_constant = packed.rows() > 0 && packed.is_constant(*attribute);
            // SAFETY: the caller's word; there is a first row.
            if is_constant { unsafe { entries.value(0, *attribute) } } else { None }
        };
        let constants = index.attributes.iter().map(constant).collect();
        Self { constants, ..entries }
    }

    /// The value of an attribute in a row; None is NULL. SAFETY: as of `of`.
    unsafe fn value(&self, row: usize, attribute: usize) -> Option<pg_sys::Datum> {
        let at = self.packed.offset(row, attribute)?;
        // SAFETY: the offset is one of the row's tuple.
        Some(unsafe {
            let tuple = self.memory.add(self.packed.extent(row).0 * size_of::<u64>());
            datum(tuple.add(at), self.places[attribute])
        })
    }

    /// The key of the row at a position in the order of the index; a column's bit is set in the result where it is NULL.
    unsafe fn read(&self, position: usize, key: &mut Key) -> u32 {
        let order = self.index.order.and_then(|order| self.packed.order(order));
        let row = order.map_or(position, |order| order[position] as usize);
        let mut nulls = 0;
        key.row = self.ids[row];
        key.values.clear();
        for (column, (attribute, constant)) in self.index.attributes.iter().zip(&self.constants).enumerate() {
            // SAFETY: the caller's word.
            let value = constant.or_else(|| unsafe { self.value(row, *attribute) });
            nulls |= u32::from(value.is_none()) << column;
            key.values.push(value.unwrap_or(pg_sys::Datum::null()));
        }
        nulls
    }
}

/// After a key that others could not be appended to so many are inserted at most before the next attempt; after the first, one.
const MOST_BETWEEN: usize = 1 << 10;

/// SAFETY: the table is open and locked, and the index is one of its.
unsafe fn insert_keys(table: pg_sys::Relation, entries: &Entries) {
    // SAFETY: the index stays open for all of it, or an error closes it with the subtransaction.
    unsafe {
        let Some((index, info)) = open_index(entries.index.oid) else { return };
        let appendable = Appendable::new(index);
        let (mut position, mut between, mut attempt, mut look) = (0, 1, 0, 0);
        let mut key = Key::default();
        while position < entries.packed.rows() {
            // Looking takes a system call.
            if position >= look {
                check_for_interrupts();
                look = position + AT_ONCE;
            }
            let nulls = entries.read(position, &mut key);
            insert_entry(table, index, info, &mut key, nulls, false);
            position += 1;
            let Some(appendable) = appendable.as_ref().filter(|_| position >= attempt) else { continue };
            let appended = appendable.append(|count, key| {
                position + count < entries.packed.rows() && entries.read(position + count, key) == 0
            });
            position += appended;
            between = if appended > 0 { 1 } else { MOST_BETWEEN.min(between * 2) };
            attempt = position + between;
        }
        close_index(index, info);
    }
}

/// SAFETY: a value of that kind is stored at the address, aligned as its type wants.
unsafe fn datum(address: *const u8, place: Place) -> pg_sys::Datum {
    // SAFETY: the caller's word.
    unsafe {
        match place {
            Place::Reference => pg_sys::Datum::from(address),
            Place::Value(1) => pg_sys::Datum::from(*address),
            Place::Value(2) => pg_sys::Datum::from(ptr::read(address.cast::<i16>())),
            Place::Value(4) => pg_sys::Datum::from(ptr::read(address.cast::<i32>())),
            Place::Value(_) => pg_sys::Datum::from(ptr::read(address.cast::<i64>())),
        }
    }
}
