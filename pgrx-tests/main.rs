//! Behaviours, attacks, races and kills, against real servers. `cargo xtask test` installs the extension into the private
//! PostgreSQL first and then runs this; `cargo xtask test NAME` runs the tests whose names contain NAME.

mod access;
mod adopting;
mod attempts;
mod bulk;
mod checkpoints;
mod control;
mod crew;
mod databases;
mod dice;
mod drops;
mod dumps;
mod engine;
mod equality;
mod exports;
mod fixture;
mod guide;
mod housekeeping;
mod imports;
mod jobs;
mod kills;
mod matrix;
mod moves;
mod pages;
mod poison;
mod queue;
mod quotas;
mod revocation;
mod shutdown;
mod slots;
mod soak;
mod standby;
mod suites;
mod tokens;
mod triggers;
mod unpreloaded;
