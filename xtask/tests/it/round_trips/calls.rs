//! Random requests, and what they are on the wire.

use std::collections::BTreeMap;

use proptest::prelude::RngExt;
use proptest::test_runner::TestRng;
use reqwest::Url;
use serde_json::{Map, Value, json};

use super::schemas::rng;

/// The key of the client.
pub(super) const KEY: &str = "random-key:of-the-test";

/// The security schemes of the document.
pub(super) fn schemes() -> Value {
    json!({
        "bearer": { "type": "http", "scheme": "bearer" },
        "basic": { "type": "http", "scheme": "basic" },
        "header": { "type": "apiKey", "in": "header", "name": "X-Key" },
        "cookie": { "type": "apiKey", "in": "cookie", "name": "sid" },
    })
}

/// A request, and what it must be on the wire.
pub(super) struct Call {
    pub(super) operation: Value,
    /// The values of the fields of its request type.
    pub(super) arguments: Map<String, Value>,
    expected: Wire,
}

/// What is on the wire, decoded.
#[derive(Debug, Default, PartialEq)]
struct Wire {
    path: String,
    query: Vec<(String, String)>,
    headers: BTreeMap<String, String>,
    body: Vec<Value>,
}

/// The headers that are looked at.
const HEADERS: [&str; 7] = [
    "authorization",
    "content-type",
    "cookie",
    "x-key",
    "x-a",
    "x-b",
    "x-c",
];

/// What is wrong with the request that was sent, if anything.
pub(super) fn fault(call: &Call, sent: &Value) -> Option<String> {
    let sent = match wire(sent) {
        Some(sent) => sent,
        None => return Some(format!("not sent, or not readable: {sent}")),
    };
    (sent != call.expected).then(|| format!("{sent:?}\nis not\n{:?}", call.expected))
}

/// The request, `[line, headers, body]`.
fn wire(sent: &Value) -> Option<Wire> {
    let target = sent[0].as_str()?.split(' ').nth(1)?;
    let url = Url::parse(&format!("http://host{target}")).ok()?;
    let mut wire = Wire {
        path: url.path().to_owned(),
        query: url.query_pairs().into_owned().collect(),
        ..Wire::default()
    };
    wire.query.sort();
    for header in sent[1].as_array()? {
        let (name, value) = (header[0].as_str()?, header[1].as_str()?);
        if HEADERS.contains(&name) {
            wire.headers.insert(name.to_owned(), value.to_owned());
        }
    }
    let bytes: Vec<u8> = serde_json::from_value(sent[2].clone()).ok()?;
    let content_type = wire
        .headers
        .get("content-type")
        .cloned()
        .unwrap_or_default();
    wire.body = match content_type.split_once("; boundary=") {
        Some((_, boundary)) => {
            wire.headers
                .insert("content-type".to_owned(), "multipart/form-data".to_owned());
            parts(&bytes, boundary)?
        }
        None if content_type == FORM => {
            let text = String::from_utf8(bytes).ok()?;
            let url = Url::parse(&format!("http://host/?{text}")).ok()?;
            url.query_pairs()
                .map(|(name, value)| json!([name, value]))
                .collect()
        }
        None if bytes.is_empty() => Vec::new(),
        None => vec![serde_json::from_slice(&bytes).ok()?],
    };
    wire.body.sort_by_key(Value::to_string);
    Some(wire)
}

/// The parts of a body: name, whether it is a file, type, and bytes.
fn parts(bytes: &[u8], boundary: &str) -> Option<Vec<Value>> {
    // Each byte is one character.
    let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
    let text = text.strip_suffix(&format!("--{boundary}--\r\n"))?;
    let start = format!("--{boundary}\r\n");
    let parts = text.split(&start).skip(1).map(|part| {
        let (head, body) = part.strip_suffix("\r\n")?.split_once("\r\n\r\n")?;
        let (_, name) = head.split_once("name=\"")?;
        let kind = head
            .split_once("Content-Type: ")
            .map(|(_, kind)| kind.trim());
        let name = name.split('"').next()?;
        Some(json!([name, head.contains("filename="), kind, body]))
    });
    parts.collect()
}

