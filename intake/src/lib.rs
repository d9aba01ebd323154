//! Bytes in, checked rows and refusals out.
//!
//! ```text
//! Read ─► window ─► records ─┐ (dialect sniffed from the first 64 KiB)
//!             │              ├─► row: map (columns), read (values), collect (attributes) ─► batch ─► Event
//! JSON texts ─│► objects ────┘      ▲                                                     └► report, notes
//!             └► sample ─► locales ─┘
//! ```
//!
//! This crate knows tables by [`Table`] alone and never talks to a database. A row that it accepts holds text
//! that PostgreSQL's input functions take; a row that it refuses says where it stands, what is wrong with each
//! cell (SQLSTATE and message in PostgreSQL's wording) and, where that is evident, what to write instead.
//! Memory is bounded by the size of a batch and [`MAX_RECORD`], not by the input.
#![deny(unsafe_code)]

mod arena;
mod attributes;
mod batch;
mod bound;
mod columns;
mod dialect;
mod error;
mod formula;
mod header;
mod lines;
mod locales;
mod mending;
mod notes;
mod objects;
mod reader;
mod record;
mod records;
mod report;
mod row;
mod sample;
mod table;
mod values;
mod window;

pub use batch::{Batch, Event, Spec};
pub use bound::{Bound, Comparison};
pub use columns::{Destination, Ground, Mapping, Suggestion, header_signature, suggest};
pub use dialect::{Dialect, SAMPLE_BYTES};
pub use error::{CellError, FileError, Refusal, sqlstate};
pub use formula::is_formula;
pub use locales::Locales;
pub use mending::{REASON_COLUMN, mended_object, mended_record, mending_header, quoted};
pub use notes::Notes;
pub use objects::read_objects;
pub use reader::{read_csv, read_head};
pub use record::{Field, Record, RecordKind};
pub use records::{MAX_RECORD, Records};
pub use report::Causes;
pub use table::{Column, Kind, Table};
pub use values::{DateOrder, Decimal, Locale, check};
