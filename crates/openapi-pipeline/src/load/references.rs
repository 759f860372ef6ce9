//! References: each leads to something of its kind inside the document, and none leads back to
//! itself.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::{Map, Value};

use crate::keywords::{Kind, Walk, visit};
use crate::problem::kind_of;
use crate::{Pointer, Problem, Problems};

/// The keywords whose schemas apply to the very value that the schema applies to.
const IN_PLACE: [&str; 4] = ["not", "if", "then", "else"];
const IN_PLACE_LISTS: [&str; 3] = ["allOf", "anyOf", "oneOf"];
const IN_PLACE_MAPS: [&str; 1] = ["dependentSchemas"];

pub(super) fn check(document: &Value, problems: &mut Problems) {
    let mut graph = Graph::default();
    visit_reachable(document, &mut |kind, value, at| {
        if let Some(reference) = value.get("$ref") {
            match target(document, kind, reference, at) {
                Ok(target) => graph.connect(at, target),
                Err(problem) => problems.push(problem),
            }
        }
        if kind == Kind::Schema {
            graph.connect_in_place(value, at);
        }
    });
    problems.extend(graph.cycles());
}

/// Shows `f` every object that may be a reference: those that the document has in their places, and
/// those in places of no meaning that a reference leads to.
pub(crate) fn visit_reachable(document: &Value, f: &mut dyn FnMut(Kind, &Value, &Pointer)) {
    let mut seen = HashSet::new();
    let mut open = vec![(Kind::Document, Pointer::root())];
    while let Some((kind, mut start)) = open.pop() {
        let Some(value) = document.pointer(start.as_str()) else {
            continue;
        };
        visit(kind, value, &mut start, &mut |kind, value, at| {
            if kind.section().is_some() {
                if !seen.insert(at.clone()) {
                    return Walk::Past;
                }
                if let Some(Value::String(reference)) = value.get("$ref") {
                    open.extend(
                        leads_to(document, kind, reference, at).map(|target| (kind, target)),
                    );
                }
                f(kind, value, at);
            }
            Walk::Down
        });
    }
}

/// Where a local reference of a kind leads, if it has the form of one.
pub(crate) fn leads_to(
    document: &Value,
    kind: Kind,
    reference: &str,
    at: &Pointer,
) -> Option<Pointer> {
    let target = Pointer::from_reference(reference)?;
    Some(definition_in_scope(document, kind, &target, at).unwrap_or(target))
}

/// Where a reference leads, or why it leads nowhere.
fn target(
    document: &Value,
    kind: Kind,
    reference: &Value,
    at: &Pointer,
) -> Result<Pointer, Problem> {
    let at = at.child("$ref");
    let Some(reference) = reference.as_str() else {
        return Err(Problem::new(
            &at,
            format!("`$ref` is {}", kind_of(reference)),
            "a reference is a string",
        ));
    };
    let found = format!("a reference to {reference}");
    if !reference.starts_with('#') {
        return Err(Problem::new(
            &at,
            found,
            "it leads out of the document; bundle all files into one document first",
        ));
    }
    let Some(target) = Pointer::from_reference(reference) else {
        return Err(Problem::new(
            &at,
            found,
            "what follows the # is no JSON pointer: references by anchor are not followed",
        ));
    };
    let target = definition_in_scope(document, kind, &target, &at).unwrap_or(target);
    match document.pointer(target.as_str()) {
        None => return Err(Problem::new(&at, found, "nothing stands there")),
        Some(Value::Object(_)) => {}
        Some(Value::Bool(_)) if kind == Kind::Schema => {}
        Some(other) => {
            return Err(Problem::new(
                &at,
                found,
                format!("{} stands there, not {}", kind_of(other), kind.name()),
            ));
        }
    }
    let mut keys = target.keys();
    match (keys.next().as_deref(), keys.next(), keys.count()) {
        (Some("components"), Some(section), 1) if kind.section() != Some(section.as_str()) => {
            Err(Problem::new(
                &at,
                found,
                format!(
                    "{} is wanted, which stands under components.{}",
                    kind.name(),
                    kind.section().unwrap_or("?")
                ),
            ))
        }
        (None, ..) => Err(Problem::new(
            &at,
            found,
            format!("the whole document stands there, not {}", kind.name()),
        )),
        _ => Ok(target),
    }
}

