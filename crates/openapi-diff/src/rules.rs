//! The rules: the name, the level and the meaning of each kind of change.
//!
//! Names and levels are those of oasdiff where it has an equal check; a rule says where it differs.

use std::collections::HashMap;
use std::fmt;
use std::sync::LazyLock;

use serde::Serialize;

use Level::{Breaking, Info, Warning};

/// What a change does to those who rely on the base.
///
/// ```
/// use openapi_diff::Level;
///
/// assert!(Level::Breaking > Level::Warning && Level::Warning > Level::Info);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Whatever works with the base works with the revision.
    Info,
    /// It may break clients; the documents do not say.
    Warning,
    /// A request that the base allows is rejected, or a response is one that the base rules out.
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
    pub aspect: String,
    /// How bad it is.
    pub level: Level,
    /// What it means, in one line.
    pub meaning: String,
    /// Where the name or level differs from that of oasdiff (called `there`), and why; else empty.
    pub differs: String,
}

/// Where a schema can stand, which is how the name of its rule begins; and whether the server sends
/// it.
pub(crate) const POSITIONS: [(&str, bool); 7] = [
    ("request-body-", false),
    ("request-property-", false),
    ("request-parameter-", false),
    ("request-parameter-property-", false),
    ("response-body-", true),
    ("response-property-", true),
    ("response-header-", true),
];

/// Levels in requests and in responses.
type Levels = [Level; 2];

const WIDENS: Levels = [Info, Breaking];
const NARROWS: Levels = [Breaking, Info];
const BREAKS: Levels = [Breaking, Breaking];
const UNKNOWN: Levels = [Warning, Warning];
const HARMLESS: Levels = [Info, Info];

/// A limit: the name that its rules begin with, what it limits, and whether it is a maximum.
pub(crate) struct Limit {
    pub(crate) slug: &'static str,
    pub(crate) subject: &'static str,
    pub(crate) is_maximum: bool,
}

const fn limit(slug: &'static str, subject: &'static str, is_maximum: bool) -> Limit {
    Limit {
        slug,
        subject,
        is_maximum,
    }
}

pub(crate) static MAXIMUM: Limit = limit("max", "a number", true);
pub(crate) static MINIMUM: Limit = limit("min", "a number", false);

/// The limits that are counts, each with its keyword.
#[rustfmt::skip] // One entry, one line.
pub(crate) static COUNTS: [(&str, Limit); 6] = [
    ("maxLength", limit("max-length", "the length of a string", true)),
    ("minLength", limit("min-length", "the length of a string", false)),
    ("maxItems", limit("max-items", "the number of array items", true)),
    ("minItems", limit("min-items", "the number of array items", false)),
    ("maxProperties", limit("max-properties", "the number of properties", true)),
    ("minProperties", limit("min-properties", "the number of properties", false)),
];

/// Keywords that only restrict a schema and are compared as a whole: the keyword, the name that its
/// rules begin with, and what it restricts.
#[rustfmt::skip] // One entry, one line.
pub(crate) const RESTRICTIONS: [(&str, &str, &str); 9] = [
    ("not", "not", "excluded values (`not`)"),
    ("if", "if", "conditional values (`if`, `then`, `else`)"),
    ("contains", "contains", "what an array contains (`contains`)"),
    ("dependentRequired", "dependent-required", "properties that require others (`dependentRequired`)"),
    ("dependentSchemas", "dependent-schemas", "objects with certain properties (`dependentSchemas`)"),
    ("propertyNames", "property-names", "property names (`propertyNames`)"),
    ("unevaluatedProperties", "unevaluated-properties", "properties beyond all compositions (`unevaluatedProperties`)"),
    ("unevaluatedItems", "unevaluated-items", "array items beyond all compositions (`unevaluatedItems`)"),
    ("contentSchema", "content-schema", "the content of a string (`contentSchema`)"),
];

