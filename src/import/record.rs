//! Recording: what is written down of an import besides its rows.

mod checkpoint;
mod error_log;
mod refusals;
mod stats;

pub use checkpoint::Checkpoints;
pub use error_log::{ErrorLog, RefusalsInMemory};
pub use refusals::keep as keep_refusals;
pub use stats::{Counts, ImportStats};
