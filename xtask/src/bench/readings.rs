//! Readings of one quantity, pooled over the rounds of a run.

#[derive(Default)]
pub struct Readings(Vec<f64>);

impl Readings {
    pub fn push(&mut self, reading: f64) {
        self.0.push(reading);
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Each reading over the one that was made in the same round.
    pub fn over(&self, others: &Self) -> Self {
        Self(self.0.iter().zip(&others.0).map(|(reading, other)| reading / other).collect())
    }

    /// The last one made; NaN when there are none.
    pub fn latest(&self) -> f64 {
        self.0.last().copied().unwrap_or(f64::NAN)
    }

    /// The smallest reading that `share` (0 to 1) of all readings do not exceed; NaN when there are none.
    pub fn percentile(&self, share: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let rank = (share * sorted.len() as f64).ceil() as usize;
        sorted.get(rank.max(1) - 1).copied().unwrap_or(f64::NAN)
    }

    pub fn median(&self) -> f64 {
        self.percentile(0.5)
    }
}

impl Extend<f64> for Readings {
    fn extend<I: IntoIterator<Item = f64>>(&mut self, readings: I) {
        self.0.extend(readings);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_a_reading() {
        let mut readings = Readings::default();
        readings.extend((1..=200).rev().map(f64::from));
        assert_eq!(
            (readings.median(), readings.percentile(0.99), readings.percentile(1.0)),
            (100.0, 198.0, 200.0)
        );
    }
}
