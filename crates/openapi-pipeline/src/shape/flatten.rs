//! `allOf` becomes one schema.
//!
//! A reference wrapped in `allOf` to carry a description or `nullable` stays as it is: that is how
//! 3.0 writes it.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde_json::{Map, Value};

use super::schema::{Components, referred};
use crate::keywords::{Kind, children_mut};
use crate::resolve::{entries, schema_pointer};
use crate::{Pointer, Problem, Problems};

/// Problems of one component after which no more parts are merged into it: parts of parts multiply,
/// and so would what is wrong with them.
const MOST_PROBLEMS: usize = 100;

/// The components with every `allOf` merged.
pub(super) fn flatten(components: &Components, problems: &mut Problems) -> Components {
    let mut pass = Flatten::new(components, problems);
    let mut flat = Components::new();
    for name in components.keys() {
        pass.within = BTreeSet::from([name.clone()]);
        pass.refused = 0;
        flat.insert(name.clone(), pass.component(name));
    }
    flat
}

/// One schema outside the components, with every `allOf` merged.
pub(super) fn flatten_schema(
    components: &Components,
    schema: &Value,
    place: &Pointer,
    problems: &mut Problems,
) -> Value {
    Flatten::new(components, problems).schema(schema, place)
}

struct Flatten<'a> {
    components: &'a Components,
    /// Components being merged, so that one which contains itself through `allOf` is noticed.
    within: BTreeSet<String>,
    /// The reference whose target is being merged: problems are reported there, because the
    /// target itself is fine elsewhere.
    blamed: Option<Pointer>,
    /// Components that were merged without a problem: a part of many is merged once.
    done: Components,
    /// How often a problem came up, a known one included.
    refused: usize,
    problems: &'a mut Problems,
}

impl<'a> Flatten<'a> {
    fn new(components: &'a Components, problems: &'a mut Problems) -> Self {
        Self {
            components,
            within: BTreeSet::new(),
            blamed: None,
            done: Components::new(),
            refused: 0,
            problems,
        }
    }

    /// A component that is in `within`.
    fn component(&mut self, name: &str) -> Value {
        if let Some(done) = self.done.get(name) {
            return done.clone();
        }
        let Some(schema) = self.components.get(name) else {
            return Value::Null;
        };
        let before = self.refused;
        let merged = self.schema(schema, &schema_pointer(name));
        if self.refused == before {
            self.done.insert(name.to_owned(), merged.clone());
        }
        merged
    }

    fn refuse(&mut self, problem: Problem) {
        self.refused += 1;
        self.problems.push(problem);
    }

    fn schema(&mut self, schema: &Value, place: &Pointer) -> Value {
        let Some(object) = schema.as_object() else {
            return schema.clone();
        };
        if referred(schema).is_some() {
            return schema.clone();
        }
        let mut merged = Map::new();
        for (index, branch) in entries(schema, "allOf").iter().enumerate() {
            let at = place.child("allOf").child(&index.to_string());
            let outer = self.blamed.clone();
            if referred(branch).is_some() {
                self.blamed.get_or_insert_with(|| at.clone());
            }
            let branch = self.branch(branch, &at);
            merged = self.merge(merged, branch, &at);
            self.blamed = outer;
        }
        let mut own = object.clone();
        own.remove("allOf");
        let own = self.inside(own, place);
        let merged = self.merge(merged, own, place);
        Value::Object(merged)
    }

    /// A branch of `allOf`, with references replaced by their targets.
    fn branch(&mut self, branch: &Value, place: &Pointer) -> Map<String, Value> {
        let Some(name) = referred(branch) else {
            return match self.schema(branch, place) {
                Value::Object(object) => object,
                _ => Map::new(),
            };
        };
        if !self.components.contains_key(&name) || self.refused >= MOST_PROBLEMS {
            return Map::new();
        }
        if !self.within.insert(name.clone()) {
            let found = format!("a reference to `{name}` inside the `allOf` of `{name}`");
            let why = "a schema that contains itself has no end";
            self.refuse(Problem::new(place, found, why).with_removal());
            return Map::new();
        }
        let schema = self.component(&name);
        self.within.remove(&name);
        match schema {
            Value::Object(mut object) => {
                // The description of a part is not that of the whole.
                object.remove("description");
                object.remove("title");
                object.remove("example");
                object
            }
            _ => Map::new(),
        }
    }

    /// Flattens the schemas inside a schema without `allOf`.
    fn inside(&mut self, object: Map<String, Value>, place: &Pointer) -> Map<String, Value> {
        let mut schema = Value::Object(object);
        let at = &mut place.clone();
        children_mut(Kind::Schema, &mut schema, at, &mut |kind, child, at| {
            if kind == Kind::Schema {
                *child = self.schema(child, at);
            }
        });
        match schema {
            Value::Object(object) => object,
            _ => Map::new(),
        }
    }

