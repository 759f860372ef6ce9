//! Operations.

use std::collections::BTreeSet;
use std::rc::Rc;

use openapi_pipeline::Pointer;
use openapi_pipeline::resolve::METHODS;
use serde_json::Value;

use crate::comparer::{Comparer, Location, Scope};
use crate::document::{Both, Place};
use crate::finding::OPERATION;
use crate::paths::{PathItem, matched, paths};
use crate::rules::Role;
use crate::{bodies, incoming, parameters, responses, security, servers};

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
                let at = |part: &str| Location::new(&scope, part);
                operation_id(&at(OPERATION), &old, &new, comparer);
                lifecycle(&at(OPERATION), [&old, &new], comparer);
                parameters::compare(&scope, (base, &old), (revision, &new), comparer);
                bodies::compare(
                    &at("request body"),
                    Role::RequestBody,
                    [&old, &new],
                    comparer,
                );
                responses::compare(&at, Role::ResponseBody, [&old, &new], comparer);
                security::compare(&scope, &old, &new, comparer);
                servers::of_operation(&scope, (base, &old), (revision, &new), comparer);
                incoming::callbacks(&scope, ("", 0), [&old, &new], comparer);
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

/// Records what is announced of an operation, in another way than before.
pub(crate) fn lifecycle<'a>(
    at: &Location,
    [old, new]: [&Place<'a>; 2],
    comparer: &mut Comparer<'a>,
) {
    let has_sunset = new.lifecycle().sunset().is_some();
    comparer.lifecycle(at, [old, new], |aspect| match aspect {
        "deprecated" if has_sunset => "endpoint-deprecated-with-sunset".to_owned(),
        "deprecated" | "reactivated" => format!("endpoint-{aspect}"),
        "sunset-deleted" => aspect.to_owned(),
        _ => format!("api-{aspect}"),
    });
}
