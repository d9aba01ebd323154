//! The Debian packages that a build needs. What is missing is found by looking for files, so that a machine which has
//! them is asked nothing, and one without root or network still works if somebody else has installed them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::account::own_uid;
use crate::process;

const SERVER: &str = "/usr/lib/postgresql/15/bin/postgres";
const HEADERS: &str = "/usr/include/postgresql/15/server";
/// A file of each package. `postgresql-server-dev-15` brings clang's own headers, which bindgen needs as well.
const FILES: [(&str, &str); 6] = [
    (SERVER, "postgresql-15"),
    ("/usr/include/postgresql/15/server/postgres.h", "postgresql-server-dev-15"),
    ("/usr/bin/cc", "gcc"),
    ("/usr/include/stdio.h", "libc6-dev"),
    ("/usr/sbin/runuser", "util-linux"),
    ("/usr/bin/diff", "diffutils"),
];
/// What building PostgreSQL from its source wants as well. `dpkg-dev` brings make, patch and the programs that unpack.
const SOURCE_FILES: [(&str, &str); 7] = [
    ("/usr/bin/dpkg-source", "dpkg-dev"),
    ("/usr/bin/pkg-config", "pkg-config"),
    ("/usr/include/zlib.h", "zlib1g-dev"),
    ("/usr/include/unicode/ucol.h", "libicu-dev"),
    ("/usr/include/lz4.h", "liblz4-dev"),
    ("/usr/include/openssl/ssl.h", "libssl-dev"),
    ("/usr/include/uuid/uuid.h", "uuid-dev"),
];
/// What tests drive the server with. The packages are files only: pg_cron makes and starts no cluster, for the server is there.
const TEST_FILES: [(&str, &str); 4] = [
    ("/usr/share/postgresql/15/extension/pg_cron.control", "postgresql-15-cron"),
    ("/usr/lib/python3/dist-packages/psycopg2/__init__.py", "python3-psycopg2"),
    ("/usr/lib/python3/dist-packages/sqlalchemy/__init__.py", "python3-sqlalchemy"),
    ("/usr/lib/python3/dist-packages/django/__init__.py", "python3-django"),
];
/// Keeps `postgresql-15` from making and starting a cluster that nobody has asked for. It exists while apt runs.
const NO_CLUSTER: &str = "/etc/postgresql-common/createcluster.d/teamwork-xtask.conf";

pub fn ensure() -> Result<()> {
    let wanted = missing()?;
    if wanted.is_empty() {
        return Ok(());
    }
    println!("installing {}", wanted.join(" "));
    let fresh = !Path::new(SERVER).exists();
    if fresh {
        as_root(&format!(
            "mkdir -p $(dirname {NO_CLUSTER}) && echo 'create_main_cluster = false' > {NO_CLUSTER}"
        ))?;
    }
    let installed = install(&wanted);
    if fresh {
        as_root(&format!("rm -f {NO_CLUSTER}"))?;
    }
    installed?;
    let missing = missing()?;
    ensure!(missing.is_empty(), "still missing after apt-get: {}", missing.join(" "));
    Ok(())
}

pub fn ensure_for_tests() -> Result<()> {
    ensure_files(&TEST_FILES)
}

pub fn ensure_for_source() -> Result<()> {
    ensure_files(&SOURCE_FILES)
}

fn ensure_files(files: &[(&str, &'static str)]) -> Result<()> {
    let wanted = without_file(files);
    if !wanted.is_empty() {
        println!("installing {}", wanted.join(" "));
        install(&wanted)?;
        let missing = without_file(files);
        ensure!(missing.is_empty(), "still missing after apt-get: {}", missing.join(" "));
    }
    Ok(())
}

/// npm, wherever it comes from; a measurement asks for it, no build does. It brings the Node.js that it runs in.
pub fn ensure_npm() -> Result<()> {
    let is_there = || {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path).any(|dir| dir.join("npm").exists())
    };
    if !is_there() {
        println!("installing npm");
        install(&["npm"])?;
        ensure!(is_there(), "still no npm after apt-get");
    }
    Ok(())
}

fn missing() -> Result<Vec<&'static str>> {
    let mut missing = without_file(&FILES);
    if !has_libclang() {
        missing.push("libclang1-14");
    }
    if missing.iter().any(|package| package.starts_with("postgresql")) || !same_minor()? {
        // Together or not at all: an extension built against other headers than its server's does not load.
        missing.retain(|package| !package.starts_with("postgresql"));
        missing.extend(["postgresql-15", "postgresql-client-15", "postgresql-server-dev-15"]);
    }
    Ok(missing)
}

fn without_file(files: &[(&str, &'static str)]) -> Vec<&'static str> {
    files.iter().filter(|(file, _)| !Path::new(file).exists()).map(|&(_, package)| package).collect()
}

fn same_minor() -> Result<bool> {
    let server = process::read(Command::new(SERVER).arg("--version"))?;
    let headers = fs::read_to_string(Path::new(HEADERS).join("pg_config.h"))?;
    let version = quoted_version(&headers).context("no PG_VERSION in pg_config.h")?;
    Ok(server.trim_end().ends_with(version))
}

fn quoted_version(header: &str) -> Option<&str> {
    header
        .lines()
        .find_map(|line| line.strip_prefix("#define PG_VERSION "))
        .map(|value| value.trim_matches('"'))
}

/// bindgen loads libclang at run time and looks in these directories for these names.
fn has_libclang() -> bool {
    if std::env::var_os("LIBCLANG_PATH").is_some() {
        return true;
    }
    let llvm = list("/usr/lib")
        .into_iter()
        .filter(|path| name(path).starts_with("llvm-"))
        .map(|path| path.join("lib"));
    let multiarch = list("/usr/lib").into_iter().filter(|path| name(path).ends_with("-linux-gnu"));
    llvm.chain(multiarch)
        .flat_map(list)
        .any(|file| name(&file).starts_with("libclang-1") || name(&file).starts_with("libclang.so"))
}

fn list(dir: impl AsRef<Path>) -> Vec<PathBuf> {
    fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}

fn name(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

fn install(packages: &[&str]) -> Result<()> {
    as_root("apt-get update -q")?;
    as_root(&format!(
        "DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends {}",
        packages.join(" ")
    ))
}

/// Runs a script of the shell.
pub fn as_root(script: &str) -> Result<()> {
    let mut command = if own_uid()? == 0 {
        Command::new("sh")
    } else if Path::new("/usr/bin/sudo").exists() {
        let mut sudo = Command::new("sudo");
        sudo.arg("sh");
        sudo
    } else {
        bail!("root is needed, and there is no sudo, to run: {script}")
    };
    // apt has much to say; only a failure is worth reading.
    process::read(command.args(["-c", script]).stdin(Stdio::inherit())).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_the_headers_is_read_from_pg_config_h() {
        let header = "#define PG_MAJORVERSION \"15\"\n#define PG_VERSION \"15.20 (Debian 15.20-0)\"\n";
        assert_eq!(quoted_version(header), Some("15.20 (Debian 15.20-0)"));
    }
}
