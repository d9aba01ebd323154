//! Numbers that look random and are the same for the same seed.

use std::env;
use std::time::{SystemTime, UNIX_EPOCH};

/// xorshift64*.
pub struct Dice(u64);

impl Dice {
    /// From the seed that was asked for, or another one each time; and the seed.
    pub fn asked() -> (Self, u64) {
        let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |since| since.as_nanos() as u64);
        let seed = asked("TEAMWORK_SEED").unwrap_or_else(now).max(1);
        (Self(seed), seed)
    }

    /// Others that depend on these.
    pub fn another(&mut self) -> Self {
        Self((self.roll(1 << 32) << 32 | self.roll(1 << 32)).max(1))
    }

    /// Below `sides`.
    pub fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32) % sides
    }

    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.roll(choices.len() as u64) as usize]
    }

    /// True once in so many times.
    pub fn once_in(&mut self, times: u64) -> bool {
        self.roll(times) == 0
    }
}

/// How many rounds a test is asked for.
pub fn rounds() -> Option<u64> {
    asked("TEAMWORK_ROUNDS")
}

/// How long a test is asked to go on.
pub fn minutes() -> Option<u64> {
    asked("TEAMWORK_MINUTES")
}

/// What `cargo xtask test NAME --rounds, --minutes, --seed` has set.
fn asked(variable: &str) -> Option<u64> {
    env::var(variable).ok().map(|number| number.parse().expect(variable))
}
