//! Imports that are taken back when they are done: the table's own rows, triggers and constraints say what would become of a
//! file, and nothing is left of it but sequences that have moved on and dead rows for VACUUM.

use super::journal::{Held, Journal};
use super::options::Options;
use super::outcome::Tally;
use super::refusals;
use super::source::Source;
use crate::failure::Failure;
use crate::job::{Claim, Outcome, Work};
use crate::pg;
use crate::progress::Progress;
use serde_json::json;

/// Imports and takes it back; what the journal holds stays.
pub fn rehearse(
    work: &Work,
    options: &Options,
    source: Source,
    journal: Journal,
    progress: &impl Progress,
) -> Result<Tally, Failure> {
    let mut tally = pg::rehearse(|| super::import(work, options, source, journal, progress))?;
    if let Some(most) = options.exceeded(tally.refused) {
        let refused = tally.refused;
        tally.warn(format!("the import would fail: {refused} rows are refused, {most} are allowed"));
    }
    Ok(tally)
}

/// Runs a job that is a dry run. Its report and the refused rows are kept like those of any other.
pub fn run(
    claim: &Claim,
    options: &Options,
    source: Source,
    progress: &impl Progress,
) -> Result<Outcome, Failure> {
    let mut held = Held::default();
    let journal = Journal::Held(claim.job, &mut held);
    let mut tally = rehearse(&claim.work, options, source, journal, progress)?;
    refusals::keep(claim.job, &held.refusals);
    if held.left_out > 0 {
        let (listed, all) = (held.refusals.len(), tally.refused);
        tally.warn(format!(
            "only the first {listed} of {all} refused rows are listed: a dry run holds no more"
        ));
    }
    let mut outcome = Outcome { records: 0, ..tally.finish() };
    outcome.report["dry_run"] = json!(true);
    Ok(outcome)
}
