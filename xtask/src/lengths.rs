//! Files and functions that have become too long to be read in one go.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use proc_macro2::Span;
use syn::visit::{self, Visit};
use syn::{Block, ImplItemFn, ItemFn, Signature};

/// Where the files are, below the root of the workspace.
const FOLDERS: [&str; 6] = ["intake", "pack", "src", "sql", "xtask", "pgrx-tests"];
/// A generated file, which nobody reads from its first line to its last.
const GENERATED: &str = "sql/teamwork.sql";

/// The lines of a file, and of a function from its signature to its closing brace.
const MAX_FILE_LINES: usize = 300;
const MAX_FUNCTION_LINES: usize = 60;

/// Fails if any Rust or SQL file of the workspace, or a function, is too long, and names all that are.
pub fn check(workspace: &Path) -> Result<()> {
    let mut long = Vec::new();
    for folder in FOLDERS {
        for file in files(&workspace.join(folder))? {
            let name = file.strip_prefix(workspace).unwrap_or(&file).display().to_string();
            if name != GENERATED {
                long.extend(too_long(&file, &name)?);
            }
        }
    }
    ensure!(long.is_empty(), "too long to be read in one go:\n{}", long.join("\n"));
    Ok(())
}

/// The Rust and SQL files below a folder.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else if path.extension().is_some_and(|ending| ending == "rs" || ending == "sql") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// What is too long in a file, in words.
fn too_long(file: &Path, name: &str) -> Result<Vec<String>> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {name}"))?;
    let lines = text.lines().count();
    let mut long = Vec::new();
    if lines > MAX_FILE_LINES {
        long.push(format!("{name} has {lines} lines, at most {MAX_FILE_LINES} are wanted"));
    }
    if name.ends_with(".rs") {
        let functions = Functions::of(&text).with_context(|| format!("cannot parse {name}"))?;
        let functions = functions.0.into_iter().filter(|(.., lines)| *lines > MAX_FUNCTION_LINES);
        long.extend(functions.map(|(function, line, lines)| {
            format!("{name}:{line}: {function} has {lines} lines, at most {MAX_FUNCTION_LINES} are wanted")
        }));
    }
    Ok(long)
}

/// The functions of a file: name, first line, and number of lines.
struct Functions(Vec<(String, usize, usize)>);

impl Functions {
    fn of(text: &str) -> syn::Result<Self> {
        let mut functions = Functions(Vec::new());
        functions.visit_file(&syn::parse_file(text)?);
        Ok(functions)
    }

    fn add(&mut self, signature: &Signature, block: &Block) {
        let line = |span: Span| span.start().line;
        let (first, last) = (line(signature.fn_token.span), line(block.brace_token.span.close()));
        self.0.push((signature.ident.to_string(), first, last - first + 1));
    }
}

impl<'ast> Visit<'ast> for Functions {
    fn visit_item_fn(&mut self, function: &'ast ItemFn) {
        self.add(&function.sig, &function.block);
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        self.add(&function.sig, &function.block);
        visit::visit_impl_item_fn(self, function);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_measured_from_signature_to_brace() {
        let text = "/// Says why.\nfn short() {}\n\nstruct S;\nimpl S {\n    fn method(\n        &self,\n    ) {\n    }\n}\n";
        let functions = Functions::of(text).expect("the file is Rust").0;
        assert_eq!(functions, [("short".to_owned(), 2, 1), ("method".to_owned(), 6, 4)]);
    }

    #[test]
    fn what_is_too_long_is_named() {
        let file = std::env::temp_dir().join(format!("lengths-{}.rs", std::process::id()));
        let body = "    let _ = 1;\n".repeat(MAX_FILE_LINES);
        fs::write(&file, format!("fn long() {{\n{body}}}\n")).expect("the file is written");
        let long = too_long(&file, "long.rs");
        fs::remove_file(&file).expect("the file is removed");
        let expected = [
            "long.rs has 302 lines, at most 300 are wanted",
            "long.rs:1: long has 302 lines, at most 60 are wanted",
        ];
        assert_eq!(long.expect("the file can be read"), expected);
    }
}
