//! A `sudo` for root. `cargo pgrx test --runas` calls `sudo`, which a bare Debian does not have; root needs none of its
//! rules, only the change of user that `runuser` does.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::Result;

/// What cargo-pgrx and pgrx-tests 0.18.1 ask for, and nothing else: `sudo -u USER [NAME=value...] COMMAND...` and
/// `sudo COMMAND...`. The directory changes because `postgres` may not be able to return to ours, and its programs
/// insist on that; all paths that pgrx passes are absolute.
const SUDO: &str = r#"#!/bin/sh
# Written by `cargo xtask`: the part of sudo that cargo-pgrx needs, for root.
set -eu
umask 022
user=root
while [ $# -gt 0 ]; do
    case "$1" in
    -u) user=$2; shift 2 ;;
    -*) echo "sudo (xtask): option $1 is not supported" >&2; exit 64 ;;
    *) break ;;
    esac
done
if [ "$user" = root ]; then exec env "$@"; fi
cd /
exec /usr/sbin/runuser -u "$user" -- env -u RUST_BACKTRACE "$@"
"#;

/// Writes `sudo` into `dir`, where it is not there yet.
pub fn ensure(dir: &Path) -> Result<()> {
    let path = dir.join("sudo");
    if fs::read_to_string(&path).is_ok_and(|text| text == SUDO) {
        return Ok(());
    }
    fs::create_dir_all(dir)?;
    fs::write(&path, SUDO)?;
    Ok(fs::set_permissions(&path, Permissions::from_mode(0o755))?)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::process::Command;

    use super::*;
    use crate::account::Account;
    use crate::process;

    fn sudo(name: &str) -> PathBuf {
        let dir = std::env::temp_dir().join(format!("xtask-sudo-{name}-{}", std::process::id()));
        ensure(&dir).unwrap();
        dir.join("sudo")
    }

    #[test]
    fn runs_a_plain_command_with_its_assignments() {
        let said = process::read(Command::new(sudo("plain")).args(["A=b c", "sh", "-c", "echo $A"]));
        assert_eq!(said.unwrap(), "b c\n");
    }

    #[test]
    fn becomes_the_user_and_drops_the_backtrace() {
        if !Account::current().unwrap().switches() {
            return; // only root gets the shim
        }
        let mut command = Command::new(sudo("user"));
        command.args([
            "-u",
            "postgres",
            "CARGO_X=1",
            "sh",
            "-c",
            "id -un; pwd; echo $CARGO_X ${RUST_BACKTRACE-none}",
        ]);
        assert_eq!(process::read(command.env("RUST_BACKTRACE", "1")).unwrap(), "postgres\n/\n1 none\n");
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        assert!(process::read(Command::new(sudo("strict")).args(["-E", "true"])).is_err());
    }
}
