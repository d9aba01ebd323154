//! A private server: made from a template in a moment, gone when the value is dropped or the process dies.

mod checked;
mod guard;
mod processes;
mod small_disk;
mod standby;
mod template;

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use postgres::{Client, Config, NoTls};

use crate::place::Place;
use crate::prefix::Prefix;
use crate::process;
pub use checked::{Checked, HARMLESS};
use guard::Guard;
pub use processes::Process;
pub use small_disk::SmallDisk;
use template::Template;

/// Names the socket only: each cluster has its own directory for it.
pub const PORT: u16 = 5432;
const LONGEST_NAME: usize = 16;

#[derive(Clone, Copy, Debug)]
pub enum StopMode {
    Smart,
    Fast,
    Immediate,
}

impl StopMode {
    fn word(self) -> &'static str {
        match self {
            Self::Smart => "smart",
            Self::Fast => "fast",
            Self::Immediate => "immediate",
        }
    }
}

#[derive(Debug)]
pub struct Cluster {
    dir: PathBuf,
    place: Place,
    prefix: Prefix,
    _guard: Guard,
}

impl Cluster {
    /// A new server with `settings` in its configuration, superuser `postgres`, reached through a socket only. What a
    /// killed run has left under the same name is stopped and removed first.
    pub fn start(name: &str, settings: &[(&str, &str)]) -> Result<Self> {
        Self::start_from(Template::Plain, name, settings)
    }

    fn start_from(template: Template, name: &str, settings: &[(&str, &str)]) -> Result<Self> {
        let cluster = Self::prepare(name)?;
        template.copy(&cluster.place, &cluster.prefix, &cluster.dir)?;
        cluster.configure(settings)?;
        cluster.start_again()?;
        Ok(cluster)
    }

    /// A cluster that has a name and no directory yet.
    fn prepare(name: &str) -> Result<Self> {
        let short = name.len() <= LONGEST_NAME && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        ensure!(short && name != template::NAME, "not the name of a cluster: {name:?}");
        let place = Place::find()?;
        let prefix = Prefix::find(&place)?;
        let dir = place.dir().join("c").join(name);
        let guard = Guard::watch(&place, &prefix, &dir)?;
        discard(&place, &prefix, &dir)?;
        Ok(Self { dir, place, prefix, _guard: guard })
    }

    fn configure(&self, settings: &[(&str, &str)]) -> Result<()> {
        let mut file = OpenOptions::new().append(true).open(self.data().join("postgresql.conf"))?;
        let dir = self.dir.display().to_string();
        let own = [
            ("listen_addresses", ""),
            ("unix_socket_directories", &dir),
            ("port", &PORT.to_string()),
            // A test's data need not outlive the machine; it does outlive every crash of the server. A measurement of commits
            // sets it on: of two lines that set the same, the later one counts.
            ("fsync", "off"),
            ("log_line_prefix", "%m [%p] %b %d %e "),
        ];
        for (name, value) in own.iter().chain(settings) {
            writeln!(file, "{name} = '{}'", value.replace('\\', "\\\\").replace('\'', "''"))?;
        }
        Ok(())
    }

    fn pg_ctl(&self, verb: &str) -> Command {
        let mut pg_ctl = self.server_program("pg_ctl");
        pg_ctl.args([verb, "--wait", "--silent", "--pgdata"]).arg(self.data()).stdin(Stdio::null());
        pg_ctl
    }

    /// Starts the server after `stop`.
    pub fn start_again(&self) -> Result<()> {
        self.start_with("")
    }

    /// The same, with options for the postmaster.
    pub fn start_with(&self, options: &str) -> Result<()> {
        process::read(self.pg_ctl("start").arg("--log").arg(self.log_file()).args(["--options", options]))
            .map(drop)
            .with_context(|| format!("the server did not start:\n{}", self.log_tail(30)))
    }

    pub fn stop(&self, mode: StopMode) -> Result<()> {
        process::read(self.pg_ctl("stop").args(["--mode", mode.word()])).map(drop)
    }

    pub fn restart(&self) -> Result<()> {
        self.stop(StopMode::Fast)?;
        self.start_again()
    }

    pub fn data(&self) -> PathBuf {
        self.dir.join("data")
    }

    /// The directory of the socket: `PGHOST`.
    pub fn socket_dir(&self) -> &Path {
        &self.dir
    }

    pub fn place(&self) -> &Place {
        &self.place
    }

    pub fn prefix(&self) -> &Prefix {
        &self.prefix
    }

