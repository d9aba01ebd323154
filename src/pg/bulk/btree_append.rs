//! Keys onto the end of a B-tree, a page at a time. nbtree itself, even where it keeps the rightmost leaf in mind
//! (`_bt_search_insert` in `nbtinsert.c`), pays for each key a search in the page, a check of uniqueness and a WAL record.
//! Here a run of ascending keys, each greater than all that the index has, is laid onto that page under one lock and logged with
//! one image of the page. Whatever is not as simple as that is left to nbtree: other pages, full pages (which it
//! splits), equal keys (which it waits for or refuses), NULLs, descending columns.

use super::btree_items::{Items, last_row, size_of_tuple};
use super::unguarded::{
    CheckForSerializableConflictIn, FunctionCall2Coll, add_item, index_form_tuple, pfree,
};
use pgrx::pg_sys;
use pgrx::pg_sys::ffi::pg_guard_ffi_boundary;
use std::cmp::Ordering;

/// `BTPageOpaqueData` of `nbtree.h`.
#[repr(C)]
struct PageOpaque {
    previous: pg_sys::BlockNumber,
    next: pg_sys::BlockNumber,
    level: u32,
    flags: u16,
    cycle: u16,
}

/// `BTMetaPageData` of `nbtree.h`, as far as it is read.
#[repr(C)]
struct Meta {
    magic: u32,
    version: u32,
    root: pg_sys::BlockNumber,
    level: u32,
    fast_root: pg_sys::BlockNumber,
    fast_level: u32,
    deleted_pages: u32,
    heap_tuples: f64,
    /// Whether equal keys are alike to the bit, and may share an item.
    all_equal_image: bool,
}

/// `BTREE_METAPAGE`.
const META_PAGE: pg_sys::BlockNumber = 0;
/// `BTREE_VERSION`; an index of an older one was made by PostgreSQL 12 or before.
const SHARING: u32 = 4;
/// Where the contents of a page begin (`PageGetContents`).
const CONTENTS: usize = 24;
/// `BTP_LEAF`.
const LEAF: u16 = 1;
/// `BTP_ROOT`, `BTP_SPLIT_END` (what VACUUM asks for) and `BTP_HAS_GARBAGE` (a hint): a page is filled all the same.
const HARMLESS: u16 = 1 << 1 | 1 << 5 | 1 << 6;
/// `P_NONE`.
const NO_PAGE: pg_sys::BlockNumber = 0;
/// `BTMaxItemSize`, or somewhat less: three must fit on a page.
const MOST_BYTES: usize = 2_600;

/// A key: the values of all columns of the index, and the row.
#[derive(Default)]
pub struct Key {
    pub values: Vec<pg_sys::Datum>,
    pub row: pg_sys::ItemPointerData,
}

/// An index that can be appended to.
pub struct Appendable {
    index: pg_sys::Relation,
    /// The comparison of each key column, with its collation.
    orders: Vec<(*mut pg_sys::FmgrInfo, pg_sys::Oid)>,
    is_logged: bool,
    /// Whether equal keys share an item.
    shares: bool,
}

impl Appendable {
    /// `None` when the index is no B-tree, or has columns that descend. SAFETY: the index is open, and stays so.
    pub unsafe fn new(index: pg_sys::Relation) -> Option<Self> {
        // SAFETY: the index is open; its options and collations are as many as its key columns.
        unsafe {
            let form = &*(*index).rd_rel;
            let columns = (*(*index).rd_index).indnkeyatts as usize;
            let options = std::slice::from_raw_parts((*index).rd_indoption, columns);
            if form.relam != pg_sys::BTREE_AM_OID || options.iter().any(|option| *option != 0) {
                return None;
            }
            let order = |column: usize| {
                let function = pg_sys::index_getprocinfo(index, column as i16 + 1, 1);
                (function, *(*index).rd_indcollation.add(column))
            };
            let is_logged = form.relpersistence as u8 == pg_sys::RELPERSISTENCE_PERMANENT;
            let orders = (0..columns).map(order).collect();
            let mut appendable = Self { index, orders, is_logged, shares: false };
            // Options may say that equal keys do not.
            appendable.shares = (*index).rd_options.is_null()
                && appendable.meta(|meta| meta.version >= SHARING && meta.all_equal_image);
            Some(appendable)
        }
    }

