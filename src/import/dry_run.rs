//! Imports that are taken back when they are done: the table's own rows, triggers and constraints say what would become of a
//! file, and nothing is left of it but sequences that have moved on and dead rows for VACUUM.

use super::pipeline::import;
use super::read::{Input, Source, again_if_ruled_out};
use super::record::{ErrorLog, ImportStats, RefusalsInMemory, keep_refusals};
use crate::failure::Failure;
use crate::job::{Claim, Outcome, Work};
use crate::options::ImportOptions;
use crate::pg;
use crate::progress::Progress;
use intake::{Warning, WarningKind};
use serde_json::json;

/// Imports and takes it back; also returns what the log has in memory, which stays.
pub fn import_and_roll_back<M: Default>(
    work: &Work,
    options: &ImportOptions,
    source: Source,
    log: impl Fn(&mut M) -> ErrorLog<'_>,
    progress: &impl Progress,
) -> Result<(ImportStats, M), Failure> {
    let (mut stats, memory) = again_if_ruled_out(|survey| {
        let mut memory = M::default();
        let log = log(&mut memory);
        let stats = pg::roll_back_after(|| {
            import(work, options, Input { source: source.clone(), survey }, log, progress)
        })?;
        Ok((stats, memory))
    })?;
    if let Some(most) = options.exceeded(stats.counts.refused) {
        let refused = stats.counts.refused;
        let message = format!("the import would fail: {refused} rows are refused, {most} are allowed");
        stats.warn(Warning::new(WarningKind::WouldFail, refused, message));
    }
    Ok((stats, memory))
}

/// Runs a job that is a dry run. Its report and the refused rows are kept like those of any other.
pub fn run(
    claim: &Claim,
    options: &ImportOptions,
    source: Source,
    progress: &impl Progress,
) -> Result<Outcome, Failure> {
    let (mut stats, memory) = import_and_roll_back(
        &claim.work,
        options,
        source,
        |memory: &mut RefusalsInMemory| ErrorLog::Memory(claim.job, memory),
        progress,
    )?;
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
