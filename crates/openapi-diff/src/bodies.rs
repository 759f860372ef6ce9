//! Bodies: whether one is sent, as what, and what is in it.

use std::rc::Rc;

use super::compare::{At, Comparison, Role, Scope, Sides};
use super::place::Place;
use super::rules::Named;

const REQUEST_BODY: &str = "request body";

/// Compares the bodies that an operation takes.
pub(super) fn request<'a>(
    scope: &Rc<Scope>,
    old: &Place<'a>,
    now: &Place<'a>,
    comparison: &mut Comparison<'a>,
) {
    let body = |place: Option<Place<'a>>, document: super::place::Document<'a>| {
        place.and_then(|place| document.follow(place))
    };
    let before = body(old.get("requestBody"), comparison.base);
    let after = body(now.get("requestBody"), comparison.revision);
    let at = At::new(scope, REQUEST_BODY);
    match (before, after) {
        (Some(before), Some(after)) => {
            let (was, is) = (before.flag("required"), after.flag("required"));
            if was != is {
                let (rule, message) = if is {
                    (Named::BodyBecameRequired, "the body must be sent now")
                } else {
                    (Named::BodyBecameOptional, "the body may be left out now")
                };
                let sides = Sides::at(before.nearest("required"), after.nearest("required"));
                comparison.note(&at, rule, sides.from(was).to(is), message);
            }
            content(
                scope,
                REQUEST_BODY,
                Role::RequestBody,
                &before,
                &after,
                comparison,
            );
        }
        (Some(before), None) => {
            let sides = Sides::at(before.pointer, now.pointer.clone());
            comparison.note(&at, Named::BodyRemoved, sides, "no body is taken any more");
        }
        (None, Some(after)) => {
            let (rule, message) = if after.flag("required") {
                (
                    Named::BodyAddedRequired,
                    "a body must be sent, where there was none",
                )
            } else {
                (
                    Named::BodyAddedOptional,
                    "a body may be sent, where there was none",
                )
            };
            comparison.note(
                &at,
                rule,
                Sides::at(old.pointer.clone(), after.pointer),
                message,
            );
        }
        (None, None) => {}
    }
}

/// Compares the media types of two bodies, and what is in them.
pub(super) fn content<'a>(
    scope: &Rc<Scope>,
    location: &str,
    role: Role,
    base: &Place<'a>,
    revision: &Place<'a>,
    comparison: &mut Comparison<'a>,
) {
    let media_types = |place: &Place<'a>| -> Vec<(&'a str, Place<'a>)> {
        place
            .get("content")
            .iter()
            .flat_map(Place::members)
            .collect()
    };
    let (before, mut after) = (media_types(base), media_types(revision));
    let main = main(before.iter().chain(&after).map(|(name, _)| *name));
    let at = |name: &str| {
        // The main media type goes without saying.
        if Some(essence(name)) == main {
            At::new(scope, location)
        } else {
            At::new(scope, format!("{location} ({})", essence(name)))
        }
    };
    let (added, removed) = match role {
        Role::RequestBody | Role::Parameter => {
            (Named::RequestMediaTypeAdded, Named::RequestMediaTypeRemoved)
        }
        Role::Answer | Role::Header => (
            Named::ResponseMediaTypeAdded,
            Named::ResponseMediaTypeRemoved,
        ),
    };
    let mut ranges = Vec::new();
    for (name, old) in before {
        let found = FITS
            .iter()
            .find_map(|fits| after.iter().position(|(other, _)| fits(name, other)));
        if let Some(index) = found {
            let now = if after[index].0.contains('*') && !name.contains('*') {
                ranges.push(after[index].0);
                after[index].1.clone()
            } else {
                after.remove(index).1
            };
            comparison.schemas(&at(name), role, &old, &now);
        } else {
            let sides = Sides::at(old.pointer, revision.nearest("content")).from(name);
            comparison.note(&at(name), removed, sides, format!("`{name}` is gone"));
        }
    }
    for (name, now) in after.into_iter().filter(|(name, _)| !ranges.contains(name)) {
        let sides = Sides::at(base.nearest("content"), now.pointer).to(name);
        comparison.note(&at(name), added, sides, format!("`{name}` is new"));
    }
}

/// How a media type is found again: as it is, without its parameters, in a range.
const FITS: [fn(&str, &str) -> bool; 3] = [
    |name, other| name == other,
    |name, other| essence(name) == essence(other),
    |name, range| {
        let range = essence(range);
        let start = range.strip_suffix('*').unwrap_or("\n");
        range == "*/*" || essence(name).starts_with(start)
    },
];

/// The media type without parameters, in lower case.
fn essence(name: &str) -> String {
    name.split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}

/// The media type that goes without saying: JSON, or else the first.
fn main<'n>(names: impl Iterator<Item = &'n str>) -> Option<String> {
    let names: Vec<String> = names.map(essence).collect();
    let json = names.iter().find(|name| *name == "application/json");
    json.or_else(|| names.iter().min()).cloned()
}
