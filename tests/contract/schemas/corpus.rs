//! Instances made from the document: its examples, the least and the most, every boundary, one
//! mutation for every constraint.

use pivotal_openapi::Document;
use pivotal_openapi::schema::{is_nullable, known_values, types};
use serde_json::{Value, json};

use super::kind::Kind;
use super::site::{Place, Presence, Site, is_required, sites};

/// A value to be validated, and what it is meant to try where.
#[derive(Clone, Debug)]
pub(super) struct Instance {
    pub(super) place: Place,
    pub(super) kind: Kind,
    pub(super) value: Value,
}

/// What is done to a value of a place.
#[derive(Clone, Debug)]
pub(super) enum Edit {
    Set(Value),
    Remove,
    AddKey,
}

/// Keywords that the corpus tries.
const TRIED: [&str; 15] = [
    "$ref",
    "enum",
    "format",
    "items",
    "maxItems",
    "maxLength",
    "maximum",
    "minItems",
    "minLength",
    "minimum",
    "properties",
    "required",
    "type",
    "x-extensible-enum",
    "examples",
];

/// Keywords that take and refuse nothing.
const SILENT: [&str; 6] = [
    "default",
    "deprecated",
    "description",
    "title",
    "x-evidence",
    "x-inferred-values",
];

/// Every instance of a component that does not depend on chance.
pub(super) fn corpus(contract: &Document, component: &str) -> Vec<Instance> {
    let sites = sites(contract, component);
    let whole = &sites[0];
    let instance = |kind, value| Instance {
        place: whole.place.clone(),
        kind,
        value,
    };
    let most = plain(contract, whole.schema, true);
    let mut found = vec![
        instance(Kind::Least, plain(contract, whole.schema, false)),
        instance(Kind::Most, most.clone()),
    ];
    let examples = whole.schema["examples"].as_array().into_iter().flatten();
    found.extend(examples.map(|example| instance(Kind::Example, example.clone())));
    for site in &sites {
        let edited = edits(site).into_iter().filter_map(|(kind, edit)| {
            Some(Instance {
                place: site.place.clone(),
                kind,
                value: edited(&most, &site.pointer, &edit)?,
            })
        });
        found.extend(edited);
    }
    found
}

/// A value with one place changed; `None` where the value has no such place.
pub(super) fn edited(value: &Value, pointer: &str, edit: &Edit) -> Option<Value> {
    let mut value = value.clone();
    let target = value.pointer_mut(pointer)?;
    match edit {
        Edit::Set(new) => *target = new.clone(),
        Edit::AddKey => {
            target
                .as_object_mut()?
                .insert("newer_than_the_document".to_owned(), json!({ "a": [1] }));
        }
        Edit::Remove => {
            let (owner, key) = pointer.rsplit_once('/')?;
            value.pointer_mut(owner)?.as_object_mut()?.remove(key);
        }
    }
    Some(value)
}

/// An unremarkable value: with every property, or with those alone that are required.
pub(crate) fn plain(contract: &Document, schema: &Value, everything: bool) -> Value {
    let schema = contract.resolve(schema);
    if let Some(value) = known_values(schema).next() {
        return value.clone();
    }
    match types(schema).first().copied() {
        Some("object") => contract
            .properties(schema)
            .into_iter()
            .filter(|(name, _)| everything || is_required(schema, name))
            .map(|(name, inner)| (name.to_owned(), plain(contract, inner, everything)))
            .collect(),
        Some("array") => {
            let entries = limit(schema, "minItems").unwrap_or(0).max(1);
            vec![plain(contract, &schema["items"], everything); entries].into()
        }
        Some("string") => match schema["format"].as_str() {
            Some("date-time") => json!("2026-05-26T17:21:09.412Z"),
            Some("email") => json!("mira@aurora.example"),
            _ => text(limit(schema, "minLength").unwrap_or(0).max(1)),
        },
        Some("integer") => json!(schema["minimum"].as_i64().unwrap_or(7)),
        Some("number") => json!(schema["minimum"].as_f64().unwrap_or(7.0)),
        Some("boolean") => json!(true),
        other => panic!("no value of the type {other:?}: teach tests/contract/schemas/corpus.rs"),
    }
}

