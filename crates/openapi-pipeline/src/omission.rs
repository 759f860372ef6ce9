//! Takes out of a document what problems are about, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::keywords::{Kind, Walk, visit};
use crate::resolve::{self, Operation, entries, members, operations, schema_pointer};
use crate::{Pointer, Problem, Problems};

/// What was taken out, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Omission {
    /// The operation, `GET /pets`; `None` for a component that no operation uses.
    pub operation: Option<String>,
    /// The optional parameter or the response that is left out of the operation, if that is all;
    /// without an operation what was ignored in the document.
    pub part: Option<String>,
    /// What cannot be expressed.
    pub problem: Problem,
}

impl Omission {
    /// A keyword that was ignored.
    pub fn ignored(problem: Problem) -> Self {
        Self {
            operation: None,
            part: Some(problem.found.clone()),
            problem,
        }
    }
}

/// The document without the operations that these problems are about, and what was taken out.
///
/// A problem in an optional parameter or in the response to an error takes that out of its operation.
/// One in a component takes out the operations that use it in a request or a success, and then the
/// component. What operations have in common with the document, such as its servers, cannot be taken
/// out.
///
/// # Errors
/// The problems that are about the whole document, or about names.toml.
pub fn without(document: &Value, problems: &Problems) -> Result<(Value, Vec<Omission>), Problems> {
    let mut reduced = document.clone();
    let mut omissions = Vec::new();
    let mut whole = Problems::new();
    let mut removed = BTreeSet::new();
    let operations = operations(document);
    let used: Vec<BTreeSet<Pointer>> = operations.iter().map(|of| used_by(document, of)).collect();
    for problem in problems {
        let keys: Vec<String> = problem.pointer.keys().take(4).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let place = match keys[..] {
            _ if problem.found.starts_with("names.toml") => None,
            ["paths", path, ..] => Some(Pointer::root().child("paths").child(path)),
            ["components", section, name, ..] => {
                let section = Pointer::root().child("components").child(section);
                Some(section.child(name))
            }
            _ => None,
        };
        let Some(place) = place else {
            whole.push(problem.clone());
            continue;
        };
        let known = omissions.len();
        for (operation, used) in operations.iter().zip(&used) {
            let own = problem.pointer.is_within(&operation.pointer);
            // A place in a path item that is in none of its operations is in all of them.
            let shared = operation.pointer.is_within(&place)
                && (operations.iter()).all(|other| !problem.pointer.is_within(&other.pointer));
            if !(own || shared || used.contains(&place)) {
                continue;
            }
            let (part, at) = match part(document, operation, &problem.pointer) {
                Some((part, at)) if own => (Some(part), at),
                _ => (None, operation.pointer.clone()),
            };
            removed.insert(at);
            omissions.push(Omission {
                operation: Some(format!(
                    "{} {}",
                    operation.method.to_ascii_uppercase(),
                    operation.path
                )),
                part,
                problem: problem.clone(),
            });
        }
        if keys.first() == Some(&"components") {
            removed.insert(place);
        }
        if omissions.len() == known {
            omissions.push(Omission {
                operation: None,
                part: None,
                problem: problem.clone(),
            });
        }
    }
    if !whole.is_empty() {
        return Err(whole);
    }
    removed.extend(leading_to(document, &removed));
    // What stands later in a list goes first, so that the others keep their places.
    for place in removed.iter().rev() {
        remove(&mut reduced, place);
    }
    omissions.sort();
    omissions.dedup();
    Ok((reduced, omissions))
}

/// The optional parameter or the response to an error that a place of an operation is in.
fn part(document: &Value, operation: &Operation<'_>, place: &Pointer) -> Option<(String, Pointer)> {
    let mut keys = place.keys().skip(operation.pointer.depth());
    let (list, key) = (keys.next()?, keys.next()?);
    let at = operation.pointer.child(&list).child(&key);
    let value = resolve::follow(document, document.pointer(at.as_str())?)?;
    match list.as_str() {
        "parameters" => {
            let is_optional = value.get("required") != Some(&Value::Bool(true));
            let name = value.get("name").and_then(Value::as_str)?;
            (is_optional && value.get("in")? != "path")
                .then(|| (format!("the parameter `{name}`"), at))
        }
        "responses" if !key.starts_with('2') && key != "default" => {
            Some((format!("the response {key}"), at))
        }
        _ => None,
    }
}

fn remove(document: &mut Value, place: &Pointer) {
    let mut parent = place.clone();
    let key = parent.pop().unwrap_or_default();
    match document.pointer_mut(parent.as_str()) {
        Some(Value::Object(members)) => {
            members.remove(&key);
        }
        Some(Value::Array(entries)) => {
            if let Some(index) = key.parse().ok().filter(|index| *index < entries.len()) {
                entries.remove(index);
            }
        }
        _ => {}
    }
}

/// The components that an operation uses in its request and in its successes. Bodies of errors have no
/// types.
fn used_by(document: &Value, operation: &Operation<'_>) -> BTreeSet<Pointer> {
    let value = document
        .pointer(operation.pointer.as_str())
        .unwrap_or(document);
    let mut open = BTreeMap::new();
    for parameter in entries(value, "parameters") {
        mentioned(Kind::Parameter, parameter, &mut open);
    }
    if let Some(body) = value.get("requestBody") {
        mentioned(Kind::RequestBody, body, &mut open);
    }
    for (status, response) in members(value, "responses") {
        if status.starts_with('2') || status == "default" {
            mentioned(Kind::Response, response, &mut open);
        }
    }
    let mut used = BTreeMap::new();
    while let Some((place, kind)) = open.pop_first() {
        if let Some(target) = document.pointer(place.as_str())
            && used.insert(place, kind).is_none()
        {
            let mut more = BTreeMap::new();
            mentioned(kind, target, &mut more);
            open.extend(
                more.into_iter()
                    .filter(|(place, _)| !used.contains_key(place)),
            );
        }
    }
    used.into_keys().collect()
}

/// The schemas of components that lead to one of these.
fn leading_to(document: &Value, places: &BTreeSet<Pointer>) -> BTreeSet<Pointer> {
    let mut users: BTreeMap<Pointer, Vec<Pointer>> = BTreeMap::new();
    let schemas = document.get("components").into_iter();
    for (name, schema) in schemas.flat_map(|components| members(components, "schemas")) {
        let mut inner = BTreeMap::new();
        mentioned(Kind::Schema, schema, &mut inner);
        for place in inner.into_keys() {
            users.entry(place).or_default().push(schema_pointer(name));
        }
    }
    let mut found = BTreeSet::new();
    let mut open: Vec<&Pointer> = places.iter().collect();
    while let Some(place) = open.pop() {
        let users = users.get(place).into_iter().flatten();
        open.extend(users.filter(|user| found.insert((*user).clone())));
    }
    found
}

/// Adds the components that a value of a kind refers to itself.
fn mentioned(kind: Kind, value: &Value, found: &mut BTreeMap<Pointer, Kind>) {
    let at = &mut Pointer::root();
    visit(kind, value, at, &mut |kind, value, _| {
        let target = value.get("$ref").and_then(Value::as_str);
        let target = target.and_then(Pointer::from_reference);
        let component = target.map(|target| {
            target
                .keys()
                .take(3)
                .fold(Pointer::root(), |at, key| at.child(&key))
        });
        found.extend(component.map(|component| (component, kind)));
        Walk::Down
    });
}