    pub fn log_file(&self) -> PathBuf {
        self.dir.join("log")
    }

    /// All that the server has said.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(self.log_file()).unwrap_or_default()).into_owned()
    }

    /// The last lines of the server's log.
    pub fn log_tail(&self, lines: usize) -> String {
        let text = self.log();
        let all: Vec<&str> = text.lines().collect();
        all[all.len().saturating_sub(lines)..].join("\n")
    }

    pub fn postmaster_pid(&self) -> Result<u32> {
        postmaster_pid(&self.data()).context("no server is running")
    }

    pub fn connect(&self, dbname: &str, user: &str) -> Result<Client> {
        let mut config = Config::new();
        config.host_path(&self.dir).port(PORT).dbname(dbname).user(user);
        config.connect(NoTls).with_context(|| format!("cannot connect to {dbname} as {user}"))
    }

    /// Connects as soon as the server accepts, as after a crash.
    pub fn connect_within(&self, dbname: &str, user: &str, timeout: Duration) -> Result<Client> {
        let deadline = Instant::now() + timeout;
        loop {
            match self.connect(dbname, user) {
                Err(_) if Instant::now() < deadline => thread::sleep(Duration::from_millis(20)),
                outcome => return outcome,
            }
        }
    }

    pub fn connection_string(&self, dbname: &str, user: &str) -> String {
        format!("host='{}' port={PORT} dbname={dbname} user={user}", self.dir.display())
    }

    /// A program of PostgreSQL's that works on the data directory, as the account that owns it.
    fn server_program(&self, name: &str) -> Command {
        self.place.account().command(self.prefix.program(name))
    }

    /// Runs a program of PostgreSQL's (`psql`, `pg_dump`, ...) against this server, as the account that owns it.
    pub fn client_program(&self, name: &str) -> Command {
        let mut command = self.server_program(name);
        command.env("PGHOST", &self.dir).env("PGPORT", PORT.to_string()).env("PGUSER", "postgres");
        command
    }

    /// What psql prints for `sql` as superuser, unaligned and without headings; an error stops it.
    pub fn psql(&self, dbname: &str, sql: &str) -> Result<String> {
        let mut psql = self.client_program("psql");
        psql.args(["-XqAt", "-v", "ON_ERROR_STOP=1", "-d", dbname, "-f", "-"]);
        let mut child = psql.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let mut input = child.stdin.take().context("psql has no input")?;
        let sql = sql.to_owned();
        // Apart, as psql may print more than a pipe holds before it has read everything.
        let writer = thread::spawn(move || input.write_all(sql.as_bytes()));
        let output = child.wait_with_output()?;
        let written = writer.join();
        if !output.status.success() {
            bail!("psql: {}", String::from_utf8_lossy(&output.stderr));
        }
        written.ok().context("psql stopped reading")??;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Sends `signal` (a name, such as `KILL`) to a process of the server.
    pub fn signal(&self, signal: &str, pid: u32) -> Result<()> {
        // The shell's own kill: a bare system has no other.
        let mut shell = self.place.account().command("sh");
        process::read(shell.arg("-c").arg(format!("kill -{signal} {pid}"))).map(drop)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // The guard stops the server and removes its directory; the log of a failed test would go with it.
        if thread::panicking() {
            eprintln!("the end of {}:\n{}", self.log_file().display(), self.log_tail(40));
        }
    }
}

/// Stops the server in `dir`, if one runs, and removes the directory.
pub fn discard(place: &Place, prefix: &Prefix, dir: &Path) -> Result<()> {
    if !dir.exists() {
        return Ok(());
    }
    for data in [dir.join("data"), dir.to_owned()] {
        if postmaster_pid(&data).is_some() {
            let mut stop = place.account().command(prefix.program("pg_ctl"));
            process::read(stop.args(["stop", "--wait", "--mode=immediate", "--pgdata"]).arg(&data))?;
        }
    }
    process::read(place.account().command("rm").arg("-rf").arg(dir)).map(drop)
}

/// The server of this data directory: the pid file may be old and its number another process's by now, but only a
/// server works in its own data directory.
fn postmaster_pid(data: &Path) -> Option<u32> {
    let pid: u32 =
        fs::read_to_string(data.join("postmaster.pid")).ok()?.lines().next()?.trim().parse().ok()?;
    let works_in = fs::read_link(format!("/proc/{pid}/cwd")).ok()?;
    (works_in == fs::canonicalize(data).ok()?).then_some(pid)
}
