//! The rules: the name, the level and the meaning of each kind of change.
//!
//! Names and levels are those of oasdiff where it has an equal check; a rule says where it differs.

use std::collections::HashMap;
use std::fmt;
use std::sync::LazyLock;

use serde::Serialize;

use Level::{Breaking, Info, Warning};

/// The effect of a change on clients of the base.
///
/// ```
/// use openapi_diff::Level;
///
/// assert!(Level::Breaking > Level::Warning && Level::Warning > Level::Info);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Clients of the base work with the revision.
    Info,
    /// It may break some clients; this does not follow from the documents.
    Warning,
    /// A request that the base allows is rejected, or a response that the base excludes is possible.
    Breaking,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Breaking => "breaking",
        })
    }
}

/// A kind of change.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rule {
    /// The name, which findings carry.
    pub id: String,
    /// For rules on schemas the name without the position: `max-set` for `request-body-max-set`.
    /// For all others the name.
    pub aspect: &'static str,
    /// The severity.
    pub level: Level,
    /// The meaning, in one line.
    pub meaning: &'static str,
    /// How the name or level differs from that of oasdiff, and why; empty if it does not.
    pub differs: &'static str,
}

/// The positions of a schema: the prefix of the names of its rules, and whether it is in responses.
pub(crate) const POSITIONS: [(&str, bool); 7] = [
    ("request-body-", false),
    ("request-property-", false),
    ("request-parameter-", false),
    ("request-parameter-property-", false),
    ("response-body-", true),
    ("response-property-", true),
    ("response-header-", true),
];

/// What a schema describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Role {
    RequestBody,
    Parameter,
    ResponseBody,
    Header,
}

impl Role {
    /// Whether the server sends it.
    pub(crate) fn is_response(self) -> bool {
        matches!(self, Self::ResponseBody | Self::Header)
    }

    /// What the names of rules call a property.
    pub(crate) fn property(self) -> &'static str {
        match self {
            Self::RequestBody => "request-property",
            Self::Parameter => "request-parameter-property",
            Self::ResponseBody | Self::Header => "response-property",
        }
    }

    /// The name of a rule on schemas, for the schema itself or for one in a property.
    pub(crate) fn rule(self, aspect: &str, in_property: bool) -> String {
        let position = match (self, in_property) {
            (Self::RequestBody, false) => "request-body",
            (Self::Parameter, false) => "request-parameter",
            (Self::ResponseBody, false) => "response-body",
            (Self::Header, _) => "response-header",
            (_, true) => self.property(),
        };
        format!("{position}-{aspect}")
    }
}

/// Levels in requests and in responses.
type Levels = [Level; 2];

const WIDENS: Levels = [Info, Breaking];
const NARROWS: Levels = [Breaking, Info];
const BREAKS: Levels = [Breaking, Breaking];
const UNKNOWN: Levels = [Warning, Warning];
const HARMLESS: Levels = [Info, Info];

/// How oasdiff reports most changes inside a restriction.
const INSIDE: &str = "in oasdiff under the rules of the changes inside, if at all";

