//! The modules of a crate, and what a path means in one of them.

use std::collections::BTreeMap;

use syn::{Attribute, Item, ItemUse, UseTree, Visibility};

use super::attributes::{condition, is_hidden, is_test, path_of};
use super::by_example::{self, Rules};

/// The files of one crate, parsed, their macros expanded.
pub(crate) struct Crate {
    /// The root is the first.
    pub(crate) modules: Vec<Module>,
}

/// One module.
#[derive(Default)]
pub(crate) struct Module {
    /// Names from the root.
    pub(crate) path: Vec<String>,
    /// The file that it stands in.
    pub(crate) file: String,
    /// Whether it is declared `pub`.
    pub(crate) public: bool,
    /// `#[cfg(feature = …)]`, as written.
    pub(crate) condition: Option<String>,
    /// Whether it is compiled in tests alone.
    pub(crate) test: bool,
    /// Whether it is no part of the documented surface.
    pub(crate) hidden: bool,
    pub(crate) children: BTreeMap<String, usize>,
    pub(crate) items: Vec<Item>,
    /// The attributes of the file, its documentation among them.
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) uses: Vec<Use>,
    parent: usize,
}

/// One name that a `use` brings.
#[derive(Clone, Debug)]
pub(crate) struct Use {
    /// The name in this module; `*` for all.
    pub(crate) name: String,
    pub(crate) target: Vec<String>,
    pub(crate) public: bool,
    pub(crate) line: usize,
}

/// What a path leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Resolved {
    /// An item of this crate, and what follows its name.
    Item(usize, String, Vec<String>),
    /// A module of this crate.
    Module(usize),
    /// Something of another crate, or a name that is no item, such as a type parameter.
    Foreign(Vec<String>),
}

impl Crate {
    pub(crate) fn read(root: &str, read: &dyn Fn(&str) -> Option<String>) -> Result<Self, String> {
        let mut reader = Reader {
            read,
            modules: Vec::new(),
            rules: BTreeMap::new(),
        };
        let text = read(root).ok_or_else(|| format!("{root}: no such file"))?;
        let syn::File { attrs, items, .. } = parse(root, &text)?;
        let folder = folder_of(root);
        let module = Module {
            attributes: attrs,
            file: root.to_owned(),
            public: true,
            ..Module::default()
        };
        reader.module(module, folder, items)?;
        Ok(Self {
            modules: reader.modules,
        })
    }

    /// What a path means in a module.
    pub(crate) fn resolve(&self, module: usize, path: &[String]) -> Resolved {
        self.lookup(module, path, 0)
            .unwrap_or_else(|| Resolved::Foreign(path.to_vec()))
    }

    fn lookup(&self, module: usize, path: &[String], depth: usize) -> Option<Resolved> {
        let Some((first, rest)) = path.split_first() else {
            return Some(Resolved::Module(module));
        };
        // Re-exports may go round in circles.
        if depth > 32 {
            return None;
        }
        let here = &self.modules[module];
        match first.as_str() {
            "" => return Some(Resolved::Foreign(rest.to_vec())),
            "crate" => return self.lookup(0, rest, depth + 1),
            "self" => return self.lookup(module, rest, depth + 1),
            "super" => return self.lookup(here.parent, rest, depth + 1),
            _ => {}
        }
        if here
            .items
            .iter()
            .any(|item| name_of(item).is_some_and(|name| name == first))
        {
            return Some(Resolved::Item(module, first.clone(), rest.to_vec()));
        }
        if let Some(child) = here.children.get(first) {
            return self.lookup(*child, rest, depth + 1);
        }
        let named = here.uses.iter().find(|used| used.name == *first);
        if let Some(used) = named {
            // `use bytes::Bytes` in a crate that has no module `bytes`; `use pivotal_sdk as sdk`.
            let itself = used.target.first() == Some(first);
            let target = join(&used.target, rest);
            let found = if itself {
                None
            } else {
                self.lookup(module, &used.target, depth + 1)
            };
            return Some(match found {
                Some(Resolved::Module(found)) => self
                    .lookup(found, rest, depth + 1)
                    .unwrap_or(Resolved::Foreign(target)),
                Some(Resolved::Item(found, name, tail)) => {
                    Resolved::Item(found, name, join(&tail, rest))
                }
                Some(Resolved::Foreign(found)) => Resolved::Foreign(join(&found, rest)),
                None => Resolved::Foreign(target),
            });
        }
        here.uses
            .iter()
            .filter(|used| used.name == "*" && used.target.first() != Some(first))
            .find_map(|used| match self.lookup(module, &used.target, depth + 1)? {
                Resolved::Module(found) if found != module => self.lookup(found, path, depth + 1),
                _ => None,
            })
    }
}

