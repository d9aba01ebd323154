//! One import: the bytes of a job, read by intake on a thread of its own, checked against the table, inserted as the
//! job's creator. Everything happens in the caller's transaction.

mod changes;
pub mod mending;
mod options;
mod outcome;
mod probe;
mod refusals;
mod sink;
mod source;
mod statement;
mod target;
pub mod undo;

pub use refusals::keep as keep_refusals;

use crate::creator::Creator;
use crate::failure::Failure;
use crate::job::{Claim, Outcome};
use crate::pg;
use crate::progress::Progress;
use intake::{Batch, Event, Refusal};
use options::Options;
use outcome::Tally;
use sink::Sink;
use source::Source;
use target::Target;

pub fn run(claim: &Claim, progress: &impl Progress) -> Result<Outcome, Failure> {
    let creator = Creator::of(claim)?;
    let options = Options::parse(&claim.options)?;
    let target = Target::of(claim)?;
    let source = Source::open(claim)?;
    progress.expect(source.size());
    let copy = pg::CopyProgress::of_import(target.oid, source.size());
    let mut reading = source.read(target.spec(claim, &options)?)?;
    let mut tally = Tally::default();
    let mut sink = None;
    while let Some(event) = pg::with_scratch_memory(|| reading.next())? {
        match event {
            Event::Started { dialect, mapping, columns } => {
                tally.describe(dialect.as_ref(), &mapping, target.table());
                sink = Some(Sink::new(&target, &options, &creator, claim, &columns));
            }
            Event::Batch(batch) => {
                let sink = sink.as_mut().ok_or_else(|| Failure::new("a batch came before the columns"))?;
                let refused = pg::with_scratch_memory(|| write(sink, &batch, claim, &mut tally))?;
                progress.advance(tally.lines, tally.refused, batch.bytes_read);
                copy.report(batch.bytes_read, tally.lines - tally.refused, tally.refused);
                options.tolerate(&tally, batch.refused.into_iter().chain(refused))?;
            }
        }
        pg::check_for_interrupts();
    }
    creator.act(|| {
        // Deferred triggers would fire at commit, as the worker: they fire now, as the creator.
        pg::query("SET CONSTRAINTS ALL IMMEDIATE", &[], |_| ());
    });
    Ok(tally.finish())
}

/// Inserts a batch, keeps what was refused of it, and counts both; returns what the database refused.
fn write(sink: &mut Sink, batch: &Batch, claim: &Claim, tally: &mut Tally) -> Result<Vec<Refusal>, Failure> {
    let (written, refused) = sink.write(batch)?;
    refusals::keep(claim.job, &batch.refused);
    refusals::keep(claim.job, &refused);
    tally.add(batch, written, &refused);
    Ok(refused)
}
