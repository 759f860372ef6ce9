//! The contract, taken apart once so that an exchange is checked without searching it.

mod document;
mod schema;
mod shape;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use pivotal_sdk::Exchange;
use serde_json::{Map, Value};

pub(crate) use document::{Document, child};
pub(crate) use schema::{Fault, Schema};

static SHIPPED: LazyLock<Arc<Contract>> = LazyLock::new(|| {
    let document = serde_json::from_str(pivotal_openapi::CONTRACT);
    Arc::new(Contract::new(document.expect("the contract is JSON")))
});

/// The operations of one document.
#[derive(Debug)]
pub(crate) struct Contract {
    pub(crate) document: Arc<Document>,
    pub(crate) operations: Vec<Operation>,
}

/// One operation and all that is said of its requests and answers.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) id: String,
    /// What the operation table of the SDK calls it.
    name: String,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) pointer: String,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) body: Option<Arc<Schema>>,
    pub(crate) answers: Vec<Answer>,
}

/// One parameter.
#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    /// `path`, `query` or `header`.
    pub(crate) location: String,
    pub(crate) schema: Arc<Schema>,
}

/// What one status, or a range of them, answers with.
#[derive(Debug)]
pub(crate) struct Answer {
    /// As documented: `201`, `4XX`.
    pub(crate) status: String,
    pub(crate) pointer: String,
    pub(crate) headers: Vec<Header>,
    /// Its media type and schema.
    pub(crate) content: Option<(String, Arc<Schema>)>,
}

/// One documented header.
#[derive(Debug)]
pub(crate) struct Header {
    pub(crate) name: String,
    pub(crate) pointer: String,
    pub(crate) required: bool,
    pub(crate) schema: Arc<Schema>,
}

impl Contract {
    /// The one that this version was made from.
    pub(crate) fn shipped() -> Arc<Self> {
        Arc::clone(&SHIPPED)
    }

    pub(crate) fn new(document: Value) -> Self {
        let document = Arc::new(Document::new(document));
        let mut reader = Reader {
            document: Arc::clone(&document),
            schemas: HashMap::new(),
        };
        let operations = reader.operations();
        Self {
            document,
            operations,
        }
    }

    /// The operation that an exchange was about; `None` for what the contract does not have.
    pub(crate) fn operation_of(&self, exchange: &Exchange, path: &str) -> Option<&Operation> {
        let asked = exchange.operation;
        if asked.is_declared() {
            return self.operation(asked.name);
        }
        self.operations
            .iter()
            .filter(|operation| operation.method == asked.method.as_str())
            .filter(|operation| operation.ends(path))
            .min_by_key(|operation| operation.path.matches('{').count())
    }

    /// The operation with this operationId, or with this name in the SDK's table.
    pub(crate) fn operation(&self, name: &str) -> Option<&Operation> {
        let mut operations = self.operations.iter();
        operations.find(|operation| operation.id == name || operation.name == name)
    }
}

impl Operation {
    /// What is documented for a status: by itself, else for its class, else for all.
    pub(crate) fn answer(&self, status: u16) -> Option<&Answer> {
        let class = format!("{}XX", status / 100);
        [&status.to_string(), &class, "default"]
            .iter()
            .find_map(|wanted| self.answers.iter().find(|answer| answer.status == **wanted))
    }

    /// What it answers when all is well.
    pub(crate) fn success(&self) -> Option<&Answer> {
        self.answers
            .iter()
            .find(|answer| answer.status.starts_with('2'))
    }

    pub(crate) fn parameter(&self, location: &str, name: &str) -> Option<&Parameter> {
        let mut parameters = self.parameters.iter();
        parameters.find(|parameter| parameter.location == location && parameter.name == name)
    }

    /// Whether a path, behind the prefix of some base URL, is this operation's.
    fn ends(&self, path: &str) -> bool {
        let mut given = path.rsplit('/');
        self.path
            .trim_start_matches('/')
            .rsplit('/')
            .all(|template| match given.next() {
                Some(segment) if template.starts_with('{') => !segment.is_empty(),
                segment => segment == Some(template),
            })
    }
}

/// Reads operations; one schema of the document is one value, wherever it is referred to.
struct Reader {
    document: Arc<Document>,
    schemas: HashMap<String, Arc<Schema>>,
}

