//! How a request is written, where it is not JSON with a bearer key.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{
    ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HeaderMap, HeaderName, HeaderValue,
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Request, Url};
use serde::ser::{Error as _, Serialize, Serializer};
use serde_json::Value;

use crate::api_key::ApiKey;
use crate::failure::{InvalidOption, InvalidRequest};
use crate::runtime::Runtime;
use crate::union::text;

/// How the requests of an operation are written. The generated client writes JSON and lists as
/// repeated pairs; the rest is rewritten before it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestFormat {
    /// Where the key of the client goes.
    pub credential: Credential,
    /// Where further keys go, each by the name of its security scheme: see
    /// [`ClientConfig::more_keys`](crate::ClientConfig::more_keys).
    pub more_credentials: &'static [(&'static str, Credential)],
    /// The documented type of the body, if it is not what the generated client sends.
    pub content_type: Option<&'static str>,
    /// The documented types of a success, if it is not JSON alone.
    pub accept: Option<&'static str>,
    /// Lists in the query that are one pair, and what separates their entries. Nothing separates what is
    /// one text, whose commas the caller has written.
    pub separators: &'static [(&'static str, &'static str)],
    /// Whether parameters are cookies: the generated client writes them as pairs `cookie:NAME` of the
    /// query.
    pub cookies: bool,
    /// What becomes of a body.
    pub body: BodyFormat,
    /// Whether a request may have no body: the generated client writes none as null, or as no bytes.
    pub optional_body: bool,
    /// Whether a success without a body is null.
    pub optional: bool,
}

/// Where a key goes. A header with it is marked as sensitive; a query gets it when the
/// request is sent, after everything that shows a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential {
    /// `Authorization: Bearer KEY`.
    Bearer,
    /// `Authorization: Basic …`; the key is `user:password`.
    Basic,
    /// A header of this name.
    Header(&'static str),
    /// A cookie of this name.
    Cookie(&'static str),
    /// A pair of this name in the query.
    Query(&'static str),
}

/// What becomes of the JSON of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyFormat {
    /// It is sent as it is.
    Unchanged,
    /// A form, with the lists and objects that are not written in brackets: `a[0]=1` is for those whose
    /// style is not documented.
    Form(&'static [(&'static str, FieldStyle)]),
    /// Parts, of which these are files or have a media type of their own.
    Multipart(&'static [Part]),
}

/// A part of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Name of the property.
    pub name: &'static str,
    /// Its media type. An object or a list of objects in it is refused unless that is JSON.
    pub media_type: &'static str,
    /// Whether it is a file: its value is a list of bytes, or several.
    pub is_file: bool,
}

/// How a list or an object is written in a form, if not in brackets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldStyle {
    /// A list: `a=1&a=2`.
    Repeated,
    /// A list: `a=1,2`, with this separator.
    Joined(&'static str),
    /// The text of its JSON: `a=[1,2]`, percent-encoded.
    Json,
}

/// What the URL standard leaves as it is in a form.
const FORM: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'*')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_');

/// What stays as it is in a cookie.
const UNRESERVED: &AsciiSet = &FORM.remove(b'~').add(b'*');

impl RequestFormat {
    /// JSON with a bearer key.
    pub const JSON: Self = Self {
        credential: Credential::Bearer,
        more_credentials: &[],
        content_type: None,
        accept: None,
        separators: &[],
        cookies: false,
        body: BodyFormat::Unchanged,
        optional_body: false,
        optional: false,
    };

    /// Whether a key goes to the query.
    pub(crate) fn has_key_in_query(&self) -> bool {
        let is_query = |credential| matches!(credential, Credential::Query(_));
        is_query(self.credential)
            || (self.more_credentials.iter()).any(|(_, credential)| is_query(*credential))
    }

