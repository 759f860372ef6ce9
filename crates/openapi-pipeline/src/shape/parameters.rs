//! Parameters as arguments of a generated method.
//!
//! The generator keeps one parameter a name, writes every list as repeated pairs and prints what
//! goes into a path or a header as text. An object in the query becomes a parameter for each of its
//! properties, and what only text can be written for becomes text; a parameter that this would alter
//! otherwise is refused here.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::constraints::described;
use super::responses::relaxed;
use super::schema::{
    Components, flag, has_properties, is_guess, properties, reference_to, referred, required, text,
};
use super::types::of;
use super::{Location, Parameter, ResponseObject, Type};
use crate::naming::identifier::{free_field, snake};
use crate::naming::rule::{Endpoint, singular, type_name};
use crate::resolve::{self, entries, members};
use crate::{Pointer, Problem, Problems, problem};

/// The header that makes a POST repeatable. The executor sets it, so it is no argument of the
/// generated method.
/// The most parameters of an operation, for the same reasons as the most properties of an object.
const MAX_PARAMETERS: usize = 1_000;
const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// OpenAPI says that a parameter of such a name is ignored.
const IGNORED_HEADERS: [&str; 3] = ["accept", "content-type", "authorization"];
/// The query parameter that pages a list. Cursors are opaque: they go back byte for byte.
pub(super) const CURSOR: &str = "cursor";
/// The query parameter that says how many rows a page holds.
const LIMIT: &str = "limit";
/// Names that a generated method uses for itself after its arguments are bound.
const LOCALS: [&str; 1] = ["header_map"];
/// Names that a generated request needs for itself.
const RESERVED: [&str; 4] = ["body", "clone", "default", "new"];

