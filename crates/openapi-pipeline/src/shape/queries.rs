//! Objects and lists in the query: parameters of their own, a map of names and values, or one pair.

use serde_json::{Map, Value, json};

use super::schema::{flag, has_properties, properties, required, text};
use crate::resolve::{self, entries, members};

/// The style of a text whose commas the caller has written.
pub(super) const WRITTEN: &str = "x-written";

/// A parameter for each property of an object in the query.
///
/// What else an object in the query may hold is a map, and what only the style deepObject says how to
/// write is any JSON.
pub(super) fn parts(document: &Value, parameter: &Value) -> Vec<Value> {
    let whole = || vec![free(document, parameter)];
    let style = text(parameter, "style").unwrap_or("form");
    let schema = parameter.get("schema");
    let schema = schema.map(|schema| together(document, schema, &mut 100));
    let Some(schema) = &schema.filter(|_| text(parameter, "in") == Some("query")) else {
        return whole();
    };
    let is_exploded = parameter.get("explode") != Some(&json!(false));
    let is_plain = has_properties(schema) && !is_composed(schema);
    let name = text(parameter, "name").unwrap_or_default();
    if !is_plain || !(style == "deepObject" || style == "form" && is_exploded) {
        return whole();
    }
    let needed = required(schema);
    let parts = properties(schema).into_iter().map(|(property, schema)| {
        let mut part = parameter.clone();
        part["name"] = match style {
            "deepObject" => format!("{name}[{property}]").into(),
            _ => property.clone().into(),
        };
        part["required"] = (flag(parameter, "required") && needed.contains(property)).into();
        part["schema"] = schema.clone();
        let about = schema
            .get("description")
            .or_else(|| parameter.get("description"));
        if let Some(about) = about.cloned() {
            part["description"] = about;
        }
        part
    });
    let others = schema.get("additionalProperties");
    let others = others.filter(|others| others.is_object()).map(|others| {
        let mut rest = parameter.clone();
        rest["required"] = false.into();
        rest["schema"] = json!({ "type": "object", "additionalProperties": others });
        free(document, &rest)
    });
    parts
        .flat_map(|part| match style {
            // Only this style says how an object in it is written.
            "deepObject" => self::parts(document, &part),
            _ => vec![part],
        })
        .chain(others)
        .map(|mut part| {
            match part.get("schema").map(|schema| Form::of(document, schema)) {
                // A single value is written alike in both styles.
                Some(Form::Scalar) => part["style"] = "form".into(),
                Some(Form::Nested) if style == "form" && !is_map(&part) => {
                    write_as_text(&mut part, "How it is written is not documented: a text.");
                }
                _ => {}
            }
            part
        })
        .collect()
}

/// Makes a parameter a text, and says about what.
pub(super) fn write_as_text(parameter: &mut Value, about: &str) {
    let description = text(parameter, "description").unwrap_or_default();
    parameter["description"] = format!("{description}\n\n{about}").trim().into();
    parameter["schema"] = json!({ "type": "string" });
}

/// The schema with the properties of the parts of its `allOf`, if these are plain objects. `left` is how
/// many parts may still be looked at.
fn together(document: &Value, schema: &Value, left: &mut usize) -> Value {
    let schema = resolve::follow(document, schema).unwrap_or(schema);
    let mut whole = schema.clone();
    let parts = entries(schema, "allOf").iter();
    let parts: Vec<Value> = parts
        .map_while(|part| {
            *left = left.checked_sub(1)?;
            Some(together(document, part, left))
        })
        .collect();
    let is_plain = |part: &Value| has_properties(part) && !is_composed(part);
    if parts.is_empty() || *left == 0 || !parts.iter().all(is_plain) {
        return whole;
    }
    let mut properties = Map::new();
    let mut required = Vec::new();
    for part in parts.iter().chain([schema]) {
        properties.extend(members(part, "properties").map(|(name, of)| (name.clone(), of.clone())));
        required.extend(entries(part, "required").iter().cloned());
    }
    if let Some(whole) = whole.as_object_mut() {
        whole.remove("allOf");
        whole.insert("type".into(), "object".into());
        whole.insert("properties".into(), properties.into());
        whole.insert("required".into(), required.into());
    }
    whole
}

fn is_composed(schema: &Value) -> bool {
    let mut keys = ["allOf", "anyOf", "oneOf"].iter();
    keys.any(|key| schema.get(*key).is_some())
}

