//! What is checked before a request is sent.

use std::fmt::Display;

use pivotal_runtime::{Id, Location, Operation, Violation};
use serde::Serialize;

use crate::call::Page;
use crate::error::{Error, Result};

/// Checks the parameters of one operation against its entry in the operation table.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    operation: &'static Operation,
}

impl Check {
    pub(crate) fn new(operation: &'static Operation) -> Self {
        Self { operation }
    }

    /// An id that fills one segment of the path.
    pub(crate) fn id<R>(self, parameter: &'static str, id: &Id<R>) -> Result<()> {
        id.check().map_err(|invalid| {
            Error::invalid_request(
                self.operation,
                parameter,
                "invalid_string",
                invalid.to_string(),
            )
        })?;
        self.limits(Location::Path, parameter, id.as_str())
    }

    /// A parameter of the query, when it is given.
    pub(crate) fn query(self, parameter: &'static str, value: Option<impl Display>) -> Result<()> {
        match value {
            Some(value) => self.limits(Location::Query, parameter, &value.to_string()),
            None => Ok(()),
        }
    }

    /// The parameters of a page.
    pub(crate) fn page(self, page: &Page) -> Result<()> {
        self.query("cursor", page.cursor.as_ref())?;
        self.query("limit", page.limit)
    }

    /// The body, which is written out only when the contract limits something in it.
    pub(crate) fn body(self, body: &impl Serialize) -> Result<()> {
        if !self.operation.limits_body() {
            return Ok(());
        }
        let body = serde_json::to_value(body).map_err(|error| {
            Error::invalid_request(self.operation, "body", "invalid_type", error.to_string())
        })?;
        self.operation
            .check_body(&body)
            .map_err(|violation| self.refuse(&violation))
    }

    fn limits(self, location: Location, name: &str, text: &str) -> Result<()> {
        self.operation
            .check_parameter(location, name, text)
            .map_err(|violation| self.refuse(&violation))
    }

    fn refuse(self, violation: &Violation) -> Error {
        Error::invalid_request(
            self.operation,
            violation.field(),
            violation.code(),
            violation.to_string(),
        )
    }
}
