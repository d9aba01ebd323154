//! A batch of tuples, one after the other in memory, with what the backend has to know to put them into the indexes.

use crate::index_order;
use crate::row_plan::{Attribute, Fill, RowPlan};
use crate::tuple::{MAX_ALIGN, Tuple};
use crate::value::{Scratch, Storage};
use intake::Batch;

/// A batch of rows as tuples.
#[derive(Debug, Default)]
pub struct Packed {
    /// The tuples, each from a new word on, as PostgreSQL wants them aligned.
    pub(crate) memory: Vec<u64>,
    /// Where each tuple starts, in words, and its length in bytes.
    extents: Vec<(u32, u32)>,
    /// For each row and each located attribute, the byte of the tuple at which its value starts; 0 is NULL.
    offsets: Vec<u32>,
    /// Located attributes.
    width: usize,
    /// The rank of each attribute among the located ones.
    ranks: Vec<usize>,
    /// The attributes that are deferred: the backend fills them.
    pub(crate) deferred: Vec<bool>,
    /// For each index, the rows in the order of its keys; None when they come in that order.
    pub(crate) orders: Vec<Option<Vec<u32>>>,
    /// For each index, the attribute in whose order its keys are, if that is deferred.
    pub(crate) deferred_keys: Vec<Option<usize>>,
}

impl Packed {
    pub fn rows(&self) -> usize {
        self.extents.len()
    }

    /// The memory of all tuples; the backend writes transaction fields and the numbers of sequences into it.
    pub fn memory(&mut self) -> &mut [u64] {
        &mut self.memory
    }

    /// The first word and the length in bytes of a row's tuple.
    pub fn extent(&self, row: usize) -> (usize, usize) {
        let (word, len) = self.extents[row];
        (word as usize, len as usize)
    }

    /// Where in the tuple of a row the value of an attribute starts, in bytes; None if it is NULL. Of attributes that are part
    /// of an index or deferred.
    pub fn offset(&self, row: usize, attribute: usize) -> Option<usize> {
        Some(self.offsets[row * self.width + self.ranks[attribute]] as usize).filter(|offset| *offset > 0)
    }

    /// The rows in the order of an index's keys; None when they come in that order.
    pub fn order(&self, index: usize) -> Option<&[u32]> {
        self.orders[index].as_deref()
    }
}

/// Rows that were excluded from a batch, numbered from 0. Their tuples stay in its memory.
#[derive(Debug, Default)]
pub struct Excluded {
    extents: Vec<(u32, u32)>,
    orders: Vec<Option<Vec<u32>>>,
}

impl Excluded {
    pub fn rows(&self) -> usize {
        self.extents.len()
    }

    /// The first word and the length in bytes of a row's tuple in the memory of the batch.
    pub fn extent(&self, row: usize) -> (usize, usize) {
        let (word, len) = self.extents[row];
        (word as usize, len as usize)
    }

    /// The rows in the order of an index's keys; None when they come in that order.
    pub fn order(&self, index: usize) -> Option<&[u32]> {
        self.orders[index].as_deref()
    }
}

/// Makes tuples of batches.
#[derive(Debug)]
pub struct Packer {
    plan: RowPlan,
    located: Vec<bool>,
    /// The stored forms of constants, by attribute.
    constants: Vec<Option<Stored>>,
    tuple: Tuple,
    scratch: Scratch,
}

/// A value that is the same in every row, or room for one.
#[derive(Debug)]
struct Stored(Vec<u8>);

impl Packer {
    /// None when the stored form of a constant is one that only the database can tell.
    pub fn new(plan: RowPlan) -> Option<Self> {
        let constants: Option<Vec<_>> = plan.attributes.iter().map(Stored::of).collect();
        let located = plan.located();
        let tuple = Tuple::new(plan.attributes.len());
        Some(Packer { located, constants: constants?, tuple, scratch: Scratch::default(), plan })
    }

    /// The rows of a batch as tuples; None when a value is among them whose stored form only the database can tell. They come
    /// into the memory of a batch that is done with, or of an empty one.
    pub fn pack(&mut self, batch: &Batch, spent: Packed) -> Option<Packed> {
        let Packed { mut memory, mut extents, mut offsets, .. } = spent;
        memory.clear();
        extents.clear();
        offsets.clear();
        let mut packed = Packed {
            memory,
            extents,
            offsets,
            width: self.located.iter().filter(|is_located| **is_located).count(),
            ranks: ranks(&self.located),
            deferred: self.plan.attributes.iter().map(|it| it.fill.is_deferred()).collect(),
            orders: Vec::new(),
            deferred_keys: Vec::new(),
        };
        for row in 0..batch.rows() {
            self.pack_row(batch, row, &mut packed)?;
        }
        let orders = self.plan.indexes.iter().map(|index| index_order::of(index, &self.plan, batch));
        packed.orders = orders.collect();
        let deferred_keys =
            self.plan.indexes.iter().map(|index| index_order::deferred_key(index, &self.plan));
        packed.deferred_keys = deferred_keys.collect();
        Some(packed)
    }