/// An object in the query whose names are data. A map of single values stays one; where only text can
/// be written its values are texts, and in the style deepObject anything else is any JSON.
fn free(document: &Value, parameter: &Value) -> Value {
    let mut parameter = parameter.clone();
    let schema = parameter
        .get("schema")
        .and_then(|schema| resolve::follow(document, schema));
    let Some(schema) = schema.filter(|_| text(&parameter, "in") == Some("query")) else {
        return parameter;
    };
    let is_deep = is_deep(&parameter);
    let is_map =
        text(schema, "type") == Some("object") && !has_properties(schema) && !is_composed(schema);
    let values = schema
        .get("additionalProperties")
        .filter(|values| values.is_object());
    let are_single = values.is_none_or(|values| Form::of(document, values) == Form::Scalar);
    let form = Form::of(document, schema);
    let is_exploded = parameter.get("explode") != Some(&json!(false));
    let is_form = text(&parameter, "style").unwrap_or("form") == "form" && is_exploded;
    if is_map && (is_form || is_deep && are_single) {
        let values = values.filter(|_| are_single).cloned();
        let mut values = values.unwrap_or_else(|| json!({}));
        if let Some(values) = values.as_object_mut().filter(|_| is_form) {
            values.remove("nullable");
            if !["type", "$ref"].iter().any(|key| values.contains_key(*key)) {
                values.insert("type".into(), "string".into());
            }
        }
        parameter["schema"] = json!({ "type": "object", "additionalProperties": values });
    } else if is_deep && form == Form::Nested {
        parameter["schema"] = json!({});
    }
    parameter
}

/// Whether a parameter of the query is one pair, in the style that all have by default.
pub(super) fn is_pair(parameter: &Value) -> bool {
    text(parameter, "in") == Some("query")
        && text(parameter, "style").unwrap_or("form") == "form"
        && parameter.get("explode") == Some(&json!(false))
}

/// Whether a parameter is written in brackets: `filter[color]=red`. A single value has none.
pub(super) fn is_deep(parameter: &Value) -> bool {
    text(parameter, "in") == Some("query") && text(parameter, "style") == Some("deepObject")
}

/// Whether a parameter is a map whose names and values are pairs of the query.
pub(super) fn is_map(parameter: &Value) -> bool {
    let schema = parameter.get("schema");
    schema.is_some_and(|schema| {
        let has_values = schema.get("additionalProperties").is_some();
        has_values && !has_properties(schema) && !is_composed(schema)
    }) && text(parameter, "in") == Some("query")
}

/// What separates the entries of a list that is one pair; `None` for a pair each.
pub(super) fn separator(document: &Value, parameter: &Value) -> Option<&'static str> {
    let explode = parameter.get("explode").and_then(Value::as_bool);
    let is_list = Form::of(document, parameter.get("schema")?) == Form::List;
    match text(parameter, "style").unwrap_or("form") {
        WRITTEN => Some(""),
        _ if text(parameter, "in") != Some("query") || !is_list => None,
        "form" if explode == Some(false) => Some(","),
        "spaceDelimited" if explode != Some(true) => Some(" "),
        "pipeDelimited" if explode != Some(true) => Some("|"),
        _ => None,
    }
}

/// What a value looks like where only text can be written.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Form {
    Scalar,
    /// A list of scalars.
    List,
    Nested,
}

impl Form {
    pub(super) fn of(document: &Value, schema: &Value) -> Self {
        Self::within(document, schema, 16, &mut 1_000)
    }

    /// `left` is how many schemas may still be looked at: what refers to itself in many ways would
    /// take forever.
    fn within(document: &Value, schema: &Value, depth: usize, left: &mut usize) -> Self {
        let schema = resolve::follow(document, schema).unwrap_or(schema);
        let (Some(depth), Some(fewer)) = (depth.checked_sub(1), left.checked_sub(1)) else {
            return Self::Nested;
        };
        *left = fewer;
        let branches = ["allOf", "anyOf", "oneOf"]
            .into_iter()
            .flat_map(|key| entries(schema, key))
            .map(|branch| Self::within(document, branch, depth, left))
            .max();
        let own = match text(schema, "type") {
            Some("array") => {
                let items = schema.get("items");
                match items.map(|items| Self::within(document, items, depth, left)) {
                    Some(Self::Scalar) | None => Self::List,
                    Some(_) => Self::Nested,
                }
            }
            Some("object") => Self::Nested,
            _ if schema.get("properties").is_some() => Self::Nested,
            _ => Self::Scalar,
        };
        branches.map_or(own, |branches| branches.max(own))
    }
}
