//! The operations of a document, read for routing and validation.

use http::{Method, StatusCode};
use serde_json::{Map, Value};

use super::{ContractError, path::PathTemplate, resolve};

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
    /// The first 2xx status that it documents.
    pub(crate) success: StatusCode,
    /// Schema of the answer under that status.
    pub(crate) answer: Value,
    /// False where the contract says `security: []`.
    pub(crate) needs_key: bool,
}

/// A parameter of an operation.
#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) location: Location,
    pub(crate) required: bool,
    pub(crate) schema: Value,
}

/// Where a parameter travels. Header and cookie parameters are not validated by schema: the one that the contract has,
/// `Idempotency-Key`, has rules of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Location {
    Path,
    Query,
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
        let (success, answer) = success(document, operation.get("responses"))
            .ok_or("an operation documents no 2xx answer")?;
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
            success,
            answer,
            needs_key: security.is_some_and(needs_key),
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

/// The first 2xx status and the schema of its JSON body.
fn success(document: &Value, responses: Option<&Value>) -> Option<(StatusCode, Value)> {
    let (status, response) = responses?
        .as_object()?
        .iter()
        .filter_map(|(status, response)| Some((status.parse::<StatusCode>().ok()?, response)))
        .filter(|(status, _)| status.is_success())
        .min_by_key(|(status, _)| *status)?;
    Some((
        status,
        json_schema(resolve(document, response))
            .cloned()
            .unwrap_or(Value::Bool(true)),
    ))
}

/// The schema of the JSON content of a body or an answer.
fn json_schema(content: &Value) -> Option<&Value> {
    content.pointer("/content/application~1json/schema")
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
