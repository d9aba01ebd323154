//! Deferred values, which the backend writes into finished tuples: numbers of sequences, times, random UUIDs.

use crate::index_order;
use crate::packed::Packed;
use crate::tuple::MAX_ALIGN;

/// What a deferred attribute gets.
#[derive(Debug)]
pub struct Numbers {
    /// Position in `pg_attribute`, from 0.
    pub attribute: usize,
    /// Bytes: 4 or 8.
    pub width: usize,
    /// By row.
    pub of_rows: OfRows,
}

/// The numbers of the rows of a batch.
#[derive(Debug)]
pub enum OfRows {
    /// One for each row.
    Each(Vec<i64>),
    /// The same in all.
    Same(i64),
}

impl Packed {
    /// Whether the backend fills an attribute.
    pub fn is_deferred(&self, attribute: usize) -> bool {
        self.deferred[attribute]
    }

    /// Writes deferred numbers into their places: row by row, so that each tuple comes into the cache once.
    pub fn set_numbers(&mut self, columns: &[Numbers]) {
        for row in 0..self.rows() {
            for Numbers { attribute, width, of_rows } in columns {
                let number = match of_rows {
                    OfRows::Each(numbers) => numbers[row],
                    OfRows::Same(number) => *number,
                };
                match width {
                    4 => self.write(row, *attribute, &(number as i32).to_ne_bytes()),
                    _ => self.write(row, *attribute, &number.to_ne_bytes()),
                }
            }
        }
    }

    /// The number that stands there.
    pub fn number(&self, row: usize, attribute: usize, width: usize) -> Option<i64> {
        Some(match width {
            4 => i64::from(i32::from_ne_bytes(self.read(row, attribute)?)),
            _ => i64::from_ne_bytes(self.read(row, attribute)?),
        })
    }

    /// Writes UUIDs, one a row, into their places, and arranges the rows for the indexes whose order they are.
    pub fn set_uuids(&mut self, attribute: usize, uuids: &[[u8; 16]]) {
        for (row, uuid) in uuids.iter().enumerate() {
            self.write(row, attribute, uuid);
        }
        for (order, key) in self.orders.iter_mut().zip(&self.deferred_keys) {
            if *key == Some(attribute) {
                *order = Some(index_order::of_uuids(uuids));
            }
        }
    }

    /// The UUID that stands there.
    pub fn uuid(&self, row: usize, attribute: usize) -> Option<[u8; 16]> {
        self.read(row, attribute)
    }

    fn write(&mut self, row: usize, attribute: usize, mut bytes: &[u8]) {
        let Some(mut at) = self.position(row, attribute) else { return };
        while !bytes.is_empty() {
            let word = &mut self.memory[at / MAX_ALIGN];
            let within = at % MAX_ALIGN;
            let (some, rest) = bytes.split_at(bytes.len().min(MAX_ALIGN - within));
            let mut changed = word.to_ne_bytes();
            changed[within..within + some.len()].copy_from_slice(some);
            *word = u64::from_ne_bytes(changed);
            at += some.len();
            bytes = rest;
        }
    }

    fn read<const N: usize>(&self, row: usize, attribute: usize) -> Option<[u8; N]> {
        let start = self.position(row, attribute)?;
        let byte = |at: usize| self.memory[at / MAX_ALIGN].to_ne_bytes()[at % MAX_ALIGN];
        Some(std::array::from_fn(|index| byte(start + index)))
    }

    /// Where a value starts, in bytes of the memory.
    fn position(&self, row: usize, attribute: usize) -> Option<usize> {
        Some(self.extent(row).0 * MAX_ALIGN + self.offset(row, attribute)?)
    }
}
