//! Synthetic documents of any size: the same number of operations gives the same bytes on every
//! machine.
//!
//! Every five operations are one resource, made from the template `synthetic_resource.json`, with
//! what real documents have: paging and filters, request and response bodies, schemas that are
//! shared and refer to one another, enums, null in both dialects, errors, examples.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

/// What all resources share.
const DOCUMENT: &str = include_str!("synthetic_document.json");
/// The operations and schemas of a resource, with placeholders.
const RESOURCE: &str = include_str!("synthetic_resource.json");
/// The words that resources are named by.
static WORDS: LazyLock<[Vec<String>; 2]> = LazyLock::new(|| {
    let words = parse(include_str!("synthetic_words.json"));
    ["areas", "nouns"].map(|kind| {
        let words = words[kind].as_array().into_iter().flatten();
        words.filter_map(Value::as_str).map(str::to_owned).collect()
    })
});
/// The parameter that the overlay adds to every create operation.
const KEY: &str = "  - target: $.components
    description: Every create takes a key.
    update: { parameters: { IdempotencyKey: { name: Idempotency-Key, in: header, schema: { type: string, maxLength: 255 } } } }
";
/// Operations of one resource.
const EACH: usize = 5;

/// Operations to measure for one figure, so that large documents are measured fewer times, but at
/// least three times.
const ALL_RUNS: usize = 5_000;
const FEWEST_RUNS: usize = 3;

/// How often to measure a document with so many operations, at most `asked` times.
pub fn runs(operations: usize, asked: usize) -> usize {
    asked.min((ALL_RUNS / operations).max(FEWEST_RUNS))
}

/// A document with so many operations.
pub fn document(operations: usize) -> Value {
    let mut document = parse(DOCUMENT);
    let (mut paths, mut schemas) = (Map::new(), Map::new());
    for number in 0..operations.div_ceil(EACH) {
        let mut resource = Resource::numbered(number).template();
        let all = resource["operations"].as_array_mut().into_iter().flatten();
        for operation in all.take(operations - number * EACH) {
            let [path, method] = [0, 1].map(|at| operation[at].as_str().unwrap_or_default());
            let item = paths.entry(path).or_insert_with(|| json!({}));
            item[method] = operation[2].clone();
        }
        if let Some(own) = resource["schemas"].as_object_mut() {
            schemas.append(own);
        }
    }
    document["paths"] = Value::Object(paths);
    if let Some(shared) = document["components"]["schemas"].as_object_mut() {
        shared.append(&mut schemas);
    }
    document
}

fn parse(text: &str) -> Value {
    serde_json::from_str(text).expect("the templates are JSON")
}

/// The same document some releases later: one resource in ten has changed in each of the ways in
/// which APIs change, and so has a schema that all error responses share.
pub fn revision(operations: usize) -> Value {
    let mut document = document(operations);
    let code = "/components/schemas/Error/properties/error/properties/code";
    change(&mut document, code, |code| code["maxLength"] = json!(64));
    for number in (0..operations.div_ceil(EACH)).step_by(10) {
        let resource = Resource::numbered(number);
        let (r#type, collection) = (&resource.r#type, resource.collection().replace('/', "~1"));
        let one = format!("/paths/{collection}~1{{id}}");
        let created = format!("/components/schemas/{type}Create");
        let row_schema = format!("/components/schemas/{type}/allOf/1");
        change(&mut document, &created, |body| {
            body["required"] = json!(["name", "status"]);
            body["properties"]["status"]["enum"][2] = json!("retired");
            body["properties"]["name"]["maxLength"] = json!(80);
        });
        change(&mut document, &row_schema, |row| {
            row["required"] = json!(["name"]);
            row["properties"]["weights"]["additionalProperties"]["type"] = json!("integer");
            row["properties"]["settings"]["type"] = json!(["object", "null"]);
            row["properties"]["score"] = json!({ "type": "number" });
        });
        change(&mut document, &format!("{one}/get"), |read| {
            read["deprecated"] = json!(true);
            if let Some(responses) = read["responses"].as_object_mut() {
                responses.remove("404");
            }
        });
        change(&mut document, &one, |item| {
            if let Some(removed) = item.as_object_mut().and_then(|item| item.remove("delete")) {
                item["put"] = removed;
            }
        });
    }
    document
}

/// Changes the value at a pointer, if there is one: the last resource may have fewer operations.
fn change(document: &mut Value, pointer: &str, how: impl FnOnce(&mut Value)) {
    if let Some(place) = document.pointer_mut(pointer) {
        how(place);
    }
}

/// An overlay for the document: one action for each resource.
pub fn overlay(operations: usize) -> String {
    let actions: String = (0..operations.div_ceil(EACH))
        .filter(|number| operations - number * EACH > 1)
        .map(|number| {
            let path = Resource::numbered(number).collection();
            format!(
                "  - target: $.paths['{path}'].post.parameters\n    description: Creates are repeatable by key.\n    update: {{ $ref: '#/components/parameters/IdempotencyKey' }}\n"
            )
        })
        .collect();
    format!(
        "overlay: 1.0.0\ninfo: {{ title: Synthetic, version: 1.0.0 }}\nactions:\n{KEY}{actions}"
    )
}

/// A thing that can be listed, created, read, changed and removed.
struct Resource {
    number: usize,
    /// `billing_invoice`, with a number once all words are used.
    words: String,
    /// `BillingInvoice`.
    r#type: String,
}

impl Resource {
    fn numbered(number: usize) -> Self {
        let [areas, nouns] = &*WORDS;
        let noun = &nouns[number % nouns.len()];
        let area = &areas[number / nouns.len() % areas.len()];
        let round = match number / (nouns.len() * areas.len()) {
            0 => String::new(),
            round => format!("{}", round + 1),
        };
        Self {
            number,
            words: format!("{area}_{noun}{round}"),
            r#type: format!("{}{}{round}", capitalised(area), capitalised(noun)),
        }
    }

    /// Every third resource belongs to the one before it.
    fn parent(&self) -> Option<Self> {
        (self.number % 3 == 2).then(|| Self::numbered(self.number - 1))
    }

    fn collection(&self) -> String {
        let segment = format!("{}-list", self.words.replace('_', "-"));
        match self.parent() {
            Some(parent) => format!("{}/{{parent_id}}/{segment}", parent.collection()),
            None => format!("/api/v1/{segment}"),
        }
    }

    /// The template with this resource's words, and what only some resources have.
    fn template(&self) -> Value {
        let text = RESOURCE
            .replace("$collection", &self.collection())
            .replace("$words", &self.words)
            .replace("$Type", &self.r#type)
            .replace("$Related", &Self::numbered(self.number / 2).r#type);
        let mut template = parse(&text);
        let properties = format!("/schemas/{}/allOf/1/properties", self.r#type);
        if let Some(parent) = self.parent() {
            let id = json!({ "name": "parent_id", "in": "path", "required": true, "schema": { "type": "string" } });
            for operation in template["operations"].as_array_mut().into_iter().flatten() {
                if let Some(parameters) = operation[2]["parameters"].as_array_mut() {
                    parameters.insert(0, id.clone());
                }
            }
            change(&mut template, &properties, |properties| {
                properties["parent"] = reference(&parent.r#type);
            });
        }
        if self.number.is_multiple_of(5) {
            change(&mut template, &properties, |properties| {
                properties["source"] = json!({ "oneOf": [reference("Actor"), reference("Money")] });
            });
        }
        template
    }
}

fn capitalised(word: &str) -> String {
    let (first, rest) = word.split_at(1);
    format!("{}{rest}", first.to_uppercase())
}

fn reference(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}
