//! The table of all keywords of OpenAPI 3.0 and 3.1, with their values and their conversion to
//! OpenAPI 3.0; and the one walk of a document, which follows this table.
//!
//! A stage that looks at all schemas, parameters, responses or references of a document uses
//! [`visit`], [`rewrite_outer_first`], [`rewrite_inner_first`] or their building blocks [`children`]
//! and [`children_mut`]. These reach every object in the table, including a response header named
//! `x-request-id`. Examples, defaults, enum values and extensions are data and are never walked.

mod table;
mod walk;

use serde_json::{Map, Value};

pub(crate) use table::Kind;
pub(crate) use walk::{
    Walk, children, children_mut, rewrite_inner_first, rewrite_outer_first, visit,
};

/// What a keyword holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    /// Any value; nothing in it is read.
    Any,
    Text,
    Flag,
    Number,
    /// A whole number from 0.
    Count,
    /// An array of strings.
    Texts,
    /// An array of any values.
    Values,
    /// One object of a kind.
    One(Kind),
    /// An array of objects of a kind.
    List(Kind),
    /// An object whose keys are names, all of them, those that start with `x-` too.
    Map(Kind),
}

/// What becomes of a keyword in OpenAPI 3.0.
#[derive(Clone, Copy)]
pub(crate) enum Lowering {
    /// It stays, perhaps written differently.
    Keep,
    /// [`crate::normalise`] has rewritten it; one that is left has a value it must not have.
    Normalised,
    /// It is left out: no type depends on it.
    Omit,
    /// It has no equivalent for this reason, and leaving it out would change or loosen what is on
    /// the wire.
    Refuse(&'static str),
}

/// Keywords that hold the same and are treated alike, with spaces between their names.
pub(crate) type Row = (Slot, Lowering, &'static str);

/// The keys of a kind of object.
#[derive(Clone, Copy)]
pub(crate) struct Grammar {
    /// The kind as messages name it, with its article.
    pub(crate) name: &'static str,
    /// The section of `components` that holds such objects, if references may lead to them.
    pub(crate) section: Option<&'static str>,
    pub(crate) keywords: &'static [Row],
    /// What every other key holds; without it other keys are unknown.
    pub(crate) others: Option<Slot>,
    /// The keywords that OpenAPI 3.0 requires.
    pub(crate) required: &'static str,
    /// The keywords that OpenAPI 3.0 requires and that mean the same when they are empty.
    pub(crate) implied: &'static str,
}

impl Grammar {
    /// The row of a keyword, if it is one.
    pub(crate) fn row(&self, key: &str) -> Option<&'static Row> {
        self.keywords.iter().find(|(_, _, names)| lists(names, key))
    }

    /// What `key` holds; `None` for an extension and for an unknown keyword.
    pub(crate) fn slot(&self, key: &str) -> Option<Slot> {
        match self.row(key) {
            Some((slot, ..)) => Some(*slot),
            None if is_extension(key) => None,
            None => self.others,
        }
    }
}

impl Kind {
    /// The section of `components` that holds objects of this kind, if references may lead to them.
    pub(crate) fn section(self) -> Option<&'static str> {
        self.grammar().section
    }

    /// Whether such an object is for people or for servers: a client works without it.
    pub(crate) fn is_unused(self) -> bool {
        matches!(
            self,
            Kind::Callback
                | Kind::Example
                | Kind::ExternalDocs
                | Kind::Header
                | Kind::Info
                | Kind::Link
                | Kind::Tag
                | Kind::Webhooks
                | Kind::Xml
        )
    }

    /// The kind as messages name it, with its article.
    pub(crate) fn name(self) -> &'static str {
        self.grammar().name
    }
}

/// Whether a keyword is in a list of keywords with spaces between them.
pub(crate) fn lists(names: &str, key: &str) -> bool {
    names.split(' ').any(|name| name == key)
}

/// Keywords that describe a value and allow or forbid none.
const ANNOTATIONS: &str = "title description default deprecated readOnly writeOnly example examples externalDocs $comment";

/// Whether a keyword of a schema allows or forbids no value.
pub(crate) fn is_annotation(keyword: &str) -> bool {
    lists(ANNOTATIONS, keyword) || is_extension(keyword)
}

/// Whether a keyword is an extension, which every stage passes on unread.
pub(crate) fn is_extension(keyword: &str) -> bool {
    keyword.starts_with("x-")
}

/// Whether an object is a reference to another one. In schemas and path items `$ref` is a keyword
/// among others.
pub(crate) fn is_reference(kind: Kind, object: &Map<String, Value>) -> bool {
    kind.section().is_some()
        && !matches!(kind, Kind::Schema | Kind::PathItem)
        && object.contains_key("$ref")
}
