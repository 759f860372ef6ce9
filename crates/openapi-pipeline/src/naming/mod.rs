//! Gives operations, bodies and answers their stable names.
//!
//! After this stage every operation has a kebab-case operationId, every request body and success
//! response that is an object is a `$ref` to a component, and the same API gives the same document
//! however it was spelled: operationIds in any style or none, bodies inline or named, under
//! whatever name.

mod discriminator;
pub(crate) mod identifier;
mod inline;
pub(crate) mod names;
mod references;
pub mod rule;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::keywords::Kind;
use crate::resolve::operations;
use crate::{Pointer, Problem, Problems};
pub use names::{Names, NamesError};
use references::{
    Mentions, component_pointer, references, schema_reference, schema_reference_to,
    strip_annotations, with_renamed_references,
};
use rule::Endpoint;

/// Names operations, bodies and answers, from `names` where they are listed, else by rule.
///
/// The document must be normalised.
///
/// # Errors
///
/// One problem for each entry of `names` that names nothing, and for each name that two different
/// schemas claim.
pub fn apply(document: Value, names: &Names) -> Result<Value, Problems> {
    let mut document = document;
    discriminator::spell_out(&mut document);
    let mut stage = Stage {
        endpoints: endpoints(&document),
        document,
        mentions: Mentions::default(),
        renamed: BTreeMap::new(),
        problems: names.check(),
    };
    stage.operations(names);
    stage.inline_references();
    stage.mentions = Mentions::of(&stage.document);
    stage.errors();
    stage.answers(names);
    stage.bodies(names);
    stage.nested(names);
    stage.drop_renamed();
    stage.problems.or(stage.document)
}

/// The endpoints of a document in path and method order.
pub fn endpoints(document: &Value) -> Vec<Endpoint> {
    let mut found: Vec<Endpoint> = operations(document)
        .into_iter()
        .map(|operation| Endpoint::new(operation.method, operation.path))
        .collect();
    found.sort();
    found
}

struct Stage {
    document: Value,
    endpoints: Vec<Endpoint>,
    /// Kept up to date while schemas get their names.
    mentions: Mentions,
    /// Components that were given another name, by their old one.
    renamed: BTreeMap<String, BTreeSet<String>>,
    problems: Problems,
}

impl Stage {
    fn operations(&mut self, names: &Names) {
        self.check_sites("operations", &names.operations);
        let chosen: BTreeMap<Endpoint, String> = self
            .endpoints
            .iter()
            .filter_map(|endpoint| {
                let name = names.operations.get(&endpoint.site())?;
                Some((endpoint.clone(), name.clone()))
            })
            .collect();
        let taken: BTreeSet<String> = chosen.values().cloned().collect();
        let by_rule: Vec<Endpoint> = self
            .endpoints
            .iter()
            .filter(|endpoint| !chosen.contains_key(endpoint))
            .cloned()
            .collect();
        let mut methods = rule::methods(&by_rule, &taken);
        methods.extend(chosen);
        for (endpoint, method) in methods {
            if let Some(operation) = self.operation_mut(&endpoint) {
                operation.insert("operationId".into(), rule::operation_id(&method).into());
            }
        }
    }

    fn bodies(&mut self, names: &Names) {
        self.check_sites("bodies", &names.bodies);
        let mut slots = Vec::new();
        for endpoint in &self.endpoints {
            let content = pointer_to(endpoint).child("requestBody").child("content");
            for slot in self.schemas(&content, |media| is_json(media) || is_form(media)) {
                let name = match names.bodies.get(&endpoint.site()) {
                    Some(name) => name.clone(),
                    None => rule::type_name(&self.operation_id(endpoint)),
                };
                slots.push((slot, name));
            }
        }
        // A component that is the body of one operation alone is renamed wherever it stands. One
        // that is also answered, or is the body of several, keeps its name there and is copied.
        let answered = self.reachable_from_answers();
        let mut uses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (slot, name) in &slots {
            if let Some(own) = self.component_at(slot) {
                uses.entry(own).or_default().insert(name.clone());
            }
        }
        for (slot, name) in slots {
            let shared = self.component_at(&slot).is_some_and(|own| {
                answered.contains(&own) || uses.get(&own).is_some_and(|names| names.len() > 1)
            });
            self.place(
                &slot,
                &name,
                if shared {
                    Sharing::Copy
                } else {
                    Sharing::Rename
                },
            );
        }
    }

