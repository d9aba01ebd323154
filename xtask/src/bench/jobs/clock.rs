//! Instants come from three programs: ours, the server and Node.js. They mean something only if the clocks agree.

use std::time::SystemTime;

use anyhow::{Result, ensure};

/// In milliseconds. An answer takes a fraction of it, unless the machine is very busy.
const TOLERANCE: f64 = 1.0;
const TRIES: usize = 50;

/// Milliseconds since 1970, as the server and Node.js count them too.
pub fn now() -> f64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64() * 1e3)
}

/// Fails unless some answer of the clock fits between the asking and the hearing, closely enough to say so.
pub fn check(whose: &str, mut ask: impl FnMut() -> Result<f64>) -> Result<()> {
    let mut least = f64::INFINITY;
    for _ in 0..TRIES {
        let before = now();
        let answer = ask()?;
        let after = now();
        // How far off the clock may be, given this answer.
        least = least.min((answer - before).max(after - answer));
    }
    ensure!(least < TOLERANCE, "the clock of {whose} may be off by {least:.3} ms");
    println!("the clock of {whose} agrees with ours to {least:.3} ms");
    Ok(())
}
