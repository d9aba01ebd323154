//! Pages and items of B-trees, as `nbtree.h` lays them out: what may be appended to the last leaf without nbtree.

mod items;
mod page;

pub use items::{Items, Row, last_row};
pub use page::{META_PAGE, Meta, Opaque};

/// `BLCKSZ`.
const PAGE: usize = 8_192;
/// `MAXIMUM_ALIGNOF`.
const WORD: usize = size_of::<u64>();
/// `SizeOfPageHeaderData` (`bufpage.h`), and where the contents of a page without items begin (`PageGetContents`).
const PAGE_HEADER: usize = 24;
/// `sizeof(ItemIdData)`.
const ITEM_ID: usize = 4;
/// `sizeof(ItemPointerData)`.
const ROW: usize = 6;
/// `sizeof(BTPageOpaqueData)`: the end of each page.
const OPAQUE: usize = 16;

/// `BTMaxItemSize`: three items fit on a page, each with room for the row that tells equal keys apart.
const MAX_ITEM: usize =
    ((PAGE - (PAGE_HEADER + 3 * ITEM_ID + 3 * ROW).next_multiple_of(WORD) - OPAQUE) / 3) / WORD * WORD;

/// What CREATE INDEX lets a posting list grow to, its key included (`maxpostingsize` in `_bt_load`, `nbtsort.c`): a
/// tenth of a page, so that pages can be split well.
const MAX_POSTING: usize = PAGE * 10 / 100 / WORD * WORD - ITEM_ID;
