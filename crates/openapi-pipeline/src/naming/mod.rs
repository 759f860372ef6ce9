//! Gives operations, bodies and responses their stable names.
//!
//! After this stage every operation has a kebab-case operationId, and every request body and success
//! response that is an object is a `$ref` to a component. The spelling of the input does not matter:
//! operationIds can have any style or be missing, and bodies can be inline or have any name.

pub(crate) mod identifier;
pub(crate) mod names;
mod references;
pub mod rule;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::keywords::Kind;
use crate::resolve::{
    alias, children, components, mentioned, operations, reachable, rename_references,
    schema_pointer, schemas_mut,
};
use crate::{Pointer, Problem, Problems, canonical};
pub use identifier::free_field;
pub use names::{Names, NamesError};
use references::{References, schema_reference, strip_annotations};
use rule::Endpoint;

/// Names operations, bodies and responses, from `names` where they are listed, else by rule.
///
/// The document must be normalised.
///
/// # Errors
///
/// One problem for each entry of `names` that names nothing, and for each name that two different
/// schemas claim.
pub fn apply(document: Value, names: &Names) -> Result<Value, Problems> {
    let mut document = document;
    references::complete_mappings(&mut document);
    references::inline_operation_parts(&mut document);
    let mut references = References::default();
    references.add(Kind::Document, &document, &mut Pointer::root());
    let mut stage = Stage {
        endpoints: endpoints(&document),
        document,
        references,
        renamed: BTreeSet::new(),
        problems: names.check(),
    };
    stage.operations(names);
    stage.errors();
    stage.responses(names);
    stage.bodies(names);
    stage.nested(names);
    stage.remove_renamed();
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
    references: References,
    /// The old names of components that were given another one.
    renamed: BTreeSet<String>,
    problems: Problems,
}

impl Stage {
    fn operations(&mut self, names: &Names) {
        self.check_sites("operations", &names.operations);
        let mut chosen = BTreeMap::new();
        let mut by_rule = Vec::new();
        for endpoint in self.endpoints.iter().cloned() {
            match names.operations.get(&endpoint.site()) {
                Some(name) => {
                    chosen.insert(endpoint, name.clone());
                }
                None => by_rule.push(endpoint),
            }
        }
        let taken = chosen.values().cloned().collect();
        let by_rule = rule::methods(&by_rule, &taken);
        for (endpoint, method) in by_rule.into_iter().chain(chosen) {
            let operation = self.document.pointer_mut(pointer_to(&endpoint).as_str());
            if let Some(operation) = operation.and_then(Value::as_object_mut) {
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
                let chosen = names.bodies.get(&endpoint.site());
                let by_rule = || rule::type_name(&self.operation_id(endpoint));
                let name = chosen.cloned().unwrap_or_else(by_rule);
                slots.push((slot, name, chosen.is_some()));
            }
        }
        // A component that is the body of one operation alone is renamed everywhere. One that is
        // also in a response, or is the body of several, keeps its name there and is copied.
        let in_responses = self.reachable_from_responses();
        let mut uses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (slot, name, _) in &slots {
            if let Some(own) = self.component_at(slot) {
                uses.entry(own).or_default().insert(name.clone());
            }
        }
        let parents = children(components(&self.document, "schemas"));
        let parents: BTreeSet<String> = parents.keys().map(|name| (*name).to_owned()).collect();
        for (slot, name, is_chosen) in slots {
            let own = self.component_at(&slot);
            let shared = own.as_ref().is_some_and(|own| {
                in_responses.contains(own) || uses.get(own).is_some_and(|names| names.len() > 1)
            });
            // No schema would be made from a copy.
            if shared && own.is_some_and(|own| parents.contains(&own)) {
                continue;
            }
            let sharing = if shared {
                Sharing::Copy
            } else {
                Sharing::Rename
            };
            self.place(&slot, &name, sharing, is_chosen);
        }
    }

