//! One import, from its source to its end. Everything happens in the caller's transaction.

use super::path::SqlPathReason;
use super::read::{Input, Packing, Read, Reading, mapping, spec};
use super::record::{Counts, ErrorLog, ImportStats};
use super::write::{BatchResult, BulkPath, Known, Prepared, Session, SqlPath, Writer};
use super::{added, defaults, repeated};
use crate::creator::Creator;
use crate::failure::Failure;
use crate::job::Work;
use crate::options::{Blank, ImportOptions};
use crate::pg;
use crate::progress::Progress;
use crate::table::Target;
use intake::{Batch, Event, Location, Mapping, ReadOptions, Spec};
use pack::Packed;
use std::rc::Rc;

/// Imports a source into the table of a job, as its creator; returns what has become of the lines.
pub fn import(
    work: &Work,
    options: &ImportOptions,
    input: Input,
    log: ErrorLog,
    progress: &impl Progress,
) -> Result<ImportStats, Failure> {
    let creator = Creator::of(work)?;
    let target = if input.source.is_read_inline() { Target::of(work)? } else { Target::locked(work)? };
    let mut import = Import::begin(work, options, &creator, &target, input, log, progress)?;
    while let Some(Read { event, packed }) = pg::with_scratch_memory(|| import.reading.next())? {
        match event {
            Event::Started { file, dialect, mapping, columns, locales } => {
                import.stats.describe(
                    file.as_ref(),
                    dialect.as_ref(),
                    &mapping,
                    target.for_intake(),
                    locales,
                );
                added::check(&target, options, &columns)?;
                import.stats.warn_all(defaults::check(&target, &mapping, &columns)?);
                import.start(mapping, &columns);
            }
            Event::Batch(batch) => import.take(batch, packed)?,
        }
        pg::check_for_interrupts();
    }
    import.finish()
}

struct Import<'a, P> {
    work: &'a Work,
    options: &'a ImportOptions,
    creator: &'a Creator,
    target: &'a Rc<Target>,
    /// Whether the source is too small for what pays off with many rows only.
    is_small: bool,
    reading: Reading,
    /// Whether rows of several locations are added up.
    adds_up: bool,
    /// Until the columns of the file are known.
    prepared: Option<Prepared>,
    /// From then on, and where they go.
    writer: Option<Writer<'a>>,
    mapping: Option<Mapping>,
    log: ErrorLog<'a>,
    stats: ImportStats,
    progress: &'a P,
    copy: pg::CopyProgress,
}

impl<'a, P: Progress> Import<'a, P> {
    fn begin(
        work: &'a Work,
        options: &'a ImportOptions,
        creator: &'a Creator,
        target: &'a Rc<Target>,
        Input { source, survey }: Input,
        mut log: ErrorLog<'a>,
        progress: &'a P,
    ) -> Result<Self, Failure> {
        let is_small = source.is_read_inline();
        progress.expect(source.size());
        // Nothing is left of an earlier attempt.
        progress.advance(0, 0, 0);
        let copy = pg::CopyProgress::of_import(target.oid, source.size());
        let adds = options.quantity_mode.added().next().is_some();
        let prepared = if adds {
            Err(vec![SqlPathReason::AddsToRows])
        } else {
            BulkPath::prepare(target, creator, log.job(), is_small)?
        };
        let packing = prepared.as_ref().ok().map(|bulk| Packing::new(bulk.plan.clone()));
        let spec = spec(target, work, options)?;
        let reading = ReadOptions { is_text: source.is_text(), ..spec.reading };
        let spec = Spec { reading, break_at: log.resumes_at(), ..spec };
        let commits = log.checkpoints().is_some_and(|checkpoints| checkpoints.are_wanted());
        let spec = Spec { locales: survey.locales(&source, &spec, commits)?, ..spec };
        Ok(Self {
            work,
            options,
            creator,
            target,
            is_small,
            adds_up: spec.location == Some(Location::Sum),
            reading: source.read(spec, packing)?,
            prepared: Some(prepared),
            writer: None,
            mapping: None,
            stats: log.stats(),
            log,
            progress,
            copy,
        })
    }

