//! The document moves on: what a newer contract adds is served.

use pivotal_sandbox::{Sandbox, StartError};
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Client, DOCUMENT, assert_has};

async fn serving(document: &Value) -> Client {
    Client::of(Sandbox::builder().contract(document.to_string())).await
}

/// The response, not held against this version's contract.
async fn call(pivotal: &Client, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
    let mut request = pivotal.request(method, path);
    if let Some(body) = body {
        request = request.json(&body);
    }
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn a_field_that_the_document_adds_is_validated_stored_returned_and_filtered_by() {
    let mut document = DOCUMENT.clone();
    let schemas = &mut document["components"]["schemas"];
    schemas["Tier"] = json!({ "type": ["string", "null"], "enum": ["gold", "silver", null] });
    for schema in ["Customer", "CreateCustomer", "UpdateCustomer"] {
        schemas[schema]["properties"]["tier"] = json!({ "$ref": "#/components/schemas/Tier" });
        schemas[schema]["properties"]["seats"] =
            json!({ "type": "integer", "minimum": 1, "default": 5 });
    }
    let parameters = document["paths"]["/api/v1/customers"]["get"]["parameters"]
        .as_array_mut()
        .unwrap();
    parameters.push(
        json!({ "name": "tier", "in": "query", "schema": { "$ref": "#/components/schemas/Tier" } }),
    );
    let pivotal = serving(&document).await;

    let (status, made) = call(
        &pivotal,
        Method::POST,
        "/customers",
        Some(json!({ "name": "A", "tier": "gold" })),
    )
    .await;
    assert_eq!(
        (status, &made["tier"], &made["seats"]),
        (201, &json!("gold"), &json!(5))
    );
    let (_, plain) = call(
        &pivotal,
        Method::POST,
        "/customers",
        Some(json!({ "name": "B" })),
    )
    .await;
    assert_eq!(plain["tier"], Value::Null);
    let (status, refused) = call(
        &pivotal,
        Method::PATCH,
        "/customers/1",
        Some(json!({ "tier": "tin" })),
    )
    .await;
    assert_eq!(
        (status, &refused["error"]["code"]),
        (400, &json!("invalid_enum_value"))
    );
    let (_, listed) = call(&pivotal, Method::GET, "/customers?tier=gold", None).await;
    assert_eq!(listed["data"].as_array().map(Vec::len), Some(1));
    let (_, cleared) = call(
        &pivotal,
        Method::PATCH,
        "/customers/1",
        Some(json!({ "tier": null, "seats": 7 })),
    )
    .await;
    assert_eq!(
        (&cleared["tier"], &cleared["seats"]),
        (&Value::Null, &json!(7))
    );
}

#[tokio::test]
async fn an_enum_value_and_a_limit_that_the_document_changes_are_served() {
    let mut document = DOCUMENT.clone();
    for schema in ["Onboarding", "CreateOnboarding", "UpdateOnboarding"] {
        let values = document["components"]["schemas"][schema]["properties"]["state"]["enum"]
            .as_array_mut()
            .unwrap();
        values.push(json!("blocked"));
    }
    document["components"]["schemas"]["CreateCustomer"]["properties"]["name"]["maxLength"] =
        json!(3);
    let pivotal = serving(&document).await;
    let (status, _) = call(
        &pivotal,
        Method::POST,
        "/customers",
        Some(json!({ "name": "Long" })),
    )
    .await;
    assert_eq!(status, 400);
    call(
        &pivotal,
        Method::POST,
        "/customers",
        Some(json!({ "name": "Abc" })),
    )
    .await;
    let body = json!({ "customer_id": "1", "state": "blocked" });
    let (status, made) = call(&pivotal, Method::POST, "/onboardings", Some(body)).await;
    assert_eq!((status, &made["state"]), (201, &json!("blocked")));
}

#[tokio::test]
async fn bodies_and_parameters_may_be_inline_or_referred_to() {
    let mut document = DOCUMENT.clone();
    let schema = document["components"]["schemas"]["CreateCustomer"].take();
    let post = &mut document["paths"]["/api/v1/customers"]["post"];
    let mut body = post["requestBody"].clone();
    body["content"]["application/json"]["schema"] = schema;
    post["requestBody"] = json!({ "$ref": "#/components/requestBodies/NewCustomer" });
    document["components"]["requestBodies"] = json!({ "NewCustomer": body });
    let pivotal = serving(&document).await;
    let (status, _) = call(
        &pivotal,
        Method::POST,
        "/customers",
        Some(json!({ "name": "Aurora" })),
    )
    .await;
    assert_eq!(status, 201);
    let (status, refused) = call(&pivotal, Method::POST, "/customers", Some(json!({}))).await;
    assert_eq!((status, &refused["error"]["field"]), (400, &json!("name")));
}

#[tokio::test]
async fn a_document_that_cannot_be_served_is_an_error_with_its_place() {
    let mut dangling = DOCUMENT.clone();
    dangling["components"]["schemas"]["Customer"]["properties"]["slug"] =
        json!({ "$ref": "#/nowhere" });
    let mut cycle = DOCUMENT.clone();
    cycle["components"]["schemas"]["Customer"] = json!({ "$ref": "#/components/schemas/Customer" });
    let mut of_itself = DOCUMENT.clone();
    of_itself["components"]["schemas"]["Contact"]["allOf"] =
        json!([{ "$ref": "#/components/schemas/Contact" }]);
    let mut nameless = DOCUMENT.clone();
    nameless["paths"]["/api/v1/me"]["get"]
        .as_object_mut()
        .unwrap()
        .remove("operationId");
    let mut lacking = DOCUMENT.clone();
    lacking["components"]["schemas"]
        .as_object_mut()
        .unwrap()
        .remove("Contact");
    for (document, place) in [
        ("{".to_owned(), "line 1 column 1"),
        ("[]".to_owned(), "/paths"),
        (
            dangling.to_string(),
            "/components/schemas/Customer/properties/slug",
        ),
        (cycle.to_string(), "/components/schemas/Customer"),
        (of_itself.to_string(), "`#/components/schemas/Contact`"),
        (nameless.to_string(), "/paths/~1api~1v1~1me/get"),
        (lacking.to_string(), "#/components/schemas/Contact"),
    ] {
        let error = Sandbox::builder()
            .contract(document)
            .start()
            .await
            .unwrap_err();
        assert!(matches!(error, StartError::Contract(_)), "{error}");
        assert!(error.to_string().contains(place), "{error}");
    }
}

/// Takes every `default` out of a document.
fn without_defaults(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.remove("default");
            members.values_mut().for_each(without_defaults);
        }
        Value::Array(items) => items.iter_mut().for_each(without_defaults),
        _ => {}
    }
}

