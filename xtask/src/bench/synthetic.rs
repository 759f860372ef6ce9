//! Documents of any size, made by rule: the same number of operations gives the same bytes on every
//! machine.
//!
//! Every five operations are one resource, with what real documents have: paging and filters,
//! bodies and answers of its own, schemas that it shares with all others and that refer to one
//! another, enums, null in both dialects, errors, examples.

use serde_json::{Map, Value, json};

const AREAS: [&str; 25] = [
    "access",
    "asset",
    "billing",
    "booking",
    "campaign",
    "catalog",
    "channel",
    "claim",
    "contract",
    "delivery",
    "device",
    "event",
    "finance",
    "fleet",
    "health",
    "identity",
    "created_records",
    "market",
    "media",
    "partner",
    "payroll",
    "project",
    "sales",
    "support",
    "travel",
];
const NOUNS: [&str; 40] = [
    "account", "address", "alert", "approval", "article", "badge", "batch", "branch", "budget",
    "change", "comment", "credit", "digest", "draft", "entry", "export", "filter", "folder",
    "grant", "group", "import", "invoice", "label", "member", "metric", "note", "order", "plan",
    "policy", "quota", "record", "region", "report", "review", "rule", "session", "ticket",
    "token", "topic", "webhook",
];
/// The parameter that the overlay adds to every create.
const KEY: &str = "  - target: $.components
    description: Every create takes a key.
    update: { parameters: { IdempotencyKey: { name: Idempotency-Key, in: header, schema: { type: string, maxLength: 255 } } } }
";
/// Operations of one resource.
const EACH: usize = 5;

/// Operations gone through for one figure, so that large documents are measured fewer times; but
/// three times all the same, where so many runs were asked for.
const ALL_RUNS: usize = 5_000;
const FEWEST_RUNS: usize = 3;

/// How often a document with so many operations is measured, of so many times that were asked for.
pub(super) fn runs(operations: usize, asked: usize) -> usize {
    asked.min((ALL_RUNS / operations).max(FEWEST_RUNS))
}

/// A document with so many operations.
pub(super) fn document(operations: usize) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    let mut schemas = shared_schemas();
    for number in 0..operations.div_ceil(EACH) {
        let resource = Resource::numbered(number);
        for (path, method, operation) in resource
            .operations()
            .into_iter()
            .take(operations - number * EACH)
        {
            let item = paths.entry(path).or_insert_with(|| json!({}));
            item[method] = operation;
        }
        schemas.extend(resource.schemas());
    }
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Synthetic", "version": "1.0.0" },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "parameters": {
                "Limit": { "name": "limit", "in": "query", "schema": { "type": "integer", "minimum": 1, "maximum": 100, "default": 25 } },
                "Cursor": { "name": "cursor", "in": "query", "schema": { "type": "string" } },
            },
            "responses": shared_responses(),
        },
    })
}

