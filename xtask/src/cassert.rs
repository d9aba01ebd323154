//! PostgreSQL with its assertions, which Debian does not ship: built from Debian's source package, and laid out as Debian's own.

use std::fs;
use std::process::Command;
use std::thread;

use anyhow::{Context, Result, ensure};

use crate::place::Place;
use crate::prefix::Prefix;
use crate::server::Server;
use crate::{packages, process, source};

/// What Debian has and the tests use, no more: each library wants a package. Fast enough to be tested with, and with frames that an
/// assertion's backtrace can be read from.
const OPTIONS: [&str; 9] = [
    "--quiet",
    "--disable-rpath",
    "--enable-cassert",
    "--enable-debug",
    "--without-readline",
    "--with-icu",
    "--with-lz4",
    "--with-openssl",
    "--with-uuid=e2fs",
];
const FLAGS: &str = "CFLAGS=-O1 -g -fno-omit-frame-pointer";

/// Builds it once, and again when the system's PostgreSQL has become another.
pub fn ensure(place: &Place) -> Result<Prefix> {
    let system = Prefix::of_system();
    let options = options(&system);
    let contents = format!("{}{}\n", system.version()?, options.join(" "));
    let prefix = Prefix::ensure(place, &contents, |prefix| build(prefix, &options))?;
    add_cron(&system, &prefix)?;
    Ok(prefix)
}

/// For `configure`. Libraries go among the modules, unlike Debian's: that path is the same on every architecture.
fn options(system: &Prefix) -> Vec<String> {
    let mut options = vec!["--prefix=/usr".to_owned(), "--includedir=/usr/include/postgresql".to_owned()];
    let paths = [("bindir", system.bin()), ("libdir", system.modules()), ("datadir", system.share())];
    options.extend(paths.map(|(option, path)| format!("--{option}={}", path.display())));
    options.extend(OPTIONS.map(str::to_owned));
    options.push(FLAGS.to_owned());
    options
}

fn build(prefix: &Prefix, options: &[String]) -> Result<()> {
    let dir = Server::Cassert.dir().join("source");
    let has_spaces = dir.to_string_lossy().contains(char::is_whitespace);
    ensure!(!has_spaces, "make cannot build PostgreSQL in a path with spaces: {}", dir.display());
    packages::ensure_for_source()?;
    let tree = source::unpack(&format!("postgresql-{}", Server::Cassert.major()), &dir)?;
    println!("building PostgreSQL with assertions (once, some minutes)");
    process::read(Command::new("./configure").current_dir(&tree).args(options))?;
    let jobs = format!("-j{}", thread::available_parallelism().map_or(1, usize::from));
    for part in [".", "contrib"] {
        let make = || {
            let mut make = Command::new("make");
            make.current_dir(tree.join(part)).arg("--silent");
            make
        };
        process::read(make().arg(&jobs))?;
        process::read(make().arg("install").env("DESTDIR", prefix.root()))?;
    }
    Ok(())
}

/// The one extension of the tests that is not PostgreSQL's own. Debian's build of it loads here as well: a server asks a module for
/// its major version and its limits, and assertions are neither.
fn add_cron(system: &Prefix, prefix: &Prefix) -> Result<()> {
    for (from, to) in [
        (system.modules(), prefix.modules()),
        (system.share().join("extension"), prefix.share().join("extension")),
    ] {
        for file in fs::read_dir(&from).with_context(|| format!("cannot list {}", from.display()))? {
            let file = file?;
            if file.file_name().to_string_lossy().starts_with("pg_cron") {
                fs::copy(file.path(), to.join(file.file_name()))?;
            }
        }
    }
    Ok(())
}
