//! The operations of the contract.

use std::borrow::Cow;
use std::fmt;

use http::Method;
use percent_encoding::percent_decode;
use serde::Serialize;
use serde_json::Value;

use crate::constraint::{Constraint, Location, Violation};
use crate::id::Id;
use crate::request_format::RequestFormat;

/// When an operation may be retried.
///
/// | class | operations | retried |
/// |---|---|---|
/// | `Safe` | GET, HEAD | always |
/// | `Idempotent` | PUT, PATCH, DELETE | always |
/// | `ByKey` | POST with an `Idempotency-Key` header in the contract | with the same key |
/// | `Never` | any other POST | only if the server did not process the request |
// Generated code names these variants as `openapi_pipeline::shape` does: rename them in both. The
// same holds for `Location` and `ConstraintKind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RetryClass {
    /// Only reads.
    Safe,
    /// Has the same effect, however often it is sent.
    Idempotent,
    /// May be repeated with the same idempotency key.
    ByKey,
    /// Must not be repeated, unless the server did not process it.
    Never,
}

/// An operation of the contract. The table of all operations is generated.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// The name of the generated method, `create_customer`.
    pub name: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// The path template, `/api/v1/customers/{id}`.
    pub path: &'static str,
    /// The summary from the contract, in one line.
    pub summary: &'static str,
    /// When it may be retried.
    pub class: RetryClass,
    /// Whether the response is a page with a cursor to the next.
    pub paged: bool,
    /// Whether it is sent with the API key and counts against the key's rate limit. `false` if the
    /// contract requires no key.
    pub authenticated: bool,
    /// How its requests are written.
    pub format: RequestFormat,
    /// The documented statuses, such as `200` or `4XX`.
    pub statuses: &'static [&'static str],
    /// The constraints on parameters and body.
    pub constraints: &'static [Constraint],
}

/// The path template of a request that is not in the contract.
const ANY_PATH: &str = "";

/// The operations of requests that are not in the contract, one per method. Such a POST has the
/// class `Never`, unless the caller gives it an idempotency key.
static UNDECLARED: [Operation; 7] = [
    undeclared(Method::GET, RetryClass::Safe),
    undeclared(Method::HEAD, RetryClass::Safe),
    undeclared(Method::OPTIONS, RetryClass::Safe),
    undeclared(Method::PUT, RetryClass::Idempotent),
    undeclared(Method::PATCH, RetryClass::Idempotent),
    undeclared(Method::DELETE, RetryClass::Idempotent),
    undeclared(Method::POST, RetryClass::Never),
];

const fn undeclared(method: Method, class: RetryClass) -> Operation {
    Operation {
        name: "request",
        method,
        path: ANY_PATH,
        summary: "A request that is not in the contract",
        class,
        paged: false,
        authenticated: true,
        format: RequestFormat::JSON,
        statuses: &["default"],
        constraints: &[],
    }
}

impl Operation {
    /// A GET of any path, with the name `request`.
    pub const ANY_GET: &'static Self = &undeclared(Method::GET, RetryClass::Safe);

