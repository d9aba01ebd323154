//! `.xlsx` workbooks, made by a library.

#[path = "../support/mod.rs"]
mod support;

mod cells;
mod layout;
mod limits;
mod made;
