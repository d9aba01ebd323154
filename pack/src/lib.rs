//! Rows as PostgreSQL stores them, packed on the reader's thread while the backend inserts the batch before.
//!
//! ```text
//! Batch ─► packer ─┬─► value (jsonb, numeric, time, varlena) ─► tuple ─► packed ─► deferred (in the backend)
//!          row_plan┘                               index_order ─────────┘
//! ```
//!
//! Start from [`Packer`]: a [`RowPlan`] says where the values of a row come from, and a batch of intake becomes
//! [`Packed`]. [`btree`] has the layout of B-tree pages.
//!
//! To form tuples and to sort them for an index takes as long as to insert them. Here it is done beside the backend.
//!
//! This crate never talks to a database. It knows the formats of heap tuples and of built-in types. PostgreSQL keeps
//! them from one major version to the next, as `pg_upgrade` needs them to stay. Tests compare what is written here with
//! what PostgreSQL stores.
#![deny(unsafe_code)]
#![warn(missing_docs)]

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

pub use deferred::{Numbers, OfRows};
pub use packed::{Excluded, Packed};
pub use packer::Packer;
pub use row_plan::{Attribute, ColumnPlan, Fill, RowPlan};
pub use value::Storage;
