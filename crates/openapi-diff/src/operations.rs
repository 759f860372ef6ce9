//! Operations: which are new, which are gone, and what is said of them as a whole.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde_json::Value;

use super::compare::{At, Comparison, Role, Scope, Sides};
use super::place::{Document, Place};
use super::rules::Named;
use super::{OPERATION, bodies, parameters, responses, security};
use openapi_pipeline::resolve::METHODS;

/// A path and what stands under it. A path item that is a reference has what it refers to beside
/// its own.
#[derive(Clone, Debug)]
pub(super) struct PathItem<'a> {
    pub(super) path: &'a str,
    /// The names of the parameters in the path, in order.
    pub(super) names: Vec<&'a str>,
    places: Vec<Place<'a>>,
}

impl<'a> PathItem<'a> {
    fn of(document: Document<'a>, path: &'a str, place: Place<'a>) -> Self {
        let target = place.value.get("$ref").and_then(|_| {
            let target = document.follow(place.clone())?;
            (target.address() != place.address()).then_some(target)
        });
        Self {
            path,
            names: template(path).1,
            places: [Some(place), target].into_iter().flatten().collect(),
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<Place<'a>> {
        self.places.iter().find_map(|place| place.get(key))
    }

    fn operation(&self, method: &str) -> Option<Place<'a>> {
        self.get(method).filter(|place| place.value.is_object())
    }

    fn pointer(&self) -> openapi_pipeline::Pointer {
        self.places[0].pointer.clone()
    }
}

/// A path without the names of its parameters, and these names.
fn template(path: &str) -> (String, Vec<&str>) {
    let mut shape = String::with_capacity(path.len());
    let mut names = Vec::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else {
            break;
        };
        shape.push_str(before);
        shape.push_str("{}");
        names.push(name);
        rest = after;
    }
    shape.push_str(rest);
    (shape, names)
}

/// Compares everything that stands under `paths`.
pub(super) fn compare<'a>(comparison: &mut Comparison<'a>) {
    let (base, revision) = (paths(comparison.base), paths(comparison.revision));
    let counterpart = matched(&base, &revision);
    let taken: BTreeSet<usize> = counterpart.iter().flatten().copied().collect();
    for (item, counterpart) in base.iter().zip(counterpart) {
        pair(
            Some(item),
            counterpart.map(|index| &revision[index]),
            comparison,
        );
    }
    for (index, item) in revision.iter().enumerate() {
        if !taken.contains(&index) {
            pair(None, Some(item), comparison);
        }
    }
}

fn paths<'a>(document: Document<'a>) -> Vec<PathItem<'a>> {
    let paths = Place::root(document.0).get("paths");
    let items = paths.iter().flat_map(Place::members);
    items
        .filter(|(path, _)| path.starts_with('/'))
        .map(|(path, place)| PathItem::of(document, path, place))
        .collect()
}

/// For each path of the base its counterpart: the same path, or else one that differs in the names
/// of its parameters alone.
fn matched(base: &[PathItem<'_>], revision: &[PathItem<'_>]) -> Vec<Option<usize>> {
    let same: BTreeMap<&str, usize> = revision
        .iter()
        .enumerate()
        .map(|(index, item)| (item.path, index))
        .collect();
    let known: BTreeSet<&str> = base.iter().map(|item| item.path).collect();
    let mut alike: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, item) in revision.iter().enumerate().rev() {
        if !known.contains(item.path) {
            alike.entry(template(item.path).0).or_default().push(index);
        }
    }
    let counterpart = |item: &PathItem<'_>| {
        let renamed = || alike.get_mut(&template(item.path).0)?.pop();
        same.get(item.path).copied().or_else(renamed)
    };
    base.iter().map(counterpart).collect()
}