    /// The operation of a request that is not in the contract; `None` if the method is not
    /// supported.
    pub(crate) fn undeclared(method: &Method) -> Option<&'static Self> {
        let mut operations = UNDECLARED.iter();
        operations.find(|operation| operation.method == *method)
    }

    /// Whether it is in the contract: `false` for an operation from
    /// [`Executor::undeclared`](crate::Executor::undeclared).
    pub fn is_declared(&self) -> bool {
        self.path != ANY_PATH
    }

    /// Whether the contract documents this status, by itself or as part of a range.
    ///
    /// ```
    /// # use pivotal_runtime::{Operation, RequestFormat, RetryClass};
    /// # let operation = Operation {
    /// #     name: "get_health", method: http::Method::GET, path: "/api/v1/health", summary: "",
    /// #     class: RetryClass::Safe, paged: false, authenticated: false,
    /// #     format: RequestFormat::JSON, statuses: &["200", "4XX"], constraints: &[],
    /// # };
    /// assert!(operation.documents(http::StatusCode::OK));
    /// assert!(operation.documents(http::StatusCode::NOT_FOUND)); // through "4XX"
    /// assert!(!operation.documents(http::StatusCode::CREATED));
    /// ```
    pub fn documents(&self, status: http::StatusCode) -> bool {
        self.statuses.iter().any(|documented| {
            *documented == "default"
                || *documented == status.as_str()
                || documented
                    .strip_suffix("XX")
                    .is_some_and(|class| status.as_str().starts_with(class))
        })
    }

    /// Checks a body against the constraints of the contract. Values that are absent, null or of
    /// another type pass: the server decides about these.
    ///
    /// # Errors
    /// The first [`Violation`], in the order of the table.
    pub fn check_body(&self, body: &impl Serialize) -> Result<(), Violation> {
        self.check_parameter(Location::Body, "body", body)
    }

    /// Checks a parameter against the constraints of the contract, like
    /// [`check_body`](Self::check_body).
    ///
    /// # Errors
    /// The first [`Violation`], in the order of the table.
    pub fn check_parameter(
        &self,
        location: Location,
        name: &'static str,
        value: &impl Serialize,
    ) -> Result<(), Violation> {
        let value = serde_json::to_value(value)
            .map_err(|error| self.violation(location, name, "invalid_type", &error))?;
        self.check_value(location, name, &value)
    }

    /// Checks that a parameter of any JSON can be written in the query: a single value, a list of them
    /// without null, or an object with single values.
    ///
    /// # Errors
    /// A [`Violation`] with the code `invalid_type`.
    pub fn check_query(&self, name: &'static str, value: &impl Serialize) -> Result<(), Violation> {
        let value = serde_json::to_value(value)
            .map_err(|error| self.violation(Location::Query, name, "invalid_type", &error))?;
        let is_single =
            |value: &Value| !matches!(value, Value::Null | Value::Array(_) | Value::Object(_));
        let is_pairs = match &value {
            Value::Array(entries) => entries.iter().all(is_single),
            Value::Object(fields) => fields.values().all(is_single),
            _ => true,
        };
        if is_pairs {
            return Ok(());
        }
        let message = "must be a single value, a list of single values or an object with single values, \
                       none of them null, as a query has pairs of texts alone; write anything else as a text";
        Err(self.violation(
            Location::Query,
            name,
            "invalid_type",
            &format!("{name} {message}"),
        ))
    }

    /// Checks a body that is JSON already, like [`check_body`](Self::check_body), without a copy.
    ///
    /// # Errors
    /// The first [`Violation`], in the order of the table.
    pub fn check_json(&self, body: &Value) -> Result<(), Violation> {
        self.check_value(Location::Body, "body", body)
    }

    fn check_value(
        &self,
        location: Location,
        name: &'static str,
        value: &Value,
    ) -> Result<(), Violation> {
        self.constraints
            .iter()
            .filter(|constraint| constraint.location == location)
            .try_for_each(|constraint| constraint.check(self.name, name, value))
    }

    /// Checks that a parameter is a valid ID: one non-empty path segment.
    ///
    /// # Errors
    /// A [`Violation`] with the code `invalid_string`.
    pub fn check_id<R>(
        &self,
        location: Location,
        name: &'static str,
        id: &Id<R>,
    ) -> Result<(), Violation> {
        id.check()
            .map_err(|invalid| self.violation(location, name, "invalid_string", &invalid))
    }

    fn violation(
        &self,
        location: Location,
        name: &'static str,
        code: &'static str,
        error: &dyn fmt::Display,
    ) -> Violation {
        Violation {
            operation: self.name,
            location,
            field: name.to_owned(),
            code,
            message: error.to_string(),
        }
    }

    /// Whether a request path matches this operation's path template.
    ///
    /// Segments are compared after percent-decoding, so that an encoded slash stays inside its
    /// segment. If a parameter such as `..` has changed the path, it does not match. A query in the
    /// template is not compared.
    pub(crate) fn matches_path(&self, path: &str) -> bool {
        let (template, path) = (self.path.as_bytes(), path.as_bytes());
        // Most templates end with their only parameter.
        if let Some(start) = template.iter().position(|byte| *byte == b'{')
            && template[start..].iter().position(|byte| *byte == b'}')
                == Some(template.len() - start - 1)
            && let Some(value) = path.strip_prefix(&template[..start])
            && !value.is_empty()
            && !value.contains(&b'/')
        {
            return true;
        }
        let end = template.iter().position(|byte| matches!(byte, b'?' | b'#'));
        let template = &template[..end.unwrap_or(template.len())];
        let template = template.strip_suffix(b"{").unwrap_or(template);
        if !self.is_declared() || template == path {
            return true;
        }
        let mut segments = path.split(is_slash);
        let matches = |template| {
            let segment = segments.next();
            segment.is_some_and(|segment| matches_segment(template, segment))
        };
        template.split(is_slash).all(matches) && segments.next().is_none()
    }
}

fn is_slash(byte: &u8) -> bool {
    *byte == b'/'
}

/// Whether a segment is the text of the template with a non-empty value for each `{parameter}`.
fn matches_segment(template: &[u8], segment: &[u8]) -> bool {
    // Most segments are plain text or one parameter.
    match template {
        [b'{', name @ .., b'}'] if !name.contains(&b'}') => !segment.is_empty(),
        _ if template == segment => true,
        _ => matches_decoded(template, &decoded(segment)),
    }
}

fn matches_decoded(template: &[u8], segment: &[u8]) -> bool {
    match parameter(template) {
        None => *decoded(template) == *segment,
        Some((before, after)) => segment
            .strip_prefix(&*decoded(before))
            .is_some_and(|value| {
                (1..=value.len()).any(|length| matches_decoded(after, &value[length..]))
            }),
    }
}

/// The texts before and after the first `{parameter}` of a template.
fn parameter(template: &[u8]) -> Option<(&[u8], &[u8])> {
    let opening = template.iter().position(|byte| *byte == b'{')?;
    let closing = opening + template[opening..].iter().position(|byte| *byte == b'}')?;
    Some((&template[..opening], &template[closing + 1..]))
}

fn decoded(text: &[u8]) -> Cow<'_, [u8]> {
    percent_decode(text).into()
}
