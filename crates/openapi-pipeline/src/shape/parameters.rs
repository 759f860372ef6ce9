//! Parameters as arguments of a generated method.
//!
//! The generator keeps one parameter a name, knows no cookies, writes every list as repeated pairs and
//! prints what goes into a path or a header as text. So each gets a name of its own, an object in the
//! query becomes a parameter for each of its properties, and what only text can be written for becomes
//! text; a parameter that this would alter otherwise is refused here.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::constraints::described;
use super::queries::{self, Form};
use super::responses::relaxed;
use super::route::Route;
use super::schema::{Components, flag, is_guess, reference_to, referred, text};
use super::types::of;
use super::{Location, Parameter, ResponseObject, Type};
use crate::naming::identifier::{free_field, snake};
use crate::naming::rule::{Endpoint, singular, type_name};
use crate::pointer::escaped;
use crate::problem::{self, Remedy};
use crate::resolve::{self, entries, members};
use crate::{Pointer, Problem, Problems};

/// The most parameters of an operation, for the same reasons as the most properties of an object.
const MAX_PARAMETERS: usize = 1_000;
/// The header that makes a POST repeatable. The executor sets it in a POST, so it is no argument of the
/// generated method there.
const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// OpenAPI says that a parameter of such a name is ignored.
const IGNORED_HEADERS: [&str; 3] = ["accept", "content-type", "authorization"];
/// The query parameter that pages a list. Cursors are opaque: they go back byte for byte.
pub(super) const CURSOR: &str = "cursor";
/// The query parameter that says how many rows a page holds.
const LIMIT: &str = "limit";
/// Names that a generated method uses for itself after its arguments are bound.
const LOCALS: [&str; 2] = ["header_map", "response"];
/// Names that a generated request needs for itself.
const RESERVED: [&str; 5] = ["body", "clone", "default", "maybe_body", "new"];

/// The parameters of an operation.
#[derive(Default)]
pub(super) struct Parameters {
    /// In the order of the generated arguments.
    pub(super) listed: Vec<Argument>,
    /// Whether an idempotency key is among them, which is no argument.
    pub(super) keyed: bool,
    /// Lists in the query that are one pair, and what separates their entries.
    pub(super) separators: Vec<(String, &'static str)>,
}

/// A parameter as an argument of the generated method.
pub(super) struct Argument {
    pub(super) place: Pointer,
    pub(super) parameter: Value,
    /// What the generator calls it. Those of one method are different identifiers.
    pub(super) name: String,
    /// Whether it is written in brackets.
    pub(super) deep: bool,
}

/// Reads the parameters of an operation at `place`. What cannot be an argument is a problem.
pub(super) fn read(
    document: &Value,
    route: &Route,
    place: &Pointer,
    source: &Value,
    problems: &mut Problems,
) -> Parameters {
    let mut read = Parameters::default();
    let mut arguments: BTreeSet<String> = LOCALS.map(str::to_owned).into();
    if source.get("requestBody").is_some() {
        arguments.insert("body".to_owned());
    }
    let count = entries(source, "parameters").len().max(route.names.len());
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
            let parameter = as_text(document, &routed(route, parameter));
            let parts = queries::parts(document, &parameter).into_iter();
            parts.map(move |part| Listed {
                at: at.clone(),
                written,
                is_part: part.get("name") != parameter.get("name"),
                parameter: part,
            })
        })
        .collect();
    let missing = undescribed(route, &listed);
    listed.extend(missing.into_iter().map(|parameter| Listed {
        at: place.clone(),
        written: &Value::Null,
        is_part: false,
        parameter,
    }));
    // What has a description of its own is not described again by an object that it is in.
    listed.sort_by_key(|listed| {
        (
            listed.is_part,
            order(&listed.parameter, &listed.name(), route),
        )
    });
    let is_post = place.keys().last().as_deref() == Some("post");
    let mut known = BTreeSet::new();
    listed.retain(|listed| known.insert(listed.identity()));
    listed.sort_by_key(|listed| order(&listed.parameter, &listed.name(), route));
    for listed in listed {
        let parameter = &listed.parameter;
        let name = text(parameter, "name").unwrap_or_default();
        if text(parameter, "in") == Some("header") {
            let lower = name.to_ascii_lowercase();
            if lower == IDEMPOTENCY_KEY && is_post {
                read.keyed = true;
                continue;
            }
            if IGNORED_HEADERS.contains(&lower.as_str()) {
                continue;
            }
        }
        if let Some(problem) = listed.refusal(document, route, place) {
            problems.push(problem);
            continue;
        }
        let separator = queries::separator(document, parameter);
        (read.separators).extend(separator.map(|separator| (name.to_owned(), separator)));
        read.listed.push(Argument {
            parameter: written(document, parameter),
            name: free_argument(&listed.name(), &mut arguments),
            deep: queries::is_deep(parameter),
            place: listed.at,
        });
    }
    (read.listed).sort_by_key(|argument| order(&argument.parameter, &argument.name, route));
    read
}

