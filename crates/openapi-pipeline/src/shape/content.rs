//! Bodies and responses: one media type, one schema.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::constraints::followed;
use super::errors::Errors;
use super::hoist::Hoister;
use super::queries::Form;
use super::responses::relaxed;
use super::schema::{Components, allow_null, flag, properties, referred, text};
use super::types::{FILE, inner, of};
use super::{BodyFormat, FieldStyle, Part, Payload, Type};
use crate::naming::{essence, is_json};
use crate::problem::{self, FILL_IN};
use crate::resolve::{self, members};
use crate::{Pointer, Problem, Problems};

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";
const PARTS: &str = "multipart/form-data";
const BYTES: &str = "application/octet-stream";
const TEXT: &str = "text/plain";

/// What the generator sees of a media type.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Json,
    Form,
    Parts,
    Bytes,
    Text,
    /// Parts that only their author can tell apart: the runtime writes no others than those of forms.
    OtherParts,
}

impl Kind {
    fn of(media_type: &str, schema: Option<&Value>) -> Self {
        let is_binary = schema.is_some_and(|schema| text(schema, "format") == Some("binary"));
        match essence(media_type).as_str() {
            FORM => Self::Form,
            PARTS => Self::Parts,
            TEXT | "text/*" => Self::Text,
            other if other.starts_with("multipart/") => Self::OtherParts,
            "*/*" if schema.is_none() || is_binary => Self::Bytes,
            _ if is_json(media_type) => Self::Json,
            _ => Self::Bytes,
        }
    }

    /// What the generator sends. Forms and parts are made of JSON by the runtime.
    fn sent(self) -> &'static str {
        match self {
            Self::Json | Self::Form | Self::Parts => JSON,
            Self::Bytes | Self::OtherParts => BYTES,
            Self::Text => TEXT,
        }
    }
}

/// The content of a request or a response.
pub(super) struct Content {
    pub(super) place: Pointer,
    /// As the document writes it.
    media_type: String,
    kind: Kind,
    pub(super) schema: Option<Value>,
    encoding: Value,
    /// Whether a request may be sent without it.
    pub(super) optional: bool,
    /// The statuses of a response that have it.
    statuses: Vec<String>,
}

/// The responses of an operation.
#[derive(Default)]
pub(super) struct Responses {
    /// The contents of successes. Those that are JSON become one when it is named.
    pub(super) contents: Vec<Content>,
    /// Each status of several contents, an exact one before its range, and the place of its content.
    pub(super) by_status: Vec<(String, Option<usize>)>,
    /// Documented statuses.
    pub(super) statuses: Vec<String>,
    /// Success statuses, as the generator should see them.
    pub(super) successes: Vec<String>,
    /// What a success may be, where it is not JSON alone.
    pub(super) accept: Option<String>,
    /// Whether a success may have no body although another has one.
    pub(super) optional: bool,
    /// Documented errors.
    pub(super) errors: Errors,
}

/// Reads the body of the operation at `place`. One that cannot be written is a problem.
pub(super) fn body(
    document: &Value,
    place: &Pointer,
    source: &Value,
    problems: &mut Problems,
) -> Option<Content> {
    let own = place.child("requestBody").child("content");
    let written = source.get("requestBody")?;
    // A remedy has to be applied to the body itself.
    let shared = text(written, "$ref").and_then(Pointer::from_reference);
    let at = shared.map_or_else(|| own.clone(), |body| body.child("content"));
    let body = resolve::follow(document, written)?;
    let content = body.get("content").and_then(Value::as_object)?;
    let offered: BTreeMap<&String, &Value> = content.iter().collect();
    // A client sends one of what is offered: JSON, or what is easiest to write.
    let kind = |(media_type, media): (&&String, &&Value)| {
        let kind = Kind::of(media_type, media.get("schema"));
        let is_exact = essence(media_type) == kind.sent();
        let rank = match kind {
            Kind::Json => 0,
            Kind::Form => 1,
            Kind::Bytes if is_exact => 2,
            Kind::Text => 3,
            Kind::Parts => 4,
            Kind::Bytes => 5,
            Kind::OtherParts => 6,
        };
        (rank, !is_exact, media_type.contains('*'))
    };
    let (chosen, media) = offered.iter().min_by_key(|offer| kind(*offer))?;
    let kind = Kind::of(chosen, media.get("schema"));
    if kind == Kind::Bytes && !may_be_bytes(chosen) {
        let why = "a request has one type, and the client lets the caller name none: add the one that is sent";
        let found = format!("a body of the type {chosen}");
        let media = format!("{{{FILL_IN}: {{schema: {{type: string, format: binary}}}}}}");
        let remedy = problem::update(&at, &media);
        problems.push(Problem::new(&at.child(chosen), found, why).with_remedy(remedy));
        return None;
    }
    if kind == Kind::OtherParts {
        let why = "what separates the parts is in the type of the body, and the client writes it for multipart/form-data alone";
        let problem = Problem::new(
            &own.child(chosen),
            format!("a body of the type {chosen}"),
            why,
        );
        problems.push(problem.with_remedy(problem::removal(place)));
        return None;
    }
    if matches!(kind, Kind::Parts | Kind::Form) {
        problems.extend(unwritable(document, (chosen.as_str(), media, kind), &at));
    }
    // An author who does not say whether a body is required means a request that has one.
    let optional = body.get("required") == Some(&json!(false));
    let mut schema = media.get("schema").cloned();
    if let Some(schema) = schema.as_mut().filter(|_| optional) {
        allow_null(schema);
    }
    Some(Content {
        place: own.child(chosen).child("schema"),
        kind,
        media_type: (*chosen).clone(),
        schema,
        encoding: media.get("encoding").cloned().unwrap_or_default(),
        optional,
        statuses: Vec::new(),
    })
}

