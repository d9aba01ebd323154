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
/// the document says, but for empty lines and blanks at the ends of lines.
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
        .map(str::trim_end)
        .filter(|line| !line.is_empty())
        .partition(|line| ["ERROR:", "DETAIL:", "HINT:"].iter().any(|kind| line.starts_with(kind)));
    let printed = String::from_utf8(output.stdout).unwrap();
    let printed = printed.lines().map(str::trim_end).filter(|line| !line.is_empty());
    assert_eq!(printed.collect::<Vec<_>>(), answers);
    let complained = String::from_utf8(output.stderr).unwrap();
    let complained: Vec<&str> = complained
        .lines()
        .map(|line| line.trim_start_matches(|c: char| c != 'E' && c != 'D' && c != 'H'))
        .collect();
    assert_eq!(complained, errors);
}

/// All that a text shows, one statement after the other, and all that it says about the answers.
fn compare_all(database: &Database, before: &str, text: &str) {
    compare(database, before, &blocks(text, "sql").concat(), &blocks(text, "text").concat());
}

#[test]
fn the_five_statements_of_the_readme_print_what_stands_beside_them() {
    let readme = read("README.md");
    let database = Database::create(fixture::shared(), "readme");
    let before = "SET ROLE authenticated;
        SET request.jwt.claims = '{\"sub\": \"d03278c0-1a4d-4ce7-bd57-212a9373077b\"}';
        INSERT INTO user_profiles (id, email, full_name, role) VALUES (auth.uid(), 'ada@shop.example', 'Ada', 'admin');
        SELECT create_team_member(name || '@shop.example', name, 'staff') FROM unnest(ARRAY['Sam', 'Sue']) AS name;
        \\set VERBOSITY terse";
    compare_all(&database, before, section(&readme, "In five statements"));
}

#[test]
fn the_tour_prints_what_it_says_and_the_statements_for_administrators_run_after_it() {
    let database = Database::create(fixture::shared(), "tour");
    compare_all(&database, "", &read("docs/tour.md"));
    let statements = blocks(&read("docs/administration.md"), "sql").concat();
    database.cluster.psql(&database.name, &statements).expect("every statement runs");
}

#[test]
fn the_ways_into_a_team_and_out_of_it_are_as_the_guide_says() {
    let database = Database::create(fixture::shared(), "ways");
    let before = "INSERT INTO auth.users (id, email) VALUES ('e0000000-0000-4000-8000-00000000000e', 'Eve@Shop.example');
        INSERT INTO user_profiles (id, email, full_name, role) VALUES (gen_random_uuid(), 'ada@shop.example', 'Ada', 'admin');
        SELECT teamwork.login_as(id) FROM user_profiles;
        SELECT create_team_member('max@shop.example', 'Max', 'manager');
        SELECT teamwork.logout();";
    compare_all(&database, before, &read("docs/teams.md"));
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
