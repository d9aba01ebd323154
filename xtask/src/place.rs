//! Where a private PostgreSQL lives: `pg` in its server's directory, or a short and public path where that one cannot be used.
//!
//! ```text
//! <place>/usr      the installation, laid out as Debian's (prefix)
//! <place>/c/NAME   one directory per cluster              (cluster; the account's)
//! <place>/r/NAME   input and output of pg_regress         (regress; the account's)
//! ```

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::account::{Account, own_uid};
use crate::server::Server;

/// A socket's path ends at 107 bytes; `/c/NAME/.s.PGSQL.5432` needs up to 34 of them.
const LONGEST: usize = 60;

#[derive(Clone, Debug)]
pub struct Place {
    dir: PathBuf,
    account: Account,
    detour: Option<String>,
}

impl Place {
    /// The place of this workspace. The same answer in every process, so that nothing needs to be handed over.
    pub fn find() -> Result<Self> {
        Self::choose(&Server::current().dir(), Account::current()?)
    }

    /// The place that belongs to a directory.
    pub fn choose(owner: &Path, account: Account) -> Result<Self> {
        let near = owner.join("pg");
        let detour = obstacle(&near, &account)?;
        let dir = if detour.is_some() { public_path(owner)? } else { near };
        for part in ["c", "r"] {
            account.own(&dir.join(part))?;
        }
        Ok(Self { dir, account, detour })
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    pub fn account(&self) -> &Account {
        &self.account
    }

    /// Why this is not in the server's directory, for people who look there.
    pub fn detour(&self) -> Option<&str> {
        self.detour.as_deref()
    }
}

fn obstacle(near: &Path, account: &Account) -> Result<Option<String>> {
    if near.as_os_str().len() > LONGEST {
        return Ok(Some(format!("the path {} is too long for a socket", near.display())));
    }
    make_public(near)?;
    let reached = account.can_read(near);
    Ok((!reached).then(|| format!("account {} cannot enter {}", account.name(), near.display())))
}

/// Named after the directory and its user, so that two checkouts, or two users of one, never share a server.
fn public_path(owner: &Path) -> Result<PathBuf> {
    let uid = own_uid()?;
    let hash = fnv1a(format!("{}\0{uid}", owner.display()).as_bytes());
    let dir = PathBuf::from(format!("/var/tmp/teamwork-{hash:08x}"));
    if !dir.exists() {
        make_public(&dir)?;
    }
    // Anybody can write to /var/tmp: what somebody else has put there is not ours to run.
    let found = fs::symlink_metadata(&dir)?;
    ensure!(found.is_dir() && found.uid() == uid, "{} belongs to somebody else", dir.display());
    Ok(dir)
}

fn make_public(dir: &Path) -> Result<()> {
    fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
    Ok(fs::set_permissions(dir, Permissions::from_mode(0o755))?)
}

/// 32 bits that stay the same from one Rust to the next, which std's hasher does not promise.
fn fnv1a(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Scratch(PathBuf);

    impl Scratch {
        fn new(name: &str, mode: u32) -> Self {
            let dir = std::env::temp_dir().join(format!("xtask-{name}-{}", std::process::id()));
            fs::create_dir_all(&dir).unwrap();
            fs::set_permissions(&dir, Permissions::from_mode(mode)).unwrap();
            Self(dir)
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_checkout_that_the_account_can_enter_keeps_its_servers_under_target() {
        let checkout = Scratch::new("open", 0o755);
        let place = Place::choose(&checkout.0, Account::current().unwrap()).unwrap();
        assert_eq!(place.dir(), checkout.0.join("pg"));
        assert_eq!(place.detour(), None);
    }

    #[test]
    fn a_private_checkout_keeps_its_servers_only_if_their_account_can_enter() {
        let account = Account::current().unwrap();
        let is_another = account.switches();
        let checkout = Scratch::new("private", 0o700);
        let place = Place::choose(&checkout.0, account).unwrap();
        assert_eq!(place.dir().starts_with("/var/tmp"), is_another, "{place:?}");
        assert_eq!(
            place.detour().is_some_and(|reason| reason.contains("cannot enter")),
            is_another,
            "{place:?}"
        );
        fs::remove_dir_all(place.dir()).unwrap();
    }

    #[test]
    fn a_deep_checkout_leaves_room_for_the_socket() {
        let scratch = Scratch::new("deep", 0o755);
        let checkout = scratch.0.join("a-directory-with-a-rather-long-name/and-another-one");
        let place = Place::choose(&checkout, Account::current().unwrap()).unwrap();
        assert!(place.detour().unwrap().contains("too long"), "{place:?}");
        assert!(place.dir().join("c/sixteen-letters-/.s.PGSQL.5432").as_os_str().len() < 107);
        fs::remove_dir_all(place.dir()).unwrap();
    }
}