/// The rules on parts of operations: name, level, meaning, difference from oasdiff.
#[rustfmt::skip] // One rule, one line.
const OPERATIONS: &[(&str, Level, &str, &str)] = &[
    ("endpoint-added", Info, "an operation is new", ""),
    ("api-removed-without-deprecation", Breaking, "an operation that was not deprecated is removed", "`api-path-removed-…` in oasdiff for the last operation of a path"),
    ("api-removed-with-deprecation", Warning, "a deprecated operation is removed", "info in oasdiff once the sunset date has passed; this tool reads no clock, and callers of the operation break"),
    ("endpoint-deprecated", Info, "an operation is deprecated, without a date", "`api-deprecated-sunset-missing` (breaking) in oasdiff if its policy asks for a date"),
    ("endpoint-deprecated-with-sunset", Info, "an operation is deprecated, with a removal date in `x-sunset`", ""),
    ("endpoint-reactivated", Info, "an operation is no longer deprecated", ""),
    ("sunset-deleted", Warning, "a deprecated operation no longer has a removal date", "breaking in oasdiff as a policy; no call fails because of it"),
    ("api-sunset-date-changed-too-small", Breaking, "the removal date of an operation is earlier", "in oasdiff also when the date is too near; this tool reads no clock"),
    ("api-sunset-date-moved-later", Info, "the removal date of an operation is later, or new", "not in oasdiff"),
    ("api-stability-decreased", Breaking, "`x-stability-level` of an operation is lower: stable, beta, alpha, draft", ""),
    ("api-stability-increased", Info, "`x-stability-level` of an operation is higher", ""),
    ("api-operation-id-removed", Info, "an operationId is removed or changed", ""),
    ("api-operation-id-added", Info, "an operationId is added", ""),
    ("api-path-parameter-renamed", Info, "a path parameter has another name; requests are the same", "not in oasdiff"),
    ("api-server-added", Info, "a server URL is new", "not in oasdiff"),
    ("api-server-removed", Warning, "a server URL is no longer listed", "not in oasdiff"),
    ("api-server-default-changed", Warning, "the default of a server variable differs", "not in oasdiff"),
    ("webhook-added", Info, "a webhook is new", "oasdiff compares nothing else of webhooks"),
    ("webhook-removed", Breaking, "a webhook is removed", ""),
    ("callback-added", Info, "a callback, or an operation of one, is new", "not in oasdiff"),
    ("callback-removed", Breaking, "a callback, or an operation of one, is removed", "not in oasdiff"),
    ("payload-added", Info, "a webhook or callback has a payload now", "not in oasdiff"),
    ("payload-removed", Breaking, "a webhook or callback has no payload any more", "not in oasdiff"),
    ("payload-became-required", Info, "the payload of a webhook or callback is never missing any more", "not in oasdiff"),
    ("payload-became-optional", Breaking, "the payload of a webhook or callback can be missing", "not in oasdiff"),
    ("api-security-added", Info, "a way to authenticate is added", "`api-global-security-added` in oasdiff for the security of the document"),
    ("api-security-removed", Breaking, "a way to authenticate is removed", "`api-global-security-removed` in oasdiff for the security of the document"),
    ("api-security-became-required", Breaking, "requests without authentication are now rejected", "an added way to authenticate (info) in oasdiff"),
    ("api-security-became-optional", Info, "requests without authentication are now accepted", "a removed way to authenticate (breaking) in oasdiff"),
    ("api-security-scope-added", Breaking, "a way to authenticate needs another scope", ""),
    ("api-security-scope-removed", Info, "a way to authenticate no longer needs a scope", ""),
    ("api-security-url-changed", Warning, "a URL of OAuth or OpenID Connect differs", "info in oasdiff, and only for components; tokens of another URL may not be accepted"),
    ("new-required-request-parameter", Breaking, "a required parameter is new", "`new-request-path-parameter` in oasdiff for one in the path"),
    ("new-optional-request-parameter", Info, "an optional parameter is new", ""),
    ("request-parameter-removed", Warning, "a parameter is removed; the server may ignore or reject it", ""),
    ("request-parameter-removed-with-deprecation", Info, "a deprecated parameter is removed", ""),
    ("request-parameter-in-changed", Breaking, "a parameter has another location (`in`)", "a removed and a new parameter in oasdiff"),
    ("request-parameter-became-required", Breaking, "a parameter is now required", ""),
    ("request-parameter-became-optional", Info, "a parameter is now optional", ""),
    ("request-parameter-style-changed", Breaking, "arrays or objects are written differently (`style`, `explode`, `content`)", "`request-parameter-explode-changed` in oasdiff for `explode`; oasdiff does not compare `content`"),
    ("request-parameter-regrouped", Info, "parameters become the properties of an exploded object, or the reverse", "removed and new parameters in oasdiff"),
    ("request-parameter-became-allow-reserved", Info, "reserved characters can be sent as they are (`allowReserved`)", ""),
    ("request-parameter-became-not-allow-reserved", Breaking, "reserved characters must be encoded (`allowReserved`)", ""),
    ("request-parameter-property-type-generalized-as-text", Warning, "a number or boolean of a `deepObject` becomes a string; OpenAPI does not say how its types are told apart", "`request-parameter-property-type-changed` in oasdiff"),
    ("request-body-added-required", Breaking, "a required request body is new", ""),
    ("request-body-added-optional", Info, "an optional request body is new", ""),
    ("request-body-removed", Breaking, "the request body is removed", ""),
    ("request-body-became-required", Breaking, "the request body is now required", ""),
    ("request-body-became-optional", Info, "the request body is now optional", ""),
    ("request-body-media-type-added", Info, "the request body can have another media type", ""),
    ("request-body-media-type-removed", Breaking, "a media type of the request body is no longer accepted", "oasdiff takes all parameters of a media type for another one, also `charset=utf-8`"),
    ("request-property-encoding-generalized", Info, "a field of a form can have another media type", "not in oasdiff"),
    ("request-property-encoding-changed", Breaking, "a field of a form is written differently (`encoding`)", "not in oasdiff"),
    ("new-required-request-property", Breaking, "a required property is new", "`…-with-default` in oasdiff for one with a default"),
    ("new-optional-request-property", Info, "an optional property is new", ""),
    ("request-property-removed", Warning, "a property is removed; the server may ignore or reject it", ""),
    ("request-property-removed-from-closed-object", Breaking, "a property is removed from an object that accepts no others", "a removed property (warning) in oasdiff"),
    ("request-property-became-required", Breaking, "a property is now required", "`…-with-default` in oasdiff for one with a default"),
    ("request-property-became-optional", Info, "a property is now optional", ""),
    ("request-property-became-read-only", Warning, "a property is no longer accepted from the client", "`request-required-…` or `request-optional-…`, info, in oasdiff; values that clients send are lost"),
    ("request-required-property-became-not-read-only", Breaking, "a read-only property is now required in requests", "info in oasdiff; requests without it are rejected"),
    ("request-optional-property-became-not-read-only", Info, "a read-only property is now optional in requests", ""),
    ("new-required-request-parameter-property", Breaking, "a required property of a parameter is new", "in oasdiff only for headers"),
    ("new-optional-request-parameter-property", Info, "an optional property of a parameter is new", "not in oasdiff"),
    ("request-parameter-property-removed", Warning, "a property of a parameter is removed; the server may ignore or reject it", "not in oasdiff"),
    ("request-parameter-property-removed-from-closed-object", Breaking, "a property is removed from a parameter that accepts no others", "not in oasdiff"),
    ("request-parameter-property-became-required", Breaking, "a property of a parameter is now required", "in oasdiff only for headers"),
    ("request-parameter-property-became-optional", Info, "a property of a parameter is now optional", "not in oasdiff"),
    ("response-success-status-added", Info, "a status from 200 to 299 is new", ""),
    ("response-success-status-removed", Breaking, "a status from 200 to 299 is no longer documented", ""),
    ("response-non-success-status-added", Info, "a status outside 200 to 299, or the default, is new", ""),
    ("response-non-success-status-removed", Warning, "a status outside 200 to 299, or the default, is no longer documented", "info in oasdiff; code that handles this status may no longer run"),
    ("response-status-merged", Info, "a status with its own response is now documented by a range or the default", "a removed status in oasdiff"),
    ("response-status-singled-out", Info, "a status that a range or the default documented now has its own response", "an added status in oasdiff"),
    ("response-media-type-added", Info, "the response can have another media type", ""),
    ("response-media-type-removed", Breaking, "a media type of the response is removed", "`response-media-type-name-…` in oasdiff, at times info, for other parameters; clients that ask for the old one get none"),
    ("response-property-encoding-specialized", Info, "a part of a response has fewer media types", "not in oasdiff"),
    ("response-property-encoding-changed", Breaking, "a part of a response is written differently (`encoding`)", "not in oasdiff"),
    ("response-link-added", Info, "a link is new", "not in oasdiff"),
    ("response-link-changed", Warning, "a link leads to another operation or passes other values", "not in oasdiff"),
    ("response-link-removed", Warning, "a link is removed", "not in oasdiff"),
    ("response-header-added", Info, "a response header is new", ""),
    ("required-response-header-removed", Breaking, "a required header is removed", ""),
    ("optional-response-header-removed", Warning, "an optional header is removed", ""),
    ("response-header-became-required", Info, "a header is now in every response", "not in oasdiff"),
    ("response-header-became-optional", Breaking, "a header may now be missing", ""),
    ("response-required-property-added", Info, "a required property is new", ""),
    ("response-optional-property-added", Info, "an optional property is new", ""),
    ("response-required-property-removed", Breaking, "a required property is removed", ""),
    ("response-optional-property-removed", Warning, "an optional property is removed", "info in oasdiff; code that reads it no longer finds it"),
    ("response-property-became-required", Info, "a property is now required", ""),
    ("response-property-became-optional", Breaking, "a property is now optional", ""),
    ("response-required-property-became-write-only", Breaking, "a required property is no longer returned", "info in oasdiff; it is missing from every response"),
    ("response-optional-property-became-write-only", Warning, "an optional property is no longer returned", "info in oasdiff; code that reads it no longer finds it"),
    ("response-required-property-became-not-write-only", Info, "a write-only property is now in every response", "a warning in oasdiff; clients accept other new properties too"),
    ("response-optional-property-became-not-write-only", Info, "a write-only property is now optional in responses", ""),
];

