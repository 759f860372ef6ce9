//! The operations of a document, as read-only views of it.

use serde_json::Value;

use crate::document::{Document, METHODS};
use crate::path::child;
use crate::schema::Schema;

/// The media type that is preferred where several are documented.
const JSON: &str = "application/json";

/// One operation.
#[derive(Clone, Debug)]
pub struct Operation<'d> {
    /// Its operationId: `create-customer`.
    pub id: &'d str,
    /// The HTTP method: `POST`.
    pub method: &'static str,
    /// The path template: `/api/v1/customers/{id}`.
    pub path: &'d str,
    /// Where it stands in the document, as a JSON pointer.
    pub pointer: String,
    /// The operation object.
    pub value: &'d Value,
    document: &'d Document,
    item: String,
}

/// A parameter of an operation.
#[derive(Clone, Debug)]
pub struct Parameter<'d> {
    /// Its name.
    pub name: &'d str,
    /// Where it stands, after following references.
    pub pointer: String,
    /// Where it is sent: `path`, `query`, `header` or `cookie`.
    pub location: &'d str,
    /// Whether it must be sent.
    pub required: bool,
    /// What it may be.
    pub schema: Schema<'d>,
}

/// The request body of an operation.
#[derive(Clone, Debug)]
pub struct Body<'d> {
    /// Whether it must be sent.
    pub required: bool,
    /// What it holds.
    pub content: Content<'d>,
}

/// A body of a request or response: JSON if that is documented, else the first media type listed.
#[derive(Clone, Debug)]
pub struct Content<'d> {
    /// The media type: `application/json`.
    pub media_type: &'d str,
    /// What it may be.
    pub schema: Schema<'d>,
    /// The documented examples of this body; those of its schema are not among them.
    pub examples: Vec<&'d Value>,
}

/// What an operation documents for a status or a range of them.
#[derive(Clone, Debug)]
pub struct Response<'d> {
    /// As documented: `201`, `4XX`, `default`.
    pub status: &'d str,
    /// Where it stands, after following references.
    pub pointer: String,
    document: &'d Document,
}

/// A documented response header.
#[derive(Clone, Debug)]
pub struct Header<'d> {
    /// Its name, as documented.
    pub name: &'d str,
    /// Where it stands, after following references.
    pub pointer: String,
    /// Whether it is always sent.
    pub required: bool,
    /// What it may be.
    pub schema: Schema<'d>,
}

impl Document {
    /// Every operation, in the order of the document.
    pub fn operations(&self) -> impl Iterator<Item = Operation<'_>> {
        self.members("/paths").flat_map(move |(path, _)| {
            let item = self.resolve_pointer(child("/paths", path));
            METHODS.into_iter().filter_map(move |(name, method)| {
                let pointer = child(&item, name);
                let value = self.get(&pointer)?;
                Some(Operation {
                    id: value["operationId"].as_str()?,
                    method,
                    path,
                    pointer,
                    value,
                    document: self,
                    item: item.clone(),
                })
            })
        })
    }

    /// The operation with this operationId (`create-customer`) or Rust name (`create_customer`).
    pub fn operation(&self, name: &str) -> Option<Operation<'_>> {
        self.operations()
            .find(|operation| operation.id == name || operation.name() == name)
    }
}

impl<'d> Operation<'d> {
    /// The name of its Rust method: `create_customer`.
    pub fn name(&self) -> String {
        self.id.replace('-', "_")
    }

