//! Replaces every inline object, enum and union by a named type.
//!
//! The generator would name inline schemas by their place and treat two of the same name as one
//! type without comparing them.

mod unions;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::Union;
use super::direction::Directed;
use super::enums::{Enums, known};
use super::schema::{
    Components, has_properties, properties, reference_to, referred, text, with_reference,
};
use crate::naming::{Names, identifier::Taken, names::ROOT_TYPES, rule::type_name};
use crate::resolve::{branches, members, schema_pointer};
use crate::{Pointer, Problem, Problems};
use unions::Draft;

/// The most properties of an object. The generator and the printer take time that grows with the
/// square of their number, and a stack that grows with it.
const MAX_PROPERTIES: usize = 1_000;

/// What the pass leaves.
pub(super) struct Hoisted {
    /// Objects, lists and scalars. Enums and unions are in the tables beside, and only mentioned
    /// here.
    pub(super) components: Components,
    pub(super) enums: Enums,
    pub(super) unions: Vec<Union>,
    /// Objects that are sent, those that were inline included.
    pub(super) sent: BTreeSet<String>,
}

/// Names what is inline in the components.
pub(super) fn hoist<'a>(
    directed: &'a Directed,
    names: &'a Names,
    problems: &'a mut Problems,
) -> Hoister<'a> {
    let components = &directed.components;
    let copies = directed.renamed.iter();
    let mut pass = Hoister {
        source: components,
        originals: copies.map(|(original, copy)| (copy, original)).collect(),
        drafts: Vec::new(),
        taken: (components.keys().cloned())
            .chain(ROOT_TYPES.map(str::to_owned))
            .collect(),
        out: Hoisted {
            components: Components::new(),
            enums: Enums::default(),
            unions: Vec::new(),
            sent: BTreeSet::new(),
        },
        aliases: aliases(components),
        names,
        problems,
    };
    for (name, schema) in components {
        let is_sent = directed.sent.contains(name);
        pass.component(name, schema, is_sent, &schema_pointer(name));
    }
    pass
}

/// The pass over components first, then over the schemas that operations write inline.
pub(super) struct Hoister<'a> {
    source: &'a Components,
    /// What the copies that are sent were called.
    originals: BTreeMap<&'a String, &'a String>,
    taken: Taken,
    out: Hoisted,
    /// Unions whose members are typed once every component is known.
    drafts: Vec<Draft>,
    /// Enum components by name, with their values.
    aliases: BTreeMap<String, Vec<String>>,
    names: &'a Names,
    problems: &'a mut Problems,
}

/// The place of a schema among named types.
struct Site<'a> {
    /// `Owner.property[]`, as names.toml writes it.
    path: String,
    /// The name that rule gives to a type there.
    by_rule: String,
    /// The property, when the place is one.
    property: Option<&'a str>,
    sent: bool,
    place: Pointer,
}

impl Site<'_> {
    fn inside(&self, suffix: &str, word: &str, key: &str) -> Site<'static> {
        Site {
            path: format!("{}{suffix}", self.path),
            by_rule: format!("{}{word}", self.by_rule),
            property: None,
            sent: self.sent,
            place: self.place.child(key),
        }
    }
}