    fn responses(&mut self, names: &Names) {
        self.check_sites("responses", &names.responses);
        for endpoint in self.endpoints.clone() {
            let slots = self.response_schemas(&endpoint, Outcome::Success);
            let first = slots.first().and_then(|slot| self.at(slot));
            let first = first.map(strip_annotations);
            for slot in slots {
                let own = self.component_at(&slot);
                // Success responses that differ become members of one union, each with a name.
                let differs = own.is_none() && self.at(&slot).map(strip_annotations) != first;
                let status = if differs {
                    status_of(&slot)
                } else {
                    String::new()
                };
                let chosen = names.responses.get(&endpoint.site());
                let name = match (chosen, own) {
                    (Some(name), _) => format!("{name}{status}"),
                    (None, Some(own)) => own,
                    (None, None) => {
                        let method = rule::type_name(&self.operation_id(&endpoint));
                        format!("{method}{status}Response")
                    }
                };
                self.place(&slot, &name, Sharing::Rename, chosen.is_some());
            }
        }
    }

    /// Error bodies written inline: all alike they are one component, `Error`; else one for each
    /// response.
    fn errors(&mut self) {
        let mut inline = Vec::new();
        for endpoint in &self.endpoints {
            for slot in self.response_schemas(endpoint, Outcome::Error) {
                if self.component_at(&slot).is_none() && self.is_object(&slot) {
                    inline.push((endpoint.clone(), slot));
                }
            }
        }
        let shape = |schema: &Value| canonical::text(&strip_annotations(schema));
        let shapes: BTreeSet<String> = inline
            .iter()
            .filter_map(|(_, slot)| self.at(slot))
            .map(shape)
            .collect();
        let existing = self.component("Error");
        let fits = existing.is_none_or(|error| shapes.contains(&shape(error)));
        for (endpoint, slot) in inline {
            let name = if shapes.len() == 1 && fits {
                "Error".to_owned()
            } else {
                let method = rule::type_name(&self.operation_id(&endpoint));
                let status = Some(status_of(&slot)).filter(|status| status != "default");
                format!("{method}Error{}", status.unwrap_or_default())
            };
            self.place(&slot, &name, Sharing::Rename, false);
        }
    }

    fn nested(&mut self, names: &Names) {
        for (site, name) in &names.schemas {
            let Some(slot) = self.nested_slot(site) else {
                // Sites inside a type that is only made while shaping are checked there.
                let owner = site.split_once('.').map_or("", |(owner, _)| owner);
                if self.component(owner).is_none() {
                    self.problems.push(unused("schemas", site));
                }
                continue;
            };
            self.place(&slot, name, Sharing::Rename, true);
        }
    }

