//! Rust identifiers out of the words of a document.
//!
//! The same rules as those of the generator, so that a property has one name in requests and in
//! responses.

use std::collections::BTreeSet;

use heck::{ToSnakeCase, ToUpperCamelCase};
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
    let name = started(legible(words).to_snake_case(), "x");
    if is_keyword(&name) {
        format!("{name}_")
    } else {
        name
    }
}

/// The words of a name in camel case; empty when an identifier can have none of them.
pub(crate) fn camel(words: &str) -> String {
    legible(words).to_upper_camel_case()
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

/// The first of `wanted`, and `wanted` with the separator and 2, 3 and so on, that is not taken; it
/// is taken from now on.
pub(crate) fn free(wanted: &str, separator: &str, taken: &mut BTreeSet<String>) -> String {
    let numbered = (2_u32..).map(|number| format!("{wanted}{separator}{number}"));
    let name = std::iter::once(wanted.to_owned())
        .chain(numbered)
        .find(|name| !taken.contains(name))
        .expect("an endless sequence has a free name");
    taken.insert(name.clone());
    name
}

/// The name with as many underscores after it as make it one that is not taken; it is taken from now
/// on.
pub(crate) fn free_field(mut name: String, taken: &mut BTreeSet<String>) -> String {
    while !taken.insert(name.clone()) {
        name.push('_');
    }
    name
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