/// Everything that is tried at one place.
pub(super) fn edits(site: &Site<'_>) -> Vec<(Kind, Edit)> {
    refuse_unknown_keywords(site);
    let set = |(kind, value)| (kind, Edit::Set(value));
    let mut found: Vec<(Kind, Edit)> = Vec::new();
    found.extend(wrong_types(site.schema).into_iter().map(set));
    found.extend(values(site.schema).into_iter().map(set));
    let nullable = is_nullable(site.schema);
    let null = match site.presence {
        _ if nullable => Kind::Null,
        Presence::Optional => Kind::NullForAbsent,
        Presence::Required | Presence::Always => Kind::NullRefused,
    };
    found.push((null, Edit::Set(Value::Null)));
    match site.presence {
        Presence::Required if nullable => found.push((Kind::MissingNullable, Edit::Remove)),
        Presence::Required => found.push((Kind::Missing, Edit::Remove)),
        Presence::Optional => found.push((Kind::Absent, Edit::Remove)),
        Presence::Always => {}
    }
    if types(site.schema).contains(&"object") {
        found.push((Kind::ExtraKey, Edit::AddKey));
    }
    found
}

/// A keyword that nobody tries would be one that nobody keeps.
fn refuse_unknown_keywords(site: &Site<'_>) {
    let keywords = site.schema.as_object().into_iter().flatten();
    for (keyword, _) in keywords {
        assert!(
            TRIED.contains(&keyword.as_str()) || SILENT.contains(&keyword.as_str()),
            "{}: the corpus does not try `{keyword}`; teach tests/contract/schemas/corpus.rs",
            site.place
        );
    }
}

fn wrong_types(schema: &Value) -> Vec<(Kind, Value)> {
    let types = types(schema);
    [
        ("boolean", json!(true)),
        ("integer", json!(7)),
        ("string", json!("text")),
        ("array", json!([])),
        ("object", json!({})),
    ]
    .into_iter()
    .filter(|(of, _)| !types.contains(of))
    .filter(|(of, _)| *of != "integer" || !types.contains(&"number"))
    .map(|(_, value)| (Kind::WrongType, value))
    .collect()
}

fn values(schema: &Value) -> Vec<(Kind, Value)> {
    if known_values(schema).next().is_some() {
        return enum_values(schema);
    }
    let types = types(schema);
    let mut found = Vec::new();
    for of in types {
        found.extend(match of {
            "string" => strings(schema),
            "integer" => integers(schema),
            "number" => numbers(schema),
            "boolean" => vec![(Kind::KnownValue, json!(false))],
            "array" => lists(schema),
            "object" | "null" => Vec::new(),
            other => panic!("the type {other}: teach tests/contract/schemas/corpus.rs"),
        });
    }
    found
}

fn enum_values(schema: &Value) -> Vec<(Kind, Value)> {
    let known: Vec<_> = known_values(schema).collect();
    let mut found: Vec<(Kind, Value)> = known
        .iter()
        .map(|value| (Kind::KnownValue, (*value).clone()))
        .collect();
    let other = if schema.get("enum").is_none() {
        Kind::NewValue
    } else {
        Kind::UnknownValue
    };
    match types(schema).first() {
        Some(&"boolean") => found.extend(
            [true, false]
                .map(Value::from)
                .into_iter()
                .filter(|value| !known.contains(&value))
                .map(|value| (Kind::OtherBoolean, value)),
        ),
        Some(&"string") => found.extend([
            (other, json!("newer_than_the_document")),
            (other, json!("")),
        ]),
        other => panic!("an enum of {other:?}: teach tests/contract/schemas/corpus.rs"),
    }
    found
}

