//! Operations as progenitor takes them: one body, one success response, uniform errors.

use std::collections::{BTreeMap, BTreeSet};

use heck::ToSnakeCase;
use serde_json::{Map, Value, json};

use super::content::{self, Content, Responses};
use super::hoist::Hoister;
use super::parameters::{self, CURSOR, Parameters};
use super::schema::{Components, rename_references, text};
use super::{
    Constraint, Credential, Format, Location, Operation, Payload, ResponseObject, RetryClass, Type,
    constraints,
};
use crate::keywords::Kind;
use crate::naming::{self, rule::Endpoint, rule::type_name};
use crate::resolve::{self, members};
use crate::{Pointer, Problem, Problems};

/// An operation with every reference but those to schemas resolved.
pub(super) struct Draft {
    pub(super) endpoint: Endpoint,
    pub(super) name: String,
    source: Value,
    /// Where the key goes; `None` without one.
    credential: Option<Credential>,
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
            check_servers(document, &place, &source, problems);
            Some(Draft {
                name: text(&source, "operationId")
                    .unwrap_or_default()
                    .to_snake_case(),
                credential: credential(document, &place, &source, problems),
                parameters: parameters::read(document, &endpoint, &place, &source, problems),
                body: content::body(document, &place, &source),
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

/// Where the document wants the key of an operation; `None` if it wants none. An alternative that the
/// client cannot send is a problem only if there is no other.
fn credential(
    document: &Value,
    place: &Pointer,
    source: &Value,
    problems: &mut Problems,
) -> Option<Credential> {
    let security = source.get("security").or_else(|| document.get("security"));
    let schemes = document.pointer("/components/securitySchemes");
    let alternatives: Vec<Vec<&String>> = match security.and_then(Value::as_array) {
        Some(alternatives) => alternatives
            .iter()
            .filter_map(|schemes| Some(schemes.as_object()?.keys().collect()))
            .collect(),
        // A document that has schemes and asks for none of them is more likely to be incomplete than
        // to describe an open server.
        None => members(document.get("components")?, "securitySchemes")
            .map(|(name, _)| vec![name])
            .collect(),
    };
    let is_optional = alternatives.iter().all(Vec::is_empty);
    let mut supported = alternatives.iter().filter_map(|names| match names[..] {
        [name] => match schemes.and_then(|schemes| schemes.get(name)) {
            Some(scheme) => sent_as(resolve::follow(document, scheme)?),
            // Some documents name a scheme that they do not describe.
            None => name
                .to_ascii_lowercase()
                .contains("bearer")
                .then_some(Credential::Bearer),
        },
        _ => None,
    });
    let found = supported.next();
    if found.is_none() && !is_optional {
        let names = alternatives.iter().map(|names| {
            let names: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
            names.join(" and ")
        });
        let names: Vec<String> = names.collect();
        let found = format!("security by {}", names.join(", or "));
        let why = "the client has one key, which it sends as a bearer token, as `user:password`, in a header or in a cookie";
        problems.push(Problem::new(place, found, why));
    }
    found
}

fn sent_as(scheme: &Value) -> Option<Credential> {
    let name = || {
        text(scheme, "name")
            .filter(|name| parameters::is_token(name))
            .map(str::to_owned)
    };
    match (text(scheme, "type")?, text(scheme, "in")) {
        ("oauth2" | "openIdConnect", _) => Some(Credential::Bearer),
        ("http", _) => match text(scheme, "scheme")?.to_ascii_lowercase().as_str() {
            "bearer" => Some(Credential::Bearer),
            "basic" => Some(Credential::Basic),
            _ => None,
        },
        ("apiKey", Some("header")) => name().map(Credential::Header),
        ("apiKey", Some("cookie")) => name().map(Credential::Cookie),
        _ => None,
    }
}

/// An operation of another server would be sent to the wrong one.
fn check_servers(document: &Value, place: &Pointer, source: &Value, problems: &mut Problems) {
    let of_path = place
        .parent()
        .and_then(|path| document.pointer(path.as_str())?.get("servers"));
    let own = source.get("servers").or(of_path);
    let urls = |servers: &Value| -> Vec<Value> {
        let servers = servers.as_array().into_iter().flatten();
        servers
            .filter_map(|server| server.get("url").cloned())
            .collect()
    };
    let own = own.map(urls).filter(|own| !own.is_empty());
    let common = document.get("servers").map(urls).unwrap_or_default();
    if let Some(own) = own.filter(|own| *own != common) {
        let found = format!("the server {}", own[0]);
        let why = "the client sends all requests below one base URL";
        problems.push(Problem::new(place, found, why));
    }
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

    /// Marks files among the parts of the body.
    pub(super) fn mark_files(&mut self, components: &mut Components) {
        if let Some(body) = &mut self.body {
            body.mark_files(components);
        }
    }

    /// Points the request at the copies that are sent, and flattens what it holds inline.
    pub(super) fn prepare(
        &mut self,
        components: &Components,
        renamed: &BTreeMap<String, String>,
        problems: &mut Problems,
    ) {
        for (place, parameter) in &mut self.parameters.listed {
            if let Some(schema) = parameter.get_mut("schema") {
                let place = place.child("schema");
                *schema = super::flatten::flatten_schema(components, schema, &place, problems);
            }
        }
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
            authenticated: self.credential.is_some(),
            format: self.format(components),
            statuses: self.responses.statuses.clone(),
            constraints: self.constraints(components),
        }
    }

    fn format(&self, components: &Components) -> Format {
        let body = self.body.as_ref();
        Format {
            credential: self.credential.clone().unwrap_or_default(),
            content_type: body.and_then(Content::content_type),
            accept: self.responses.accept.clone(),
            separators: self.parameters.separators.clone(),
            body: body.map(|body| body.format(components)).unwrap_or_default(),
            optional: self.responses.optional,
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