    /// Lays keys onto the rightmost leaf as long as each is greater than the one before and there is room; returns how many.
    /// `read` reads the key of a number, counted from 0; false at the end, and for one with a NULL. SAFETY: the keys are of
    /// the index's columns, the rows are in its table, and nothing else has the leaf locked.
    pub unsafe fn append(&self, mut read: impl FnMut(usize, &mut Key) -> bool) -> usize {
        let (mut taken, mut items) = (0, Items::default());
        // SAFETY: the page is read and written under the exclusive lock of its buffer, which is released below, or by the
        // rollback of an error. The guard makes a panic of an error; what is to be dropped is out here.
        unsafe {
            let buffer = self.last_leaf();
            let page = pg_sys::BufferGetPage(buffer);
            if is_last_leaf(page)
                && let Some(mut last) = self.last_key(page)
            {
                let mut next = Key::default();
                pg_guard_ffi_boundary(|| {
                    let block = pg_sys::BufferGetBlockNumber(buffer);
                    CheckForSerializableConflictIn(self.index, std::ptr::null_mut(), block);
                    items = Items::within(pg_sys::PageGetFreeSpace(page));
                    taken = self.form(&mut read, &mut last, &mut next, &mut items);
                    self.lay(buffer, page, &items);
                });
            }
            pg_sys::UnlockReleaseBuffer(buffer);
        }
        taken
    }

    /// The page that the rightmost way from the root leads to, locked for writing. A split may have come in between: whoever
    /// calls looks at what it is.
    unsafe fn last_leaf(&self) -> pg_sys::Buffer {
        // SAFETY: pages of the open index, each read under a lock; those above the leaves have an item at least, the last of
        // which points to the rightmost page below.
        unsafe {
            let (mut block, mut level) = self.meta(|meta| (meta.fast_root, meta.fast_level));
            while level > 0 {
                let buffer = self.lock(block, pg_sys::BUFFER_LOCK_SHARE);
                let page = pg_sys::BufferGetPage(buffer);
                let last = pg_sys::PageGetItemId(page, pg_sys::PageGetMaxOffsetNumber(page));
                let down = (*pg_sys::PageGetItem(page, last).cast::<pg_sys::IndexTupleData>()).t_tid.ip_blkid;
                block = (u32::from(down.bi_hi) << 16) | u32::from(down.bi_lo);
                pg_sys::UnlockReleaseBuffer(buffer);
                level -= 1;
            }
            self.lock(block, pg_sys::BUFFER_LOCK_EXCLUSIVE)
        }
    }

    unsafe fn meta<R>(&self, read: impl FnOnce(&Meta) -> R) -> R {
        // SAFETY: the page is read under a lock.
        unsafe {
            let buffer = self.lock(META_PAGE, pg_sys::BUFFER_LOCK_SHARE);
            let found = read(&*pg_sys::BufferGetPage(buffer).cast::<u8>().add(CONTENTS).cast::<Meta>());
            pg_sys::UnlockReleaseBuffer(buffer);
            found
        }
    }

    unsafe fn lock(&self, block: pg_sys::BlockNumber, mode: u32) -> pg_sys::Buffer {
        // SAFETY: a block of the open index, which does not shrink while it is open.
        unsafe {
            let buffer = pg_sys::ReadBuffer(self.index, block);
            pg_sys::LockBuffer(buffer, mode as i32);
            buffer
        }
    }

