//! The contract as the checks need it: operations, schemas compiled once, and evidence.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock, OnceLock, PoisonError, RwLock};

use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, Validator};
use pivotal_openapi::path::{child, matches_end};
use pivotal_openapi::schema::{is_nullable, known_values};
use pivotal_openapi::{Document, Operation};
use pivotal_sdk::transport::Exchange;
use serde::Deserialize;
use serde_json::Value;

use crate::finding::{Evidence, Violation, ViolationKind};
use crate::shown;

/// How many errors of one value are looked at. A list of rows that are all wrong in one way has as
/// many.
const ERRORS: usize = 1_000;

/// Keywords whose schemas all describe the same value.
const COMPOSITION: [&str; 3] = ["allOf", "anyOf", "oneOf"];

static SHIPPED: LazyLock<Contract> = LazyLock::new(|| Contract::new(Document::contract()));

/// A document and its schemas, each compiled when it is first needed.
pub(crate) struct Contract {
    pub(crate) document: &'static Document,
    schemas: RwLock<HashMap<String, Arc<Schema>>>,
}

impl Contract {
    /// The contract that this version was made from.
    pub(crate) fn shipped() -> &'static Self {
        &SHIPPED
    }

    pub(crate) fn new(document: &'static Document) -> Self {
        Self {
            document,
            schemas: RwLock::default(),
        }
    }

    /// The operation that an exchange belongs to; `None` for one outside the contract. The path may
    /// stand behind the prefix of a base URL.
    pub(crate) fn operation_of(
        &self,
        exchange: &Exchange,
        path: &str,
    ) -> Option<Operation<'static>> {
        let called = exchange.operation;
        if called.is_declared() {
            return self.document.operation(called.name);
        }
        self.document
            .operations()
            .filter(|operation| operation.method == called.method.as_str())
            .filter(|operation| matches_end(operation.path, path))
            .min_by_key(|operation| operation.path.matches('{').count())
    }

    /// The schema at a pointer, after following references.
    pub(crate) fn schema(&self, pointer: &str) -> Arc<Schema> {
        let schemas = self.schemas.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(schema) = schemas.get(pointer) {
            return Arc::clone(schema);
        }
        drop(schemas);
        let schema = Arc::new(Schema::new(self.document, pointer));
        let mut schemas = self.schemas.write().unwrap_or_else(PoisonError::into_inner);
        schemas.insert(pointer.to_owned(), Arc::clone(&schema));
        schema
    }

    /// A violation of a rule, whose evidence and source are looked up.
    pub(crate) fn violation(
        &self,
        operation: &Operation<'_>,
        status: u16,
        kind: ViolationKind,
        place: &str,
        rule: String,
        message: String,
    ) -> Violation {
        let evidence = self.evidence(&rule);
        Violation {
            operation: operation.id.to_owned(),
            status,
            kind,
            source: evidence.source(),
            evidence,
            place: place.to_owned(),
            rule,
            count: 1,
            message,
        }
    }

    /// How the fact at a place is known: by the mark of the nearest place around it. A fact without
    /// a mark is stated.
    pub(crate) fn evidence(&self, pointer: &str) -> Evidence {
        let ends = pointer.match_indices('/').map(|(index, _)| index);
        let places = ends.skip(1).chain([pointer.len()]);
        let marks = places.filter_map(|end| {
            let place = self.document.get(&pointer[..end])?;
            Evidence::deserialize(place.get("x-evidence")?).ok()
        });
        marks.last().unwrap_or(Evidence::Stated)
    }
}

/// One schema, with the parts that it declares itself or through composition.
pub(crate) struct Schema {
    document: &'static Document,
    /// Where it stands, after following references.
    pub(crate) pointer: String,
    /// Properties by name, each with the pointer to its schema.
    pub(crate) properties: BTreeMap<String, String>,
    /// The pointer to the schema of items.
    pub(crate) items: Option<String>,
    /// The strings that an enum lists, as all there are or as those known so far.
    pub(crate) strings: Vec<String>,
    /// Whether it may be null.
    pub(crate) nullable: bool,
    validator: OnceLock<Option<Validator>>,
}