    /// Its first tag.
    pub fn tag(&self) -> Option<&'d str> {
        self.value["tags"][0].as_str()
    }

    /// Its parameters, then those of its path that it does not override.
    pub fn parameters(&self) -> Vec<Parameter<'d>> {
        let mut found: Vec<Parameter<'d>> = Vec::new();
        for holder in [&self.pointer, &self.item] {
            let list = child(holder, "parameters");
            let count = self.document.get(&list).and_then(Value::as_array);
            for index in 0..count.map_or(0, Vec::len) {
                let pointer = child(&list, &index.to_string());
                found.extend(self.parameter_at(pointer).filter(|new| {
                    let same = |known: &Parameter<'_>| {
                        (known.name, known.location) == (new.name, new.location)
                    };
                    !found.iter().any(same)
                }));
            }
        }
        found
    }

    fn parameter_at(&self, pointer: String) -> Option<Parameter<'d>> {
        let pointer = self.document.resolve_pointer(pointer);
        let value = self.document.get(&pointer)?;
        Some(Parameter {
            name: value["name"].as_str()?,
            location: value["in"].as_str()?,
            required: value["required"].as_bool().unwrap_or_default(),
            schema: Schema::of(self.document, &pointer),
            pointer,
        })
    }

    /// The parameter with this name in a `path`, `query` or `header`.
    pub fn parameter(&self, location: &str, name: &str) -> Option<Parameter<'d>> {
        let mut parameters = self.parameters().into_iter();
        parameters.find(|parameter| parameter.location == location && parameter.name == name)
    }

    /// The request body, if it takes one.
    pub fn body(&self) -> Option<Body<'d>> {
        let pointer = self
            .document
            .resolve_pointer(child(&self.pointer, "requestBody"));
        let value = self.document.get(&pointer)?;
        Some(Body {
            required: value["required"].as_bool().unwrap_or_default(),
            content: content(self.document, &pointer)?,
        })
    }

    /// Every documented response, in the order of the document.
    pub fn responses(&self) -> impl Iterator<Item = Response<'d>> + use<'d> {
        let (document, responses) = (self.document, child(&self.pointer, "responses"));
        document
            .members(&responses)
            .map(move |(status, _)| Response {
                status,
                pointer: document.resolve_pointer(child(&responses, status)),
                document,
            })
    }

    /// What is documented for a status: under the status itself, else its class (`4XX`), else
    /// `default`.
    pub fn response(&self, status: u16) -> Option<Response<'d>> {
        let class = format!("{}XX", status / 100);
        [&status.to_string(), &class, "default"]
            .iter()
            .find_map(|wanted| self.responses().find(|known| *known.status == **wanted))
    }

    /// The response with the lowest documented 2xx status.
    pub fn success(&self) -> Option<Response<'d>> {
        let successes = self.responses().filter(Response::is_success);
        successes.min_by_key(|response| response.status)
    }

    /// Whether it needs a credential: its `security`, else the document's, lists only schemes.
    pub fn is_authenticated(&self) -> bool {
        let security = self.value.get("security");
        let security = security.or_else(|| self.document.get("/security"));
        let schemes = security.and_then(Value::as_array);
        // An empty list, or an empty entry in it, allows requests without a credential.
        schemes.is_some_and(|schemes| {
            let names = |scheme: &Value| scheme.as_object().is_none_or(|names| !names.is_empty());
            !schemes.is_empty() && schemes.iter().all(names)
        })
    }
}

impl<'d> Response<'d> {
    /// Whether its status is a 2xx.
    pub fn is_success(&self) -> bool {
        self.status.starts_with('2')
    }

    /// The documented headers.
    pub fn headers(&self) -> impl Iterator<Item = Header<'d>> + use<'d> {
        let (document, headers) = (self.document, child(&self.pointer, "headers"));
        document.members(&headers).map(move |(name, _)| {
            let pointer = document.resolve_pointer(child(&headers, name));
            let required = document.get(&pointer).map(|header| &header["required"]);
            Header {
                name,
                required: required.and_then(Value::as_bool).unwrap_or_default(),
                schema: Schema::of(document, &pointer),
                pointer,
            }
        })
    }

    /// The body, if one is documented.
    pub fn content(&self) -> Option<Content<'d>> {
        content(self.document, &self.pointer)
    }
}

/// The content of a body or response.
fn content<'d>(document: &'d Document, holder: &str) -> Option<Content<'d>> {
    let pointer = child(holder, "content");
    let (media_type, value) = document
        .members(&pointer)
        .find(|(media_type, _)| *media_type == JSON)
        .or_else(|| document.members(&pointer).next())?;
    let named = value["examples"].as_object().into_iter().flatten();
    let named = named.filter_map(|(_, example)| document.resolve(example).get("value"));
    Some(Content {
        media_type,
        schema: Schema::of(document, &child(&pointer, media_type)),
        examples: value.get("example").into_iter().chain(named).collect(),
    })
}
