//! What is sent to HubSpot and Stripe, and what the doubles answer, against the vendors' own documents.
//! These are not part of the project: `CRM_DOCUMENTS` names a folder with them.
//!
//! ```text
//! CRM_DOCUMENTS=FOLDER cargo test -p pivotal-sync --test it -- --ignored vendors
//! ```

use std::collections::BTreeSet;
use std::future::pending;
use std::path::PathBuf;

use pivotal_test_support::Request;
use serde_json::{Value, json};

use crate::service::{Account, Service, http, hubspot, no_fault, stripe};
use crate::world::world;

/// A document whose schemas are JSON Schemas.
struct Document(Value);

impl Document {
    fn read(name: &str) -> Self {
        let folder = std::env::var_os("CRM_DOCUMENTS").expect("CRM_DOCUMENTS names a folder");
        let text = std::fs::read(PathBuf::from(folder).join(name)).unwrap();
        let mut document = serde_json::from_slice(&text).unwrap();
        nullable_as_type(&mut document);
        Self(document)
    }

    /// The operation of a request: its path template and its description.
    fn operation(&self, method: &str, path: &str) -> Option<&Value> {
        let matches = |template: &str| {
            let (template, path) = (template.split('/'), path.split('/'));
            template.clone().count() == path.clone().count()
                && template
                    .zip(path)
                    .all(|(one, other)| one == other || one.starts_with('{'))
        };
        let paths = self.0["paths"].as_object().unwrap();
        let found = paths.iter().filter(|(template, _)| matches(template));
        found.filter_map(|(_, path)| path.get(method)).next()
    }

    fn validate(&self, schema: &Value, value: &Value, what: &str) {
        let schema = json!({ "allOf": [schema], "components": self.0["components"] });
        let validator = jsonschema::options().build(&schema).unwrap();
        let errors: Vec<_> = validator
            .iter_errors(value)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{what}: {errors:#?}\n{value:#}");
    }

    /// Checks the query, the body and the response of a request.
    fn check(&self, request: &Request, status: u16, response: &Value) {
        let (method, target) = request.line.split_once(' ').unwrap();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let what = format!("{method} {path}");
        let operation = self.operation(&method.to_lowercase(), path);
        let operation = operation.unwrap_or_else(|| panic!("no operation {what}"));
        let parameters = operation["parameters"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let names: BTreeSet<_> = parameters
            .iter()
            .filter(|parameter| parameter["in"] == "query")
            .filter_map(|parameter| parameter["name"].as_str())
            .collect();
        for (name, _) in form_urlencoded::parse(query.as_bytes()) {
            let name = name.trim_end_matches("[]");
            assert!(names.contains(name), "{what}: no parameter {name}");
        }
        if let Some(content) = operation["requestBody"]["content"].as_object() {
            let (kind, body) = content.iter().next().unwrap();
            assert_eq!(
                request.header("content-type"),
                Some(kind.as_str()),
                "{what}"
            );
            let sent = if kind == "application/json" {
                serde_json::from_slice(&request.body).unwrap()
            } else {
                let mut sent = json!({});
                for (name, value) in form_urlencoded::parse(&request.body) {
                    match name.trim_end_matches(']').split_once('[') {
                        Some((object, key)) => sent[object][key] = value.as_ref().into(),
                        None => sent[name.as_ref()] = value.as_ref().into(),
                    }
                }
                sent
            };
            if !request.body.is_empty() || operation["requestBody"]["required"] == true {
                self.validate(&body["schema"], &sent, &what);
            }
        }
        let documented = &operation["responses"][status.to_string()];
        // The dated documents of HubSpot leave out the success in part that those of v3 have.
        let documented = match documented.is_null() && status == 207 {
            true => &operation["responses"]["200"],
            false => documented,
        };
        let schema = &documented["content"]["application/json"]["schema"];
        assert!(schema.is_object(), "{what}: {status} is not documented");
        self.validate(schema, response, &format!("{what}: {status}"));
    }
}

/// OpenAPI 3.0 writes nullability in another way than JSON Schema.
fn nullable_as_type(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if members.remove("nullable") == Some(Value::Bool(true)) {
                let schema = Value::Object(std::mem::take(members));
                members.insert("anyOf".to_owned(), json!([schema, { "type": "null" }]));
            }
            members.values_mut().for_each(nullable_as_type);
        }
        Value::Array(items) => items.iter_mut().for_each(nullable_as_type),
        _ => {}
    }
}

/// Syncs everything that can be asked for, and writes back. The customers exist, because a list such as
/// that of the contacts is no value of a field, so that the records fail.
async fn exchanges(service: &Service, plain: &str, fields: &str) -> Vec<(Request, u16, Value)> {
    let config = service.config(&format!(
        "{fields}\n[write_back]\nproperty = \"pivotal_customer_id\""
    ));
    let world = world(false).await;
    let plain = service.config(plain);
    service.sync(&world, &plain).await.unwrap();
    let report = service.sync(&world, &config).await.unwrap();
    let http = http();
    let written = pivotal_sync::write_back(&world.state, report.run.id, &config, &http, pending());
    assert!(written.await.unwrap().unwrap().written > 0);
    std::mem::take(&mut service.account().exchanges)
}