/// The parameters of an operation.
#[derive(Default)]
pub(super) struct Parameters {
    /// In the order of the generated arguments, each with its place.
    pub(super) listed: Vec<(Pointer, Value)>,
    /// Whether an idempotency key is among them, which is no argument.
    pub(super) keyed: bool,
    /// Lists in the query that are one pair, and what separates their entries.
    pub(super) separators: Vec<(String, &'static str)>,
}

/// Reads the parameters of an operation at `place`. What cannot be an argument is a problem.
pub(super) fn read(
    document: &Value,
    endpoint: &Endpoint,
    place: &Pointer,
    source: &Value,
    problems: &mut Problems,
) -> Parameters {
    let mut read = Parameters::default();
    let mut arguments: BTreeSet<String> = LOCALS.map(str::to_owned).into();
    if source.get("requestBody").is_some() {
        arguments.insert("body".to_owned());
    }
    let in_path = names_in(&endpoint.path);
    let count = entries(source, "parameters").len().max(in_path.len());
    if count > MAX_PARAMETERS {
        let why = format!("an operation has at most {MAX_PARAMETERS}");
        let problem = Problem::new(place, format!("{count} parameters"), why);
        problems.push(problem.with_removal());
        return read;
    }
    let mut listed: Vec<Listed<'_>> = entries(source, "parameters")
        .iter()
        .enumerate()
        .flat_map(|(index, written)| {
            let at = place.child("parameters").child(&index.to_string());
            let parameter = resolve::follow(document, written).unwrap_or(written);
            let parameters = parts(document, &as_text(document, parameter));
            parameters.into_iter().map(move |parameter| Listed {
                at: at.clone(),
                written,
                parameter,
            })
        })
        .collect();
    let missing = undescribed(&in_path, &listed);
    listed.extend(missing.into_iter().map(|parameter| Listed {
        at: place.clone(),
        written: &Value::Null,
        parameter,
    }));
    listed.sort_by_key(|listed| order(&listed.parameter, &in_path));
    for listed in listed {
        let parameter = &listed.parameter;
        let name = text(parameter, "name").unwrap_or_default();
        if text(parameter, "in") == Some("header") {
            let lower = name.to_ascii_lowercase();
            if lower == IDEMPOTENCY_KEY {
                read.keyed = true;
                continue;
            }
            if IGNORED_HEADERS.contains(&lower.as_str()) {
                continue;
            }
        }
        let refusal = listed.refusal(document, &in_path, place).or_else(|| {
            let argument = snake(name);
            let why = format!("another argument of the generated method is called `{argument}`");
            (!arguments.insert(argument)).then(|| {
                let found = format!("the parameter `{name}`");
                Problem::new(&listed.at, found, why).with_remedy(listed.removal())
            })
        });
        match refusal {
            Some(problem) => {
                problems.push(problem);
            }
            None => {
                let separator = separator(document, parameter);
                (read.separators).extend(separator.map(|separator| (name.to_owned(), separator)));
                read.listed.push((listed.at, written(document, parameter)));
            }
        }
    }
    read
}

/// The parameter; one of no single type is text where only text can be written.
fn written(document: &Value, parameter: &Value) -> Value {
    let mut parameter = parameter.clone();
    let schema = parameter.get("schema").cloned().unwrap_or_default();
    let mut target = &schema;
    // Longer chains of aliases are round, and were refused when the document was loaded.
    for _ in 0..32 {
        let inner = referred(target)
            .and_then(|name| document.pointer(resolve::schema_pointer(&name).as_str()));
        target = inner.unwrap_or(target);
    }
    let is_choice = ["anyOf", "oneOf"]
        .iter()
        .any(|key| target.get(*key).is_some());
    let has_no_type = target.get("type").is_none() || is_choice;
    if text(&parameter, "in") != Some("query") && has_no_type {
        parameter["schema"] = json!({ "type": "string" });
    }
    parameter
}

/// Path parameters in the order of the path, then the query, then headers, each by name.
fn order(parameter: &Value, in_path: &[&str]) -> (u8, Option<usize>, String) {
    let name = text(parameter, "name").unwrap_or_default();
    let rank = match text(parameter, "in") {
        Some("path") => 0,
        Some("query") => 1,
        _ => 2,
    };
    let position = in_path.iter().position(|known| *known == name);
    (rank, position.filter(|_| rank == 0), name.to_owned())
}

/// A parameter that is described by `content`, and a list or an object in a path or a header: text,
/// which the caller writes.
fn as_text(document: &Value, parameter: &Value) -> Value {
    let style = text(parameter, "style").unwrap_or("simple");
    let only_text = matches!(text(parameter, "in"), Some("path" | "header")) && style == "simple";
    let about = match (
        parameter.get("schema"),
        members(parameter, "content").next(),
    ) {
        (None, Some((media_type, _))) => format!("A text of the type {media_type}."),
        (Some(schema), _) if only_text => match Form::of(document, schema) {
            Form::Scalar => return parameter.clone(),
            Form::List => "A list: its values, with commas between them.".to_owned(),
            Form::Nested => "An object: its names and values, with commas between them.".to_owned(),
        },
        _ => return parameter.clone(),
    };
    let mut parameter = parameter.clone();
    let description = text(&parameter, "description").unwrap_or_default();
    parameter["description"] = format!("{description}\n\n{about}").trim().into();
    parameter["schema"] = json!({ "type": "string" });
    if let Some(object) = parameter.as_object_mut() {
        object.remove("content");
    }
    parameter
}

/// A parameter for each property of an object in the query.
fn parts(document: &Value, parameter: &Value) -> Vec<Value> {
    let whole = || vec![parameter.clone()];
    let style = text(parameter, "style").unwrap_or("form");
    let schema = parameter
        .get("schema")
        .and_then(|schema| resolve::follow(document, schema));
    let Some(schema) = schema.filter(|_| text(parameter, "in") == Some("query")) else {
        return whole();
    };
    let is_exploded = parameter.get("explode") != Some(&json!(false));
    let is_plain = has_properties(schema)
        && ["allOf", "anyOf", "oneOf"]
            .iter()
            .all(|key| schema.get(*key).is_none())
        && !schema
            .get("additionalProperties")
            .is_some_and(Value::is_object);
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
    parts
        .flat_map(|part| match style {
            // Only this style says how an object in it is written.
            "deepObject" => self::parts(document, &part),
            _ => vec![part],
        })
        .map(|mut part| {
            // A single value is written alike in both styles.
            let form = part.get("schema").map(|schema| Form::of(document, schema));
            if form == Some(Form::Scalar) {
                part["style"] = "form".into();
            }
            part
        })
        .collect()
}

/// What separates the entries of a list that is one pair; `None` for a pair each.
fn separator(document: &Value, parameter: &Value) -> Option<&'static str> {
    let explode = parameter.get("explode").and_then(Value::as_bool);
    let is_list = Form::of(document, parameter.get("schema")?) == Form::List;
    match text(parameter, "style").unwrap_or("form") {
        _ if text(parameter, "in") != Some("query") || !is_list => None,
        "form" if explode == Some(false) => Some(","),
        "spaceDelimited" if explode != Some(true) => Some(" "),
        "pipeDelimited" if explode != Some(true) => Some("|"),
        _ => None,
    }
}

