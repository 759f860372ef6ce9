//! Requests that the server sends: webhooks and callbacks.
//!
//! The rules of responses hold for what they carry, and those of requests for what the client may
//! answer.

use std::collections::BTreeMap;
use std::rc::Rc;

use openapi_pipeline::resolve::METHODS;

use crate::comparer::{Comparer, Location, Scope};
use crate::document::{Both, Document, Place, joined};
use crate::finding::OPERATION;
use crate::operations::lifecycle;
use crate::paths::PathItem;
use crate::rules::Role;
use crate::{bodies, parameters, responses};

/// The deepest nesting of callbacks in callbacks that is compared.
const MAX_NESTED: usize = 4;

/// Compares the webhooks.
pub(crate) fn webhooks<'a>(comparer: &mut Comparer<'a>) {
    let [old, new] = [comparer.base, comparer.revision].map(|document| Place::root(document.0));
    for (name, items) in named(&[&old, &new].map(|root| root.get("webhooks"))) {
        let scope = |method: Option<&str>| {
            Rc::new(Scope {
                method: method.map(str::to_owned),
                path: Some(format!("webhooks/{name}")),
                operation_id: None,
            })
        };
        let whole = Location::new(&scope(None), "webhook");
        let at = |method: &str, part: &str| Location::new(&scope(Some(method)), part);
        items_of(("webhook", 0), &whole, &at, &items, [&old, &new], comparer);
    }
}

/// Compares the callbacks of an operation. Those of a callback are named `inside` it, with its depth.
pub(crate) fn callbacks<'a>(
    scope: &Rc<Scope>,
    (inside, depth): (&str, usize),
    around: [&Place<'a>; 2],
    comparer: &mut Comparer<'a>,
) {
    let (base, revision) = (comparer.base, comparer.revision);
    for (name, [old, new]) in named(&around.map(|operation| operation.get("callbacks"))) {
        let callbacks = [
            old.and_then(|callback| base.follow(callback)),
            new.and_then(|callback| revision.follow(callback)),
        ];
        for (expression, items) in named(&callbacks) {
            let part = format!("{inside}callback `{name}` to `{expression}`");
            let whole = Location::new(scope, part.as_str());
            let at =
                |method: &str, more: &str| Location::new(scope, format!("{part} {method} {more}"));
            items_of(("callback", depth), &whole, &at, &items, around, comparer);
        }
    }
}

/// The members of two objects, either of which may be missing, without the extensions.
fn named<'a>(objects: &[Option<Place<'a>>; 2]) -> BTreeMap<&'a str, [Option<Place<'a>>; 2]> {
    let mut all = joined(
        objects
            .each_ref()
            .map(|object| object.iter().flat_map(Place::members)),
    );
    all.retain(|name, _| !name.starts_with("x-"));
    all
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
            let both = Both::of([old, new], around);
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
                let both = Both::of([&was, &is], [old, new]);
                record(&at(&name, OPERATION), both, is.is_some(), comparer);
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
    lifecycle(&at(OPERATION), [old, new], comparer);
    let sent = [
        parameters::sent(comparer.base, base, old),
        parameters::sent(comparer.revision, revision, new),
    ];
    responses::sent("parameter", &at, sent, [old, new], comparer);
    bodies::compare(&at("payload"), Role::ResponseBody, [old, new], comparer);
    responses::compare(&at, Role::RequestBody, [old, new], comparer);
    // A callback may lead to itself; each pair is compared once.
    if depth < MAX_NESTED && comparer.is_first_visit(old, new) {
        let whole = at("");
        let inside = format!("{} ", whole.part());
        callbacks(whole.scope(), (&inside, depth + 1), [old, new], comparer);
    }
}