/// Whether what the generator sends as bytes is of this type, or the client can name it.
fn may_be_bytes(media_type: &str) -> bool {
    match essence(media_type).as_str() {
        "*/*" | "application/*" => true,
        _ => !media_type.contains('*') && is_header_text(media_type),
    }
}

/// Whether one of these media types is JSON, or may be.
fn may_be_json(media_types: &str) -> bool {
    let mut types = media_types.split(',');
    types.any(|of| is_json(of) || of.contains('*'))
}

/// Objects in parts and forms whose media types are not JSON, and in forms that are to be written as pairs
/// without the name of the object.
fn unwritable(
    document: &Value,
    (media_type, media, kind): (&str, &Value, Kind),
    at: &Pointer,
) -> Vec<Problem> {
    let found = members(media, "encoding").filter_map(|(name, encoding)| {
        let property = property(document, media.get("schema")?, name, &mut 1_000)?;
        if Form::of(document, property) != Form::Nested {
            return None;
        }
        let (what, usual) = match kind {
            Kind::Form => (
                "field",
                "objects in forms in brackets, `o[a]=1`, or as JSON",
            ),
            _ => ("part", "objects in parts as JSON"),
        };
        let style = text(encoding, "style").filter(|_| kind == Kind::Form);
        let of = text(encoding, "contentType").filter(|of| style.is_none() && !may_be_json(of));
        let (key, value) = match (style, of) {
            (Some("deepObject"), _) | (None, None) => return None,
            (Some(style), _) => ("style", style),
            (None, Some(of)) => ("contentType", of),
        };
        let place = at.child(media_type).child("encoding").child(name);
        let found =
            format!("the {what} `{name}` of the {key} {value}, which is an object or holds one");
        let why = format!(
            "the client writes {usual}: without its {key} it is so, if the server takes that; \
             or describe the {what} as a string, which the caller writes"
        );
        let remedy = problem::removal(&place.child(key));
        Some(Problem::new(&place, found, why).with_remedy(remedy))
    });
    found.collect()
}

/// A property of an object, or of what it is made of. `left` is how many schemas may still be looked at.
fn property<'a>(
    document: &'a Value,
    schema: &'a Value,
    name: &str,
    left: &mut usize,
) -> Option<&'a Value> {
    *left = left.checked_sub(1)?;
    let schema = resolve::follow(document, schema)?;
    let own = schema.get("properties").and_then(|of| of.get(name));
    own.or_else(|| {
        let branches = ["allOf", "anyOf", "oneOf"].into_iter();
        let mut branches = branches.flat_map(|key| resolve::entries(schema, key));
        branches.find_map(|branch| property(document, branch, name, left))
    })
}

