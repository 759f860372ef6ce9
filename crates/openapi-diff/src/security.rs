//! Who may call an operation: the ways to authenticate, each a set of schemes, each with its
//! scopes.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde_json::{Value, json};

use super::compare::{At, Comparison, Scope, Sides};
use super::place::{Document, Place};
use super::rules::Named;

/// The schemes of one way, by what they are and not by their names, each with its scopes. None at
/// all is no authentication.
type Way = BTreeMap<String, BTreeSet<String>>;

struct Ways {
    ways: Vec<Way>,
    pointer: openapi_pipeline::Pointer,
}

impl Ways {
    /// What the operation says, or else the document.
    fn of(document: Document<'_>, operation: &Place<'_>) -> Self {
        let root = Place::root(document.0);
        let security = operation.get("security").or_else(|| root.get("security"));
        let entries = security.iter().flat_map(Place::entries);
        let mut ways: Vec<Way> = entries.map(|entry| way(document, &entry)).collect();
        if ways.is_empty() {
            ways.push(Way::new());
        }
        ways.dedup();
        let pointer = security.map_or_else(|| operation.pointer.clone(), |place| place.pointer);
        Self { ways, pointer }
    }

    fn is_open(&self) -> bool {
        self.ways.iter().any(Way::is_empty)
    }
}

fn way(document: Document<'_>, requirement: &Place<'_>) -> Way {
    let schemes = requirement.members();
    schemes
        .map(|(name, scopes)| {
            let scopes = scopes
                .entries()
                .filter_map(|scope| Some(scope.value.as_str()?.to_owned()));
            (scheme(document, name), scopes.collect())
        })
        .collect()
}

/// What a scheme is, in words: `bearer`, `header X-Api-Key`, `oauth2`.
fn scheme(document: Document<'_>, name: &str) -> String {
    let place = document.target(&openapi_pipeline::resolve::component_reference(
        "securitySchemes",
        name,
    ));
    let Some(scheme) = place.and_then(|place| document.follow(place)) else {
        return name.to_owned();
    };
    let text = |key: &str| scheme.text(key).unwrap_or_default().to_owned();
    match scheme.text("type") {
        Some("apiKey") => match scheme.text("in") {
            // Names of headers are the same in any case.
            Some("header") => format!("header {}", text("name").to_ascii_lowercase()),
            _ => format!("{} {}", text("in"), text("name")),
        },
        Some("http") => text("scheme").to_ascii_lowercase(),
        Some("openIdConnect") => format!("openIdConnect {}", text("openIdConnectUrl")),
        Some("oauth2") => {
            let flows = scheme.get("flows");
            let flows: Vec<&str> = flows
                .iter()
                .flat_map(Place::members)
                .map(|(flow, _)| flow)
                .collect();
            format!("oauth2 {}", flows.join(" ")).trim_end().to_owned()
        }
        Some(other) => other.to_owned(),
        None => name.to_owned(),
    }
}

pub(super) fn compare<'a>(
    scope: &Rc<Scope>,
    old: &Place<'a>,
    now: &Place<'a>,
    comparison: &mut Comparison<'a>,
) {
    let before = Ways::of(comparison.base, old);
    let after = Ways::of(comparison.revision, now);
    let at = At::new(scope, "security");
    let sides = || Sides::at(before.pointer.clone(), after.pointer.clone());
    if before.is_open() != after.is_open() {
        let (rule, message) = if after.is_open() {
            (
                Named::SecurityOptional,
                "requests without authentication are taken now".to_owned(),
            )
        } else {
            let ways: Vec<String> = after.ways.iter().map(named).collect();
            (
                Named::SecurityRequired,
                format!(
                    "requests without authentication are refused now; needed is {}",
                    ways.join(" or ")
                ),
            )
        };
        comparison.note(
            &at,
            rule,
            sides().from(value(&before.ways)).to(value(&after.ways)),
            message,
        );
    }
    let schemes = |way: &Way| -> Vec<String> { way.keys().cloned().collect() };
    let with_schemes = |ways: &'_ [Way], like: &Way| {
        ways.iter()
            .find(|way| schemes(way) == schemes(like))
            .cloned()
    };
    for way in before
        .ways
        .iter()
        .filter(|way| !way.is_empty() && !after.ways.contains(way))
    {
        match with_schemes(&after.ways, way) {
            Some(other) => scopes(&at, way, &other, &sides, comparison),
            None if after.ways.iter().any(|other| suffices(way, other)) => {}
            None => {
                let what = named(way);
                comparison.note(
                    &at,
                    Named::SecurityRemoved,
                    sides().from(what.as_str()),
                    format!("{what} no longer lets requests in"),
                );
            }
        }
    }
    for way in after
        .ways
        .iter()
        .filter(|way| !way.is_empty() && !before.ways.contains(way))
    {
        // Where there was no authentication at all, what is needed now has been said.
        if with_schemes(&before.ways, way).is_none()
            && before.ways.iter().any(|old| !old.is_empty())
        {
            let what = named(way);
            comparison.note(
                &at,
                Named::SecurityAdded,
                sides().to(what.as_str()),
                format!("{what} lets requests in now"),
            );
        }
    }
}

/// Whether whoever authenticates one way does all that another asks for.
fn suffices(way: &Way, asked: &Way) -> bool {
    asked
        .iter()
        .all(|(scheme, scopes)| way.get(scheme).is_some_and(|has| has.is_superset(scopes)))
}

fn scopes(
    at: &At,
    old: &Way,
    now: &Way,
    sides: &impl Fn() -> Sides,
    comparison: &mut Comparison<'_>,
) {
    for (scheme, before) in old {
        let after = &now[scheme];
        for scope in after.difference(before) {
            let message = format!("{scheme} needs the scope `{scope}` too");
            comparison.note(
                at,
                Named::SecurityScopeAdded,
                sides().to(scope.as_str()),
                message,
            );
        }
        for scope in before.difference(after) {
            let message = format!("{scheme} no longer needs the scope `{scope}`");
            comparison.note(
                at,
                Named::SecurityScopeRemoved,
                sides().from(scope.as_str()),
                message,
            );
        }
    }
}

fn named(way: &Way) -> String {
    let schemes: Vec<String> = way.keys().map(|scheme| format!("`{scheme}`")).collect();
    schemes.join(" with ")
}

fn value(ways: &[Way]) -> Value {
    let names = ways.iter().map(|way| json!(way.keys().collect::<Vec<_>>()));
    names.collect()
}
