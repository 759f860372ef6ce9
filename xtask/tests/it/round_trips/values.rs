//! Random values of schemas, and whether a value satisfies one.

use std::collections::BTreeSet;

use jsonschema::Validator;
use proptest::prelude::RngExt;
use proptest::test_runner::TestRng;
use serde_json::{Map, Value, json};

use super::schemas::{Case, reference_to, rng};

/// The schema as clients that read are to take it: a missing key is null, a value may satisfy several
/// branches, and any object may have more keys.
pub(super) fn lenient(schema: &Value, components: &Map<String, Value>) -> Validator {
    let mut nullable = BTreeSet::new();
    add_nullable(schema, &mut nullable);
    for component in components.values() {
        add_nullable(component, &mut nullable);
    }
    judge(schema, components, &mut |schema| {
        for key in ["anyOf", "oneOf"] {
            // Which properties go together is for the server to say.
            let mut branches = schema
                .get(key)
                .and_then(Value::as_array)
                .into_iter()
                .flatten();
            if branches.all(|branch| {
                branch.get("required").is_some() && branch.get("properties").is_none()
            }) {
                schema.remove(key);
            }
        }
        if let Some(branches) = schema.remove("oneOf") {
            let both = json!([{ "anyOf": branches }]);
            match schema.get_mut("allOf").and_then(Value::as_array_mut) {
                Some(all) => all.push(both[0].clone()),
                None => drop(schema.insert("allOf".to_owned(), both)),
            }
        }
        // Keys beside properties are kept, whatever they hold.
        if schema.contains_key("properties")
            || schema.get("additionalProperties") == Some(&json!(false))
        {
            schema.remove("additionalProperties");
        }
        // Who names the keys by a pattern means a map.
        let patterns = schema.remove("patternProperties");
        let values = patterns.and_then(|mut patterns| patterns.as_object_mut()?.remove("^p"));
        schema.extend(values.map(|values| ("additionalProperties".to_owned(), values)));
        // What an entry is depends on its position, which a list of one type does not know.
        schema.remove("prefixItems");
        if let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut) {
            required.retain(|name| !nullable.contains(name.as_str().unwrap_or_default()));
        }
    })
}

/// Adds the names of the properties that are null somewhere.
fn add_nullable<'s>(value: &'s Value, found: &mut BTreeSet<&'s str>) {
    let entries = value.as_array().into_iter().flatten();
    let members = value.as_object().into_iter().flatten();
    for (name, property) in value["properties"].as_object().into_iter().flatten() {
        let text = property.to_string();
        if text.contains("null") || text.contains("{}") {
            found.insert(name);
        }
    }
    for inner in entries.chain(members.map(|(_, member)| member)) {
        add_nullable(inner, found);
    }
}

/// A schema as JSON Schema has it, without the keyword `nullable`.
fn judge(
    schema: &Value,
    components: &Map<String, Value>,
    change: &mut dyn FnMut(&mut Map<String, Value>),
) -> Validator {
    let mut schema = json!({ "components": { "schemas": components }, "allOf": [schema] });
    as_json_schema(&mut schema, change);
    jsonschema::draft202012::new(&schema).unwrap()
}

fn as_json_schema(schema: &mut Value, change: &mut dyn FnMut(&mut Map<String, Value>)) {
    let Some(members) = schema.as_object_mut() else {
        return;
    };
    for (key, value) in &mut *members {
        match (key.as_str(), value) {
            ("properties" | "patternProperties" | "schemas", Value::Object(inner)) => {
                (inner.values_mut()).for_each(|schema| as_json_schema(schema, change));
            }
            ("allOf" | "anyOf" | "oneOf" | "prefixItems", Value::Array(inner)) => {
                (inner.iter_mut()).for_each(|schema| as_json_schema(schema, change));
            }
            ("additionalProperties" | "components" | "items", inner) => {
                as_json_schema(inner, change);
            }
            _ => {}
        }
    }
    change(members);
    if members.remove("nullable").is_some_and(|flag| flag == true) {
        // Who writes `nullable` means the whole, whatever a part of it says.
        *schema = json!({ "anyOf": [schema.take(), { "type": "null" }] });
    }
}

