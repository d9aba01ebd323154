//! Debian's source packages, by an apt whose lists and downloads are ours: the system's are left alone, and root is not needed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process;

/// Unpacks the newest version of the package that can be had into `dir`, and returns its tree, Debian's patches applied.
pub fn unpack(package: &str, dir: &Path) -> Result<PathBuf> {
    let apt = Apt::prepare(dir)?;
    // A suite without sources is a failure here. What the others have is seen below.
    let updated = apt.run("apt-get", &["update", "-q"]);
    let known = apt.run("apt-cache", &["showsrc", "--only-source", package]).unwrap_or_default();
    let versions = newest_first(&known);
    let Some(newest) = versions.first() else {
        updated?;
        bail!("none of the machine's package sources has the source of {package}")
    };
    let mut refusals = Vec::new();
    for version in &versions {
        // A mirror may know of a version and not have its files.
        match apt.run("apt-get", &["source", "-q", &format!("{package}={version}")]) {
            Ok(_) if version == newest => return apt.tree(package),
            Ok(_) => {
                println!("the files of {package} {newest} are not to be had: taking {version}");
                return apt.tree(package);
            }
            Err(error) => refusals.push(format!("{error:#}")),
        }
    }
    bail!("no version of the source of {package} can be had:\n{}", refusals.join("\n"))
}

struct Apt {
    dir: PathBuf,
}

impl Apt {
    /// An empty directory but for the sources that the machine's packages come from.
    fn prepare(dir: &Path) -> Result<Self> {
        if dir.exists() {
            fs::remove_dir_all(dir).with_context(|| format!("cannot clear {}", dir.display()))?;
        }
        for part in ["sources.list.d", "lists/partial", "cache/archives/partial"] {
            fs::create_dir_all(dir.join(part))?;
        }
        let apt = Self { dir: dir.to_owned() };
        apt.copy_sources()?;
        Ok(apt)
    }

    fn copy_sources(&self) -> Result<()> {
        let more = fs::read_dir("/etc/apt/sources.list.d").into_iter().flatten().flatten();
        let files = more.map(|entry| entry.path()).chain(["/etc/apt/sources.list".into()]);
        for path in files {
            let Ok(text) = fs::read_to_string(&path) else { continue };
            let sources = match path.extension().and_then(|extension| extension.to_str()) {
                Some("list") => one_line_sources(&text),
                Some("sources") => deb822_sources(&text),
                _ => continue,
            };
            let name = path.file_name().context("a file has a name")?;
            fs::write(self.dir.join("sources.list.d").join(name), sources)?;
        }
        Ok(())
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Result<String> {
        let mut command = Command::new(program);
        command.current_dir(&self.dir).args(["-o", "Dir::Etc::SourceList=/dev/null"]);
        for (option, part) in
            [("Etc::SourceParts", "sources.list.d"), ("State::Lists", "lists"), ("Cache", "cache")]
        {
            command.arg("-o").arg(format!("Dir::{option}={}", self.dir.join(part).display()));
        }
        process::read(command.args(arguments))
    }

    /// Where the source was unpacked.
    fn tree(&self, package: &str) -> Result<PathBuf> {
        let entries = fs::read_dir(&self.dir)?.flatten().map(|entry| entry.path());
        let is_tree = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            path.is_dir() && name.starts_with(&format!("{package}-"))
        };
        entries.into_iter().find(is_tree).with_context(|| format!("apt-get has unpacked no {package}"))
    }
}

/// Debian's own lines of a `sources.list`, as sources of sources.
fn one_line_sources(text: &str) -> String {
    let ours =
        text.lines().filter_map(|line| line.trim().strip_prefix("deb ")).filter(|rest| is_debian(rest));
    ours.map(|rest| format!("deb-src {rest}\n")).collect()
}

/// Debian's own stanzas of a file in the newer format, as sources of sources.
fn deb822_sources(text: &str) -> String {
    let bare: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    let bare = bare.join("\n");
    let ours = bare.split("\n\n").filter(|stanza| is_debian(stanza));
    let as_source = |line: &str| {
        if line.starts_with("Types:") { "Types: deb-src\n".to_owned() } else { format!("{line}\n") }
    };
    ours.map(|stanza| stanza.lines().map(as_source).collect::<String>() + "\n").collect()
}

/// Whether this names an archive of Debian's (`…/debian`, `…/debian-security`, a list of mirrors `…/debian.list`) and its component.
/// Others that end so have components of their own.
fn is_debian(source: &str) -> bool {
    let is_archive = |word: &str| {
        word.contains(":/") && word.split('/').any(|part| part.starts_with("debian") && !part.contains(':'))
    };
    source.split_whitespace().any(is_archive) && source.split_whitespace().any(|word| word == "main")
}

/// The versions in what `apt-cache showsrc` prints.
fn newest_first(showsrc: &str) -> Vec<&str> {
    let mut versions: Vec<&str> = showsrc.lines().filter_map(|line| line.strip_prefix("Version: ")).collect();
    versions.sort_by_key(|version| std::cmp::Reverse(numbers(version)));
    versions.dedup();
    versions
}

/// The numbers in a version, which order it among others of its package: `15.18-0+deb12u1` is 15, 18, 0, 12, 1.
fn numbers(version: &str) -> Vec<u64> {
    version.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_comes_first() {
        let said = "Package: a\nVersion: 15.9-0+deb12u1\n\nVersion: 15.20-0+deb12u1\nVersion: 15.20-0+deb12u1\nVersion: 15.18-1\n";
        assert_eq!(newest_first(said), ["15.20-0+deb12u1", "15.18-1", "15.9-0+deb12u1"]);
    }

    #[test]
    fn lines_become_sources_of_sources_where_they_are_debians() {
        let list = "# deb http://deb.example/debian bookworm main\n\
            deb [signed-by=/k.gpg] http://deb.example/debian/ bookworm main contrib\n\
            deb http://deb.example/node_20.x nodistro main\n\
            deb http://deb.example/linux/debian bookworm stable\n";
        assert_eq!(
            one_line_sources(list),
            "deb-src [signed-by=/k.gpg] http://deb.example/debian/ bookworm main contrib\n"
        );
    }

    #[test]
    fn stanzas_become_sources_of_sources_where_they_are_debians() {
        let text = "Types: deb\n# http://old.example/debian\nURIs: http://deb.example/debian-security\nSuites: s\nComponents: main\n\n\
            Types: deb\n# http://old.example/debian\nURIs: http://deb.example/node\nSuites: s\nComponents: main\n";
        let expected =
            "Types: deb-src\nURIs: http://deb.example/debian-security\nSuites: s\nComponents: main\n\n";
        assert_eq!(deb822_sources(text), expected);
    }
}
