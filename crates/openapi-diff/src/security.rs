//! Security requirements: the alternative ways to authenticate.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use openapi_pipeline::Pointer;
use openapi_pipeline::resolve::component_reference;
use serde_json::{Value, json};

use crate::comparer::{Comparer, Location, Scope};
use crate::document::{Both, Document, Place};

/// The schemes of one requirement, described and not by name, each with its scopes. An empty one is
/// no authentication.
type Requirement = BTreeMap<String, BTreeSet<String>>;

/// The requirements of an operation, or else of the document; one of them is enough.
fn requirements(document: Document<'_>, operation: &Place<'_>) -> (Vec<Requirement>, Pointer) {
    let root = Place::root(document.0);
    let security = operation.get("security").or_else(|| root.get("security"));
    let entries = security.iter().flat_map(Place::entries);
    let requirement = |(name, scopes): (&str, Place<'_>)| {
        let scopes = scopes.entries();
        let scopes = scopes.filter_map(|scope| Some(scope.value.as_str()?.to_owned()));
        (scheme(document, name), scopes.collect())
    };
    let requirements = entries.map(|entry| entry.members().map(requirement).collect());
    let mut all: Vec<Requirement> = requirements.collect();
    if all.is_empty() {
        all.push(Requirement::new());
    }
    all.dedup();
    let pointer = security.map_or_else(|| operation.pointer.clone(), |place| place.pointer);
    (all, pointer)
}

/// A scheme in words: `bearer`, `header x-api-key`, `oauth2`.
fn scheme(document: Document<'_>, name: &str) -> String {
    let place = document.target(&component_reference("securitySchemes", name));
    let Some(scheme) = place.and_then(|place| document.follow(place)) else {
        return name.to_owned();
    };
    let text = |key: &str| scheme.text(key).unwrap_or_default().to_owned();
    match scheme.text("type") {
        // Header names are the same in any case.
        Some("apiKey") if text("in") == "header" => {
            format!("header {}", text("name").to_ascii_lowercase())
        }
        Some("apiKey") => format!("{} {}", text("in"), text("name")),
        Some("http") => text("scheme").to_ascii_lowercase(),
        Some("openIdConnect") => format!("openIdConnect {}", text("openIdConnectUrl")),
        Some("oauth2") => {
            let flows = scheme.get("flows");
            let names = flows.iter().flat_map(Place::members).map(|(flow, _)| flow);
            let flows = names.collect::<Vec<_>>().join(" ");
            format!("oauth2 {flows}").trim_end().to_owned()
        }
        Some(other) => other.to_owned(),
        None => name.to_owned(),
    }
}

pub(crate) fn compare<'a>(
    scope: &Rc<Scope>,
    old: &Place<'a>,
    new: &Place<'a>,
    comparer: &mut Comparer<'a>,
) {
    let (before, base) = requirements(comparer.base, old);
    let (after, revision) = requirements(comparer.revision, new);
    let at = Location::new(scope, "security");
    let both = || Both::at(base.clone(), revision.clone());
    let is_open = |all: &[Requirement]| all.iter().any(Requirement::is_empty);
    if is_open(&before) != is_open(&after) {
        let (id, message) = if is_open(&after) {
            let message = "requests without authentication are accepted now".to_owned();
            ("api-security-became-optional", message)
        } else {
            let needed = after.iter().map(described).collect::<Vec<_>>().join(" or ");
            let message =
                format!("requests without authentication are rejected now; {needed} is required");
            ("api-security-became-required", message)
        };
        let both = both().from(names(&before)).to(names(&after));
        comparer.record(&at, id, both, message);
    }
    let with_schemes_of = |all: &[Requirement], like: &Requirement| {
        let mut all = all.iter();
        all.find(|other| other.keys().eq(like.keys())).cloned()
    };
    for old in &before {
        if old.is_empty() || after.contains(old) {
            continue;
        }
        if let Some(new) = with_schemes_of(&after, old) {
            scopes(&at, old, &new, &both, comparer);
        } else if !after.iter().any(|new| satisfies(old, new)) {
            let what = described(old);
            let message = format!("{what} is no longer accepted");
            comparer.record(&at, "api-security-removed", both().from(what), message);
        }
    }
    // Where there was no authentication at all, what is required now has been reported.
    let had_any = before.iter().any(|old| !old.is_empty());
    for new in &after {
        let is_new = !new.is_empty() && !before.contains(new);
        if is_new && had_any && with_schemes_of(&before, new).is_none() {
            let what = described(new);
            let message = format!("{what} is accepted now");
            comparer.record(&at, "api-security-added", both().to(what), message);
        }
    }
}

/// Whether a client that meets one requirement meets another.
fn satisfies(one: &Requirement, other: &Requirement) -> bool {
    other
        .iter()
        .all(|(scheme, scopes)| one.get(scheme).is_some_and(|has| has.is_superset(scopes)))
}

fn scopes(
    at: &Location,
    old: &Requirement,
    new: &Requirement,
    both: &impl Fn() -> Both,
    comparer: &mut Comparer<'_>,
) {
    for (scheme, before) in old {
        let after = &new[scheme];
        for scope in after.difference(before) {
            let message = format!("{scheme} needs the scope `{scope}` too");
            let both = both().to(scope.as_str());
            comparer.record(at, "api-security-scope-added", both, message);
        }
        for scope in before.difference(after) {
            let message = format!("{scheme} no longer needs the scope `{scope}`");
            let both = both().from(scope.as_str());
            comparer.record(at, "api-security-scope-removed", both, message);
        }
    }
}

fn described(requirement: &Requirement) -> String {
    let schemes = requirement.keys().map(|scheme| format!("`{scheme}`"));
    schemes.collect::<Vec<_>>().join(" with ")
}

fn names(requirements: &[Requirement]) -> Value {
    let names = requirements.iter();
    names
        .map(|one| json!(one.keys().collect::<Vec<_>>()))
        .collect()
}
