//! Whatever a server sends, checks end, and what they find points into the contract.

use std::sync::{Arc, Mutex};

use pivotal_contract::operation_cases::{Inputs, OPERATION_CASES};
use pivotal_openapi::Document;
use pivotal_sdk::reqwest;
use pivotal_sdk::{
    Bytes, Client, RateLimiting,
    transport::{BoxFuture, Failure, Transport},
};
use proptest::prelude::*;
use serde_json::{Map, Number, Value};

use crate::scripted::{KEY, Reports};

/// Returns the same body for every request, with the documented status.
#[derive(Clone, Default)]
struct Constant(Arc<Mutex<String>>);

impl Transport for Constant {
    fn send(
        &self,
        request: reqwest::Request,
        _body_limit: usize,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, Failure>> {
        let status = if request.method() == "POST" { 201 } else { 200 };
        let response = http::Response::builder()
            .status(status)
            .header("content-type", "application/json");
        let body = self.0.lock().unwrap().clone();
        Box::pin(async { Ok(response.body(Bytes::from(body)).unwrap()) })
    }
}

/// Keys and texts of the contract.
const KNOWN: [&str; 6] = ["data", "object", "status", "created_at", "api_key", "list"];

/// Any JSON, with keys and texts that the contract knows among others.
fn json() -> impl Strategy<Value = Value> {
    let word = prop_oneof![
        proptest::sample::select(&KNOWN[..]).prop_map(str::to_owned),
        ".{0,12}"
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| Number::from_f64(number).map_or(Value::Null, Value::Number)),
        word.clone().prop_map(Value::String),
    ];
    leaf.prop_recursive(4, 48, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::vec((word.clone(), inner), 0..6)
                .prop_map(|members| Value::Object(Map::from_iter(members))),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_body_is_checked(value in json()) {
        let reports = Reports::default();
        let transport = Constant(Arc::new(Mutex::new(value.to_string())));
        let client = Client::builder()
            .api_key(KEY)
            .rate_limiting(RateLimiting::off())
            .transport(Arc::new(transport))
            .observer(Arc::new(reports.observer()))
            .build()
            .unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let contract = Document::contract();
        for case in OPERATION_CASES {
            let _ = runtime.block_on((case.minimal)(&client, &Inputs::new("name", "1")));
            for violation in reports.violations() {
                prop_assert!(contract.get(&violation.rule).is_some(), "{}", violation.rule);
                prop_assert!(violation.place.starts_with('/'));
            }
            let additions = reports.additions();
            prop_assert!(additions.len() <= 50);
            for addition in additions {
                prop_assert!(contract.get(&addition.schema).is_some());
                prop_assert!(addition.name.len() <= 64);
            }
        }
    }
}

#[test]
fn every_schema_of_the_contract_compiles() {
    let contract = Document::contract();
    let mut pointers = Vec::new();
    for operation in contract.operations() {
        pointers.extend(
            operation
                .parameters()
                .into_iter()
                .map(|known| known.schema.pointer),
        );
        pointers.extend(operation.body().map(|body| body.content.schema.pointer));
        for response in operation.responses() {
            pointers.extend(response.headers().map(|header| header.schema.pointer));
            pointers.extend(response.content().map(|content| content.schema.pointer));
        }
    }
    for pointer in pointers {
        let schema = contract.json_schema(&pointer);
        let compiled = jsonschema::options()
            .should_validate_formats(true)
            .build(&schema);
        assert!(compiled.is_ok(), "{pointer}");
    }
}
