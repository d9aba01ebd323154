//! Bytes in, checked rows and refusals out.
//!
//! ```text
//! Read ─► decode ─► buffer ─► records ─► lines ─┬─► row: map (columns), read (values), collect (attributes) ─► batch ─► Event
//! JSON texts ────────────────────────► objects ─┤      ▲                                                     └► report, notes
//!                                               └► sample ─► mapping, locales
//! ```
//!
//! A CSV file is opened by its first 64 KiB (`file`): they tell encoding, dialect and shape, and are the sample.
//!
//! This crate knows tables by [`Table`] alone and never talks to a database. A row that it accepts holds text
//! that PostgreSQL's input functions take; a row that it refuses says where it stands, what is wrong with each
//! cell (SQLSTATE and message in PostgreSQL's wording) and, where that is evident, what to write instead.
//! Memory is bounded by the size of a batch and [`MAX_RECORD`], not by the input.
#![deny(unsafe_code)]

mod arena;
mod attributes;
mod batch;
mod buffer;
mod cells;
mod constraint;
mod decimal;
mod decode;
mod dialect;
mod did_you_mean;
mod digits;
mod error;
mod error_file;
mod fields;
mod file;
mod format;
mod formula;
mod guess;
mod header;
mod header_detection;
mod json_records;
mod kind;
mod limits;
mod line_classifier;
mod line_ends;
mod lines;
mod locale;
mod locales;
mod mapping;
mod notes;
mod objects;
mod options;
mod quoting;
mod reader;
mod record;
mod records;
mod report;
mod row;
mod sample;
mod sampled_column;
mod second_table;
mod skipped;
mod sniffer;
mod table;
mod totals;
mod values;

pub use batch::{Batch, Emit, Event, Spec};
pub use constraint::{Comparison, Condition, Constraint};
pub use decimal::Decimal;
pub use dialect::{Dialect, Escape, Quote};
pub use digits::number_of_digits;
pub use error::{CellError, FileError, Refusal, sqlstate};
pub use error_file::{REASON_COLUMN, error_file_header, error_file_object, error_file_record, whole_cells};
pub use fields::Fields;
pub use file::CsvFile;
pub use format::Format;
pub use formula::is_formula;
pub use guess::Guess;
pub use json_records::JsonRecords;
pub use kind::Kind;
pub use limits::{MAX_RECORD, SAMPLE_BYTES};
pub use lines::Line;
pub use locale::{DateOrder, DecimalMark, Locale};
pub use locales::Locales;
pub use mapping::{Destination, Mapping, MappingSource, Suggestion, header_signature, suggest};
pub use notes::Notes;
pub use objects::read_objects;
pub use options::ReadOptions;
pub use quoting::quoted;
pub use reader::read_csv;
pub use record::{Field, Record, RecordKind};
pub use records::Records;
pub use report::Causes;
pub use sample::Sample;
pub use skipped::{SkipReason, SkippedLines};
pub use sniffer::sniff_dialect;
pub use table::{Column, Table};
pub use values::check;