/// The rules on parts of operations: name, level, meaning, difference from oasdiff.
#[rustfmt::skip] // One rule, one line.
const OPERATIONS: &[(&str, Level, &str, &str)] = &[
    ("endpoint-added", Info, "an operation is new", ""),
    ("api-removed-without-deprecation", Breaking, "an operation that was not deprecated is removed", ""),
    ("api-removed-with-deprecation", Warning, "a deprecated operation is removed", "info there, once the sunset date has passed; here no clock is read, and whoever still calls it breaks"),
    ("endpoint-deprecated", Info, "an operation is deprecated, without a date", "breaking there with stability levels"),
    ("endpoint-deprecated-with-sunset", Info, "an operation is deprecated and has a day of removal in `x-sunset`", ""),
    ("endpoint-reactivated", Info, "an operation is no longer deprecated", ""),
    ("sunset-deleted", Warning, "a deprecated operation no longer has a day of removal", "breaking there, as a matter of policy; no call fails by it"),
    ("api-sunset-date-changed-too-small", Breaking, "the day of removal of an operation is earlier", "there also when the day is too near today; here no clock is read"),
    ("api-sunset-date-moved-later", Info, "the day of removal of an operation is later, or new", "not reported there"),
    ("api-operation-id-removed", Info, "an operationId is removed or differs", ""),
    ("api-operation-id-added", Info, "an operation has an operationId now", ""),
    ("api-path-parameter-renamed", Info, "a path parameter has another name; requests are the same", "not reported there"),
    ("api-server-added", Info, "a server URL is new", "not reported there"),
    ("api-server-removed", Warning, "a server URL is no longer listed", "not reported there"),
    ("webhook-added", Info, "a webhook is new", ""),
    ("webhook-removed", Breaking, "a webhook is removed", ""),
    ("api-security-added", Info, "there is one more way to authenticate", ""),
    ("api-security-removed", Breaking, "a way to authenticate no longer works", ""),
    ("api-security-became-required", Breaking, "requests without authentication are rejected now", "there an added way to authenticate, info"),
    ("api-security-became-optional", Info, "requests without authentication are accepted now", "there a removed way to authenticate, breaking"),
    ("api-security-scope-added", Breaking, "a way to authenticate needs one more scope", ""),
    ("api-security-scope-removed", Info, "a way to authenticate needs one scope less", ""),
    ("new-required-request-parameter", Breaking, "a required parameter is new", ""),
    ("new-optional-request-parameter", Info, "an optional parameter is new", ""),
    ("request-parameter-removed", Warning, "a parameter is removed; the server may ignore or reject it", ""),
    ("request-parameter-removed-with-deprecation", Info, "a deprecated parameter is removed", ""),
    ("request-parameter-in-changed", Breaking, "a parameter is sent in another place (`in`)", "there a removed parameter and a new one"),
    ("request-parameter-became-required", Breaking, "a parameter is required now", ""),
    ("request-parameter-became-optional", Info, "a parameter is optional now", ""),
    ("request-parameter-style-changed", Breaking, "arrays or objects are written differently (`style`, `explode`, `content`)", "not reported there"),
    ("request-body-added-required", Breaking, "a request body is required, and there was none", ""),
    ("request-body-added-optional", Info, "an optional request body is new", ""),
    ("request-body-removed", Breaking, "the request body is removed", ""),
    ("request-body-became-required", Breaking, "the request body is required now", ""),
    ("request-body-became-optional", Info, "the request body is optional now", ""),
    ("request-body-media-type-added", Info, "the request body can have another media type", ""),
    ("request-body-media-type-removed", Breaking, "a media type of the request body is no longer accepted", ""),
    ("new-required-request-property", Breaking, "a required property is new", ""),
    ("new-optional-request-property", Info, "an optional property is new", ""),
    ("request-property-removed", Warning, "a property is removed; the server may ignore or reject it", ""),
    ("request-property-removed-from-closed-object", Breaking, "a property is removed from an object that accepts no others", "there a removed property, a warning"),
    ("request-property-became-required", Breaking, "a property is required now", ""),
    ("request-property-became-optional", Info, "a property is optional now", ""),
    ("request-property-became-read-only", Warning, "a property is no longer accepted from the client", "info there; what was sent so far is lost"),
    ("request-required-property-became-not-read-only", Breaking, "a property that the server set is required in requests now", "info there; a request without it is rejected"),
    ("request-optional-property-became-not-read-only", Info, "a property that the server set is optional in requests now", ""),
    ("new-required-request-parameter-property", Breaking, "a required property of a parameter is new", "only for headers there"),
    ("new-optional-request-parameter-property", Info, "an optional property of a parameter is new", "not reported there"),
    ("request-parameter-property-removed", Warning, "a property of a parameter is removed; the server may ignore or reject it", "not reported there"),
    ("request-parameter-property-removed-from-closed-object", Breaking, "a property is removed from a parameter that accepts no others", "not reported there"),
    ("request-parameter-property-became-required", Breaking, "a property of a parameter is required now", "only for headers there"),
    ("request-parameter-property-became-optional", Info, "a property of a parameter is optional now", "not reported there"),
    ("response-success-status-added", Info, "a status from 200 to 299 is new", ""),
    ("response-success-status-removed", Breaking, "a status from 200 to 299 is no longer documented", ""),
    ("response-non-success-status-added", Info, "another status, or the default, is new", ""),
    ("response-non-success-status-removed", Warning, "another status, or the default, is no longer documented", "info there; code that handles it may never run again, or not as it should"),
    ("response-status-merged", Info, "a status range or the default now documents a status that had a response of its own", "there a removed status"),
    ("response-status-singled-out", Info, "a status that a range or the default documented has a response of its own now", "there an added status"),
    ("response-media-type-added", Info, "the response can have another media type", ""),
    ("response-media-type-removed", Breaking, "a media type of the response is removed", ""),
    ("response-header-added", Info, "a response header is new", ""),
    ("required-response-header-removed", Breaking, "a header that every response had is removed", ""),
    ("optional-response-header-removed", Warning, "a header that a response could have is removed", ""),
    ("response-header-became-required", Info, "every response has a header now", "not reported there"),
    ("response-header-became-optional", Breaking, "a header can be missing now", ""),
    ("response-required-property-added", Info, "every response has a new property", ""),
    ("response-optional-property-added", Info, "a response can have a new property", ""),
    ("response-required-property-removed", Breaking, "a property that every response had is removed", ""),
    ("response-optional-property-removed", Warning, "a property that a response could have is removed", "info there; code that reads it no longer finds it"),
    ("response-property-became-required", Info, "every response has a property now", ""),
    ("response-property-became-optional", Breaking, "a property can be missing now", ""),
    ("response-required-property-became-write-only", Breaking, "a property that every response had is no longer returned", "info there; it is missing from every response"),
    ("response-optional-property-became-write-only", Warning, "a property that a response could have is no longer returned", "info there; code that reads it no longer finds it"),
    ("response-required-property-became-not-write-only", Info, "every response has a property that was only sent before", "a warning there; clients accept other new properties too"),
    ("response-optional-property-became-not-write-only", Info, "a response can have a property that was only sent before", ""),
];