/// The rules on schemas: name without the position, levels, meaning, difference from oasdiff.
#[rustfmt::skip] // One rule, one line.
const SCHEMAS: &[(&str, Levels, &str, &str)] = &[
    ("type-generalized", WIDENS, "more types are allowed", "`list-of-types-widened` in oasdiff for lists of types"),
    ("type-specialized", NARROWS, "fewer types are allowed", "`type-changed` in oasdiff for requests, `list-of-types-narrowed` for lists of types"),
    ("type-changed", BREAKS, "other types are allowed", "a warning in oasdiff for properties of parameters; requests are rejected there too"),
    ("format-added", NARROWS, "a format is required", "oasdiff treats a format as part of the type"),
    ("format-removed", WIDENS, "a format is no longer required", "oasdiff treats a format as part of the type"),
    ("format-generalized", WIDENS, "a wider format is required: `int64` for `int32`, `double` for `float`", "oasdiff treats a format as part of the type"),
    ("format-specialized", NARROWS, "a narrower format is required: `int32` for `int64`, `float` for `double`", "oasdiff treats a format as part of the type"),
    ("format-changed", BREAKS, "another format is required", "oasdiff treats a format as part of the type"),
    ("content-encoding-changed", BREAKS, "the encoding of bytes in a string differs", "`format: byte` counts as base64"),
    ("content-media-type-changed", BREAKS, "the content of a string has another media type", "`format: binary` counts as application/octet-stream"),
    ("became-nullable", WIDENS, "null is now allowed, in any notation", "a false positive in oasdiff with `oneOf`"),
    ("became-not-nullable", NARROWS, "null is no longer allowed", "a false positive in oasdiff with `oneOf`"),
    ("became-enum", NARROWS, "only listed values are now allowed; a `const` counts as one value", "`const-added` in oasdiff for a `const`; not in oasdiff for enums of responses"),
    ("became-not-enum", WIDENS, "values that are not listed are now allowed", "`const-removed` in oasdiff for a `const`; not in oasdiff for enums of responses"),
    ("enum-value-added", [Info, Warning], "a value is added", ""),
    ("enum-value-removed", NARROWS, "a value is removed", ""),
    ("x-extensible-enum-value-added", HARMLESS, "a known value is added to an open enum (`x-extensible-enum`)", "not in oasdiff"),
    ("x-extensible-enum-value-removed", NARROWS, "a known value is removed from an open enum (`x-extensible-enum`)", "not in oasdiff for responses"),
    ("const-changed", BREAKS, "the only allowed value differs", ""),
    ("max-set", NARROWS, "a number now has a maximum", "`exclusive-max-set` in oasdiff for an exclusive bound"),
    ("max-unset", WIDENS, "a number no longer has a maximum", "`exclusive-max-unset` in oasdiff for an exclusive bound"),
    ("max-increased", WIDENS, "the maximum of a number is higher", "`exclusive-max-increased` in oasdiff for an exclusive bound"),
    ("max-decreased", NARROWS, "the maximum of a number is lower", "`exclusive-max-decreased` in oasdiff for an exclusive bound"),
    ("min-set", NARROWS, "a number now has a minimum", "`exclusive-min-set` in oasdiff for an exclusive bound"),
    ("min-unset", WIDENS, "a number no longer has a minimum", "`exclusive-min-unset` in oasdiff for an exclusive bound"),
    ("min-increased", NARROWS, "the minimum of a number is higher", "`exclusive-min-increased` in oasdiff for an exclusive bound"),
    ("min-decreased", WIDENS, "the minimum of a number is lower", "`exclusive-min-decreased` in oasdiff for an exclusive bound"),
    ("max-length-set", NARROWS, "the length of a string now has a maximum", ""),
    ("max-length-unset", WIDENS, "the length of a string no longer has a maximum", ""),
    ("max-length-increased", WIDENS, "the maximum of the length of a string is higher", ""),
    ("max-length-decreased", NARROWS, "the maximum of the length of a string is lower", ""),
    ("min-length-set", NARROWS, "the length of a string now has a minimum", ""),
    ("min-length-unset", WIDENS, "the length of a string no longer has a minimum", ""),
    ("min-length-increased", NARROWS, "the minimum of the length of a string is higher", ""),
    ("min-length-decreased", WIDENS, "the minimum of the length of a string is lower", ""),
    ("max-items-set", NARROWS, "the number of array items now has a maximum", ""),
    ("max-items-unset", WIDENS, "the number of array items no longer has a maximum", ""),
    ("max-items-increased", WIDENS, "the maximum of the number of array items is higher", ""),
    ("max-items-decreased", NARROWS, "the maximum of the number of array items is lower", ""),
    ("min-items-set", NARROWS, "the number of array items now has a minimum", ""),
    ("min-items-unset", WIDENS, "the number of array items no longer has a minimum", ""),
    ("min-items-increased", NARROWS, "the minimum of the number of array items is higher", ""),
    ("min-items-decreased", WIDENS, "the minimum of the number of array items is lower", ""),
    ("max-properties-set", NARROWS, "the number of properties now has a maximum", ""),
    ("max-properties-unset", WIDENS, "the number of properties no longer has a maximum", ""),
    ("max-properties-increased", WIDENS, "the maximum of the number of properties is higher", ""),
    ("max-properties-decreased", NARROWS, "the maximum of the number of properties is lower", ""),
    ("min-properties-set", NARROWS, "the number of properties now has a minimum", ""),
    ("min-properties-unset", WIDENS, "the number of properties no longer has a minimum", ""),
    ("min-properties-increased", NARROWS, "the minimum of the number of properties is higher", ""),
    ("min-properties-decreased", WIDENS, "the minimum of the number of properties is lower", ""),
    ("multiple-of-added", NARROWS, "a number must be a multiple", "`multiple-of-set` in oasdiff"),
    ("multiple-of-removed", WIDENS, "a number no longer needs to be a multiple", "`multiple-of-unset` in oasdiff"),
    ("multiple-of-generalized", WIDENS, "the new divisor divides the old one", "`multiple-of-changed` in oasdiff for responses"),
    ("multiple-of-specialized", NARROWS, "the new divisor is a multiple of the old one", "`multiple-of-changed` in oasdiff for requests"),
    ("multiple-of-changed", BREAKS, "the divisor differs, and neither divides the other", ""),
    ("pattern-added", NARROWS, "a pattern is required", ""),
    ("pattern-removed", WIDENS, "a pattern is no longer required", ""),
    ("pattern-changed", UNKNOWN, "another pattern is required", "`pattern-generalized` in oasdiff for one that matches every text; here that is no pattern"),
    ("unique-items-added", NARROWS, "array items must differ", "`unique-items-set` in oasdiff"),
    ("unique-items-removed", WIDENS, "array items can be equal", "`unique-items-unset` in oasdiff"),
    ("additional-properties-closed", NARROWS, "undeclared properties are no longer allowed", "not in oasdiff"),
    ("additional-properties-opened", [Info, Warning], "undeclared properties are now allowed", "not in oasdiff"),
    ("pattern-property-added", NARROWS, "properties whose names match a pattern are restricted", ""),
    ("pattern-property-removed", WIDENS, "properties whose names match a pattern are no longer restricted", ""),
    ("one-of-added", WIDENS, "an alternative is added (`oneOf`)", "oasdiff can miss a change inside an alternative"),
    ("one-of-removed", NARROWS, "an alternative is removed (`oneOf`)", ""),
    ("any-of-added", WIDENS, "an alternative is added (`anyOf`)", ""),
    ("any-of-removed", NARROWS, "an alternative is removed (`anyOf`)", ""),
    ("one-of-overlap-added", NARROWS, "values that fit several alternatives of a `oneOf` are no longer allowed", "`request-body-wrapped-in-one-of` in oasdiff, for every wrapped body"),
    ("one-of-overlap-removed", WIDENS, "values that fit several alternatives, as of a former `oneOf`, are allowed", "not in oasdiff"),
    ("composition-not-compared", UNKNOWN, "compositions that differ have too many alternatives to compare; review them by hand", "not in oasdiff"),
    ("discriminator-added", HARMLESS, "a discriminator is added", ""),
    ("discriminator-removed", UNKNOWN, "the discriminator is removed", "info in oasdiff; code that reads it fails"),
    ("discriminator-property-name-changed", BREAKS, "the discriminator is another property", "info in oasdiff; code that reads it uses the wrong property"),
    ("discriminator-mapping-added", [Info, Warning], "a discriminator value is added", "info in oasdiff; code that reads it gets an unknown value"),
    ("discriminator-mapping-deleted", [Warning, Info], "a discriminator value is removed", "info in oasdiff; requests with it may be rejected"),
    ("discriminator-mapping-changed", BREAKS, "a discriminator value selects another alternative", "info in oasdiff; code that reads it uses the wrong alternative"),
    ("not-added", NARROWS, "a restriction on excluded values (`not`) is added", ""),
    ("not-removed", WIDENS, "the restriction on excluded values (`not`) is removed", ""),
    ("not-generalized", WIDENS, "the restriction on excluded values (`not`) allows more values", INSIDE),
    ("not-specialized", NARROWS, "the restriction on excluded values (`not`) allows fewer values", INSIDE),
    ("not-changed", UNKNOWN, "the restriction on excluded values (`not`) differs in a way that cannot be told", INSIDE),
    ("if-added", NARROWS, "a restriction on conditional values (`if`, `then`, `else`) is added", ""),
    ("if-removed", WIDENS, "the restriction on conditional values (`if`, `then`, `else`) is removed", ""),
    ("if-generalized", WIDENS, "the restriction on conditional values (`if`, `then`, `else`) allows more values", "`then-…` and `else-…` in oasdiff for whole branches; not in oasdiff for changes inside"),
    ("if-specialized", NARROWS, "the restriction on conditional values (`if`, `then`, `else`) allows fewer values", "`then-…` and `else-…` in oasdiff for whole branches; not in oasdiff for changes inside"),
    ("if-changed", UNKNOWN, "the restriction on conditional values (`if`, `then`, `else`) differs in a way that cannot be told", "`then-…` and `else-…` in oasdiff for whole branches; not in oasdiff for changes inside"),
    ("contains-added", NARROWS, "a restriction on what an array contains (`contains`) is added", ""),
    ("contains-removed", WIDENS, "the restriction on what an array contains (`contains`) is removed", ""),
    ("contains-generalized", WIDENS, "the restriction on what an array contains (`contains`) allows more values", "`min-contains-…` and `max-contains-…` in oasdiff; not in oasdiff for changes of the schema"),
    ("contains-specialized", NARROWS, "the restriction on what an array contains (`contains`) allows fewer values", "`min-contains-…` and `max-contains-…` in oasdiff; not in oasdiff for changes of the schema"),
    ("contains-changed", UNKNOWN, "the restriction on what an array contains (`contains`) differs in a way that cannot be told", "`min-contains-…` and `max-contains-…` in oasdiff; not in oasdiff for changes of the schema"),
    ("dependent-required-added", NARROWS, "a restriction on properties that require others (`dependentRequired`) is added", ""),
    ("dependent-required-removed", WIDENS, "the restriction on properties that require others (`dependentRequired`) is removed", ""),
    ("dependent-required-generalized", WIDENS, "the restriction on properties that require others (`dependentRequired`) allows more values", "`dependent-required-added`, `-removed` or `-changed` in oasdiff"),
    ("dependent-required-specialized", NARROWS, "the restriction on properties that require others (`dependentRequired`) allows fewer values", "`dependent-required-added`, `-removed` or `-changed` in oasdiff"),
    ("dependent-schemas-added", NARROWS, "a restriction on objects with certain properties (`dependentSchemas`) is added", "`dependent-schema-…` in oasdiff, one for each property"),
    ("dependent-schemas-removed", WIDENS, "the restriction on objects with certain properties (`dependentSchemas`) is removed", "`dependent-schema-…` in oasdiff, one for each property"),
    ("dependent-schemas-generalized", WIDENS, "the restriction on objects with certain properties (`dependentSchemas`) allows more values", "`dependent-schema-…` in oasdiff for whole schemas; not in oasdiff for changes inside"),
    ("dependent-schemas-specialized", NARROWS, "the restriction on objects with certain properties (`dependentSchemas`) allows fewer values", "`dependent-schema-…` in oasdiff for whole schemas; not in oasdiff for changes inside"),
    ("dependent-schemas-changed", UNKNOWN, "the restriction on objects with certain properties (`dependentSchemas`) differs in a way that cannot be told", "`dependent-schema-…` in oasdiff for whole schemas; not in oasdiff for changes inside"),
    ("property-names-added", NARROWS, "a restriction on property names (`propertyNames`) is added", ""),
    ("property-names-removed", WIDENS, "the restriction on property names (`propertyNames`) is removed", ""),
    ("property-names-generalized", WIDENS, "the restriction on property names (`propertyNames`) allows more values", INSIDE),
    ("property-names-specialized", NARROWS, "the restriction on property names (`propertyNames`) allows fewer values", INSIDE),
    ("property-names-changed", UNKNOWN, "the restriction on property names (`propertyNames`) differs in a way that cannot be told", INSIDE),
    ("unevaluated-properties-added", NARROWS, "a restriction on properties beyond all compositions (`unevaluatedProperties`) is added", ""),
    ("unevaluated-properties-removed", WIDENS, "the restriction on properties beyond all compositions (`unevaluatedProperties`) is removed", ""),
    ("unevaluated-properties-generalized", WIDENS, "the restriction on properties beyond all compositions (`unevaluatedProperties`) allows more values", INSIDE),
    ("unevaluated-properties-specialized", NARROWS, "the restriction on properties beyond all compositions (`unevaluatedProperties`) allows fewer values", INSIDE),
    ("unevaluated-properties-changed", UNKNOWN, "the restriction on properties beyond all compositions (`unevaluatedProperties`) differs in a way that cannot be told", INSIDE),
    ("unevaluated-items-added", NARROWS, "a restriction on array items beyond all compositions (`unevaluatedItems`) is added", ""),
    ("unevaluated-items-removed", WIDENS, "the restriction on array items beyond all compositions (`unevaluatedItems`) is removed", ""),
    ("unevaluated-items-generalized", WIDENS, "the restriction on array items beyond all compositions (`unevaluatedItems`) allows more values", INSIDE),
    ("unevaluated-items-specialized", NARROWS, "the restriction on array items beyond all compositions (`unevaluatedItems`) allows fewer values", INSIDE),
    ("unevaluated-items-changed", UNKNOWN, "the restriction on array items beyond all compositions (`unevaluatedItems`) differs in a way that cannot be told", INSIDE),
    ("content-schema-added", NARROWS, "a restriction on the content of a string (`contentSchema`) is added", ""),
    ("content-schema-removed", WIDENS, "the restriction on the content of a string (`contentSchema`) is removed", ""),
    ("content-schema-generalized", WIDENS, "the restriction on the content of a string (`contentSchema`) allows more values", INSIDE),
    ("content-schema-specialized", NARROWS, "the restriction on the content of a string (`contentSchema`) allows fewer values", INSIDE),
    ("content-schema-changed", UNKNOWN, "the restriction on the content of a string (`contentSchema`) differs in a way that cannot be told", INSIDE),
    ("default-value-added", HARMLESS, "a default is added", ""),
    ("default-value-changed", [Warning, Info], "the default is changed", "info in oasdiff; requests without the value have another effect"),
    ("default-value-removed", [Warning, Info], "the default is removed", "info in oasdiff; requests without the value have another effect"),
    ("deprecated", HARMLESS, "it is deprecated", ""),
    ("reactivated", HARMLESS, "it is no longer deprecated", ""),
    ("sunset-deleted", UNKNOWN, "there is no removal date any more", "breaking in oasdiff as a policy, and only for parameters; no call fails because of it"),
    ("sunset-date-changed-too-small", BREAKS, "the removal date is earlier", "in oasdiff only for parameters"),
    ("sunset-date-moved-later", HARMLESS, "the removal date is later, or new", "not in oasdiff"),
    ("stability-decreased", BREAKS, "`x-stability-level` is lower: stable, beta, alpha, draft", "in oasdiff only for properties"),
    ("stability-increased", HARMLESS, "`x-stability-level` is higher", "in oasdiff only for properties"),
];

