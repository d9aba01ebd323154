//! What `cargo xtask test NAME --rounds, --minutes, --seed` has asked a test for.

use fastrand::Rng;
use std::env;

/// Random numbers by the seed that was asked for, or by another one each time; and the seed.
pub fn rng() -> (Rng, u64) {
    let seed = asked("TEAMWORK_SEED").unwrap_or_else(|| fastrand::u64(..));
    (Rng::with_seed(seed), seed)
}

/// How many rounds a test is asked for.
pub fn rounds() -> Option<u64> {
    asked("TEAMWORK_ROUNDS")
}

/// How long a test is asked to go on.
pub fn minutes() -> Option<u64> {
    asked("TEAMWORK_MINUTES")
}

fn asked(variable: &str) -> Option<u64> {
    env::var(variable).ok().map(|number| number.parse().expect(variable))
}
