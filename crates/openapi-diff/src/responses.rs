//! Responses: statuses, headers and bodies.

use std::collections::BTreeMap;

use crate::bodies;
use crate::comparer::{Comparer, Location};
use crate::document::{Both, Document, Place, joined};
use crate::rules::{Role, necessity};
use crate::schema::Wire;

/// The responses by status: `200`, `4XX`, `default`.
type Responses<'a> = BTreeMap<String, Place<'a>>;

fn responses<'a>(document: Document<'a>, operation: &Place<'a>) -> Responses<'a> {
    let responses = operation.members_of("responses").into_iter();
    responses
        .filter(|(status, _)| !status.starts_with("x-"))
        .filter_map(|(status, place)| {
            let status = match status {
                "default" => status.to_owned(),
                status => status.to_ascii_uppercase(),
            };
            Some((status, document.follow(place)?))
        })
        .collect()
}

/// The range or the default that documents a status without a response of its own.
fn fallback(status: &str, responses: &Responses<'_>) -> Option<String> {
    let range = status.get(..1).map(|class| format!("{class}XX"));
    let candidates = [range, Some("default".to_owned())];
    let mut candidates = candidates.into_iter().flatten();
    candidates.find(|candidate| candidate != status && responses.contains_key(candidate))
}

/// What the names of rules call a status.
fn kind(status: &str) -> &'static str {
    if status.starts_with('2') {
        "success-status"
    } else {
        "non-success-status"
    }
}

/// Compares the responses of an operation: those of the server, or the answers of the client to a
/// request of the server. Of answers only the bodies count.
pub(crate) fn compare<'a>(
    at: &dyn Fn(&str) -> Location,
    role: Role,
    [old, new]: [&Place<'a>; 2],
    comparer: &mut Comparer<'a>,
) {
    let is_answer = role == Role::RequestBody;
    let before = responses(comparer.base, old);
    let after = responses(comparer.revision, new);
    for (status, was) in &before {
        let at = at(&format!("response {status}"));
        let both = Both::at(was.pointer.clone(), new.nearest("responses")).from(status.as_str());
        // A fallback that was there before documents other statuses.
        let is_new = |name: &String| is_answer || !before.contains_key(name);
        // What is left of a range, or of the default, are the statuses that have their own now.
        let is_singled_out = |other: &String| {
            !before.contains_key(other) && fallback(other, &before).as_ref() == Some(status)
        };
        if let Some(is) = after.get(status) {
            pair(&at, role, [was, is], comparer);
        } else if let Some(name) = fallback(status, &after).filter(is_new) {
            if !is_answer {
                let message = format!("`{name}` documents it now");
                let both = both.to(name.as_str());
                comparer.record(&at, "response-status-merged", both, message);
            }
            pair(&at, role, [was, &after[&name]], comparer);
        } else if !is_answer && after.keys().any(is_singled_out) {
            let message = "only statuses with a response of their own are documented now";
            comparer.record(&at, "response-status-singled-out", both, message);
        } else {
            let id = format!("response-{}-removed", kind(status));
            comparer.record(&at, &id, both, "it is no longer documented");
        }
    }
    for (status, is) in &after {
        if before.contains_key(status) {
            continue;
        }
        let at = at(&format!("response {status}"));
        let both = Both::at(old.nearest("responses"), is.pointer.clone()).to(status.as_str());
        match fallback(status, &before) {
            Some(_) if is_answer => {}
            Some(name) => {
                let message = format!("it has a response of its own, no longer that of `{name}`");
                let both = both.from(name.as_str());
                comparer.record(&at, "response-status-singled-out", both, message);
                pair(&at, role, [&before[&name], is], comparer);
            }
            None => {
                let id = format!("response-{}-added", kind(status));
                comparer.record(&at, &id, both, "it is new");
            }
        }
    }
}