    /// Prepares the writing, as the columns of the file and their mapping are known.
    fn start(&mut self, mapping: Mapping, columns: &[usize]) {
        let (on_conflict, job) = (self.options.on_conflict, self.log.job());
        let added: Vec<&str> = self.options.quantity_mode.added().collect();
        let known = Known { keeps_blanks: self.options.blank == Blank::Keep, added: &added };
        let session = Session::new(self.target, on_conflict, self.creator, job, columns, known);
        let mut sql = SqlPath::new(session, self.target.clone());
        if !self.is_small {
            sql.prove_keys();
        }
        // Nothing is written before all is read, so there is no place to go on from.
        if let Some(checkpoints) = self.log.checkpoints().filter(|_| self.adds_up && mapping.place.is_some())
        {
            checkpoints.commit_at_the_end();
        }
        self.writer = self.prepared.take().map(|prepared| Writer::new(sql, prepared, columns));
        self.mapping = Some(mapping);
    }

    /// Writes a batch, unless an earlier attempt has, and commits where that is due.
    fn take(&mut self, batch: Batch, mut packed: Option<Packed>) -> Result<(), Failure> {
        if self.log.covers(&batch) {
            self.show_progress(&batch);
        } else {
            let result = pg::with_scratch_memory(|| self.write(&batch, packed.as_mut()))?;
            self.show_progress(&batch);
            self.stats.check_limit(self.options, batch.refused.iter().chain(&result.refused))?;
            self.commit_if_due(&batch)?;
        }
        self.reading.reuse(batch, packed.unwrap_or_default());
        Ok(())
    }

    /// Inserts a batch, keeps what was refused of it, and counts both.
    fn write(&mut self, batch: &Batch, packed: Option<&mut Packed>) -> Result<BatchResult, Failure> {
        let writer = self.writer.as_mut().ok_or_else(|| Failure::new("a batch came before the columns"))?;
        let result = match &mut self.log {
            ErrorLog::Sample(sample) => sample.write(&writer.sql, batch)?,
            _ => writer.write(batch, packed)?,
        };
        self.log.refuse(&batch.refused);
        self.log.refuse(&result.refused);
        self.stats.add(batch, &result, writer.take_reasons());
        let columns = &writer.sql.session.columns;
        defaults::note_blanks(columns, batch, &result.known, &mut self.stats.notes);
        Ok(result)
    }

    /// To the members of the team, and to administrators.
    fn show_progress(&self, batch: &Batch) {
        let Counts { lines, refused, .. } = self.stats.counts;
        self.progress.advance(lines, refused, batch.bytes_consumed);
        self.copy.report(batch.bytes_consumed, lines - refused, refused);
    }

    fn commit_if_due(&mut self, batch: &Batch) -> Result<(), Failure> {
        if let Some(checkpoints) = self.log.checkpoints()
            && checkpoints.are_due(batch)
        {
            self.stats.check_warnings(self.options)?;
            fire_deferred_triggers(self.creator);
            let now = checkpoints.commit(batch, &self.stats, self.target)?;
            self.writer.as_mut().map_or(Ok(()), |writer| writer.after_commit(&now))?;
            self.reading.after_commit();
        }
        Ok(())
    }

    fn finish(mut self) -> Result<ImportStats, Failure> {
        fire_deferred_triggers(self.creator);
        if let Some(hash) = self.reading.hash.get() {
            self.stats.warn_all(repeated::check(self.work, self.options, hash)?);
            self.stats.know_file(hash);
        }
        self.check_known_rows()?;
        self.stats.check_warnings(self.options)?;
        // What people have decided on is kept when it has led to an import.
        if let Some(mapping) = &self.mapping
            && matches!(self.log, ErrorLog::Table(_))
        {
            mapping::remember(self.work, mapping, self.target.for_intake());
        }
        Ok(self.stats)
    }
}

impl<P> Import<'_, P> {
    /// Fails where a file that can only update known rows has none of them: then it is no file of known rows.
    fn check_known_rows(&self) -> Result<(), Failure> {
        let counts = &self.stats.counts;
        let lack = self.mapping.as_ref().and_then(Mapping::lack);
        match lack.filter(|_| counts.known() == 0 && counts.refused > 0) {
            Some(error) => Err(error.into()),
            None => Ok(()),
        }
    }
}

/// They would fire at commit, as the worker: they fire now, as the creator.
fn fire_deferred_triggers(creator: &Creator) {
    creator.act(|| pg::execute("SET CONSTRAINTS ALL IMMEDIATE", &[]));
}
