//! How an import was asked to go about it.

use super::outcome::Tally;
use crate::failure::Failure;
use crate::reading;
use intake::{DateOrder, DecimalMark, ReadOptions, Refusal};
use serde_json::Value;

/// What to do with a row whose key the table has already.
#[derive(Clone, Copy, PartialEq)]
pub enum OnConflict {
    Update,
    Skip,
    Error,
}

/// The options of a job, checked when it was submitted (`teamwork.check_options`).
pub struct Options {
    pub on_conflict: OnConflict,
    pub reading: ReadOptions,
    pub decimal: Option<DecimalMark>,
    pub date_order: Option<DateOrder>,
    /// Everything is taken back in the end.
    pub dry_run: bool,
    /// Rows after which to commit; `None`: all at once, at the end.
    pub commit_every: Option<u64>,
    /// More refused rows than these fail the import.
    tolerance: Option<u64>,
}

impl Options {
    pub fn parse(json: &str) -> Result<Self, Failure> {
        let options: Value =
            serde_json::from_str(json).map_err(|error| Failure::new(format!("invalid options: {error}")))?;
        let text = |name: &str| options.get(name).and_then(Value::as_str);
        Ok(Self {
            on_conflict: match text("on_conflict") {
                Some("skip") => OnConflict::Skip,
                Some("error") => OnConflict::Error,
                _ => OnConflict::Update,
            },
            reading: read_options(&options)?,
            decimal: text("decimal").and_then(DecimalMark::parse),
            date_order: text("date_order").and_then(DateOrder::parse),
            dry_run: options.get("dry_run").and_then(Value::as_bool).unwrap_or(false),
            commit_every: options.get("commit_every").and_then(Value::as_u64),
            tolerance: match text("on_error") {
                Some("abort") => Some(0),
                _ => options.get("max_errors").and_then(Value::as_u64),
            },
        })
    }

    /// How many rows an import may refuse, where so many are more than that.
    pub fn exceeded(&self, refused: u64) -> Option<u64> {
        self.tolerance.filter(|most| refused > *most)
    }

    /// Accepted rows a batch, of at most so many: a commit comes after a whole number of batches.
    pub fn batch_rows(&self, most: usize) -> usize {
        match self.commit_every {
            None => most,
            Some(rows) => (rows as usize).div_ceil((rows as usize).div_ceil(most)),
        }
    }

    /// Fails the import when more rows are refused than it may refuse; a dry run goes on, to find them all.
    pub fn tolerate<'r>(
        &self,
        tally: &Tally,
        refused: impl Iterator<Item = &'r Refusal>,
    ) -> Result<(), Failure> {
        let Some(most) = self.exceeded(tally.refused).filter(|_| !self.dry_run) else { return Ok(()) };
        let refusals: Vec<Refusal> = refused.cloned().collect();
        let first = refusals
            .first()
            .and_then(|refusal| refusal.cells.first().map(|cell| (refusal.line, &cell.message)));
        let detail = first.map_or_else(String::new, |(line, message)| format!(" Line {line}: {message}."));
        let detail = match self.commit_every {
            None => format!("Nothing was imported.{detail}"),
            Some(_) => format!("What was committed before is kept.{detail}"),
        };
        let stopped =
            format!("import stopped at {} refused rows, of which {most} are allowed", tally.refused);
        Err(Failure::new(stopped)
            .detail(detail)
            .hint("Mend the rows that scheduled_job_errors lists, or import without the options on_error and max_errors.")
            .refusals(refusals))
    }
}

/// Those that say how to read the file. Only a job that was mangled after its submission has one that cannot be.
fn read_options(options: &Value) -> Result<ReadOptions, Failure> {
    match reading::faults(options).next() {
        Some((option, hint)) => {
            Err(Failure::new(format!("invalid value for import option \"{option}\"")).hint(hint))
        }
        None => Ok(reading::options_of(options)),
    }
}
