//! cargo-pgrx of one version, in a home of its own, and cargo started so that every build agrees with every other:
//! pgrx's bindings are made again whenever the variables or the file that name `pg_config` change.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::prefix::Prefix;
use crate::process;
use crate::server::{self, Server};
use crate::workspace::workspace;

const VERSION: &str = "0.18.1";

fn tools() -> PathBuf {
    workspace().join("target/tools")
}

fn home() -> PathBuf {
    Server::current().dir().join("pgrx-home")
}

/// Builds cargo-pgrx where it is not there. Without its default features it needs no OpenSSL (it downloads nothing
/// here), and unoptimised it is built in 110 s rather than 260 s on two cores; it does no work that takes long.
pub fn ensure_cargo_pgrx() -> Result<()> {
    let listed = fs::read_to_string(tools().join(".crates.toml")).unwrap_or_default();
    if listed.contains(&format!("\"cargo-pgrx {VERSION} ")) && tools().join("bin/cargo-pgrx").exists() {
        return Ok(());
    }
    println!("building cargo-pgrx {VERSION} (once, some minutes)");
    let mut install = plain_cargo();
    install.args([
        "install",
        "cargo-pgrx",
        "--quiet",
        "--locked",
        "--debug",
        "--no-default-features",
        "--force",
    ]);
    install.arg(format!("--version=={VERSION}")).arg("--root").arg(tools());
    // The temporary target directory is cargo's: ours may be shared with builds of other settings.
    install.env("CARGO_PROFILE_DEV_DEBUG", "0").env_remove("CARGO_TARGET_DIR");
    process::show(&mut install)
}

/// The extension's feature for the server's major version, by which pgrx calls that version as well.
pub fn feature() -> String {
    format!("pg{}", Server::current().major())
}

/// Names the private `pg_config` for pgrx; what `cargo pgrx init` would do, without its look at the server.
pub fn ensure_home(prefix: &Prefix) -> Result<()> {
    let config = format!("[configs]\n{} = {:?}\n", feature(), prefix.pg_config());
    let path = home().join("config.toml");
    // Its time of change matters: pgrx-pg-sys is built anew after it.
    if fs::read_to_string(&path).is_ok_and(|text| text == config) {
        return Ok(());
    }
    fs::create_dir_all(home())?;
    fs::write(&path, config).with_context(|| format!("cannot write {}", path.display()))
}

/// cargo in the workspace, with cargo-pgrx and its home.
pub fn cargo() -> Command {
    let mut cargo = plain_cargo();
    let old_path = env::var_os("PATH").unwrap_or_default();
    if let Ok(path) = env::join_paths([tools().join("bin")].into_iter().chain(env::split_paths(&old_path))) {
        cargo.env("PATH", path);
    }
    let server = Server::current();
    cargo.env(server::VARIABLE, server.name()).env("PGRX_HOME", home());
    if server != Server::Debian {
        cargo.env("CARGO_TARGET_DIR", server.dir());
    }
    cargo.env_remove("PGRX_PG_CONFIG_PATH").env_remove("PGRX_PG_CONFIG_AS_ENV");
    cargo
}

/// Without what `cargo run` has told us about our own package: build scripts that track such variables would see them
/// change from one way of starting cargo to the next.
fn plain_cargo() -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(workspace()).env("RUST_BACKTRACE", "0");
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") || text == "LD_LIBRARY_PATH"
        {
            cargo.env_remove(&name);
        }
    }
    cargo
}

#[derive(Clone, Copy, PartialEq)]
pub enum Profile {
    Dev,
    Release,
}

/// Builds the extension and installs it into the private PostgreSQL.
pub fn install_into(prefix: &Prefix, profile: Profile) -> Result<()> {
    let mut install = cargo();
    install.args(["pgrx", "install", "--pg-config"]).arg(prefix.pg_config());
    if profile == Profile::Release {
        install.arg("--release");
    }
    process::show(&mut install)?;
    prefix.open_up()
}
