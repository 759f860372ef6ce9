//! Operations as progenitor takes them: one body, one success response, uniform errors.

use std::collections::{BTreeMap, BTreeSet};

use heck::ToSnakeCase;
use serde_json::{Map, Value, json};

use super::content::{self, Content, Responses};
use super::flatten::Flatten;
use super::hoist::Hoister;
use super::parameters::{self, Argument, CURSOR, Parameters};
use super::route::Route;
use super::schema::{Components, rename_references, text};
use super::{
    Constraint, Credential, ErrorBody, Format, Location, Operation, Payload, ResponseObject,
    RetryClass, Type, constraints, security, servers,
};
use crate::keywords::Kind;
use crate::naming::{self, rule::Endpoint, rule::type_name};
use crate::resolve::{is_asked_for, mentioned};
use crate::{Problem, Problems};

/// An operation with every reference but those to schemas resolved.
pub(super) struct Draft {
    pub(super) endpoint: Endpoint,
    route: Route,
    /// What the path has before it on the server of the document.
    server: String,
    pub(super) name: String,
    source: Value,
    /// Where the keys go, by the names of their schemes: that of the client first.
    credentials: Vec<(String, Credential)>,
    parameters: Parameters,
    body: Option<Content>,
    responses: Responses,
    /// What its documented errors carry.
    error: Option<Type>,
}

/// Reads every operation. What the generator cannot express is a problem.
pub(super) fn read(document: &Value, problems: &mut Problems) -> Vec<Draft> {
    let is_asked_for = is_asked_for(document);
    naming::endpoints(document)
        .into_iter()
        .filter_map(|endpoint| {
            let place = naming::pointer_to(&endpoint);
            let source = document.pointer(place.as_str())?.clone();
            let route = Route::of(&endpoint.path).unwrap_or_else(|why| {
                let problem = Problem::new(&place, format!("the path {}", endpoint.path), why);
                problems.push(problem.with_removal());
                Route::default()
            });
            let server = servers::prefix(document, &place, &source, problems);
            Some(Draft {
                name: text(&source, "operationId")
                    .unwrap_or_default()
                    .to_snake_case(),
                credentials: security::credentials(
                    document,
                    &place,
                    &source,
                    is_asked_for,
                    problems,
                ),
                parameters: parameters::read(document, &route, &place, &source, problems),
                body: content::body(document, &place, &source, problems),
                responses: content::responses(document, &endpoint.method, &place, &source),
                error: None,
                endpoint,
                route,
                server,
                source,
            })
        })
        .collect()
}

fn payload(content: Option<&Content>) -> Payload {
    content.map_or(Payload::Empty, Content::payload)
}

impl Draft {
    /// The path as the generator takes it, with what it calls the parameters.
    pub(super) fn template(&self) -> String {
        let mut template = format!("{}{}", self.server, self.route.template);
        for Argument {
            parameter, name, ..
        } in &self.parameters.listed
        {
            let wire = text(parameter, "name").unwrap_or_default();
            if wire != name && parameters::location(parameter) == Location::Path {
                template = template.replace(&format!("{{{wire}}}"), &format!("{{{name}}}"));
            }
        }
        template
    }

    /// The components that the request mentions.
    pub(super) fn add_request_types(&self, found: &mut BTreeSet<String>) {
        for argument in &self.parameters.listed {
            if let Some(schema) = argument.parameter.get("schema") {
                mentioned(Kind::Schema, schema, found);
            }
        }
        if let Some(body) = &self.body {
            body.mentioned(found);
        }
    }

    /// The components that the responses mention.
    pub(super) fn add_response_types(&self, found: &mut BTreeSet<String>) {
        let errors = self.responses.errors.contents();
        for content in self.responses.contents.iter().chain(errors) {
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
        flatten: &mut Flatten<'_>,
        renamed: &BTreeMap<String, String>,
    ) {
        for argument in &mut self.parameters.listed {
            if let Some(schema) = argument.parameter.get_mut("schema") {
                let place = argument.place.child("schema");
                flatten.outside(schema, &place);
            }
        }
        let body = self.body.as_mut().map(|body| (body, true));
        let errors = self.responses.errors.contents_mut();
        let responses = self.responses.contents.iter_mut().chain(errors);
        let responses = responses.map(|content| (content, false));
        for (content, sent) in body.into_iter().chain(responses) {
            if let Some(schema) = &mut content.schema {
                flatten.outside(schema, &content.place);
                if sent {
                    rename_references(Kind::Schema, schema, renamed);
                }
            }
        }
    }

    /// Names what is inline in parameters, body and response.
    pub(super) fn hoist(&mut self, hoister: &mut Hoister<'_>) {
        for argument in &mut self.parameters.listed {
            let (place, parameter) = (&argument.place, &mut argument.parameter);
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
        self.responses.unite();
        for content in &mut self.responses.contents {
            let name = format!("{by_rule}Response");
            content.hoist(hoister, &name, false);
        }
        self.responses.errors.hoist(hoister, &by_rule);
    }

    /// Names the type of its documented errors.
    pub(super) fn name_errors(&mut self, hoister: &mut Hoister<'_>, known: &mut Vec<ErrorBody>) {
        let name = format!("{}ErrorBody", type_name(&self.name));
        self.error = self.responses.errors.name(&name, hoister, known);
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
        let response = payload(self.responses.contents.first());
        let takes_cursor = parameters.iter().any(|parameter| {
            parameter.location == Location::Query && parameter.wire == CURSOR && !parameter.required
        });
        let returns_page = objects.iter().any(|object| {
            object.page.is_some() && response == Payload::Value(Type::Named(object.name.clone()))
        });
        Operation {
            name: self.name.clone(),
            method: self.endpoint.method.to_ascii_uppercase(),
            path: format!("{}{}", self.server, self.endpoint.path),
            summary: docs.lines().next().unwrap_or_default().to_owned(),
            docs,
            request: format!("{}Request", type_name(&self.name)),
            parameters,
            body: payload(self.body.as_ref()),
            response,
            by_status: self.responses.by_status.clone(),
            error: self.error.clone(),
            class: self.class(),
            paged: takes_cursor && returns_page,
            authenticated: !self.credentials.is_empty(),
            format: self.format(components),
            statuses: self.responses.statuses.clone(),
            constraints: self.constraints(components),
        }
    }

    fn format(&self, components: &Components) -> Format {
        let body = self.body.as_ref();
        let mut credentials = self.credentials.iter().cloned();
        Format {
            credential: credentials.next().map(|(_, own)| own).unwrap_or_default(),
            more_credentials: credentials.collect(),
            content_type: body.and_then(Content::content_type),
            accept: self.responses.accept.clone(),
            separators: self.parameters.separators.clone(),
            cookies: (self.parameters.listed.iter())
                .any(|argument| parameters::location(&argument.parameter) == Location::Cookie),
            body: body.map(|body| body.format(components)).unwrap_or_default(),
            optional_body: body.is_some_and(|body| body.optional),
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
        for Argument { parameter, .. } in &self.parameters.listed {
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
            .map(parameters::shaped)
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
            if let Some(content) = self.responses.contents.first() {
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