/// One path after another.
pub(crate) fn join(left: &[String], right: &[String]) -> Vec<String> {
    left.iter().chain(right).cloned().collect()
}

struct Reader<'a> {
    read: &'a dyn Fn(&str) -> Option<String>,
    modules: Vec<Module>,
    /// `macro_rules!` of the crate, by name; they stand before their calls.
    rules: BTreeMap<String, Rules>,
}

impl Reader<'_> {
    /// Takes a module in; `folder` is where the files of its children are.
    fn module(&mut self, module: Module, folder: &str, items: Vec<Item>) -> Result<usize, String> {
        let index = self.modules.len();
        self.modules.push(module);
        self.items(index, folder, items)?;
        Ok(index)
    }

    fn items(&mut self, index: usize, folder: &str, items: Vec<Item>) -> Result<(), String> {
        for item in items {
            match item {
                Item::Mod(child) => self.child(index, folder, child)?,
                Item::Use(used) => flatten(&used, &mut self.modules[index].uses),
                Item::Macro(call) => match &call.ident {
                    Some(name) => {
                        if let Some(rules) = Rules::parse(call.mac.tokens.clone()) {
                            self.rules.insert(name.to_string(), rules);
                        }
                        self.modules[index].items.push(Item::Macro(call));
                    }
                    None => {
                        let made = self.expand(&call);
                        self.items(index, folder, made)?;
                    }
                },
                other => self.modules[index].items.push(other),
            }
        }
        Ok(())
    }

    fn child(&mut self, index: usize, folder: &str, child: syn::ItemMod) -> Result<(), String> {
        let name = child.ident.to_string();
        let mut inner = if folder.is_empty() {
            name.clone()
        } else {
            format!("{folder}/{name}")
        };
        let parent = &self.modules[index];
        let mut module = Module {
            path: join(&parent.path, std::slice::from_ref(&name)),
            file: parent.file.clone(),
            public: matches!(child.vis, Visibility::Public(_)),
            condition: condition(&child.attrs),
            test: parent.test || is_test(&child.attrs),
            hidden: is_hidden(&child.attrs),
            parent: index,
            ..Module::default()
        };
        let items = match child.content {
            Some((_, items)) => items,
            None => {
                let mut places = vec![format!("{inner}.rs"), format!("{inner}/mod.rs")];
                if let Some(named) = path_of(&child.attrs) {
                    places = vec![normal(&format!("{}/{named}", folder_of(&module.file)))];
                }
                let found = places
                    .iter()
                    .find_map(|file| Some((file, (self.read)(file)?)));
                let Some((file, text)) = found else {
                    return Err(format!("{}: no file for `mod {name}`", module.file));
                };
                module.file.clone_from(file);
                if path_of(&child.attrs).is_some() {
                    inner = folder_of(file).to_owned();
                }
                let syn::File { attrs, items, .. } = parse(file, &text)?;
                module.attributes = attrs;
                items
            }
        };
        let position = self.module(module, &inner, items)?;
        self.modules[index].children.insert(name, position);
        Ok(())
    }

    /// The items that a macro call makes; none when the macro is not known.
    fn expand(&self, call: &syn::ItemMacro) -> Vec<Item> {
        let Some(name) = call.mac.path.segments.last() else {
            return Vec::new();
        };
        let name = name.ident.to_string();
        if name == "open_enum" && !self.rules.contains_key(&name) {
            let made = syn::parse2::<syn::ItemEnum>(call.mac.tokens.clone());
            return made
                .into_iter()
                .map(|open| Item::Enum(opened(open)))
                .collect();
        }
        let made = self
            .rules
            .get(&name)
            .and_then(|rules| by_example::expand(rules, &call.mac.tokens));
        made.and_then(|made| syn::parse2::<syn::File>(made).ok())
            .map(|file| file.items)
            .unwrap_or_default()
    }
}

