//! The three validators of an instance: the document, the JSON Schema of the Rust type, serde.

use std::fmt;

use jsonschema::Validator;
use pivotal_openapi::Document;
use pivotal_sdk::schemars::JsonSchema;
use pivotal_sdk::schemars::generate::SchemaSettings;
use pivotal_sdk::transport::Operation;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::spelling::normal;

/// Whether a component is received or sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Response,
    Request,
}

/// A component with its Rust type.
#[derive(Clone, Copy)]
pub(super) struct ComponentType {
    pub(super) component: &'static str,
    pub(super) direction: Direction,
    /// Decoded, and encoded again.
    pub(super) again: fn(&Value) -> Value,
    schema: fn() -> Value,
    serde: fn(&Value, &[&Operation]) -> bool,
}

fn again<T: DeserializeOwned + Serialize>(value: &Value) -> Value {
    let decoded: T = serde_json::from_str(&value.to_string()).unwrap();
    serde_json::to_value(&decoded).unwrap()
}

fn schema<T: JsonSchema>(settings: SchemaSettings) -> Value {
    settings.into_generator().into_root_schema_for::<T>().into()
}

impl ComponentType {
    /// A type that is read: validated by the schema for deserialising, and by whether the value
    /// decodes.
    pub(super) fn response<T: JsonSchema + DeserializeOwned + Serialize>(
        component: &'static str,
    ) -> Self {
        Self {
            component,
            direction: Direction::Response,
            again: again::<T>,
            schema: || schema::<T>(SchemaSettings::draft2020_12().for_deserialize()),
            serde: |value, _| serde_json::from_str::<T>(&value.to_string()).is_ok(),
        }
    }

    /// A type that is written: validated by the schema for serialising, and by whether some value of
    /// the type passes the checks before sending and is then written as exactly this JSON.
    pub(super) fn request<T: JsonSchema + DeserializeOwned + Serialize>(
        component: &'static str,
    ) -> Self {
        Self {
            component,
            direction: Direction::Request,
            again: again::<T>,
            schema: || schema::<T>(SchemaSettings::draft2020_12().for_serialize()),
            serde: |value, operations| {
                let Ok(body) = serde_json::from_str::<T>(&value.to_string()) else {
                    return false;
                };
                let written = serde_json::to_value(&body).unwrap();
                let passes = |operation: &&Operation| operation.check_body(&written).is_ok();
                operations.iter().all(passes) && normal(written.clone()) == normal(value.clone())
            },
        }
    }
}

/// Who accepts an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) document: bool,
    pub(super) schema: bool,
    pub(super) serde: bool,
}

impl Verdict {
    pub(super) fn is_agreed(self) -> bool {
        self.document == self.schema && self.schema == self.serde
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = |accepts| if accepts { "accepts" } else { "refuses" };
        write!(
            f,
            "the document {}, the type's schema {}, serde {}",
            word(self.document),
            word(self.schema),
            word(self.serde)
        )
    }
}

/// The validators of one component.
pub(super) struct Validators<'c> {
    document: Validator,
    schema: Validator,
    serde: fn(&Value, &[&Operation]) -> bool,
    operations: Vec<&'c Operation>,
}

impl<'c> Validators<'c> {
    pub(super) fn new(
        contract: &Document,
        component_type: &ComponentType,
        operations: Vec<&'c Operation>,
    ) -> Self {
        let pointer = format!("/components/schemas/{}", component_type.component);
        Self {
            document: compiled(&contract.json_schema(&pointer)),
            schema: compiled(&(component_type.schema)()),
            serde: component_type.serde,
            operations,
        }
    }

    pub(super) fn validate(&self, value: &Value) -> Verdict {
        Verdict {
            document: self.document.is_valid(value),
            schema: self.schema.is_valid(value),
            serde: (self.serde)(value, &self.operations),
        }
    }
}

fn compiled(schema: &Value) -> Validator {
    jsonschema::draft202012::options()
        .should_validate_formats(true)
        .build(schema)
        .unwrap()
}
