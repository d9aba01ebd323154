//! Imports that are taken back when they are done: the table's own rows, triggers and constraints say what would become of a
//! file, and nothing is left of it but sequences that have moved on and dead rows for VACUUM.

use super::pipeline::import;
use super::read::Source;
use super::record::{ErrorLog, ImportStats, RefusalsInMemory, keep_refusals};
use crate::failure::Failure;
use crate::job::{Claim, Outcome, Work};
use crate::options::ImportOptions;
use crate::pg;
use crate::progress::Progress;
use intake::{Warning, WarningKind};
use serde_json::json;

/// Imports and takes it back; what the log has in memory stays.
pub fn import_and_roll_back(
    work: &Work,
    options: &ImportOptions,
    source: Source,
    log: ErrorLog,
    progress: &impl Progress,
) -> Result<ImportStats, Failure> {
    let mut stats = pg::roll_back_after(|| import(work, options, source, log, progress))?;
    if let Some(most) = options.exceeded(stats.counts.refused) {
        let refused = stats.counts.refused;
        let message = format!("the import would fail: {refused} rows are refused, {most} are allowed");
        stats.warn(Warning::new(WarningKind::WouldFail, refused, message));
    }
    Ok(stats)
}

/// Runs a job that is a dry run. Its report and the refused rows are kept like those of any other.
pub fn run(
    claim: &Claim,
    options: &ImportOptions,
    source: Source,
    progress: &impl Progress,
) -> Result<Outcome, Failure> {
    let mut memory = RefusalsInMemory::default();
    let log = ErrorLog::Memory(claim.job, &mut memory);
    let mut stats = import_and_roll_back(&claim.work, options, source, log, progress)?;
    keep_refusals(claim.job, &memory.refusals);
    if memory.left_out > 0 {
        let (listed, all) = (memory.refusals.len(), stats.counts.refused);
        let message =
            format!("only the first {listed} of {all} refused rows are listed: a dry run holds no more");
        stats.warn(Warning::new(WarningKind::RefusalsNotListed, all - listed as u64, message));
    }
    let mut outcome = Outcome { records: 0, ..stats.finish() };
    outcome.report["dry_run"] = json!(true);
    Ok(outcome)
}