fn strings(schema: &Value) -> Vec<(Kind, Value)> {
    match schema["format"].as_str() {
        None => lengths(schema),
        Some("date-time") => vec![
            (Kind::Formatted("date-time"), json!("2026-05-26T17:21:09Z")),
            (
                Kind::Formatted("date-time"),
                json!("2026-05-26T17:21:09.123456789Z"),
            ),
            (
                Kind::Formatted("date-time"),
                json!("2026-05-26T19:21:09.4+02:00"),
            ),
            (Kind::Formatted("date-time"), json!("2026-05-26t17:21:09z")),
            (Kind::Formatted("date-time"), json!("2016-12-31T23:59:60Z")),
            (Kind::Formatted("date-time"), json!("0001-01-01T00:00:00Z")),
            (Kind::EndOfTime, json!("9999-12-31T23:59:59Z")),
            (Kind::BadFormat("date-time"), json!("")),
            (Kind::BadFormat("date-time"), json!("soon")),
            (Kind::BadFormat("date-time"), json!("2026-05-26")),
            (Kind::BadFormat("date-time"), json!("2026-05-26T17:21:09")),
            (Kind::BadFormat("date-time"), json!("2026-02-30T17:21:09Z")),
            (Kind::BadFormat("date-time"), json!("2026-05-26T25:21:09Z")),
            (Kind::OtherSpelling, json!("2026-05-26 17:21:09Z")),
            (Kind::OtherSpelling, json!("20260526T172109Z")),
            (Kind::OtherSpelling, json!("2026-05-26T17:21Z")),
        ],
        Some("email") => vec![
            (Kind::Formatted("email"), json!("a@b.example")),
            (
                Kind::Formatted("email"),
                json!("first.last+tag@sub.aurora.example"),
            ),
            (Kind::BadFormat("email"), json!("")),
            (Kind::BadFormat("email"), json!("not an address")),
            (Kind::BadFormat("email"), json!("@aurora.example")),
        ],
        Some(other) => panic!("the format {other}: teach tests/contract/schemas/corpus.rs"),
    }
}

fn lengths(schema: &Value) -> Vec<(Kind, Value)> {
    let least = limit(schema, "minLength").unwrap_or(0);
    let mut found = vec![(Kind::Shortest, text(least))];
    if least > 0 {
        found.push((Kind::TooShort, text(least - 1)));
    }
    match limit(schema, "maxLength") {
        Some(most) => found.extend([(Kind::Longest, text(most)), (Kind::TooLong, text(most + 1))]),
        None => found.push((Kind::Longest, text(10_000))),
    }
    found
}

/// As many characters, of two bytes each: lengths are counted in characters.
fn text(characters: usize) -> Value {
    "ü".repeat(characters).into()
}

fn integers(schema: &Value) -> Vec<(Kind, Value)> {
    let mut found = vec![
        (Kind::Fraction, json!(1.5)),
        (Kind::WholeFraction, json!(1.0)),
    ];
    let (least, most) = (schema["minimum"].as_i64(), schema["maximum"].as_i64());
    found.push((Kind::Smallest, json!(least.unwrap_or(i64::MIN))));
    found.push((Kind::Largest, json!(most.unwrap_or(i64::MAX))));
    if let Some(least) = least {
        found.push((Kind::TooSmall, json!(least - 1)));
    }
    match most {
        Some(most) => found.push((Kind::TooBig, json!(most + 1))),
        None => found.push((Kind::WideInteger, json!(i64::MAX.unsigned_abs() + 1))),
    }
    found
}

fn numbers(schema: &Value) -> Vec<(Kind, Value)> {
    let (least, most) = (schema["minimum"].as_f64(), schema["maximum"].as_f64());
    let mut found = vec![
        (Kind::Smallest, json!(least.unwrap_or(-1.0e15))),
        (Kind::Largest, json!(most.unwrap_or(1.0e15))),
        (
            Kind::Largest,
            json!(most.map_or(240_000.5, |most| most - 0.5)),
        ),
    ];
    found.extend(least.map(|least| (Kind::TooSmall, json!(least - 0.5))));
    found.extend(most.map(|most| (Kind::TooBig, json!(most + 0.5))));
    found
}

fn lists(schema: &Value) -> Vec<(Kind, Value)> {
    if schema["items"]["type"] != "string" {
        // Lists of objects are emptied; their entries are places of their own.
        return vec![(Kind::Shortest, json!([]))];
    }
    let list = |length| (0..length).map(|n| json!(format!("entry {n}"))).collect();
    let least = limit(schema, "minItems").unwrap_or(0);
    let mut found = vec![(Kind::Shortest, list(least))];
    if least > 0 {
        found.push((Kind::TooShort, list(least - 1)));
    }
    match limit(schema, "maxItems") {
        Some(most) => found.extend([(Kind::Longest, list(most)), (Kind::TooLong, list(most + 1))]),
        None => found.push((Kind::Longest, list(1_000))),
    }
    found
}

fn limit(schema: &Value, keyword: &str) -> Option<usize> {
    usize::try_from(schema[keyword].as_u64()?).ok()
}
