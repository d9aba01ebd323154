//! PostgreSQL's own drivers over `regress/` and `isolation/`, and the whole story, each with the extension in `public` and
//! in a schema of its own.

use crate::fixture;
use std::path::Path;
use xtask::cluster::Cluster;
use xtask::regress::{self, Driver};
use xtask::story::{self, Stage};

fn input(directory: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("pgrx-tests").join(directory)
}

fn in_public(cluster: &Cluster) {
    cluster.psql("postgres", "CREATE DATABASE regression").expect("a database is created");
    cluster.psql("regression", "CREATE EXTENSION teamwork").expect("the extension is created");
}

fn in_app(cluster: &Cluster) {
    cluster.psql("postgres", "CREATE DATABASE regression").expect("a database is created");
    let sql = "CREATE SCHEMA app; ALTER DATABASE regression SET search_path = app, public; CREATE EXTENSION teamwork SCHEMA app";
    cluster.psql("regression", sql).expect("the extension is created");
}

fn pass(driver: Driver, cluster: &Cluster, directory: &str) {
    if let Err(differences) = regress::run(driver, cluster, "regression", &input(directory), &[]) {
        panic!("{differences:#}");
    }
}

#[test]
fn regression_files_pass_in_public() {
    let cluster = fixture::server("regress");
    in_public(&cluster);
    pass(Driver::Regress, &cluster, "regress");
}

#[test]
fn regression_files_pass_in_a_schema_of_its_own() {
    let cluster = fixture::server("regress-app");
    in_app(&cluster);
    pass(Driver::Regress, &cluster, "regress");
}

#[test]
fn isolation_specs_pass() {
    let cluster = fixture::server("isolation");
    in_public(&cluster);
    pass(Driver::Isolation, &cluster, "isolation");
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
