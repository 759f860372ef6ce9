//! The operation table: what is known of each call before it is made.

use crate::constraint::Constraint;

/// When a call may be sent a second time.
///
/// | class | operations | sent again |
/// |---|---|---|
/// | `Safe` | GET, HEAD | always |
/// | `Idempotent` | PUT, PATCH, DELETE | always |
/// | `ByKey` | a POST whose contract declares `Idempotency-Key` | with the same key |
/// | `Never` | any other POST | only when the first was surely not received |
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RetryClass {
    /// Reads only.
    Safe,
    /// Leads to the same state however often it is sent.
    Idempotent,
    /// Safe to repeat under one idempotency key.
    ByKey,
    /// Must not be repeated unless it surely did not arrive.
    Never,
}

/// One operation of the contract. The table of all of them is generated.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// The name of the generated method, `create_customer`.
    pub name: &'static str,
    /// The HTTP method.
    pub method: http::Method,
    /// The path template, `/api/v1/customers/{id}`.
    pub path: &'static str,
    /// One line from the contract.
    pub summary: &'static str,
    /// When it may be repeated.
    pub class: RetryClass,
    /// Whether it answers a page with a cursor to the next.
    pub paged: bool,
    /// The documented statuses, `200` or a range such as `4XX`.
    pub statuses: &'static [&'static str],
    /// What the contract limits in parameters and body.
    pub constraints: &'static [Constraint],
}

impl Operation {
    /// In place of a path template, for a request that the contract does not declare.
    pub(crate) const ANY_PATH: &'static str = "";

    /// Whether the contract declares it: `false` for what [`Seam::undeclared`](crate::Seam::undeclared)
    /// gives.
    pub fn is_declared(&self) -> bool {
        self.path != Self::ANY_PATH
    }

    /// Whether the contract documents this status, by itself or through a range.
    ///
    /// ```
    /// # use pivotal_runtime::{Operation, RetryClass};
    /// # let operation = Operation {
    /// #     name: "get_health", method: http::Method::GET, path: "/api/v1/health", summary: "",
    /// #     class: RetryClass::Safe, paged: false, statuses: &["200", "4XX"], constraints: &[],
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

    /// Whether a request path is this operation's template with its parameters filled in.
    ///
    /// A parameter such as `..` changes the path's shape when the URL is made; it no longer matches.
    pub(crate) fn matches_path(&self, path: &str) -> bool {
        if !self.is_declared() {
            return true;
        }
        let mut segments = path.split('/');
        self.path.split('/').all(|expected| match segments.next() {
            Some(actual) if expected.starts_with('{') => !actual.is_empty(),
            actual => actual == Some(expected),
        }) && segments.next().is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operation(path: &'static str) -> Operation {
        Operation {
            name: "get_thing",
            method: http::Method::GET,
            path,
            summary: "",
            class: RetryClass::Safe,
            paged: false,
            statuses: &["200"],
            constraints: &[],
        }
    }

    #[test]
    fn a_path_matches_only_with_every_parameter_in_its_place() {
        let one = operation("/api/v1/customers/{id}");
        assert!(one.matches_path("/api/v1/customers/245"));
        assert!(one.matches_path("/api/v1/customers/a%2Fb"));
        for wrong in [
            "/api/v1/customers/",
            "/api/v1/customers",
            "/api/v1/",
            "/api/v1/onboardings/245",
            "/api/v1/customers/245/contacts",
        ] {
            assert!(!one.matches_path(wrong), "{wrong}");
        }
    }
}
