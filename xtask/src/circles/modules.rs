//! The modules of a crate: their files, the names in them, and the paths that they use.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use syn::{Item, ItemMod, ItemUse, Visibility};

use super::paths::{self, GLOB, ModulePath};

/// Which files each file uses.
pub(super) type Graph = BTreeMap<PathBuf, BTreeSet<PathBuf>>;

/// Names that import each other are followed so far.
const MAX_IMPORTS: usize = 32;

/// What a name in a module stands for.
enum Name {
    /// Something that the module's file defines.
    Item,
    /// What that path leads to.
    Import(ModulePath),
}

struct Module {
    file: PathBuf,
    children: HashSet<String>,
    names: HashMap<String, Name>,
    globs: Vec<ModulePath>,
    uses: Vec<ModulePath>,
}

/// What a path leads to.
enum Target {
    Module(ModulePath),
    File(PathBuf),
}

/// The modules of a crate by their paths, of which the root's is empty.
pub(super) struct Modules {
    /// The folder of the crate's sources.
    folder: PathBuf,
    modules: BTreeMap<ModulePath, Module>,
}

impl Modules {
    pub(super) fn of_crate(folder: &Path) -> Result<Self> {
        let mut modules = Modules { folder: folder.to_owned(), modules: BTreeMap::new() };
        modules.read(Vec::new(), Path::new("lib.rs"), Path::new(""))?;
        Ok(modules)
    }

    /// Which files use which.
    pub(super) fn graph(&self) -> Graph {
        let mut graph = Graph::new();
        for (path, module) in &self.modules {
            let targets = module.uses.iter().filter_map(|used| self.resolve(path, used, MAX_IMPORTS));
            let files = targets.filter_map(|target| match target {
                Target::File(file) if file != module.file => Some(file),
                _ => None,
            });
            graph.entry(module.file.clone()).or_default().extend(files);
        }
        graph
    }

    /// Reads a file; its child modules are below `children`.
    fn read(&mut self, path: ModulePath, file: &Path, children: &Path) -> Result<()> {
        let text = fs::read_to_string(self.folder.join(file))
            .with_context(|| format!("cannot read {}", file.display()))?;
        let parsed = syn::parse_file(&text).with_context(|| format!("cannot parse {}", file.display()))?;
        self.add(path, file, children, &parsed.items)
    }

    fn add(&mut self, path: ModulePath, file: &Path, children: &Path, items: &[Item]) -> Result<()> {
        let mut module = Module::new(file);
        for item in items.iter().filter(|item| !paths::is_test(item)) {
            match item {
                Item::Mod(child) => {
                    module.children.insert(child.ident.to_string());
                    self.add_child(&path, child, file, children)?;
                }
                Item::Use(import) => module.import(import),
                item => {
                    module.names.extend(paths::defined(item).into_iter().map(|name| (name, Name::Item)));
                    module.uses.extend(paths::used(item));
                }
            }
        }
        self.modules.insert(path, module);
        Ok(())
    }

    fn add_child(&mut self, parent: &[String], child: &ItemMod, file: &Path, children: &Path) -> Result<()> {
        let name = child.ident.to_string();
        let path = [parent, std::slice::from_ref(&name)].concat();
        let below = children.join(&name);
        if let Some((_, items)) = &child.content {
            return self.add(path, file, &below, items);
        }
        let own = children.join(format!("{name}.rs"));
        let file = if self.folder.join(&own).exists() { own } else { below.join("mod.rs") };
        self.read(path, &file, &below)
    }

    /// Where a path in a module leads to; None if out of the crate, or to a local name.
    fn resolve(&self, module: &[String], path: &[String], imports: usize) -> Option<Target> {
        match path.first()?.as_str() {
            "crate" => self.walk(&[], &path[1..], imports),
            _ => self.walk(module, path, imports),
        }
    }

    /// Where a path leads to from a module.
    fn walk(&self, module: &[String], path: &[String], imports: usize) -> Option<Target> {
        let Some((first, rest)) = path.split_first() else { return Some(Target::Module(module.to_vec())) };
        let here = self.modules.get(module)?;
        match first.as_str() {
            GLOB => return Some(Target::File(here.file.clone())),
            "self" => return self.walk(module, rest, imports),
            "super" => return self.walk(&module[..module.len().checked_sub(1)?], rest, imports),
            _ => {}
        }
        let child = || self.walk(&here.child(module, first)?, rest, imports);
        let name = || match here.names.get(first)? {
            Name::Item => Some(Target::File(here.file.clone())),
            Name::Import(target) => self.follow(module, target, rest, imports),
        };
        let glob = || here.globs.iter().find_map(|glob| self.follow(module, glob, path, imports));
        // A function may have the name of the module that it is in.
        if rest.is_empty() {
            name().or_else(glob).or_else(child)
        } else {
            child().or_else(name).or_else(glob)
        }
    }

    /// Where `rest` leads to from what an import stands for.
    fn follow(
        &self,
        module: &[String],
        import: &[String],
        rest: &[String],
        imports: usize,
    ) -> Option<Target> {
        let imports = imports.checked_sub(1)?;
        match self.resolve(module, import, imports)? {
            Target::Module(target) => self.walk(&target, rest, imports),
            file => Some(file),
        }
    }
}

impl Module {
    fn new(file: &Path) -> Self {
        let (children, names) = (HashSet::new(), HashMap::new());
        Module { file: file.to_owned(), children, names, globs: Vec::new(), uses: Vec::new() }
    }

    /// The path of a child of this module, whose own is given.
    fn child(&self, module: &[String], name: &str) -> Option<ModulePath> {
        self.children.contains(name).then(|| module.iter().cloned().chain([name.to_owned()]).collect())
    }

    /// A private import is a use; another one is a re-export.
    fn import(&mut self, import: &ItemUse) {
        let is_private = matches!(import.vis, Visibility::Inherited);
        for (name, path) in paths::imported(&import.tree) {
            match name {
                Some(name) => drop(self.names.insert(name, Name::Import(path.clone()))),
                // Without the star.
                None => self.globs.push(path[..path.len() - 1].to_vec()),
            }
            if is_private {
                self.uses.push(path);
            }
        }
    }
}
