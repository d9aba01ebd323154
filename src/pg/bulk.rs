//! Rows written past the executor: tuples onto pages, keys into indexes, numbers from sequences, and the triggers after them.

mod btree_append;
mod heap_append;
mod heap_extend;
mod heap_replace;
mod index_entry;
mod insert;
mod row_triggers;
mod row_values;
mod sequence;
mod unguarded;
mod update;
mod wal;

pub use insert::{BulkTarget, Index, Place, Sequence, bulk_insert};
pub use update::{BulkUpdate, Emptied, bulk_update};
pub use wal::is_left_out_of_wal;

// What `pack` counts on.
const _: () = assert!(pgrx::pg_sys::BLCKSZ == 8_192 && pgrx::pg_sys::MAXIMUM_ALIGNOF == 8);