    fn answers(&mut self, names: &Names) {
        self.check_sites("answers", &names.answers);
        for endpoint in self.endpoints.clone() {
            let slots = self.answer_schemas(&endpoint, Answered::Success);
            let first = slots
                .first()
                .and_then(|slot| self.at(slot))
                .map(strip_annotations);
            for slot in slots {
                let own = self.component_at(&slot);
                // An operation that answers differently is refused later, with a way out; two names
                // let it get there.
                let differs = own.is_none() && self.at(&slot).map(strip_annotations) != first;
                let status = if differs { slot.keys().nth(4) } else { None }.unwrap_or_default();
                let name = match (names.answers.get(&endpoint.site()), own) {
                    (Some(name), _) => format!("{name}{status}"),
                    (None, Some(own)) => own,
                    (None, None) => {
                        let method = rule::type_name(&self.operation_id(&endpoint));
                        format!("{method}{status}Response")
                    }
                };
                self.place(&slot, &name, Sharing::Rename);
            }
        }
    }

    /// Error bodies written inline: all alike they are one component, `Error`; else one for each
    /// response.
    fn errors(&mut self) {
        let mut inline = Vec::new();
        for endpoint in &self.endpoints {
            for slot in self.answer_schemas(endpoint, Answered::Error) {
                if self.component_at(&slot).is_none() && self.is_object(&slot) {
                    inline.push((endpoint.clone(), slot));
                }
            }
        }
        let shapes: BTreeSet<String> = inline
            .iter()
            .filter_map(|(_, slot)| self.at(slot))
            .map(|schema| strip_annotations(schema).to_string())
            .collect();
        let existing = self.document.pointer("/components/schemas/Error");
        let fits =
            existing.is_none_or(|error| shapes.contains(&strip_annotations(error).to_string()));
        for (endpoint, slot) in inline {
            let name = if shapes.len() == 1 && fits {
                "Error".to_owned()
            } else {
                let status = slot.keys().nth(4).unwrap_or_default();
                let status = if status == "default" {
                    String::new()
                } else {
                    status
                };
                format!(
                    "{}Error{status}",
                    rule::type_name(&self.operation_id(&endpoint))
                )
            };
            self.place(&slot, &name, Sharing::Rename);
        }
    }

    fn nested(&mut self, names: &Names) {
        for (site, name) in &names.schemas {
            let Some(slot) = self.nested_slot(site) else {
                // Sites inside a type that is only made while shaping are checked there.
                if !site
                    .split_once('.')
                    .is_some_and(|(owner, _)| self.has_component(owner))
                {
                    self.problems.push(unused("schemas", site));
                }
                continue;
            };
            self.place(&slot, name, Sharing::Rename);
        }
    }

    /// The slot of `Owner.property[].property` among the components.
    fn nested_slot(&self, site: &str) -> Option<Pointer> {
        let (owner, path) = site.split_once('.')?;
        let mut slot = component_pointer(owner);
        for step in path.split('.') {
            let property = step.trim_end_matches("[]");
            slot = slot.child("properties").child(property);
            for _ in 0..(step.len() - property.len()) / 2 {
                slot = slot.child("items");
            }
        }
        self.at(&slot)?;
        Some(slot)
    }

