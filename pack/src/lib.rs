//! Checked rows as PostgreSQL stores them.
//!
//! ```text
//! Batch ─► value (text ─► stored bytes) ─► tuple (header, bitmap, aligned data) ─► Packed
//!                                                          └► order (rows by the key of each index)
//! ```
//!
//! To form a tuple and to sort a batch for an index takes as long as to insert it; here it is done on the reader's
//! thread, beside the backend. This crate never talks to a database: it knows the format of heap tuples and of the
//! built-in types, which PostgreSQL keeps from one major version to the next (`pg_upgrade` leans on it). Tests compare
//! what it writes with what PostgreSQL 15 stores.
#![deny(unsafe_code)]

pub mod btree;
mod deferred;
mod index_order;
mod jsonb;
mod numeric;
mod packed;
mod packer;
mod row_plan;
mod time;
mod tuple;
mod value;
mod varlena;

pub use packed::{Excluded, Packed};
pub use packer::Packer;
pub use row_plan::{Attribute, ColumnPlan, Fill, RowPlan};
pub use value::Storage;
