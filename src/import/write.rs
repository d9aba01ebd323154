//! Writing: rows of batches into their table, in bulk where that is provably the same as an INSERT, else by statements.

mod bulk;
mod cell_errors;
mod changes;
mod command;
mod conflicts;
mod fault;
mod first_rows;
mod result;
mod session;
mod sql;
mod statements;
mod violations;
mod writer;

pub use bulk::{BulkPath, Prepared};
pub use changes::EXACT_VALUES;
pub use fault::is_fault_of_a_row;
pub use first_rows::{SHOWN_ROWS, Sample, ShownRow};
pub use result::{BatchResult, RowCounts};
pub use session::Session;
pub use sql::SqlPath;
pub use statements::Known;
pub use writer::Writer;
