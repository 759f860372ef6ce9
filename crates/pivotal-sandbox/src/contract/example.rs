//! Values made from a schema: an example, for operations without a handler, and the emptiest valid
//! value.
//!
//! A `pattern` is ignored: a document that has one should also have an example.

use pivotal_openapi::Document;
use pivotal_openapi::schema::{required, types};
use serde_json::{Map, Value, json};

/// The maximum nesting of schemas in an emptiest value.
const DEPTH: usize = 32;

/// The first example of a schema, or a value made from it. Null for a schema that no value fits.
pub(crate) fn example(document: &Document, schema: &Value) -> Value {
    Maker {
        document,
        open: Vec::new(),
    }
    .make(schema)
    .unwrap_or(Value::Null)
}

struct Maker<'a> {
    document: &'a Document,
    /// References that are being followed: one that leads back to itself is not followed again.
    open: Vec<&'a str>,
}

impl<'a> Maker<'a> {
    /// A value, unless making it would not end.
    fn make(&mut self, schema: &'a Value) -> Option<Value> {
        let (mut parts, open) = (Vec::new(), self.open.len());
        let made = self
            .gather(schema, &mut parts)
            .then(|| self.make_of(&parts))
            .flatten();
        self.open.truncate(open);
        made
    }

    fn make_of(&mut self, parts: &[&'a Value]) -> Option<Value> {
        if let Some(value) = parts.iter().find_map(|part| given(part)) {
            return Some(value.clone());
        }
        let types: Vec<&str> = parts.iter().flat_map(|part| types(part)).collect();
        let has = |keyword: &str| parts.iter().any(|part| part.get(keyword).is_some());
        let kind = match types.iter().find(|name| **name != "null") {
            Some(name) => name,
            None if has("properties") => "object",
            None if has("items") => "array",
            None if has("format") || has("minLength") || has("maxLength") => "string",
            None if has("minimum") || has("maximum") => "number",
            None => return Some(Value::Null),
        };
        let made = match kind {
            "object" => self.object(parts),
            "array" => self.array(parts),
            "string" => Some(string(parts)),
            "integer" => Some(integer(parts)),
            "number" => Some(number(parts)),
            "boolean" => Some(Value::Bool(false)),
            _ => Some(Value::Null),
        };
        made.or_else(|| types.contains(&"null").then_some(Value::Null))
    }

    /// The schemas that a value has to fit together: the schema itself, what is referred to, all of
    /// `allOf`, and the first choice of `anyOf` and `oneOf` that is not null if there is another.
    /// False when that leads back to where it began.
    fn gather(&mut self, schema: &'a Value, parts: &mut Vec<&'a Value>) -> bool {
        parts.push(schema);
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            if self.open.contains(&reference) {
                return false;
            }
            self.open.push(reference);
            if !self.gather(self.document.resolve(schema), parts) {
                return false;
            }
        }
        let members = |keyword| schema.get(keyword).and_then(Value::as_array);
        let mut all = members("allOf").into_iter().flatten();
        all.all(|member| self.gather(member, parts))
            && ["anyOf", "oneOf"]
                .into_iter()
                .filter_map(members)
                .all(|members| self.gather_one(members, parts))
    }

    /// Gathers the first of several schemas that does not lead back, null last.
    fn gather_one(&mut self, members: &'a [Value], parts: &mut Vec<&'a Value>) -> bool {
        let document = self.document;
        let is_null = |member: &&Value| types(document.resolve(member)) == ["null"];
        let choices = members.iter().filter(|member| !is_null(member));
        let last = members.iter().filter(is_null);
        let (gathered, open) = (parts.len(), self.open.len());
        choices.chain(last).any(|choice| {
            parts.truncate(gathered);
            self.open.truncate(open);
            self.gather(choice, parts)
        })
    }

