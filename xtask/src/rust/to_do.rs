//! What a change of the document leaves to write: calls, cases and lists that no compiler asks for.

use std::collections::BTreeSet;

use openapi_pipeline::shape::Operation;
use serde::Serialize;
use serde_json::Value;

use super::Impact;
use super::changes::What;
use super::companion::{self, Companion, EXCUSES};
use super::touched::Asking;
use crate::codegen::Preview;
use crate::places::{Contract, referred};

/// One case for each operation, in tests/contract.
const CALLS: &str = "tests/contract/calls.rs";
const SCHEMAS: &str = "tests/contract/schemas.rs";
const BODIES: &str = "tests/contract/answers.rs";
const ERRORS: &str = "tests/contract/documented_errors.rs";
const PROBES: &str = "crates/pivotal-contract/src/suite/cases/probes.rs";
const CASES: &str = "crates/pivotal-contract/src/suite/cases";
const OVERLAY: &str = "openapi/overlay.yaml";

/// Something that the companion or the checks of the contract lack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ToDo {
    /// What is missing.
    pub what: String,
    /// What to write where.
    pub edits: Vec<String>,
}

pub(super) fn to_do(
    companion: &Companion,
    impact: &Impact,
    shown: &BTreeSet<String>,
    [base, revision]: [&Preview; 2],
) -> Vec<ToDo> {
    let mut to_do = Vec::new();
    for operation in &revision.operations {
        match base
            .operations
            .iter()
            .find(|before| before.name == operation.name)
        {
            None => to_do.push(new_operation(operation, Contract(&revision.contract))),
            Some(before) => {
                let new = |points: fn(&Preview, &Operation) -> Vec<String>| -> Vec<String> {
                    let known = points(base, before);
                    let now = points(revision, operation);
                    now.into_iter()
                        .filter(|point| !known.contains(point))
                        .collect()
                };
                to_do.extend(more_to_send(operation, &new(sent)));
                to_do.extend(more_to_answer(operation, &new(answered), &new(statuses)));
            }
        }
    }
    to_do.extend(idle_excuses(companion, base, revision));
    to_do.extend(new_types(companion, impact, shown));
    to_do.extend(new_components(
        Contract(&base.contract),
        Contract(&revision.contract),
    ));
    to_do
}

fn new_operation(operation: &Operation, contract: Contract<'_>) -> ToDo {
    let Operation {
        name, method, path, ..
    } = operation;
    let mut edits = vec![
        format!(
            "{}: the row of an Endpoint beside those of its resource, or raw(\"{name}\", \"<why it has none>\")",
            companion::COVERAGE
        ),
        format!("{CALLS}: a case that shows its wire form, unless it is left to raw()"),
        format!("{PROBES}: a call with the least that it takes"),
        format!("{CASES}: a case that exercises it, or a reason in {EXCUSES}"),
    ];
    let responses = contract.operation(method, path)["responses"].as_object();
    for (_, response) in responses
        .into_iter()
        .flatten()
        .filter(|(status, _)| status.starts_with('2'))
    {
        let content = &contract.resolved(response)["content"]["application/json"];
        let has = |value: &Value| {
            value
                .get("example")
                .or_else(|| value.get("examples"))
                .is_some()
        };
        if let Some(component) = referred(&content["schema"])
            && !has(content)
            && !has(contract.resolved(&content["schema"]))
        {
            edits.push(format!(
                "{OVERLAY}: an example of {component}; then cargo xtask codegen"
            ));
        }
    }
    ToDo {
        what: format!("{name} ({method} {path}) has no call; until then pivotal.raw().{name}(…)"),
        edits,
    }
}

/// What a request may say for the first time.
fn more_to_send(operation: &Operation, new: &[String]) -> Option<ToDo> {
    (!new.is_empty()).then(|| ToDo {
        what: format!("{}: nothing sends {}", operation.name, new.join(", ")),
        edits: vec![
            format!("{CALLS}: the most that it can say has it too"),
            format!("{CASES}: a case that sends it, or a reason in {EXCUSES}"),
        ],
    })
}

