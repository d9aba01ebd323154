//! Behaviours, attacks, races and kills, against real servers. `cargo xtask test` installs the extension into the private
//! PostgreSQL first and then runs this; `cargo xtask test NAME` runs the tests whose names contain NAME.

mod access;
mod adopting;
mod drops;
mod dumps;
mod engine;
mod fixture;
mod guide;
mod imports;
mod matrix;
mod moves;
mod quotas;
mod revocation;
mod suites;
mod tokens;
mod unpreloaded;
