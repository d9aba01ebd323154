//! Running a program: its output as text, or its failure as an error that says what was run and what it said.

use std::process::Command;

use anyhow::{Context, Result, bail};

/// Runs `command` to its end and returns its standard output.
pub fn read(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("cannot run {command:?}"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        bail!("{command:?}: {}\n{}{}", output.status, text, String::from_utf8_lossy(&output.stderr));
    }
    Ok(text)
}

/// Runs `command` with this terminal as its own.
pub fn show(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot run {command:?}"))?;
    if !status.success() {
        bail!("{:?} failed: {status}", command.get_program());
    }
    Ok(())
}