    fn merge(
        &mut self,
        left: Map<String, Value>,
        right: Map<String, Value>,
        place: &Pointer,
    ) -> Map<String, Value> {
        if left.is_empty() {
            return right;
        }
        if right.is_empty() {
            return left;
        }
        let nullable = nullable_together(&left, &right);
        let mut merged: BTreeMap<String, Value> = left.into_iter().collect();
        for (key, theirs) in right {
            let Some(ours) = merged.remove(&key) else {
                merged.insert(key, theirs);
                continue;
            };
            let at = place.child(&key);
            let value = match self.keyword(&key, &ours, &theirs, &at) {
                Some(value) => value,
                None => {
                    self.refuse(
                        Problem::new(
                            self.blamed.as_ref().unwrap_or(&at),
                            format!("{ours} in one part and {theirs} in another"),
                            format!("the parts of an `allOf` must agree on `{key}` to be one type"),
                        )
                        .with_removal(),
                    );
                    ours
                }
            };
            merged.insert(key, value);
        }
        merged.remove("nullable");
        if nullable {
            merged.insert("nullable".into(), true.into());
        }
        merged.into_iter().collect()
    }

    /// The keyword that holds where both hold; `None` when no value does.
    fn keyword(&mut self, key: &str, ours: &Value, theirs: &Value, at: &Pointer) -> Option<Value> {
        if ours == theirs {
            return Some(ours.clone());
        }
        match key {
            "properties" => {
                let (mut all, theirs) = (ours.as_object()?.clone(), theirs.as_object()?);
                for (name, property) in theirs {
                    let merged = match all.get(name) {
                        Some(known) if known != property => {
                            let both = [known, property].map(|schema| schema.as_object().cloned());
                            let [Some(known), Some(property)] = both else {
                                return None;
                            };
                            let schema = self.merge(known, property, &at.child(name));
                            Value::Object(schema)
                        }
                        _ => property.clone(),
                    };
                    all.insert(name.clone(), merged);
                }
                Some(Value::Object(all))
            }
            "required" => {
                let mut all: BTreeSet<String> = BTreeSet::new();
                for list in [ours, theirs] {
                    all.extend(
                        list.as_array()?
                            .iter()
                            .filter_map(Value::as_str)
                            .map(str::to_owned),
                    );
                }
                Some(all.into_iter().collect())
            }
            "enum" => {
                let theirs: HashSet<&Value> = theirs.as_array()?.iter().collect();
                let both: Vec<Value> = ours
                    .as_array()?
                    .iter()
                    .filter(|value| theirs.contains(value))
                    .cloned()
                    .collect();
                (!both.is_empty()).then(|| both.into())
            }
            "items" => {
                let merged = self.merge(ours.as_object()?.clone(), theirs.as_object()?.clone(), at);
                Some(Value::Object(merged))
            }
            "type" => match (ours.as_str()?, theirs.as_str()?) {
                ("integer", "number") | ("number", "integer") => Some("integer".into()),
                _ => None,
            },
            "additionalProperties" => match (ours, theirs) {
                (Value::Bool(false), _) | (_, Value::Bool(false)) => Some(false.into()),
                (Value::Bool(true), other) | (other, Value::Bool(true)) => Some(other.clone()),
                _ => None,
            },
            "minLength" | "minItems" | "minProperties" | "minimum" => wider(ours, theirs, f64::max),
            "maxLength" | "maxItems" | "maxProperties" | "maximum" => wider(ours, theirs, f64::min),
            "exclusiveMinimum" | "exclusiveMaximum" | "uniqueItems" | "nullable" | "readOnly"
            | "writeOnly" | "deprecated" => Some(true.into()),
            "description" | "title" | "example" | "default" | "externalDocs" | "discriminator"
            | "xml" => Some(theirs.clone()),
            extension if extension.starts_with("x-") => Some(theirs.clone()),
            _ => None,
        }
    }
}

/// Null passes only where every part that has an opinion lets it pass.
fn nullable_together(left: &Map<String, Value>, right: &Map<String, Value>) -> bool {
    let opinion = |part: &Map<String, Value>| {
        let nullable = part.get("nullable").and_then(Value::as_bool);
        nullable.or_else(|| part.contains_key("type").then_some(false))
    };
    match (opinion(left), opinion(right)) {
        (Some(left), Some(right)) => left && right,
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => false,
    }
}

fn wider(ours: &Value, theirs: &Value, pick: fn(f64, f64) -> f64) -> Option<Value> {
    let (left, right) = (ours.as_f64()?, theirs.as_f64()?);
    let picked = pick(left, right);
    Some(if picked.total_cmp(&left).is_eq() {
        ours.clone()
    } else {
        theirs.clone()
    })
}
