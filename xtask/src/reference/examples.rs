//! The examples: cut from what the regression files `reference_*` print. An example begins with the line `-- example: NAME` and ends
//! before the next comment, command of psql or change of user (`:as_sam`). What stands outside is set-up, which the page does not show.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

/// The files, in the order of the page.
const FILES: [&str; 5] = ["teams", "team_data", "imports", "jobs", "administration"];
const MARK: &str = "-- example: ";
/// What the files call becoming somebody.
const CHANGE_OF_USER: &str = ":as_";
const CHANGE_OF_CONNECTION: &str = "\\c - ";

/// A regression file.
pub struct Section {
    /// Its first line, after the two dashes.
    pub title: String,
    /// The comment below.
    pub introduction: String,
    pub examples: Vec<Example>,
}

pub struct Example {
    pub name: String,
    /// Who acts: a name, or a role.
    pub actor: String,
    /// Statements and what psql prints for them, in turns.
    pub steps: Vec<Step>,
}

#[derive(Default)]
pub struct Step {
    pub sql: Vec<String>,
    pub output: Vec<String>,
}

impl Section {
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.examples.iter().map(|example| example.name.as_str())
    }
}

pub fn sections(regress: &Path) -> Result<Vec<Section>> {
    FILES.iter().map(|file| section(regress, &format!("reference_{file}"))).collect()
}

fn section(regress: &Path, file: &str) -> Result<Section> {
    let read = |path: String| {
        let path = regress.join(path);
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
    };
    let (sql, printed) = (read(format!("sql/{file}.sql"))?, read(format!("expected/{file}.out"))?);
    let mut head = sql.lines().map_while(|line| line.strip_prefix("-- "));
    let title = head.next().with_context(|| format!("{file} has no title"))?.to_owned();
    let introduction = head.collect::<Vec<_>>().join("\n");
    let examples = cut(&sql, &printed).with_context(|| format!("in {file}"))?;
    Ok(Section { title, introduction, examples })
}

/// psql echoes every line but empty ones; what comes between two of them is output.
fn cut(sql: &str, printed: &str) -> Result<Vec<Example>> {
    let mut examples: Vec<Example> = Vec::new();
    let mut is_shown = false;
    let mut actor = called("dba");
    let mut output = printed.lines().peekable();
    let mut lines = sql.lines().filter(|line| !line.is_empty()).peekable();
    while let Some(line) = lines.next() {
        if output.next() != Some(line) {
            bail!("the expected output does not go on with the line: {line}");
        }
        if let Some(name) =
            line.strip_prefix(CHANGE_OF_USER).or_else(|| line.strip_prefix(CHANGE_OF_CONNECTION))
        {
            actor = called(name);
        }
        if ["--", "\\", CHANGE_OF_USER].iter().any(|end| line.starts_with(end)) {
            is_shown = line.starts_with(MARK);
        }
        if let Some(name) = line.strip_prefix(MARK) {
            examples.push(Example { name: name.to_owned(), actor: actor.clone(), steps: Vec::new() });
        }
        let next = lines.peek().copied();
        let printed: Vec<String> =
            std::iter::from_fn(|| output.next_if(|it| Some(*it) != next)).map(str::to_owned).collect();
        if let Some(example) = examples.last_mut().filter(|_| is_shown && !line.starts_with("--")) {
            example.add(line, printed);
        }
    }
    Ok(examples)
}

impl Example {
    fn add(&mut self, line: &str, printed: Vec<String>) {
        if self.steps.last().is_none_or(|step| !step.output.is_empty()) {
            self.steps.push(Step::default());
        }
        if let Some(step) = self.steps.last_mut() {
            step.sql.push(line.to_owned());
            step.output = if is_void(&printed) { Vec::new() } else { printed };
            while step.output.last().is_some_and(String::is_empty) {
                step.output.pop();
            }
        }
    }
}

/// A user as people say it: `sam` is Sam, and a name with an underscore is a role.
fn called(name: &str) -> String {
    match name {
        "dba" | "postgres" => "superuser".to_owned(),
        role if role.contains('_') => format!("the login role `{role}`"),
        person => person.chars().take(1).flat_map(char::to_uppercase).chain(person.chars().skip(1)).collect(),
    }
}

/// What psql prints for a function that returns nothing.
fn is_void(printed: &[String]) -> bool {
    matches!(printed, [_, _, value, rows, ..] if value.trim().is_empty() && rows == "(1 row)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_is_what_stands_between_its_mark_and_the_next_comment() {
        let sql =
            "-- Title\n:as_sam\nSELECT 0;\n\n-- example: f\nSELECT\n  1;\nSELECT 2;\n-- more\nSELECT 3;\n";
        let printed = "-- Title\n:as_sam\nSELECT 0;\n0\n-- example: f\nSELECT\n  1;\n1\n\nSELECT 2;\n2\n\n-- more\nSELECT 3;\n3\n";
        let examples = cut(sql, printed).unwrap();
        let steps: Vec<_> =
            examples[0].steps.iter().map(|step| (step.sql.join("|"), step.output.join("|"))).collect();
        assert_eq!(steps, [("SELECT|  1;".into(), "1".into()), ("SELECT 2;".into(), "2".into())]);
        assert_eq!((examples.len(), examples[0].name.as_str(), examples[0].actor.as_str()), (1, "f", "Sam"));
    }

    #[test]
    fn output_of_another_file_is_noticed() {
        assert!(cut("SELECT 1;\n", "SELECT 2;\n").is_err());
    }
}
