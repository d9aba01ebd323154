//! Imports: the way of a row from a file into its table.
//!
//! [`read`] makes batches of checked values from the bytes of a job, on a thread of its own. [`write`] puts them into the table, in
//! bulk or by statements, as the job's creator. [`record`] writes down what was refused, counted and committed. [`pipeline`] runs the
//! three in the caller's transaction; [`dry_run`] takes back what they did.

mod added;
mod defaults;
mod dry_run;
pub mod error_file;
mod path;
mod pipeline;
pub mod preview;
pub mod read;
mod record;
mod repeated;
pub mod undo;
mod write;

pub use read::{Survey, again_if_ruled_out};
pub use record::keep_refusals;

use crate::failure::Failure;
use crate::job::{Claim, Commits, Outcome};
use crate::options::{self, ImportOptions};
use crate::progress::Progress;
use read::{Input, Source};
use record::{Checkpoints, ErrorLog, ImportStats};

/// Runs a job. An error takes back all that is not committed in between.
pub fn run(
    claim: &Claim,
    progress: &impl Progress,
    commits: Commits,
    survey: Survey,
) -> Result<Outcome, Failure> {
    let options: ImportOptions = options::parse(&claim.work.options)?;
    let source = Source::open(claim)?;
    if options.dry_run {
        return dry_run::run(claim, &options, source, progress);
    }
    let log = ErrorLog::Table(Checkpoints::new(claim, &options, commits)?);
    let input = Input { source, survey };
    pipeline::import(&claim.work, &options, input, log, progress).map(ImportStats::finish)
}