/// What `open_enum!` makes of an enum: the texts on the wire stand where discriminants would.
fn opened(mut open: syn::ItemEnum) -> syn::ItemEnum {
    open.attrs.push(syn::parse_quote!(#[open_enum]));
    open.attrs.push(syn::parse_quote!(#[non_exhaustive]));
    open.variants.push(syn::parse_quote!(Unknown(String)));
    open
}

fn parse(file: &str, text: &str) -> Result<syn::File, String> {
    syn::parse_file(text)
        .map_err(|error| format!("{file}: line {}: {error}", error.span().start().line))
}

/// The folder that a file stands in; the files of the modules that it declares stand there too.
fn folder_of(file: &str) -> &str {
    file.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// A path without `..`.
fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path
        .split('/')
        .filter(|part| !part.is_empty() && *part != ".")
    {
        if part == ".." {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    parts.join("/")
}

/// The name that an item has in its module.
pub(crate) fn name_of(item: &Item) -> Option<&syn::Ident> {
    match item {
        Item::Const(item) => Some(&item.ident),
        Item::Enum(item) => Some(&item.ident),
        Item::Fn(item) => Some(&item.sig.ident),
        Item::Static(item) => Some(&item.ident),
        Item::Struct(item) => Some(&item.ident),
        Item::Trait(item) => Some(&item.ident),
        Item::Type(item) => Some(&item.ident),
        _ => None,
    }
}

pub(crate) fn flatten(used: &ItemUse, uses: &mut Vec<Use>) {
    let public = matches!(used.vis, Visibility::Public(_)) && !is_hidden(&used.attrs);
    let mut path = Vec::new();
    if used.leading_colon.is_some() {
        path.push(String::new());
    }
    walk(&used.tree, &mut path, public, uses);
}

fn walk(tree: &UseTree, path: &mut Vec<String>, public: bool, uses: &mut Vec<Use>) {
    let mut add = |name: String, target: Vec<String>, ident: Option<&syn::Ident>| {
        let line = ident.map_or(0, |ident| ident.span().start().line);
        uses.push(Use {
            name,
            target,
            public,
            line,
        });
    };
    let leaf = |path: &[String], ident: &syn::Ident| {
        if ident == "self" {
            path.to_vec()
        } else {
            join(path, &[ident.to_string()])
        }
    };
    match tree {
        UseTree::Path(next) => {
            path.push(next.ident.to_string());
            walk(&next.tree, path, public, uses);
            path.pop();
        }
        UseTree::Name(name) => {
            let target = leaf(path, &name.ident);
            add(
                target.last().cloned().unwrap_or_default(),
                target,
                Some(&name.ident),
            );
        }
        UseTree::Rename(name) => {
            add(
                name.rename.to_string(),
                leaf(path, &name.ident),
                Some(&name.ident),
            );
        }
        UseTree::Glob(_) => add("*".to_owned(), path.clone(), None),
        UseTree::Group(group) => {
            for tree in &group.items {
                walk(tree, path, public, uses);
            }
        }
    }
}