impl Hoister<'_> {
    /// The type of a parameter, inline enums named.
    pub(super) fn parameter(
        &mut self,
        schema: &Value,
        operation: &str,
        parameter: &str,
        place: Pointer,
    ) -> Value {
        let site = Site {
            path: format!("{operation}?{parameter}"),
            by_rule: type_name(&format!("{operation}_{parameter}")),
            property: Some(parameter),
            sent: true,
            place,
        };
        self.inline(schema, &site)
    }

    /// A body or response that is written inline and is not an object: a list, a map, a union, a
    /// scalar.
    pub(super) fn content(
        &mut self,
        schema: &Value,
        by_rule: &str,
        sent: bool,
        place: &Pointer,
    ) -> Value {
        let site = Site {
            path: by_rule.to_owned(),
            by_rule: by_rule.to_owned(),
            property: None,
            sent,
            place: place.clone(),
        };
        self.inline(schema, &site)
    }

    pub(super) fn finish(mut self) -> Hoisted {
        for (site, name) in self.out.enums.unused(self.names) {
            self.problems.push(Problem::new(
                &Pointer::root(),
                format!("names.toml, [enums], {name}: \"{site}\""),
                "the document has no enum there; remove the entry or correct it".to_owned(),
            ));
        }
        self.out.enums.drop_replaced();
        self.drafts
            .sort_by(|left, right| left.name.cmp(&right.name));
        let components = &self.out.components;
        self.out.unions = self
            .drafts
            .into_iter()
            .map(|draft| draft.finish(components))
            .collect();
        self.out
    }

    fn component(&mut self, name: &str, schema: &Value, sent: bool, place: &Pointer) {
        let site = Site {
            path: name.to_owned(),
            by_rule: name.to_owned(),
            property: None,
            sent,
            place: place.clone(),
        };
        if let Some(known) = known(schema, self.source) {
            let about = text(schema, "description");
            self.out.enums.add(name, about, known, Some(schema));
        } else if let Some((_, members)) = branches(schema) {
            self.union(name, schema, members, &site);
        } else {
            let schema = self.contents(schema, &site);
            if sent && has_properties(&schema) {
                self.out.sent.insert(name.to_owned());
            }
            self.out.components.insert(name.to_owned(), schema);
        }
    }

    /// A schema that is not a component: replaced by a reference when it needs a name.
    fn inline(&mut self, schema: &Value, site: &Site<'_>) -> Value {
        if let Some(name) = referred(schema) {
            return self.reference(schema, &name, site);
        }
        if let Some(known) = known(schema, self.source) {
            let marker = site
                .property
                .filter(|_| known.len() == 1)
                .and_then(|property| self.names.markers.get(property));
            let name = match (self.names.enum_at(&site.path), marker) {
                (Some(chosen), _) => chosen.to_owned(),
                (None, Some(marker)) => marker.clone(),
                (None, None) => self.free(&site.by_rule),
            };
            self.out.enums.mark(&site.path);
            let about = if marker.is_some() {
                None
            } else {
                text(schema, "description")
            };
            self.out.enums.add(&name, about, known, Some(schema));
            return with_reference(schema, &name);
        }
        if let Some((key, members)) = branches(schema) {
            if let [only] = members.as_slice() {
                let alone = annotated(only, schema, key);
                return self.inline(&alone, site);
            }
            let name = self.name_at(site);
            self.union(&name, schema, members, site);
            return with_reference(schema, &name);
        }
        if has_properties(schema) {
            let name = self.name_at(site);
            let named = Site {
                path: name.clone(),
                by_rule: name.clone(),
                property: None,
                sent: site.sent,
                place: site.place.clone(),
            };
            let mut inside = self.contents(schema, &named);
            if let Some(object) = inside.as_object_mut() {
                object.remove("nullable");
            }
            if site.sent {
                self.out.sent.insert(name.clone());
            }
            self.out.components.insert(name.clone(), inside);
            return with_reference(schema, &name);
        }
        self.contents(schema, site)
    }

    /// A reference stays, unless names.toml gives an enum component another name at this site.
    fn reference(&mut self, schema: &Value, name: &str, site: &Site<'_>) -> Value {
        let Some(known) = self.aliases.get(name) else {
            return schema.clone();
        };
        self.out.enums.mark(&site.path);
        match self.names.enum_at(&site.path) {
            Some(chosen) if chosen != name => {
                let known = known.clone();
                let component = self.source.get(name);
                self.out.enums.add(chosen, None, known, component);
                self.out.enums.replaced(name);
                with_reference(schema, chosen)
            }
            _ => {
                self.out.enums.keep(name);
                schema.clone()
            }
        }
    }

    /// The schemas inside a schema that keeps its place.
    fn contents(&mut self, schema: &Value, site: &Site<'_>) -> Value {
        let Some(object) = schema.as_object() else {
            return schema.clone();
        };
        let count = members(schema, "properties").count();
        if count > MAX_PROPERTIES {
            self.problems.push(
                Problem::new(
                    &site.place.child("properties"),
                    format!("{count} properties"),
                    format!("a type has at most {MAX_PROPERTIES} fields; a map has any number"),
                )
                .with_removal(),
            );
            return json!({});
        }
        let own = object.iter().filter(|(key, value)| match key.as_str() {
            "items" | "properties" => false,
            "additionalProperties" => !value.is_object(),
            // Enums of numbers and booleans stay their plain type: open, as every enum.
            "enum" | "x-extensible-enum" => false,
            _ => true,
        });
        let own = own.map(|(key, value)| (key.clone(), value.clone()));
        let mut out: Map<String, Value> = own.collect();
        let named: Vec<(String, Value)> = properties(schema)
            .into_iter()
            .map(|(name, property)| {
                let inside = Site {
                    path: format!("{}.{name}", site.path),
                    by_rule: format!("{}{}", site.by_rule, type_name(name)),
                    property: Some(name),
                    sent: site.sent,
                    place: site.place.child("properties").child(name),
                };
                (name.clone(), self.inline(property, &inside))
            })
            .collect();
        if schema.get("properties").is_some() {
            out.insert("properties".into(), named.into_iter().collect());
        }
        if let Some(items) = schema.get("items") {
            let items = self.inline(items, &site.inside("[]", "Item", "items"));
            out.insert("items".into(), items);
        }
        if let Some(values) = schema
            .get("additionalProperties")
            .filter(|schema| schema.is_object())
        {
            let values = self.inline(values, &site.inside("{}", "Value", "additionalProperties"));
            out.insert("additionalProperties".into(), values);
        }
        Value::Object(out)
    }

    /// A name for the object or union at a site.
    fn name_at(&mut self, site: &Site<'_>) -> String {
        let wanted = self.names.schemas.get(&site.path).unwrap_or(&site.by_rule);
        self.free(&wanted.clone())
    }

    /// The generator knows types by their names in its own case: `AB`, made of `A` and `b`, is `Ab`
    /// there.
    pub(super) fn free(&mut self, wanted: &str) -> String {
        self.taken.free(&type_name(wanted), "")
    }
}

/// The only member of a union with the annotations of the union around it.
fn annotated(only: &Value, union: &Value, key: &str) -> Value {
    let mut alone = match referred(only) {
        Some(name) => json!({ "allOf": [reference_to(&name)] }),
        None => only.clone(),
    };
    for (annotation, value) in union.as_object().into_iter().flatten() {
        if annotation != key && annotation != "discriminator" {
            alone[annotation] = value.clone();
        }
    }
    alone
}

fn aliases(components: &Components) -> BTreeMap<String, Vec<String>> {
    components
        .iter()
        .filter_map(|(name, schema)| Some((name.clone(), known(schema, components)?)))
        .collect()
}