/// A parameter of an operation.
struct Listed<'a> {
    at: Pointer,
    /// As the operation lists it: itself, or a reference to it.
    written: &'a Value,
    /// Itself, or a part of it.
    parameter: Value,
}

impl Listed<'_> {
    /// Why it cannot be an argument.
    fn refusal(&self, document: &Value, in_path: &[&str], operation: &Pointer) -> Option<Problem> {
        let parameter = &self.parameter;
        let name = text(parameter, "name").unwrap_or_default();
        let location = text(parameter, "in").unwrap_or_default();
        let style = text(parameter, "style").unwrap_or(if location == "query" {
            "form"
        } else {
            "simple"
        });
        let refused = |found: String, why: &str| Some(Problem::new(&self.at, found, why));
        let removed = |found: String, why: &str| {
            let problem = Problem::new(&self.at, found, why);
            // Without a parameter that it requires, a call cannot succeed.
            let is_needed = location == "query" && flag(parameter, "required");
            Some(match is_needed {
                true => problem,
                false => problem.with_remedy(self.removal()),
            })
        };
        let schema = parameter.get("schema")?;
        let form = Form::of(document, schema);
        match location {
            "cookie" => removed(
                format!("the cookie `{name}`"),
                "the client sends no cookies",
            ),
            "path" if !in_path.contains(&name) => removed(
                format!("the path parameter `{name}`"),
                "the path has no such parameter",
            ),
            "header" if !is_token(name) => removed(
                format!("the header `{name}`"),
                "a header cannot have this name",
            ),
            "path" if style != "simple" => refused(
                format!("the parameter `{name}` in the style {style}"),
                "into a path a value can be written in the style simple alone",
            )
            .map(|problem| problem.with_remedy(problem::removal(operation))),
            "header" if style != "simple" => removed(
                format!("the parameter `{name}` in the style {style}"),
                "into a header a value can be written in the style simple alone",
            ),
            "query" if style == "deepObject" || form == Form::Nested => removed(
                format!("the query parameter `{name}`, which is an object or holds one"),
                "a query holds single values, lists of them and objects with known properties of them",
            ),
            "path" | "header" | "query" => None,
            other => removed(
                format!("the parameter `{name}` in {other}"),
                "a parameter is in path, query or header",
            ),
        }
    }

    /// The overlay action that removes it. The target selects it by its content: indices in a list
    /// shift when others are removed.
    fn removal(&self) -> String {
        self.action("", "why it can go", "remove: true")
    }

    fn action(&self, below: &str, why: &str, what: &str) -> String {
        let keys: &[&str] = if self.written.get("$ref").is_some() {
            &["$ref"]
        } else {
            &["name", "in"]
        };
        let tests: Vec<String> = keys
            .iter()
            .map(|key| {
                let value = text(self.written, key).unwrap_or_default();
                format!(
                    "@['{key}'] == '{}'",
                    value.replace('\\', "\\\\").replace('\'', "\\'")
                )
            })
            .collect();
        let list = self.at.parent().unwrap_or_default().to_json_path();
        // A string of JSON is one of YAML.
        let target = Value::from(format!("{list}[?{}]{below}", tests.join(" && ")));
        format!("- target: {target}\n  description: {why}\n  {what}")
    }
}

/// The parameters of the path without a description, which are texts.
fn undescribed(in_path: &[&str], listed: &[Listed<'_>]) -> Vec<Value> {
    let is_described = |wanted: &str| {
        listed.iter().any(|Listed { parameter, .. }| {
            text(parameter, "in") == Some("path") && text(parameter, "name") == Some(wanted)
        })
    };
    let missing: BTreeSet<&str> = in_path
        .iter()
        .copied()
        .filter(|wanted| !is_described(wanted))
        .collect();
    let parameter = |name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } });
    missing.into_iter().map(parameter).collect()
}

/// What a value looks like where only text can be written.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Form {
    Scalar,
    /// A list of scalars.
    List,
    Nested,
}

