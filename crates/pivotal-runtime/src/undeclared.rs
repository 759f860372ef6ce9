//! Requests that the contract does not know, with all that the executor does for those it knows.

use http::Method;
use reqwest::{Request, Url};

use crate::base_url::BaseUrl;
use crate::failure::Refusal;
use crate::operation::{Operation, RetryClass};

/// What is known of a request by its method alone. An undeclared POST is of the class `Never`,
/// unless the caller gives it an idempotency key.
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
        summary: "A request that the contract does not declare",
        class,
        paged: false,
        authenticated: true,
        statuses: &["default"],
        constraints: &[],
    }
}

/// The request and what is known of it.
pub(crate) fn request(
    base_url: &BaseUrl,
    method: &Method,
    path: &str,
) -> Result<(Request, &'static Operation), Refusal> {
    let operation = BY_METHOD
        .iter()
        .find(|operation| operation.method == *method)
        .ok_or_else(|| Refusal::Method {
            method: method.clone(),
        })?;
    if !path.starts_with('/') {
        return Err(Refusal::Outside);
    }
    let url = Url::parse(&format!("{base_url}{path}")).map_err(|_| Refusal::Outside)?;
    let below = base_url
        .relative_path(&url)
        .is_some_and(|path| path.starts_with('/'));
    if !below || !base_url.same_origin(&url) {
        return Err(Refusal::Outside);
    }
    Ok((Request::new(method.clone(), url), operation))
}