    /// Rewrites what the generated client has built.
    pub(crate) fn apply(&self, request: &mut Request) -> Result<(), InvalidRequest> {
        if self.cookies {
            move_cookies(request);
        }
        if !self.separators.is_empty() {
            self.join(request)?;
        }
        if self.optional_body && is_absent(request) {
            *request.body_mut() = None;
            for header in [CONTENT_TYPE, CONTENT_LENGTH] {
                request.headers_mut().remove(header);
            }
        }
        let mut content_type = self.content_type.map(HeaderValue::from_static);
        let json = request.body().and_then(reqwest::Body::as_bytes);
        let json = json.filter(|_| self.body != BodyFormat::Unchanged);
        if let Some(json) = json {
            let value: Value = serde_json::from_slice(json).unwrap_or_default();
            let body = match self.body {
                BodyFormat::Multipart(parts) => {
                    let (boundary, body) = multipart(&value, parts)?;
                    let of = format!("multipart/form-data; boundary={boundary}");
                    content_type = HeaderValue::from_str(&of).ok();
                    body
                }
                BodyFormat::Form(styles) => form(&value, styles)?.into_bytes(),
                BodyFormat::Unchanged => return Ok(()),
            };
            request.headers_mut().remove(CONTENT_LENGTH);
            *request.body_mut() = Some(body.into());
        }
        let has_body = request.body().is_some();
        let headers = request.headers_mut();
        if let Some(content_type) = content_type.filter(|_| has_body) {
            headers.insert(CONTENT_TYPE, content_type);
        }
        if let Some(accept) = self.accept {
            headers.insert(ACCEPT, HeaderValue::from_static(accept));
        }
        Ok(())
    }

    /// Writes each of the lists as one pair, and leaves the others as they are.
    fn join(&self, request: &mut Request) -> Result<(), InvalidRequest> {
        let url = request.url();
        let written = url.query().unwrap_or_default().split('&');
        let written = written.filter(|pair| !pair.is_empty());
        let mut joined: Vec<(Cow<'_, str>, String)> = Vec::new();
        for (pair, (name, value)) in written.zip(url.query_pairs()) {
            let separator = self.separators.iter().find(|(known, _)| *known == name);
            let Some((field, separator)) = separator else {
                joined.push((name, pair.to_owned()));
                continue;
            };
            // Servers split at a comma before they decode, and at anything else after it.
            let (separator, value) = match *separator {
                "" => (String::new(), encoded(&value).replace("%2C", ",")),
                "," => (",".to_owned(), encoded(&value)),
                other if value.contains(other) => {
                    let message = format!("no item of this list can contain `{other}`");
                    return Err(invalid(field, "invalid_query", &message));
                }
                // OpenAPI has a space between entries as `%20`, which is not a plus everywhere.
                other => (encoded(other).replace('+', "%20"), encoded(&value)),
            };
            match joined.iter_mut().find(|(known, _)| *known == name) {
                Some((_, list)) => list.extend([separator, value]),
                None => {
                    let pair = format!("{}={value}", encoded(&name));
                    joined.push((name, pair));
                }
            }
        }
        let pairs: Vec<String> = joined.into_iter().map(|(_, pair)| pair).collect();
        if !pairs.is_empty() {
            request.url_mut().set_query(Some(&pairs.join("&")));
        }
        Ok(())
    }
}

impl Credential {
    /// Puts a key in its header. A bearer token is always the key of the client, never a further one.
    pub(crate) fn insert(self, headers: &mut HeaderMap, key: &ApiKey, runtime: &Runtime) {
        let (name, text) = match self {
            Self::Bearer => {
                if let Some(authorization) = &runtime.authorization {
                    headers.insert(AUTHORIZATION, authorization.clone());
                }
                return;
            }
            Self::Basic => (
                AUTHORIZATION,
                format!("Basic {}", STANDARD.encode(key.as_str())),
            ),
            Self::Header(name) => match HeaderName::from_bytes(name.as_bytes()) {
                Ok(name) => (name, key.as_str().to_owned()),
                Err(_) => return,
            },
            Self::Cookie(name) => {
                let others = headers.get(COOKIE).and_then(|value| value.to_str().ok());
                let others = others.map(|others| format!("{others}; "));
                let others = others.unwrap_or_default();
                (COOKIE, format!("{others}{name}={}", key.as_str()))
            }
            Self::Query(_) => return,
        };
        let text = zeroize::Zeroizing::new(text);
        if let Ok(mut value) = HeaderValue::from_str(&text) {
            value.set_sensitive(true);
            headers.insert(name, value);
        }
    }