    /// Every property, but for optional ones that lead back to this object.
    fn object(&mut self, parts: &[&'a Value]) -> Option<Value> {
        let mut made = Map::new();
        for part in parts {
            let properties = part.get("properties").and_then(Value::as_object);
            for (name, schema) in properties.into_iter().flatten() {
                if let Some(value) = self.make(schema) {
                    made.insert(name.clone(), value);
                }
            }
        }
        let whole = parts
            .iter()
            .flat_map(|part| required(part))
            .all(|name| made.contains_key(name) || !is_described(parts, name));
        whole.then_some(Value::Object(made))
    }

    /// The fewest items that are allowed, but one if one is allowed.
    fn array(&mut self, parts: &[&'a Value]) -> Option<Value> {
        let least = bound(parts, "minItems", f64::max).unwrap_or(0.0) as usize;
        let most = bound(parts, "maxItems", f64::min).unwrap_or(f64::INFINITY) as usize;
        let item = parts
            .iter()
            .find_map(|part| part.get("items"))
            .and_then(|items| self.make(items));
        match item {
            Some(item) => Some(vec![item; least.max(1.min(most))].into()),
            None => (least == 0).then(|| json!([])),
        }
    }
}

/// The value that a schema fixes or suggests.
fn given(schema: &Value) -> Option<&Value> {
    let first = |keyword: &str| schema.get(keyword)?.as_array()?.first();
    let listed = schema.get("enum").and_then(Value::as_array);
    first("examples")
        .or_else(|| schema.get("example"))
        .or_else(|| schema.get("const"))
        .or_else(|| schema.get("default"))
        .or_else(|| listed?.iter().find(|value| !value.is_null()))
        .or_else(|| first("enum"))
}

fn is_described(parts: &[&Value], name: &str) -> bool {
    parts
        .iter()
        .filter_map(|part| part.get("properties"))
        .any(|properties| properties.get(name).is_some())
}

/// The tightest bound of a keyword.
fn bound(parts: &[&Value], keyword: &str, tighter: fn(f64, f64) -> f64) -> Option<f64> {
    let bounds = parts
        .iter()
        .filter_map(|part| part.get(keyword).and_then(Value::as_f64));
    bounds.reduce(tighter)
}

fn string(parts: &[&Value]) -> Value {
    let format = parts
        .iter()
        .find_map(|part| part.get("format").and_then(Value::as_str));
    let text = match format {
        Some("date-time") => "2026-05-26T17:21:09.412Z",
        Some("date") => "2026-05-26",
        Some("time") => "17:21:09Z",
        Some("email" | "idn-email") => "mira@aurora-demo.com",
        Some("uri" | "url" | "iri" | "uri-reference") => "https://aurora-demo.com",
        Some("hostname") => "aurora-demo.com",
        Some("uuid") => "6f1c3a52-9d0e-4b7a-8c35-2e4f6a8b0c1d",
        Some("ipv4") => "192.0.2.1",
        Some("ipv6") => "2001:db8::1",
        _ => {
            let least = bound(parts, "minLength", f64::max).unwrap_or(0.0) as usize;
            let most = bound(parts, "maxLength", f64::min).unwrap_or(f64::INFINITY) as usize;
            let length = "example".len().max(least).min(most);
            let text: String = "example".chars().cycle().take(length).collect();
            return text.into();
        }
    };
    text.into()
}

fn integer(parts: &[&Value]) -> Value {
    let least = [
        bound(parts, "minimum", f64::max).map(f64::ceil),
        bound(parts, "exclusiveMinimum", f64::max).map(|bound| bound.floor() + 1.0),
    ];
    let most = [
        bound(parts, "maximum", f64::min).map(f64::floor),
        bound(parts, "exclusiveMaximum", f64::min).map(|bound| bound.ceil() - 1.0),
    ];
    let value = most.into_iter().flatten().fold(1.0, f64::min);
    let value = least.into_iter().flatten().fold(value, f64::max);
    Value::from(whole_multiple(parts, value) as i64)
}

fn number(parts: &[&Value]) -> Value {
    let tightest = |keywords: [&str; 2], tighter| {
        let bounds = keywords.map(|keyword| bound(parts, keyword, tighter));
        bounds.into_iter().flatten().reduce(tighter)
    };
    let low = tightest(["minimum", "exclusiveMinimum"], f64::max);
    let high = tightest(["maximum", "exclusiveMaximum"], f64::min);
    // Between the two bounds; else a step from the only bound.
    let value = match (low, high) {
        (Some(low), Some(high)) => low + (high - low) / 2.0,
        (Some(low), None) => low + 1.0,
        (None, Some(high)) => high - 1.0,
        (None, None) => 1.0,
    };
    json!(whole_multiple(parts, value))
}

/// The next multiple of `multipleOf`, if there is one.
fn whole_multiple(parts: &[&Value], value: f64) -> f64 {
    match bound(parts, "multipleOf", f64::max) {
        Some(step) if step > 0.0 => (value / step).ceil() * step,
        _ => value,
    }
}

/// The emptiest value of a schema: its default, its only value, null if that is allowed, else zero,
/// false or an empty value. A row has it for a key that no request has set.
pub(crate) fn blank(document: &Document, schema: &Value) -> Value {
    blank_within(document, schema, DEPTH)
}

/// Null for an object that must have itself as a property: no value fits it.
fn blank_within(document: &Document, schema: &Value, steps: usize) -> Value {
    let schema = document.resolve(schema);
    let Some(steps) = steps.checked_sub(1) else {
        return Value::Null;
    };
    if let Some(value) = schema.get("default").or_else(|| schema.get("const")) {
        return value.clone();
    }
    let listed = schema.get("enum").and_then(Value::as_array);
    let listed = listed.map_or(&[][..], Vec::as_slice);
    if let [value] = listed {
        return value.clone();
    }
    let types = types(schema);
    if types.contains(&"null") {
        return Value::Null;
    }
    if let Some(value) = listed.first() {
        return value.clone();
    }
    match types.first().copied() {
        Some("string") => Value::String(String::new()),
        Some("integer" | "number") => Value::from(0),
        Some("boolean") => Value::Bool(false),
        Some("array") => Value::Array(Vec::new()),
        // Only what it must have: an optional property may lead back to this very schema.
        Some("object") => Value::Object(
            document
                .properties(schema)
                .into_iter()
                .filter(|(name, _)| required(schema).any(|required| required == *name))
                .map(|(name, schema)| (name.to_owned(), blank_within(document, schema, steps)))
                .collect::<Map<_, _>>(),
        ),
        _ => Value::Null,
    }
}
