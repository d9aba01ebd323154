//! Rows through statements until each is written or refused.

use super::Sink;
use crate::failure::Failure;
use crate::import::fault::{is_fault_of_a_row, is_race};
use crate::import::suspects::Suspicion;
use crate::import::written::Fate;
use crate::pg;
use intake::Batch;

#[derive(Clone, Copy)]
pub enum Way {
    Insert,
    Update,
}

impl Sink<'_> {
    /// Tries rows as one statement; where that is refused, those without suspects, and each suspect by itself.
    pub fn settle(&self, way: Way, batch: &Batch, rows: &[usize], fate: &mut Fate) -> Result<(), Failure> {
        if self.is_settled(way, batch, rows, fate)? {
            return Ok(());
        }
        let suspects = match way {
            Way::Insert => self.suspects(batch, rows)?,
            Way::Update => Vec::new(),
        };
        if suspects.is_empty() {
            return self.divide(way, batch, rows, fate);
        }
        let others = without(rows, &suspects);
        if !self.is_settled(way, batch, &others, fate)? {
            self.divide(way, batch, &others, fate)?;
        }
        for suspect in suspects {
            // Alone it is written or refused.
            self.is_settled(way, batch, &[rows[suspect]], fate)?;
        }
        Ok(())
    }

    /// The positions, among `rows` and in ascending order, of those that a unique index or a foreign key would refuse, as far as can be
    /// asked of many at once.
    pub fn suspects(&self, batch: &Batch, rows: &[usize]) -> Result<Vec<usize>, Failure> {
        match self.suspicion.get_or_init(|| Suspicion::of(self)).among(self, batch, rows) {
            // The insert finds a value that only the database can check.
            Err(error) if is_fault_of_a_row(&error) => Ok(Vec::new()),
            found => Ok(found?),
        }
    }

    /// By halves, until the row stands alone.
    fn divide(&self, way: Way, batch: &Batch, rows: &[usize], fate: &mut Fate) -> Result<(), Failure> {
        let (first, second) = rows.split_at(rows.len() / 2);
        for half in [first, second] {
            if !self.is_settled(way, batch, half, fate)? {
                self.divide(way, batch, half, fate)?;
            }
        }
        Ok(())
    }

    /// One statement in one subtransaction; false when some row of several is refused.
    fn is_settled(&self, way: Way, batch: &Batch, rows: &[usize], fate: &mut Fate) -> Result<bool, Failure> {
        if rows.is_empty() {
            return Ok(true);
        }
        let attempt = pg::subtransaction(|| match way {
            Way::Insert => (self.insert(batch, rows), Vec::new()),
            Way::Update => self.update(batch, rows),
        });
        match attempt {
            Ok((written, missing)) => {
                fate.written += written;
                fate.missing.extend(missing);
                Ok(true)
            }
            Err(error) if !(is_fault_of_a_row(&error) || is_race(&error) && rows.len() > 1) => {
                Err(error.into())
            }
            Err(error) if rows.len() == 1 => {
                fate.refused.push(batch.refusal(rows[0], vec![self.reason(batch, rows[0], error)]));
                Ok(true)
            }
            Err(_) => Ok(false),
        }
    }
}

/// The rows but for those at some positions, which ascend.
pub fn without(rows: &[usize], positions: &[usize]) -> Vec<usize> {
    let is_other = |(position, _): &(usize, &usize)| positions.binary_search(position).is_err();
    rows.iter().enumerate().filter(is_other).map(|(_, row)| *row).collect()
}