/// Every rule: first those on parts of operations, then those on schemas, each at every position
/// that a schema can have.
pub static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let of_operations = OPERATIONS
        .iter()
        .map(|&(id, level, meaning, differs)| Rule {
            id: id.to_owned(),
            aspect: id,
            level,
            meaning,
            differs,
        });
    let of_schemas = SCHEMAS
        .iter()
        .flat_map(|&(aspect, levels, meaning, differs)| {
            POSITIONS.map(|(position, is_response)| Rule {
                id: format!("{position}{aspect}"),
                aspect,
                level: levels[usize::from(is_response)],
                meaning,
                differs,
            })
        });
    of_operations.chain(of_schemas).collect()
});

/// The word for this in the names and messages of rules.
pub(crate) const fn necessity(is_required: bool) -> &'static str {
    if is_required { "required" } else { "optional" }
}

/// The rule of a name.
///
/// # Panics
/// When no rule has that name.
pub(crate) fn rule(id: &str) -> &'static Rule {
    static BY_ID: LazyLock<HashMap<&str, &Rule>> =
        LazyLock::new(|| RULES.iter().map(|rule| (rule.id.as_str(), rule)).collect());
    BY_ID
        .get(id)
        .unwrap_or_else(|| panic!("no rule is called {id}"))
}
