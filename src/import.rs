//! One import: the bytes of a job, read by intake on a thread of its own, checked against the table, inserted as the
//! job's creator. Everything happens in the caller's transaction.

mod bulk;
mod check;
pub mod mapping;
mod options;
mod outcome;
mod probe;
mod refusals;
mod sink;
mod source;
mod statement;
mod target;
mod writer;

pub use refusals::keep as keep_refusals;

use crate::creator::Creator;
use crate::failure::Failure;
use crate::job::{Claim, Outcome};
use crate::pg;
use crate::progress::Progress;
use bulk::{Bulk, Packing};
use intake::{Batch, Event, Refusal};
use options::Options;
use outcome::Tally;
use pack::Packed;
use sink::Sink;
use source::{Read, Source};
use target::Target;
use writer::Writer;

pub fn run(claim: &Claim, progress: &impl Progress) -> Result<Outcome, Failure> {
    let creator = Creator::of(claim)?;
    let options = Options::parse(&claim.options)?;
    let target = Target::of(claim)?;
    let source = Source::open(claim)?;
    progress.expect(source.size());
    let copy = pg::CopyProgress::of_import(target.oid, source.size());
    let target = if source.is_small() { target } else { target.locked(claim)? };
    let prepared = Bulk::prepare(&target, &creator, claim, &source)?;
    let packing = prepared.as_ref().ok().map(|bulk| Packing::new(bulk.plan.clone()));
    let mut reading = source.read(target.spec(claim, &options, packing.is_some())?, packing)?;
    let mut tally = Tally::default();
    let mut writer = None;
    let mut used = None;
    while let Some(Read { event, packed }) = pg::with_scratch_memory(|| reading.next())? {
        match event {
            Event::Started { dialect, mapping, columns, locales } => {
                tally.describe(dialect.as_ref(), &mapping, target.table(), locales);
                let sink = Sink::new(&target, &options, &creator, claim, &columns);
                writer = Some(Writer::new(sink, &creator, &prepared, &columns));
                used = Some(mapping);
            }
            Event::Batch(batch) => {
                let writer =
                    writer.as_mut().ok_or_else(|| Failure::new("a batch came before the columns"))?;
                let refused = pg::with_scratch_memory(|| write(writer, &batch, packed, claim, &mut tally))?;
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
    if let Some(mapping) = used {
        mapping::remember(claim, &mapping, target.table());
    }
    Ok(tally.finish(writer.map(|writer| writer.reasons).unwrap_or_default()))
}

/// Inserts a batch, keeps what was refused of it, and counts both; returns what the database refused.
fn write(
    writer: &mut Writer,
    batch: &Batch,
    packed: Option<Packed>,
    claim: &Claim,
    tally: &mut Tally,
) -> Result<Vec<Refusal>, Failure> {
    let (written, refused) = writer.write(batch, packed)?;
    refusals::keep(claim.job, &batch.refused);
    refusals::keep(claim.job, &refused);
    tally.add(batch, written, &refused);
    Ok(refused)
}