#[tokio::test]
#[ignore = "needs the documents of the vendors in CRM_DOCUMENTS"]
async fn requests_and_doubles_of_hubspot_agree_with_its_documents() {
    let mut account = crate::hubspot::account(3);
    account
        .properties
        .extend(["hubspot_owner_id", "pivotal_customer_id"]);
    let row = |id: &str, properties: Value| json!({ "id": id, "properties": properties });
    account.contacts = vec![row("5", json!({ "email": "p@c.test" }))];
    account.deals = vec![row("7", json!({ "hs_is_closed_won": "true" }))];
    account.rows[0]["contacts"] = json!(["5", "6"]);
    account.rows[1]["contacts"] = json!(["5"]);
    account.rows[1]["deals"] = json!(["7"]);
    account.rows[2]["locked"] = true.into();
    account.owners = vec![json!({
        "id": "9", "email": "o@crm.test", "type": "PERSON", "archived": false,
        "createdAt": "2026-05-26T17:21:09.412Z", "updatedAt": "2026-05-26T17:21:09.412Z",
    })];
    account.inline = 1;
    account.page = 2;
    let service = hubspot(account, no_fault);
    let fields = "[fields]\nhubspot_company_id = \"id\"\nname = \"name\"\n\
        hubspot_deal_id = \"closed_won_deal_id\"\nplan = \"owner_email\"\n\
        slack_channel_id = \"contacts\"";
    // The contacts are a list, which fails as a value of a field; the last company has none.
    service.account().rows[2]
        .as_object_mut()
        .unwrap()
        .remove("locked");
    let documents = [
        (
            "/crm/objects/2026-09/",
            Document::read("hubspot-2026-09-companies.json"),
        ),
        (
            "/crm/v3/owners",
            Document::read("hubspot-v3-crmOwners.json"),
        ),
        ("/crm/v4/", Document::read("hubspot-v4-associations.json")),
    ];
    let exchanges = exchanges(&service, crate::hubspot::FIELDS, fields).await;
    let mut checked = BTreeSet::new();
    for (request, status, response) in &exchanges {
        let document = documents
            .iter()
            .find(|(prefix, _)| request.target().starts_with(prefix));
        document.unwrap().1.check(request, *status, response);
        checked.insert((request.line.split('?').next().unwrap().to_owned(), *status));
    }
    assert_eq!(checked.len(), 6, "{checked:#?}");
}

#[tokio::test]
#[ignore = "needs the documents of the vendors in CRM_DOCUMENTS"]
async fn requests_and_doubles_of_stripe_agree_with_its_documents() {
    let document = Document::read("stripe-2023-08-16-trimmed.json");
    // The rows are those of Stripe's own fixtures, made current and with their documented keys.
    let fixtures = std::env::var_os("CRM_DOCUMENTS").unwrap();
    let fixtures = PathBuf::from(fixtures).join("stripe-fixtures.json");
    let fixtures: Value = serde_json::from_slice(&std::fs::read(fixtures).unwrap()).unwrap();
    let mut customer = fixtures["resources"]["customer"].clone();
    let mut subscription = fixtures["resources"]["subscription"].clone();
    subscription["items"]["data"][0]["price"]["transform_quantity"] = Value::Null;
    let second = json!({ "id": "sub_2" });
    let mut other = subscription.clone();
    other["id"] = second["id"].clone();
    customer["subscriptions"] = json!([subscription, other]);
    customer["name"] = "Aurora".into();
    let account = Account {
        rows: vec![customer],
        inline: 1,
        page: 1,
        ..Account::default()
    };
    let service = stripe(account, no_fault);
    let fields =
        "currency = \"usd\"\n[fields]\nstripe_customer_id = \"id\"\nname = \"name\"\nmrr = \"mrr\"";
    let exchanges = exchanges(&service, crate::stripe::FIELDS, fields).await;
    assert_eq!(exchanges.len(), 6);
    for (request, _, response) in &exchanges {
        // The responses are newer than the document: its shape of a list is checked, and the
        // requests are.
        let (method, target) = request.line.split_once(' ').unwrap();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let operation = document.operation(&method.to_lowercase(), path).unwrap();
        let parameters = operation["parameters"].as_array().unwrap();
        for (name, _) in form_urlencoded::parse(query.as_bytes()) {
            let name = name.trim_end_matches("[]");
            assert!(
                parameters.iter().any(|known| known["name"] == name),
                "{path}: {name}"
            );
        }
        if method == "GET" {
            let mut schema =
                operation["responses"]["200"]["content"]["application/json"]["schema"].clone();
            schema["properties"]["data"] = json!({ "type": "array" });
            document.validate(&schema, response, path);
        } else {
            let text = String::from_utf8_lossy(&request.body);
            assert!(
                text.starts_with("metadata%5Bpivotal_customer_id%5D="),
                "{text}"
            );
        }
    }
}