    /// Puts the key in the URL, if that is its place.
    pub(crate) fn insert_in_query(self, url: &mut Url, key: &ApiKey) {
        if let Self::Query(name) = self {
            url.query_pairs_mut().append_pair(name, key.as_str());
        }
    }
}

/// Whether the body that the generated client has written stands for none: null in JSON, no bytes
/// otherwise.
fn is_absent(request: &Request) -> bool {
    let content_type = request.headers().get(CONTENT_TYPE);
    let is_json = content_type.is_some_and(|of| of.as_bytes() == b"application/json");
    let absent: &[u8] = if is_json { b"null" } else { b"" };
    request.body().and_then(reqwest::Body::as_bytes) == Some(absent)
}

/// What the generated client writes before the name of a cookie.
const IN_COOKIE: &str = "cookie:";

/// Moves the pairs that are cookies from the query to their header.
fn move_cookies(request: &mut Request) {
    let pairs = request.url().query_pairs().into_owned();
    let (cookies, others): (Vec<_>, Vec<_>) =
        pairs.partition(|(name, _)| name.starts_with(IN_COOKIE));
    if cookies.is_empty() {
        return;
    }
    let cookies = cookies.iter().map(|(name, value)| {
        let value = utf8_percent_encode(value, UNRESERVED);
        format!("{}={value}", &name[IN_COOKIE.len()..])
    });
    let cookies = cookies.collect::<Vec<_>>().join("; ");
    if let Ok(value) = HeaderValue::from_str(&cookies) {
        request.headers_mut().insert(COOKIE, value);
    }
    request.url_mut().set_query(None);
    if !others.is_empty() {
        request.url_mut().query_pairs_mut().extend_pairs(others);
    }
}

/// A value in the query whose parts are written in brackets: `filter[color]=red`, `ids[0]=1`. Null is
/// left out.
#[derive(Debug)]
pub struct Bracketed<'a, T> {
    name: &'a str,
    value: &'a T,
}

impl<'a, T> Bracketed<'a, T> {
    /// The value of a parameter.
    pub fn new(name: &'a str, value: &'a T) -> Self {
        Self { name, value }
    }
}

impl<T: Serialize> Serialize for Bracketed<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let value = serde_json::to_value(self.value).map_err(S::Error::custom)?;
        let mut pairs = Vec::new();
        nested(self.name.to_owned(), &value, &mut pairs);
        pairs.serialize(serializer)
    }
}

/// The text of a form or a query; a space is a plus.
fn encoded(text: &str) -> String {
    let encoded = utf8_percent_encode(text, FORM).to_string();
    encoded.replace("%20", "+")
}

fn invalid_body(field: &str, message: &str) -> InvalidRequest {
    invalid(field, "invalid_body", message)
}

fn invalid(field: &str, code: &'static str, message: &str) -> InvalidRequest {
    InvalidRequest::Option(InvalidOption {
        field: field.to_owned(),
        code,
        message: format!("{field}: {message}"),
    })
}

/// The pairs of an object. Null is left out; what is nested is written in brackets, unless its style
/// is another.
fn form(value: &Value, styles: &[(&str, FieldStyle)]) -> Result<String, InvalidRequest> {
    let Value::Object(fields) = value else {
        return Err(invalid_body("body", "a form is an object"));
    };
    let mut pairs = Vec::new();
    for (name, value) in fields {
        let style = styles.iter().find(|(known, _)| known == name);
        match (value, style) {
            (Value::Array(_) | Value::Object(_), Some((_, FieldStyle::Json))) => {
                pairs.push((name.clone(), value.to_string()));
            }
            (Value::Array(entries), Some((_, style))) => {
                let texts: Option<Vec<_>> = entries.iter().map(text).collect();
                let texts = texts.ok_or_else(|| {
                    invalid_body(
                        name,
                        "the entries of this list must be single values in a form",
                    )
                })?;
                match style {
                    FieldStyle::Joined(separator) => {
                        pairs.push((name.clone(), texts.join(separator)));
                    }
                    _ => pairs.extend(texts.into_iter().map(|text| (name.clone(), text.into()))),
                }
            }
            _ => nested(name.clone(), value, &mut pairs),
        }
    }
    let pairs = pairs.iter();
    let pairs = pairs.map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
    Ok(pairs.collect::<Vec<_>>().join("&"))
}

