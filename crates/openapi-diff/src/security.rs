//! Security requirements: the alternative ways to authenticate.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use openapi_pipeline::Pointer;
use openapi_pipeline::resolve::component_reference;
use serde_json::{Value, json};

use crate::comparer::{Comparer, Location, Scope};
use crate::document::{Both, Document, Place};

/// A scheme in words and not by name, such as `bearer`, `header x-api-key`, `oauth2 password`; and
/// the URLs that tell it from others of these words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Scheme {
    words: String,
    urls: Vec<String>,
}

/// The schemes of one requirement, each with its scopes. An empty one is no authentication.
type Requirement = BTreeMap<Scheme, BTreeSet<String>>;

/// The most requirements that the flows of one are taken for.
const MAX_FLOWS: usize = 64;

/// The requirements of an operation, or else of the document; one of them is enough.
fn requirements(document: Document<'_>, operation: &Place<'_>) -> (Vec<Requirement>, Pointer) {
    let root = Place::root(document.0);
    let security = operation.get("security").or_else(|| root.get("security"));
    let entries = security.iter().flat_map(Place::entries);
    let mut all: Vec<Requirement> = Vec::new();
    for entry in entries {
        // Each flow of OAuth is a way of its own.
        let mut ways = vec![Requirement::new()];
        for (name, scopes) in entry.members() {
            let scopes = scopes.entries();
            let scopes = scopes.filter_map(|scope| Some(scope.value.as_str()?.to_owned()));
            let scopes: BTreeSet<String> = scopes.collect();
            let schemes = schemes(document, name);
            let with = |way: &Requirement, scheme: &Scheme| {
                let mut way = way.clone();
                way.insert(scheme.clone(), scopes.clone());
                way
            };
            let more = ways
                .iter()
                .flat_map(|way| schemes.iter().map(|scheme| with(way, scheme)));
            ways = more.take(MAX_FLOWS).collect();
        }
        all.extend(ways);
    }
    if all.is_empty() {
        all.push(Requirement::new());
    }
    let pointer = security.map_or_else(|| operation.pointer.clone(), |place| place.pointer);
    (all, pointer)
}

/// The scheme of a name; one for each of its flows.
fn schemes(document: Document<'_>, name: &str) -> Vec<Scheme> {
    let place = document.target(&component_reference("securitySchemes", name));
    let one = |words: &str, urls: Vec<String>| Scheme {
        words: words.to_owned(),
        urls,
    };
    let Some(scheme) = place.and_then(|place| document.follow(place)) else {
        return vec![one(name, Vec::new())];
    };
    let text = |key: &str| scheme.text(key).unwrap_or_default().to_owned();
    let words = match scheme.text("type") {
        // Header names are the same in any case.
        Some("apiKey") if text("in") == "header" => {
            format!("header {}", text("name").to_ascii_lowercase())
        }
        Some("apiKey") => format!("{} {}", text("in"), text("name")),
        Some("http") => text("scheme").to_ascii_lowercase(),
        Some(kind @ "openIdConnect") => return vec![one(kind, vec![text("openIdConnectUrl")])],
        Some(kind @ "oauth2") => {
            let flow = |(name, flow): (&str, Place<'_>)| {
                let keys = ["authorizationUrl", "tokenUrl", "refreshUrl"];
                let urls = keys.map(|key| flow.text(key).unwrap_or_default().to_owned());
                one(&format!("{kind} {name}"), urls.into())
            };
            let flows = scheme.members_of("flows").into_iter();
            let known = flows.filter(|(name, _)| !name.starts_with("x-"));
            let flows: Vec<Scheme> = known.map(flow).collect();
            if flows.is_empty() {
                return vec![one(kind, Vec::new())];
            }
            return flows;
        }
        Some(other) => other.to_owned(),
        None => name.to_owned(),
    };
    vec![one(&words, Vec::new())]
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
    // The same schemes; or else those that differ in URLs and are on one side only.
    let has_schemes_of =
        |all: &[Requirement], like: &Requirement| all.iter().any(|one| one.keys().eq(like.keys()));
    let mut moved = Vec::new();
    for old in before
        .iter()
        .filter(|old| !old.is_empty() && !after.contains(old))
    {
        let same = |new: &&Requirement| new.keys().eq(old.keys());
        let in_words = |new: &&Requirement| {
            let words = |one: &Requirement| one.keys().map(|s| s.words.clone()).collect::<Vec<_>>();
            words(new) == words(old) && !has_schemes_of(&before, new) && !moved.contains(*new)
        };
        if let Some(new) = after.iter().find(same) {
            scopes(&at, old, new, &both, comparer);
        } else if let Some(new) = after.iter().find(in_words).cloned() {
            urls(&at, old, &new, &both, comparer);
            scopes(&at, old, &new, &both, comparer);
            moved.push(new);
        } else if !after.iter().any(|new| satisfies(old, new)) {
            let what = described(old);
            let message = format!("{what} is no longer accepted");
            comparer.record(&at, "api-security-removed", both().from(what), message);
        }
    }
    // Where there was no authentication at all, what is required now has been reported.
    let had_any = before.iter().any(|old| !old.is_empty());
    for new in &after {
        let is_new = !new.is_empty() && !has_schemes_of(&before, new) && !moved.contains(new);
        if is_new && had_any {
            let what = described(new);
            let message = format!("{what} is accepted now");
            comparer.record(&at, "api-security-added", both().to(what), message);
        }
    }
}

fn urls(
    at: &Location,
    old: &Requirement,
    new: &Requirement,
    both: &impl Fn() -> Both,
    comparer: &mut Comparer<'_>,
) {
    for (was, is) in old.keys().zip(new.keys()) {
        if was != is {
            let list = |scheme: &Scheme| {
                let urls = scheme.urls.iter().filter(|url| !url.is_empty());
                urls.map(|url| format!("`{url}`"))
                    .collect::<Vec<_>>()
                    .join(", ")
            };
            let (from, to) = (list(was), list(is));
            let message = format!("the URLs of {} were {from} and are {to}", was.words);
            let both = both().from(from).to(to);
            comparer.record(at, "api-security-url-changed", both, message);
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
    for ((scheme, before), after) in old.iter().zip(new.values()) {
        let scheme = &scheme.words;
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
    let schemes = requirement
        .keys()
        .map(|scheme| format!("`{}`", scheme.words));
    schemes.collect::<Vec<_>>().join(" with ")
}

fn names(requirements: &[Requirement]) -> Value {
    let names = requirements.iter();
    names
        .map(|one| json!(one.keys().map(|scheme| &scheme.words).collect::<Vec<_>>()))
        .collect()
}
