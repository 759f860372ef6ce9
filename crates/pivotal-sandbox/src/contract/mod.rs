//! The contract, read for serving: its operations, and the schemas that validation and answers
//! follow.

mod example;
mod operation;
mod path;
mod schema;

use std::sync::{Arc, LazyLock};

use http::Method;
use serde_json::Value;

pub(crate) use example::example;
pub(crate) use operation::{Location, Operation};
pub(crate) use schema::{blank, properties, required, resolve, types};

/// The contract of this version of the crate, read once per process.
static SHIPPED: LazyLock<Arc<Contract>> = LazyLock::new(|| {
    Arc::new(
        Contract::parse(pivotal_openapi::CONTRACT)
            .expect("the shipped contract is served by this crate's tests"),
    )
});

/// A document that the sandbox cannot serve.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ContractError {
    /// The text is not JSON.
    #[error("the contract is not JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// A `$ref` points at nothing, at itself, or out of the document.
    #[error(
        "{pointer}: the reference `{reference}` cannot be followed; it must name a place in the same document"
    )]
    Reference {
        /// Where the reference stands, as a JSON pointer.
        pointer: String,
        /// The reference as written.
        reference: String,
    },
    /// Something that the sandbox needs is not there or has the wrong shape.
    #[error("{pointer}: {problem}")]
    Shape {
        /// The place, as a JSON pointer.
        pointer: String,
        /// What is wrong with it.
        problem: String,
    },
}

/// An OpenAPI 3.1 document in the dialect of `openapi/pivotal.json`, ready to route and validate
/// by.
#[derive(Debug)]
pub(crate) struct Contract {
    document: Value,
    operations: Vec<Operation>,
}

/// What the contract has at a method and path.
#[derive(Debug)]
pub(crate) enum Route<'a> {
    Operation(&'a Operation, Vec<(&'a str, String)>),
    /// The path exists, the method does not; these do.
    WrongMethod(Vec<Method>),
    UnknownPath,
}

impl Contract {
    /// The contract of this version of the crate.
    pub(crate) fn shipped() -> Arc<Self> {
        Arc::clone(&SHIPPED)
    }

    /// Reads a contract.
    pub(crate) fn parse(text: &str) -> Result<Self, ContractError> {
        let document: Value = serde_json::from_str(text)?;
        schema::check_references(&document)?;
        let operations = operation::read_all(&document)?;
        Ok(Self {
            document,
            operations,
        })
    }

    pub(crate) fn document(&self) -> &Value {
        &self.document
    }

    /// The component schema of this name.
    pub(crate) fn component(&self, name: &str) -> Result<&Value, ContractError> {
        let pointer = format!("/components/schemas/{name}");
        self.document
            .pointer(&pointer)
            .map(|schema| resolve(&self.document, schema))
            .ok_or_else(|| ContractError::Shape {
                pointer,
                problem: "the sandbox needs this schema".to_owned(),
            })
    }

    /// The operation with this id.
    pub(crate) fn operation(&self, id: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.id == id)
    }

    /// Finds the operation for a request. `HEAD` is served wherever `GET` is.
    pub(crate) fn route(&self, method: &Method, path: &str) -> Route<'_> {
        let wanted = if *method == Method::HEAD {
            &Method::GET
        } else {
            method
        };
        let mut allowed = Vec::new();
        for operation in &self.operations {
            let Some(values) = operation.path.matches(path) else {
                continue;
            };
            if operation.method == wanted {
                return Route::Operation(operation, values);
            }
            allowed.push(operation.method.clone());
            if operation.method == Method::GET {
                allowed.push(Method::HEAD);
            }
        }
        if allowed.is_empty() {
            Route::UnknownPath
        } else {
            Route::WrongMethod(allowed)
        }
    }
}