/// The name, with a number after it if another argument has it.
fn free_argument(name: &str, taken: &mut BTreeSet<String>) -> String {
    let numbered = (2..).map(|number| format!("{name} ({number})"));
    let mut names = [name.to_owned()].into_iter().chain(numbered);
    names
        .find(|name| taken.insert(snake(name)))
        .unwrap_or_default()
}

/// The parameter; one that the path has in its query is one of the query.
fn routed(route: &Route, parameter: &Value) -> Value {
    let mut parameter = parameter.clone();
    let name = text(&parameter, "name").unwrap_or_default();
    if text(&parameter, "in") == Some("path") && !route.names.iter().any(|known| known == name) {
        let pair = route.in_query.get(name).cloned();
        let is_needed = pair.is_some();
        let optional = route.optional.iter().find(|known| *known == name).cloned();
        if let Some(pair) = pair.or(optional) {
            parameter["in"] = "query".into();
            parameter["name"] = pair.into();
            parameter["required"] = is_needed.into();
        }
    }
    parameter
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

/// Path parameters in the order of the path, then the query and cookies, then headers, each by what the
/// generator calls it.
fn order(parameter: &Value, name: &str, route: &Route) -> (u8, Option<usize>, String) {
    let wire = text(parameter, "name").unwrap_or_default();
    let rank = match text(parameter, "in") {
        Some("path") => 0,
        Some("query" | "cookie") => 1,
        _ => 2,
    };
    let position = route.names.iter().position(|known| known == wire);
    (rank, position.filter(|_| rank == 0), name.to_owned())
}

/// A parameter that is described by `content`, a list or an object in a path or a header, and an object
/// in one pair of a query: text, which the caller writes.
fn as_text(document: &Value, parameter: &Value) -> Value {
    let style = text(parameter, "style");
    let (only_text, is_pair) = match text(parameter, "in") {
        Some("path" | "header") => (style.unwrap_or("simple") == "simple", false),
        Some("query") => (false, queries::is_pair(parameter)),
        _ => (false, false),
    };
    let about = match (
        parameter.get("schema"),
        members(parameter, "content").next(),
    ) {
        (None, Some((media_type, _))) => format!("A text of the type {media_type}."),
        (Some(schema), _) => match Form::of(document, schema) {
            Form::List if only_text => "A list: its values, with commas between them.".to_owned(),
            Form::Nested if only_text || is_pair => {
                "An object: its names and values, with commas between them.".to_owned()
            }
            _ => return parameter.clone(),
        },
        _ => return parameter.clone(),
    };
    let mut parameter = parameter.clone();
    queries::write_as_text(&mut parameter, &about);
    if is_pair {
        parameter["style"] = queries::WRITTEN.into();
    }
    if let Some(object) = parameter.as_object_mut() {
        object.remove("content");
    }
    parameter
}

/// A parameter of an operation.
struct Listed<'a> {
    at: Pointer,
    /// As the operation lists it: itself, or a reference to it.
    written: &'a Value,
    /// Whether it is a part of an object.
    is_part: bool,
    /// Itself, or a part of it.
    parameter: Value,
}

