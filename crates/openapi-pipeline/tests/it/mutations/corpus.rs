//! What is mutated: small documents, and real ones cut into pieces that a stage is done with in a
//! moment.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use openapi_pipeline::load;
use serde_json::{Value, json};

const SMALL: [&str; 3] = [
    include_str!("../dialects/3.0.3.yaml"),
    include_str!("../dialects/3.1.0.yaml"),
    include_str!("../dialects/3.1.0-nullable.yaml"),
];
const REAL: [&str; 2] = [
    "openapi/upstream.json",
    "tests/codegen-fixtures/openapi/upstream.json",
];

/// Documents that hold together.
pub(crate) fn documents() -> Vec<Value> {
    let small = SMALL.iter().map(|text| read(text));
    let mut documents: Vec<Value> = small.collect();
    for name in REAL {
        let file = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../..")
            .join(name);
        let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{name}: {error}"));
        documents.extend(pieces(&read(&text)));
    }
    documents
}

/// Documents as texts, each under a name that says how to read it.
pub(crate) fn texts() -> Vec<(&'static str, String)> {
    let mut texts: Vec<_> = SMALL
        .iter()
        .map(|text| ("small.yaml", (*text).to_owned()))
        .collect();
    for document in documents() {
        let yaml = yaml_serde::to_string(&document).expect("JSON is YAML");
        texts.push(("piece.yaml", yaml));
        texts.push(("piece.json", document.to_string()));
    }
    texts
}

fn read(text: &str) -> Value {
    load::document(text, "corpus").unwrap_or_else(|error| panic!("{error}"))
}

/// For each path a document with it, and all that it refers to.
fn pieces(document: &Value) -> Vec<Value> {
    let paths = document["paths"].as_object().into_iter().flatten();
    paths
        .map(|(path, item)| {
            let mut piece = json!({ "openapi": document["openapi"], "info": document["info"], "paths": { path: item } });
            let mut open = BTreeSet::new();
            references(&piece, &mut open);
            let mut seen = BTreeSet::new();
            while let Some(reference) = open.pop_first() {
                let place = reference.trim_start_matches('#');
                let found = document.pointer(place);
                let keys: Vec<&str> = place.split('/').collect();
                if let (Some(found), &["", "components", section, name]) = (found, &keys[..])
                    && seen.insert(reference.clone())
                {
                    references(found, &mut open);
                    piece["components"][section][name] = found.clone();
                }
            }
            piece
        })
        .collect()
}

fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(entries) => {
            found.extend(
                entries
                    .get("$ref")
                    .and_then(Value::as_str)
                    .map(str::to_owned),
            );
            entries.values().for_each(|entry| references(entry, found));
        }
        Value::Array(entries) => entries.iter().for_each(|entry| references(entry, found)),
        _ => {}
    }
}
