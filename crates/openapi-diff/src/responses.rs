//! Answers: statuses, headers and bodies.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::bodies;
use super::compare::{At, Comparison, Role, Scope, Sides};
use super::place::{Document, Place};
use super::rules::{Aspect, Named};

/// The responses by status: `200`, `4XX`, `default`.
type Answers<'a> = BTreeMap<String, Place<'a>>;

fn answers<'a>(document: Document<'a>, operation: &Place<'a>) -> Answers<'a> {
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

/// The range or the default that stands for a status without a response of its own.
fn stand_in(status: &str, answers: &Answers<'_>) -> Option<String> {
    let range = status.get(..1).map(|class| format!("{class}XX"));
    let candidates = [range, Some("default".to_owned())];
    let mut candidates = candidates.into_iter().flatten();
    candidates.find(|candidate| candidate != status && answers.contains_key(candidate))
}

pub(super) fn compare<'a>(
    scope: &Rc<Scope>,
    old: &Place<'a>,
    now: &Place<'a>,
    comparison: &mut Comparison<'a>,
) {
    let before = answers(comparison.base, old);
    let after = answers(comparison.revision, now);
    for (status, was) in &before {
        if let Some(is) = after.get(status) {
            pair(scope, status, was, is, comparison);
            continue;
        }
        let at = At::new(scope, location(status));
        let sides = Sides::at(was.pointer.clone(), now.nearest("responses")).from(status.as_str());
        // What stood beside it before stands for other statuses.
        let merged = stand_in(status, &after).filter(|name| !before.contains_key(name));
        if let Some(name) = merged {
            let message = format!("`{name}` stands for it now");
            comparison.note(&at, Named::StatusMerged, sides.to(name.as_str()), message);
            pair(scope, status, was, &after[&name], comparison);
        } else {
            let rule = if is_success(status) {
                Named::SuccessStatusRemoved
            } else {
                Named::NonSuccessStatusRemoved
            };
            comparison.note(&at, rule, sides, "it is no longer documented");
        }
    }
    for (status, is) in after
        .iter()
        .filter(|(status, _)| !before.contains_key(*status))
    {
        let at = At::new(scope, location(status));
        let sides = Sides::at(old.nearest("responses"), is.pointer.clone()).to(status.as_str());
        if let Some(name) = stand_in(status, &before) {
            let message = format!("it has a response of its own, no longer that of `{name}`");
            comparison.note(
                &at,
                Named::StatusSingledOut,
                sides.from(name.as_str()),
                message,
            );
            pair(scope, status, &before[&name], is, comparison);
        } else {
            let rule = if is_success(status) {
                Named::SuccessStatusAdded
            } else {
                Named::NonSuccessStatusAdded
            };
            comparison.note(&at, rule, sides, "it is new");
        }
    }
}

fn is_success(status: &str) -> bool {
    status.starts_with('2')
}

fn location(status: &str) -> String {
    format!("response {status}")
}

fn pair<'a>(
    scope: &Rc<Scope>,
    status: &str,
    was: &Place<'a>,
    is: &Place<'a>,
    comparison: &mut Comparison<'a>,
) {
    headers(scope, status, was, is, comparison);
    bodies::content(scope, &location(status), Role::Answer, was, is, comparison);
}

/// The headers by their names in lower case. `Content-Type` is said by the media types.
fn headers_of<'a>(
    document: Document<'a>,
    answer: &Place<'a>,
) -> BTreeMap<String, (&'a str, Place<'a>)> {
    let headers = answer.get("headers");
    let members = headers.iter().flat_map(Place::members);
    members
        .filter_map(|(name, place)| {
            Some((name.to_ascii_lowercase(), (name, document.follow(place)?)))
        })
        .filter(|(key, _)| key != "content-type")
        .collect()
}

fn headers<'a>(
    scope: &Rc<Scope>,
    status: &str,
    was: &Place<'a>,
    is: &Place<'a>,
    comparison: &mut Comparison<'a>,
) {
    let before = headers_of(comparison.base, was);
    let mut after = headers_of(comparison.revision, is);
    let at = |name: &str| At::new(scope, format!("{} header `{name}`", location(status)));
    for (key, (name, old)) in before {
        let at = at(name);
        let Some((_, now)) = after.remove(&key) else {
            let rule = if old.flag("required") {
                Named::RequiredHeaderRemoved
            } else {
                Named::OptionalHeaderRemoved
            };
            let sides = Sides::at(old.pointer, is.nearest("headers")).from(name);
            comparison.note(&at, rule, sides, "the header is gone");
            continue;
        };
        let sides = |keyword: &str| {
            let sides = Sides::at(old.nearest(keyword), now.nearest(keyword));
            sides.from(old.flag(keyword)).to(now.flag(keyword))
        };
        if old.flag("required") != now.flag("required") {
            let (rule, message) = if now.flag("required") {
                (
                    Named::HeaderBecameRequired,
                    "every response has the header now",
                )
            } else {
                (Named::HeaderBecameOptional, "the header may be missing now")
            };
            comparison.note(&at, rule, sides("required"), message);
        }
        if old.flag("deprecated") != now.flag("deprecated") {
            let (aspect, message) = if now.flag("deprecated") {
                (Aspect::Deprecated, "it is deprecated")
            } else {
                (Aspect::Reactivated, "it is no longer deprecated")
            };
            comparison.note_beside(&at, Role::Header, aspect, sides("deprecated"), message);
        }
        comparison.schemas(&at, Role::Header, &holder(&old), &holder(&now));
    }
    for (name, now) in after.into_values() {
        let sides = Sides::at(was.nearest("headers"), now.pointer).to(name);
        comparison.note(&at(name), Named::HeaderAdded, sides, "the header is new");
    }
}

/// What holds the schema of a header.
fn holder<'a>(header: &Place<'a>) -> Place<'a> {
    let content = header.get("content");
    let media_type = content
        .as_ref()
        .and_then(|content| content.members().next());
    media_type.map_or_else(|| header.clone(), |(_, media_type)| media_type)
}