    /// Makes the schema at `slot` a `$ref` to the component `name`.
    fn place(&mut self, slot: &Pointer, name: &str, sharing: Sharing) {
        match self.component_at(slot) {
            Some(own) if own == name => {}
            Some(own) => {
                let Some(schema) = self.component(&own).cloned() else {
                    return;
                };
                // A schema that contains itself contains itself under its new name.
                let schema = if sharing == Sharing::Rename {
                    with_renamed_references(schema, &own, name)
                } else {
                    schema
                };
                if !self.add_component(slot, name, schema) {
                    return;
                }
                if sharing == Sharing::Rename {
                    self.mentions.rename(&mut self.document, &own, name);
                    self.renamed.entry(own).or_default().insert(name.to_owned());
                } else {
                    self.point(slot, name);
                }
            }
            None if self.is_object(slot) => {
                let schema = self.at(slot).cloned().unwrap_or_default();
                if self.add_component(slot, name, schema) {
                    self.point(slot, name);
                }
            }
            // Lists, scalars and unions need no name of their own to be used as a body.
            None => {}
        }
    }

    fn point(&mut self, slot: &Pointer, name: &str) {
        if let Some(schema) = self.document.pointer_mut(slot.as_str()) {
            *schema = json!({ "$ref": schema_reference_to(name) });
            self.mentions.add(Kind::Schema, schema, &mut slot.clone());
        }
    }

    fn add_component(&mut self, slot: &Pointer, name: &str, schema: Value) -> bool {
        if let Some(existing) = self.component(name) {
            if strip_annotations(existing) == strip_annotations(&schema) {
                return true;
            }
            self.problems.push(Problem::new(
                slot,
                format!("a schema to be named `{name}`"),
                format!("another component has that name and differs, #/components/schemas/{name}; give one of them another name in names.toml"),
            ));
            return false;
        }
        let Some(root) = self.document.as_object_mut() else {
            return false;
        };
        let components = root.entry("components").or_insert_with(|| json!({}));
        let Some(components) = components.as_object_mut() else {
            return false;
        };
        let schemas = components.entry("schemas").or_insert_with(|| json!({}));
        let Some(schemas) = schemas.as_object_mut() else {
            return false;
        };
        self.mentions
            .add(Kind::Schema, &schema, &mut component_pointer(name));
        schemas.insert(name.to_owned(), schema);
        true
    }

    /// Old names that nothing points at any more are gone, as a rename should leave them.
    fn drop_renamed(&mut self) {
        let mut referenced = BTreeSet::new();
        references(Kind::Document, &self.document, &mut referenced);
        for own in std::mem::take(&mut self.renamed).into_keys() {
            if referenced.contains(&own) {
                continue;
            }
            if let Some(schemas) = self
                .document
                .pointer_mut("/components/schemas")
                .and_then(Value::as_object_mut)
            {
                schemas.remove(&own);
            }
        }
        for section in ["parameters", "requestBodies", "responses"] {
            self.drop_unreferenced(section);
        }
    }

    fn check_sites(&mut self, table: &str, entries: &BTreeMap<String, String>) {
        let sites: BTreeSet<String> = self.endpoints.iter().map(Endpoint::site).collect();
        for site in entries.keys().filter(|site| !sites.contains(*site)) {
            self.problems.push(unused(table, site));
        }
    }

    fn at(&self, place: &Pointer) -> Option<&Value> {
        self.document.pointer(place.as_str())
    }

    fn at_mut(&mut self, place: &Pointer) -> Option<&mut Value> {
        self.document.pointer_mut(place.as_str())
    }

    fn operation_mut(&mut self, endpoint: &Endpoint) -> Option<&mut Map<String, Value>> {
        self.at_mut(&pointer_to(endpoint))
            .and_then(Value::as_object_mut)
    }

    fn operation_id(&self, endpoint: &Endpoint) -> String {
        self.at(&pointer_to(endpoint).child("operationId"))
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    }