const FORM: &str = "application/x-www-form-urlencoded";

/// The random call of a seed, at a path.
pub(super) fn call(seed: u64, path: &str) -> Call {
    let mut source = Source {
        rng: rng(seed ^ 0xca11),
        parameters: Vec::new(),
        arguments: Map::new(),
        expected: Wire::default(),
    };
    source.expected.path = path.replace("{id}", "a%20%2F%C3%BC");
    source.arguments.insert("id".to_owned(), json!("a /ü"));
    source.parameters.push(
        json!({ "name": "id", "in": "path", "required": true, "schema": { "type": "string" } }),
    );
    for name in ["qa", "qb", "qc"] {
        source.query(name);
    }
    for name in ["X-A", "X-B", "X-C"] {
        source.header(name);
    }
    let security = source.security();
    let body = source.body();
    source.expected.query.sort();
    source.expected.body.sort_by_key(Value::to_string);
    let mut operation = json!({
        "parameters": source.parameters, "security": security,
        "responses": { "204": { "description": "D" } },
    });
    if let Some(body) = body {
        operation["requestBody"] = body;
    }
    Call {
        operation,
        arguments: source.arguments,
        expected: source.expected,
    }
}

struct Source {
    rng: TestRng,
    parameters: Vec<Value>,
    arguments: Map<String, Value>,
    expected: Wire,
}

impl Source {
    fn below(&mut self, end: usize) -> usize {
        self.rng.random_range(0..end)
    }

    /// A scalar, its schema, and its text.
    fn scalar(&mut self) -> (Value, Value, String) {
        match self.below(4) {
            0 => (json!(7), json!({ "type": "integer" }), "7".to_owned()),
            1 => (json!(true), json!({ "type": "boolean" }), "true".to_owned()),
            2 => (
                json!("ü"),
                json!({ "type": "string", "enum": ["ü", "v w"] }),
                "ü".to_owned(),
            ),
            _ => (
                json!("a&b=c"),
                json!({ "type": "string" }),
                "a&b=c".to_owned(),
            ),
        }
    }

    /// Entries of a list, the schema of an entry, and their texts.
    fn entries(&mut self) -> (Value, Value, Vec<String>) {
        let (value, schema, text) = self.scalar();
        let count = 1 + self.below(2);
        (json!(vec![value; count]), schema, vec![text; count])
    }

    /// An object of two properties, which begin with a name, its schema, and the texts of what it has.
    fn object(&mut self, name: &str) -> (Map<String, Value>, Value, Vec<(String, String)>) {
        let mut schema = json!({ "type": "object", "properties": {} });
        let (mut values, mut texts) = (Map::new(), Vec::new());
        for suffix in ["x", "y"] {
            let (value, of, text) = self.scalar();
            let property = format!("{name}{suffix}");
            schema["properties"][&property] = of;
            if self.below(3) > 0 {
                values.insert(property.clone(), value);
                texts.push((property, text));
            }
        }
        (values, schema, texts)
    }

