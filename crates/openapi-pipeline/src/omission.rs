//! Takes out of a document what problems are about, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::keywords::{Kind, Walk, lists, visit};
use crate::resolve::{
    self, Operation, components, entries, keep_security, members, operations, schema_pointer,
};
use crate::{Pointer, Problem, Problems, Remedy};

/// What was taken out, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Omission {
    /// The operation, `GET /pets`; `None` for a component that no operation uses.
    pub operation: Option<String>,
    /// The optional parameter or the response that is left out of the operation, if that is all;
    /// without an operation what was ignored in the document.
    pub part: Option<String>,
    /// What was taken out.
    pub place: Pointer,
    /// What cannot be expressed.
    pub problem: Problem,
}

impl Omission {
    /// A keyword that was ignored.
    fn ignored(problem: Problem) -> Self {
        Self {
            operation: None,
            part: Some(problem.found.clone()),
            place: problem.pointer.clone(),
            problem,
        }
    }

    /// What lowering left out of a document: an operation under a method that OpenAPI does not have, or a
    /// keyword.
    pub fn noted(document: &Value, problem: Problem) -> Self {
        let operation = resolve::unknown_operation(document, &problem.pointer);
        let ignored = Self::ignored(problem);
        Self {
            part: ignored.part.filter(|_| operation.is_none()),
            operation,
            ..ignored
        }
    }

    /// The overlay action that would bring it in. To remove it is what was done already.
    pub fn remedy(&self) -> Option<&Remedy> {
        let removes_it =
            |remedy: &&Remedy| remedy.update.is_none() && self.place.is_within(&remedy.place);
        let remedy = self.problem.remedy.as_deref();
        remedy.filter(|remedy| !removes_it(remedy))
    }
}

/// The document without the operations that these problems are about, and what was taken out.
///
/// A problem in an optional parameter, in the response to an error or in what a client does not use,
/// such as a callback, takes that out of its operation. One in a component takes out what uses it: an
/// optional parameter, or the operations that use it in a request or a success, and then the component.
/// What operations have in common with the document, such as its security, cannot be taken out.
///
/// # Errors
/// The problems that are about the whole document, or about names.toml.
pub fn without(document: &Value, problems: &Problems) -> Result<(Value, Vec<Omission>), Problems> {
    let mut reduced = document.clone();
    let mut omissions = Vec::new();
    let mut whole = Problems::new();
    let mut removed = BTreeSet::new();
    let operations = operations(document);
    let used: Vec<Vec<Used>> = operations.iter().map(|of| used_by(document, of)).collect();
    for problem in problems {
        let Some(place) = removable(&problem.pointer)
            .filter(|place| document.pointer(place.as_str()).is_some())
            .filter(|_| !problem.found.starts_with("names.toml"))
        else {
            whole.push(problem.clone());
            continue;
        };
        let known = omissions.len();
        for (operation, used) in operations.iter().zip(&used) {
            // A place in a path item that is in none of its operations is in all of them.
            let shared = operation.pointer.is_within(&place)
                && (operations.iter()).all(|other| !problem.pointer.is_within(&other.pointer));
            let of_whole = || (None, operation.pointer.clone());
            let mut parts = Vec::new();
            let is_own = problem.pointer.is_within(&operation.pointer);
            if let Some(at) = unused(operation, &problem.pointer).filter(|_| is_own) {
                removed.insert(at);
                omissions.push(Omission::ignored(problem.clone()));
            } else if is_own {
                let part = part(document, operation, &problem.pointer);
                parts.push(part.map_or_else(of_whole, |(what, at)| (Some(what), at)));
            } else if shared {
                parts.push(of_whole());
            } else {
                let using = used.iter().filter(|used| used.components.contains(&place));
                parts.extend(using.map(|used| used.part.clone()));
            }
            for (part, at) in parts {
                removed.insert(at.clone());
                omissions.push(Omission {
                    place: at,
                    operation: Some(shown(operation)),
                    part,
                    problem: problem.clone(),
                });
            }
        }
        let is_component = problem.pointer.keys().next().as_deref() == Some("components");
        if is_component || omissions.len() == known {
            removed.insert(place.clone());
        }
        if omissions.len() == known {
            // What stands under a path that is none is an operation all the same.
            let lost = under(document, &place);
            let is_ignored = lost.is_empty() && !is_component;
            let none = lost.is_empty().then_some(None);
            let operations = lost.into_iter().map(Some).chain(none);
            omissions.extend(operations.map(|operation| Omission {
                operation,
                part: is_ignored.then(|| problem.found.clone()),
                place: place.clone(),
                problem: problem.clone(),
            }));
        }
    }
    if !whole.is_empty() {
        return Err(whole);
    }
    removed.extend(leading_to(document, &removed));
    // What stands later in a list goes first, so that the others keep their places.
    for place in removed.iter().rev() {
        place.remove_from(&mut reduced);
    }
    keep_security(document, &mut reduced);
    omissions.sort();
    omissions.dedup();
    Ok((reduced, omissions))
}

