//! A batch of tuples, one after the other in memory, with what the backend has to know to put them into the indexes.

use crate::tuple::MAX_ALIGN;

/// A batch of rows as tuples.
#[derive(Debug, Default)]
pub struct Packed {
    /// The tuples, each from a new word on, as PostgreSQL wants them aligned.
    pub(crate) memory: Vec<u64>,
    /// Where each tuple starts, in words, and its length in bytes.
    pub(crate) extents: Vec<(u32, u32)>,
    /// For each row and each located attribute, the byte of the tuple at which its value starts; 0 is NULL.
    pub(crate) offsets: Vec<u32>,
    /// Located attributes.
    pub(crate) width: usize,
    /// The rank of each attribute among the located ones.
    pub(crate) ranks: Vec<usize>,
    /// The attributes that are deferred: the backend fills them.
    pub(crate) deferred: Vec<bool>,
    /// The attributes that have the same value in every row.
    pub(crate) constant: Vec<bool>,
    /// For each index, the rows in the order of its keys; None when they come in that order.
    pub(crate) orders: Vec<Option<Vec<u32>>>,
    /// For each index, the attribute in whose order its keys are, if that is deferred.
    pub(crate) deferred_keys: Vec<Option<usize>>,
}

impl Packed {
    /// The rows that are left.
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

    /// Where in the tuple of a row the value of an attribute starts, in bytes; None if it is NULL. Of attributes that
    /// are part of an index or deferred.
    pub fn offset(&self, row: usize, attribute: usize) -> Option<usize> {
        Some(self.offsets[row * self.width + self.ranks[attribute]] as usize).filter(|offset| *offset > 0)
    }

    /// Whether an attribute has the same value in every row, and is not NULL.
    pub fn is_constant(&self, attribute: usize) -> bool {
        self.constant[attribute]
    }

    /// The rows in the order of an index's keys; None when they come in that order.
    pub fn order(&self, index: usize) -> Option<&[u32]> {
        self.orders[index].as_deref()
    }

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

    pub(crate) fn push(&mut self, tuple: &[u8]) {
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

/// Rows that were excluded from a batch, numbered from 0. Their tuples stay in its memory.
#[derive(Debug, Default)]
pub struct Excluded {
    extents: Vec<(u32, u32)>,
    orders: Vec<Option<Vec<u32>>>,
}

impl Excluded {
    /// The excluded rows.
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

/// How many of the flags before each are set.
pub(crate) fn ranks(flags: &[bool]) -> Vec<usize> {
    let set_before = |count: &mut usize, flag: &bool| {
        *count += usize::from(*flag);
        Some(*count - usize::from(*flag))
    };
    flags.iter().scan(0, set_before).collect()
}
