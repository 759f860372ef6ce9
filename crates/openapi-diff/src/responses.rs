//! Responses: statuses, headers and bodies.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::bodies;
use crate::comparer::{Comparer, Location, Role, Scope};
use crate::document::{Both, Document, Place};
use crate::rules::necessity;
use crate::schema::Wire;

/// The responses by status: `200`, `4XX`, `default`.
type Responses<'a> = BTreeMap<String, Place<'a>>;

fn responses<'a>(document: Document<'a>, operation: &Place<'a>) -> Responses<'a> {
    let responses = operation.get("responses");
    let members = responses.iter().flat_map(Place::members);
    members
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

pub(crate) fn compare<'a>(
    scope: &Rc<Scope>,
    old: &Place<'a>,
    new: &Place<'a>,
    comparer: &mut Comparer<'a>,
) {
    let before = responses(comparer.base, old);
    let after = responses(comparer.revision, new);
    for (status, was) in &before {
        let at = Location::new(scope, format!("response {status}"));
        if let Some(is) = after.get(status) {
            pair(&at, was, is, comparer);
            continue;
        }
        let both = Both::at(was.pointer.clone(), new.nearest("responses")).from(status.as_str());
        // A fallback that was there before documents other statuses.
        let merged = fallback(status, &after).filter(|name| !before.contains_key(name));
        if let Some(name) = merged {
            let message = format!("`{name}` documents it now");
            let both = both.to(name.as_str());
            comparer.record(&at, "response-status-merged", both, message);
            pair(&at, was, &after[&name], comparer);
            continue;
        }
        // What is left of a range, or of the default, are the statuses that have their own now.
        let is_singled_out = |other: &String| {
            !before.contains_key(other) && fallback(other, &before).as_ref() == Some(status)
        };
        if after.keys().any(is_singled_out) {
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
        let at = Location::new(scope, format!("response {status}"));
        let both = Both::at(old.nearest("responses"), is.pointer.clone()).to(status.as_str());
        if let Some(name) = fallback(status, &before) {
            let message = format!("it has a response of its own, no longer that of `{name}`");
            let both = both.from(name.as_str());
            comparer.record(&at, "response-status-singled-out", both, message);
            pair(&at, &before[&name], is, comparer);
        } else {
            let id = format!("response-{}-added", kind(status));
            comparer.record(&at, &id, both, "it is new");
        }
    }
}

fn pair<'a>(response: &Location, was: &Place<'a>, is: &Place<'a>, comparer: &mut Comparer<'a>) {
    let at = |header: &str| response.inside(header);
    let headers = [
        headers_of(comparer.base, was),
        headers_of(comparer.revision, is),
    ];
    sent("header", &at, headers, [was, is], comparer);
    bodies::content(response, Role::ResponseBody, was, is, comparer);
    links(response, was, is, comparer);
}

/// Compares what the client may answer to a request of the server.
pub(crate) fn answers<'a>(
    at: &dyn Fn(&str) -> Location,
    old: &Place<'a>,
    new: &Place<'a>,
    comparer: &mut Comparer<'a>,
) {
    let before = responses(comparer.base, old);
    let after = responses(comparer.revision, new);
    for (status, was) in &before {
        let at = at(&format!("response {status}"));
        let name = Some(status.clone()).filter(|status| after.contains_key(status));
        if let Some(name) = name.or_else(|| fallback(status, &after)) {
            bodies::content(&at, Role::RequestBody, was, &after[&name], comparer);
        } else {
            let id = format!("response-{}-removed", kind(status));
            let both = Both::at(was.pointer.clone(), new.nearest("responses"));
            comparer.record(
                &at,
                &id,
                both.from(status.as_str()),
                "it is no longer documented",
            );
        }
    }
    for (status, is) in &after {
        if !before.contains_key(status) && fallback(status, &before).is_none() {
            let id = format!("response-{}-added", kind(status));
            let both = Both::at(old.nearest("responses"), is.pointer.clone());
            comparer.record(
                &at(&format!("response {status}")),
                &id,
                both.to(status.as_str()),
                "it is new",
            );
        }
    }
}