fn shown(operation: &Operation<'_>) -> String {
    format!(
        "{} {}",
        operation.method.to_ascii_uppercase(),
        operation.path
    )
}

/// The operations of the path item at a place.
fn under(document: &Value, place: &Pointer) -> Vec<String> {
    let keys: Vec<String> = place.keys().collect();
    match (&keys[..], document.pointer(place.as_str())) {
        ([paths, path], Some(item)) if paths == "paths" => {
            let operations = resolve::operations_of(path, item);
            operations.map(|of| shown(&of)).collect()
        }
        _ => Vec::new(),
    }
}

/// The schemas of components and the operations that a stage fails on where the document has nothing else
/// than one of them and what it uses. `failure` runs the stage and says why it fails.
pub fn faults(document: &Value, failure: &mut dyn FnMut(&Value) -> Option<String>) -> Problems {
    let mut problems = Problems::new();
    let schemas = components(document, "schemas");
    let schemas = schemas.map(|(name, _)| (Kind::Schema, schema_pointer(name)));
    let operations = operations(document).into_iter();
    let operations = operations.map(|of| (Kind::Operation, of.pointer));
    let mut known = BTreeSet::new();
    for (kind, place) in schemas.chain(operations) {
        let mut used = BTreeMap::new();
        mentioned(
            kind,
            document.pointer(place.as_str()).unwrap_or(&Value::Null),
            &mut used,
        );
        let mut used = closure(document, used);
        if kind == Kind::Operation && !used.is_disjoint(&known) {
            continue;
        }
        used.insert(place.clone());
        if let Some(why) = failure(&alone(document, &used)) {
            problems.push(Problem::new(&place, "what the generator fails on", why).with_removal());
            known.insert(place);
        }
    }
    problems
}

/// The document with no other operations and components than these.
fn alone(document: &Value, places: &BTreeSet<Pointer>) -> Value {
    let mut rest = document.clone();
    let at = Pointer::root().child("components");
    for (section, components) in members(document, "components") {
        let names = components.as_object().into_iter().flatten();
        for (name, _) in names.filter(|_| section != "securitySchemes") {
            let place = at.child(section).child(name);
            if !places.contains(&place) {
                place.remove_from(&mut rest);
            }
        }
    }
    for operation in operations(document) {
        if !places.contains(&operation.pointer) {
            operation.pointer.remove_from(&mut rest);
        }
    }
    rest
}

/// The path item, the component or whatever else can be taken out of a document that a place is in.
fn removable(place: &Pointer) -> Option<Pointer> {
    let keys: Vec<String> = place.keys().take(3).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let depth = match keys[..] {
        ["components", _, _] => 3,
        ["paths" | "servers" | "tags" | "webhooks", _, ..] => 2,
        _ => return None,
    };
    Some(cut(place, depth))
}

fn cut(place: &Pointer, depth: usize) -> Pointer {
    let keys = place.keys().take(depth);
    keys.fold(Pointer::root(), |at, key| at.child(&key))
}

