//! Bodies: whether one is sent, its media types and their schemas.

use std::collections::BTreeMap;
use std::rc::Rc;

use openapi_pipeline::naming::essence;

use crate::comparer::{Comparer, Location, Role, Scope};
use crate::document::{Both, Place};
use crate::encoding;
use crate::rules::necessity;

/// Compares the request bodies of an operation.
pub(crate) fn request<'a>(
    scope: &Rc<Scope>,
    old: &Place<'a>,
    new: &Place<'a>,
    comparer: &mut Comparer<'a>,
) {
    let (base, revision) = (comparer.base, comparer.revision);
    let before = old.get("requestBody");
    let before = before.and_then(|place| base.follow(place));
    let after = new.get("requestBody");
    let after = after.and_then(|place| revision.follow(place));
    let at = Location::new(scope, "request body");
    match (before, after) {
        (Some(before), Some(after)) => {
            let (was, is) = (before.flag("required"), after.flag("required"));
            if was != is {
                let needed = necessity(is);
                let id = format!("request-body-became-{needed}");
                let both = Both::keyword(&before, &after, "required").from(was).to(is);
                comparer.record(&at, &id, both, format!("the body is {needed} now"));
            }
            content(&at, Role::RequestBody, &before, &after, comparer);
        }
        (Some(before), None) => {
            let both = Both::at(before.pointer, new.pointer.clone());
            comparer.record(&at, "request-body-removed", both, "the body is removed");
        }
        (None, Some(after)) => {
            let (id, message) = if after.flag("required") {
                ("request-body-added-required", "a required body is new")
            } else {
                ("request-body-added-optional", "an optional body is new")
            };
            let both = Both::at(old.pointer.clone(), after.pointer);
            comparer.record(&at, id, both, message);
        }
        (None, None) => {}
    }
}

/// Compares the media types of two bodies, and their schemas.
pub(crate) fn content<'a>(
    at: &Location,
    role: Role,
    base: &Place<'a>,
    revision: &Place<'a>,
    comparer: &mut Comparer<'a>,
) {
    let media_types = |place: &Place<'a>| -> Vec<(&'a str, Place<'a>)> {
        let content = place.get("content");
        content.iter().flat_map(Place::members).collect()
    };
    let (before, mut after) = (media_types(base), media_types(revision));
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
            comparer.add_schemas(&at(name), (role, wire), [&old, &new]);
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
