//! Rows that a file describes.

use pivotal_sandbox::Sandbox;
use serde_json::json;

use crate::client::Client;

const AURORA: &str = r#"{
  "customers": [
    { "fixture": "big", "name": "Aurora Outfitters", "plan": "Scale", "metadata": { "tier": [1] } },
    { "name": "Borealis", "slug": "bor" }
  ],
  "contacts": [
    { "customer": "big", "name": "Mira Chen", "email": "Mira@Aurora.com", "is_primary": true },
    { "customer": "bor", "name": "Noor", "email": "noor@borealis.com" }
  ],
  "onboardings": [
    { "customer": "aurora-outfitters", "phase": "launch" }
  ]
}"#;

#[tokio::test]
async fn rows_are_what_requests_would_have_made_and_come_back_with_a_reset() {
    let later =
        r#"{ "contacts": [{ "customer": "big", "name": "Ola", "email": "ola@aurora.com" }] }"#;
    let builder = Sandbox::builder()
        .load("a.json", AURORA)
        .load("b.json", later);
    let pivotal = Client::of(builder).await;
    let rows = async || {
        let mut rows = Vec::new();
        for path in [
            "/customers",
            "/customers/1/contacts",
            "/contacts/2",
            "/onboardings",
        ] {
            rows.push(pivotal.get(path).await.ok());
        }
        rows
    };
    let loaded = rows().await;
    assert_eq!(loaded[0]["data"][1]["slug"], "aurora-outfitters");
    assert_eq!(loaded[0]["data"][1]["metadata"], json!({ "tier": [1] }));
    assert_eq!(loaded[1]["data"][1]["email"], "mira@aurora.com");
    assert_eq!(loaded[1]["data"][0]["name"], "Ola");
    assert_eq!(loaded[2]["customer_id"], loaded[0]["data"][0]["id"]);
    assert_eq!(
        loaded[3]["data"][0]["customer_id"],
        loaded[0]["data"][1]["id"]
    );
    assert!(loaded[3]["data"][0]["started_at"].is_string());

    pivotal.delete("/customers/1").await.ok();
    pivotal.sandbox.reset();
    let again = rows().await;
    assert_eq!(again[1]["data"][1]["id"], loaded[1]["data"][1]["id"]);
    assert_eq!(again[0]["data"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn strict_mode_has_fixtures_that_are_named() {
    let builder = Sandbox::builder().undocumented(false).load(
        "a",
        r#"{ "customers": [{ "fixture": "a", "name": "Aurora" }], "onboardings": [{ "customer": "a" }] }"#,
    );
    let sandbox = builder.start().await.unwrap();
    sandbox.stop().await;
}

#[tokio::test]
async fn an_error_names_file_line_and_pointer_and_nothing_is_loaded() {
    let long = "x".repeat(100_000);
    for (text, expected) in [
        ("{\n\"customers\": [{\"name\": \"A\",\n\"nmae\": 1}]}", "f:3: /customers/0/nmae: create-customer does not have this field".to_owned()),
        ("{\"customers\": [\n{\"name\": \"A\"},\n{\"name\": \"B\",\n \"mrr\": -1}]}", "f:4: /customers/1/mrr: Number must be greater than or equal to 0".to_owned()),
        ("{\"customers\": [\n{\"slug\": \"a\"}]}", "f:2: /customers/0/name: Required".to_owned()),
        ("{\"customers\": [{\"name\": \"A\", \"slug\": \"a\"},\n{\"name\": \"B\", \"slug\": \"a\"}]}", "f:2: /customers/1/slug: A customer with the slug a already exists.".to_owned()),
        ("{\"customers\": [{\"name\": \"A\", \"fixture\": \"a\"},\n{\"name\": \"B\", \"fixture\": \"a\"}]}", "f:2: /customers/1/fixture: another customer has this name".to_owned()),
        ("{\"customers\": [7]}", "f:1: /customers/0: this is not an object".to_owned()),
        ("{\"contacts\": [{\"name\": \"A\", \"email\": \"a@b.co\",\n\"customer\": \"nobody\"}]}", "f:2: /contacts/0/customer: no customer of this file or one before it has the name or slug \"nobody\"".to_owned()),
        ("{\"contacts\": [{\"customer\": 1}]}", "f:1: /contacts/0/customer: this is not a text".to_owned()),
        ("{\"onboardings\": [{}]}", "f:1: /onboardings/0: name its customer: `\"customer\": \"SLUG\"`, or the name that `fixture` gives it".to_owned()),
        ("{\"customers\": [{\"name\": \"A\"}], \"contacts\": [\n{\"customer\": \"a\", \"name\": \"A\", \"email\": \"a@b.co\"},\n{\"customer\": \"a\", \"name\": \"B\", \"email\": \"A@b.co\"}]}", "f:3: /contacts/1: a row before it is the same".to_owned()),
        ("{\n\"pivotal_sandbox\": 1}", "f:2: this is an export; `pivotal sandbox import` makes a state file of it".to_owned()),
        ("{\n\"customers\": [", "f:2: EOF while parsing a list at line 2 column 14".to_owned()),
        (
            &format!("{{\"customers\": [{{\"name\": \"A\", \"{long}\": 1}}]}}"),
            format!("f:1: /customers/0/{}: create-customer does not have this field", &long[..80]),
        ),
    ] {
        let started = Sandbox::builder().load("f", text).start().await;
        assert_eq!(started.unwrap_err().to_string(), expected);
    }
}
