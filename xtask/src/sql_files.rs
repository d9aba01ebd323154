//! The lines of the files of `sql/`: what every one of them keeps to.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::workspace::workspace;

const WIDTH: usize = 140;

/// Fails with every fault of every file, each by file and line.
pub fn check() -> Result<()> {
    let mut faults = Vec::new();
    // What lies in sql/ itself is generated.
    for topic in entries(&workspace().join("sql"))?.iter().filter(|path| path.is_dir()) {
        for path in entries(topic)? {
            let text =
                fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
            let name = path.strip_prefix(workspace()).unwrap_or(&path).display().to_string();
            faults.extend(faults_of(&name, &text));
        }
    }
    ensure!(faults.is_empty(), "{}", faults.join("\n"));
    Ok(())
}

fn entries(directory: &Path) -> Result<Vec<std::path::PathBuf>> {
    let entries = fs::read_dir(directory).with_context(|| format!("cannot read {}", directory.display()))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

fn faults_of(name: &str, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let mut is_comment = false;
    for (number, line) in (1..).zip(text.lines()) {
        let width = line.chars().count();
        // The text of a COMMENT ON is one literal, whatever the length of its lines.
        is_comment |= line.starts_with("COMMENT ON ");
        if width > WIDTH && !is_comment {
            faults.push(format!("{name}:{number}: {width} characters, {WIDTH} at most"));
        }
        is_comment &= !line.ends_with("';");
        if line.starts_with("#variable_conflict") {
            faults.push(format!("{name}:{number}: write the parameter with its function instead"));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_is_told_by_file_and_line() {
        let long = "-- ".to_owned() + &"é".repeat(138);
        let text = format!("SELECT 1;\n{long}\n#variable_conflict use_column\n");
        let faults = [
            "a.sql:2: 141 characters, 140 at most",
            "a.sql:3: write the parameter with its function instead",
        ];
        assert_eq!(faults_of("a.sql", &text), faults);
    }

    #[test]
    fn a_comment_on_an_object_may_be_long() {
        let (long, longest) = ("x".repeat(200), "y".repeat(140));
        let text = format!("COMMENT ON TABLE t IS '{long}\nErrors: {long}';\n{longest}\n{long}\n");
        assert_eq!(faults_of("a.sql", &text), ["a.sql:4: 200 characters, 140 at most"]);
    }
}
