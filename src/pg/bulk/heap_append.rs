//! Rows onto new pages at the end of a heap, a page at a time: written under one lock and logged with one image of the page.
//! `heap_multi_insert` in `heapam.c` asks the map of free space and enlarges the file for each page, and copies each tuple once
//! more for the log.

use super::heap_extend::extend;
use super::unguarded::add_item;
use super::wal::{RecordEnd, change_page, is_decoded, wake_wal_writer};
use pack::Packed;
use pgrx::pg_sys;

/// `TOAST_TUPLE_THRESHOLD` (`heaptoast.h`): four tuples a page. What is longer is compressed, or stored elsewhere.
const TOAST_THRESHOLD: usize = 2_032;
/// `SizeOfPageHeaderData` (`bufpage.h`).
const PAGE_HEADER: usize = 24;
/// `HEAP_XMAX_INVALID` (`htup_details.h`): nobody has deleted the row.
const NOT_DELETED: u16 = pg_sys::HEAP_XMAX_INVALID as u16;
/// A page with so much room is worth being filled up first; smaller gaps are left to updates.
const GAP: usize = pg_sys::BLCKSZ as usize / 4;

/// Pages that are made at once, and pinned meanwhile.
const AT_ONCE: usize = 32;

/// Which rows go onto which pages.
#[derive(Default)]
struct Pages {
    rows: Vec<usize>,
    /// Of each page, the end of its rows among `rows`.
    ends: Vec<usize>,
}

impl Pages {
    /// Deals rows out in their order, each with its line pointer, as `heap_multi_insert` does; also returns those that are too long
    /// for that, or would leave the last page half empty.
    fn plan(packed: &Packed, room: usize) -> (Self, Vec<usize>) {
        let (mut pages, mut left) = (Self::default(), Vec::new());
        let mut used = 0;
        for row in 0..packed.rows() {
            let bytes = packed.extent(row).1;
            if bytes > TOAST_THRESHOLD {
                left.push(row);
                continue;
            }
            let bytes = bytes.next_multiple_of(8) + size_of::<pg_sys::ItemIdData>();
            // However little of a page may be filled, one row may.
            if used > 0 && used + bytes > room {
                pages.ends.push(pages.rows.len());
                used = 0;
            }
            used += bytes;
            pages.rows.push(row);
        }
        left.extend(pages.rows.drain(pages.ends.last().copied().unwrap_or(0)..));
        (pages, left)
    }

    fn page(&self, number: usize) -> &[usize] {
        &self.rows[self.start(number)..self.ends[number]]
    }

    /// Where the rows of a page begin, or end those of the pages before.
    fn start(&self, number: usize) -> usize {
        number.checked_sub(1).map_or(0, |before| self.ends[before])
    }
}

/// Puts rows onto pages of their own as long as they fill them, and notes where in `ids`; returns the rows that are left.
/// SAFETY: the table is a heap, open and locked for writing; the tuples have its row type.
pub unsafe fn append(
    table: pg_sys::Relation,
    packed: &mut Packed,
    ids: &mut [pg_sys::ItemPointerData],
) -> Vec<usize> {
    // SAFETY: the caller's word; the blocks are the table's.
    unsafe {
        let (pages, mut left) = Pages::plan(packed, room_of_a_page(table));
        let has_gaps = || pg_sys::GetPageWithFreeSpace(table, GAP) != pg_sys::InvalidBlockNumber;
        if pages.ends.is_empty() || is_decoded(table) || has_gaps() {
            return (0..packed.rows()).collect();
        }
        let mut filled = 0;
        while filled < pages.ends.len() {
            let mut latest = None;
            for buffer in extend(table, (pages.ends.len() - filled).min(AT_ONCE) as u32) {
                if let Some(record) = fill(table, buffer, packed, pages.page(filled), ids) {
                    (latest, filled) = (record, filled + 1);
                }
                pg_sys::ReleaseBuffer(buffer);
            }
            latest.into_iter().for_each(wake_wal_writer);
        }
        let placed = pages.start(filled);
        pg_sys::pgstat_count_heap_insert(table, placed as i64);
        left.extend(&pages.rows[placed..]);
        left
    }
}

/// The bytes that rows may take of a page, by the table's fillfactor (`RelationGetTargetPageFreeSpace` in `rel.h`).
unsafe fn room_of_a_page(table: pg_sys::Relation) -> usize {
    let page = pg_sys::BLCKSZ as usize;
    // SAFETY: the options of a heap are these, if it has any.
    let options = unsafe { (*table).rd_options.cast::<pg_sys::StdRdOptions>().as_ref() };
    let fillfactor = options.map_or(100, |options| options.fillfactor as usize);
    page - PAGE_HEADER - page * (100 - fillfactor) / 100
}

/// Writes rows onto an empty page; returns the record of it, if there is one, or None when somebody else was there first. What a row's
/// header says of its insertion is what `heap_prepare_insert` in `heapam.c` writes, and `RelationPutHeapTuple` in `hio.c`.
unsafe fn fill(
    table: pg_sys::Relation,
    buffer: pg_sys::Buffer,
    packed: &mut Packed,
    rows: &[usize],
    ids: &mut [pg_sys::ItemPointerData],
) -> Option<Option<RecordEnd>> {
    // SAFETY: the page is looked at and written under the exclusive lock of its buffer; the rows have been counted to fit.
    unsafe {
        let (transaction, command) = (pg_sys::GetCurrentTransactionId(), pg_sys::GetCurrentCommandId(true));
        let block = pg_sys::BufferGetBlockNumber(buffer);
        pg_sys::LockBuffer(buffer, pg_sys::BUFFER_LOCK_EXCLUSIVE as i32);
        // `PageIsNew`. VACUUM records empty pages as free, and then an INSERT may find them.
        let is_new = (*pg_sys::BufferGetPage(buffer).cast::<pg_sys::PageHeaderData>()).pd_upper == 0;
        let record = is_new.then(|| {
            change_page(table, buffer, |page| {
                pg_sys::PageInit(page, pg_sys::BLCKSZ as usize, 0);
                for (offset, row) in (1..).zip(rows) {
                    let (word, bytes) = packed.extent(*row);
                    let tuple: pg_sys::HeapTupleHeader = packed.memory().as_mut_ptr().add(word).cast();
                    ids[*row] = id(block, offset);
                    (*tuple).t_ctid = ids[*row];
                    (*tuple).t_infomask |= NOT_DELETED;
                    (*tuple).t_choice.t_heap.t_xmin = transaction;
                    (*tuple).t_choice.t_heap.t_field3.t_cid = command;
                    add_item(page, tuple.cast(), bytes, offset, pg_sys::PAI_IS_HEAP);
                }
            })
        });
        pg_sys::LockBuffer(buffer, pg_sys::BUFFER_LOCK_UNLOCK as i32);
        record
    }
}

fn id(block: pg_sys::BlockNumber, offset: u16) -> pg_sys::ItemPointerData {
    let ip_blkid = pg_sys::BlockIdData { bi_hi: (block >> 16) as u16, bi_lo: block as u16 };
    pg_sys::ItemPointerData { ip_blkid, ip_posid: offset }
}
