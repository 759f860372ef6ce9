//! Whether a request says the least, or the most, that the contract lets it say.

use std::collections::BTreeSet;

use pivotal_openapi::Document;
use pivotal_sandbox::ReceivedRequest;
use pivotal_sdk::Operation;
use serde_json::Value;

use crate::schemas::site::{Presence, sites};

/// How much a request is meant to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// What is required.
    Least,
    /// Every parameter and every property. More is welcome: what the contract does not know is
    /// shown too.
    Most,
}

/// What the contract lets a request say, and whether it says it.
struct Part {
    name: String,
    required: bool,
    said: bool,
}

/// Where a request says more than the least, or less than the most.
pub(super) fn complaints(
    contract: &Document,
    operation: &Operation,
    request: &ReceivedRequest,
    extent: Extent,
) -> Vec<String> {
    parameters(contract, operation, request)
        .into_iter()
        .chain(properties(contract, operation, request))
        .filter_map(|part| {
            let (call, wanted) = match extent {
                Extent::Least => ("least", part.required),
                Extent::Most => ("most", true),
            };
            let told = if wanted { "lacks" } else { "has" };
            (part.said != wanted)
                .then(|| format!("{}: its {call} {told} {}", operation.name, part.name))
        })
        .collect()
}

fn parameters(contract: &Document, operation: &Operation, request: &ReceivedRequest) -> Vec<Part> {
    let query: BTreeSet<&str> = request
        .query
        .as_deref()
        .unwrap_or_default()
        .split('&')
        .filter_map(|pair| pair.split('=').next())
        .collect();
    let parameters = contract.operation(operation.name).unwrap().parameters();
    parameters
        .into_iter()
        .filter_map(|parameter| {
            let name = parameter.name;
            let said = match parameter.location {
                "query" => query.contains(name),
                // Every create goes under a key, its caller's or the SDK's own: the least has one
                // too.
                "header" if name == "Idempotency-Key" => {
                    assert!(
                        request.header("idempotency-key").is_some(),
                        "{}",
                        operation.name
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
                said,
            })
        })
        .collect()
}

fn properties(contract: &Document, operation: &Operation, request: &ReceivedRequest) -> Vec<Part> {
    let Some(body) = contract.operation(operation.name).unwrap().body() else {
        assert!(
            request.body.is_empty(),
            "{}: an unknown body",
            operation.name
        );
        return Vec::new();
    };
    let sent: Value = serde_json::from_slice(request.body.as_ref()).unwrap();
    sites(contract, body.content.schema.name().unwrap())
        .into_iter()
        .filter(|site| site.presence != Presence::Always)
        .map(|site| Part {
            name: site.place.to_string(),
            required: site.presence == Presence::Required,
            said: sent.pointer(&site.pointer).is_some(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use pivotal_sdk::OPERATIONS;
    use pivotal_tests::changed_contract;
    use serde_json::json;

    use super::super::received;
    use super::*;
    use crate::calls::case;

    #[tokio::test]
    async fn what_the_contract_adds_is_missed() {
        let operation = |name| OPERATIONS.iter().find(|row| row.name == name).unwrap();
        let (list, create) = (operation("list_customers"), operation("create_customer"));
        let contract = changed_contract(|contract| {
            let list = &mut contract["paths"]["/api/v1/customers"]["get"];
            let plan = json!({ "name": "plan", "in": "query", "schema": { "type": "string" } });
            list["parameters"].as_array_mut().unwrap().push(plan);
            let schema = &mut contract["components"]["schemas"]["CreateCustomer"];
            schema["properties"]["region"] = json!({ "type": "string" });
            let required = schema["required"].as_array_mut().unwrap();
            required.push(json!("region"));
        });

        let sent = received(case(list.name).unwrap().most()).await;
        assert_eq!(
            complaints(&contract, list, &sent, Extent::Most),
            ["list_customers: its most lacks the parameter plan"]
        );
        let sent = received(case(create.name).unwrap().most()).await;
        assert_eq!(
            complaints(&contract, create, &sent, Extent::Most),
            ["create_customer: its most lacks CreateCustomer.region"]
        );
        let sent = received(case(create.name).unwrap().least()).await;
        assert_eq!(
            complaints(&contract, create, &sent, Extent::Least),
            ["create_customer: its least lacks CreateCustomer.region"]
        );
        let sent = received(case(list.name).unwrap().most()).await;
        assert_eq!(complaints(&contract, list, &sent, Extent::Least).len(), 4);
    }
}
