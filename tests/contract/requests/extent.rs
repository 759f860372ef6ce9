//! Whether a request is as small, or as large, as the contract allows.

use std::collections::BTreeSet;

use pivotal_contract::operation_cases::operation_case;
use pivotal_openapi::{Document, Operation};
use pivotal_sandbox::ReceivedRequest;
use pivotal_tests::changed_contract;
use serde_json::{Value, json};

use super::received;
use crate::schemas::site::{Presence, sites};

/// How much a request is meant to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// What is required.
    Minimal,
    /// Every parameter and every property.
    Maximal,
}

/// A parameter or property, and whether a request has it.
struct Part {
    name: String,
    required: bool,
    sent: bool,
}

/// What a request has beyond the minimum, or lacks of the maximum.
pub(super) fn complaints(
    contract: &Document,
    operation: &str,
    request: &ReceivedRequest,
    extent: Extent,
) -> Vec<String> {
    let operation = contract.operation(operation).unwrap();
    parameters(&operation, request)
        .into_iter()
        .chain(properties(contract, &operation, request))
        .filter_map(|part| {
            let (request, wanted) = match extent {
                Extent::Minimal => ("minimal", part.required),
                Extent::Maximal => ("maximal", true),
            };
            let verb = if wanted { "lacks" } else { "has" };
            (part.sent != wanted).then(|| {
                format!(
                    "{}: its {request} request {verb} {}",
                    operation.id, part.name
                )
            })
        })
        .collect()
}

fn parameters(operation: &Operation<'_>, request: &ReceivedRequest) -> Vec<Part> {
    let query: BTreeSet<&str> = request
        .query
        .as_deref()
        .unwrap_or_default()
        .split('&')
        .filter_map(|pair| pair.split('=').next())
        .collect();
    operation
        .parameters()
        .into_iter()
        .filter_map(|parameter| {
            let name = parameter.name;
            let sent = match parameter.location {
                "query" => query.contains(name),
                // Every create has a key, the caller's or a generated one.
                "header" if name == "Idempotency-Key" => {
                    assert!(
                        request.header("idempotency-key").is_some(),
                        "{}",
                        operation.id
                    );
                    return None;
                }
                "header" => request.header(&name.to_lowercase()).is_some(),
                // The request would have gone elsewhere.
                _ => return None,
            };
            Some(Part {
                name: format!("the parameter {name}"),
                required: parameter.required,
                sent,
            })
        })
        .collect()
}

fn properties(
    contract: &Document,
    operation: &Operation<'_>,
    request: &ReceivedRequest,
) -> Vec<Part> {
    let Some(body) = operation.body() else {
        assert!(request.body.is_empty(), "{}: an unknown body", operation.id);
        return Vec::new();
    };
    let sent: Value = serde_json::from_slice(request.body.as_ref()).unwrap();
    // What an object requires is missing only where there is an object.
    let is_inside = |pointer: &str| {
        let outer = pointer.rsplit_once('/').map(|(outer, _)| outer);
        outer.is_some_and(|outer| sent.pointer(outer).is_some())
    };
    let mut parts: Vec<Part> = sites(contract, body.content.schema.name().unwrap())
        .into_iter()
        .filter(|site| site.presence != Presence::Always && is_inside(&site.pointer))
        .map(|site| Part {
            name: site.place.to_string(),
            required: site.presence == Presence::Required,
            sent: sent.pointer(&site.pointer).is_some(),
        })
        .collect();
    // Without a property an update is not sent.
    if !parts.iter().any(|part| part.required)
        && let Some(first) = parts.iter_mut().find(|part| part.sent)
    {
        first.required = true;
    }
    parts
}

#[tokio::test]
async fn additions_of_the_contract_are_reported_as_missing() {
    let contract = changed_contract(|contract| {
        let list = &mut contract["paths"]["/api/v1/customers"]["get"];
        let plan = json!({ "name": "plan", "in": "query", "schema": { "type": "string" } });
        list["parameters"].as_array_mut().unwrap().push(plan);
        let schema = &mut contract["components"]["schemas"]["CreateCustomer"];
        schema["properties"]["region"] = json!({ "type": "string" });
        let required = schema["required"].as_array_mut().unwrap();
        required.push(json!("region"));
    });
    let found = async |operation: &str, extent: Extent| {
        let case = operation_case(operation).unwrap();
        let send = match extent {
            Extent::Minimal => case.minimal,
            Extent::Maximal => case.maximal.unwrap(),
        };
        complaints(&contract, operation, &received("", send).await, extent)
    };
    assert_eq!(
        found("list_customers", Extent::Maximal).await,
        ["list-customers: its maximal request lacks the parameter plan"]
    );
    assert_eq!(
        found("create_customer", Extent::Maximal).await,
        ["create-customer: its maximal request lacks CreateCustomer.region"]
    );
    assert_eq!(
        found("create_customer", Extent::Minimal).await,
        ["create-customer: its minimal request lacks CreateCustomer.region"]
    );
    let maximal = operation_case("list_customers").unwrap().maximal.unwrap();
    let sent = received("", maximal).await;
    let found = complaints(&contract, "list_customers", &sent, Extent::Minimal);
    assert_eq!(found.len(), 4);
}
