//! Keys onto the end of a B-tree, a page at a time. nbtree itself, even where it keeps the rightmost leaf in mind
//! (`_bt_search_insert` in `nbtinsert.c`), pays for each key a search in the page, a check of uniqueness and a WAL record.
//! Here a run of ascending keys, each greater than all that the index has, is laid onto that page under one lock and logged with
//! one image of the page. Whatever is not as simple as that is left to nbtree: other pages, full pages (which it
//! splits), equal keys (which it waits for or refuses), NULLs, descending columns.

use super::unguarded::{FunctionCall2Coll, add_item, index_form_tuple, pfree};
use super::wal::change_page;
use pack::btree::{Items, META_PAGE, Meta, Opaque, Row, last_row};
use pgrx::pg_sys;
use pgrx::pg_sys::ffi::pg_guard_ffi_boundary;
use std::cmp::Ordering;

/// `BTORDER_PROC`.
const ORDER: u16 = 1;

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
    /// Whether equal keys share an item.
    shares: bool,
}

impl Appendable {
    /// `None` when the index is no B-tree, has columns that descend or was made by a PostgreSQL of old. SAFETY: the index is open, and
    /// stays so.
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
                let function = pg_sys::index_getprocinfo(index, column as i16 + 1, ORDER);
                (function, *(*index).rd_indcollation.add(column))
            };
            let orders = (0..columns).map(order).collect();
            // Options may say that equal keys do not (`BTGetDeduplicateItems`).
            let shares = (*index).rd_options.is_null() && meta(index)?.all_equal_image;
            Some(Self { index, orders, shares })
        }
    }

    /// Lays keys onto the rightmost leaf as long as each is greater than the one before and there is room; returns how many.
    /// `read` reads the key of a number, counted from 0; false at the end, and for one with a NULL. SAFETY: the keys are of
    /// the index's columns, the rows are in its table, and nothing else has the leaf locked.
    pub unsafe fn append(&self, mut read: impl FnMut(usize, &mut Key) -> bool) -> usize {
        // SAFETY: the page is read and written under the exclusive lock of its buffer, which is released below, or by the
        // rollback of an error. The guard makes a panic of an error; what is to be dropped is out here.
        unsafe {
            let Some(buffer) = self.last_leaf() else { return 0 };
            let page = pg_sys::BufferGetPage(buffer);
            let (mut taken, mut items) = (0, Items::default());
            if let Some(mut last) = self.last_key(page) {
                let mut next = Key::default();
                pg_guard_ffi_boundary(|| {
                    items = Items::within(pg_sys::PageGetFreeSpace(page));
                    taken = self.form(&mut read, &mut last, &mut next, &mut items);
                    self.lay(buffer, &items);
                });
            }
            pg_sys::UnlockReleaseBuffer(buffer);
            taken
        }
    }

    /// The last leaf, locked for writing, by way of the last page of each level; None where one of these pages is another by the time
    /// it is looked at: a split may have come in between, as in every search (`_bt_moveright` in `nbtsearch.c`), which is left to
    /// nbtree.
    unsafe fn last_leaf(&self) -> Option<pg_sys::Buffer> {
        // SAFETY: pages of the open index, each read under a lock; the last item of one that is above the leaves points to a page.
        unsafe {
            let (mut block, level) = meta(self.index)?.root()?;
            for level in (1..=level).rev() {
                let below = with_page(self.index, block, |page| {
                    opaque(page).filter(|opaque| opaque.is_last_above(level))?;
                    last_item(page).map(|tuple| block_of((*tuple).t_tid))
                });
                block = below?;
            }
            let buffer = lock(self.index, block, pg_sys::BUFFER_LOCK_EXCLUSIVE);
            let is_last = opaque(pg_sys::BufferGetPage(buffer)).is_some_and(|opaque| opaque.is_last_leaf());
            if !is_last {
                pg_sys::UnlockReleaseBuffer(buffer);
            }
            is_last.then_some(buffer)
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
                    Ordering::Equal if self.shares && items.share(place(next.row)) => true,
                    _ => {
                        let description = (*self.index).rd_att;
                        let tuple =
                            index_form_tuple(description, next.values.as_mut_ptr(), nulls.as_mut_ptr());
                        (*tuple).t_tid = next.row;
                        let is_placed = items.begin(words(tuple));
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
            let tuple = last_item(page)?;
            pg_sys::index_deform_tuple(tuple, (*self.index).rd_att, values.as_mut_ptr(), nulls.as_mut_ptr());
            let has_null = nulls[..self.orders.len()].contains(&true);
            (!has_null).then(|| Key { values, row: id(last_row(words(tuple))) })
        }
    }

    /// Compares two keys by their columns.
    unsafe fn compare(&self, last: &Key, next: &Key) -> Ordering {
        for (column, (order, collation)) in self.orders.iter().enumerate() {
            let (last, next) = (last.values[column], next.values[column]);
            // The same value, or the value at the same address, is equal to itself in every order.
            if last.value() == next.value() {
                continue;
            }
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
    unsafe fn lay(&self, buffer: pg_sys::Buffer, items: &Items) {
        if items.is_empty() {
            return;
        }
        // SAFETY: the page is locked, and the items have been counted to fit.
        unsafe {
            change_page(self.index, buffer, |page| {
                let first = pg_sys::PageGetMaxOffsetNumber(page) + 1;
                for (offset, item) in (first..).zip(items.iter()) {
                    add_item(page, item.as_ptr().cast(), size_of_val(item), offset, 0);
                }
            });
        }
    }
}

/// What the index says of itself. SAFETY: it is a B-tree, and open.
unsafe fn meta(index: pg_sys::Relation) -> Option<Meta> {
    // SAFETY: the caller's word.
    unsafe { with_page(index, META_PAGE, |page| Meta::of(&*page.cast())) }
}

/// Reads a page of an index under a lock. SAFETY: the block is one of the index, which is open and does not shrink meanwhile.
unsafe fn with_page<R>(
    index: pg_sys::Relation,
    block: pg_sys::BlockNumber,
    read: impl FnOnce(pg_sys::Page) -> R,
) -> R {
    // SAFETY: the caller's word.
    unsafe {
        let buffer = lock(index, block, pg_sys::BUFFER_LOCK_SHARE);
        let found = read(pg_sys::BufferGetPage(buffer));
        pg_sys::UnlockReleaseBuffer(buffer);
        found
    }
}

/// SAFETY: as of `with_page`.
unsafe fn lock(index: pg_sys::Relation, block: pg_sys::BlockNumber, mode: u32) -> pg_sys::Buffer {
    // SAFETY: the caller's word.
    unsafe {
        let buffer = pg_sys::ReadBuffer(index, block);
        pg_sys::LockBuffer(buffer, mode as i32);
        buffer
    }
}

/// SAFETY: the page is locked.
unsafe fn opaque(page: pg_sys::Page) -> Option<Opaque> {
    // SAFETY: a page is as long as that.
    Opaque::of(unsafe { &*page.cast() })
}

/// The last tuple of a page. SAFETY: the page is one of a B-tree, and locked.
unsafe fn last_item(page: pg_sys::Page) -> Option<pg_sys::IndexTuple> {
    // SAFETY: the caller's word.
    unsafe {
        let count = pg_sys::PageGetMaxOffsetNumber(page);
        (count > 0).then(|| pg_sys::PageGetItem(page, pg_sys::PageGetItemId(page, count)).cast())
    }
}

/// A tuple, which is in whole words (`MAXALIGN(IndexTupleSize(tuple))`). SAFETY: it is whole, and stays while it is looked at.
unsafe fn words<'t>(tuple: pg_sys::IndexTuple) -> &'t [u64] {
    // SAFETY: the caller's word.
    unsafe {
        let bytes = usize::from((*tuple).t_info) & pg_sys::INDEX_SIZE_MASK as usize;
        std::slice::from_raw_parts(tuple.cast(), bytes.div_ceil(size_of::<u64>()))
    }
}

/// `BTreeTupleGetDownLink`.
fn block_of(row: pg_sys::ItemPointerData) -> pg_sys::BlockNumber {
    (u32::from(row.ip_blkid.bi_hi) << 16) | u32::from(row.ip_blkid.bi_lo)
}

/// Rows in the order of the table (`ItemPointerCompare`).
fn place(row: pg_sys::ItemPointerData) -> Row {
    [row.ip_blkid.bi_hi, row.ip_blkid.bi_lo, row.ip_posid]
}

fn id([bi_hi, bi_lo, ip_posid]: Row) -> pg_sys::ItemPointerData {
    pg_sys::ItemPointerData { ip_blkid: pg_sys::BlockIdData { bi_hi, bi_lo }, ip_posid }
}