/// The rules on schemas before and after those on limits: name without the position, levels,
/// meaning, difference from oasdiff.
#[rustfmt::skip] // One rule, one line.
const SCHEMAS: [&[(&str, Levels, &str, &str)]; 2] = [&[
    ("type-generalized", WIDENS, "more types are allowed", ""),
    ("type-specialized", NARROWS, "fewer types are allowed", "in requests `type-changed` there"),
    ("type-changed", BREAKS, "other types are allowed", ""),
    ("format-added", NARROWS, "a format is required", "formats are part of the type there"),
    ("format-removed", WIDENS, "a format is no longer required", "formats are part of the type there"),
    ("format-generalized", WIDENS, "a wider format is required: `int64` for `int32`, `double` for `float`", "formats are part of the type there"),
    ("format-specialized", NARROWS, "a narrower format is required: `int32` for `int64`, `float` for `double`", "formats are part of the type there"),
    ("format-changed", BREAKS, "another format is required", "formats are part of the type there"),
    ("content-encoding-changed", BREAKS, "bytes in a string are encoded differently", "`format: byte` counts as base64"),
    ("content-media-type-changed", BREAKS, "the content of a string has another media type", "`format: binary` counts as application/octet-stream"),
    ("became-nullable", WIDENS, "null is allowed now, in whatever form it is written", "with `oneOf` a false alarm there"),
    ("became-not-nullable", NARROWS, "null is no longer allowed", "with `oneOf` a false alarm there"),
    ("became-enum", NARROWS, "only listed values are allowed now; a `const` is a list of one", "in responses not reported there"),
    ("became-not-enum", WIDENS, "any values are allowed now, not only listed ones", "not reported there"),
    ("enum-value-added", [Info, Warning], "a value is added", ""),
    ("enum-value-removed", NARROWS, "a value is removed", ""),
    ("x-extensible-enum-value-added", HARMLESS, "a known value is added to an open enum (`x-extensible-enum`)", "not reported there"),
    ("x-extensible-enum-value-removed", NARROWS, "a known value is removed from an open enum (`x-extensible-enum`)", "in responses not reported there"),
    ("const-changed", BREAKS, "the only allowed value differs", ""),
], &[
    ("multiple-of-added", NARROWS, "a number must be a multiple", "not reported there"),
    ("multiple-of-removed", WIDENS, "a number need not be a multiple any more", "not reported there"),
    ("multiple-of-generalized", WIDENS, "a number must be a multiple of a divisor of the earlier one", "not reported there"),
    ("multiple-of-specialized", NARROWS, "a number must be a multiple of a multiple of the earlier one", "not reported there"),
    ("multiple-of-changed", BREAKS, "a number must be a multiple of another number", "not reported there"),
    ("pattern-added", NARROWS, "a pattern is required", ""),
    ("pattern-removed", WIDENS, "a pattern is no longer required", ""),
    ("pattern-changed", UNKNOWN, "another pattern is required", ""),
    ("unique-items-added", NARROWS, "array items must differ", "not reported there"),
    ("unique-items-removed", WIDENS, "array items can be equal", "not reported there"),
    ("additional-properties-closed", NARROWS, "undeclared properties are no longer allowed", "not reported there"),
    ("additional-properties-opened", [Info, Warning], "undeclared properties are allowed now", "not reported there"),
    ("pattern-property-added", NARROWS, "properties whose names match a pattern are restricted", ""),
    ("pattern-property-removed", WIDENS, "properties whose names match a pattern are no longer restricted", ""),
    ("one-of-added", WIDENS, "an alternative is added (`oneOf`)", "a change inside an alternative is reported as what it is, there it can be missed"),
    ("one-of-removed", NARROWS, "an alternative is removed (`oneOf`)", ""),
    ("any-of-added", WIDENS, "an alternative is added (`anyOf`)", ""),
    ("any-of-removed", NARROWS, "an alternative is removed (`anyOf`)", ""),
    ("composition-not-compared", UNKNOWN, "compositions that differ have too many alternatives to compare; review them by hand", "not reported there"),
    ("discriminator-added", HARMLESS, "a discriminator is added", ""),
    ("discriminator-removed", UNKNOWN, "the discriminator is removed", "info there; code that decides by it cannot go on"),
    ("discriminator-property-name-changed", BREAKS, "the discriminator is another property", "info there; code that decides by it reads the wrong property"),
    ("discriminator-mapping-added", [Info, Warning], "a discriminator value is added", "info there; code that decides by it meets a value that it does not know"),
    ("discriminator-mapping-deleted", [Warning, Info], "a discriminator value is removed", "info there; requests with it may be rejected"),
    ("discriminator-mapping-changed", BREAKS, "a discriminator value selects another alternative", "info there; code that decides by it reads the wrong alternative"),
], ];

