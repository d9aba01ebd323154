//! Reads messy files (CSV, workbooks, JSON) and records into checked rows, with a reason for every row refused.
//!
//! ```text
//! file ─► content (archives) ─┬─► text: decode ─► buffer ─► records ─► lines ─┐
//!                             ├─► workbook: a sheet as text ──────────────────┤
//!                             └─► JSON: json_texts ─► objects ────────────────┤
//!                                                                             ├─► row (mapping, values) ─► batches ─► Event
//!                      the first 64 KiB: sniffer, header_detection ───────────┘
//!                                        sample ─► mapping, locales
//! ```
//!
//! Start from [`read_file`] or [`read_objects`], which emit [`Event`]s; a [`Spec`] says what to read into. [`CsvFile`]
//! and [`Fields`] read a file without a table. [`suggest`] and [`Mapping::resolve`] decide where columns go, and
//! [`check`] checks a single cell.
//!
//! This crate knows a table by [`Table`] alone and never talks to a database. An accepted row holds texts that
//! PostgreSQL's input functions take. A refused row says where it stands and what is wrong with each cell: SQLSTATE,
//! message in PostgreSQL's wording and, where that is evident, what to write instead.
//!
//! Memory is bounded by the size of a batch and by [`MAX_RECORD`], not by the size of the input; of workbooks and ZIP archives by
//! [`ReadOptions::memory`].
#![deny(unsafe_code)]
#![warn(missing_docs)]

mod apostrophe;
mod arena;
mod attributes;
mod batch;
mod batches;
mod buffer;
mod cell;
mod cells;
mod constraint;
mod content;
mod currency;
mod decimal;
mod decode;
mod dialect;
mod did_you_mean;
mod digits;
mod doubts;
mod encoding;
mod encoding_notes;
mod error;
mod error_file;
mod export_header;
mod fields;
mod file;
mod file_description;
mod fixed_width;
mod format;
mod formula;
mod guess;
mod header;
mod header_detection;
mod json_file;
mod json_records;
mod json_texts;
mod keys;
mod kind;
mod limits;
mod line_classifier;
mod line_ends;
mod lines;
mod locale;
mod locales;
mod location;
mod mapping;
mod new_row;
mod notes;
mod objects;
mod options;
mod own_file;
mod places;
mod products;
mod quoting;
mod read_file;
mod reader;
mod readings;
mod record;
mod records;
mod refusal;
mod remark;
mod report;
mod row;
mod row_marks;
mod sample;
mod sampled_column;
mod second_table;
mod shares;
mod sheet_notes;
mod skipped;
mod sniff;
mod sniffer;
mod spec;
mod spelling;
pub mod sqlstate;
mod sums;
mod survey;
mod table;
mod told;
mod totals;
mod trimming;
mod units;
mod values;
mod warning;
mod workbook;
mod written_cell;

pub use apostrophe::looks_escaped;
pub use batch::{Batch, Emit, Event};
pub use constraint::{Comparison, Condition, Constraint};
pub use decimal::Decimal;
pub use dialect::{Dialect, Escape, Quote};
pub use digits::number_of_digits;
pub use encoding::EncodingBasis;
pub use error::FileError;
pub use error_file::{REASON_COLUMN, error_file_header, error_file_object, error_file_record, whole_cells};
pub use export_header::{export_header, is_export_marked};
pub use fields::Fields;
pub use file::CsvFile;
pub use file_description::FileDescription;
pub use format::{Format, Wrapped};
pub use formula::is_formula;
pub use guess::Guess;
pub use json_file::{json_keys, may_be_json};
pub use json_records::JsonRecords;
pub use kind::Kind;
pub use limits::{DEFAULT_MEMORY, MAX_RECORD, SAMPLE_BYTES};
pub use lines::Line;
pub use locale::{DateOrder, DecimalMark, Locale};
pub use locales::Locales;
pub use location::Location;
pub use mapping::{Destination, Mapping, MappingSource, Sign, Suggestion, header_signature, suggest};
pub use notes::Notes;
pub use objects::read_objects;
pub use options::{Header, ReadOptions};
pub use quoting::quoted;
pub use read_file::read_file;
pub use record::{Field, Record, RecordKind};
pub use records::Records;
pub use refusal::{CellError, Refusal};
pub use report::Causes;
pub use sample::Sample;
pub use skipped::{SkipReason, SkippedLines};
pub use sniff::{Sniffed, sniff_file};
pub use sniffer::sniff_dialect;
pub use spec::{LocalesBy, Spec};
pub use table::{Column, Table};
pub use told::error_file_mark;
pub use values::check;

/// The examples of the README are tests, too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
pub use warning::{Warning, WarningKind};