/// The same document some releases later: one resource in ten has changed in each of the ways in
/// which APIs change, and so has a schema that every response shares.
pub(super) fn revision(operations: usize) -> Value {
    let mut document = document(operations);
    let code = "/components/schemas/Error/properties/error/properties/code";
    change(&mut document, code, |code| code["maxLength"] = json!(64));
    for number in (0..operations.div_ceil(EACH)).step_by(10) {
        let resource = Resource::numbered(number);
        let (r#type, collection) = (&resource.r#type, resource.collection().replace('/', "~1"));
        let one = format!("/paths/{collection}~1{{id}}");
        let created = format!("/components/schemas/{type}Create");
        let answered = format!("/components/schemas/{type}/allOf/1");
        change(&mut document, &created, |body| {
            body["required"] = json!(["name", "status"]);
            body["properties"]["status"]["enum"][2] = json!("retired");
            body["properties"]["name"]["maxLength"] = json!(80);
        });
        change(&mut document, &answered, |row| {
            row["required"] = json!(["name"]);
            row["properties"]["weights"]["additionalProperties"]["type"] = json!("integer");
            row["properties"]["settings"]["type"] = json!(["object", "null"]);
            row["properties"]["score"] = json!({ "type": "number" });
        });
        change(&mut document, &format!("{one}/get"), |read| {
            read["deprecated"] = json!(true);
            if let Some(answers) = read["responses"].as_object_mut() {
                answers.remove("404");
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

/// Changes what is there; the last resource may have fewer operations than others.
fn change(document: &mut Value, pointer: &str, how: impl FnOnce(&mut Value)) {
    if let Some(place) = document.pointer_mut(pointer) {
        how(place);
    }
}

/// An overlay for it: one action for each resource, for what a guide promises and the document
/// omits.
pub(super) fn overlay(operations: usize) -> String {
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
    /// `billing_invoice`, with a number behind it when the words are used up.
    words: String,
    /// `BillingInvoice`.
    r#type: String,
}

impl Resource {
    fn numbered(number: usize) -> Self {
        let noun = NOUNS[number % NOUNS.len()];
        let area = AREAS[number / NOUNS.len() % AREAS.len()];
        let round = match number / (NOUNS.len() * AREAS.len()) {
            0 => String::new(),
            round => format!("{}", round + 1),
        };
        Self {
            number,
            words: format!("{area}_{noun}{round}"),
            r#type: format!("{}{}{round}", capitalised(area), capitalised(noun)),
        }
    }

    /// Every third one lives under the one before it.
    fn parent(&self) -> Option<Self> {
        (self.number % 3 == 2).then(|| Self::numbered(self.number - 1))
    }

    fn segment(&self) -> String {
        format!("{}-list", self.words.replace('_', "-"))
    }

    fn collection(&self) -> String {
        match self.parent() {
            Some(parent) => format!(
                "/api/v1/{}/{{parent_id}}/{}",
                parent.segment(),
                self.segment()
            ),
            None => format!("/api/v1/{}", self.segment()),
        }
    }

    fn path_parameters(&self) -> Vec<Value> {
        let parameter = |name: &str| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } });
        self.parent()
            .iter()
            .map(|_| parameter("parent_id"))
            .collect()
    }

    fn operations(&self) -> [(String, &'static str, Value); EACH] {
        let Self { words, r#type, .. } = self;
        let one = || format!("{}/{{id}}", self.collection());
        let mut of_one = self.path_parameters();
        of_one.push(json!({ "name": "id", "in": "path", "required": true, "description": "Id or slug.", "schema": { "type": "string", "minLength": 1 } }));
        let mut of_all = self.path_parameters();
        of_all.extend([
            reference("parameters", "Limit"),
            reference("parameters", "Cursor"),
            json!({ "name": "status", "in": "query", "schema": { "type": "array", "items": self.status() } }),
            json!({ "name": "updated_since", "in": "query", "schema": { "type": "string", "format": "date-time" } }),
        ]);
        let body = |of: &str| json!({ "required": true, "content": { "application/json": { "schema": reference("schemas", &format!("{type}{of}")), "example": { "name": "Aurora" } } } });
        [
            (
                self.collection(),
                "get",
                json!({
                    "operationId": format!("list_{words}"), "summary": format!("List every {words}"), "parameters": of_all,
                    "responses": responses("200", &self.list(), &["401", "429"]),
                }),
            ),
            (
                self.collection(),
                "post",
                json!({
                    "operationId": format!("create_{words}"), "summary": format!("Create one {words}"), "parameters": self.path_parameters(),
                    "requestBody": body("Create"),
                    "responses": responses("201", &self.reference(), &["400", "401", "409", "429"]),
                }),
            ),
            (
                one(),
                "get",
                json!({
                    "operationId": format!("get_{words}"), "summary": format!("Read one {words}"), "parameters": of_one,
                    "responses": responses("200", &self.reference(), &["401", "404", "429"]),
                }),
            ),
            (
                one(),
                "patch",
                json!({
                    "operationId": format!("update_{words}"), "summary": format!("Change one {words}"), "parameters": of_one,
                    "requestBody": body("Update"),
                    "responses": responses("200", &self.reference(), &["400", "401", "404", "429"]),
                }),
            ),
            (
                one(),
                "delete",
                json!({
                    "operationId": format!("delete_{words}"), "summary": format!("Remove one {words}"), "parameters": of_one,
                    "responses": { "204": { "description": "Removed." }, "401": reference("responses", "Unauthorized"), "404": reference("responses", "NotFound") },
                }),
            ),
        ]
    }

    fn reference(&self) -> Value {
        reference("schemas", &self.r#type)
    }

    fn status(&self) -> Value {
        json!({ "type": "string", "enum": ["draft", "active", "archived", format!("{}_only", self.words)] })
    }

    fn list(&self) -> Value {
        json!({ "type": "object", "required": ["data", "next_cursor"], "properties": {
            "data": { "type": "array", "items": self.reference() },
            "next_cursor": { "type": ["string", "null"] },
        } })
    }

    fn schemas(&self) -> [(String, Value); 3] {
        let Self { r#type, .. } = self;
        let mut answered = json!({
            "status": self.status(),
            "name": { "type": "string", "description": "What people call it.", "maxLength": 120 },
            "slug": { "type": "string", "nullable": true },
            "amount": reference("schemas", "Money"),
            "billing_address": { "anyOf": [reference("schemas", "Address"), { "type": "null" }] },
            "created_by": reference("schemas", "Actor"),
            "weights": { "type": "object", "additionalProperties": { "type": "number" } },
            "settings": { "type": "object", "properties": { "visible": { "type": "boolean" }, "color": { "type": ["string", "null"] } } },
            "related": { "type": "array", "items": Self::numbered(self.number / 2).reference() },
        });
        if let Some(parent) = self.parent() {
            answered["parent"] = parent.reference();
        }
        if self.number.is_multiple_of(5) {
            answered["source"] =
                json!({ "oneOf": [reference("schemas", "Actor"), reference("schemas", "Money")] });
        }
        let mut create = json!({
            "name": { "type": "string", "minLength": 1, "maxLength": 120, "description": "What people call it." },
            "status": self.status(),
            "slug": { "type": "string", "pattern": "^[a-z-]+$" },
            "amount": reference("schemas", "Money"),
            "billing_address": reference("schemas", "Address"),
            "starts_at": { "type": "string", "format": "date-time" },
            "labels": { "type": "array", "maxItems": 20, "items": { "type": "string", "maxLength": 40 } },
        });
        let required = json!({ "type": "object", "required": ["name"], "properties": create, "example": { "name": "Aurora", "status": "draft" } });
        if let Some(properties) = create.as_object_mut() {
            for property in properties
                .values_mut()
                .filter(|property| property["type"] == "string")
            {
                property["type"] = json!(["string", "null"]);
            }
        }
        [
            (
                r#type.clone(),
                json!({
                    "description": format!("One {}.", self.words),
                    "allOf": [reference("schemas", "Row"), { "type": "object", "required": ["status", "name"], "properties": answered }],
                    "example": { "id": "c1", "status": "active", "name": "Aurora" },
                }),
            ),
            (format!("{type}Create"), required),
            (
                format!("{type}Update"),
                json!({ "type": "object", "properties": create }),
            ),
        ]
    }
}

fn capitalised(word: &str) -> String {
    let (first, rest) = word.split_at(1);
    format!("{}{rest}", first.to_uppercase())
}

fn reference(section: &str, name: &str) -> Value {
    json!({ "$ref": format!("#/components/{section}/{name}") })
}

fn responses(success: &str, schema: &Value, errors: &[&str]) -> Value {
    let content = json!({ "application/json": { "schema": schema } });
    let mut all = json!({ success: { "description": "Success.", "content": content } });
    for status in errors {
        let name = match *status {
            "400" => "BadRequest",
            "401" => "Unauthorized",
            "404" => "NotFound",
            "409" => "Conflict",
            _ => "RateLimited",
        };
        all[*status] = reference("responses", name);
    }
    all
}

fn shared_responses() -> Value {
    let response = |description: &str| {
        json!({ "description": description, "content": { "application/json": {
            "schema": reference("schemas", "Error"), "example": { "error": { "code": "refused", "message": description } } } } })
    };
    json!({
        "BadRequest": response("The request is not valid."),
        "Unauthorized": response("The key is missing or wrong."),
        "NotFound": response("Nothing has this id."),
        "Conflict": response("Something has this slug already."),
        "RateLimited": response("Too many calls."),
    })
}

fn shared_schemas() -> Map<String, Value> {
    let Value::Object(schemas) = json!({
        "Row": { "type": "object", "required": ["id", "created_at"], "properties": {
            "id": { "type": "string" }, "created_at": { "type": "string", "format": "date-time" },
            "archived_at": { "type": ["string", "null"], "format": "date-time" } } },
        "Money": { "type": "object", "required": ["amount", "currency"], "properties": {
            "amount": { "type": "integer", "minimum": 0 }, "currency": reference("schemas", "Currency") } },
        "Currency": { "type": "string", "enum": ["chf", "eur", "gbp", "usd"] },
        "Address": { "type": "object", "required": ["city"], "properties": {
            "street": { "type": ["string", "null"], "maxLength": 200 }, "city": { "type": "string" },
            "country": { "type": "string", "minLength": 2, "maxLength": 2 } } },
        "Actor": { "type": "object", "required": ["id", "kind"], "properties": {
            "id": { "type": "string" }, "kind": { "type": "string", "enum": ["user", "key", "system"] },
            "on_behalf_of": { "anyOf": [reference("schemas", "Actor"), { "type": "null" }] } } },
        "Error": { "type": "object", "required": ["error"], "properties": { "error": {
            "type": "object", "required": ["code", "message"], "properties": {
                "code": { "type": "string" }, "message": { "type": "string" }, "field": { "type": ["string", "null"] } } } } },
    }) else {
        return Map::new();
    };
    schemas
}

#[cfg(test)]
mod tests {
    use openapi_diff::{Promises, diff};
    use openapi_pipeline::{load, resolve};

    use super::{document, overlay, revision};

    #[test]
    fn a_document_has_as_many_operations_as_were_asked_for() {
        for operations in [1, 7, 100, 5_003] {
            assert_eq!(resolve::operations(&document(operations)).len(), operations);
        }
    }

    #[test]
    fn the_same_number_gives_the_same_document() {
        assert_eq!(document(40).to_string(), document(40).to_string());
        assert_eq!(overlay(40), overlay(40));
        assert_eq!(revision(40).to_string(), revision(40).to_string());
    }

    #[test]
    fn a_revision_has_about_as_many_changes_for_each_operation_whatever_the_size() {
        let findings = |operations| {
            let [base, revision] = [document(operations), revision(operations)]
                .map(|document| load::document(&document.to_string(), "synthetic").unwrap());
            let report = diff(&base, &revision, &Promises::none()).unwrap();
            let rules: std::collections::BTreeSet<_> = report.iter().map(|f| f.id).collect();
            (report.len(), rules.len())
        };
        let ((few, rules), (many, as_many)) = (findings(100), findings(1_000));
        // Larger documents share their schemas a little more.
        assert!((9 * few..=12 * few).contains(&many), "{few}, {many}");
        assert_eq!(rules, as_many);
        assert!(rules >= 12, "{rules} rules");
    }
}
