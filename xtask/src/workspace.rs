//! Where the workspace is.

use std::env;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The root of the workspace. Cargo tells every program it runs where its package is; what was compiled in would be
/// wrong in a checkout that has been moved together with its `target`, which cargo does not build again.
pub fn workspace() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        let package = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let package = PathBuf::from(package);
        let root = package.ancestors().find(|dir| dir.join("teamwork.control").exists());
        root.unwrap_or(&package).to_owned()
    })
}
