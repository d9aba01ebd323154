//! Everything a person types (`cargo xtask demo|test|install|package`) and the private PostgreSQL beneath it.
//!
//! ```text
//! setup ─► packages (apt) ─► toolchain (cargo-pgrx, its home) ─► prefix (a copy of Debian's PostgreSQL)
//!                                                                          │
//!            place (a directory that the account can reach) ───────────────┤
//!            account (who runs servers: root may not) ─────────────────────┤
//!                                                                          ▼
//!                                            cluster ─► regress, story
//! ```
//!
//! The tests of the extension use `cluster`, `regress` and `story` through this library; the binary adds the commands.

#![deny(unsafe_code)]

pub mod account;
pub mod cluster;
pub mod extension;
pub mod packages;
pub mod place;
pub mod prefix;
pub mod process;
pub mod regress;
pub mod schema;
pub mod setup;
pub mod story;
pub mod suite;
pub mod toolchain;
