//! One schema of the contract, compiled when it is first needed.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, Validator};
use serde_json::Value;

use super::document::{Document, child};
use crate::shown;

/// How many errors of one value are looked at. A list of rows that are all wrong in one way has as
/// many.
const ERRORS: usize = 1_000;

pub(crate) struct Schema {
    document: Arc<Document>,
    pub(crate) pointer: String,
    compiled: OnceLock<Option<Validator>>,
}

/// One rule that a value breaks.
#[derive(Debug)]
pub(crate) struct Fault {
    /// Where in the value, a JSON pointer: the first such place.
    pub(crate) place: String,
    /// The rule, a JSON pointer into the contract.
    pub(crate) rule: String,
    pub(crate) message: String,
    /// How many places break it.
    pub(crate) count: usize,
}

impl Schema {
    pub(super) fn new(document: Arc<Document>, pointer: String) -> Self {
        Self {
            document,
            pointer,
            compiled: OnceLock::new(),
        }
    }

    /// What the schema finds in a value, each rule once. Values that an enum does not list are no
    /// faults: [`additions`](crate::check) names them.
    pub(crate) fn faults(&self, value: &Value) -> Vec<Fault> {
        let compiled = self.compiled.get_or_init(|| self.compile());
        let Some(compiled) = compiled else {
            return Vec::new();
        };
        let mut faults: BTreeMap<String, Fault> = BTreeMap::new();
        for error in compiled.iter_errors(value).take(ERRORS) {
            if is_newer_value(&error) {
                continue;
            }
            let rule = self.rule(&error);
            if let Some(fault) = faults.get_mut(&rule) {
                fault.count += 1;
                continue;
            }
            let fault = Fault {
                place: shown::pointer(error.instance_path().as_str()),
                message: message(&error),
                count: 1,
                rule: rule.clone(),
            };
            faults.insert(rule, fault);
        }
        faults.into_values().collect()
    }

    #[cfg(test)]
    pub(super) fn compiles(&self) -> bool {
        self.compile().is_some()
    }

    fn compile(&self) -> Option<Validator> {
        jsonschema::options()
            .should_validate_formats(true)
            .build(&self.document.json_schema(&self.pointer))
            .inspect_err(|error| {
                tracing::warn!(pointer = self.pointer, %error, "a schema of the contract cannot be used");
            })
            .ok()
    }

    /// The rule in the contract. A key that is missing is told by its property, where its evidence
    /// stands.
    fn rule(&self, error: &ValidationError<'_>) -> String {
        let rule = error.schema_path().as_str();
        if let ValidationErrorKind::Required { property } = error.kind()
            && let (Some(schema), Some(name)) = (rule.strip_suffix("/required"), property.as_str())
        {
            let property = child(&format!("{schema}/properties"), name);
            if self.document.at(&property).is_some() {
                return property;
            }
        }
        rule.to_owned()
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Schema").field(&self.pointer).finish()
    }
}

/// Enums of several texts are open: the vendor may add to them. One with a single value is a
/// marker.
fn is_newer_value(error: &ValidationError<'_>) -> bool {
    match error.kind() {
        ValidationErrorKind::Enum { options } => {
            error.instance().is_string() && options.as_array().is_some_and(|all| all.len() > 1)
        }
        _ => false,
    }
}

/// What is wrong, without the value.
fn message(error: &ValidationError<'_>) -> String {
    match error.kind() {
        ValidationErrorKind::Required { property } => {
            format!("the key {property} is missing")
        }
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
            format!("{} keys that the schema does not allow", unexpected.len())
        }
        _ => format!(
            "{}, it is {}",
            error.masked_with("the value"),
            shown::shape(error.instance())
        ),
    }
}
