//! Operations, webhooks and servers.

use std::collections::BTreeSet;
use std::rc::Rc;

use openapi_pipeline::Pointer;
use openapi_pipeline::resolve::METHODS;
use serde_json::Value;

use crate::comparer::{Comparer, Location, Role, Scope};
use crate::document::{Both, Document, Place};
use crate::finding::OPERATION;
use crate::paths::{PathItem, matched, paths};
use crate::{bodies, parameters, responses, security};

/// Compares the operations of all paths.
pub(crate) fn compare<'a>(comparer: &mut Comparer<'a>) {
    let (base, revision) = (paths(comparer.base), paths(comparer.revision));
    let counterpart = matched(&base, &revision);
    let taken: BTreeSet<usize> = counterpart.iter().flatten().copied().collect();
    for (item, counterpart) in base.iter().zip(counterpart) {
        path_items(
            Some(item),
            counterpart.map(|index| &revision[index]),
            comparer,
        );
    }
    for (index, item) in revision.iter().enumerate() {
        if !taken.contains(&index) {
            path_items(None, Some(item), comparer);
        }
    }
}

fn path_items<'a>(
    base: Option<&PathItem<'a>>,
    revision: Option<&PathItem<'a>>,
    comparer: &mut Comparer<'a>,
) {
    let around = |item: Option<&PathItem<'a>>| {
        item.map_or_else(|| Pointer::root().child("paths"), PathItem::pointer)
    };
    for method in METHODS {
        let old = base.and_then(|item| Some((item, item.operation(method)?)));
        let new = revision.and_then(|item| Some((item, item.operation(method)?)));
        match (old, new) {
            (Some((base, old)), Some((revision, new))) => {
                let scope = scope(method, base.path, &new, Some(&old));
                let at = Location::new(&scope, OPERATION);
                operation_id(&at, &old, &new, comparer);
                deprecation(&at, &old, &new, comparer);
                parameters::compare(&scope, (base, &old), (revision, &new), comparer);
                bodies::request(&scope, &old, &new, comparer);
                responses::compare(&scope, &old, &new, comparer);
                security::compare(&scope, &old, &new, comparer);
            }
            (Some((item, old)), None) => {
                let at = Location::new(&scope(method, item.path, &old, None), OPERATION);
                let (id, suffix) = match (old.flag("deprecated"), old.text("x-sunset")) {
                    (false, _) => (
                        "api-removed-without-deprecation",
                        "not deprecated".to_owned(),
                    ),
                    (true, None) => ("api-removed-with-deprecation", "deprecated".to_owned()),
                    (true, Some(day)) => (
                        "api-removed-with-deprecation",
                        format!("deprecated, with removal announced for {day}"),
                    ),
                };
                let both = Both::at(old.pointer.clone(), around(revision));
                comparer.record(
                    &at,
                    id,
                    both,
                    format!("the operation is removed; it was {suffix}"),
                );
            }
            (None, Some((item, new))) => {
                let at = Location::new(&scope(method, item.path, &new, None), OPERATION);
                let both = Both::at(around(base), new.pointer);
                comparer.record(&at, "endpoint-added", both, "the operation is new");
            }
            (None, None) => {}
        }
    }
}

fn scope(method: &str, path: &str, operation: &Place<'_>, other: Option<&Place<'_>>) -> Rc<Scope> {
    let id = operation
        .text("operationId")
        .or_else(|| other?.text("operationId"));
    Rc::new(Scope {
        method: Some(method.to_ascii_uppercase()),
        path: Some(path.to_owned()),
        operation_id: id.map(str::to_owned),
    })
}

fn operation_id<'a>(at: &Location, old: &Place<'a>, new: &Place<'a>, comparer: &mut Comparer<'a>) {
    let both = Both::keyword(old, new, "operationId");
    let (id, both, message) = match (old.text("operationId"), new.text("operationId")) {
        (Some(old), Some(new)) if old != new => (
            "api-operation-id-removed",
            both.from(old).to(new),
            format!("the operationId was `{old}` and is `{new}`"),
        ),
        (Some(old), None) => (
            "api-operation-id-removed",
            both.from(old),
            format!("the operationId `{old}` is removed"),
        ),
        (None, Some(new)) => (
            "api-operation-id-added",
            both.to(new),
            format!("the operationId is `{new}` now"),
        ),
        _ => return,
    };
    comparer.record(at, id, both, message);
}