fn pair<'a>(
    base: Option<&PathItem<'a>>,
    revision: Option<&PathItem<'a>>,
    comparison: &mut Comparison<'a>,
) {
    for method in METHODS {
        let old = base.and_then(|item| Some((item, item.operation(method)?)));
        let now = revision.and_then(|item| Some((item, item.operation(method)?)));
        match (old, now) {
            (Some((base, old)), Some((revision, now))) => {
                operation(method, (base, &old), (revision, &now), comparison);
            }
            (Some((item, old)), None) => removed(method, item, revision, &old, comparison),
            (None, Some((item, now))) => added(method, item, base, &now, comparison),
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

fn paths_pointer() -> openapi_pipeline::Pointer {
    openapi_pipeline::Pointer::root().child("paths")
}

fn removed<'a>(
    method: &str,
    item: &PathItem<'a>,
    revision: Option<&PathItem<'a>>,
    old: &Place<'a>,
    comparison: &mut Comparison<'a>,
) {
    let at = At::new(&scope(method, item.path, old, None), OPERATION);
    let around = revision.map_or_else(paths_pointer, PathItem::pointer);
    let sides = Sides::at(old.pointer.clone(), around);
    if old.flag("deprecated") {
        let when = match sunset(old) {
            Some(day) => format!(", it was to go on {day}"),
            None => String::new(),
        };
        let message = format!("the operation is gone; it was deprecated{when}");
        comparison.note(&at, Named::ApiRemovedWithDeprecation, sides, message);
    } else {
        let message = "the operation is gone; it was not deprecated";
        comparison.note(&at, Named::ApiRemovedWithoutDeprecation, sides, message);
    }
}

fn added<'a>(
    method: &str,
    item: &PathItem<'a>,
    base: Option<&PathItem<'a>>,
    now: &Place<'a>,
    comparison: &mut Comparison<'a>,
) {
    let at = At::new(&scope(method, item.path, now, None), OPERATION);
    let around = base.map_or_else(paths_pointer, PathItem::pointer);
    let sides = Sides::at(around, now.pointer.clone());
    comparison.note(&at, Named::EndpointAdded, sides, "the operation is new");
}

fn operation<'a>(
    method: &str,
    (base, old): (&PathItem<'a>, &Place<'a>),
    (revision, now): (&PathItem<'a>, &Place<'a>),
    comparison: &mut Comparison<'a>,
) {
    let scope = scope(method, base.path, now, Some(old));
    let at = At::new(&scope, OPERATION);
    identity(&at, old, now, comparison);
    deprecation(&at, old, now, comparison);
    parameters::compare(&scope, (base, old), (revision, now), comparison);
    bodies::request(&scope, old, now, comparison);
    responses::compare(&scope, old, now, comparison);
    security::compare(&scope, old, now, comparison);
}

fn identity<'a>(at: &At, old: &Place<'a>, now: &Place<'a>, comparison: &mut Comparison<'a>) {
    let sides = Sides::at(old.nearest("operationId"), now.nearest("operationId"));
    match (old.text("operationId"), now.text("operationId")) {
        (Some(old), Some(now)) if old != now => {
            let message = format!("the operationId was `{old}` and is `{now}`");
            comparison.note(
                at,
                Named::OperationIdRemoved,
                sides.from(old).to(now),
                message,
            );
        }
        (Some(old), None) => {
            let message = format!("the operationId `{old}` is gone");
            comparison.note(at, Named::OperationIdRemoved, sides.from(old), message);
        }
        (None, Some(now)) => {
            let message = format!("the operationId is `{now}` now");
            comparison.note(at, Named::OperationIdAdded, sides.to(now), message);
        }
        _ => {}
    }
}

/// The day on which a deprecated operation goes, which ISO 8601 makes comparable as text.
fn sunset<'a>(operation: &Place<'a>) -> Option<&'a str> {
    operation.text("x-sunset")
}

fn deprecation<'a>(at: &At, old: &Place<'a>, now: &Place<'a>, comparison: &mut Comparison<'a>) {
    let (was, is) = (old.flag("deprecated"), now.flag("deprecated"));
    let sides = Sides::at(old.nearest("deprecated"), now.nearest("deprecated"))
        .from(was)
        .to(is);
    let days = Sides::at(old.nearest("x-sunset"), now.nearest("x-sunset"));
    match (was, is, sunset(old), sunset(now)) {
        (false, true, _, None) => {
            comparison.note(
                at,
                Named::EndpointDeprecated,
                sides,
                "the operation is deprecated",
            );
        }
        (false, true, _, Some(day)) => {
            let message = format!("the operation is deprecated and goes on {day}");
            comparison.note(at, Named::EndpointDeprecatedWithSunset, sides, message);
        }
        (true, false, ..) => {
            let message = "the operation is no longer deprecated";
            comparison.note(at, Named::EndpointReactivated, sides, message);
        }
        (true, true, Some(day), None) => {
            let message =
                format!("the operation no longer says when it goes; it was to go on {day}");
            comparison.note(at, Named::SunsetDeleted, days.from(day), message);
        }
        (true, true, Some(old), Some(now)) if now < old => {
            let message = format!("the operation goes on {now}, earlier than on {old}");
            comparison.note(at, Named::SunsetEarlier, days.from(old).to(now), message);
        }
        (true, true, old, Some(now)) if old != Some(now) => {
            let mut days = days.to(now);
            days.from = old.map(Value::from);
            let message = format!("the operation goes on {now}");
            comparison.note(at, Named::SunsetLater, days, message);
        }
        _ => {}
    }
}

