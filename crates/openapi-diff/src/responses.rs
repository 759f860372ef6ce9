//! Responses: statuses, headers and bodies.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::bodies;
use crate::comparer::{Comparer, Location, Role, Scope};
use crate::document::{Both, Document, Place};
use crate::rules::necessity;

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
    headers(response, was, is, comparer);
    bodies::content(response, Role::ResponseBody, was, is, comparer);
}

/// The headers by their names in lower case. The media types stand for `Content-Type`.
fn headers_of<'a>(
    document: Document<'a>,
    response: &Place<'a>,
) -> BTreeMap<String, (&'a str, Place<'a>)> {
    let headers = response.get("headers");
    let members = headers.iter().flat_map(Place::members);
    let members = members.filter_map(|(name, place)| {
        Some((name.to_ascii_lowercase(), (name, document.follow(place)?)))
    });
    members.filter(|(key, _)| key != "content-type").collect()
}

fn headers<'a>(response: &Location, was: &Place<'a>, is: &Place<'a>, comparer: &mut Comparer<'a>) {
    let before = headers_of(comparer.base, was);
    let mut after = headers_of(comparer.revision, is);
    let at = |name: &str| response.inside(&format!("header `{name}`"));
    for (key, (name, old)) in before {
        let at = at(name);
        let was_required = old.flag("required");
        let Some((_, new)) = after.remove(&key) else {
            let id = format!("{}-response-header-removed", necessity(was_required));
            let both = Both::at(old.pointer, is.nearest("headers")).from(name);
            comparer.record(&at, &id, both, "the header is removed");
            continue;
        };
        let is_required = new.flag("required");
        if was_required != is_required {
            let id = format!("response-header-became-{}", necessity(is_required));
            let message = if is_required {
                "every response has the header now"
            } else {
                "the header can be missing now"
            };
            let both = Both::keyword(&old, &new, "required");
            comparer.record(&at, &id, both.from(was_required).to(is_required), message);
        }
        comparer.deprecation(&at, Role::Header, &old, &new);
        let [old, new] = [&old, &new].map(schema_holder);
        comparer.add_schemas(&at, Role::Header, &old, &new);
    }
    for (name, new) in after.into_values() {
        let both = Both::at(was.nearest("headers"), new.pointer).to(name);
        let at = at(name);
        comparer.record(&at, "response-header-added", both, "the header is new");
    }
}

/// The object with the schema of a header: itself or its media type.
fn schema_holder<'a>(header: &Place<'a>) -> Place<'a> {
    let media_type = header.media_type();
    media_type.map_or_else(|| header.clone(), |(_, media_type)| media_type)
}