    fn pack_row(&mut self, batch: &Batch, row: usize, packed: &mut Packed) -> Option<()> {
        let text = |attribute: &Attribute| value(attribute, batch, row).is_some();
        let has_null = self.plan.attributes.iter().any(|attribute| !text(attribute));
        self.tuple.begin(has_null);
        for (position, attribute) in self.plan.attributes.iter().enumerate() {
            let start = match (value(attribute, batch, row), &attribute.storage) {
                (Some(text), Some(storage)) => {
                    self.tuple.begin_value(position, has_null, storage);
                    match &self.constants[position] {
                        Some(stored) => stored.write(&mut self.tuple.bytes, storage),
                        None => storage.write(text, &mut self.scratch, &mut self.tuple.bytes)?,
                    }
                }
                _ => 0,
            };
            if self.located[position] {
                packed.offsets.push(start as u32);
            }
        }
        packed.push(self.tuple.finish(has_null));
        Some(())
    }
}

impl Packed {
    /// Excludes rows, in ascending order; the others keep their order, and get new numbers.
    pub fn exclude(&mut self, rows: &[usize]) -> Excluded {
        if rows.is_empty() {
            return Excluded::default();
        }
        let mut is_kept = vec![true; self.rows()];
        rows.iter().for_each(|row| is_kept[*row] = false);
        let is_excluded: Vec<bool> = is_kept.iter().map(|is_kept| !is_kept).collect();
        let extents = rows.iter().map(|row| self.extents[*row]).collect();
        let excluded = Excluded { extents, orders: self.orders_of(&is_excluded) };
        self.orders = self.orders_of(&is_kept);
        let (width, mut row) = (self.width, 0..);
        self.extents.retain(|_| row.next().is_some_and(|row: usize| is_kept[row]));
        let mut value = 0..;
        self.offsets.retain(|_| value.next().is_some_and(|value: usize| is_kept[value / width]));
        excluded
    }

    /// Whether two excluded rows are the same in all that a file fills.
    pub fn are_alike(&self, rows: &Excluded, one: usize, other: usize) -> bool {
        let tuple = |row| {
            let (word, len) = rows.extent(row);
            &self.memory[word..word + len.div_ceil(MAX_ALIGN)]
        };
        tuple(one) == tuple(other)
    }

    /// The orders of some of the rows, by their numbers among those.
    fn orders_of(&self, flags: &[bool]) -> Vec<Option<Vec<u32>>> {
        let numbers = ranks(flags);
        let some = |order: &Vec<u32>| {
            let rows = order.iter().map(|row| *row as usize).filter(|row| flags[*row]);
            rows.map(|row| numbers[row] as u32).collect()
        };
        self.orders.iter().map(|order| order.as_ref().map(some)).collect()
    }

    fn push(&mut self, tuple: &[u8]) {
        self.extents.push((self.memory.len() as u32, tuple.len() as u32));
        let (words, rest) = tuple.as_chunks::<MAX_ALIGN>();
        self.memory.extend(words.iter().map(|word| u64::from_ne_bytes(*word)));
        if !rest.is_empty() {
            let mut last = [0; MAX_ALIGN];
            last[..rest.len()].copy_from_slice(rest);
            self.memory.push(u64::from_ne_bytes(last));
        }
    }
}

impl Stored {
    /// `Some(None)` of what is no constant, or NULL; None of a constant that only the database can store.
    fn of(attribute: &Attribute) -> Option<Option<Self>> {
        Some(match &attribute.fill {
            Fill::Constant(Some(text)) => Some(Stored(attribute.storage.as_ref()?.stored(text)?)),
            Fill::Deferred | Fill::Random => Some(Stored(vec![0; attribute.storage.as_ref()?.room()])),
            Fill::Constant(None) | Fill::Cell { .. } => None,
        })
    }

    fn write(&self, out: &mut Vec<u8>, storage: &Storage) -> usize {
        let start = out.len().next_multiple_of(storage.alignment(self.0.len()));
        out.resize(start, 0);
        out.extend_from_slice(&self.0);
        start
    }
}

/// How many of the flags before each are set.
fn ranks(flags: &[bool]) -> Vec<usize> {
    let set_before = |count: &mut usize, flag: &bool| {
        *count += usize::from(*flag);
        Some(*count - usize::from(*flag))
    };
    flags.iter().scan(0, set_before).collect()
}

/// The text of an attribute in a row; None is NULL. What the backend fills is not known yet.
pub(crate) fn value<'a>(attribute: &'a Attribute, batch: &'a Batch, row: usize) -> Option<&'a str> {
    match &attribute.fill {
        Fill::Cell { column, default } => batch.cell(row, *column).or(default.as_deref()),
        Fill::Constant(text) => text.as_deref(),
        Fill::Deferred | Fill::Random => Some(""),
    }
}