/// Reads the responses of the operation at `place`. Where one success is JSON and another is not, all are
/// bytes.
pub(super) fn responses(
    document: &Value,
    method: &str,
    place: &Pointer,
    source: &Value,
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
    if method != "head" {
        let responses = documented.iter();
        let errors = responses.map(|(status, response)| {
            let content = response_content(response, &at.child(status)).map(|(content, _)| content);
            let content = content.filter(|content| content.kind == Kind::Json);
            ((*status).clone(), content)
        });
        read.errors = Errors::of(errors);
    }
    let mut contents: Vec<Content> = Vec::new();
    let mut accepted: Vec<String> = Vec::new();
    let mut empty = false;
    if successes.is_empty() {
        // Nothing is known of a success but that it may be one.
        read.successes.push("2XX".to_owned());
        if method != "head" {
            read.accept = Some("*/*".to_owned());
            read.contents.push(Content {
                place: at,
                media_type: BYTES.to_owned(),
                kind: Kind::Bytes,
                schema: None,
                encoding: Value::Null,
                optional: false,
                statuses: Vec::new(),
            });
        }
        return read;
    }
    for status in successes {
        let place = at.child(status);
        let content = documented
            .get(status)
            // These have no body, whatever a document says.
            .filter(|_| method != "head" && !matches!(status.as_str(), "204" | "205"))
            .and_then(|response| response_content(response, &place));
        empty |= content.is_none();
        read.successes.push(status.clone());
        let Some((mut content, accept)) = content else {
            continue;
        };
        if is_header_text(&accept) && !accepted.contains(&accept) {
            accepted.push(accept);
        }
        content.statuses.push(status.clone());
        let known = contents
            .iter_mut()
            .find(|known| known.schema == content.schema && known.kind == content.kind);
        match known {
            Some(known) => known.statuses.push(status.clone()),
            None => contents.push(content),
        }
    }
    read.accept = Some(accepted.join(", ")).filter(|accept| !matches!(accept.as_str(), "" | JSON));
    if let Some(raw) = contents
        .iter()
        .position(|content| content.kind != Kind::Json)
        && contents.iter().any(|content| content.kind == Kind::Json)
    {
        contents = vec![contents.swap_remove(raw)];
    }
    // Bytes are there or not; JSON that is not there is null.
    read.optional = empty && contents.iter().any(|content| content.kind == Kind::Json);
    if contents.iter().any(|content| content.kind != Kind::Json) {
        contents.truncate(1);
    }
    if contents.len() > 1 {
        let place = |status: &String| {
            let mut contents = contents.iter();
            contents.position(|content| content.statuses.contains(status))
        };
        let statuses = read.successes.iter();
        read.by_status = statuses
            .map(|status| (status.clone(), place(status)))
            .collect();
    } else if let Some(Content {
        kind: Kind::Json,
        schema: Some(schema),
        ..
    }) = contents.first_mut()
        && read.optional
    {
        allow_null(schema);
    }
    read.contents = contents;
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

/// The content of a response, and what it may be.
fn response_content(response: &Value, at: &Pointer) -> Option<(Content, String)> {
    let content = response.get("content")?.as_object()?;
    let offered: BTreeMap<&String, &Value> = content.iter().collect();
    let kind = |(media_type, media): (&&String, &&Value)| Kind::of(media_type, media.get("schema"));
    let json = offered.iter().find(|offer| kind(*offer) == Kind::Json);
    let (chosen, media) = json.or_else(|| offered.iter().next())?;
    let schema = media.get("schema").filter(|_| json.is_some());
    let names: Vec<&str> = offered.keys().map(|name| name.as_str()).collect();
    let accept = match json {
        Some((name, _)) if essence(name) == JSON => JSON.to_owned(),
        Some((name, _)) => (*name).clone(),
        None => names.join(", "),
    };
    let content = Content {
        place: at.child("content").child(chosen).child("schema"),
        media_type: (*chosen).clone(),
        kind: if json.is_some() {
            Kind::Json
        } else {
            Kind::Bytes
        },
        schema: schema.cloned(),
        encoding: Value::Null,
        optional: false,
        statuses: Vec::new(),
    };
    Some((content, accept))
}

/// Whether a text can be the value of a header.
fn is_header_text(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| matches!(c, ' '..='~'))
}

impl Responses {
    /// Makes one content of several, with the type of each as a member of a union.
    pub(super) fn unite(&mut self) {
        if self.by_status.is_empty() {
            return;
        }
        let contents = std::mem::take(&mut self.contents);
        let schemas = contents.iter().map(|content| content.schema.clone());
        let schemas: Vec<Value> = schemas
            .map(|schema| schema.unwrap_or_else(|| json!({})))
            .collect();
        let is_nullable = self.optional || schemas.iter().any(|schema| flag(schema, "nullable"));
        let mut union = json!({ "anyOf": schemas });
        if is_nullable {
            allow_null(&mut union);
        }
        let first = contents.into_iter().next();
        self.contents.extend(first.map(|first| Content {
            schema: Some(union),
            ..first
        }));
    }
}