impl Form {
    fn of(document: &Value, schema: &Value) -> Self {
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

pub(super) fn is_token(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(allowed)
}

/// The names of the parameters of a path, in order.
pub(super) fn names_in(path: &str) -> Vec<&str> {
    path.split('{')
        .skip(1)
        .filter_map(|rest| rest.split('}').next())
        .collect()
}

/// A parameter as the generator should see it.
pub(super) fn shaped(parameter: &Value) -> Value {
    let name = text(parameter, "name").unwrap_or_default();
    let location = text(parameter, "in").unwrap_or_default();
    let source = parameter.get("schema").cloned().unwrap_or_default();
    let mut schema = relaxed(name, &source);
    // A reference that carries nothing any more is a plain one.
    match referred(&schema) {
        Some(component) => schema = reference_to(&component),
        None => {
            if let Some(object) = schema.as_object_mut() {
                object.remove("description");
                object.remove("nullable");
            }
        }
    }
    if name == CURSOR {
        schema = json!({ "type": "string" });
    }
    if location == "query" && counts(name, &source) {
        schema = json!({ "type": "integer", "format": "uint32" });
    }
    let mut out = json!({
        "name": name,
        "in": location,
        "required": location == "path" || flag(parameter, "required"),
        "schema": schema,
    });
    if let Some(description) = parameter.get("description") {
        out["description"] = description.clone();
    }
    out
}

/// An integer that cannot be negative nor large is a `u32`: a page size is no `i64`, whether its
/// bounds are written or not.
fn counts(name: &str, schema: &Value) -> bool {
    let within = |key: &str, fits: fn(i64) -> bool| match schema.get(key).and_then(Value::as_i64) {
        Some(bound) => fits(bound),
        None => name == LIMIT && schema.get(key).is_none(),
    };
    text(schema, "type") == Some("integer")
        && within("minimum", |least| least >= 0)
        && within("maximum", |most| most <= i64::from(u32::MAX))
}

/// The parameters as fields of a request.
pub(super) fn typed(
    parameters: &Parameters,
    endpoint: &Endpoint,
    components: &Components,
    objects: &[ResponseObject],
) -> Vec<Parameter> {
    let mut taken: BTreeSet<String> = RESERVED.map(str::to_owned).into();
    let typed = parameters.listed.iter().map(|(_, parameter)| {
        let written = shaped(parameter);
        let schema = parameter.get("schema").cloned().unwrap_or_default();
        let (location, wire) = (
            location(parameter),
            text(parameter, "name").unwrap_or_default(),
        );
        let r#type = match text(&written["schema"], "format") {
            Some("uint32") => Type::Count,
            _ => of(&written["schema"]),
        };
        let description = text(parameter, "description").unwrap_or_default();
        let rust = free_field(&snake(wire), &mut taken);
        Parameter {
            location,
            wire: wire.to_owned(),
            rust,
            maybe: String::new(),
            description: described(description, &schema, components),
            required: flag(&written, "required"),
            guess: is_guess(parameter),
            id_of: (r#type == Type::String)
                .then(|| id_of(wire, objects).or_else(|| placed(location, wire, endpoint, objects)))
                .flatten(),
            r#type,
        }
    });
    let mut typed: Vec<Parameter> = typed.collect();
    for parameter in &mut typed {
        let plain = parameter.rust.trim_end_matches('_');
        parameter.maybe = free_field(&format!("maybe_{plain}"), &mut taken);
    }
    typed
}

pub(super) fn location(parameter: &Value) -> Location {
    match text(parameter, "in") {
        Some("path") => Location::Path,
        Some("header") => Location::Header,
        _ => Location::Query,
    }
}

/// The object whose id something is, by its name: `customer_id` and `customerId` are a `Customer`'s.
pub(super) fn id_of(wire: &str, objects: &[ResponseObject]) -> Option<String> {
    let name = type_name(snake(wire).strip_suffix("_id")?);
    is_row(&name, objects).then_some(name)
}

/// The object whose id a parameter is, by its place: a `Customer`'s fills the segment after
/// `customers`.
fn placed(
    location: Location,
    wire: &str,
    endpoint: &Endpoint,
    objects: &[ResponseObject],
) -> Option<String> {
    if location != Location::Path {
        return None;
    }
    let (before, _) = endpoint.path.split_once(&format!("/{{{wire}}}"))?;
    let name = type_name(&singular(before.rsplit('/').next()?));
    is_row(&name, objects).then_some(name)
}

fn is_row(name: &str, objects: &[ResponseObject]) -> bool {
    let mut objects = objects.iter();
    objects.any(|object| object.identified && object.name == name)
}