/// The rules on what says nothing about the allowed values.
#[rustfmt::skip] // One rule, one line.
const ANNOTATIONS: &[(&str, Levels, &str, &str)] = &[
    ("default-value-added", HARMLESS, "there is a default", ""),
    ("default-value-changed", [Warning, Info], "the default differs", "info there; whoever omits the value gets something else now"),
    ("default-value-removed", [Warning, Info], "there is no default any more", "info there; whoever omits the value gets something else now"),
    ("deprecated", HARMLESS, "it is deprecated", ""),
    ("reactivated", HARMLESS, "it is no longer deprecated", ""),
];

/// Every rule: first those on parts of operations, then those on schemas, each at every position
/// that a schema can have.
pub static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let mut rules: Vec<Rule> = OPERATIONS
        .iter()
        .map(|(id, level, meaning, differs)| Rule {
            id: (*id).to_owned(),
            aspect: (*id).to_owned(),
            level: *level,
            meaning: (*meaning).to_owned(),
            differs: (*differs).to_owned(),
        })
        .collect();
    for (aspect, levels, meaning, differs) in schema_rules() {
        rules.extend(POSITIONS.iter().map(|(position, is_response)| Rule {
            id: format!("{position}{aspect}"),
            aspect: aspect.clone(),
            level: levels[usize::from(*is_response)],
            meaning: meaning.clone(),
            differs: differs.clone(),
        }));
    }
    rules
});

