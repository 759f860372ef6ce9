//! The public Rust surface of a crate as text, read from its sources: no compiler, no nightly, no
//! build.
//!
//! One item a line, sorted by path, each at its shortest public path, so that a change of the API
//! is a small diff of text:
//!
//! ```text
//! #[non_exhaustive] pub enum CustomerStatus (open_enum!)
//! pub CustomerStatus::AtRisk = "at_risk"
//! pub fn CreateContact::new(name: impl Into<String>, email: impl Into<String>) -> Self
//! ```
//!
//! Paths are shortened to what a reader needs: `::std::option::Option<super::Customer>` is
//! `Option<Customer>`. Macros that the crate defines are expanded where it calls them. What macros
//! of other crates make is not seen, save `open_enum!`.

mod attributes;
mod by_example;
mod exports;
mod impls;
mod modules;
mod print;

use std::collections::BTreeMap;
use std::fmt;

pub(crate) use modules::{Crate, Resolved, Use, flatten, join};

/// The public items of one crate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Surface {
    items: BTreeMap<String, Item>,
}

/// One public item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What it is.
    pub kind: Kind,
    /// Its path from the root of the crate: `CreateContact::new`; a field is `Contact.email`.
    pub path: String,
    /// Its declaration on one line.
    pub text: String,
}

/// What an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A module.
    Module,
    /// A struct.
    Struct,
    /// An enum.
    Enum,
    /// A trait.
    Trait,
    /// A type alias, or an associated type.
    Alias,
    /// A public field.
    Field,
    /// A variant of an enum.
    Variant,
    /// A function or a method.
    Function,
    /// A constant or a static.
    Constant,
    /// A macro.
    Macro,
    /// Another name for an item, of this crate or another.
    Reexport,
    /// A trait that a type implements.
    Impl,
}

impl Surface {
    /// Reads the crate whose root is the file `root`; `read` gives the text of a file by its path,
    /// `None` where there is none.
    ///
    /// # Errors
    ///
    /// The message names the file that is missing or is no Rust, with the line.
    pub fn read(root: &str, read: &dyn Fn(&str) -> Option<String>) -> Result<Self, String> {
        Crate::read(root, read).map(|krate| Self::of(&krate))
    }

    pub(crate) fn of(krate: &Crate) -> Self {
        let exports = exports::Exports::of(krate);
        let mut items = exports.items(krate);
        items.extend(impls::items(krate, &exports));
        let mut surface = Self {
            items: BTreeMap::new(),
        };
        for item in items {
            surface.items.insert(item.key(), item);
        }
        surface
    }

    /// Every item, in order.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.items.values()
    }

    /// The same surface with only the items whose path satisfies a condition.
    #[must_use]
    pub fn only(mut self, keep: impl Fn(&str) -> bool) -> Self {
        self.items.retain(|_, item| keep(&item.path));
        self
    }

    pub(crate) fn keyed(&self) -> &BTreeMap<String, Item> {
        &self.items
    }
}

impl Item {
    /// Sorts a type, its fields, what it does and what it implements before the next type.
    fn key(&self) -> String {
        let path = self.path.replace('<', "\u{3}<");
        let path = path.replace("::", "\u{2}").replace('.', "\u{1}");
        match self.kind {
            Kind::Impl => format!("{path}\u{4}{}", self.text),
            _ => path,
        }
    }
}

impl fmt::Display for Surface {
    /// One item a line; what a type implements is one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut implemented: Option<(&str, Vec<&str>)> = None;
        let close = |open: Option<(&str, Vec<&str>)>, f: &mut fmt::Formatter<'_>| match open {
            Some((of, traits)) => writeln!(f, "impl {} for {of}", traits.join(" + ")),
            None => Ok(()),
        };
        for item in self.items.values() {
            let parts = item
                .text
                .strip_prefix("impl ")
                .filter(|_| item.kind == Kind::Impl);
            match parts.and_then(|parts| parts.rsplit_once(" for ")) {
                Some((name, of)) => match &mut implemented {
                    Some((open, traits)) if *open == of => traits.push(name),
                    _ => close(implemented.replace((of, vec![name])), f)?,
                },
                None => {
                    close(implemented.take(), f)?;
                    writeln!(f, "{}", item.text)?;
                }
            }
        }
        close(implemented, f)
    }
}