fn nested(name: String, value: &Value, pairs: &mut Vec<(String, String)>) {
    match value {
        Value::Array(entries) => {
            for (index, entry) in entries.iter().enumerate() {
                nested(format!("{name}[{index}]"), entry, pairs);
            }
        }
        Value::Object(fields) => {
            for (key, field) in fields {
                nested(format!("{name}[{key}]"), field, pairs);
            }
        }
        single => pairs.extend(text(single).map(|text| (name, text.into_owned()))),
    }
}

/// The parts of an object, and what separates them. Lists of single values and of files are a part
/// for each entry, other lists and objects are JSON. Null is left out.
fn multipart(value: &Value, known: &[Part]) -> Result<(String, Vec<u8>), InvalidRequest> {
    let Value::Object(fields) = value else {
        return Err(invalid_body("body", "a body of parts is an object"));
    };
    let mut parts: Vec<(String, Vec<u8>)> = Vec::new();
    for (name, value) in fields {
        let quoted = name
            .replace('"', "%22")
            .replace('\r', "%0D")
            .replace('\n', "%0A");
        let about = format!("Content-Disposition: form-data; name=\"{quoted}\"");
        let typed = |about: &str, of: &str| format!("{about}\r\nContent-Type: {of}");
        let part = known.iter().find(|part| part.name == name);
        let file = part.filter(|part| part.is_file);
        let file = file.map(|part| {
            let about = format!("{about}; filename=\"{quoted}\"");
            typed(&about, part.media_type)
        });
        let media_type = part.map(|part| part.media_type);
        let single = media_type.map_or_else(|| about.clone(), |of| typed(&about, of));
        match (value, file) {
            (Value::Null, _) => {}
            (Value::Array(entries), Some(file)) if entries.iter().any(Value::is_array) => {
                for entry in entries {
                    parts.push((file.clone(), bytes(name, entry)?));
                }
            }
            (_, Some(file)) => parts.push((file, bytes(name, value)?)),
            (Value::Array(entries), _) if entries.iter().all(|entry| text(entry).is_some()) => {
                let texts = entries.iter().filter_map(text);
                parts.extend(texts.map(|text| (single.clone(), text.into_owned().into_bytes())));
            }
            (Value::Array(_) | Value::Object(_), _) => {
                let of = media_type.unwrap_or("application/json");
                if !of.to_ascii_lowercase().contains("json") {
                    let message = format!(
                        "an object can be written as JSON alone, not as {of}; write it as a text"
                    );
                    return Err(invalid_body(name, &message));
                }
                let about = typed(&about, of);
                parts.push((about, value.to_string().into_bytes()));
            }
            (value, _) => {
                parts.extend(text(value).map(|text| (single, text.into_owned().into_bytes())));
            }
        }
    }
    // The first number that occurs in no part.
    let is_free = |boundary: &String| {
        let holds = |window| window == boundary.as_bytes();
        let mut bodies = parts.iter().map(|(_, body)| body);
        !bodies.any(|body| body.windows(boundary.len()).any(holds))
    };
    let mut boundaries = (0_u64..).map(|number| format!("part-boundary-{number:016}"));
    let boundary = boundaries.find(is_free).unwrap_or_default();
    let mut out = Vec::new();
    for (about, body) in parts {
        out.extend_from_slice(format!("--{boundary}\r\n{about}\r\n\r\n").as_bytes());
        out.extend(body);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    Ok((boundary, out))
}

/// The bytes of a file: a list of numbers, as serde writes them, or a text.
fn bytes(name: &str, value: &Value) -> Result<Vec<u8>, InvalidRequest> {
    let byte = |entry: &Value| entry.as_u64().and_then(|byte| u8::try_from(byte).ok());
    let bytes = match value {
        Value::String(text) => Some(text.clone().into_bytes()),
        Value::Array(entries) => entries.iter().map(byte).collect(),
        _ => None,
    };
    bytes.ok_or_else(|| invalid_body(name, "a file is a list of bytes"))
}
