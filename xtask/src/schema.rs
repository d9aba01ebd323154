//! `sql/teamwork.sql`: the schema as pgrx generates it, kept in the repository so that a change of it can be reviewed.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};

use crate::prefix::Prefix;
use crate::workspace::workspace;

/// Fails when the extension that was installed last has another schema than the repository says.
pub fn check(prefix: &Prefix) -> Result<()> {
    let committed = fs::read_to_string(committed()).unwrap_or_default();
    ensure!(committed == generated(prefix)?, "sql/teamwork.sql is out of date: run `cargo xtask schema`");
    Ok(())
}

/// Writes the schema of the extension that was installed last.
pub fn update(prefix: &Prefix) -> Result<()> {
    fs::write(committed(), generated(prefix)?).context("cannot write sql/teamwork.sql")
}

fn committed() -> PathBuf {
    workspace().join("sql/teamwork.sql")
}

fn generated(prefix: &Prefix) -> Result<String> {
    let version = env!("CARGO_PKG_VERSION");
    let path = prefix.share().join(format!("extension/teamwork--{version}.sql"));
    let sql = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(in_order(&sql).lines().map(|line| without_line_number(line).to_owned() + "\n").collect())
}

/// pgrx orders what depends on nothing by chance. The SQL files are a chain; the functions made from Rust come before them here, by
/// their text.
fn in_order(sql: &str) -> String {
    const BEGIN: &str = "/* <begin connected objects> */\n";
    let is_from_rust =
        |part: &&str| part.contains("/* Rust */") || part.contains("\nCREATE SCHEMA IF NOT EXISTS");
    let (mut from_rust, files): (Vec<&str>, Vec<&str>) =
        sql.split(BEGIN).filter(|part| !part.is_empty()).partition(is_from_rust);
    from_rust.sort_unstable();
    from_rust.into_iter().chain(files).map(|part| format!("{BEGIN}{}\n", part.trim_end())).collect()
}

/// pgrx says where an item is defined: `-- src/lib.rs:30`. The file is worth keeping, its line changes with every edit.
fn without_line_number(line: &str) -> &str {
    match line.rsplit_once(':') {
        Some((file, number)) if file.starts_with("-- ") && number.parse::<u32>().is_ok() => file,
        _ => line,
    }
}