    /// Pointers of the JSON schemas of the success answers, or of the others.
    fn answer_schemas(&self, endpoint: &Endpoint, wanted: Answered) -> Vec<Pointer> {
        let responses = pointer_to(endpoint).child("responses");
        let Some(answers) = self.at(&responses).and_then(Value::as_object) else {
            return Vec::new();
        };
        // Where no success is documented, `default` is one.
        let no_success = !answers.keys().any(|status| status.starts_with('2'));
        let is_success =
            |status: &str| status.starts_with('2') || no_success && status == "default";
        let mut statuses: Vec<&String> = answers
            .keys()
            .filter(|status| is_success(status) == (wanted == Answered::Success))
            .collect();
        statuses.sort();
        statuses
            .into_iter()
            .flat_map(|status| self.schemas(&responses.child(status).child("content"), is_json))
            .collect()
    }

    /// Pointers of the schemas of the media types that are wanted.
    fn schemas(&self, content: &Pointer, wanted: impl Fn(&str) -> bool) -> Vec<Pointer> {
        let Some(media) = self.at(content).and_then(Value::as_object) else {
            return Vec::new();
        };
        let mut types: Vec<&String> = media.keys().filter(|name| wanted(name)).collect();
        types.sort();
        types
            .into_iter()
            .map(|name| content.child(name).child("schema"))
            .filter(|slot| self.at(slot).is_some())
            .collect()
    }

    fn component(&self, name: &str) -> Option<&Value> {
        self.at(&component_pointer(name))
    }

    fn has_component(&self, name: &str) -> bool {
        self.component(name).is_some()
    }

    /// The component that the schema at `slot` stands for, through any chain of aliases.
    fn component_at(&self, slot: &Pointer) -> Option<String> {
        let mut name = self.at(slot).and_then(schema_reference)?;
        let mut seen = BTreeSet::new();
        while seen.insert(name.clone()) {
            match self.component(&name).and_then(schema_reference) {
                Some(next) => name = next,
                None => break,
            }
        }
        Some(name)
    }

    fn is_object(&self, slot: &Pointer) -> bool {
        self.at(slot).is_some_and(|schema| {
            schema.get("properties").is_some() || schema.get("allOf").is_some()
        })
    }

    fn reachable_from_answers(&self) -> BTreeSet<String> {
        let mut open = BTreeSet::new();
        for endpoint in &self.endpoints {
            let responses = pointer_to(endpoint).child("responses");
            if let Some(answers) = self.at(&responses) {
                references(Kind::Responses, answers, &mut open);
            }
        }
        let mut reached = BTreeSet::new();
        while let Some(name) = open.pop_first() {
            if reached.insert(name.clone())
                && let Some(schema) = self.component(&name)
            {
                references(Kind::Schema, schema, &mut open);
            }
        }
        reached
    }
}

/// What becomes of a component that gets another name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sharing {
    /// Every place that points at it gets the new name.
    Rename,
    /// It stays, and this place alone gets a copy.
    Copy,
}

/// Which answers of an operation.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Answered {
    Success,
    Error,
}

/// Whether a media type is JSON: `application/json`, `application/problem+json; charset=utf-8`.
pub(crate) fn is_json(media_type: &str) -> bool {
    let name = media_type.split(';').next().unwrap_or_default().trim();
    name == "application/json" || name.ends_with("+json")
}

/// The place of an operation.
pub(crate) fn pointer_to(endpoint: &Endpoint) -> Pointer {
    Pointer::root()
        .child("paths")
        .child(&endpoint.path)
        .child(&endpoint.method)
}

fn is_form(media_type: &str) -> bool {
    media_type.starts_with("application/x-www-form-urlencoded")
}

fn unused(table: &str, site: &str) -> Problem {
    Problem::new(
        &Pointer::root(),
        format!("names.toml, [{table}], \"{site}\""),
        "the document has no such place; remove the entry or correct it".to_owned(),
    )
}
