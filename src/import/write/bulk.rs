//! The bulk path: rows past the executor, made into tuples on the reader's thread. Only where that is provably the same as the
//! INSERT of the SQL path: what an INSERT would do besides is either absent from the table (`teamwork.bulk_obstacles`), the same for
//! every row and done once (defaults, policies, foreign keys of the owner), checked before, by intake (types, NOT NULL, CHECK) or for
//! a batch at once (other foreign keys), or done row by row as the executor does it (triggers after a row). A batch with a row that
//! one of these or a unique index refuses is left to statements.

mod existing_rows;
mod layout;
mod path;
mod row_keys;
mod row_triggers;

pub use existing_rows::write_existing;
pub use path::{BulkPath, Prepared};
