//! Rust identifiers out of the words of a document.
//!
//! The same rules as those of the generator, so that a property has one name in requests and in
//! responses.

use std::collections::{BTreeMap, BTreeSet};

use heck::{ToSnakeCase, ToUpperCamelCase};
use icu_normalizer::ComposingNormalizerBorrowed;
use unicode_ident::{is_xid_continue, is_xid_start};

const KEYWORDS: [&str; 52] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "union", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// The name of a field, an argument or a method: `fooBar` is `foo_bar`, `type` is `type_`, `3d` is
/// `x3d`.
pub(crate) fn snake(words: &str) -> String {
    let name = started(composed(&legible(words).to_snake_case()), "x");
    if is_keyword(&name) {
        format!("{name}_")
    } else {
        name
    }
}

/// The words of a name in camel case; empty when an identifier can have none of them.
///
/// The generator brings every name into its case again, so this is a name that stays: the case of
/// `a_b` is `AB`, and that of `AB` is `Ab`.
pub(crate) fn camel(words: &str) -> String {
    let mut name = legible(words);
    loop {
        let again = composed(&name.to_upper_camel_case());
        if again == name {
            return name;
        }
        name = again;
    }
}

/// Whether this is a keyword of Rust.
pub(crate) fn is_keyword(name: &str) -> bool {
    KEYWORDS.contains(&name)
}

/// Whether this is an identifier.
pub(crate) fn is_identifier(name: &str) -> bool {
    name.starts_with(|first: char| first == '_' || is_xid_start(first))
        && name.chars().all(is_xid_continue)
        && name != "_"
        && !is_keyword(name)
        && name != "Self"
}

/// Names that are taken.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    names: BTreeSet<String>,
    /// The number to try next for a name: all before it are taken.
    next: BTreeMap<String, u32>,
}

impl Taken {
    pub(crate) fn contains(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// The first of `wanted`, and `wanted` with the separator and 2, 3 and so on, that is not taken;
    /// it is taken from now on. A set has one separator.
    pub(crate) fn free(&mut self, wanted: &str, separator: &str) -> String {
        if self.names.insert(wanted.to_owned()) {
            return wanted.to_owned();
        }
        let next = self.next.entry(wanted.to_owned()).or_insert(2);
        loop {
            let name = format!("{wanted}{separator}{next}");
            *next += 1;
            if self.names.insert(name.clone()) {
                return name;
            }
        }
    }
}

impl Extend<String> for Taken {
    fn extend<I: IntoIterator<Item = String>>(&mut self, names: I) {
        self.names.extend(names);
    }
}

impl FromIterator<String> for Taken {
    fn from_iter<I: IntoIterator<Item = String>>(names: I) -> Self {
        let mut taken = Self::default();
        taken.extend(names);
        taken
    }
}

/// The name as the compiler reads it, with as many underscores after it as make it one that is not
/// taken; it is taken from now on.
pub fn free_field(name: &str, taken: &mut BTreeSet<String>) -> String {
    let mut name = composed(name);
    while !taken.insert(name.clone()) {
        name.push('_');
    }
    name
}

/// The name in the normal form KC of Unicode: the compiler compares names in form C, and warns of
/// characters, such as ligatures, that form KC does not have.
pub(crate) fn composed(name: &str) -> String {
    ComposingNormalizerBorrowed::new_nfkc()
        .normalize(name)
        .into_owned()
}

/// Replaces characters that an identifier cannot have by a dash; an apostrophe does not separate
/// words.
fn legible(words: &str) -> String {
    words
        .chars()
        .filter(|character| *character != '\'')
        .map(|character| {
            if is_xid_continue(character) {
                character
            } else {
                '-'
            }
        })
        .collect()
}

/// An identifier starts with a letter.
pub(crate) fn started(name: String, prefix: &str) -> String {
    match name.chars().next() {
        Some(first) if is_xid_start(first) => name,
        _ => format!("{prefix}{name}"),
    }
}
