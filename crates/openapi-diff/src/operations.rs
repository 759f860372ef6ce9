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
        let counterpart = counterpart.map(|index| &revision[index]);
        path_items(Some(item), counterpart, comparer);
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
                let (id, was) = if old.flag("deprecated") {
                    let day = old.text("x-sunset");
                    let day = day.map(|day| format!(", with removal announced for {day}"));
                    let was = format!("deprecated{}", day.unwrap_or_default());
                    ("api-removed-with-deprecation", was)
                } else {
                    (
                        "api-removed-without-deprecation",
                        "not deprecated".to_owned(),
                    )
                };
                let both = Both::at(old.pointer, around(revision));
                let message = format!("the operation is removed; it was {was}");
                comparer.record(&at, id, both, message);
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
    let mut both = Both::keyword(old, new, "operationId");
    let (old, new) = (old.text("operationId"), new.text("operationId"));
    [both.from, both.to] = [old, new].map(|id| id.map(Value::from));
    let (change, message) = match (old, new) {
        (Some(old), Some(new)) if old != new => {
            let message = format!("the operationId was `{old}` and is `{new}`");
            ("removed", message)
        }
        (Some(old), None) => ("removed", format!("the operationId `{old}` is removed")),
        (None, Some(new)) => ("added", format!("the operationId is `{new}` now")),
        _ => return,
    };
    comparer.record(at, &format!("api-operation-id-{change}"), both, message);
}

/// `x-sunset` is the day of removal, which ISO 8601 makes comparable as text.
fn deprecation<'a>(at: &Location, old: &Place<'a>, new: &Place<'a>, comparer: &mut Comparer<'a>) {
    let (was, is) = (old.flag("deprecated"), new.flag("deprecated"));
    let mut days = Both::keyword(old, new, "x-sunset");
    let flag = Both::keyword(old, new, "deprecated").from(was).to(is);
    let (old, new) = (old.text("x-sunset"), new.text("x-sunset"));
    if was != is {
        let (id, message) = match (is, new) {
            (false, _) => ("endpoint-reactivated", "no longer deprecated".to_owned()),
            (true, None) => ("endpoint-deprecated", "deprecated".to_owned()),
            (true, Some(day)) => {
                let message = format!("deprecated; it will be removed on {day}");
                ("endpoint-deprecated-with-sunset", message)
            }
        };
        return comparer.record(at, id, flag, format!("the operation is {message}"));
    }
    let (id, message) = match (old, new) {
        _ if !is || old == new => return,
        (_, None) => {
            let old = old.unwrap_or_default();
            let message = format!("the day of removal is no longer stated; it was {old}");
            ("sunset-deleted", message)
        }
        (Some(old), Some(new)) if new < old => {
            let message = format!("the operation will be removed on {new}, earlier than on {old}");
            ("api-sunset-date-changed-too-small", message)
        }
        (_, Some(new)) => {
            let message = format!("the operation will be removed on {new}");
            ("api-sunset-date-moved-later", message)
        }
    };
    [days.from, days.to] = [old, new].map(|day| day.map(Value::from));
    comparer.record(at, id, days, message);
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
    type Urls = [(String, Pointer)];
    let only_in = |one: &Urls, other: &Urls| -> Vec<(String, Pointer)> {
        let mut urls = one.to_vec();
        urls.retain(|(url, _)| !other.iter().any(|(known, _)| known == url));
        urls
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
    let both = [&old, &new].into_iter().flatten();
    let names: BTreeSet<&str> = both
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
        let (old, new) = match (item(&old), item(&new)) {
            (Some(old), Some(new)) => (old, new),
            (Some(old), None) => {
                let both = Both::at(old.pointer, Pointer::root());
                comparer.record(&at, "webhook-removed", both, "the webhook is removed");
                continue;
            }
            (None, new) => {
                let both = Both::at(Pointer::root(), new.map(|new| new.pointer));
                comparer.record(&at, "webhook-added", both, "the webhook is new");
                continue;
            }
        };
        let payload = |document: Document<'a>, item: &Place<'a>, method: &str| {
            let item = PathItem::new(document, "", item.clone());
            document.follow(item.operation(method)?.get("requestBody")?)
        };
        for method in METHODS {
            let old = payload(comparer.base, &old, method);
            let new = payload(comparer.revision, &new, method);
            if let (Some(old), Some(new)) = (old, new) {
                let at = Location::new(&scope(Some(method)), "payload");
                bodies::content(&at, Role::ResponseBody, &old, &new, comparer);
            }
        }
    }
}
