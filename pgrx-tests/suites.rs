//! PostgreSQL's own drivers over `regress/` and `isolation/`, and the whole story, each with the extension in `public` and
//! in a schema of its own.

use crate::fixture::{self, Database};
use crate::guide;
use std::path::Path;
use xtask::cluster::Cluster;
use xtask::regress::{self, Driver};
use xtask::story::{self, Stage};

fn input(directory: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("pgrx-tests").join(directory)
}

fn pass(driver: Driver, cluster: &Cluster, schema: &str, directory: &str) {
    Database::create_in(cluster, "regression", schema);
    if let Err(differences) = regress::run(driver, cluster, "regression", &input(directory), &[]) {
        panic!("{differences:#}");
    }
}

#[test]
fn regression_files_pass_in_public() {
    let cluster = fixture::server("regress");
    pass(Driver::Regress, &cluster, "public", "regress");
}

#[test]
fn regression_files_pass_in_a_schema_of_its_own() {
    let cluster = fixture::server("regress-app");
    pass(Driver::Regress, &cluster, "app", "regress");
}

#[test]
fn isolation_specs_pass() {
    let cluster = fixture::server("isolation");
    pass(Driver::Isolation, &cluster, "public", "isolation");
}

#[test]
fn the_whole_story_is_true_in_public() {
    let cluster = fixture::server("story");
    story::play(&cluster, "public", &mut Stage::quiet())
        .expect("every step has the outcome that it shall have");
}

#[test]
fn the_whole_story_is_true_in_a_schema_of_its_own() {
    let cluster = fixture::server("story-app");
    story::play(&cluster, "app", &mut Stage::quiet()).expect("every step has the outcome that it shall have");
}

#[test]
fn the_tour_of_the_readme_prints_what_the_readme_says() {
    let readme = guide::read("README.md");
    let tour = guide::section(&readme, "A tour");
    let database = Database::create(fixture::shared(), "tour");
    guide::compare(&database, "", guide::blocks(tour, "sql")[0], guide::blocks(tour, "text")[0]);
}
