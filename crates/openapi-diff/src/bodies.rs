//! Bodies: whether one is sent, its media types and their schemas.

use std::collections::BTreeMap;

use openapi_pipeline::naming::essence;

use crate::comparer::{Comparer, Location};
use crate::document::{Both, Document, Place};
use crate::encoding;
use crate::rules::Role;

/// Compares what is sent in the bodies of two operations, by the client or by the server.
pub(crate) fn compare<'a>(
    at: &Location,
    role: Role,
    [old, new]: [&Place<'a>; 2],
    comparer: &mut Comparer<'a>,
) {
    let body = |document: Document<'a>, operation: &Place<'a>| {
        document.follow(operation.get("requestBody")?)
    };
    let (before, after) = (body(comparer.base, old), body(comparer.revision, new));
    let both = Both::of([&before, &after], [old, new]);
    let [required, optional, removed, new_required, new_optional] = match role {
        Role::RequestBody => REQUEST,
        _ => PAYLOAD,
    };
    let (id, message) = match (before, after) {
        (Some(before), Some(after)) => {
            let bodies = [&before, &after];
            comparer.flag(at, "required", bodies, [required, optional]);
            return content(at, role, bodies, comparer);
        }
        (Some(_), None) => removed,
        (None, Some(after)) if after.flag("required") => new_required,
        (None, Some(_)) => new_optional,
        (None, None) => return,
    };
    comparer.record(at, id, both, message);
}

/// The rules on a whole body, each with its message: it is required now, it is optional now, it is
/// removed, a required one is new, an optional one is new.
type Rules = [(&'static str, &'static str); 5];

const REQUEST: Rules = [
    ("request-body-became-required", "the body is required now"),
    ("request-body-became-optional", "the body is optional now"),
    ("request-body-removed", "the body is removed"),
    ("request-body-added-required", "a required body is new"),
    ("request-body-added-optional", "an optional body is new"),
];

#[rustfmt::skip] // One rule, one line.
const PAYLOAD: Rules = [
    ("payload-became-required", "the payload is never missing any more"),
    ("payload-became-optional", "the payload can be missing now"),
    ("payload-removed", "the payload is removed"),
    ("payload-added", "a payload is new"),
    ("payload-added", "a payload is new"),
];

/// Compares the media types of two bodies, and their schemas.
pub(crate) fn content<'a>(
    at: &Location,
    role: Role,
    [base, revision]: [&Place<'a>; 2],
    comparer: &mut Comparer<'a>,
) {
    let (before, mut after) = (base.members_of("content"), revision.members_of("content"));
    let main = main(before.iter().chain(&after).map(|(name, _)| *name));
    let at = |name: &str| match essence(name) {
        name if Some(&name) == main.as_ref() => at.clone(),
        name => at.inside(&format!("({name})")),
    };
    let (added, removed) = match role {
        Role::RequestBody | Role::Parameter => (
            "request-body-media-type-added",
            "request-body-media-type-removed",
        ),
        Role::ResponseBody | Role::Header => {
            ("response-media-type-added", "response-media-type-removed")
        }
    };
    let mut ranges = Vec::new();
    for (name, old) in before {
        let found = MATCHERS
            .iter()
            .find_map(|matches| after.iter().position(|(other, _)| matches(name, other)));
        if let Some(index) = found {
            let new = if after[index].0.contains('*') && !name.contains('*') {
                ranges.push(after[index].0);
                after[index].1.clone()
            } else {
                after.remove(index).1
            };
            let wire = encoding::compare(&at(name), role, name, [&old, &new], comparer);
            let schemas = [&old.schemas(), &new.schemas()];
            comparer.add_schemas(&at(name), (role, wire), [&old, &new], schemas);
        } else {
            let both = Both::at(old.pointer, revision.nearest("content")).from(name);
            comparer.record(&at(name), removed, both, format!("`{name}` is removed"));
        }
    }
    for (name, new) in after.into_iter().filter(|(name, _)| !ranges.contains(name)) {
        let both = Both::at(base.nearest("content"), new.pointer).to(name);
        comparer.record(&at(name), added, both, format!("`{name}` is new"));
    }
}

/// How a media type is found in the other document, the best way first: as it is, however it is
/// written, in a range.
const MATCHERS: [fn(&str, &str) -> bool; 3] = [
    |name, other| name == other,
    |name, other| essence(name) == essence(other) && parameters(name) == parameters(other),
    |name, range| {
        let range = essence(range);
        let start = range.strip_suffix('*').unwrap_or("\n");
        range == "*/*" || essence(name).starts_with(start)
    },
];

/// The parameters of a media type. UTF-8 is what is meant without a charset.
fn parameters(name: &str) -> BTreeMap<String, String> {
    let parameters = name.split(';').skip(1);
    let parameters = parameters.filter_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let name = name.trim().to_ascii_lowercase();
        let value = value.trim().trim_matches('"');
        let value = match &name[..] {
            "charset" => value.to_ascii_lowercase(),
            _ => value.to_owned(),
        };
        Some((name, value))
    });
    let is_default =
        |name: &str, value: &str| name == "charset" && matches!(value, "utf-8" | "utf8");
    // The sender chooses the boundary of a form.
    let parameters =
        parameters.filter(|(name, value)| !is_default(name, value) && name != "boundary");
    parameters.collect()
}

/// The media type that locations do not name: JSON, or else the first.
fn main<'n>(names: impl Iterator<Item = &'n str>) -> Option<String> {
    let names: Vec<String> = names.map(essence).collect();
    let json = names.iter().find(|name| *name == "application/json");
    json.or_else(|| names.iter().min()).cloned()
}