/// The optional parameter or body, or the response to an error, that a place of an operation is in.
fn part(document: &Value, operation: &Operation<'_>, place: &Pointer) -> Option<(String, Pointer)> {
    let start = operation.pointer.depth();
    let keys: Vec<String> = place.keys().collect();
    let (list, key) = (keys.get(start)?, keys.get(start + 1)?);
    let at = cut(place, start + 2);
    match list.as_str() {
        "parameters" => {
            let name = optional(document, document.pointer(at.as_str())?)?;
            Some((format!("the parameter `{name}`"), at))
        }
        "requestBody" => {
            let at = cut(place, start + 1);
            let body = resolve::follow(document, document.pointer(at.as_str())?)?;
            let is_optional = body.get("required") == Some(&Value::Bool(false));
            is_optional.then(|| ("the body".to_owned(), at))
        }
        "responses" if !is_success(key) => Some((format!("the response {key}"), at)),
        _ => None,
    }
}

/// What a client does not use that a place of an operation is in.
fn unused(operation: &Operation<'_>, place: &Pointer) -> Option<Pointer> {
    const UNUSED: &str = "callbacks examples headers links";
    let start = operation.pointer.depth();
    let keys: Vec<String> = place.keys().skip(start).collect();
    let mut outside_schemas = keys.iter().take_while(|key| *key != "schema");
    let position = outside_schemas.position(|key| lists(UNUSED, key))?;
    (position + 1 < keys.len()).then(|| cut(place, start + position + 2))
}

/// The name of an optional parameter.
fn optional<'a>(document: &'a Value, parameter: &'a Value) -> Option<&'a str> {
    let parameter = resolve::follow(document, parameter)?;
    let is_optional = parameter.get("required") != Some(&Value::Bool(true));
    let is_optional = is_optional && parameter.get("in")? != "path";
    parameter.get("name")?.as_str().filter(|_| is_optional)
}

fn is_success(status: &str) -> bool {
    status.starts_with('2') || status == "default"
}

/// The components that an operation or an optional part of it uses.
struct Used {
    /// What it is, unless it is the whole operation, and its place.
    part: (Option<String>, Pointer),
    components: BTreeSet<Pointer>,
}

/// What an operation uses in its request and in its successes. Bodies of errors have no types.
fn used_by(document: &Value, operation: &Operation<'_>) -> Vec<Used> {
    let value = document
        .pointer(operation.pointer.as_str())
        .unwrap_or(document);
    let mut whole = BTreeMap::new();
    let mut used = Vec::new();
    let list = operation.pointer.child("parameters");
    for (index, parameter) in entries(value, "parameters").iter().enumerate() {
        match optional(document, parameter) {
            Some(name) => {
                let mut own = BTreeMap::new();
                mentioned(Kind::Parameter, parameter, &mut own);
                let what = Some(format!("the parameter `{name}`"));
                used.push(Used {
                    part: (what, list.child(&index.to_string())),
                    components: closure(document, own),
                });
            }
            None => mentioned(Kind::Parameter, parameter, &mut whole),
        }
    }
    if let Some(body) = value.get("requestBody") {
        mentioned(Kind::RequestBody, body, &mut whole);
    }
    for (status, response) in members(value, "responses") {
        if is_success(status) {
            mentioned(Kind::Response, response, &mut whole);
        }
    }
    used.push(Used {
        part: (None, operation.pointer.clone()),
        components: closure(document, whole),
    });
    used
}

/// These components, and all that they use.
fn closure(document: &Value, mut open: BTreeMap<Pointer, Kind>) -> BTreeSet<Pointer> {
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
    for (name, schema) in components(document, "schemas") {
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

/// Adds the components that a value of a kind refers to itself, apart from those that a client does
/// not use.
fn mentioned(kind: Kind, value: &Value, found: &mut BTreeMap<Pointer, Kind>) {
    let at = &mut Pointer::root();
    visit(kind, value, at, &mut |kind, value, _| {
        if kind.is_unused() {
            return Walk::Past;
        }
        let target = value.get("$ref").and_then(Value::as_str);
        let target = target.and_then(Pointer::from_reference);
        found.extend(target.map(|target| (cut(&target, 3), kind)));
        Walk::Down
    });
}