/// `x-sunset` is the day of removal, which ISO 8601 makes comparable as text.
fn deprecation<'a>(at: &Location, old: &Place<'a>, new: &Place<'a>, comparer: &mut Comparer<'a>) {
    let (was, is) = (old.flag("deprecated"), new.flag("deprecated"));
    let flag = Both::keyword(old, new, "deprecated").from(was).to(is);
    let mut days = Both::keyword(old, new, "x-sunset");
    let (old, new) = (old.text("x-sunset"), new.text("x-sunset"));
    days.from = old.map(Value::from);
    days.to = new.map(Value::from);
    let (id, both, message) = match (was, is, old, new) {
        (false, true, _, None) => (
            "endpoint-deprecated",
            flag,
            "the operation is deprecated".to_owned(),
        ),
        (false, true, _, Some(day)) => (
            "endpoint-deprecated-with-sunset",
            flag,
            format!("the operation is deprecated; it will be removed on {day}"),
        ),
        (true, false, ..) => (
            "endpoint-reactivated",
            flag,
            "the operation is no longer deprecated".to_owned(),
        ),
        (true, true, Some(day), None) => (
            "sunset-deleted",
            days,
            format!("the day of removal is no longer stated; it was {day}"),
        ),
        (true, true, Some(old), Some(new)) if new < old => (
            "api-sunset-date-changed-too-small",
            days,
            format!("the operation will be removed on {new}, earlier than on {old}"),
        ),
        (true, true, old, Some(new)) if old != Some(new) => (
            "api-sunset-date-moved-later",
            days,
            format!("the operation will be removed on {new}"),
        ),
        _ => return,
    };
    comparer.record(at, id, both, message);
}

/// Compares the server URLs.
pub(crate) fn servers(comparer: &mut Comparer<'_>) {
    let servers = |document: Document<'_>| -> Vec<(String, Pointer)> {
        let servers = Place::root(document.0).get("servers");
        let urls = servers.iter().flat_map(Place::entries);
        urls.filter_map(|server| Some((server.text("url")?.to_owned(), server.pointer)))
            .collect()
    };
    let (old, new) = (servers(comparer.base), servers(comparer.revision));
    let at = Location::new(&Rc::new(Scope::default()), "servers");
    let around = |document: Document<'_>| Place::root(document.0).nearest("servers");
    let only_in = |one: &[(String, Pointer)],
                   other: &[(String, Pointer)]|
     -> Vec<(String, Pointer)> {
        let is_new = |(url, _): &&(String, Pointer)| !other.iter().any(|(known, _)| known == url);
        one.iter().filter(is_new).cloned().collect()
    };
    for (url, pointer) in only_in(&old, &new) {
        let message = format!("the server URL `{url}` is no longer listed");
        let both = Both::at(pointer, around(comparer.revision)).from(url);
        comparer.record(&at, "api-server-removed", both, message);
    }
    for (url, pointer) in only_in(&new, &old) {
        let message = format!("the server URL `{url}` is new");
        let both = Both::at(around(comparer.base), pointer).to(url);
        comparer.record(&at, "api-server-added", both, message);
    }
}

/// Compares the webhooks. The server sends them, so the rules of responses hold for their payloads.
pub(crate) fn webhooks<'a>(comparer: &mut Comparer<'a>) {
    let webhooks = |document: Document<'a>| Place::root(document.0).get("webhooks");
    let (old, new) = (webhooks(comparer.base), webhooks(comparer.revision));
    let names: BTreeSet<&str> = [&old, &new]
        .into_iter()
        .flatten()
        .flat_map(Place::members)
        .map(|(name, _)| name)
        .collect();
    for name in names {
        let item = |place: &Option<Place<'a>>| place.as_ref()?.get(name);
        let scope = |method: Option<&str>| {
            Rc::new(Scope {
                method: method.map(str::to_ascii_uppercase),
                path: Some(format!("webhooks/{name}")),
                operation_id: None,
            })
        };
        let at = Location::new(&scope(None), "webhook");
        match (item(&old), item(&new)) {
            (Some(old), Some(new)) => webhook(scope, old, new, comparer),
            (Some(old), None) => {
                let both = Both::at(old.pointer, Pointer::root());
                comparer.record(&at, "webhook-removed", both, "the webhook is removed");
            }
            (None, Some(new)) => {
                let both = Both::at(Pointer::root(), new.pointer);
                comparer.record(&at, "webhook-added", both, "the webhook is new");
            }
            (None, None) => {}
        }
    }
}

fn webhook<'a>(
    scope: impl Fn(Option<&str>) -> Rc<Scope>,
    old: Place<'a>,
    new: Place<'a>,
    comparer: &mut Comparer<'a>,
) {
    let payload = |document: Document<'a>, item: &PathItem<'a>, method: &str| {
        document.follow(item.operation(method)?.get("requestBody")?)
    };
    let old = PathItem::new(comparer.base, "", old);
    let new = PathItem::new(comparer.revision, "", new);
    for method in METHODS {
        let old = payload(comparer.base, &old, method);
        let new = payload(comparer.revision, &new, method);
        if let (Some(old), Some(new)) = (old, new) {
            let scope = scope(Some(method));
            bodies::content(&scope, "payload", Role::ResponseBody, &old, &new, comparer);
        }
    }
}
