//! Makes tuples of the rows of a batch.

use crate::index_order;
use crate::packed::{Packed, ranks};
use crate::row_plan::{Attribute, Fill, RowPlan};
use crate::tuple::Tuple;
use crate::value::{Scratch, Storage};
use intake::Batch;

/// Makes tuples of batches.
///
/// ```
/// use intake::{Batch, Column, Event, Kind, Spec, Table};
/// use pack::{Attribute, Fill, Packed, Packer, RowPlan, Storage};
/// use std::ops::ControlFlow;
///
/// let storage = Some(Storage::Int4);
/// let quantity = Attribute { storage, fill: Fill::Cell { column: 0, default: None } };
/// let plan = RowPlan { attributes: vec![quantity], indexes: vec![vec![0]] };
/// let mut packer = Packer::new(plan).expect("there are no constants");
///
/// let table = Table { columns: vec![Column::new("quantity", Kind::Int4)], attributes: None };
/// intake::read_file(&b"quantity\n7\n5\n"[..], &Spec::new(table), &mut |event| {
///     if let Event::Batch(batch) = event {
///         let packed = packer.pack(&batch, Packed::default()).expect("integers can be stored");
///         assert_eq!((packed.rows(), packed.order(0)), (2, Some(&[1, 0][..])));
///     }
///     ControlFlow::Continue(Batch::default())
/// })?;
/// # Ok::<(), intake::FileError>(())
/// ```
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

    /// The rows of a batch as tuples; None when a value is among them whose stored form only the database can tell.
    /// They come into the memory of a batch that is done with, or of an empty one.
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
            constant: self.plan.attributes.iter().map(|it| it.fill.is_constant()).collect(),
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
        let text = |attribute: &Attribute| attribute.text(batch, row).is_some();
        let has_null = self.plan.attributes.iter().any(|attribute| !text(attribute));
        self.tuple.begin(has_null);
        for (position, attribute) in self.plan.attributes.iter().enumerate() {
            let start = match (attribute.text(batch, row), &attribute.storage) {
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
