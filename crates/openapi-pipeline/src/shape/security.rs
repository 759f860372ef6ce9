//! Where the keys of an operation go.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Credential;
use super::parameters::is_token;
use super::schema::text;
use crate::problem::{FILL_IN, update};
use crate::resolve::{self, components};
use crate::{Pointer, Problem, Problems};

/// Where the document wants the keys of an operation, by the names of their schemes; the first is that of
/// the client. An alternative that the client cannot send is a problem only if there is no other.
pub(super) fn credentials(
    document: &Value,
    place: &Pointer,
    source: &Value,
    is_asked_for: bool,
    problems: &mut Problems,
) -> Vec<(String, Credential)> {
    let security = source.get("security").or_else(|| document.get("security"));
    let alternatives: Vec<Vec<&String>> = match security.and_then(Value::as_array) {
        Some(alternatives) => alternatives
            .iter()
            .filter_map(|schemes| Some(schemes.as_object()?.keys().collect()))
            .collect(),
        None if is_asked_for => Vec::new(),
        // A document that has schemes and asks for none of them is more likely to be incomplete than
        // to describe an open server.
        None => components(document, "securitySchemes")
            .map(|(name, _)| vec![name])
            .collect(),
    };
    let sendable = alternatives
        .iter()
        .filter_map(|names| sent_together(document, names));
    let in_query = |keys: &Vec<(_, Credential)>| keys.iter().any(|(_, key)| is_in_query(key));
    let found = sendable.min_by_key(|keys| (keys.len(), in_query(keys)));
    let is_optional = alternatives.is_empty() || alternatives.iter().any(Vec::is_empty);
    if found.is_none() && !is_optional {
        problems.push(refusal(document, place, &alternatives));
    }
    found.unwrap_or_default()
}

/// A URL is seen by more eyes than a header.
fn is_in_query(credential: &Credential) -> bool {
    matches!(credential, Credential::Query(_))
}

/// Where the keys of one alternative go: a bearer token first, and those in the query last. `None` if
/// there are none, or two go into one header.
fn sent_together(document: &Value, names: &[&String]) -> Option<Vec<(String, Credential)>> {
    let mut keys: Vec<(String, Credential)> = Vec::new();
    for name in names {
        let key = sent_as(document, name)?;
        // Two schemes for one place are two ways to come by one key.
        if keys.iter().all(|(_, known)| *known != key) {
            keys.push(((*name).clone(), key));
        }
    }
    keys.sort_by_key(|(_, key)| (*key != Credential::Bearer, is_in_query(key)));
    let mut headers = BTreeSet::new();
    let mut is_free = |(_, key): &(String, Credential)| match key {
        Credential::Bearer | Credential::Basic => headers.insert("authorization".to_owned()),
        Credential::Header(name) => headers.insert(name.to_ascii_lowercase()),
        Credential::Cookie(_) | Credential::Query(_) => true,
    };
    (!keys.is_empty() && keys.iter().all(&mut is_free)).then_some(keys)
}

fn refusal(document: &Value, place: &Pointer, alternatives: &[Vec<&String>]) -> Problem {
    let names = alternatives.iter().map(|names| {
        let names: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
        names.join(" and ")
    });
    let found = format!("security by {}", names.collect::<Vec<_>>().join(", or "));
    let mut all = alternatives.iter().flatten();
    let quoted = |name: &str| Value::from(name).to_string();
    let unknown = all
        .clone()
        .find(|name| scheme(document, name).is_none() && sent_as(document, name).is_none());
    if let Some(name) = unknown {
        let why = "the document does not describe this scheme";
        let (at, open, close) = match document.get("components") {
            Some(_) => (Pointer::root().child("components"), "", ""),
            None => (Pointer::root(), "{components: ", "}"),
        };
        let name = quoted(name);
        let change = format!(
            "{open}{{securitySchemes: {{{name}: {{type: http, scheme: {FILL_IN}}}}}}}{close}"
        );
        return Problem::new(place, found, why).with_remedy(update(&at, &change));
    }
    let sent = all.find(|name| sent_as(document, name).is_some());
    // With the alternative of no key at all.
    let alone = sent.map_or_else(String::new, |name| format!("{}: []", quoted(name)));
    let why = "the client sends keys as bearer tokens, as `user:password`, in headers, cookies and the query, no two in one header; \
               if it sends one of them or none, a call can add what is missing with `header` and `query`";
    Problem::new(place, found, why)
        .with_remedy(update(place, &format!("{{security: [{{{alone}}}]}}")))
}

fn scheme<'a>(document: &'a Value, name: &str) -> Option<&'a Value> {
    let schemes = document.pointer("/components/securitySchemes")?;
    resolve::follow(document, schemes.get(name)?)
}

fn sent_as(document: &Value, name: &str) -> Option<Credential> {
    let Some(scheme) = scheme(document, name) else {
        // Some documents name a scheme that they do not describe.
        let is_bearer = name.to_ascii_lowercase().contains("bearer");
        return is_bearer.then_some(Credential::Bearer);
    };
    let name = text(scheme, "name").map(str::to_owned);
    let token = || name.clone().filter(|name| is_token(name));
    match (text(scheme, "type")?, text(scheme, "in")) {
        ("oauth2" | "openIdConnect", _) => Some(Credential::Bearer),
        ("http", _) => match text(scheme, "scheme")?.to_ascii_lowercase().as_str() {
            "bearer" => Some(Credential::Bearer),
            "basic" => Some(Credential::Basic),
            _ => None,
        },
        ("apiKey", Some("header")) => token().map(Credential::Header),
        ("apiKey", Some("cookie")) => token().map(Credential::Cookie),
        ("apiKey", Some("query")) => name.map(Credential::Query),
        _ => None,
    }
}
