//! What the contract says of refusals and failures, made from its documented statuses.

use pivotal_sdk::Method;
use serde_json::json;

use pivotal_openapi::path::filled;

use super::probes::{PROBES, Probe, Target};
use crate::contract::Contract;
use crate::suite::case::{Access, Case};
use crate::suite::stage::{Flow, Stage};

/// A call with a wrong key, one for a record that is not there, one that is not JSON, and one for
/// each status that only a failing server gives: of every operation that documents them.
pub(super) fn of(contract: &Contract) -> Vec<Case> {
    let mut cases = Vec::new();
    for probe in PROBES {
        let Some(operation) = contract.document.operation(probe.operation) else {
            continue;
        };
        let documents = |status: &str| operation.responses().any(|known| known.status == status);
        let access = if operation.method == "GET" {
            Access::Reads
        } else {
            Access::Writes
        };
        let id = probe.operation;
        if documents("401") {
            cases.push(Case::new(
                format!("{id}: with a wrong key"),
                access,
                |stage| Box::pin(wrong_key(stage, probe)),
            ));
        }
        if documents("404") {
            cases.push(Case::new(format!("{id}: for no record"), access, |stage| {
                Box::pin(no_record(stage, probe))
            }));
        }
        if documents("4XX") && operation.body().is_some() {
            let (method, path) = (operation.method, operation.path);
            cases.push(Case::new(
                format!("{id}: what is no JSON"),
                access,
                move |stage| Box::pin(no_json(stage, probe, method, path)),
            ));
        }
        for (status, fault) in [("429", "rate-limited=1"), ("500", "status=500")] {
            if documents(status) {
                cases.push(fails(probe, status, fault));
            }
        }
    }
    cases
}

fn fails(probe: &'static Probe, status: &str, fault: &str) -> Case {
    let (name, fault) = (
        format!("{}: when the server answers {status}", probe.operation),
        format!("{}:{fault}:count=1", probe.operation),
    );
    let status = status.parse().expect("the statuses above are numbers");
    Case::new(name, Access::Faults, move |stage| {
        let fault = fault.clone();
        Box::pin(async move {
            stage.fault(&fault)?;
            let sent = (probe.send)(stage.unpaced.clone(), nowhere(stage)).await;
            stage.refused(probe.operation, status, sent)
        })
    })
}

async fn wrong_key(stage: &Stage, probe: &Probe) -> Flow {
    let sent = (probe.send)(stage.stranger.clone(), nowhere(stage)).await;
    stage.refused(probe.operation, 401, sent)
}

async fn no_record(stage: &Stage, probe: &Probe) -> Flow {
    let sent = (probe.send)(stage.client.clone(), nowhere(stage)).await;
    stage.refused(probe.operation, 404, sent)
}

async fn no_json(stage: &Stage, probe: &Probe, method: &str, path: &str) -> Flow {
    let method = method.parse::<Method>().unwrap_or(Method::POST);
    let sent = stage
        .client
        .request(method, filled(path, |_| nowhere(stage).id))
        .json(&json!({}))
        .header("content-type", "text/plain")
        .await;
    stage.refused(probe.operation, 415, sent)
}

/// A record that is not there.
fn nowhere(stage: &Stage) -> Target {
    Target {
        id: stage.name("nobody"),
        name: stage.name("refused"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_has_a_probe() {
        let contract = Contract::shipped();
        let missing: Vec<_> = contract
            .document
            .operations()
            .map(|operation| operation.id)
            .filter(|id| !PROBES.iter().any(|probe| probe.operation == *id))
            .collect();
        assert!(
            missing.is_empty(),
            "add {missing:?} to PROBES in suite/cases/probes.rs"
        );
    }
}
