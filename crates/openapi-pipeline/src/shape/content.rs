//! Bodies and responses: one media type, one schema.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::Payload;
use super::hoist::Hoister;
use super::responses::relaxed;
use super::schema::{flag, mentioned, properties, text};
use super::types::inner;
use crate::naming::{essence, is_json};
use crate::resolve::{self, members};
use crate::{Pointer, Problem, Problems};

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";
const BYTES: &str = "application/octet-stream";
const TEXT: &str = "text/plain";

/// The content of a request or a response.
pub(super) struct Content {
    pub(super) place: Pointer,
    media_type: String,
    pub(super) schema: Option<Value>,
}

/// The responses of an operation.
#[derive(Default)]
pub(super) struct Responses {
    /// The content of every success, where it has any.
    pub(super) content: Option<Content>,
    /// Documented statuses.
    pub(super) statuses: Vec<String>,
    /// Success statuses, as the generator should see them.
    pub(super) successes: Vec<String>,
}

/// Reads the body of the operation at `place`. One of no media type that a client can send is a
/// problem.
pub(super) fn body(
    document: &Value,
    place: &Pointer,
    source: &Value,
    problems: &mut Problems,
) -> Option<Content> {
    let at = place.child("requestBody").child("content");
    let body = resolve::follow(document, source.get("requestBody")?)?;
    let content = body.get("content").and_then(Value::as_object)?;
    let offered: BTreeSet<&String> = content.keys().collect();
    // JSON wins where several are offered: a client sends one.
    let chosen = [JSON, FORM, BYTES, TEXT]
        .iter()
        .find_map(|wanted| offered.iter().find(|offer| essence(offer) == *wanted));
    let Some(chosen) = chosen else {
        let offered: Vec<&str> = offered.into_iter().map(String::as_str).collect();
        let problem = Problem::new(
            &at,
            format!("a request body of {}", offered.join(", ")),
            format!("a body can be sent as {JSON}, {FORM}, {BYTES} or {TEXT}"),
        );
        // Whatever is sent instead, the operation stays callable.
        let bytes = json!({ BYTES: { "schema": { "contentMediaType": BYTES, "type": "string" } } });
        problems.push(problem.with_remedy(crate::problem::update(&at, &bytes.to_string())));
        return None;
    };
    let schema = content.get(*chosen).and_then(|media| media.get("schema"));
    let content = Content {
        place: at.child(chosen).child("schema"),
        media_type: essence(chosen).to_owned(),
        schema: schema.cloned(),
    };
    content.check_form(document, problems);
    Some(content)
}

/// Reads the responses of the operation at `place`. Success responses that differ are a problem.
pub(super) fn responses(
    document: &Value,
    method: &str,
    place: &Pointer,
    source: &Value,
    problems: &mut Problems,
) -> Responses {
    let at = place.child("responses");
    let documented: BTreeMap<&String, &Value> = members(source, "responses")
        .map(|(status, response)| {
            (
                status,
                resolve::follow(document, response).unwrap_or(response),
            )
        })
        .collect();
    let mut successes: Vec<&String> = documented
        .keys()
        .filter(|status| status.starts_with('2'))
        .copied()
        .collect();
    if successes.is_empty() {
        successes.extend(
            documented
                .keys()
                .filter(|status| status.as_str() == "default"),
        );
    }
    let mut read = Responses {
        statuses: documented.keys().map(|status| (*status).clone()).collect(),
        ..Responses::default()
    };
    let mut first: Option<&String> = None;
    for status in successes {
        let place = at.child(status);
        let content = documented
            .get(status)
            // These have no body, whatever a document says.
            .filter(|_| method != "head" && !matches!(status.as_str(), "204" | "205"))
            .and_then(|response| response_content(response, &place));
        match first {
            None => {
                first = Some(status);
                read.content = content;
            }
            Some(first) if !same(read.content.as_ref(), content.as_ref()) => problems.push(
                Problem::new(
                    &place,
                    format!("a success response that differs from that of {first}"),
                    "a generated method returns one type",
                )
                .with_removal(),
            ),
            Some(_) => {}
        }
        read.successes.push(status.clone());
    }
    // A range covers its statuses, and `default` covers every success where no other is documented.
    if read
        .successes
        .iter()
        .any(|status| status == "2XX" || status == "default")
    {
        read.successes = vec!["2XX".to_owned()];
    }
    read
}

fn response_content(response: &Value, at: &Pointer) -> Option<Content> {
    let content = response.get("content")?.as_object()?;
    let offered: BTreeSet<&String> = content.keys().collect();
    let json = offered.iter().find(|offer| is_json(offer));
    let chosen = json.or_else(|| offered.iter().next())?;
    let schema = content.get(*chosen).and_then(|media| media.get("schema"));
    Some(Content {
        place: at.child("content").child(chosen).child("schema"),
        media_type: if json.is_some() { JSON } else { BYTES }.to_owned(),
        schema: schema.filter(|_| json.is_some()).cloned(),
    })
}

fn same(left: Option<&Content>, right: Option<&Content>) -> bool {
    match (left, right) {
        (None, None) => true,
        (Some(left), Some(right)) => {
            left.media_type == right.media_type && left.schema == right.schema
        }
        _ => false,
    }
}

impl Content {
    /// A form holds pairs of names and single values.
    fn check_form(&self, document: &Value, problems: &mut Problems) {
        let Some(schema) = self.schema.as_ref().filter(|_| self.media_type == FORM) else {
            return;
        };
        let Some(schema) = resolve::follow(document, schema) else {
            return;
        };
        for (name, property) in properties(schema) {
            let value = resolve::follow(document, property).unwrap_or(property);
            let nested = matches!(text(value, "type"), Some("array" | "object"));
            if nested && !flag(property, "readOnly") {
                let problem = Problem::new(
                    &self.place,
                    format!("the property `{name}` of a form, which is a list or an object"),
                    "a form can be sent with single values alone",
                );
                problems.push(problem.with_removal());
            }
        }
    }

    /// The components that it mentions.
    pub(super) fn mentioned(&self, found: &mut BTreeSet<String>) {
        if let Some(schema) = &self.schema {
            mentioned(schema, found);
        }
    }

    /// Names what is inline.
    pub(super) fn hoist(&mut self, hoister: &mut Hoister<'_>, by_rule: &str, sent: bool) {
        if let Some(schema) = &self.schema {
            self.schema = Some(hoister.content(schema, by_rule, sent, &self.place));
        }
    }

    /// What the generated method takes for it, or gives.
    pub(super) fn payload(&self) -> Payload {
        match self.media_type.as_str() {
            BYTES => Payload::Bytes,
            TEXT => Payload::Text,
            _ => Payload::Value(inner(self.schema.as_ref())),
        }
    }

    /// The content as the generator should see it: of bytes and text it takes one schema alone.
    pub(super) fn document(&self) -> Value {
        let schema = match self.media_type.as_str() {
            BYTES => json!({ "type": "string", "format": "binary" }),
            TEXT => json!({ "type": "string" }),
            _ => self
                .schema
                .as_ref()
                .map_or_else(|| json!({}), |schema| relaxed("body", schema)),
        };
        Value::Object(Map::from_iter([(
            self.media_type.clone(),
            json!({ "schema": schema }),
        )]))
    }
}
