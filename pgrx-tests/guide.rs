//! The documents whose examples the tests run.

use crate::fixture::{self, Database};
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

/// A document of the repository, by its path.
pub fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What stands below a heading of the second level.
pub fn section<'a>(document: &'a str, heading: &str) -> &'a str {
    let below = document.split_once(&format!("\n## {heading}\n")).expect("the section is there").1;
    below.split_once("\n## ").map_or(below, |(section, _)| section)
}

/// The blocks of a kind, such as `sql`; at least one.
pub fn blocks<'a>(text: &'a str, kind: &str) -> Vec<&'a str> {
    let opening = format!("```{kind}\n");
    let blocks: Vec<&str> =
        text.split(&opening).skip(1).map(|rest| rest.split_once("```").expect("the block ends").0).collect();
    assert!(!blocks.is_empty(), "no {kind} blocks");
    blocks
}

/// Has psql run what a document shows, after what the reader is supposed to have done, and compares what it prints with what
/// the document says.
pub fn compare(database: &Database, before: &str, sql: &str, expected: &str) {
    let mut psql = database.cluster.client_program("psql");
    psql.args(["-X", "-v", "SHOW_CONTEXT=never", "-d", &database.name, "-f", "-"]);
    let mut psql = psql
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("psql starts");
    let input = format!("\\o /dev/null\n{before}\n\\o\n{sql}");
    psql.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = psql.wait_with_output().unwrap();
    let (errors, answers): (Vec<&str>, Vec<&str>) = expected
        .lines()
        .partition(|line| ["ERROR:", "DETAIL:", "HINT:"].iter().any(|kind| line.starts_with(kind)));
    let printed = String::from_utf8(output.stdout).unwrap();
    assert_eq!(printed.lines().collect::<Vec<_>>(), answers);
    let complained = String::from_utf8(output.stderr).unwrap();
    let complained: Vec<&str> = complained
        .lines()
        .map(|line| line.trim_start_matches(|c: char| c != 'E' && c != 'D' && c != 'H'))
        .collect();
    assert_eq!(complained, errors);
}

#[test]
fn every_function_that_runs_with_its_owners_rights_gives_its_reason() {
    let database = Database::create(fixture::shared(), "definers");
    let sql = "SELECT p.proname FROM pg_proc p JOIN teamwork.members_of_extension() m ON (m.class, m.object) = ('pg_proc'::regclass, p.oid)
               WHERE p.prosecdef";
    let document = read("docs/security.md");
    let reasons = section(&document, "SECURITY DEFINER functions, each with its reason");
    let functions = database.superuser().query(sql, &[]).unwrap();
    let silent: Vec<String> = functions
        .iter()
        .map(|row| row.get(0))
        .filter(|name: &String| !reasons.contains(&format!("{name}(")))
        .collect();
    assert!(functions.len() > 20 && silent.is_empty(), "of {} functions: {silent:?}", functions.len());
}
