//! The operations of the contract, for routing and validation.

use http::{HeaderValue, Method, StatusCode};
use percent_encoding::percent_decode_str;
use pivotal_openapi::path::{matches, specificity};
use pivotal_openapi::{self as openapi, Document};
use serde_json::Value;

use super::ContractError;

#[derive(Debug)]
pub(crate) struct Operation {
    /// Its `operationId`, kebab case.
    pub(crate) id: String,
    pub(crate) method: Method,
    path: String,
    /// Those that are validated by schema: no cookies, and none of [`HAVE_RULES`].
    pub(crate) parameters: Vec<Parameter>,
    /// Schema of the JSON request body, if it takes one.
    pub(crate) body: Option<Value>,
    /// Whether the body may be omitted.
    pub(crate) body_optional: bool,
    pub(crate) success: Success,
    /// False if the contract says `security: []`.
    pub(crate) needs_key: bool,
    /// What the `Deprecation` header says: the date of removal.
    pub(crate) deprecation: Option<HeaderValue>,
}

/// The response of an operation that succeeds: the lowest 2xx status that it documents.
#[derive(Debug)]
pub(crate) struct Success {
    pub(crate) status: StatusCode,
    /// What it carries, if anything.
    pub(crate) content: Option<Content>,
}

#[derive(Debug)]
pub(crate) struct Content {
    pub(crate) media_type: HeaderValue,
    pub(crate) schema: Value,
    /// The name of the component that the schema is.
    pub(crate) component: Option<String>,
    /// The first example that the document gives.
    pub(crate) example: Option<Value>,
}

#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) location: Location,
    pub(crate) required: bool,
    pub(crate) schema: Value,
}

/// Headers that are not validated by schema, because they have their own rules. OpenAPI says so for
/// all but the last.
const HAVE_RULES: [&str; 4] = ["accept", "content-type", "authorization", "idempotency-key"];

/// The location of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Location {
    Path,
    Query,
    Header,
}

impl Content {
    /// Whether the media type is JSON.
    pub(crate) fn is_json(&self) -> bool {
        let media_type = self.media_type.as_bytes();
        let essence = media_type
            .split(|byte| *byte == b';')
            .next()
            .unwrap_or_default();
        essence.ends_with(b"/json") || essence.ends_with(b"+json")
    }
}

/// Reads every operation, literal paths before templates so that the first match is the right one.
pub(super) fn read_all(document: &Document) -> Result<Vec<Operation>, ContractError> {
    let mut operations: Vec<_> = document.operations().collect();
    operations.sort_by_key(|operation| (specificity(operation.path), operation.method));
    operations.iter().map(Operation::read).collect()
}

impl Operation {
    fn read(operation: &openapi::Operation<'_>) -> Result<Self, ContractError> {
        let success = success(operation).ok_or_else(|| {
            let problem = "an operation documents no 2xx response";
            ContractError::shape(&operation.pointer, problem)
        })?;
        let body = operation.body();
        let method = Method::from_bytes(operation.method.as_bytes());
        Ok(Self {
            id: operation.id.to_owned(),
            method: method.expect("the document's methods are those of HTTP"),
            path: operation.path.to_owned(),
            parameters: (operation.parameters().iter())
                .filter_map(Parameter::read)
                .collect(),
            body: body
                .as_ref()
                .filter(|body| body.content.media_type == "application/json")
                .map(|body| body.content.schema.value.clone()),
            body_optional: !body.is_some_and(|body| body.required),
            success,
            needs_key: operation.is_authenticated(),
            deprecation: deprecation(operation.value),
        })
    }

    /// The collection of the record that the path names, which is that of its first ID: `customers`.
    pub(crate) fn collection(&self) -> Option<&str> {
        self.path.split_once("/{")?.0.rsplit('/').next()
    }

    /// The decoded values of the path's parameters if `path` matches this operation. An encoded
    /// slash stays inside its segment.
    pub(super) fn matches(&self, path: &str) -> Option<Vec<(&str, String)>> {
        let decoded = |text| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let values = matches(&self.path, path)?.into_iter();
        Some(values.map(|(name, text)| (name, decoded(text))).collect())
    }
}

impl Parameter {
    fn read(parameter: &openapi::Parameter<'_>) -> Option<Self> {
        let has_rules = |name: &&str| name.eq_ignore_ascii_case(parameter.name);
        Some(Self {
            name: parameter.name.to_owned(),
            location: match parameter.location {
                "path" => Location::Path,
                "query" => Location::Query,
                "header" if !HAVE_RULES.iter().any(has_rules) => Location::Header,
                _ => return None,
            },
            required: parameter.required,
            schema: parameter.schema.value.clone(),
        })
    }
}

fn success(operation: &openapi::Operation<'_>) -> Option<Success> {
    let response = operation.success()?;
    Some(Success {
        status: response.status.parse().ok()?,
        content: response.content().and_then(|content| {
            Some(Content {
                media_type: HeaderValue::from_str(content.media_type).ok()?,
                schema: content.schema.value.clone(),
                component: content.schema.name().map(str::to_owned),
                example: content.examples.first().copied().cloned(),
            })
        }),
    })
}

/// The value of an operation's `Deprecation` header: the date of removal if the document has it,
/// under `x-removal-date`, else `true`. Evidence: stated (header and date), decided
/// (`x-removal-date` and `true`).
fn deprecation(operation: &Value) -> Option<HeaderValue> {
    let deprecated = operation["deprecated"].as_bool();
    deprecated.filter(|deprecated| *deprecated)?;
    let date = operation["x-removal-date"].as_str();
    let date = date.and_then(|date| HeaderValue::from_str(date).ok());
    Some(date.unwrap_or(HeaderValue::from_static("true")))
}