    /// The slot of `Owner.property[].property` among the components.
    fn nested_slot(&self, site: &str) -> Option<Pointer> {
        let (owner, path) = site.split_once('.')?;
        let mut slot = schema_pointer(owner);
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

    /// Makes the schema at `slot` a `$ref` to the component `name`. A name that was not chosen by hand
    /// gets a number if another component has it and differs.
    fn place(&mut self, slot: &Pointer, name: &str, sharing: Sharing, is_chosen: bool) {
        let own = self.component_at(slot);
        let schema = match &own {
            Some(own) => self.component(own),
            None => self.at(slot),
        };
        let schema = strip_annotations(schema.unwrap_or(&Value::Null));
        let fits = |name: &String| {
            let existing = self.component(name);
            existing.is_none_or(|existing| strip_annotations(existing) == schema)
        };
        let numbered = (2..).map(|number| format!("{name}{number}"));
        let name = match is_chosen {
            true => name.to_owned(),
            false => [name.to_owned()]
                .into_iter()
                .chain(numbered)
                .find(fits)
                .unwrap_or_default(),
        };
        let name = name.as_str();
        match own {
            Some(own) if own == name => {}
            Some(own) => {
                let Some(mut schema) = self.component(&own).cloned() else {
                    return;
                };
                // A schema that contains itself contains itself under its new name.
                if sharing == Sharing::Rename {
                    let (of, named) = (schema_reference(&own), name.to_owned());
                    rename_references(Kind::Schema, &mut schema, &|reference| {
                        (reference == of).then(|| named.clone())
                    });
                }
                if !self.add_component(slot, name, schema) {
                    return;
                }
                if sharing == Sharing::Rename {
                    self.references.rename(&mut self.document, &own, name);
                    self.renamed.insert(own);
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
            *schema = json!({ "$ref": schema_reference(name) });
            self.references.add(Kind::Schema, schema, &mut slot.clone());
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
        let Some(schemas) = schemas_mut(&mut self.document) else {
            return false;
        };
        self.references
            .add(Kind::Schema, &schema, &mut schema_pointer(name));
        schemas.insert(name.to_owned(), schema);
        true
    }

    /// Removes the old names that nothing refers to any more, as a rename should.
    fn remove_renamed(&mut self) {
        let mut referenced = BTreeSet::new();
        mentioned(Kind::Document, &self.document, &mut referenced);
        let schemas = self.document.pointer_mut("/components/schemas");
        if let Some(schemas) = schemas.and_then(Value::as_object_mut) {
            schemas.retain(|name, _| !self.renamed.contains(name) || referenced.contains(name));
        }
        let sections = ["parameters", "requestBodies", "responses"];
        references::remove_unreferenced(&mut self.document, &sections);
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

    fn operation_id(&self, endpoint: &Endpoint) -> String {
        self.at(&pointer_to(endpoint).child("operationId"))
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    }

    /// Pointers of the JSON schemas of the success responses, or of the others.
    fn response_schemas(&self, endpoint: &Endpoint, wanted: Outcome) -> Vec<Pointer> {
        let responses = pointer_to(endpoint).child("responses");
        let Some(documented) = self.at(&responses).and_then(Value::as_object) else {
            return Vec::new();
        };
        // Where no success is documented, `default` is one.
        let no_success = !documented.keys().any(|status| status.starts_with('2'));
        let is_success =
            |status: &str| status.starts_with('2') || no_success && status == "default";
        let mut statuses: Vec<&String> = documented
            .keys()
            .filter(|status| is_success(status) == (wanted == Outcome::Success))
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
        self.at(&schema_pointer(name))
    }

    /// The component that the schema at `slot` refers to, through any chain of aliases.
    fn component_at(&self, slot: &Pointer) -> Option<String> {
        let mut name = self.at(slot).and_then(alias)?;
        let mut seen = BTreeSet::new();
        while seen.insert(name.clone()) {
            match self.component(&name).and_then(alias) {
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

    fn reachable_from_responses(&self) -> BTreeSet<String> {
        let mut open = BTreeSet::new();
        for endpoint in &self.endpoints {
            if let Some(responses) = self.at(&pointer_to(endpoint).child("responses")) {
                mentioned(Kind::Responses, responses, &mut open);
            }
        }
        reachable(open, |name| self.component(name))
    }
}

/// The status of the response that a schema is in.
fn status_of(slot: &Pointer) -> String {
    slot.keys().nth(4).unwrap_or_default()
}

/// What becomes of a component that gets another name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sharing {
    /// Every place that points at it gets the new name.
    Rename,
    /// It stays, and this place alone gets a copy.
    Copy,
}

/// Which responses of an operation.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Success,
    Error,
}

/// Whether a media type is JSON: `application/json`, `application/problem+json; charset=utf-8`. Any
/// type is taken for JSON.
pub(crate) fn is_json(media_type: &str) -> bool {
    let essence = essence(media_type);
    let is_known = matches!(essence.as_str(), "application/json" | "text/json" | "*/*");
    is_known || essence.ends_with("+json")
}

/// A media type in lower case and without its parameters.
pub fn essence(media_type: &str) -> String {
    let essence = media_type.split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

/// The place of an operation.
pub(crate) fn pointer_to(endpoint: &Endpoint) -> Pointer {
    Pointer::root()
        .child("paths")
        .child(&endpoint.path)
        .child(&endpoint.method)
}

fn is_form(media_type: &str) -> bool {
    let essence = essence(media_type);
    essence == "application/x-www-form-urlencoded" || essence == "multipart/form-data"
}

fn unused(table: &str, site: &str) -> Problem {
    Problem::new(
        &Pointer::root(),
        format!("names.toml, [{table}], \"{site}\""),
        "the document has no such place; remove the entry or correct it".to_owned(),
    )
}