    /// Forms the items of as many keys as may follow the page's last; returns how many.
    unsafe fn form(
        &self,
        read: &mut impl FnMut(usize, &mut Key) -> bool,
        last: &mut Key,
        next: &mut Key,
        items: &mut Items,
    ) -> usize {
        let mut nulls = [false; pg_sys::INDEX_MAX_KEYS as usize];
        let mut taken = 0;
        while read(taken, next) {
            // SAFETY: the caller has the page locked; index_form_tuple copies what the values refer to.
            let is_placed = unsafe {
                match self.compare(last, next) {
                    Ordering::Greater => false,
                    Ordering::Equal if !self.is_after(last, next) => false,
                    Ordering::Equal if self.shares && items.share(next.row) => true,
                    _ => {
                        let description = (*self.index).rd_att;
                        let tuple =
                            index_form_tuple(description, next.values.as_mut_ptr(), nulls.as_mut_ptr());
                        (*tuple).t_tid = next.row;
                        let is_placed = size_of_tuple(tuple) <= MOST_BYTES && items.begin(tuple);
                        pfree(tuple);
                        is_placed
                    }
                }
            };
            if !is_placed {
                break;
            }
            taken += 1;
            std::mem::swap(last, next);
        }
        items.finish();
        taken
    }

    /// The values of the page's last tuple, and its last row; `None` when a NULL is among them or there is none.
    unsafe fn last_key(&self, page: pg_sys::Page) -> Option<Key> {
        let mut values = vec![pg_sys::Datum::null(); pg_sys::INDEX_MAX_KEYS as usize];
        let mut nulls = [false; pg_sys::INDEX_MAX_KEYS as usize];
        // SAFETY: the page is locked and a leaf, whose last item is a tuple of the index.
        unsafe {
            let count = pg_sys::PageGetMaxOffsetNumber(page);
            if count == 0 {
                return None;
            }
            let tuple: pg_sys::IndexTuple =
                pg_sys::PageGetItem(page, pg_sys::PageGetItemId(page, count)).cast();
            pg_sys::index_deform_tuple(tuple, (*self.index).rd_att, values.as_mut_ptr(), nulls.as_mut_ptr());
            let has_null = nulls[..self.orders.len()].contains(&true);
            (!has_null).then(|| Key { values, row: last_row(tuple) })
        }
    }

    /// Compares two keys by their columns.
    unsafe fn compare(&self, last: &Key, next: &Key) -> Ordering {
        for (column, (order, collation)) in self.orders.iter().enumerate() {
            let (last, next) = (last.values[column], next.values[column]);
            // SAFETY: the comparison is that of the column's type.
            let answer = unsafe { FunctionCall2Coll(*order, *collation, last, next) };
            match (answer.value() as i32).cmp(&0) {
                Ordering::Equal => {}
                order => return order,
            }
        }
        Ordering::Equal
    }

    /// Whether of two equal keys one comes after the other, by its row, in an index that allows for equal ones.
    unsafe fn is_after(&self, last: &Key, next: &Key) -> bool {
        // SAFETY: the index is open.
        let is_unique = unsafe { (*(*self.index).rd_index).indisunique };
        !is_unique && place(last.row) < place(next.row)
    }

    /// Lays items onto the page and logs it.
    unsafe fn lay(&self, buffer: pg_sys::Buffer, page: pg_sys::Page, items: &Items) {
        if items.is_empty() {
            return;
        }
        // SAFETY: the page is locked, and the items have been counted to fit. In the critical section nothing is allocated and nothing
        // raises: page and log say the same, or the server recovers.
        unsafe {
            let first = pg_sys::PageGetMaxOffsetNumber(page) + 1;
            pg_sys::CritSectionCount += 1;
            for (offset, (item, bytes)) in (first..).zip(items.iter()) {
                add_item(page, item.cast(), bytes, offset, 0);
            }
            pg_sys::MarkBufferDirty(buffer);
            if self.is_logged {
                pg_sys::log_newpage_buffer(buffer, true);
            }
            pg_sys::CritSectionCount -= 1;
        }
    }
}

/// Whether a page is a leaf, the rightmost, and whole.
unsafe fn is_last_leaf(page: pg_sys::Page) -> bool {
    // SAFETY: pages of a B-tree end in these fields.
    let opaque = unsafe { &*pg_sys::PageGetSpecialPointer(page).cast::<PageOpaque>() };
    opaque.flags & !HARMLESS == LEAF && opaque.next == NO_PAGE
}

/// Rows in the order of the table.
fn place(row: pg_sys::ItemPointerData) -> (u16, u16, u16) {
    (row.ip_blkid.bi_hi, row.ip_blkid.bi_lo, row.ip_posid)
}
