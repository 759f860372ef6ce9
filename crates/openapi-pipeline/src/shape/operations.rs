//! Operations as progenitor takes them: one body, one success response, uniform errors.

use std::collections::{BTreeMap, BTreeSet};

use heck::ToSnakeCase;
use serde_json::{Map, Value, json};

use super::content::{self, Content, Responses};
use super::hoist::Hoister;
use super::parameters::{self, CURSOR, Parameters};
use super::schema::{Components, rename_references, text};
use super::{
    Constraint, Location, Operation, Payload, ResponseObject, RetryClass, Type, constraints,
};
use crate::keywords::Kind;
use crate::naming::{self, rule::Endpoint, rule::type_name};
use crate::{Pointer, Problem, Problems};

/// An operation with every reference but those to schemas resolved.
pub(super) struct Draft {
    pub(super) endpoint: Endpoint,
    pub(super) name: String,
    source: Value,
    authenticated: bool,
    parameters: Parameters,
    body: Option<Content>,
    responses: Responses,
}

/// Reads every operation. What the generator cannot express is a problem.
pub(super) fn read(document: &Value, problems: &mut Problems) -> Vec<Draft> {
    naming::endpoints(document)
        .into_iter()
        .filter_map(|endpoint| {
            let place = naming::pointer_to(&endpoint);
            let source = document.pointer(place.as_str())?.clone();
            check_endpoint(&endpoint, &place, problems);
            Some(Draft {
                name: text(&source, "operationId")
                    .unwrap_or_default()
                    .to_snake_case(),
                authenticated: authenticated(document, &source),
                parameters: parameters::read(document, &endpoint, &place, &source, problems),
                body: content::body(document, &place, &source, problems),
                responses: content::responses(
                    document,
                    &endpoint.method,
                    &place,
                    &source,
                    problems,
                ),
                endpoint,
                source,
            })
        })
        .collect()
}

/// Whether credentials go with the operation. They are left out only where the document
/// requires none, for this operation or for all: a document without requirements is more likely to
/// be incomplete than to describe an open server.
fn authenticated(document: &Value, source: &Value) -> bool {
    let security = source.get("security").or_else(|| document.get("security"));
    let alternatives = security.and_then(Value::as_array);
    alternatives.is_none_or(|alternatives| {
        let mut schemes = alternatives.iter().filter_map(Value::as_object);
        schemes.any(|schemes| !schemes.is_empty())
    })
}

fn check_endpoint(endpoint: &Endpoint, place: &Pointer, problems: &mut Problems) {
    let Endpoint { path, method } = endpoint;
    if matches!(method.as_str(), "options" | "trace") {
        let found = format!("the method {}", method.to_ascii_uppercase());
        let problem = Problem::new(place, found, "the HTTP client has no such method");
        problems.push(problem.with_removal());
    }
    // What a parameter leaves of a path: `/a/{b}` is `/a/` and nothing after it.
    let fixed = path.split('{').enumerate().map(|(index, part)| {
        if index == 0 {
            Some(part)
        } else {
            part.split_once('}')
                .filter(|(name, _)| !name.is_empty())
                .map(|(_, rest)| rest)
        }
    });
    let well_formed = path.starts_with('/')
        && fixed
            .into_iter()
            .all(|part| part.is_some_and(|part| !part.contains(['}', '?', '#'])));
    if !well_formed {
        let problem = Problem::new(
            place,
            format!("the path {path}"),
            "a path starts with `/`, has its parameters in `{}` and holds neither query nor fragment",
        );
        problems.push(problem.with_removal());
    }
}

fn payload(content: Option<&Content>) -> Payload {
    content.map_or(Payload::Empty, Content::payload)
}

impl Draft {
    /// The components that the request mentions.
    pub(super) fn add_request_types(&self, found: &mut BTreeSet<String>) {
        for (_, parameter) in &self.parameters.listed {
            if let Some(schema) = parameter.get("schema") {
                super::schema::mentioned(schema, found);
            }
        }
        if let Some(body) = &self.body {
            body.mentioned(found);
        }
    }

    /// The components that the response mentions.
    pub(super) fn add_response_types(&self, found: &mut BTreeSet<String>) {
        if let Some(content) = &self.responses.content {
            content.mentioned(found);
        }
    }

    /// Points the request at the copies that are sent, and flattens what it holds inline.
    pub(super) fn prepare(
        &mut self,
        components: &Components,
        renamed: &BTreeMap<String, String>,
        problems: &mut Problems,
    ) {
        let body = self.body.as_mut().map(|body| (body, true));
        let response = self
            .responses
            .content
            .as_mut()
            .map(|content| (content, false));
        for (content, sent) in body.into_iter().chain(response) {
            if let Some(schema) = &mut content.schema {
                *schema =
                    super::flatten::flatten_schema(components, schema, &content.place, problems);
                if sent {
                    rename_references(Kind::Schema, schema, renamed);
                }
            }
        }
    }