/// Compares the addresses of the API.
pub(super) fn servers(comparison: &mut Comparison<'_>) {
    let servers = |document: Document<'_>| -> Vec<(String, openapi_pipeline::Pointer)> {
        let servers = Place::root(document.0).get("servers");
        let urls = servers.iter().flat_map(Place::entries);
        urls.filter_map(|server| Some((server.text("url")?.to_owned(), server.pointer)))
            .collect()
    };
    let (old, now) = (servers(comparison.base), servers(comparison.revision));
    let at = At::new(&Rc::new(Scope::default()), "servers");
    let around = |document: Document<'_>| Place::root(document.0).nearest("servers");
    for (url, pointer) in old
        .iter()
        .filter(|(url, _)| !now.iter().any(|(other, _)| other == url))
    {
        let sides = Sides::at(pointer.clone(), around(comparison.revision)).from(url.as_str());
        comparison.note(
            &at,
            Named::ServerRemoved,
            sides,
            format!("the address `{url}` is no longer listed"),
        );
    }
    for (url, pointer) in now
        .iter()
        .filter(|(url, _)| !old.iter().any(|(other, _)| other == url))
    {
        let sides = Sides::at(around(comparison.base), pointer.clone()).to(url.as_str());
        comparison.note(
            &at,
            Named::ServerAdded,
            sides,
            format!("the address `{url}` is new"),
        );
    }
}

/// Compares the webhooks: what the server sends, so that the rules of responses hold for what is in
/// them.
pub(super) fn webhooks<'a>(comparison: &mut Comparison<'a>) {
    let webhooks = |document: Document<'a>| Place::root(document.0).get("webhooks");
    let (old, now) = (webhooks(comparison.base), webhooks(comparison.revision));
    let names = |place: &Option<Place<'a>>| -> BTreeSet<&'a str> {
        let members = place.iter().flat_map(Place::members);
        members.map(|(name, _)| name).collect()
    };
    let root = openapi_pipeline::Pointer::root;
    for name in names(&old).union(&names(&now)) {
        let item = |place: &Option<Place<'a>>| place.as_ref().and_then(|place| place.get(name));
        let (before, after) = (item(&old), item(&now));
        let scope = |method: Option<&str>| {
            Rc::new(Scope {
                method: method.map(str::to_ascii_uppercase),
                path: Some(format!("webhooks/{name}")),
                operation_id: None,
            })
        };
        match (before, after) {
            (Some(before), Some(after)) => webhook(scope, &before, &after, comparison),
            (Some(before), None) => {
                let sides = Sides::at(before.pointer, root());
                comparison.note(
                    &At::new(&scope(None), "webhook"),
                    Named::WebhookRemoved,
                    sides,
                    "the webhook is gone",
                );
            }
            (None, Some(after)) => {
                let sides = Sides::at(root(), after.pointer);
                comparison.note(
                    &At::new(&scope(None), "webhook"),
                    Named::WebhookAdded,
                    sides,
                    "the webhook is new",
                );
            }
            (None, None) => {}
        }
    }
}

fn webhook<'a>(
    scope: impl Fn(Option<&str>) -> Rc<Scope>,
    before: &Place<'a>,
    after: &Place<'a>,
    comparison: &mut Comparison<'a>,
) {
    let before = PathItem::of(comparison.base, "", before.clone());
    let after = PathItem::of(comparison.revision, "", after.clone());
    for method in METHODS {
        if let (Some(old), Some(now)) = (before.operation(method), after.operation(method)) {
            let body = |document: Document<'a>, place: &Place<'a>| {
                document.follow(place.get("requestBody")?)
            };
            let (old, now) = (body(comparison.base, &old), body(comparison.revision, &now));
            if let (Some(old), Some(now)) = (old, now) {
                bodies::content(
                    &scope(Some(method)),
                    "payload",
                    Role::Answer,
                    &old,
                    &now,
                    comparison,
                );
            }
        }
    }
}
