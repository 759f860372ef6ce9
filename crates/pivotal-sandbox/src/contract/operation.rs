//! The operations of a document, read for routing and validation.

use http::{HeaderValue, Method, StatusCode};
use serde_json::{Map, Value};

use super::{ContractError, path::PathTemplate, resolve};

/// The media type of the API.
const JSON: &str = "application/json";

/// One operation of the contract.
#[derive(Debug)]
pub(crate) struct Operation {
    /// Its `operationId`, kebab case.
    pub(crate) id: String,
    pub(crate) method: Method,
    pub(crate) path: PathTemplate,
    pub(crate) parameters: Vec<Parameter>,
    /// Schema of the JSON request body, when it takes one.
    pub(crate) body: Option<Value>,
    /// Whether it can do without.
    pub(crate) body_optional: bool,
    pub(crate) success: Success,
    /// False where the contract says `security: []`.
    pub(crate) needs_key: bool,
    /// What the header of deprecated operations says: the date of removal.
    pub(crate) deprecation: Option<HeaderValue>,
}

/// The response of an operation that succeeds: the first 2xx status that it documents.
#[derive(Debug)]
pub(crate) struct Success {
    pub(crate) status: StatusCode,
    /// What it carries, if anything.
    pub(crate) content: Option<Content>,
}

/// The content of a response: JSON if there is JSON, else the first media type listed.
#[derive(Debug)]
pub(crate) struct Content {
    pub(crate) media_type: HeaderValue,
    pub(crate) schema: Value,
    /// The first example that the document gives.
    pub(crate) example: Option<Value>,
}

impl Content {
    /// Whether it is JSON, by its media type.
    pub(crate) fn is_json(&self) -> bool {
        let media_type = self.media_type.as_bytes();
        let essence = media_type
            .split(|byte| *byte == b';')
            .next()
            .unwrap_or_default();
        essence.ends_with(b"/json") || essence.ends_with(b"+json")
    }
}

impl Success {
    /// The schema of the response; nothing is told of one that has no content.
    pub(crate) fn schema(&self) -> &Value {
        self.content
            .as_ref()
            .map_or(&Value::Null, |content| &content.schema)
    }
}

/// A parameter of an operation.
#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) location: Location,
    pub(crate) required: bool,
    pub(crate) schema: Value,
}

/// Headers that are not validated by schema, for they have rules of their own. OpenAPI says so of
/// all but the last.
const HAVE_RULES: [&str; 4] = ["accept", "content-type", "authorization", "idempotency-key"];

/// Where a parameter travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Location {
    Path,
    Query,
    /// Other than those with rules of their own: the key, the idempotency key and the media types.
    Header,
    /// A cookie, or one of those headers: not validated by schema.
    Elsewhere,
}

/// Reads every operation, literal paths before templates so that the first match is the right one.
pub(super) fn read_all(document: &Value) -> Result<Vec<Operation>, ContractError> {
    let mut operations = Vec::new();
    for (path, item) in object(document.get("paths"), "/paths")? {
        let pointer = format!("/paths/{}", path.replace('~', "~0").replace('/', "~1"));
        let item = object(Some(resolve(document, item)), &pointer)?;
        for method in [
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ] {
            let name = method.as_str().to_ascii_lowercase();
            let Some(operation) = item.get(&name) else {
                continue;
            };
            let pointer = format!("{pointer}/{name}");
            let operation = object(Some(operation), &pointer)?;
            let read = Operation::read(document, path, method, item, operation);
            operations.push(read.map_err(|problem| shape(&pointer, problem))?);
        }
    }
    operations.sort_by(|a, b| {
        a.path
            .cmp(&b.path)
            .then_with(|| a.method.as_str().cmp(b.method.as_str()))
    });
    Ok(operations)
}

impl Operation {
    /// Reads an operation of the path `item`, or tells what is wrong with it.
    fn read(
        document: &Value,
        path: &str,
        method: Method,
        item: &Map<String, Value>,
        operation: &Map<String, Value>,
    ) -> Result<Self, &'static str> {
        let id = operation
            .get("operationId")
            .and_then(Value::as_str)
            .ok_or("an operation has no operationId")?;
        let success = success(document, operation.get("responses"))
            .ok_or("an operation documents no 2xx response")?;
        let parameters = parameters(
            document,
            operation.get("parameters"),
            item.get("parameters"),
        )
        .ok_or("a parameter has no name or place")?;
        let body = operation
            .get("requestBody")
            .map(|body| resolve(document, body));
        let security = operation
            .get("security")
            .or_else(|| document.get("security"));
        Ok(Self {
            id: id.to_owned(),
            method,
            path: PathTemplate::parse(path),
            parameters,
            body: body.and_then(json_schema).cloned(),
            body_optional: body.and_then(|body| body.get("required")) != Some(&Value::Bool(true)),
            success,
            needs_key: security.is_some_and(needs_key),
            deprecation: deprecation(operation),
        })
    }
}

