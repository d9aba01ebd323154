//! Rows as tuples, packed on the reader's thread.

use crate::import::path::SqlPathReason;
use intake::Event;
use pack::{ColumnPlan, Packed, Packer, RowPlan};

/// What the rows of an import are made of, before the file's columns are known.
#[derive(Clone, PartialEq)]
pub struct Plan {
    pub columns: Vec<ColumnPlan>,
    /// Of the columns; parallel to `columns`.
    pub names: Vec<String>,
    /// The columns of each index, as positions in `columns`.
    pub indexes: Vec<Vec<usize>>,
}

impl Plan {
    /// What packs the rows of a file with these columns, or why only the database can make them.
    pub fn packer(&self, columns: &[usize]) -> Result<Packer, Vec<SqlPathReason>> {
        let made: Vec<_> = self.columns.iter().map(|column| column.attribute(columns)).collect();
        let others = self.names.iter().zip(&made).filter(|(_, attribute)| attribute.is_none());
        let others: Vec<_> = others.map(|(name, _)| SqlPathReason::ColumnByDatabase(name.clone())).collect();
        if !others.is_empty() {
            return Err(others);
        }
        let attributes = made.into_iter().flatten().collect();
        let packer = Packer::new(RowPlan { attributes, indexes: self.indexes.clone() });
        packer.ok_or_else(|| vec![SqlPathReason::DefaultByDatabase])
    }

    pub fn position(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|column| column == name)
    }
}

/// Packs batches as they come.
pub struct Packing {
    plan: Plan,
    packer: Option<Packer>,
    /// A batch that is done with, whose memory is used again.
    spent: Packed,
}

impl Packing {
    pub fn new(plan: Plan) -> Self {
        Self { plan, packer: None, spent: Packed::default() }
    }

    /// Takes the memory of a batch that is done with.
    pub fn reuse(&mut self, spent: Packed) {
        self.spent = spent;
    }

    /// The rows of a batch as tuples, where all of them can be made outside of the database.
    pub fn pack(&mut self, event: &Event) -> Option<Packed> {
        match event {
            Event::Started { columns, .. } => {
                self.packer = self.plan.packer(columns).ok();
                None
            }
            Event::Batch(batch) => self.packer.as_mut()?.pack(batch, std::mem::take(&mut self.spent)),
        }
    }
}
