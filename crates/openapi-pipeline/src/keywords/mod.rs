//! Every keyword of OpenAPI 3.0 and 3.1: what it holds, and what becomes of it in OpenAPI 3.0.
//!
//! The one list that all stages read. A stage that walks a document walks it by these tables, so
//! that it meets every schema and nothing that only looks like one: not an example, not an
//! extension, but certainly a response header named `x-request-id`.

mod openapi;
mod schema;
mod walk;

use serde_json::Value;

pub(crate) use walk::{
    Walk, for_each_child, for_each_child_mut, is_reference, transform, visit, visit_mut,
};

/// The objects of OpenAPI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Document,
    Info,
    Contact,
    License,
    Server,
    ServerVariable,
    Components,
    Paths,
    Webhooks,
    PathItem,
    Operation,
    ExternalDocs,
    Parameter,
    RequestBody,
    MediaType,
    Encoding,
    Responses,
    Response,
    Callback,
    Example,
    Link,
    Header,
    Tag,
    Schema,
    Discriminator,
    Xml,
    SecurityScheme,
    OAuthFlows,
    OAuthFlow,
    SecurityRequirement,
}

/// What a keyword holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    /// Any value; nothing in it is read.
    Any,
    /// A string.
    Text,
    /// `true` or `false`.
    Flag,
    /// A number.
    Number,
    /// A number of things: a whole number from 0.
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
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lowering {
    /// It means the same there.
    Keep,
    /// [`crate::normalise`] has rewritten it; one that still stands is not what it should be.
    Normalised,
    /// It is written differently; [`crate::lower`] knows how.
    Rewrite,
    /// It goes, because it says nothing about what is on the wire.
    Drop(&'static str),
    /// It cannot be said there, and leaving it out would change what is on the wire or loosen it in
    /// silence.
    Refuse(Refusal),
}

/// Why a keyword is refused, and what to do instead.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) why: &'static str,
    /// The keyword that has to become `true` when this one is removed, so that as much is allowed
    /// as before.
    pub(crate) instead: Option<&'static str>,
}

/// One keyword of one kind of object.
pub(crate) struct Keyword {
    pub(crate) name: &'static str,
    pub(crate) slot: Slot,
    pub(crate) lowering: Lowering,
}

/// What the keys of a kind of object are.
pub(crate) struct Grammar {
    /// The keywords, in the order in which lowering takes them.
    pub(crate) keywords: &'static [Keyword],
    /// What the keys hold that are no keyword; without it they are unknown.
    pub(crate) others: Option<Slot>,
    /// The keywords without which the object is incomplete.
    pub(crate) required: &'static [Required],
}

/// A keyword that OpenAPI 3.0 demands.
pub(crate) struct Required {
    pub(crate) keyword: &'static str,
    /// What stands for it when it is missing; without a default its absence is a problem.
    pub(crate) default: Option<fn() -> Value>,
}

impl Kind {
    /// What the keys of such an object are.
    pub(crate) const fn grammar(self) -> &'static Grammar {
        openapi::grammar(self)
    }

    /// What `key` holds in such an object; `None` for an extension and for an unknown keyword.
    pub(crate) fn slot(self, key: &str) -> Option<Slot> {
        let grammar = self.grammar();
        match grammar.keywords.iter().find(|keyword| keyword.name == key) {
            Some(keyword) => Some(keyword.slot),
            None if is_extension(key) => None,
            None => grammar.others,
        }
    }

    /// The section of `components` that holds objects of this kind, for the kinds that may be
    /// referred to.
    pub(crate) const fn section(self) -> Option<&'static str> {
        Some(match self {
            Self::Schema => "schemas",
            Self::Response => "responses",
            Self::Parameter => "parameters",
            Self::Example => "examples",
            Self::RequestBody => "requestBodies",
            Self::Header => "headers",
            Self::SecurityScheme => "securitySchemes",
            Self::Link => "links",
            Self::Callback => "callbacks",
            Self::PathItem => "pathItems",
            _ => return None,
        })
    }

    /// The name in the specification, for messages.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Document => "an OpenAPI document",
            Self::Info => "an info object",
            Self::Contact => "a contact",
            Self::License => "a license",
            Self::Server => "a server",
            Self::ServerVariable => "a server variable",
            Self::Components => "a components object",
            Self::Paths => "a paths object",
            Self::Webhooks => "a webhooks object",
            Self::PathItem => "a path item",
            Self::Operation => "an operation",
            Self::ExternalDocs => "an external documentation object",
            Self::Parameter => "a parameter",
            Self::RequestBody => "a request body",
            Self::MediaType => "a media type",
            Self::Encoding => "an encoding",
            Self::Responses => "a responses object",
            Self::Response => "a response",
            Self::Callback => "a callback",
            Self::Example => "an example",
            Self::Link => "a link",
            Self::Header => "a header",
            Self::Tag => "a tag",
            Self::Schema => "a schema",
            Self::Discriminator => "a discriminator",
            Self::Xml => "an XML object",
            Self::SecurityScheme => "a security scheme",
            Self::OAuthFlows => "an OAuth flows object",
            Self::OAuthFlow => "an OAuth flow",
            Self::SecurityRequirement => "a security requirement",
        }
    }
}

/// Whether a keyword is an extension, which every stage carries along unread.
pub(crate) fn is_extension(keyword: &str) -> bool {
    keyword.starts_with("x-")
}

const fn keyword(name: &'static str, slot: Slot, lowering: Lowering) -> Keyword {
    Keyword {
        name,
        slot,
        lowering,
    }
}

const fn keep(name: &'static str, slot: Slot) -> Keyword {
    keyword(name, slot, Lowering::Keep)
}

const fn normalised(name: &'static str, slot: Slot) -> Keyword {
    keyword(name, slot, Lowering::Normalised)
}

const fn rewrite(name: &'static str, slot: Slot) -> Keyword {
    keyword(name, slot, Lowering::Rewrite)
}

const fn drop(name: &'static str, slot: Slot, why: &'static str) -> Keyword {
    keyword(name, slot, Lowering::Drop(why))
}

const fn refuse(name: &'static str, slot: Slot, why: &'static str) -> Keyword {
    keyword(name, slot, Lowering::Refuse(Refusal { why, instead: None }))
}

const fn refuse_for(
    name: &'static str,
    slot: Slot,
    why: &'static str,
    instead: &'static str,
) -> Keyword {
    keyword(
        name,
        slot,
        Lowering::Refuse(Refusal {
            why,
            instead: Some(instead),
        }),
    )
}

const fn needs(keyword: &'static str) -> Required {
    Required {
        keyword,
        default: None,
    }
}

const fn needs_or(keyword: &'static str, default: fn() -> Value) -> Required {
    Required {
        keyword,
        default: Some(default),
    }
}