/// Parameters of the operation, then those of the path that it does not override.
fn parameters(
    document: &Value,
    own: Option<&Value>,
    shared: Option<&Value>,
) -> Option<Vec<Parameter>> {
    let mut parameters: Vec<Parameter> = Vec::new();
    let listed = [own, shared]
        .into_iter()
        .flatten()
        .filter_map(Value::as_array)
        .flatten();
    for parameter in listed.map(|parameter| resolve(document, parameter)) {
        let name = parameter.get("name")?.as_str()?;
        let location = match parameter.get("in")?.as_str()? {
            "path" => Location::Path,
            "query" => Location::Query,
            "header"
                if !HAVE_RULES
                    .iter()
                    .any(|known| known.eq_ignore_ascii_case(name)) =>
            {
                Location::Header
            }
            _ => Location::Elsewhere,
        };
        if parameters
            .iter()
            .any(|known| known.name == name && known.location == location)
        {
            continue;
        }
        parameters.push(Parameter {
            name: name.to_owned(),
            location,
            required: parameter
                .get("required")
                .and_then(Value::as_bool)
                .unwrap_or(false),
            schema: parameter
                .get("schema")
                .cloned()
                .unwrap_or(Value::Bool(true)),
        });
    }
    Some(parameters)
}

/// The first 2xx response.
fn success(document: &Value, responses: Option<&Value>) -> Option<Success> {
    let (status, response) = responses?
        .as_object()?
        .iter()
        .filter_map(|(status, response)| Some((status.parse::<StatusCode>().ok()?, response)))
        .filter(|(status, _)| status.is_success())
        .min_by_key(|(status, _)| *status)?;
    let content = resolve(document, response)
        .get("content")
        .and_then(Value::as_object);
    Some(Success {
        status,
        content: content.and_then(|content| self::content(document, content)),
    })
}

fn content(document: &Value, content: &Map<String, Value>) -> Option<Content> {
    let (media_type, described) = content
        .get_key_value(JSON)
        .or_else(|| content.iter().next())?;
    let examples = described.get("examples").and_then(Value::as_object);
    let named = examples.and_then(|examples| examples.values().next());
    let example = named.and_then(|named| resolve(document, named).get("value"));
    Some(Content {
        media_type: HeaderValue::from_str(media_type).ok()?,
        schema: described
            .get("schema")
            .cloned()
            .unwrap_or(Value::Bool(true)),
        example: described.get("example").or(example).cloned(),
    })
}

/// What the `Deprecation` header of an operation says: the date of removal where the document tells
/// it, under `x-removal-date`, else `true`. Evidence: stated (header and date), decided (where the
/// date stands, and `true`).
fn deprecation(operation: &Map<String, Value>) -> Option<HeaderValue> {
    let deprecated = operation.get("deprecated").and_then(Value::as_bool);
    deprecated.filter(|deprecated| *deprecated)?;
    let date = operation.get("x-removal-date").and_then(Value::as_str);
    let date = date.and_then(|date| HeaderValue::from_str(date).ok());
    Some(date.unwrap_or(HeaderValue::from_static("true")))
}

/// The schema of the JSON content of a body or a response.
fn json_schema(content: &Value) -> Option<&Value> {
    content.get("content")?.get(JSON)?.get("schema")
}

/// Whether a `security` list asks for a key: an empty list, or one with an empty entry, does not.
fn needs_key(security: &Value) -> bool {
    let schemes = security.as_array().map(Vec::as_slice).unwrap_or_default();
    !schemes.is_empty()
        && schemes
            .iter()
            .all(|scheme| scheme.as_object().is_none_or(|scheme| !scheme.is_empty()))
}

fn object<'a>(
    value: Option<&'a Value>,
    pointer: &str,
) -> Result<&'a Map<String, Value>, ContractError> {
    value
        .and_then(Value::as_object)
        .ok_or_else(|| shape(pointer, "an object is needed here"))
}

fn shape(pointer: &str, problem: &str) -> ContractError {
    ContractError::Shape {
        pointer: pointer.to_owned(),
        problem: problem.to_owned(),
    }
}
