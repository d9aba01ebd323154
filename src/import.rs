//! One import: the bytes of a job, read by intake on a thread of its own, checked against the table, inserted as the
//! job's creator. Everything happens in the caller's transaction; a dry run is taken back at its end.

mod bulk;
mod changes;
mod check;
mod checkpoint;
mod fault;
mod foreign_key;
mod journal;
pub mod mapping;
pub mod mending;
mod options;
mod outcome;
mod pipe;
pub mod preview;
mod probe;
mod reason;
mod refusals;
mod rehearsal;
mod sample;
mod sink;
mod source;
mod statement;
mod suspects;
mod target;
pub mod undo;
mod writer;
mod written;

pub use refusals::keep as keep_refusals;

use crate::creator::Creator;
use crate::failure::Failure;
use crate::job::{Claim, Outcome, Work};
use crate::pg;
use crate::progress::Progress;
use bulk::{Bulk, Packing};
use checkpoint::Checkpoints;
use intake::{Batch, Event, Refusal, Spec};
use journal::Journal;
use options::Options;
use outcome::Tally;
use pack::Packed;
use sink::Sink;
use source::{Read, Source};
use target::Target;
use writer::Writer;
use written::Fate;

/// When an import commits what it has done.
pub enum Commits {
    /// With its end: the caller's transaction is not the import's to commit.
    AtEnd,
    /// In between as well, if it was asked to.
    Between,
}

/// Runs a job.
pub fn run(claim: &Claim, progress: &impl Progress, commits: Commits) -> Result<Outcome, Failure> {
    let options = Options::parse(&claim.work.options)?;
    let source = Source::open(claim)?;
    if options.dry_run {
        return rehearsal::run(claim, &options, source, progress);
    }
    let journal = Journal::Kept(Checkpoints::new(claim, &options, commits));
    import(&claim.work, &options, source, journal, progress).map(Tally::finish)
}

fn import(
    work: &Work,
    options: &Options,
    source: Source,
    mut journal: Journal,
    progress: &impl Progress,
) -> Result<Tally, Failure> {
    let creator = Creator::of(work)?;
    let is_small = source.is_small();
    let target = if is_small { Target::of(work)? } else { Target::locked(work)? };
    progress.expect(source.size());
    let copy = pg::CopyProgress::of_import(target.oid, source.size());
    let mut prepared = Some(Bulk::prepare(&target, &creator, journal.job(), is_small)?);
    let plan = prepared.iter().flatten().next().map(|bulk| bulk.plan.clone());
    let packing = plan.map(Packing::new);
    let spec = target.spec(work, options, packing.is_some())?;
    let mut reading = source.read(Spec { break_at: journal.resumes_at(), ..spec }, packing)?;
    let mut tally = journal.begin();
    let mut writer = None;
    let mut used = None;
    while let Some(Read { event, mut packed }) = pg::with_scratch_memory(|| reading.next())? {
        match event {
            Event::Started { dialect, mapping, columns, locales } => {
                tally.describe(dialect.as_ref(), &mapping, target.table(), locales);
                let mut sink = Sink::new(&target, options, &creator, journal.job(), &columns);
                if !is_small {
                    sink.prove_keys();
                }
                writer = prepared.take().map(|prepared| Writer::new(sink, &creator, prepared, &columns));
                used = Some(mapping);
            }
            Event::Batch(batch) if journal.covers(&batch) => {
                progress.advance(tally.lines, tally.refused, batch.bytes_read);
            }
            Event::Batch(batch) => {
                let writer =
                    writer.as_mut().ok_or_else(|| Failure::new("a batch came before the columns"))?;
                let refused = pg::with_scratch_memory(|| {
                    write(writer, &batch, packed.as_mut(), &mut journal, &mut tally)
                })?;
                progress.advance(tally.lines, tally.refused, batch.bytes_read);
                copy.report(batch.bytes_read, tally.lines - tally.refused, tally.refused);
                options.tolerate(&tally, batch.refused.iter().chain(&refused))?;
                if let Some(checkpoints) = journal.checkpoints()
                    && checkpoints.are_due(&batch)
                {
                    settle(&creator);
                    let target = checkpoints.commit(&batch, &tally, &target)?;
                    writer.go_on(&target)?;
                    reading.go_on();
                }
                reading.take_back(batch, packed.unwrap_or_default());
            }
        }
        pg::check_for_interrupts();
    }
    settle(&creator);
    if let Some(mapping) = used {
        journal.remember(work, &mapping, target.table());
    }
    Ok(tally)
}

/// Deferred triggers would fire at commit, as the worker: they fire now, as the creator.
fn settle(creator: &Creator) {
    creator.act(|| pg::query("SET CONSTRAINTS ALL IMMEDIATE", &[], |_| ()));
}

/// Inserts a batch, keeps what was refused of it, and counts both; returns what the database refused.
fn write(
    writer: &mut Writer,
    batch: &Batch,
    packed: Option<&mut Packed>,
    journal: &mut Journal,
    tally: &mut Tally,
) -> Result<Vec<Refusal>, Failure> {
    let Fate { written, refused, .. } = match journal {
        Journal::Shown(sample) => sample.write(&mut writer.sink, batch)?,
        _ => writer.write(batch, packed)?,
    };
    journal.refuse(&batch.refused);
    journal.refuse(&refused);
    tally.add(batch, written, &refused);
    tally.reasons.extend(writer.reasons.iter().cloned());
    Ok(refused)
}