    fn query(&mut self, name: &str) {
        let mut parameter = json!({ "name": name, "in": "query" });
        if self.below(4) == 0 {
            return;
        }
        let is_given = self.below(4) > 0;
        let mut pairs: Vec<(String, String)> = Vec::new();
        match self.below(3) {
            0 => {
                let (value, schema, text) = self.scalar();
                parameter["schema"] = schema;
                parameter["required"] = json!(is_given);
                self.arguments
                    .insert(name.to_owned(), if is_given { value } else { Value::Null });
                pairs.push((name.to_owned(), text));
            }
            1 => {
                let (values, items, texts) = self.entries();
                parameter["schema"] = json!({ "type": "array", "items": items });
                let styles = [
                    (None, None, None),
                    (Some("form"), Some(true), None),
                    (Some("form"), Some(false), Some(",")),
                    (None, Some(false), Some(",")),
                    (Some("pipeDelimited"), Some(false), Some("|")),
                    (Some("spaceDelimited"), Some(false), Some(" ")),
                ];
                let (style, explode, separator) = styles[self.below(styles.len())];
                for (key, value) in [
                    ("style", style.map(Value::from)),
                    ("explode", explode.map(Value::from)),
                ] {
                    if let Some(value) = value {
                        parameter[key] = value;
                    }
                }
                self.arguments
                    .insert(name.to_owned(), if is_given { values } else { Value::Null });
                match separator {
                    Some(separator) => pairs.push((name.to_owned(), texts.join(separator))),
                    None => pairs.extend(texts.into_iter().map(|text| (name.to_owned(), text))),
                }
            }
            _ => {
                let (values, schema, texts) = self.object(name);
                parameter["schema"] = schema;
                let is_deep = self.below(2) == 0;
                if is_deep {
                    parameter["style"] = json!("deepObject");
                    parameter["explode"] = json!(true);
                }
                for (property, value) in values.into_iter().filter(|_| is_given) {
                    let field = if is_deep {
                        format!("{name}_{property}")
                    } else {
                        property
                    };
                    self.arguments.insert(field, value);
                }
                pairs.extend(texts.into_iter().map(|(property, text)| {
                    (
                        if is_deep {
                            format!("{name}[{property}]")
                        } else {
                            property
                        },
                        text,
                    )
                }));
            }
        }
        self.parameters.push(parameter);
        if is_given {
            self.expected.query.extend(pairs);
        }
    }

    fn header(&mut self, name: &str) {
        if self.below(2) == 0 {
            return;
        }
        let is_given = self.below(3) > 0;
        let (field, key) = (
            name.to_ascii_lowercase().replace('-', "_"),
            name.to_ascii_lowercase(),
        );
        let (value, schema, text) = match self.below(3) {
            0 => (
                json!("1,2"),
                json!({ "type": "array", "items": { "type": "integer" } }),
                "1,2".to_owned(),
            ),
            1 => (json!(5), json!({ "type": "integer" }), "5".to_owned()),
            _ => (
                json!("text"),
                json!({ "type": "string" }),
                "text".to_owned(),
            ),
        };
        self.parameters
            .push(json!({ "name": name, "in": "header", "schema": schema }));
        if is_given {
            self.arguments.insert(field, value);
            self.expected.headers.insert(key, text);
        }
    }

    fn security(&mut self) -> Value {
        let cases = [
            ("bearer", "authorization", format!("Bearer {KEY}")),
            (
                "basic",
                "authorization",
                "Basic cmFuZG9tLWtleTpvZi10aGUtdGVzdA==".to_owned(),
            ),
            ("header", "x-key", KEY.to_owned()),
            ("cookie", "cookie", format!("sid={KEY}")),
        ];
        let Some((name, header, value)) = cases.get(self.below(5)).cloned() else {
            return json!([]);
        };
        self.expected.headers.insert(header.to_owned(), value);
        // A client that has a key sends it where it may.
        if self.below(4) == 0 {
            json!([{}, { name: [] }])
        } else {
            json!([{ name: [] }])
        }
    }

    fn body(&mut self) -> Option<Value> {
        let (media_type, media) = match self.below(4) {
            0 => return None,
            1 => {
                let types = [
                    "application/vnd.zoo.v1+json",
                    "application/merge-patch+json",
                    "text/json",
                    "Application/JSON",
                ];
                let media_type = types[self.below(types.len())];
                let (values, schema, _) = self.object("j");
                self.arguments
                    .insert("body".to_owned(), values.clone().into());
                self.expected.body.push(values.into());
                (media_type, json!({ "schema": schema }))
            }
            2 => (FORM, self.form()),
            _ => ("multipart/form-data", self.multipart()),
        };
        let sent = if media_type == "Application/JSON" {
            "application/json"
        } else {
            media_type
        };
        self.expected
            .headers
            .insert("content-type".to_owned(), sent.to_owned());
        Some(json!({ "required": true, "content": { media_type: media } }))
    }

