//! Items of a leaf of a B-tree: index tuples, equal keys shared by the rows of a posting list as `_bt_form_posting` in `nbtdedup.c`
//! makes one.

use pgrx::pg_sys;

/// `INDEX_ALT_TID_MASK`: a tuple of several rows, on a leaf.
const IS_POSTING: u16 = 0x2000;
/// `BT_IS_POSTING`, beside the number of rows.
const POSTING: u16 = 0x2000;
/// `BT_OFFSET_MASK`.
const COUNT: u16 = 0x0FFF;
/// `INDEX_SIZE_MASK`.
const SIZE: u16 = pg_sys::INDEX_SIZE_MASK as u16;
/// Bytes of the rows of an item: what a CREATE INDEX makes (`maxpostingsize` in `_bt_load`), so that pages can be split well.
const MOST_ROWS: usize = 800;
const ROW: usize = size_of::<pg_sys::ItemPointerData>();

/// Items that are to go onto a page, as long as it has room.
#[derive(Default)]
pub struct Items {
    /// The items, each from a new word on.
    memory: Vec<u64>,
    /// The first word and the bytes of each.
    extents: Vec<(usize, usize)>,
    /// The bytes of the page that are left.
    room: usize,
    /// The rows of the last item.
    rows: Vec<pg_sys::ItemPointerData>,
}

impl Items {
    pub fn within(room: usize) -> Self {
        Self { room, ..Self::default() }
    }

    /// Begins an item; false when there is no room for it. SAFETY: the tuple is whole, and of one row.
    pub unsafe fn begin(&mut self, tuple: pg_sys::IndexTuple) -> bool {
        self.finish();
        // SAFETY: a tuple is as long as it says, in whole words.
        unsafe {
            let bytes = size_of_tuple(tuple);
            let taken = bytes + size_of::<pg_sys::ItemIdData>();
            if taken > self.room {
                return false;
            }
            self.room -= taken;
            self.extents.push((self.memory.len(), bytes));
            self.rows.push((*tuple).t_tid);
            self.memory.extend_from_slice(std::slice::from_raw_parts(tuple.cast(), bytes / size_of::<u64>()));
        }
        true
    }

    /// Adds a row to the last item; false when there is none, or no room.
    pub fn share(&mut self, row: pg_sys::ItemPointerData) -> bool {
        // Every row of a list is in it, also the first.
        let before = if self.rows.len() > 1 { self.rows.len() * ROW } else { 0 };
        let after = (self.rows.len() + 1) * ROW;
        let more = after.next_multiple_of(8) - before.next_multiple_of(8);
        if self.rows.is_empty() || after > MOST_ROWS || more > self.room {
            return false;
        }
        self.room -= more;
        self.rows.push(row);
        true
    }

    /// Gives the last item its rows.
    pub fn finish(&mut self) {
        let rows = std::mem::take(&mut self.rows);
        let Some((word, bytes)) = self.extents.last_mut().filter(|_| rows.len() > 1) else { return };
        let key = *bytes;
        *bytes += (rows.len() * ROW).next_multiple_of(8);
        self.memory.resize(*word + *bytes / size_of::<u64>(), 0);
        // SAFETY: the item has become longer by its rows.
        unsafe {
            let tuple: pg_sys::IndexTuple = self.memory.as_mut_ptr().add(*word).cast();
            (*tuple).t_info = (*tuple).t_info & !SIZE | IS_POSTING | *bytes as u16;
            let start = pg_sys::BlockIdData { bi_hi: 0, bi_lo: key as u16 };
            (*tuple).t_tid =
                pg_sys::ItemPointerData { ip_blkid: start, ip_posid: POSTING | rows.len() as u16 };
            let list: *mut pg_sys::ItemPointerData = tuple.cast::<u8>().add(key).cast();
            list.copy_from_nonoverlapping(rows.as_ptr(), rows.len());
        }
    }

    pub fn is_empty(&self) -> bool {
        self.extents.is_empty()
    }

    /// The address and the bytes of each item.
    pub fn iter(&self) -> impl Iterator<Item = (*const u64, usize)> {
        self.extents.iter().map(|(word, bytes)| (&raw const self.memory[*word], *bytes))
    }
}

/// `MAXALIGN(IndexTupleSize(tuple))`. SAFETY: the tuple is whole.
pub unsafe fn size_of_tuple(tuple: pg_sys::IndexTuple) -> usize {
    // SAFETY: the caller's word.
    usize::from(unsafe { (*tuple).t_info } & SIZE).next_multiple_of(8)
}

/// The last row of a tuple (`BTreeTupleGetMaxHeapTID`). SAFETY: the tuple is whole, and on a leaf.
pub unsafe fn last_row(tuple: pg_sys::IndexTuple) -> pg_sys::ItemPointerData {
    // SAFETY: the layout of `nbtree.h`: the rows follow the key, as many as the offset says, from where the block number says.
    unsafe {
        let id = (*tuple).t_tid;
        if (*tuple).t_info & IS_POSTING == 0 {
            return id;
        }
        let start = (usize::from(id.ip_blkid.bi_hi) << 16) | usize::from(id.ip_blkid.bi_lo);
        let rows: *const pg_sys::ItemPointerData = tuple.cast::<u8>().add(start).cast();
        *rows.add(usize::from(id.ip_posid & COUNT) - 1)
    }
}