    /// Names what is inline in parameters, body and response.
    pub(super) fn hoist(&mut self, hoister: &mut Hoister<'_>) {
        for (place, parameter) in &mut self.parameters.listed {
            let name = text(parameter, "name").unwrap_or_default().to_owned();
            if let Some(schema) = parameter.get("schema").cloned() {
                let place = place.child("schema");
                parameter["schema"] = hoister.parameter(&schema, &self.name, &name, place);
            }
        }
        let by_rule = type_name(&self.name);
        if let Some(body) = &mut self.body {
            let name = format!("{by_rule}Body");
            body.hoist(hoister, &name, true);
        }
        if let Some(content) = &mut self.responses.content {
            let name = format!("{by_rule}Response");
            content.hoist(hoister, &name, false);
        }
    }

    /// The row of the operation table.
    pub(super) fn operation(
        &self,
        components: &Components,
        objects: &[ResponseObject],
    ) -> Operation {
        let words = |key: &str| text(&self.source, key).unwrap_or_default().trim();
        let (summary, description) = (words("summary"), words("description"));
        let docs = [summary, description].join("\n\n").trim().to_owned();
        let parameters = parameters::typed(&self.parameters, &self.endpoint, components, objects);
        let response = payload(self.responses.content.as_ref());
        let takes_cursor = parameters.iter().any(|parameter| {
            parameter.location == Location::Query && parameter.wire == CURSOR && !parameter.required
        });
        let returns_page = objects.iter().any(|object| {
            object.page.is_some() && response == Payload::Value(Type::Named(object.name.clone()))
        });
        Operation {
            name: self.name.clone(),
            method: self.endpoint.method.to_ascii_uppercase(),
            path: self.endpoint.path.clone(),
            summary: docs.lines().next().unwrap_or_default().to_owned(),
            docs,
            request: format!("{}Request", type_name(&self.name)),
            parameters,
            body: payload(self.body.as_ref()),
            response,
            class: self.class(),
            paged: takes_cursor && returns_page,
            authenticated: self.authenticated,
            statuses: self.responses.statuses.clone(),
            constraints: self.constraints(components),
        }
    }

    fn class(&self) -> RetryClass {
        match self.endpoint.method.as_str() {
            "get" | "head" | "options" | "trace" => RetryClass::Safe,
            "put" | "patch" | "delete" => RetryClass::Idempotent,
            _ if self.parameters.keyed => RetryClass::ByKey,
            _ => RetryClass::Never,
        }
    }

    fn constraints(&self, components: &Components) -> Vec<Constraint> {
        let mut found = Vec::new();
        for (_, parameter) in &self.parameters.listed {
            let location = parameters::location(parameter);
            let name = text(parameter, "name").unwrap_or_default();
            if let Some(schema) = parameter.get("schema") {
                found.extend(constraints::of_parameter(
                    location, name, schema, components,
                ));
            }
        }
        if let Some(schema) = self.body.as_ref().and_then(|body| body.schema.as_ref()) {
            found.extend(constraints::of_body(schema, components));
        }
        found
    }

    /// The operation object that progenitor reads.
    pub(super) fn document(&self) -> Value {
        let mut out = Map::new();
        out.insert("operationId".into(), self.name.clone().into());
        for key in ["summary", "description"] {
            if let Some(words) = self.source.get(key) {
                out.insert(key.into(), words.clone());
            }
        }
        let parameters: Vec<Value> = self
            .parameters
            .listed
            .iter()
            .map(|(_, parameter)| parameters::shaped(parameter))
            .collect();
        if !parameters.is_empty() {
            out.insert("parameters".into(), parameters.into());
        }
        if let Some(body) = &self.body {
            out.insert(
                "requestBody".into(),
                json!({ "required": true, "content": body.document() }),
            );
        }
        let mut responses = Map::new();
        for status in &self.responses.successes {
            let mut response = json!({ "description": "Success." });
            if let Some(content) = &self.responses.content {
                response["content"] = content.document();
            }
            responses.insert(status.clone(), response);
        }
        // Uniform, so that status, headers and body of every error survive, whatever was sent.
        for range in ["4XX", "5XX"] {
            let raw = json!({ "description": "Error.", "content": { "*/*": { "schema": {} } } });
            responses.insert(range.into(), raw);
        }
        out.insert("responses".into(), Value::Object(responses));
        Value::Object(out)
    }
}