fn pair<'a>(
    response: &Location,
    role: Role,
    [was, is]: [&Place<'a>; 2],
    comparer: &mut Comparer<'a>,
) {
    bodies::content(response, role, [was, is], comparer);
    if role == Role::ResponseBody {
        let at = |header: &str| response.inside(header);
        let headers = [
            headers_of(comparer.base, was),
            headers_of(comparer.revision, is),
        ];
        sent("header", &at, headers, [was, is], comparer);
        links(response, was, is, comparer);
    }
}

/// Compares the links to other operations.
fn links<'a>(response: &Location, was: &Place<'a>, is: &Place<'a>, comparer: &mut Comparer<'a>) {
    // What a link says for readers does not count.
    let target = |document: Document<'a>, link: &Place<'a>| {
        let link = document.follow(link.clone())?;
        let members = link.members().filter(|(key, _)| *key != "description");
        let members = members.map(|(key, place)| (key, place.value));
        Some(members.collect::<BTreeMap<_, _>>())
    };
    let (base, revision) = (comparer.base, comparer.revision);
    for (name, links) in joined([was, is].map(|response| response.members_of("links"))) {
        let at = response.inside(&format!("link `{name}`"));
        let (id, both, message) = match links {
            [Some(old), Some(new)] if target(base, &old) != target(revision, &new) => (
                "response-link-changed",
                Both::at(old.pointer, new.pointer),
                "the link leads to another operation, or passes other values",
            ),
            [Some(old), None] => (
                "response-link-removed",
                Both::at(old.pointer, is.nearest("links")).from(name),
                "the link is removed",
            ),
            [None, Some(new)] => (
                "response-link-added",
                Both::at(was.nearest("links"), new.pointer).to(name),
                "the link is new",
            ),
            _ => continue,
        };
        comparer.record(&at, id, both, message);
    }
}

/// The headers by their names in lower case. The media types stand for `Content-Type`.
fn headers_of<'a>(document: Document<'a>, response: &Place<'a>) -> Sent<'a> {
    let headers = response.members_of("headers").into_iter();
    let headers = headers.filter_map(|(name, place)| {
        let part = format!("header `{name}`");
        let place = document.follow(place)?;
        Some((name.to_ascii_lowercase(), (name, part, place)))
    });
    headers.filter(|(key, _)| key != "content-type").collect()
}

/// Headers of a response, or parameters of a request of the server, by what tells them apart; each
/// with its name and what findings call it.
pub(crate) type Sent<'a> = BTreeMap<String, (&'a str, String, Place<'a>)>;

/// Compares what the server sends beside a body. `noun` says what it is.
pub(crate) fn sent<'a>(
    noun: &str,
    at: &dyn Fn(&str) -> Location,
    sides: [Sent<'a>; 2],
    around: [&Place<'a>; 2],
    comparer: &mut Comparer<'a>,
) {
    let list = format!("{noun}s");
    for sides in joined(sides).into_values() {
        match sides {
            [Some((_, part, old)), Some((.., new))] => {
                let (at, places) = (at(&part), [&old, &new]);
                let always = format!("the {noun} is never missing any more");
                let sometimes = format!("the {noun} can be missing now");
                let rules = [
                    ("response-header-became-required", &always[..]),
                    ("response-header-became-optional", &sometimes[..]),
                ];
                comparer.flag(&at, "required", places, rules);
                comparer.lifecycle(&at, places, |aspect| Role::Header.rule(aspect, false));
                let is_text = places.iter().all(|place| place.media_type().is_none());
                let wire = if is_text { Wire::Text } else { Wire::Json };
                let schemas = [&old.schemas(), &new.schemas()];
                comparer.add_schemas(&at, (Role::Header, wire), places, schemas);
            }
            [Some((name, part, old)), None] => {
                let needed = necessity(old.flag("required"));
                let id = format!("{needed}-response-header-removed");
                let both = Both::at(old.pointer, around[1].nearest(&list)).from(name);
                comparer.record(&at(&part), &id, both, format!("the {noun} is removed"));
            }
            [None, Some((name, part, new))] => {
                let both = Both::at(around[0].nearest(&list), new.pointer).to(name);
                let message = format!("the {noun} is new");
                comparer.record(&at(&part), "response-header-added", both, message);
            }
            [None, None] => {}
        }
    }
}
