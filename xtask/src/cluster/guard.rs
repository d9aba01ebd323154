//! Nothing is left running: a shell that waits for the end of a pipe, which comes when the cluster is dropped and when
//! its process dies in whatever way (Ctrl-C, SIGKILL, `exit` in a test), then stops the server and removes its files.
//! It holds the cluster's name while it lives, so that the next run begins after it has ended.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Stdio};

use anyhow::{Context, Result, ensure};

use crate::place::Place;
use crate::prefix::Prefix;

const WATCH: &str = r#"trap '' HUP INT TERM
exec 9> "$2.lock"
flock -w 60 9 || exit 1
echo held
read -r nothing
if [ -f "$2/data/postmaster.pid" ]; then "$1" stop --silent --wait --mode=immediate --pgdata "$2/data"; fi
rm -rf "$2"
"#;

#[derive(Debug)]
pub struct Guard(Child);

impl Guard {
    /// Waits while another process has a cluster in `dir`.
    pub fn watch(place: &Place, prefix: &Prefix, dir: &Path) -> Result<Self> {
        let mut shell = place.account().command("sh");
        shell.args(["-c", WATCH, "guard"]).arg(prefix.program("pg_ctl")).arg(dir);
        shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        // A group of its own: Ctrl-C is for us.
        let mut child = shell.process_group(0).spawn().context("cannot start the guard of a cluster")?;
        let output = child.stdout.take().context("the guard has no output")?;
        let guard = Self(child);
        let mut said = String::new();
        BufReader::new(output).read_line(&mut said)?;
        ensure!(said == "held\n", "another process keeps a cluster in {}", dir.display());
        Ok(guard)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}
