//! What runs: the server's processes as the kernel lists them, for tests that kill them and cannot ask the server.

use std::fs;
use std::path::Path;

use super::Cluster;

#[derive(Clone, Debug)]
pub struct Process {
    pub pid: u32,
    /// What `ps` shows: `postgres: teamwork launcher`, or the command line of the postmaster.
    pub title: String,
}

impl Cluster {
    /// Every process of the server, also those that have outlived their postmaster: all work in the data directory.
    pub fn processes(&self) -> Vec<Process> {
        let Ok(data) = fs::canonicalize(self.data()) else { return Vec::new() };
        let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
        entries.flatten().filter_map(|entry| process_in(&data, &entry.path())).collect()
    }
}

fn process_in(data: &Path, entry: &Path) -> Option<Process> {
    let pid = entry.file_name()?.to_str()?.parse().ok()?;
    // pg_ctl's shell works elsewhere; a process that is ending has no directory any more.
    (fs::read_link(entry.join("cwd")).ok()? == data).then_some(())?;
    let command_line = fs::read(entry.join("cmdline")).ok()?;
    let title = String::from_utf8_lossy(&command_line).replace('\0', " ").trim_end().to_owned();
    Some(Process { pid, title })
}
