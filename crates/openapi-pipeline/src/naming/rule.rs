//! Names by rule: from method and path alone, never from what a document calls things.
//!
//! `GET /api/v1/customers/{customerId}/contacts` is `list_customer_contacts`, whatever its
//! operationId.

use std::collections::{BTreeMap, BTreeSet};

use heck::{ToKebabCase, ToSnakeCase};

use super::identifier::{Taken, camel, composed, started};

/// One HTTP operation of a document, the key of everything named by rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Endpoint {
    /// The path template, as the document writes it.
    pub path: String,
    /// The method in lower case, as the document writes it.
    pub method: String,
}

impl Endpoint {
    /// An endpoint from its method, in either case, and its path.
    pub fn new(method: &str, path: &str) -> Self {
        Self {
            path: path.to_owned(),
            method: method.to_ascii_lowercase(),
        }
    }

    /// How names.toml and messages write it: `GET /api/v1/me`.
    pub fn site(&self) -> String {
        format!("{} {}", self.method.to_ascii_uppercase(), self.path)
    }
}

/// How much of the path goes into a name. Endpoints whose short names clash get longer ones.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd)]
enum Detail {
    /// The nouns alone.
    Short,
    /// With the version segment.
    Version,
    /// With the version segment, and the text behind a parameter that has text in front of it as
    /// well: `export-{id}.csv`.
    Ends,
    /// With all of these and every parameter.
    Parameters,
}

/// The Rust method name of every endpoint, unique, `taken` left alone.
pub fn methods(endpoints: &[Endpoint], taken: &BTreeSet<String>) -> BTreeMap<Endpoint, String> {
    let mut named = BTreeMap::new();
    let mut open: Vec<&Endpoint> = endpoints.iter().collect();
    open.sort();
    let mut used: Taken = taken.iter().cloned().collect();
    for detail in [
        Detail::Short,
        Detail::Version,
        Detail::Ends,
        Detail::Parameters,
    ] {
        let mut groups: BTreeMap<String, Vec<&Endpoint>> = BTreeMap::new();
        for endpoint in open.drain(..) {
            groups
                .entry(method(endpoint, detail))
                .or_default()
                .push(endpoint);
        }
        for (name, group) in groups {
            match group.as_slice() {
                [only] if !used.contains(&name) => {
                    used.extend([name.clone()]);
                    named.insert((*only).clone(), name);
                }
                _ => open.extend(group),
            }
        }
    }
    open.sort();
    for endpoint in open {
        let base = method(endpoint, Detail::Parameters);
        let name = used.free(&base, "_");
        named.insert(endpoint.clone(), name);
    }
    named
}

fn method(endpoint: &Endpoint, detail: Detail) -> String {
    let mut segments: Vec<&str> = endpoint
        .path
        .split('/')
        .filter(|segment| !segment.is_empty())
        .collect();
    let mut version = None;
    if segments.first() == Some(&"api") {
        segments.remove(0);
    }
    if segments.first().is_some_and(|segment| is_version(segment)) {
        version = Some(segments.remove(0));
    }

    let ends_in_parameter = segments.last().is_some_and(|last| last.contains('{'));
    let mut nouns: Vec<String> = Vec::new();
    let mut parameters: Vec<String> = Vec::new();
    for (position, segment) in segments.iter().enumerate() {
        let (fixed, parameter) = split_parameter(segment, detail);
        if !fixed.is_empty() {
            let of_one = segments
                .get(position + 1)
                .is_some_and(|next| next.starts_with('{'));
            nouns.push(if of_one { singular(&fixed) } else { fixed });
        }
        if let Some(parameter) = parameter {
            parameters.push(parameter.to_owned());
        }
    }

    let last_is_plural = nouns.last().is_some_and(|noun| is_plural(noun));
    let acts_on_one = segments.len() >= 2 && segments[segments.len() - 2].contains('{');
    let verb = match (endpoint.method.as_str(), ends_in_parameter) {
        ("get", false) if last_is_plural => "list".to_owned(),
        ("post", false) if last_is_plural => {
            let last = nouns.pop().unwrap_or_default();
            nouns.push(singular(&last));
            "create".to_owned()
        }
        // POST /customers/{id}/archive is archive_customer.
        ("post", false) if acts_on_one => nouns.pop().unwrap_or_default(),
        ("post", false) => "create".to_owned(),
        ("patch", _) => "update".to_owned(),
        ("put", _) => "replace".to_owned(),
        (other, _) => other.to_owned(),
    };
    if nouns.is_empty() {
        nouns.push("root".to_owned());
    }
    let mut words = vec![verb];
    if let Some(version) = version.filter(|_| detail != Detail::Short) {
        words.push(version.to_owned());
    }
    words.extend(nouns);
    if detail == Detail::Parameters && !parameters.is_empty() {
        words.push("by".to_owned());
        words.extend(parameters);
    }
    started(composed(&words.join("_").to_snake_case()), "n")
}

/// The fixed part of a segment and the name of its parameter: `{id}.json` is (`.json`, `id`).
fn split_parameter(segment: &str, detail: Detail) -> (String, Option<&str>) {
    let parts = segment
        .split_once('{')
        .and_then(|(before, rest)| Some((before, rest.split_once('}')?)));
    let Some((before, (parameter, after))) = parts else {
        return (segment.to_owned(), None);
    };
    let fixed = if before.is_empty() || detail >= Detail::Ends {
        format!("{before}{after}")
    } else {
        before.to_owned()
    };
    (fixed, Some(parameter))
}

fn is_version(segment: &str) -> bool {
    let mut letters = segment.chars();
    letters.next() == Some('v') && letters.next().is_some_and(|digit| digit.is_ascii_digit())
}

fn is_plural(noun: &str) -> bool {
    noun.ends_with('s') && !["ss", "us", "is"].iter().any(|end| noun.ends_with(end))
}

/// Plurals that no ending gives away.
const IRREGULAR: [(&str, &str); 4] = [
    ("aliases", "alias"),
    ("buses", "bus"),
    ("series", "series"),
    ("statuses", "status"),
];

/// `customer` for `customers`.
pub(crate) fn singular(noun: &str) -> String {
    if !is_plural(noun) {
        return noun.to_owned();
    }
    if let Some((_, one)) = IRREGULAR.iter().find(|(many, _)| *many == noun) {
        return (*one).to_owned();
    }
    if let Some(stem) = noun.strip_suffix("ies") {
        return format!("{stem}y");
    }
    let es = ["sses", "xes", "ches", "shes", "zes"];
    let cut = if es.iter().any(|end| noun.ends_with(end)) {
        2
    } else {
        1
    };
    noun[..noun.len() - cut].to_owned()
}

/// A Rust type name: `create_customer` is `CreateCustomer`.
pub fn type_name(words: &str) -> String {
    match camel(words).as_str() {
        "" => "Unnamed".to_owned(),
        "Self" => "SelfType".to_owned(),
        name => started(name.to_owned(), "N"),
    }
}

/// The operationId of a method name: `create_customer` is `create-customer`.
pub fn operation_id(method: &str) -> String {
    method.to_kebab_case()
}