/// Makes values of a case.
pub(super) struct Values<'a> {
    case: &'a Case,
    rng: TestRng,
    pub(super) strict: Validator,
    is_sound: bool,
}

impl<'a> Values<'a> {
    pub(super) fn of_case(case: &'a Case, seed: u64) -> Self {
        Self {
            case,
            rng: rng(seed ^ 0x5eed),
            strict: judge(&case.schema, &case.components, &mut |_| {}),
            is_sound: true,
        }
    }

    fn below(&mut self, end: usize) -> usize {
        self.rng.random_range(0..end)
    }

    /// A value that satisfies the schema, unless this attempt failed.
    pub(super) fn value(&mut self) -> Option<Value> {
        let case = self.case;
        self.is_sound = true;
        let value = self.of(&case.schema, 4);
        (self.is_sound && self.strict.is_valid(&value)).then_some(value)
    }

    fn component(&self, schema: &Value) -> Option<(&'a str, &'a Value)> {
        let target = schema.get("$ref")?.as_str()?;
        let name = target.rsplit('/').next()?;
        let (name, schema) = self.case.components.get_key_value(name)?;
        Some((name.as_str(), schema))
    }

    fn of(&mut self, schema: &'a Value, depth: usize) -> Value {
        let case = self.case;
        if let Some((name, _)) = self.component(schema) {
            let (name, target) = case.components.get_key_value(name).unwrap();
            return match target.get("discriminator") {
                Some(discriminator)
                    if target.get("properties").is_some()
                        && target.get("oneOf").is_none()
                        && target.get("anyOf").is_none() =>
                {
                    self.child(name, discriminator, depth)
                }
                _ => self.of(target, depth),
            };
        }
        let is_nullable = schema.get("nullable").is_some();
        if is_nullable && self.below(4) == 0 {
            return Value::Null;
        }
        if let Some(value) = schema.get("const") {
            return value.clone();
        }
        if let Some(values) = schema.get("enum").and_then(Value::as_array) {
            return values[self.below(values.len())].clone();
        }
        let parts = schema.get("allOf").and_then(Value::as_array);
        if let Some([alone]) = parts.map(Vec::as_slice)
            && alone.get("$ref").is_some()
            && ["properties", "oneOf", "anyOf"]
                .iter()
                .all(|key| schema.get(key).is_none())
        {
            return self.of(alone, depth);
        }
        let mut whole = self.of_type(schema, depth);
        for part in schema
            .get("allOf")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            // A parent as a part is what it says itself.
            let part = self.component(part).map_or(part, |(_, target)| target);
            let part = self.of(part, depth);
            merge(&mut whole, part);
        }
        for key in ["oneOf", "anyOf"] {
            let Some(branches) = schema.get(key).and_then(Value::as_array) else {
                continue;
            };
            let branch = &branches[self.below(branches.len())];
            if branch.get("required").is_some() && branch.get("properties").is_none() {
                for name in branch["required"].as_array().unwrap() {
                    let name = name.as_str().unwrap();
                    let value = self.of(&schema["properties"][name], depth.saturating_sub(1));
                    whole[name] = value;
                }
                continue;
            }
            let mut value = self.of(branch, depth);
            if let Some(tag) = schema
                .get("discriminator")
                .and_then(|of| of["propertyName"].as_str())
            {
                let name = self.component(branch).map(|(name, _)| name.to_owned());
                value[tag] = self.tag(&schema["discriminator"], &name.unwrap_or_default());
            }
            self.follows(branch, &value);
            let others = branches.iter().filter(|other| *other != branch);
            if schema.get("discriminator").is_none()
                && others.clone().any(|other| self.is_rival(other, &value))
            {
                self.is_sound = false;
            }
            merge(&mut whole, value);
        }
        if let Value::Object(members) = &mut whole {
            let required = schema.get("required").and_then(Value::as_array);
            for name in required.into_iter().flatten().filter_map(Value::as_str) {
                if let Some(property) = self
                    .property(schema, name)
                    .filter(|_| !members.contains_key(name))
                {
                    members.insert(name.to_owned(), self.of(property, depth.saturating_sub(1)));
                }
            }
        }
        whole
    }

    /// A property of a schema or of a part of it.
    fn property<'s>(&self, schema: &'s Value, name: &str) -> Option<&'s Value>
    where
        'a: 's,
    {
        let schema = self.component(schema).map_or(schema, |(_, target)| target);
        let parts = schema.get("allOf").and_then(Value::as_array);
        let mut inner = parts
            .into_iter()
            .flatten()
            .filter_map(|part| self.property(part, name));
        schema
            .get("properties")
            .and_then(|known| known.get(name))
            .or_else(|| inner.next())
    }

    /// A tag that means a component.
    fn tag(&mut self, discriminator: &Value, name: &str) -> Value {
        let mapping = discriminator.get("mapping").and_then(Value::as_object);
        let tags = mapping.into_iter().flatten();
        let tags: Vec<&String> = tags
            .filter(|(_, target)| {
                target
                    .as_str()
                    .is_some_and(|target| target.rsplit('/').next() == Some(name))
            })
            .map(|(tag, _)| tag)
            .collect();
        match tags.len() {
            0 => json!(name),
            count => json!(tags[self.below(count)]),
        }
    }

    /// A child of a parent with a discriminator.
    fn child(&mut self, parent: &str, discriminator: &Value, depth: usize) -> Value {
        let case = self.case;
        let reference = reference_to(parent);
        let is_child = |schema: &Value| {
            let all = schema.get("allOf").and_then(Value::as_array);
            all.is_some_and(|all| all.contains(&reference))
        };
        let children = case
            .components
            .iter()
            .filter(|(_, schema)| is_child(schema));
        let children: Vec<(&String, &Value)> = children.collect();
        let (name, schema) = match children.len() {
            0 => return self.of_type(&case.components[parent], depth),
            count => children[self.below(count)],
        };
        let mut value = self.of(schema, depth);
        if let Some(tag) = discriminator["propertyName"].as_str() {
            value[tag] = self.tag(discriminator, name);
        }
        self.follows(&reference_to(name), &value);
        value
    }

    /// Whether a value may as well be of a branch that it was not made for: what it holds deeper inside
    /// does not decide.
    fn is_rival(&self, branch: &Value, value: &Value) -> bool {
        let keys = value.as_object().into_iter().flatten();
        value.is_object()
            && keys
                .into_iter()
                .all(|(key, _)| self.property(branch, key).is_some())
            && lenient(branch, &self.case.components).is_valid(value)
    }

    /// Notes whether a value satisfies the branch that it was made for: it may satisfy another.
    fn follows(&mut self, branch: &Value, value: &Value) {
        let strict = judge(branch, &self.case.components, &mut |_| {});
        self.is_sound &= strict.is_valid(value);
    }

    fn of_type(&mut self, schema: &'a Value, depth: usize) -> Value {
        let has = |key: &str| schema.get(key).is_some();
        let name = match &schema["type"] {
            Value::String(name) => name.clone(),
            Value::Array(names) => {
                let name = &names[self.below(names.len())];
                name.as_str().unwrap_or_default().to_owned()
            }
            _ if has("properties") || has("additionalProperties") || has("patternProperties") => {
                "object".into()
            }
            _ if has("items") => "array".into(),
            _ if has("allOf") || has("oneOf") || has("anyOf") => return Value::Null,
            _ => return [json!("any"), json!(7), json!({ "k": [1.5] })][self.below(3)].clone(),
        };
        match name.as_str() {
            "object" => self.object(schema, depth),
            "array" => {
                let prefix = schema.get("prefixItems").and_then(Value::as_array);
                if let Some(prefix) = prefix {
                    return prefix.iter().map(|entry| self.of(entry, depth)).collect();
                }
                let count = if depth == 0 { 0 } else { self.below(3) };
                (0..count)
                    .map(|_| self.of(&schema["items"], depth - 1))
                    .collect()
            }
            "integer" if schema.get("maximum").is_some() => json!(u64::MAX),
            "integer" => json!(self.rng.random_range(-9..2_000_000_000_i64)),
            "number" => [json!(1.5), json!(-0.25), json!(3)][self.below(3)].clone(),
            "boolean" => json!(self.below(2) == 0),
            "null" => Value::Null,
            _ => match schema["format"].as_str() {
                Some("date-time") => json!("2026-01-02T03:04:05Z"),
                Some("date") => json!("2026-01-02"),
                Some("uuid") => json!("6f2c1a34-7b1e-4c0d-9c55-0a1b2c3d4e5f"),
                _ => {
                    [json!(""), json!("text"), json!("ü \" \n"), json!("5")][self.below(4)].clone()
                }
            },
        }
    }

    fn object(&mut self, schema: &'a Value, depth: usize) -> Value {
        let mut object = Map::new();
        let required = schema.get("required").and_then(Value::as_array);
        let required: Vec<&str> = required
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let properties = schema.get("properties").and_then(Value::as_object);
        for (name, property) in properties.into_iter().flatten() {
            if required.contains(&name.as_str()) || depth > 0 && self.below(3) > 0 {
                object.insert(name.clone(), self.of(property, depth.saturating_sub(1)));
            }
        }
        let patterns = schema
            .get("patternProperties")
            .and_then(|patterns| patterns.get("^p"));
        let values = patterns.or_else(|| {
            schema
                .get("additionalProperties")
                .filter(|_| properties.is_none())
        });
        if let Some(values) = values.filter(|values| values.is_object()) {
            for name in ["p1", "p two"].iter().take(self.below(3)) {
                object.insert((*name).to_owned(), self.of(values, depth.saturating_sub(1)));
            }
        }
        object.into()
    }

    /// The value with a key that no schema describes, a key less, or another scalar somewhere.
    pub(super) fn changed(&mut self, value: &Value) -> Value {
        let mut value = value.clone();
        let mut at = &mut value;
        // Numbers and booleans that a schema lists are open, but for those that are tags.
        let mut is_tag = false;
        loop {
            let deeper = self.below(3) > 0;
            match at {
                Value::Object(members) if members.is_empty() => break,
                Value::Object(members) => {
                    let position = self.rng.random_range(0..members.len());
                    let key = members.keys().nth(position).cloned().unwrap_or_default();
                    if !deeper {
                        members.remove(&key);
                        break;
                    }
                    is_tag = matches!(key.as_str(), "kind" | "version");
                    at = &mut members[&key];
                }
                Value::Array(entries) if entries.is_empty() => break,
                Value::Array(entries) => {
                    let position = self.rng.random_range(0..entries.len());
                    at = &mut entries[position];
                }
                Value::String(text) => {
                    text.push_str("-other");
                    break;
                }
                Value::Number(_) | Value::Bool(_) if is_tag => {
                    *at = json!(77);
                    break;
                }
                _ => break,
            }
        }
        value
    }
}

/// Adds the members of an object to another.
fn merge(whole: &mut Value, part: Value) {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => whole.extend(part),
        (Value::Object(_), Value::Null) => {}
        (whole, part) => *whole = part,
    }
}

/// The value with its numbers written in one way; without members that mean the same absent, null or
/// empty, if it is an answer.
pub(super) fn plain(value: &Value, is_answer: bool) -> Value {
    let is_absent = |member: &Value| match member {
        Value::Null => true,
        Value::Object(members) => members.is_empty(),
        Value::Array(entries) => entries.is_empty(),
        _ => false,
    };
    match value {
        Value::Object(members) => {
            let members = members
                .iter()
                .map(|(key, member)| (key.clone(), plain(member, is_answer)));
            members
                .filter(|(_, member)| !(is_answer && is_absent(member)))
                .collect()
        }
        Value::Array(entries) => entries
            .iter()
            .map(|entry| plain(entry, is_answer))
            .collect(),
        Value::Number(number)
            if number.as_f64().is_some_and(|number| number.fract() == 0.0) && number.is_f64() =>
        {
            json!(number.as_f64().unwrap_or_default() as i64)
        }
        scalar => scalar.clone(),
    }
}