/// Name without the position, levels, meaning, difference from oasdiff.
type SchemaRule = (String, Levels, String, String);

fn schema_rules() -> Vec<SchemaRule> {
    let rule = |aspect: String, levels: Levels, meaning: String, differs: &str| {
        (aspect, levels, meaning, differs.to_owned())
    };
    let owned = |(aspect, levels, meaning, differs): &(&str, Levels, &str, &str)| {
        rule(
            (*aspect).to_owned(),
            *levels,
            (*meaning).to_owned(),
            differs,
        )
    };
    let mut rules: Vec<SchemaRule> = SCHEMAS[0].iter().map(owned).collect();
    let bounds = [&MAXIMUM, &MINIMUM].into_iter();
    for limit in bounds.chain(COUNTS.iter().map(|(_, limit)| limit)) {
        let (slug, subject) = (limit.slug, limit.subject);
        let (word, raised, lowered) = if limit.is_maximum {
            ("maximum", WIDENS, NARROWS)
        } else {
            ("minimum", NARROWS, WIDENS)
        };
        let set = format!("{subject} has a {word} now");
        let unset = format!("{subject} has no {word} any more");
        let higher = format!("the {word} of {subject} is higher");
        let lower = format!("the {word} of {subject} is lower");
        for (change, levels, meaning) in [
            ("set", NARROWS, set),
            ("unset", WIDENS, unset),
            ("increased", raised, higher),
            ("decreased", lowered, lower),
        ] {
            let aspect = format!("{slug}-{change}");
            let differs = match (subject == MAXIMUM.subject, change) {
                (false, _) => String::new(),
                (true, "unset") => "not reported there".to_owned(),
                (true, _) => {
                    format!("`exclusive-{aspect}` there when the bound itself is excluded")
                }
            };
            rules.push((aspect, levels, meaning, differs));
        }
    }
    rules.extend(SCHEMAS[1].iter().map(owned));
    for (_, slug, subject) in RESTRICTIONS {
        let added = format!("a restriction on {subject} is added");
        let removed = format!("the restriction on {subject} is removed");
        let changed = format!("the restriction on {subject} differs");
        let partly = "only partly reported there";
        rules.extend([
            rule(format!("{slug}-added"), NARROWS, added, ""),
            rule(format!("{slug}-removed"), WIDENS, removed, ""),
            rule(format!("{slug}-changed"), UNKNOWN, changed, partly),
        ]);
    }
    rules.extend(ANNOTATIONS.iter().map(owned));
    rules
}

/// What the names of rules and their messages call a thing that is required, or is not.
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
