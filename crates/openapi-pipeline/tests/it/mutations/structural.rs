//! Mutations of a document as a value.

use openapi_pipeline::{Pointer, canonical};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

/// A way down from the root: at each step a child by number, round and round. It ends early at a
/// scalar.
#[derive(Clone, Debug)]
pub(crate) struct Place(Vec<u8>);

impl Place {
    fn within(&self, document: &Value) -> Pointer {
        let mut at = Pointer::root();
        let mut value = document;
        for step in &self.0 {
            let step = usize::from(*step);
            let next = match value {
                Value::Object(entries) if !entries.is_empty() => entries
                    .iter()
                    .nth(step % entries.len())
                    .map(|(key, entry)| (key.clone(), entry)),
                Value::Array(entries) if !entries.is_empty() => {
                    let index = step % entries.len();
                    Some((index.to_string(), &entries[index]))
                }
                _ => None,
            };
            let Some((key, inner)) = next else { break };
            at.push(&key);
            value = inner;
        }
        at
    }
}

/// One change of a document.
#[derive(Clone, Debug)]
pub(crate) enum Mutation {
    Remove(Place),
    /// What stands there stands there twice.
    Duplicate(Place),
    Replace(Place, Value),
    /// What stands at the one place stands at the other, too.
    Copy(Place, Place),
    /// The same, out of another document.
    Graft(Index, Place, Place),
    Swap(Place, Place),
    /// Another keyword for the same value.
    Rename(Place, &'static str),
    /// One more keyword.
    Insert(Place, &'static str, Value),
    /// A reference to some place instead of what stands there.
    Refer(Place, Place),
    /// A keyword around what stands there, and again and again.
    Wrap(Place, &'static str, u8),
    /// What stands there so many times, side by side.
    Multiply(Place, &'static str, u8),
    /// Components each of which refers to the next one twice.
    Ladder(Place, &'static str, u8),
    /// Components all of which refer to all of them.
    Clique(Place, &'static str, u8),
}

fn place() -> impl Strategy<Value = Place> {
    prop::collection::vec(any::<u8>(), 0..14).prop_map(Place)
}

pub(crate) fn mutation() -> impl Strategy<Value = Mutation> {
    let keyword = || select(KEYWORDS);
    let around = || {
        select(
            &[
                "allOf",
                "anyOf",
                "oneOf",
                "items",
                "properties",
                "additionalProperties",
                "not",
                "$defs",
                "content",
                "x-any",
            ][..],
        )
    };
    prop_oneof![
        1 => place().prop_map(Mutation::Remove),
        1 => place().prop_map(Mutation::Duplicate),
        3 => (place(), odd()).prop_map(|(at, value)| Mutation::Replace(at, value)),
        2 => (place(), place()).prop_map(|(from, to)| Mutation::Copy(from, to)),
        1 => (any::<Index>(), place(), place()).prop_map(|(of, from, to)| Mutation::Graft(of, from, to)),
        1 => (place(), place()).prop_map(|(left, right)| Mutation::Swap(left, right)),
        2 => (place(), keyword()).prop_map(|(at, key)| Mutation::Rename(at, key)),
        3 => (place(), keyword(), odd()).prop_map(|(at, key, value)| Mutation::Insert(at, key, value)),
        3 => (place(), place()).prop_map(|(at, to)| Mutation::Refer(at, to)),
        1 => (place(), around(), 1..110_u8).prop_map(|(at, key, times)| Mutation::Wrap(at, key, times)),
        1 => (place(), around(), 2..60_u8).prop_map(|(at, key, times)| Mutation::Multiply(at, key, times)),
        1 => (place(), around(), 2..40_u8).prop_map(|(at, key, steps)| Mutation::Ladder(at, key, steps)),
        1 => (place(), around(), 2..14_u8).prop_map(|(at, key, many)| Mutation::Clique(at, key, many)),
    ]
}

const KEYWORDS: &[&str] = &[
    "$ref",
    "$defs",
    "type",
    "nullable",
    "enum",
    "const",
    "format",
    "items",
    "properties",
    "required",
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "additionalProperties",
    "prefixItems",
    "discriminator",
    "mapping",
    "propertyName",
    "default",
    "example",
    "examples",
    "minimum",
    "exclusiveMaximum",
    "maxLength",
    "multipleOf",
    "pattern",
    "uniqueItems",
    "readOnly",
    "writeOnly",
    "deprecated",
    "name",
    "in",
    "style",
    "explode",
    "schema",
    "content",
    "parameters",
    "requestBody",
    "responses",
    "headers",
    "links",
    "callbacks",
    "security",
    "servers",
    "operationId",
    "description",
    "summary",
    "tags",
    "get",
    "post",
    "trace",
    "/",
    "/{",
    "/{}/{a}",
    "/{a}{a}",
    "200",
    "2XX",
    "default ",
    "5",
    "x-extensible-enum",
    "",
    "~1",
    "ключ",
    "webhooks",
    "components",
    "schemas",
    "pathItems",
];

/// What a document should not have there, or seldom has.
fn odd() -> impl Strategy<Value = Value> {
    let texts = select(
        &[
            "",
            " ",
            "#",
            "#/",
            "#/components/schemas/",
            "#/components/schemas/Missing",
            "#/paths/~1a",
            "other.json#/a",
            "http://[::1",
            "%zz",
            "#/%ff",
            "NaN",
            "Infinity",
            "1e999",
            "null",
            "string",
            "array",
            "object",
            "self",
            "Self",
            "_",
            "-",
            "🦀",
            "\u{0}",
            "\u{feff}",
            "a\nb",
            "${x}",
            "{",
            "}",
            "{a}",
            "'",
            "\"",
            "\\",
            "query",
            "path",
            "cookie",
            "deepObject",
            "date-time",
            "uint64",
            "application/json",
            "*/*",
            "multipart/form-data",
        ][..],
    );
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        select(vec![
            json!(0),
            json!(-1),
            json!(u64::MAX),
            json!(i64::MIN),
            json!(1e308),
            json!(-0.0),
            json!(0.1),
            json!(5e-324)
        ]),
        texts.prop_map(Value::from),
        Just(Value::from("a".repeat(3_000))),
    ];
    scalar.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((select(KEYWORDS), inner), 0..4).prop_map(|entries| {
                entries
                    .into_iter()
                    .map(|(key, value)| (key.to_owned(), value))
                    .collect()
            }),
        ]
    })
}

impl Mutation {
    pub(crate) fn apply(&self, document: &mut Value, corpus: &[Value]) {
        match self {
            Self::Remove(at) => {
                take(document, &at.within(document));
            }
            Self::Duplicate(at) => {
                let at = at.within(document);
                let value = value_at(document, &at);
                match parent(document, &at) {
                    Some((Value::Object(entries), key)) => {
                        entries.insert(format!("{key}2"), value);
                    }
                    Some((Value::Array(entries), _)) => entries.push(value),
                    _ => {}
                }
            }
            Self::Replace(at, value) => put(document, &at.within(document), value.clone()),
            Self::Copy(from, to) => {
                let value = value_at(document, &from.within(document));
                put(document, &to.within(document), value);
            }
            Self::Graft(of, from, to) => {
                let other = &corpus[of.index(corpus.len())];
                let value = value_at(other, &from.within(other));
                put(document, &to.within(document), value);
            }
            Self::Swap(left, right) => {
                let (left, right) = (left.within(document), right.within(document));
                let values = (value_at(document, &left), value_at(document, &right));
                put(document, &left, values.1);
                put(document, &right, values.0);
            }
            Self::Rename(at, name) => {
                let at = at.within(document);
                let value = value_at(document, &at);
                if let Some((Value::Object(entries), key)) = parent(document, &at) {
                    entries.remove(&key);
                    entries.insert((*name).to_owned(), value);
                }
            }
            Self::Insert(at, name, value) => {
                let at = at.within(document);
                if let Some(Value::Object(entries)) = document.pointer_mut(at.as_str()) {
                    entries.insert((*name).to_owned(), value.clone());
                }
            }
            Self::Refer(at, to) => {
                let to = to.within(document).to_string();
                put(document, &at.within(document), json!({ "$ref": to }));
            }
            Self::Wrap(at, keyword, times) => {
                let at = at.within(document);
                let mut value = value_at(document, &at);
                for _ in 0..*times {
                    value = held(keyword, vec![value]);
                }
                put(document, &at, value);
            }
            Self::Multiply(at, keyword, times) => {
                let at = at.within(document);
                let value = value_at(document, &at);
                put(
                    document,
                    &at,
                    held(keyword, vec![value; usize::from(*times)]),
                );
            }
            Self::Ladder(at, keyword, steps) => {
                let at = at.within(document);
                let last = value_at(document, &at);
                let step =
                    |number: u8| json!({ "$ref": format!("#/components/schemas/Step{number}") });
                put(document, &at, step(0));
                let schemas = schemas(document);
                for number in 0..*steps {
                    schemas[format!("Step{number}")] = held(keyword, vec![step(number + 1); 2]);
                }
                schemas[format!("Step{steps}")] = if last.is_object() {
                    last
                } else {
                    json!({ "type": "string", "maxLength": 3 })
                };
            }
            Self::Clique(at, keyword, many) => {
                let member =
                    |number: u8| json!({ "$ref": format!("#/components/schemas/Member{number}") });
                put(document, &at.within(document), member(0));
                let schemas = schemas(document);
                for number in 0..*many {
                    schemas[format!("Member{number}")] =
                        held(keyword, (0..*many).map(member).collect());
                }
            }
        }
    }
}

/// The values under a keyword, in the way that the keyword holds several.
fn held(keyword: &str, mut values: Vec<Value>) -> Value {
    let several = match keyword {
        "allOf" | "anyOf" | "oneOf" | "x-any" => Value::from(values),
        "items" | "additionalProperties" | "not" => match values.len() {
            1 => values.remove(0),
            _ => {
                let (first, second) = (values.remove(0), values.remove(0));
                return json!({ "type": "array", "items": first, "additionalProperties": second });
            }
        },
        _ => values
            .into_iter()
            .enumerate()
            .map(|(number, value)| (format!("p{number}"), value))
            .collect(),
    };
    match keyword {
        "properties" => json!({ "type": "object", "properties": several }),
        _ => json!({ keyword: several }),
    }
}

/// One action of an overlay.
#[derive(Clone, Debug)]
pub(crate) struct Action {
    target: Place,
    update: Option<Place>,
    of: Index,
    keyword: &'static str,
}

pub(crate) fn overlay() -> impl Strategy<Value = Action> {
    let keyword = select(KEYWORDS);
    (place(), prop::option::of(place()), any::<Index>(), keyword).prop_map(
        |(target, update, of, keyword)| Action {
            target,
            update,
            of,
            keyword,
        },
    )
}

impl Action {
    /// An overlay of this action. It is aimed at the document as it was before it was normalised;
    /// much still stands there.
    pub(crate) fn text(&self, document: &Value, corpus: &[Value]) -> String {
        let mut action = json!({
            "target": self.target.within(document).to_json_path(),
            "description": "why",
        });
        match &self.update {
            Some(from) => {
                let other = &corpus[self.of.index(corpus.len())];
                action["update"] = json!({ self.keyword: value_at(other, &from.within(other)) });
            }
            None => action["remove"] = json!(true),
        }
        canonical::text(
            &json!({ "overlay": "1.0.0", "info": { "title": "T", "version": "1" }, "actions": [action] }),
        )
    }
}

fn schemas(document: &mut Value) -> &mut Value {
    for at in ["/components", "/components/schemas"] {
        if !document.pointer(at).is_some_and(Value::is_object) {
            put(
                document,
                &Pointer::from_reference(&format!("#{at}")).expect("it is one"),
                json!({}),
            );
        }
    }
    &mut document["components"]["schemas"]
}

fn value_at(document: &Value, at: &Pointer) -> Value {
    document.pointer(at.as_str()).cloned().unwrap_or_default()
}

fn put(document: &mut Value, at: &Pointer, value: Value) {
    match parent(document, at) {
        Some((Value::Object(entries), key)) => {
            entries.insert(key, value);
        }
        Some((Value::Array(entries), key)) => {
            if let Some(entry) = key
                .parse::<usize>()
                .ok()
                .and_then(|index| entries.get_mut(index))
            {
                *entry = value;
            }
        }
        // The whole document stays an object: anything else is refused at once.
        _ => {}
    }
}

fn take(document: &mut Value, at: &Pointer) {
    match parent(document, at) {
        Some((Value::Object(entries), key)) => {
            entries.remove(&key);
        }
        Some((Value::Array(entries), key)) => {
            if let Some(index) = key
                .parse::<usize>()
                .ok()
                .filter(|index| *index < entries.len())
            {
                entries.remove(index);
            }
        }
        _ => {}
    }
}

fn parent<'a>(document: &'a mut Value, at: &Pointer) -> Option<(&'a mut Value, String)> {
    let mut above = at.clone();
    let key = above.pop()?;
    if above == Pointer::root() && !document.is_object() {
        *document = json!({});
    }
    Some((document.pointer_mut(above.as_str())?, key))
}