    fn form(&mut self) -> Value {
        let (mut body, mut encoding) = (Map::new(), json!({}));
        let mut schema = json!({ "type": "object", "properties": {} });
        let mut pairs: Vec<(String, String)> = Vec::new();
        for name in ["fa", "fb", "fc"] {
            match self.below(4) {
                0 => {
                    let (value, of, text) = self.scalar();
                    schema["properties"][name] = of;
                    body.insert(name.to_owned(), value);
                    pairs.push((name.to_owned(), text));
                }
                1 => {
                    let (values, items, texts) = self.entries();
                    schema["properties"][name] = json!({ "type": "array", "items": items });
                    body.insert(name.to_owned(), values);
                    match self.below(3) {
                        0 => pairs.extend(
                            (0..)
                                .zip(texts)
                                .map(|(index, text)| (format!("{name}[{index}]"), text)),
                        ),
                        1 => {
                            encoding[name] = json!({ "style": "form", "explode": true });
                            pairs.extend(texts.into_iter().map(|text| (name.to_owned(), text)));
                        }
                        _ => {
                            encoding[name] = json!({ "style": "pipeDelimited", "explode": false });
                            pairs.push((name.to_owned(), texts.join("|")));
                        }
                    }
                }
                2 => {
                    let (values, of, texts) = self.object(name);
                    schema["properties"][name] = of;
                    body.insert(name.to_owned(), values.into());
                    pairs.extend(
                        texts
                            .into_iter()
                            .map(|(property, text)| (format!("{name}[{property}]"), text)),
                    );
                }
                _ => {
                    schema["properties"][name] = json!({ "type": ["string", "null"] });
                    body.insert(name.to_owned(), Value::Null);
                }
            }
        }
        self.arguments.insert("body".to_owned(), body.into());
        self.expected.body = pairs
            .into_iter()
            .map(|(name, value)| json!([name, value]))
            .collect();
        json!({ "schema": schema, "encoding": encoding })
    }

    fn multipart(&mut self) -> Value {
        let mut body = Map::new();
        let mut schema = json!({ "type": "object", "properties": {} });
        for name in ["ma", "mb", "mc"] {
            let mut part = |is_file: bool, kind: Option<&str>, text: &str| {
                // Each byte is one character.
                let text: String = text.bytes().map(char::from).collect();
                self.expected.body.push(json!([name, is_file, kind, text]));
            };
            let file = json!({ "type": "string", "format": "binary" });
            match self.rng.random_range(0..4) {
                0 => {
                    part(true, Some("application/octet-stream"), "\r\n--");
                    schema["properties"][name] = file;
                    body.insert(name.to_owned(), json!(b"\r\n--".to_vec()));
                }
                1 => {
                    part(true, Some("application/octet-stream"), "one");
                    part(true, Some("application/octet-stream"), "");
                    schema["properties"][name] = json!({ "type": "array", "items": file });
                    body.insert(name.to_owned(), json!([b"one".to_vec(), []]));
                }
                2 => {
                    part(false, Some("application/json"), r#"{"n":1}"#);
                    schema["properties"][name] =
                        json!({ "type": "object", "properties": { "n": { "type": "integer" } } });
                    body.insert(name.to_owned(), json!({ "n": 1 }));
                }
                _ => {
                    let (value, of, text) = self.scalar();
                    let text: String = text.bytes().map(char::from).collect();
                    self.expected.body.push(json!([name, false, null, text]));
                    schema["properties"][name] = of;
                    body.insert(name.to_owned(), value);
                }
            }
        }
        self.arguments.insert("body".to_owned(), body.into());
        json!({ "schema": schema })
    }
}
