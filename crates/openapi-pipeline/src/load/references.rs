//! References: each leads to something of its kind inside the document, and none leads back to
//! itself.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use crate::keywords::{Kind, children, lists};
use crate::problem::{self, FILL_IN, Remedy, kind_of};
use crate::resolve::{definition_in_scope, visit_reachable};
use crate::{Pointer, Problem, Problems};

/// The longest chain of references, each of which leads to the next. Stages follow one by recursion.
const MAX_CHAIN: usize = 100;

/// The keywords whose schemas apply to the same value as the schema around them.
const IN_PLACE: &str = "allOf anyOf dependentSchemas else if not oneOf then";

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
    problems.extend(graph.problems());
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
            "what follows the # is not a JSON pointer; references by anchor are not followed",
        ));
    };
    let target = definition_in_scope(document, kind, &target, &at).unwrap_or(target);
    match document.pointer(target.as_str()) {
        None => {
            let problem = Problem::new(&at, found, "the document does not have it");
            return Err(match remedy(document, kind, &target) {
                Some(remedy) => problem.with_remedy(remedy),
                None => problem,
            });
        }
        Some(Value::Object(_)) => {}
        Some(Value::Bool(_)) if kind == Kind::Schema => {}
        Some(other) => {
            return Err(Problem::new(
                &at,
                found,
                format!("{} is there, not {}", kind_of(other), kind.name()),
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
                    "{} is expected, from components.{}",
                    kind.name(),
                    kind.section().unwrap_or("?")
                ),
            ))
        }
        (None, ..) => Err(Problem::new(
            &at,
            found,
            format!("the whole document is there, not {}", kind.name()),
        )),
        _ => Ok(target),
    }
}

/// The overlay action that adds what a reference leads to, for its author to fill in; `None` where
/// nothing can be added, or the reference would not be to something of its kind then.
fn remedy(document: &Value, kind: Kind, target: &Pointer) -> Option<Remedy> {
    let mut keys = target.keys();
    let section = (keys.next()? == "components")
        .then(|| keys.next())
        .flatten();
    if section.is_some() && section.as_deref() != kind.section() {
        return None;
    }
    let (mut place, mut update) = (target.clone(), FILL_IN.to_owned());
    while document.pointer(place.as_str()).is_none() {
        update = format!("{{{}: {update}}}", Value::from(place.pop()?));
    }
    let holds_it = document.pointer(place.as_str())?.is_object();
    holds_it.then(|| problem::update(&place, &update))
}

/// Which object applies in place of, or together with, which others.
#[derive(Default)]
struct Graph(BTreeMap<Pointer, Vec<Pointer>>);

/// What a walk knows of a place.
#[derive(Clone, Copy)]
enum Visit {
    /// The walk is still on it.
    Open,
    /// The longest chain from here.
    Done(usize),
}

impl Graph {
    fn connect(&mut self, from: &Pointer, to: Pointer) {
        self.0.entry(from.clone()).or_default().push(to);
    }

    fn connect_in_place(&mut self, schema: &Value, at: &Pointer) {
        let depth = at.depth();
        children(Kind::Schema, schema, &mut at.clone(), &mut |_, _, inner| {
            let keyword = inner.keys().nth(depth).unwrap_or_default();
            if lists(IN_PLACE, &keyword) {
                self.connect(at, inner.clone());
            }
        });
    }

    /// One problem for each place where a walk along the connections comes back to a place that it
    /// is still on, and for each where a chain becomes too long. The walk keeps its own stack: a
    /// chain of references may be longer than the program's.
    fn problems(&self) -> Vec<Problem> {
        let mut known: HashMap<&Pointer, Visit> = HashMap::new();
        let mut problems = Vec::new();
        for start in self.0.keys() {
            let mut path = vec![(start, 0)];
            if known.contains_key(start) {
                continue;
            }
            known.insert(start, Visit::Open);
            while let Some((at, next)) = path.last_mut() {
                let at: &Pointer = at;
                let targets = self.targets(at);
                let Some(target) = targets.get(*next) else {
                    let mut length = self.chain(at, &known);
                    if length > MAX_CHAIN {
                        problems.push(Problem::new(
                            at,
                            format!("a chain of more than {MAX_CHAIN} references"),
                            "each leads to the next; refer to the last one",
                        ));
                        length = 0;
                    }
                    known.insert(at, Visit::Done(length));
                    path.pop();
                    continue;
                };
                *next += 1;
                match known.get(target) {
                    None => {
                        known.insert(target, Visit::Open);
                        path.push((target, 0));
                    }
                    Some(Visit::Done(_)) => {}
                    Some(Visit::Open) => problems.push(cycle(&path, target)),
                }
            }
        }
        problems
    }

    fn targets(&self, at: &Pointer) -> &[Pointer] {
        self.0.get(at).map_or(&[], Vec::as_slice)
    }

    /// The longest chain from a place whose targets are done.
    fn chain(&self, at: &Pointer, known: &HashMap<&Pointer, Visit>) -> usize {
        let lengths = self.targets(at).iter().map(|target| {
            // A part of the same schema is no reference.
            let step = usize::from(!target.is_within(at));
            match known.get(target) {
                Some(Visit::Done(length)) => length + step,
                _ => step,
            }
        });
        lengths.max().unwrap_or_default()
    }
}

fn cycle(path: &[(&Pointer, usize)], target: &Pointer) -> Problem {
    let is_target = |(place, _): &(&Pointer, usize)| *place == target;
    let from = path.iter().position(is_target).unwrap_or_default();
    let places = path[from..].iter().map(|(place, _)| *place);
    let mut circle: Vec<String> = places
        .chain([target])
        .take(MAX_CHAIN)
        .map(Pointer::to_string)
        .collect();
    if path.len() - from >= MAX_CHAIN {
        circle.push("…".to_owned());
    }
    let at = path.last().map_or(target, |(place, _)| place);
    let found = format!("a cycle: {}", circle.join(" -> "));
    let keys: Vec<String> = at.keys().rev().take(2).collect();
    match keys.get(1).map(String::as_str) {
        Some("anyOf" | "oneOf") => {
            let why = "the branch leads back to the schema that it is a branch of, so to check a value against it has no end";
            Problem::new(at, found, why).with_removal()
        }
        _ => {
            let why = "it refers to itself without anything in between, so no value can satisfy it";
            Problem::new(at, found, why)
        }
    }
}