impl Content {
    /// The documented type, if it is not what the generator sends. A range of types cannot be sent.
    pub(super) fn content_type(&self) -> Option<String> {
        let is_sent = essence(&self.media_type) == self.kind.sent() || self.kind == Kind::Parts;
        (!is_sent && !self.media_type.contains('*') && is_header_text(&self.media_type))
            .then(|| self.media_type.clone())
    }

    /// What becomes of the JSON that the generator sends.
    pub(super) fn format(&self, components: &Components) -> BodyFormat {
        let schema = self
            .schema
            .as_ref()
            .map(|schema| followed(schema, components));
        let properties = schema.map(properties).unwrap_or_default();
        match self.kind {
            Kind::Form => {
                let styles = properties.iter().filter_map(|(name, _)| {
                    let encoding = self.encoding.get(name.as_str())?;
                    let explode = encoding.get("explode").and_then(Value::as_bool);
                    let of = text(encoding, "contentType");
                    let style = match (text(encoding, "style"), explode) {
                        (None, _) if of.is_some_and(may_be_json) => FieldStyle::Json,
                        (Some("deepObject"), _) | (None, None) => return None,
                        (Some("spaceDelimited"), None | Some(false)) => FieldStyle::Joined(" "),
                        (Some("pipeDelimited"), None | Some(false)) => FieldStyle::Joined("|"),
                        (_, Some(false)) => FieldStyle::Joined(","),
                        _ => FieldStyle::Repeated,
                    };
                    Some(((*name).clone(), style))
                });
                BodyFormat::Form(styles.collect())
            }
            Kind::Parts => {
                let is_file = |of: Type| match of {
                    Type::List(inner) => *inner == Type::Bytes,
                    of => of == Type::Bytes,
                };
                let parts = properties.iter().filter_map(|(name, property)| {
                    let encoding = self.encoding.get(name.as_str());
                    let documented = encoding.and_then(|of| text(of, "contentType"));
                    // Which of several types, or of a range, a part has is not known.
                    let is_one = |of: &&str| is_header_text(of) && !of.contains(['*', ',']);
                    let is_file = is_file(of(property));
                    let media_type = documented.filter(is_one);
                    let media_type = media_type.or(is_file.then_some(BYTES))?.to_owned();
                    Some(Part {
                        name: (*name).clone(),
                        media_type,
                        is_file,
                    })
                });
                BodyFormat::Multipart(parts.collect())
            }
            Kind::Json | Kind::Bytes | Kind::Text | Kind::OtherParts => BodyFormat::Unchanged,
        }
    }

    /// Marks the strings of bytes among the parts of a body as files.
    pub(super) fn mark_files(&mut self, components: &mut Components) {
        if self.kind != Kind::Parts {
            return;
        }
        let Some(schema) = &mut self.schema else {
            return;
        };
        let object = match referred(schema) {
            Some(name) => components.get_mut(&name),
            None => Some(schema),
        };
        let properties = object.and_then(|object| object.get_mut("properties"));
        let properties = properties.and_then(Value::as_object_mut);
        for property in properties.into_iter().flat_map(Map::values_mut) {
            let is_list = property.get("items").is_some();
            let value = if is_list {
                &mut property["items"]
            } else {
                property
            };
            if text(value, "format") == Some("binary") {
                value["format"] = FILE.into();
            }
        }
    }

    /// The components that it mentions.
    pub(super) fn mentioned(&self, found: &mut BTreeSet<String>) {
        if let Some(schema) = &self.schema {
            resolve::mentioned(crate::keywords::Kind::Schema, schema, found);
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
        match self.kind {
            Kind::Bytes | Kind::OtherParts => Payload::Bytes,
            Kind::Text => Payload::Text,
            Kind::Json | Kind::Form | Kind::Parts => Payload::Value(inner(self.schema.as_ref())),
        }
    }

    /// The content as the generator should see it: of bytes and text it takes one schema alone.
    pub(super) fn document(&self) -> Value {
        let schema = match self.kind {
            Kind::Bytes | Kind::OtherParts => json!({ "type": "string", "format": "binary" }),
            Kind::Text => json!({ "type": "string" }),
            Kind::Json | Kind::Form | Kind::Parts => self
                .schema
                .as_ref()
                .map_or_else(|| json!({}), |schema| relaxed("body", schema)),
        };
        let sent = self.kind.sent().to_owned();
        Value::Object(Map::from_iter([(sent, json!({ "schema": schema }))]))
    }
}
