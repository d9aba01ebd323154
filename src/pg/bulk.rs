//! Rows written past the executor: tuples onto pages, keys into indexes, numbers from sequences, and the triggers after them.

mod btree_append;
mod btree_items;
mod heap_append;
mod heap_extend;
mod heap_replace;
mod insert;
mod row_triggers;
mod row_values;
mod sequence;
mod unguarded;
mod update;

pub use insert::{BulkTarget, Place, Sequence, bulk_insert};
pub use update::{BulkUpdate, bulk_update};
