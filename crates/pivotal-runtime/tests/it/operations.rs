//! Two operations to send.

use http::Method;
use pivotal_runtime::{Operation, RetryClass};

pub(crate) static GET_ROW: Operation = Operation {
    name: "get_row",
    method: Method::GET,
    path: "/api/v1/rows/{id}",
    summary: "Get a row",
    class: RetryClass::Safe,
    paged: false,
    statuses: &["200", "4XX", "5XX"],
    constraints: &[],
};

pub(crate) static CREATE_ROW: Operation = Operation {
    name: "create_row",
    method: Method::POST,
    path: "/api/v1/rows",
    summary: "Create a row",
    class: RetryClass::ByKey,
    paged: false,
    statuses: &["201", "4XX", "5XX"],
    constraints: &[],
};
