//! Alternating rounds and their medians.

use std::time::{Duration, Instant};

use anyhow::Result;

/// Odd, so that a median is a reading.
const ROUNDS: usize = 9;

/// Runs each contender once a round, in turn; returns the median time of each.
pub fn medians(mut contenders: Vec<Box<dyn FnMut() -> Result<()> + '_>>) -> Result<Vec<Duration>> {
    let mut times = vec![Vec::with_capacity(ROUNDS); contenders.len()];
    for round in 0..=ROUNDS {
        for (contender, times) in contenders.iter_mut().zip(&mut times) {
            let begun = Instant::now();
            contender()?;
            // The first round warms caches up.
            if round > 0 {
                times.push(begun.elapsed());
            }
        }
    }
    Ok(times.into_iter().map(median).collect())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_reading() {
        assert_eq!(median([5, 1, 9, 2, 3].map(Duration::from_millis).to_vec()), Duration::from_millis(3));
    }
}