#[tokio::test]
async fn documented_defaults_hold_where_the_document_has_none() {
    let mut document = DOCUMENT.clone();
    without_defaults(&mut document);
    assert_ne!(document, *DOCUMENT);
    let pivotal = serving(&document).await;
    for number in 0..26 {
        pivotal.customer(&format!("Customer {number}")).await;
    }
    assert_eq!(
        pivotal.get("/customers").await.ok()["data"]
            .as_array()
            .unwrap()
            .len(),
        25
    );
    let onboarding = pivotal
        .post("/onboardings", json!({ "customer_id": "1" }))
        .await
        .created();
    let expected = json!({
        "phase": "before_getting_started", "state": "active", "reminder_email": true, "reminder_slack": true,
        "reminder_frequency_days": 1,
    });
    assert_has(&onboarding, &expected);
}

#[tokio::test]
async fn schemas_of_every_form_are_validated() {
    let cases = [
        (
            json!({ "anyOf": [{ "type": "string" }, { "type": "null" }] }),
            vec![json!("a"), Value::Null],
        ),
        (
            json!({ "oneOf": [{ "type": "string", "maxLength": 2 }, { "type": "integer" }] }),
            vec![json!("ab"), json!(7)],
        ),
        (
            json!({ "allOf": [{ "type": "string" }, { "minLength": 2 }] }),
            vec![json!("ab")],
        ),
        (
            json!({ "$ref": "#/components/schemas/Probe", "maxLength": 3 }),
            vec![json!("ab"), json!("abc")],
        ),
        (
            json!({ "type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1 }),
            vec![json!(0.5)],
        ),
        (
            json!({ "type": "array", "minItems": 1, "maxItems": 2 }),
            vec![json!([1]), json!([1, "b"])],
        ),
        (json!({ "const": 7 }), vec![json!(7)]),
        (
            json!({ "type": "object", "required": ["a"], "properties": { "a": { "type": "string" } } }),
            vec![json!({ "a": "" })],
        ),
        (json!(true), vec![json!([{}]), Value::Null]),
        (
            json!({ "type": ["integer", "null"], "maximum": 9 }),
            vec![json!(9), Value::Null, json!(-9)],
        ),
    ];
    let refusals = [
        vec![(json!(5), "invalid_type", "probe")],
        vec![
            (json!("abc"), "too_big", "probe"),
            (json!(true), "invalid_type", "probe"),
        ],
        vec![
            (json!("a"), "too_small", "probe"),
            (json!(1), "invalid_type", "probe"),
        ],
        vec![
            (json!("a"), "too_small", "probe"),
            (json!("abcd"), "too_big", "probe"),
        ],
        vec![
            (json!(0), "too_small", "probe"),
            (json!(1), "too_big", "probe"),
        ],
        vec![
            (json!([]), "too_small", "probe"),
            (json!([1, 2, 3]), "too_big", "probe"),
        ],
        vec![(json!(8), "invalid_enum_value", "probe")],
        vec![
            (json!({}), "missing_field", "probe.a"),
            (json!({ "a": 1 }), "invalid_type", "probe.a"),
        ],
        vec![],
        vec![
            (json!(10), "too_big", "probe"),
            (json!(1.5), "invalid_type", "probe"),
        ],
    ];
    for ((schema, taken), refused) in cases.into_iter().zip(refusals) {
        let mut document = DOCUMENT.clone();
        document["components"]["schemas"]["Probe"] = json!({ "type": "string", "minLength": 2 });
        document["components"]["schemas"]["CreateCustomer"]["properties"]["probe"] = schema.clone();
        let pivotal = serving(&document).await;
        for value in taken {
            let response = pivotal
                .post("/customers", json!({ "name": "A", "probe": value }))
                .await;
            assert_eq!(response.status, 201, "{schema}: {}", response.body);
        }
        for (value, code, field) in refused {
            let response = pivotal
                .post("/customers", json!({ "name": "A", "probe": value }))
                .await;
            assert_eq!(response.refused(400, code), Some(field), "{schema}");
        }
    }
}

#[tokio::test]
async fn the_name_of_a_path_parameter_does_not_matter() {
    let mut document = DOCUMENT.clone();
    let paths = document["paths"].as_object_mut().unwrap();
    let item = paths
        .remove("/api/v1/customers/{customerId}/contacts")
        .unwrap();
    let item = item.to_string().replace("customerId", "customer");
    paths.insert(
        "/api/v1/customers/{customer}/contacts".to_owned(),
        serde_json::from_str(&item).unwrap(),
    );
    let pivotal = serving(&document).await;
    pivotal.customer("Aurora").await;
    let body = json!({ "name": "Mira", "email": "m@x.io" });
    pivotal.post("/customers/1/contacts", body).await.created();
}
