//! One heap tuple, as `heap_form_tuple` and `heap_fill_tuple` in `heaptuple.c` make it: a header whose transaction
//! fields the insertion sets, a bitmap of the columns that are not NULL if there is a NULL, and the values, each
//! aligned. PostgreSQL's own functions may be called by the backend's thread only; this one is another.

use crate::value::Storage;

/// `SizeofHeapTupleHeader` in `htup_details.h`.
const HEADER: usize = 23;
// Where `t_infomask2`, `t_infomask` and `t_hoff` are in it.
const INFOMASK2: usize = 18;
const INFOMASK: usize = 20;
const HOFF: usize = 22;
/// `HEAP_HASNULL`.
const HAS_NULL: u16 = 0x0001;
/// `HEAP_HASVARWIDTH`.
const HAS_VARWIDTH: u16 = 0x0002;
/// `MAXIMUM_ALIGNOF` in `pg_config.h`.
pub(crate) const MAX_ALIGN: usize = 8;

/// The tuple that is being written, reused from row to row.
#[derive(Debug)]
pub(crate) struct Tuple {
    pub(crate) bytes: Vec<u8>,
    natts: usize,
    has_varwidth: bool,
}

impl Tuple {
    pub(crate) fn new(natts: usize) -> Self {
        Tuple { bytes: Vec::new(), natts, has_varwidth: false }
    }

    /// Begins a row; `has_null` makes room for the bitmap.
    pub(crate) fn begin(&mut self, has_null: bool) {
        let bitmap = if has_null { self.natts.div_ceil(8) } else { 0 };
        // A byte has room for it: a table has 1600 columns at most (`MaxHeapAttributeNumber`).
        let hoff = (HEADER + bitmap).next_multiple_of(MAX_ALIGN);
        self.bytes.clear();
        self.bytes.resize(hoff, 0);
        self.bytes[HOFF] = hoff as u8;
        self.has_varwidth = false;
    }

    /// Makes ready for the value of a column, counted from 0; its bytes, aligned, follow. `has_null` is that of the
    /// row.
    pub(crate) fn begin_value(&mut self, column: usize, has_null: bool, storage: &Storage) {
        self.has_varwidth |= storage.is_varlena();
        if has_null {
            self.bytes[HEADER + column / 8] |= 1 << (column % 8);
        }
    }

    pub(crate) fn finish(&mut self, has_null: bool) -> &[u8] {
        let mut infomask = 0;
        if has_null {
            infomask |= HAS_NULL;
        }
        if self.has_varwidth {
            infomask |= HAS_VARWIDTH;
        }
        self.bytes[INFOMASK2..INFOMASK].copy_from_slice(&(self.natts as u16).to_ne_bytes());
        self.bytes[INFOMASK..HOFF].copy_from_slice(&infomask.to_ne_bytes());
        &self.bytes
    }
}
