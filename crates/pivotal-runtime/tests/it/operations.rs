//! A table of operations like the contract's: every class, and every shape of path.

use http::Method;
use pivotal_runtime::{Operation, RetryClass};

pub(crate) static GET_ROW: Operation = operation(
    "get_row",
    Method::GET,
    "/api/v1/rows/{id}",
    RetryClass::Safe,
);
pub(crate) static CREATE_ROW: Operation = operation(
    "create_row",
    Method::POST,
    "/api/v1/rows",
    RetryClass::ByKey,
);
pub(crate) static SEND_ROW: Operation = operation(
    "send_row",
    Method::POST,
    "/api/v1/rows/{id}/send",
    RetryClass::Never,
);
pub(crate) static GET_HEALTH: Operation = operation(
    "get_health",
    Method::GET,
    "/api/v1/health",
    RetryClass::Safe,
);
/// Needs no key.
pub(crate) static GET_STATUS: Operation = {
    let mut operation = operation(
        "get_status",
        Method::GET,
        "/api/v1/status",
        RetryClass::Safe,
    );
    operation.authenticated = false;
    operation
};

/// All of them.
pub(crate) static OPERATIONS: [&Operation; 10] = [
    &GET_ROW,
    &CREATE_ROW,
    &SEND_ROW,
    &GET_HEALTH,
    &GET_STATUS,
    &operation("list_rows", Method::GET, "/api/v1/rows", RetryClass::Safe),
    &operation(
        "peek_row",
        Method::HEAD,
        "/api/v1/rows/{id}",
        RetryClass::Safe,
    ),
    &operation(
        "replace_row",
        Method::PUT,
        "/api/v1/rows/{id}",
        RetryClass::Idempotent,
    ),
    &operation(
        "update_row",
        Method::PATCH,
        "/api/v1/rows/{id}",
        RetryClass::Idempotent,
    ),
    &operation(
        "delete_row",
        Method::DELETE,
        "/api/v1/rows/{id}",
        RetryClass::Idempotent,
    ),
];

const fn operation(
    name: &'static str,
    method: Method,
    path: &'static str,
    class: RetryClass,
) -> Operation {
    Operation {
        name,
        method,
        path,
        summary: "",
        class,
        paged: false,
        authenticated: true,
        format: pivotal_runtime::RequestFormat::JSON,
        statuses: &["200", "201", "4XX", "5XX"],
        constraints: &[],
    }
}
