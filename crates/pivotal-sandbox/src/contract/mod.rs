//! The contract, prepared for serving: operations for routing and validation, and values made from
//! schemas.

mod documented;
mod example;
mod operation;

use std::sync::{Arc, LazyLock};

use http::Method;
use pivotal_openapi::Document;
pub use pivotal_openapi::DocumentError as ContractError;
#[cfg(feature = "pages")]
use pivotal_openapi::schema::known_values;
use serde_json::Value;

pub(crate) use example::{blank, example};
pub(crate) use operation::{Location, Operation};

/// The contract of this version of the crate, read once per process.
static SHIPPED: LazyLock<Arc<Contract>> = LazyLock::new(|| {
    let contract = Contract::new(Document::contract().clone(), true);
    Arc::new(contract.expect("the shipped contract is served by this crate's tests"))
});

/// A document, and its operations ready to route and validate by.
#[derive(Debug)]
pub(crate) struct Contract {
    pub(crate) document: Document,
    pub(crate) operations: Vec<Operation>,
    /// Whether to do what the documentation neither states nor shows in an example; see
    /// [`SandboxBuilder::undocumented`](crate::SandboxBuilder::undocumented).
    pub(crate) undocumented: bool,
}

/// The result of routing a method and path.
#[derive(Debug)]
pub(crate) enum Route<'a> {
    /// With the decoded values of the path's parameters.
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

    pub(crate) fn parse(text: &str, undocumented: bool) -> Result<Self, ContractError> {
        Self::new(Document::parse(text)?, undocumented)
    }

    fn new(document: Document, undocumented: bool) -> Result<Self, ContractError> {
        let document = match undocumented {
            true => document,
            false => documented::only_documented(&document)?,
        };
        let operations = operation::read_all(&document)?;
        Ok(Self {
            document,
            operations,
            undocumented,
        })
    }

    pub(crate) fn component(&self, name: &str) -> Result<&Value, ContractError> {
        self.document.schema(name).ok_or_else(|| {
            let pointer = format!("/components/schemas/{name}");
            ContractError::shape(pointer, "the sandbox needs this schema")
        })
    }

    pub(crate) fn operation(&self, id: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.id == id)
    }

    /// The values that the contract lists for a field, in its order.
    #[cfg(feature = "pages")]
    pub(crate) fn values(&self, component: &str, field: &str) -> Vec<&str> {
        let component = self.component(component).unwrap_or(&Value::Null);
        let fields = self.document.properties(component);
        let schema = fields.get(field).copied().unwrap_or(&Value::Null);
        known_values(schema).filter_map(Value::as_str).collect()
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
            let Some(values) = operation.matches(path) else {
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