/// Compares the links to other operations.
fn links<'a>(response: &Location, was: &Place<'a>, is: &Place<'a>, comparer: &mut Comparer<'a>) {
    let documents = [comparer.base, comparer.revision];
    let [before, mut after] = [was, is].map(|response| {
        let links = response.get("links");
        links
            .iter()
            .flat_map(Place::members)
            .collect::<BTreeMap<_, _>>()
    });
    // What a link says for readers does not count.
    let target = |document: Document<'a>, link: Place<'a>| {
        let link = document.follow(link)?;
        let members = link.members().filter(|(key, _)| *key != "description");
        let members = members.map(|(key, place)| (key, place.value));
        Some(members.collect::<BTreeMap<_, _>>())
    };
    for (name, old) in before {
        let at = response.inside(&format!("link `{name}`"));
        let Some(new) = after.remove(name) else {
            let both = Both::at(old.pointer, is.nearest("links")).from(name);
            comparer.record(&at, "response-link-removed", both, "the link is removed");
            continue;
        };
        let both = Both::at(old.pointer.clone(), new.pointer.clone());
        if target(documents[0], old) != target(documents[1], new) {
            let message = "the link leads to another operation, or passes other values";
            comparer.record(&at, "response-link-changed", both, message);
        }
    }
    for (name, new) in after {
        let at = response.inside(&format!("link `{name}`"));
        let both = Both::at(was.nearest("links"), new.pointer).to(name);
        comparer.record(&at, "response-link-added", both, "the link is new");
    }
}

/// The headers by their names in lower case. The media types stand for `Content-Type`.
fn headers_of<'a>(document: Document<'a>, response: &Place<'a>) -> Sent<'a> {
    let headers = response.get("headers");
    let members = headers.iter().flat_map(Place::members);
    let members = members.filter_map(|(name, place)| {
        let part = format!("header `{name}`");
        let place = document.follow(place)?;
        Some((name.to_ascii_lowercase(), (name, part, place)))
    });
    members.filter(|(key, _)| key != "content-type").collect()
}

/// Headers of a response, or parameters of a request of the server, by what tells them apart; each
/// with its name and what findings call it.
pub(crate) type Sent<'a> = BTreeMap<String, (&'a str, String, Place<'a>)>;

/// Compares what the server sends beside a body. `noun` says what it is.
pub(crate) fn sent<'a>(
    noun: &str,
    at: &dyn Fn(&str) -> Location,
    [before, mut after]: [Sent<'a>; 2],
    around: [&Place<'a>; 2],
    comparer: &mut Comparer<'a>,
) {
    let list = format!("{noun}s");
    for (key, (name, part, old)) in before {
        let at = at(&part);
        let was_required = old.flag("required");
        let Some((_, _, new)) = after.remove(&key) else {
            let id = format!("{}-response-header-removed", necessity(was_required));
            let both = Both::at(old.pointer, around[1].nearest(&list)).from(name);
            comparer.record(&at, &id, both, format!("the {noun} is removed"));
            continue;
        };
        let is_required = new.flag("required");
        if was_required != is_required {
            let id = format!("response-header-became-{}", necessity(is_required));
            let message = if is_required {
                format!("the {noun} is never missing any more")
            } else {
                format!("the {noun} can be missing now")
            };
            let both = Both::keyword(&old, &new, "required");
            comparer.record(&at, &id, both.from(was_required).to(is_required), message);
        }
        comparer.lifecycle(&at, Role::Header, &old, &new);
        let is_text = old.media_type().is_none() && new.media_type().is_none();
        let wire = if is_text { Wire::Text } else { Wire::Json };
        let [old, new] = [&old, &new].map(schema_holder);
        comparer.add_schemas(&at, (Role::Header, wire), [&old, &new]);
    }
    for (name, part, new) in after.into_values() {
        let both = Both::at(around[0].nearest(&list), new.pointer).to(name);
        let message = format!("the {noun} is new");
        comparer.record(&at(&part), "response-header-added", both, message);
    }
}

/// The object with the schema of a header: itself or its media type.
fn schema_holder<'a>(header: &Place<'a>) -> Place<'a> {
    let media_type = header.media_type();
    media_type.map_or_else(|| header.clone(), |(_, media_type)| media_type)
}