/// What an operation may answer for the first time.
fn more_to_answer(operation: &Operation, new: &[String], statuses: &[String]) -> Option<ToDo> {
    let mut edits = Vec::new();
    if !new.is_empty() {
        edits.push(format!(
            "{CASES}: a case to which the sandbox answers {}, or a reason in {EXCUSES}",
            new.join(", ")
        ));
    }
    if !statuses.is_empty() {
        edits.push(format!(
            "{CASES}: a case that is answered {}, or a reason in {EXCUSES}",
            statuses.join(", ")
        ));
        edits.push(format!("{ERRORS}: its codes, where none is listed"));
    }
    let told: Vec<&str> = new.iter().chain(statuses).map(String::as_str).collect();
    (!told.is_empty()).then(|| ToDo {
        what: format!(
            "{}: nobody has seen it answer {}",
            operation.name,
            told.join(", ")
        ),
        edits,
    })
}

/// Properties and parameters that must be sent now and needed not before.
pub(super) fn asking(base: &Preview, revision: &Preview) -> Vec<Asking> {
    let mut found = Vec::new();
    for operation in &revision.operations {
        let Some(before) = base
            .operations
            .iter()
            .find(|before| before.name == operation.name)
        else {
            continue;
        };
        let known = required(base, before);
        let new = required(revision, operation).into_iter();
        found.extend(new.filter(|name| !known.contains(name)).map(|name| Asking {
            method: operation.method.clone(),
            path: operation.path.clone(),
            name,
        }));
    }
    found
}

/// What a request cannot leave out; of the body what stands at its top.
fn required(side: &Preview, operation: &Operation) -> Vec<String> {
    let contract = Contract(&side.contract);
    let described = contract.operation(&operation.method, &operation.path);
    let parameters = described["parameters"].as_array().into_iter().flatten();
    let parameters = parameters
        .map(|parameter| contract.resolved(parameter))
        .filter(|parameter| parameter["required"] == true)
        .filter_map(|parameter| parameter["name"].as_str());
    let body = &described["requestBody"]["content"]["application/json"]["schema"];
    let properties = contract.resolved(body)["required"].as_array().into_iter();
    let properties = properties.flatten().filter_map(Value::as_str);
    parameters.chain(properties).map(str::to_owned).collect()
}

/// What of the suite's exemptions holds no longer: the point is gone, or what was answered under
/// another status counts for it now.
fn idle_excuses(companion: &Companion, base: &Preview, revision: &Preview) -> Option<ToDo> {
    let mut idle = Vec::new();
    for before in &base.operations {
        let after = revision
            .operations
            .iter()
            .find(|after| after.name == before.name);
        let id = before.name.replace('_', "-");
        let starts = |what: &str| companion.exemptions.contains(&format!("\"{id} {what}"));
        let now = |points: fn(&Preview, &Operation) -> Vec<String>| {
            after.map_or(Vec::new(), |after| points(revision, after))
        };
        for (points, verb) in [
            (sent as fn(&Preview, &Operation) -> Vec<String>, "sends"),
            (answered, "answers"),
        ] {
            let kept = now(points);
            let gone = points(base, before).into_iter();
            let gone = gone.filter(|point| !kept.contains(point));
            let gone = gone.map(|point| format!("{verb} {}", point.trim_matches('`')));
            idle.extend(
                gone.filter(|point| starts(point))
                    .map(|point| format!("\"{id} {point}\"")),
            );
        }
        let kept = now(statuses);
        for status in before
            .statuses
            .iter()
            .filter(|status| !kept.contains(status))
        {
            let class = format!("{}XX", &status[..1]);
            for point in [status, &class].map(|status| format!("status {status}")) {
                if starts(&point) {
                    idle.push(format!("\"{id} {point}\""));
                }
            }
        }
    }
    idle.sort();
    idle.dedup();
    (!idle.is_empty()).then(|| ToDo {
        what: "an exemption is needed no more: its point is gone, or what comes in its place counts for it".to_owned(),
        edits: vec![format!("{EXCUSES}: remove {}", idle.join(", "))],
    })
}