/// Where `#/$defs/Name` leads when the document itself has no `$defs`: to the nearest schema around
/// that defines it.
///
/// A JSON pointer starts at the root of the document, so such a reference leads nowhere, strictly.
/// But it is what a schema written for itself says when it is put into a document, and there is no
/// doubt what it means.
fn definition_in_scope(
    document: &Value,
    kind: Kind,
    target: &Pointer,
    at: &Pointer,
) -> Option<Pointer> {
    if kind != Kind::Schema
        || !target.as_str().starts_with("/$defs/")
        || document.pointer(target.as_str()).is_some()
    {
        return None;
    }
    let mut around = Some(at.clone());
    while let Some(schema) = around {
        let candidate = target.keys().fold(schema.clone(), |at, key| at.child(&key));
        if document.pointer(candidate.as_str()).is_some() {
            return Some(candidate);
        }
        around = schema.parent();
    }
    None
}

/// Which object applies in place of, or together with, which others.
#[derive(Default)]
struct Graph(BTreeMap<Pointer, Vec<Pointer>>);

impl Graph {
    fn connect(&mut self, from: &Pointer, to: Pointer) {
        self.0.entry(from.clone()).or_default().push(to);
    }

    fn connect_in_place(&mut self, schema: &Value, at: &Pointer) {
        for keyword in IN_PLACE
            .into_iter()
            .filter(|keyword| schema.get(keyword).is_some())
        {
            self.connect(at, at.child(keyword));
        }
        for keyword in IN_PLACE_MAPS {
            for name in schema
                .get(keyword)
                .and_then(Value::as_object)
                .into_iter()
                .flat_map(Map::keys)
            {
                self.connect(at, at.child(keyword).child(name));
            }
        }
        for keyword in IN_PLACE_LISTS {
            let branches = schema
                .get(keyword)
                .and_then(Value::as_array)
                .map_or(0, Vec::len);
            for index in 0..branches {
                self.connect(at, at.child(keyword).child(&index.to_string()));
            }
        }
    }

    /// One problem for each place where a walk along the connections comes back to a place that it
    /// is still on. The walk keeps its own stack: a chain of references may be longer than the
    /// program's.
    fn cycles(&self) -> Vec<Problem> {
        let mut done: HashMap<&Pointer, bool> = HashMap::new();
        let mut problems = Vec::new();
        for start in self.0.keys() {
            let mut path = vec![(start, 0)];
            if done.contains_key(start) {
                continue;
            }
            done.insert(start, false);
            while let Some((at, next)) = path.last_mut() {
                let at: &Pointer = at;
                let targets = self.0.get(at).map_or(&[][..], Vec::as_slice);
                let Some(target) = targets.get(*next) else {
                    done.insert(at, true);
                    path.pop();
                    continue;
                };
                *next += 1;
                match done.get(target) {
                    None => {
                        done.insert(target, false);
                        path.push((target, 0));
                    }
                    Some(true) => {}
                    Some(false) => {
                        let from = path
                            .iter()
                            .position(|(place, _)| *place == target)
                            .unwrap_or_default();
                        let circle: Vec<String> = path[from..]
                            .iter()
                            .map(|(place, _)| *place)
                            .chain([target])
                            .map(Pointer::to_string)
                            .collect();
                        problems.push(Problem::new(
                            at,
                            format!("a circle: {}", circle.join(" -> ")),
                            "it refers to itself without anything in between, so no value can satisfy it",
                        ));
                    }
                }
            }
        }
        problems
    }
}
