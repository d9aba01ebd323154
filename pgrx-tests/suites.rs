//! PostgreSQL's own drivers over `regress/` and `isolation/`, and the whole story, each with the extension in `public` and
//! in a schema of its own.

use crate::fixture;
use xtask::story::{self, Stage};
use xtask::suite::{ISOLATION, REGRESS, REGRESS_IN_APP, Suite};

fn pass(suite: Suite) {
    if let Err(differences) = suite.run_all() {
        panic!("{differences:#}");
    }
}

#[test]
fn regression_files_pass_in_public() {
    pass(REGRESS);
}

#[test]
fn regression_files_pass_in_a_schema_of_its_own() {
    pass(REGRESS_IN_APP);
}

#[test]
fn isolation_specs_pass() {
    pass(ISOLATION);
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