/// Parameters and properties of the body.
fn sent(side: &Preview, operation: &Operation) -> Vec<String> {
    let contract = Contract(&side.contract);
    let described = contract.operation(&operation.method, &operation.path);
    let parameters = described["parameters"].as_array().into_iter().flatten();
    let parameters = parameters
        .map(|parameter| contract.resolved(parameter))
        .filter(|parameter| parameter["in"] != "path")
        .filter_map(|parameter| parameter["name"].as_str())
        .map(|name| format!("`{name}`"));
    let body = &described["requestBody"]["content"]["application/json"]["schema"];
    parameters.chain(properties(contract, body)).collect()
}

/// Properties of the successes.
fn answered(side: &Preview, operation: &Operation) -> Vec<String> {
    let contract = Contract(&side.contract);
    let described = contract.operation(&operation.method, &operation.path);
    let responses = described["responses"].as_object().into_iter().flatten();
    responses
        .filter(|(status, _)| status.starts_with('2'))
        .flat_map(|(_, response)| {
            let content = &contract.resolved(response)["content"]["application/json"];
            properties(contract, &content["schema"])
        })
        .collect()
}

fn statuses(_: &Preview, operation: &Operation) -> Vec<String> {
    operation.statuses.clone()
}

fn properties<'c>(contract: Contract<'c>, schema: &'c Value) -> impl Iterator<Item = String> {
    let places = contract.places(contract.resolved(schema), true).into_iter();
    let properties = places.filter(|place| !place.is_entry());
    properties.map(|place| format!("`{}`", place.path()))
}

/// Types of the wire client that the companion does not show.
fn new_types(companion: &Companion, impact: &Impact, shown: &BTreeSet<String>) -> Option<ToDo> {
    let new: Vec<&str> = impact
        .api
        .iter()
        .filter(|change| change.change == What::Added && change.is_type())
        .filter(|change| !companion.reexports.contains(&change.path))
        .map(|change| change.path.as_str())
        .collect();
    let public = new.iter().any(|name| shown.contains(*name));
    let reached = if public {
        "a public field has such a type"
    } else {
        "until then pivotal_sdk::raw::…"
    };
    (!new.is_empty()).then(|| ToDo {
        what: format!("{} not re-exported; {reached}", listed(&new)),
        edits: vec![format!(
            "{}/src/lib.rs:{}: pub use pivotal_api::{{…}}",
            companion::FOLDER,
            companion.reexported_at
        )],
    })
}

/// Components that come and go: the tests list them.
fn new_components(base: Contract<'_>, revision: Contract<'_>) -> Vec<ToDo> {
    let lists = |these: Contract<'_>, those: Contract<'_>, what: &str, verb: &str| {
        let known: BTreeSet<&String> = those.components().map(|(name, _)| name).collect();
        let names = these.components().map(|(name, _)| name);
        let names: Vec<&str> = names
            .filter(|name| !known.contains(name))
            .map(String::as_str)
            .collect();
        let mut edits = vec![format!("{SCHEMAS}: {verb} the list of components")];
        if names.iter().any(|name| these.bodies().contains(name)) {
            edits.push(format!("{BODIES}: {verb} the list of bodies"));
        }
        (!names.is_empty()).then(|| ToDo {
            what: format!("{} {what}", listed(&names)),
            edits,
        })
    };
    [
        lists(
            revision,
            base,
            "new in the contract and judged by nobody",
            "into",
        ),
        lists(base, revision, "in the contract no more", "out of"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn listed(names: &[&str]) -> String {
    match names {
        [one] => format!("{one} is"),
        [first @ .., last] => format!("{} and {last} are", first.join(", ")),
        [] => String::new(),
    }
}