/// One rule that a value breaks.
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
    fn new(document: &'static Document, pointer: &str) -> Self {
        let mut schema = Self {
            document,
            pointer: document.resolve_pointer(pointer.to_owned()),
            properties: BTreeMap::new(),
            items: None,
            strings: Vec::new(),
            nullable: false,
            validator: OnceLock::new(),
        };
        schema.collect(pointer.to_owned());
        schema
    }

    /// Ends, because a document in which a schema is composed of itself is refused.
    fn collect(&mut self, pointer: String) {
        let pointer = self.document.resolve_pointer(pointer);
        let Some(schema) = self.document.get(&pointer) else {
            return;
        };
        for (name, _) in schema["properties"].as_object().into_iter().flatten() {
            let property = child(&child(&pointer, "properties"), name);
            self.properties.entry(name.clone()).or_insert(property);
        }
        if self.items.is_none() && schema.get("items").is_some() {
            self.items = Some(child(&pointer, "items"));
        }
        let strings = known_values(schema).filter_map(Value::as_str);
        self.strings.extend(strings.map(str::to_owned));
        self.nullable |= is_nullable(schema);
        for keyword in COMPOSITION {
            for index in 0..schema[keyword].as_array().map_or(0, Vec::len) {
                self.collect(format!("{pointer}/{keyword}/{index}"));
            }
        }
    }

    /// The parts of a value of this schema: each with its schema's pointer, and its name in an
    /// object.
    pub(crate) fn parts<'a>(
        &'a self,
        value: &'a Value,
    ) -> impl Iterator<Item = (Option<&'a str>, &'a str, &'a Value)> {
        let items = value.as_array().into_iter().flatten();
        let items = items.filter_map(|item| Some((None, self.items.as_deref()?, item)));
        let members = value.as_object().into_iter().flatten();
        let members = members.filter_map(|(name, value)| {
            let schema = self.properties.get(name)?;
            Some((Some(name.as_str()), schema.as_str(), value))
        });
        items.chain(members)
    }

    /// What the schema finds in a value, each rule once. A value that an enum does not list is no
    /// fault but an [addition](crate::check).
    pub(crate) fn faults(&self, value: &Value) -> Vec<Fault> {
        let validator = self.validator.get_or_init(|| self.compile());
        let Some(validator) = validator else {
            return Vec::new();
        };
        let mut faults: BTreeMap<String, Fault> = BTreeMap::new();
        for error in validator.iter_errors(value).take(ERRORS) {
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

    fn compile(&self) -> Option<Validator> {
        jsonschema::options()
            .should_validate_formats(true)
            .build(&self.document.json_schema(&self.pointer))
            .inspect_err(|error| {
                tracing::warn!(pointer = self.pointer, %error, "a schema of the contract cannot be used");
            })
            .ok()
    }

    /// The rule in the contract. A missing key is reported at its property, which carries the
    /// evidence.
    fn rule(&self, error: &ValidationError<'_>) -> String {
        let rule = error.schema_path().as_str();
        if let ValidationErrorKind::Required { property } = error.kind()
            && let (Some(schema), Some(name)) = (rule.strip_suffix("/required"), property.as_str())
        {
            let property = child(&format!("{schema}/properties"), name);
            if self.document.get(&property).is_some() {
                return property;
            }
        }
        rule.to_owned()
    }
}

/// An enum of several strings is open: the vendor may add to it. One with a single value is a
/// marker.
fn is_newer_value(error: &ValidationError<'_>) -> bool {
    let ValidationErrorKind::Enum { options } = error.kind() else {
        return false;
    };
    error.instance().is_string() && options.as_array().is_some_and(|all| all.len() > 1)
}

/// What is wrong, without the value.
fn message(error: &ValidationError<'_>) -> String {
    match error.kind() {
        ValidationErrorKind::Required { property } => {
            format!("the key {property} is missing")
        }
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
            let keys = shown::counted(unexpected.len(), "key");
            format!("{keys} that the schema does not allow")
        }
        _ => format!(
            "{}, it is {}",
            error.masked_with("the value"),
            shown::shape(error.instance())
        ),
    }
}