impl Listed<'_> {
    /// What the generator calls it, if nothing else is called so. It is told that cookies are in the
    /// query; the runtime takes them out again.
    fn name(&self) -> String {
        let name = text(&self.parameter, "name").unwrap_or_default();
        match text(&self.parameter, "in") {
            Some("cookie") => format!("cookie:{name}"),
            _ => name.to_owned(),
        }
    }

    /// What two descriptions of one parameter share.
    fn identity(&self) -> (String, String) {
        let location = text(&self.parameter, "in").unwrap_or_default();
        let name = text(&self.parameter, "name").unwrap_or_default();
        let name = match location {
            "header" => name.to_ascii_lowercase(),
            _ => name.to_owned(),
        };
        (location.to_owned(), name)
    }

    /// Why it cannot be an argument.
    fn refusal(&self, document: &Value, route: &Route, operation: &Pointer) -> Option<Problem> {
        let parameter = &self.parameter;
        let name = text(parameter, "name").unwrap_or_default();
        let location = text(parameter, "in").unwrap_or_default();
        let usual = match location {
            "query" | "cookie" => "form",
            _ => "simple",
        };
        let style = text(parameter, "style").unwrap_or(usual);
        let form = Form::of(document, parameter.get("schema")?);
        let in_path = route.names.iter().any(|known| known == name);
        let is_map = style == "form" && queries::is_map(parameter);
        let is_written = queries::is_deep(parameter) || is_map;
        let (found, why) = match location {
            "path" if !in_path => (
                format!("the path parameter `{name}`"),
                "the path has no such parameter",
            ),
            "header" | "cookie" if !is_token(name) => (
                format!("the {location} `{name}`"),
                "a header or a cookie cannot have this name",
            ),
            "path" | "header" | "cookie" if style != usual => (
                format!("the parameter `{name}` in the style {style}"),
                "a path and a header are written in the style simple alone, a cookie in the style form",
            ),
            "cookie" if form != Form::Scalar => (
                format!("the cookie `{name}`, which is a list or an object"),
                "a cookie holds a single value",
            ),
            "query" if form == Form::Nested && !is_written => (
                format!("the query parameter `{name}`, which is an object or holds one"),
                "how it is written is said for lists of single values, objects with single values, and the style deepObject",
            ),
            "path" | "header" | "query" | "cookie" => return None,
            other => (
                format!("the parameter `{name}` in {other}"),
                "a parameter is in path, query, header or cookie",
            ),
        };
        let is_needed = match location {
            "path" => in_path,
            _ => flag(parameter, "required"),
        };
        // Without a parameter that it requires, a call cannot succeed.
        let remedy = match is_needed {
            true => problem::removal(operation),
            false => self.removal(),
        };
        Some(Problem::new(&self.at, found, why).with_remedy(remedy))
    }

    /// The overlay action that removes it.
    fn removal(&self) -> Remedy {
        let keys: &[&str] = if self.written.get("$ref").is_some() {
            &["$ref"]
        } else {
            &["name", "in"]
        };
        let tests = keys.iter().map(|key| {
            let value = text(self.written, key).unwrap_or_default();
            format!("@['{key}'] == '{}'", escaped(value))
        });
        let tests: Vec<String> = tests.collect();
        let list = self.at.parent().unwrap_or_default().to_json_path();
        problem::removal(&self.at).selecting(format!("{list}[?{}]", tests.join(" && ")))
    }
}

/// The parameters of the path without a description, which are texts.
fn undescribed(route: &Route, listed: &[Listed<'_>]) -> Vec<Value> {
    let parameter = |name: &String, location: &str, required: bool| json!({ "name": name, "in": location, "required": required, "schema": { "type": "string" } });
    let path: BTreeSet<&String> = route.names.iter().collect();
    let path = path.into_iter().map(|name| parameter(name, "path", true));
    let pairs = route.in_query.values();
    let pairs = pairs.map(|name| parameter(name, "query", true));
    let optional = route.optional.iter();
    let optional = optional.map(|name| parameter(name, "query", false));
    let all = path.chain(pairs).chain(optional);
    let is_missing = |parameter: &Value| {
        let same = |listed: &Listed<'_>, key: &str| listed.parameter.get(key) == parameter.get(key);
        !(listed.iter()).any(|listed| same(listed, "name") && same(listed, "in"))
    };
    all.filter(is_missing).collect()
}

pub(super) fn is_token(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(allowed)
}

/// A parameter as the generator should see it.
pub(super) fn shaped(argument: &Argument) -> Value {
    let parameter = &argument.parameter;
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
        "name": argument.name,
        "in": if location == "cookie" { "query" } else { location },
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
    let typed = parameters.listed.iter().map(|argument| {
        let parameter = &argument.parameter;
        let written = shaped(argument);
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
            argument: argument.name.clone(),
            deep: argument.deep,
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
        Some("cookie") => Location::Cookie,
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