impl Reader {
    fn operations(&mut self) -> Vec<Operation> {
        let document = Arc::clone(&self.document);
        let mut operations = Vec::new();
        for (path, item) in members(document.at("/paths")) {
            for (method, operation) in members(Some(item)) {
                let Some(id) = operation["operationId"].as_str() else {
                    continue;
                };
                let pointer = child(&child("/paths", path), method);
                operations.push(Operation {
                    id: id.to_owned(),
                    name: pivotal_openapi::operation(id)
                        .map_or_else(|| id.replace('-', "_"), |known| known.name.to_owned()),
                    method: method.to_uppercase(),
                    path: path.clone(),
                    parameters: self.parameters(&child(&pointer, "parameters")),
                    body: self
                        .content(&child(&pointer, "requestBody"))
                        .map(|(_, s)| s),
                    answers: self.answers(&child(&pointer, "responses")),
                    pointer,
                });
            }
        }
        operations
    }

    fn parameters(&mut self, list: &str) -> Vec<Parameter> {
        let document = Arc::clone(&self.document);
        let count = document
            .at(list)
            .and_then(Value::as_array)
            .map_or(0, Vec::len);
        (0..count)
            .filter_map(|index| {
                let pointer = document.resolved(&child(list, &index.to_string()));
                let parameter = document.at(&pointer)?;
                Some(Parameter {
                    name: parameter["name"].as_str()?.to_owned(),
                    location: parameter["in"].as_str()?.to_owned(),
                    schema: self.schema(&child(&pointer, "schema")),
                })
            })
            .collect()
    }

    fn answers(&mut self, responses: &str) -> Vec<Answer> {
        let document = Arc::clone(&self.document);
        members(document.at(responses))
            .map(|(status, _)| {
                let pointer = document.resolved(&child(responses, status));
                Answer {
                    status: status.clone(),
                    headers: self.headers(&child(&pointer, "headers")),
                    content: self.content(&pointer),
                    pointer,
                }
            })
            .collect()
    }

    fn headers(&mut self, headers: &str) -> Vec<Header> {
        let document = Arc::clone(&self.document);
        members(document.at(headers))
            .map(|(name, _)| {
                let pointer = document.resolved(&child(headers, name));
                let required = document
                    .at(&pointer)
                    .and_then(|header| header["required"].as_bool());
                Header {
                    name: name.clone(),
                    required: required.unwrap_or_default(),
                    schema: self.schema(&child(&pointer, "schema")),
                    pointer,
                }
            })
            .collect()
    }

    /// The first media type and its schema.
    fn content(&mut self, holder: &str) -> Option<(String, Arc<Schema>)> {
        let document = Arc::clone(&self.document);
        let content = child(&document.resolved(holder), "content");
        let (media, _) = members(document.at(&content)).next()?;
        let schema = child(&child(&content, media), "schema");
        Some((media.clone(), self.schema(&schema)))
    }

    fn schema(&mut self, pointer: &str) -> Arc<Schema> {
        let pointer = self.document.resolved(pointer);
        let schema = self.schemas.entry(pointer).or_insert_with_key(|pointer| {
            let document = Arc::clone(&self.document);
            Arc::new(Schema::new(document, pointer.clone()))
        });
        Arc::clone(schema)
    }
}

/// The entries of an object; none when it is something else.
fn members(value: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    value
        .and_then(Value::as_object)
        .into_iter()
        .flat_map(Map::iter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_what_is_documented_for_it_most_closely() {
        let contract = Contract::shipped();
        let create = contract.operation("create-customer").unwrap();
        let documented = |status| create.answer(status).map(|answer| answer.status.as_str());
        assert_eq!(documented(201), Some("201"));
        assert_eq!(documented(409), Some("409"));
        assert_eq!(documented(415), Some("4XX"));
        assert_eq!(documented(503), None);
    }

    #[test]
    fn a_path_is_an_operation_s_behind_any_prefix() {
        let contract = Contract::shipped();
        let get = contract.operation("get-customer").unwrap();
        for (path, is) in [
            ("/api/v1/customers/245", true),
            ("/proxy/pivotal/api/v1/customers/245", true),
            ("/api/v1/customers/", false),
            ("/api/v1/customers", false),
            ("/api/v1/customers/245/contacts", false),
            ("/v1/customers/245", false),
        ] {
            assert_eq!(get.ends(path), is, "{path}");
        }
    }

    #[test]
    fn every_schema_of_the_contract_compiles() {
        let contract = Contract::shipped();
        for operation in &contract.operations {
            let answers = operation.answers.iter();
            let schemas = answers
                .flat_map(|answer| {
                    let headers = answer.headers.iter().map(|header| &header.schema);
                    headers.chain(answer.content.as_ref().map(|(_, schema)| schema))
                })
                .chain(&operation.body)
                .chain(
                    operation
                        .parameters
                        .iter()
                        .map(|parameter| &parameter.schema),
                );
            for schema in schemas {
                assert!(schema.compiles(), "{}", schema.pointer);
            }
        }
    }
}
