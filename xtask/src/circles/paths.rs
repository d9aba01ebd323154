//! The paths and names of an item, as far as they are written down.

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, ImplItemFn, Item, ItemUse, Macro, Path, UseTree, VisRestricted};

/// The segments of a path.
pub(super) type ModulePath = Vec<String>;

/// The last segment of a path that imports all names.
pub(super) const GLOB: &str = "*";

/// Words before the name of an item in the tokens of a macro.
const ITEM_WORDS: [&str; 7] = ["fn", "struct", "enum", "const", "static", "type", "trait"];

/// Whether an item is there in tests only.
pub(super) fn is_test(item: &Item) -> bool {
    let attributes = match item {
        Item::Const(it) => &it.attrs,
        Item::Enum(it) => &it.attrs,
        Item::Fn(it) => &it.attrs,
        Item::Impl(it) => &it.attrs,
        Item::Macro(it) => &it.attrs,
        Item::Mod(it) => &it.attrs,
        Item::Static(it) => &it.attrs,
        Item::Struct(it) => &it.attrs,
        Item::Trait(it) => &it.attrs,
        Item::Type(it) => &it.attrs,
        Item::Use(it) => &it.attrs,
        _ => return false,
    };
    are_of_test(attributes)
}

fn are_of_test(attributes: &[Attribute]) -> bool {
    let names_test = |attribute: &Attribute| {
        let list = attribute.meta.require_list().ok().filter(|list| list.path.is_ident("cfg"))?;
        Some(list.tokens.to_string()).filter(|tokens| tokens == "test" || tokens.contains("pg_test"))
    };
    attributes.iter().any(|attribute| names_test(attribute).is_some())
}

/// The names that an item defines in its module.
pub(super) fn defined(item: &Item) -> Vec<String> {
    let name = match item {
        Item::Const(it) => &it.ident,
        Item::Enum(it) => &it.ident,
        Item::Fn(it) => &it.sig.ident,
        Item::Static(it) => &it.ident,
        Item::Struct(it) => &it.ident,
        Item::Trait(it) => &it.ident,
        Item::Type(it) => &it.ident,
        Item::Union(it) => &it.ident,
        Item::Macro(it) => {
            return it.ident.iter().map(ToString::to_string).chain(named(&it.mac.tokens)).collect();
        }
        _ => return Vec::new(),
    };
    vec![name.to_string()]
}

/// The items in the tokens of a macro, such as `thread_local!`.
fn named(tokens: &TokenStream) -> Vec<String> {
    let tokens: Vec<String> = tokens.clone().into_iter().map(|token| token.to_string()).collect();
    let pairs = tokens.windows(2).filter(|pair| ITEM_WORDS.contains(&pair[0].as_str()));
    pairs.map(|pair| pair[1].clone()).collect()
}

/// What an import names, each with its path; all names of a path have none.
pub(super) fn imported(tree: &UseTree) -> Vec<(Option<String>, ModulePath)> {
    let (first, below) = match tree {
        UseTree::Path(path) => (path.ident.to_string(), imported(&path.tree)),
        UseTree::Name(name) if name.ident == "self" => return vec![(None, Vec::new())],
        UseTree::Name(name) => return vec![(Some(name.ident.to_string()), vec![name.ident.to_string()])],
        UseTree::Rename(name) => return vec![(Some(name.rename.to_string()), vec![name.ident.to_string()])],
        UseTree::Glob(_) => return vec![(None, vec![GLOB.to_owned()])],
        UseTree::Group(group) => return group.items.iter().flat_map(imported).collect(),
    };
    let longer = |(name, path): (Option<String>, ModulePath)| {
        // `a::{self}` is named as its last segment.
        let name = if path.is_empty() { Some(first.clone()) } else { name };
        (name, std::iter::once(first.clone()).chain(path).collect())
    };
    below.into_iter().map(longer).collect()
}

/// The paths that are written in an item.
pub(super) fn used(item: &Item) -> Vec<ModulePath> {
    let mut found = Found(Vec::new());
    found.visit_item(item);
    found.0
}

struct Found(Vec<ModulePath>);

impl<'ast> Visit<'ast> for Found {
    fn visit_path(&mut self, path: &'ast Path) {
        self.0.push(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        visit::visit_path(self, path);
    }

    fn visit_item_use(&mut self, import: &'ast ItemUse) {
        self.0.extend(imported(&import.tree).into_iter().map(|(_, path)| path));
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        visit::visit_macro(self, call);
        self.read(&call.tokens);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        if !are_of_test(&function.attrs) {
            visit::visit_impl_item_fn(self, function);
        }
    }

    /// `pub(in path)` uses nothing.
    fn visit_vis_restricted(&mut self, _: &'ast VisRestricted) {}
}

impl Found {
    /// Paths in the tokens of a macro: names with `::` between them.
    fn read(&mut self, tokens: &TokenStream) {
        let mut path = ModulePath::new();
        let mut colons = 0;
        for token in tokens.clone() {
            match token {
                TokenTree::Ident(name) => {
                    if colons != 2 {
                        self.0.push(std::mem::take(&mut path));
                    }
                    path.push(name.to_string());
                    colons = 0;
                }
                TokenTree::Punct(mark) if mark.as_char() == ':' => colons += 1,
                TokenTree::Group(group) => self.read(&group.stream()),
                _ => colons = 0,
            }
        }
        self.0.push(path);
    }
}
