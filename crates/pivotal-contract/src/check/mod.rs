//! One exchange, held against the contract.

mod additions;
mod answer;
mod request;

use pivotal_sdk::{Exchange, HttpResponse, Outcome, RequestLine};

use crate::contract::{Contract, Fault, Operation};
use crate::finding::{Addition, Violation, ViolationKind};

/// How many findings of one exchange are told at most.
const FINDINGS: usize = 50;

/// What was found in one exchange.
#[derive(Debug)]
pub(crate) struct Checked<'c> {
    pub(crate) operation: &'c Operation,
    pub(crate) answered: &'c HttpResponse,
    pub(crate) violations: Vec<Violation>,
    pub(crate) additions: Vec<Addition>,
}

/// Checks an exchange; `None` when there is nothing to check: no response, or no operation of the
/// contract.
pub(crate) fn exchange<'c>(
    contract: &'c Contract,
    request: &RequestLine,
    exchange: &'c Exchange,
    body_limit: usize,
) -> Option<Checked<'c>> {
    let Outcome::Response(answered) = &exchange.outcome else {
        return None;
    };
    let operation = contract.operation_of(exchange, request.url.path())?;
    let mut findings = Findings {
        contract,
        operation,
        status: answered.status.as_u16(),
        violations: Vec::new(),
        additions: Vec::new(),
    };
    // What is refused need not be allowed: server and contract agree then.
    if answered.status.is_success() {
        request::check(&mut findings, request, body_limit);
    }
    answer::check(&mut findings, answered, body_limit);
    let (mut violations, mut additions) = (findings.violations, findings.additions);
    violations.truncate(FINDINGS);
    additions.truncate(FINDINGS);
    Some(Checked {
        operation,
        answered,
        violations,
        additions,
    })
}

/// What is found on the way.
pub(crate) struct Findings<'c> {
    contract: &'c Contract,
    operation: &'c Operation,
    status: u16,
    violations: Vec<Violation>,
    additions: Vec<Addition>,
}

impl Findings<'_> {
    fn violation(&mut self, kind: ViolationKind, place: &str, rule: &str, message: String) {
        self.faults(
            kind,
            place,
            vec![Fault {
                place: String::new(),
                rule: rule.to_owned(),
                message,
                count: 1,
            }],
        );
    }

    /// What a schema found in the value at a place of the exchange.
    fn faults(&mut self, kind: ViolationKind, at: &str, faults: Vec<Fault>) {
        for fault in faults {
            let evidence = self.contract.document.evidence(&fault.rule);
            self.violations.push(Violation {
                operation: self.operation.id.clone(),
                status: self.status,
                kind,
                witness: evidence.witness(),
                evidence,
                place: format!("{at}{}", fault.place),
                contract: fault.rule,
                count: fault.count,
                message: fault.message,
            });
        }
    }

    fn addition(&mut self, addition: additions::Found, place: &str) {
        let addition = Addition {
            operation: self.operation.id.clone(),
            status: self.status,
            kind: addition.kind,
            name: addition.name,
            place: format!("{place}{}", addition.place),
            contract: addition.schema,
        };
        if !self.additions.contains(&addition) {
            self.additions.push(addition);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, Number, Value};

    use super::*;

    /// Any JSON, with keys and texts that the contract knows among others.
    fn json() -> impl Strategy<Value = Value> {
        let word = prop_oneof![
            Just("data".to_owned()),
            Just("object".to_owned()),
            Just("status".to_owned()),
            Just("created_at".to_owned()),
            Just("api_key".to_owned()),
            Just("list".to_owned()),
            ".{0,12}",
        ];
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::from),
            any::<f64>()
                .prop_map(|number| Number::from_f64(number).map_or(Value::Null, Value::Number)),
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
        /// Whatever a server sends, every schema of the contract gives a bounded answer that points
        /// into the contract.
        #[test]
        fn any_body_is_judged(value in json()) {
            let contract = Contract::shipped();
            let schemas = contract.operations.iter().flat_map(|operation| {
                let answers = operation.answers.iter().filter_map(|answer| answer.content.as_ref());
                answers.map(|(_, schema)| schema).chain(&operation.body)
            });
            for schema in schemas {
                for fault in schema.faults(&value) {
                    prop_assert!(contract.document.at(&fault.rule).is_some(), "{}", fault.rule);
                    prop_assert!(fault.place.is_empty() || fault.place.starts_with('/'));
                }
                let found = additions::find(&contract.document, &schema.pointer, &value);
                prop_assert!(found.len() <= FINDINGS);
                for found in found {
                    prop_assert!(contract.document.at(&found.schema).is_some());
                    prop_assert!(found.name.len() <= 64);
                }
            }
        }
    }
}
