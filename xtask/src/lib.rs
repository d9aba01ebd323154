//! Everything a person types (`cargo xtask demo|test|install|package`) and the private PostgreSQL beneath it.
//!
//! ```text
//! setup ─► packages (apt) ─► toolchain (cargo-pgrx, its home) ─► prefix (a PostgreSQL of ours): debian (a copy)
//!                                                                          │             or cassert ─► source (a build)
//!            server (which of them) ─► place (a directory that the ────────┤
//!            account can reach: who runs servers, as root may not)         ▼
//!                                            cluster ─► regress ─► suite, story
//! ```
//!
//! The tests of the extension use `cluster`, `regress` and `story` through this library; the binary adds the commands.

#![deny(unsafe_code)]

pub mod account;
pub mod cassert;
pub mod circles;
pub mod cluster;
pub mod debian;
pub mod extension;
pub mod lengths;
pub mod packages;
pub mod place;
pub mod prefix;
pub mod process;
pub mod reference;
pub mod regress;
pub mod schema;
pub mod server;
pub mod setup;
pub mod source;
pub mod sql_files;
pub mod story;
pub mod suite;
pub mod toolchain;
pub mod workspace;
