//! Requests that are not in the contract.

use http::Method;
use reqwest::{Request, Url};

use crate::base_url::BaseUrl;
use crate::failure::InvalidRequest;
use crate::operation::{Operation, RetryClass};

/// One operation per method. An undeclared POST has the class `Never`, unless the caller gives it an
/// idempotency key.
static BY_METHOD: [Operation; 7] = [
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
        path: Operation::ANY_PATH,
        summary: "A request that is not in the contract",
        class,
        paged: false,
        authenticated: true,
        statuses: &["default"],
        constraints: &[],
    }
}

/// Builds the request and finds the operation for its method.
pub(crate) fn request(
    base_url: &BaseUrl,
    method: &Method,
    path: &str,
) -> Result<(Request, &'static Operation), InvalidRequest> {
    let operation = BY_METHOD
        .iter()
        .find(|operation| operation.method == *method)
        .ok_or_else(|| InvalidRequest::Method {
            method: method.clone(),
        })?;
    if !path.starts_with('/') {
        return Err(InvalidRequest::OutsideBaseUrl);
    }
    let url =
        Url::parse(&format!("{base_url}{path}")).map_err(|_| InvalidRequest::OutsideBaseUrl)?;
    let below = base_url
        .relative_path(&url)
        .is_some_and(|path| path.starts_with('/'));
    if !below || !base_url.same_origin(&url) {
        return Err(InvalidRequest::OutsideBaseUrl);
    }
    Ok((Request::new(method.clone(), url), operation))
}
