//! `docs/reference.md`: every object that people use, from the catalog of a freshly created extension and from the examples of
//! `pgrx-tests/regress/sql/reference_*.sql`, whose order and headings are the page's.
//!
//! Which objects: all of the extension's schema and of `auth`, and those of `teamwork` whose COMMENT has a line `For: …`. What a
//! function raises is the line `Errors: …` of its COMMENT: `none`, or `SQLSTATE when; SQLSTATE when`.

mod catalog;
mod examples;
mod remarks;
mod render;

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail, ensure};
use postgres::Client;

use crate::cluster::Cluster;
use crate::extension::{self, ENGINE};
use crate::workspace::workspace;
use catalog::{Catalog, Function};
use examples::Section;

/// Writes the page anew, from the extension that was installed last.
pub fn update() -> Result<()> {
    let cluster = Cluster::start("reference", &ENGINE)?;
    extension::create(&cluster, "reference", "public")?;
    let page = page(&mut cluster.connect("reference", "postgres")?)?;
    fs::write(path(), page).context("cannot write docs/reference.md")
}

/// Fails when the page differs from what this database, with the extension in `public`, would make it.
pub fn check(client: &mut Client) -> Result<()> {
    let committed = fs::read_to_string(path()).unwrap_or_default();
    ensure!(committed == page(client)?, "docs/reference.md is out of date: run `cargo xtask reference`");
    Ok(())
}

/// The errors that comments name: functions, each with a SQLSTATE.
pub fn errors(client: &mut Client) -> Result<Vec<(String, String)>> {
    let catalog = Catalog::read(client)?;
    let errors_of = |function: &Function| {
        let name = function.name.clone();
        let errors = function.remarks.errors.clone().unwrap_or_default();
        errors.into_iter().map(move |(code, _)| (name.clone(), code))
    };
    Ok(catalog.functions.iter().flat_map(errors_of).collect())
}

fn path() -> PathBuf {
    workspace().join("docs/reference.md")
}

fn page(client: &mut Client) -> Result<String> {
    let catalog = Catalog::read(client)?;
    let sections = examples::sections(&workspace().join("pgrx-tests/regress"))?;
    require_examples(&catalog, &sections)?;
    render::page(&catalog, &sections)
}

/// An example for each object, and an object for each example.
fn require_examples(catalog: &Catalog, sections: &[Section]) -> Result<()> {
    let shown: Vec<&str> = sections.iter().flat_map(Section::names).collect();
    let silent: Vec<&str> = catalog.names().filter(|name| !shown.contains(name)).collect();
    if !silent.is_empty() {
        bail!("no example in pgrx-tests/regress/sql/reference_*.sql for: {}", silent.join(", "));
    }
    let strange: Vec<&str> =
        shown.into_iter().filter(|shown| !catalog.names().any(|name| name == *shown)).collect();
    ensure!(
        strange.is_empty(),
        "examples for what is no object of the reference (does its COMMENT lack the line `For: …`?): {}",
        strange.join(", ")
    );
    Ok(())
}
