//! Requests that the server sends: webhooks and callbacks.
//!
//! The rules of responses hold for what they carry, and those of requests for what the client may
//! answer.

use std::collections::BTreeSet;
use std::rc::Rc;

use openapi_pipeline::resolve::METHODS;

use crate::comparer::{Comparer, Location, Role, Scope};
use crate::document::{Both, Document, Place};
use crate::operations::lifecycle;
use crate::paths::PathItem;
use crate::{bodies, parameters, responses};

/// The deepest nesting of callbacks in callbacks that is compared.
const MAX_NESTED: usize = 4;

/// Compares the webhooks.
pub(crate) fn webhooks<'a>(comparer: &mut Comparer<'a>) {
    let [old, new] = [comparer.base, comparer.revision].map(|document| Place::root(document.0));
    let lists = [old.get("webhooks"), new.get("webhooks")];
    for name in names(&lists) {
        let scope = |method: Option<&str>| {
            Rc::new(Scope {
                method: method.map(str::to_owned),
                path: Some(format!("webhooks/{name}")),
                operation_id: None,
            })
        };
        let whole = Location::new(&scope(None), "webhook");
        let items = lists.each_ref().map(|list| list.as_ref()?.get(name));
        let at = |method: &str, part: &str| Location::new(&scope(Some(method)), part);
        items_of(("webhook", 0), &whole, &at, &items, [&old, &new], comparer);
    }
}

/// Compares the callbacks of an operation. Those of a callback are named `inside` it, with its depth.
pub(crate) fn callbacks<'a>(
    scope: &Rc<Scope>,
    (inside, depth): (&str, usize),
    [old, new]: [&Place<'a>; 2],
    comparer: &mut Comparer<'a>,
) {
    let documents = [comparer.base, comparer.revision];
    let lists = [old.get("callbacks"), new.get("callbacks")];
    for name in names(&lists) {
        let part = format!("{inside}callback `{name}`");
        let callback = |index: usize| {
            let list = lists[index].as_ref();
            list.and_then(|list| documents[index].follow(list.get(name)?))
        };
        let callbacks = [callback(0), callback(1)];
        for expression in names(&callbacks) {
            let items = callbacks
                .each_ref()
                .map(|callback| callback.as_ref()?.get(expression));
            let part = format!("{part} to `{expression}`");
            let whole = Location::new(scope, part.as_str());
            let at =
                |method: &str, more: &str| Location::new(scope, format!("{part} {method} {more}"));
            items_of(
                ("callback", depth),
                &whole,
                &at,
                &items,
                [old, new],
                comparer,
            );
        }
    }
}

fn names<'a>(lists: &[Option<Place<'a>>; 2]) -> BTreeSet<&'a str> {
    let members = lists.iter().flatten().flat_map(Place::members);
    let names = members.map(|(name, _)| name);
    names.filter(|name| !name.starts_with("x-")).collect()
}

/// Compares the operations of two path items, either of which may be missing.
fn items_of<'a>(
    (kind, depth): (&str, usize),
    whole: &Location,
    at: &dyn Fn(&str, &str) -> Location,
    items: &[Option<Place<'a>>; 2],
    around: [&Place<'a>; 2],
    comparer: &mut Comparer<'a>,
) {
    let record = |at: &Location, both: Both, is_added: bool, comparer: &mut Comparer<'a>| {
        let (change, message) = if is_added {
            ("added", format!("the {kind} is new"))
        } else {
            ("removed", format!("the {kind} is removed"))
        };
        comparer.record(at, &format!("{kind}-{change}"), both, message);
    };
    let (old, new) = match items {
        [Some(old), Some(new)] => (old, new),
        [old, new] => {
            let pointer = |item: &Option<Place<'a>>, around: &Place<'a>| {
                item.as_ref().unwrap_or(around).pointer.clone()
            };
            let both = Both::at(pointer(old, around[0]), pointer(new, around[1]));
            return record(whole, both, new.is_some(), comparer);
        }
    };
    let item =
        |document: Document<'a>, place: &Place<'a>| PathItem::new(document, "", place.clone());
    let items = [item(comparer.base, old), item(comparer.revision, new)];
    for method in METHODS {
        let name = method.to_ascii_uppercase();
        match items.each_ref().map(|item| item.operation(method)) {
            [None, None] => {}
            [Some(was), Some(is)] => {
                let at = |part: &str| at(&name, part);
                operation(&at, depth, (&items[0], &was), (&items[1], &is), comparer);
            }
            [was, is] => {
                let pointer = |operation: &Option<Place<'a>>, item: &Place<'a>| {
                    operation.as_ref().unwrap_or(item).pointer.clone()
                };
                let both = Both::at(pointer(&was, old), pointer(&is, new));
                record(&at(&name, "operation"), both, is.is_some(), comparer);
            }
        }
    }
}

/// Compares two operations that the server calls.
fn operation<'a>(
    at: &dyn Fn(&str) -> Location,
    depth: usize,
    (base, old): (&PathItem<'a>, &Place<'a>),
    (revision, new): (&PathItem<'a>, &Place<'a>),
    comparer: &mut Comparer<'a>,
) {
    lifecycle(&at("operation"), old, new, comparer);
    let sent = [
        parameters::sent(comparer.base, base, old),
        parameters::sent(comparer.revision, revision, new),
    ];
    responses::sent("parameter", &at, sent, [old, new], comparer);
    payload(&at("payload"), old, new, comparer);
    responses::answers(&at, old, new, comparer);
    // A callback may lead to itself; each pair is compared once.
    if depth < MAX_NESTED && comparer.is_first_visit(old, new) {
        let whole = at("");
        let inside = format!("{} ", whole.part());
        callbacks(whole.scope(), (&inside, depth + 1), [old, new], comparer);
    }
}

/// Compares what the server sends in a body.
fn payload<'a>(at: &Location, old: &Place<'a>, new: &Place<'a>, comparer: &mut Comparer<'a>) {
    let (base, revision) = (comparer.base, comparer.revision);
    let before = old.get("requestBody").and_then(|place| base.follow(place));
    let after = new
        .get("requestBody")
        .and_then(|place| revision.follow(place));
    let is_required =
        |body: &Option<Place<'a>>| body.as_ref().is_some_and(|body| body.flag("required"));
    let (was, is) = (is_required(&before), is_required(&after));
    let pointer = |body: &Option<Place<'a>>, around: &Place<'a>| {
        body.as_ref().unwrap_or(around).pointer.clone()
    };
    let both = Both::at(pointer(&before, old), pointer(&after, new));
    match (&before, &after) {
        (None, None) => {}
        (Some(before), Some(after)) => {
            if was != is {
                let both = Both::keyword(before, after, "required").from(was).to(is);
                let (id, message) = if is {
                    (
                        "payload-became-required",
                        "the payload is never missing any more",
                    )
                } else {
                    ("payload-became-optional", "the payload can be missing now")
                };
                comparer.record(at, id, both, message);
            }
            bodies::content(at, Role::ResponseBody, before, after, comparer);
        }
        (Some(_), None) => comparer.record(at, "payload-removed", both, "the payload is removed"),
        (None, Some(_)) => comparer.record(at, "payload-added", both, "a payload is new"),
    }
}
