//! Parameters as arguments of a generated method.
//!
//! The generator keeps one parameter a name, writes every list as repeated pairs and prints what goes into a path or a header
//! as text; whatever that would bend is refused here.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::answers::relaxed;
use super::schema::{flag, referred, text};
use crate::naming::{identifier::snake, rule::Endpoint};
use crate::{Pointer, Problem, Problems, problem, resolve};

/// The header that makes a POST repeatable. The seam sets it, so it is no argument of the generated method.
const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// OpenAPI says that a parameter of such a name is ignored.
const IGNORED_HEADERS: [&str; 3] = ["accept", "content-type", "authorization"];
/// The query parameter that pages a list. Cursors are opaque: they go back byte for byte.
pub(super) const CURSOR: &str = "cursor";
/// Names that a generated method uses for itself after its arguments are bound.
const LOCALS: [&str; 1] = ["header_map"];

/// The parameters of an operation.
#[derive(Default)]
pub(super) struct Parameters {
    /// In the order of the generated arguments, each with its place.
    pub(super) listed: Vec<(Pointer, Value)>,
    /// Whether an idempotency key is among them, which is no argument.
    pub(super) keyed: bool,
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
    let listed = source.get("parameters").and_then(Value::as_array);
    for (index, parameter) in listed.into_iter().flatten().enumerate() {
        let at = place.child("parameters").child(&index.to_string());
        let parameter = resolve::follow(document, parameter).unwrap_or(parameter);
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
        let argument = snake(name);
        let refusal = refusal(document, parameter, &in_path).or_else(|| {
            let clash = !arguments.insert(argument.clone());
            clash.then(|| {
                (
                    format!("the parameter `{name}`"),
                    format!("another argument of the generated method is called `{argument}`"),
                )
            })
        });
        match refusal {
            Some((found, why)) => problems.push(Problem::new(&at, found, why).with_removal()),
            None => read.listed.push((at, parameter.clone())),
        }
    }
    undescribed(&in_path, &read, place, problems);
    read.listed
        .sort_by_key(|(_, parameter)| order(parameter, &in_path));
    read
}

/// Path parameters as they stand in the path, then the query, then headers, each by name.
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

/// What stands in the way of an argument, and why.
fn refusal(document: &Value, parameter: &Value, in_path: &[&str]) -> Option<(String, String)> {
    let name = text(parameter, "name").unwrap_or_default();
    let location = text(parameter, "in").unwrap_or_default();
    let style = text(parameter, "style");
    let refused = |found: String, why: &str| Some((found, why.to_owned()));
    let Some(schema) = parameter.get("schema") else {
        return refused(
            format!("the parameter `{name}` described by `content`"),
            "only a parameter with a `schema` can be written into a URL or a header",
        );
    };
    let form = Form::of(document, schema);
    match location {
        "cookie" => refused(
            format!("the cookie `{name}`"),
            "the client sends no cookies",
        ),
        "path" if !in_path.contains(&name) => refused(
            format!("the path parameter `{name}`"),
            "the path has no such parameter",
        ),
        "header" if !is_token(name) => refused(
            format!("the header `{name}`"),
            "a header cannot have this name",
        ),
        "path" | "header" if style.is_some_and(|style| style != "simple") => refused(
            format!(
                "the parameter `{name}` in the style {}",
                style.unwrap_or_default()
            ),
            "in paths and headers a value can be written in the style simple alone",
        ),
        "path" | "header" if form != Form::Scalar => refused(
            format!("the {location} parameter `{name}`, which is a list or an object"),
            "in paths and headers only a single value can be written",
        ),
        "query" if style.is_some_and(|style| style != "form") => refused(
            format!(
                "the parameter `{name}` in the style {}",
                style.unwrap_or_default()
            ),
            "a query can be written in the style form alone",
        ),
        "query" if form == Form::Nested => refused(
            format!("the query parameter `{name}`, which is an object or holds one"),
            "a query holds single values and lists of them",
        ),
        "query"
            if form == Form::List && parameter.get("explode").and_then(Value::as_bool) == Some(false) =>
        {
            refused(
                format!("the list `{name}` with `explode: false`"),
                "lists in a query are written as one pair for each entry",
            )
        }
        "path" | "header" | "query" => None,
        other => refused(
            format!("the parameter `{name}` in {other}"),
            "a parameter stands in path, query or header",
        ),
    }
}

/// Parameters of the path that nothing describes.
fn undescribed(in_path: &[&str], read: &Parameters, place: &Pointer, problems: &mut Problems) {
    for wanted in in_path {
        let described = read.listed.iter().any(|(_, parameter)| {
            text(parameter, "in") == Some("path") && text(parameter, "name") == Some(wanted)
        });
        let refused = problems
            .iter()
            .any(|problem| problem.pointer.parent() == Some(place.child("parameters")));
        if !described && !refused {
            let parameter =
                json!([{"name": wanted, "in": "path", "required": true, "schema": {"type": "string"}}]);
            let update = json!({ "parameters": parameter }).to_string();
            let problem = Problem::new(
                place,
                format!("the path parameter `{wanted}` without a description"),
                "nothing says what to write in its place",
            );
            problems.push(problem.with_remedy(problem::update(place, &update)));
        }
    }
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
        Self::within(document, schema, 16)
    }

    fn within(document: &Value, schema: &Value, depth: usize) -> Self {
        let schema = resolve::follow(document, schema).unwrap_or(schema);
        let Some(depth) = depth.checked_sub(1) else {
            return Self::Nested;
        };
        let branches = ["allOf", "anyOf", "oneOf"]
            .into_iter()
            .filter_map(|key| schema.get(key).and_then(Value::as_array))
            .flatten()
            .map(|branch| Self::within(document, branch, depth));
        let own = match text(schema, "type") {
            Some("array") => {
                let items = schema.get("items");
                match items.map(|items| Self::within(document, items, depth)) {
                    Some(Self::Scalar) | None => Self::List,
                    Some(_) => Self::Nested,
                }
            }
            Some("object") => Self::Nested,
            _ if schema.get("properties").is_some() => Self::Nested,
            _ => Self::Scalar,
        };
        branches.chain([own]).max().unwrap_or(own)
    }
}

fn is_token(name: &str) -> bool {
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
    if let Some(object) = schema.as_object_mut() {
        object.remove("description");
        object.remove("nullable");
    }
    let untyped = schema.get("type").is_none() && referred(&schema).is_none();
    if name == CURSOR || location != "query" && untyped {
        schema = json!({ "type": "string" });
    }
    if location == "query" && counts(&source) {
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

/// An integer that cannot be negative nor large is a `u32`: a page size is no `i64`.
fn counts(schema: &Value) -> bool {
    let bound = |key: &str| schema.get(key).and_then(Value::as_i64);
    text(schema, "type") == Some("integer")
        && bound("minimum").is_some_and(|least| least >= 0)
        && bound("maximum").is_some_and(|most| most <= i64::from(u32::MAX))
}
