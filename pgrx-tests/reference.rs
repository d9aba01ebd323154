//! docs/reference.md says what the catalog says, with an example of everything.

use crate::fixture::{self, Database};

#[test]
fn the_reference_is_what_the_catalog_makes_it() {
    let database = Database::create(fixture::shared(), "reference");
    if let Err(difference) = xtask::reference::check(&mut database.superuser()) {
        panic!("{difference:#}");
    }
}
