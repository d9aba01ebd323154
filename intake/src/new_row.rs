//! A row that is being written.

use crate::arena::Arena;
use crate::doubts::Doubts;
use crate::notes::Notes;
use crate::refusal::CellError;
use crate::remark::{Remark, Remarks};
use crate::values::{CellReader, Found};

/// A row that is being written.
pub(crate) struct NewRow<'b> {
    pub(crate) values: &'b mut Arena,
    pub(crate) notes: &'b mut Notes,
    pub(crate) doubts: &'b mut Doubts,
    /// The record's.
    pub(crate) line: u64,
}

impl NewRow<'_> {
    #[inline]
    pub(crate) fn push(
        &mut self,
        reader: &CellReader<'_>,
        text: &str,
        quoted: bool,
    ) -> Result<(), CellError> {
        let mut remarks = Remarks::new();
        self.values.write(|out| Ok(reader.read(text, quoted, out, &mut remarks)? != Found::Null))?;
        for remark in remarks.as_slice() {
            self.notes.add(&reader.column.name, *remark, self.line, Some(text.trim()));
            if matches!(remark, Remark::GuessedOrder(_)) {
                // It can be read, but perhaps nobody writes it so: points with the month first.
                self.doubts.weigh(&reader.column.name, text);
            }
        }
        Ok(())
    }
}
