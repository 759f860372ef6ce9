//! Checks of one exchange against the contract.

pub(crate) mod additions;
mod request;
mod response;

use pivotal_openapi::Operation;
use pivotal_sdk::{Exchange, HttpResponse, Outcome, RequestLine};

use crate::contract::{Contract, Fault};
use crate::finding::{Addition, Violation, ViolationKind};

/// How many findings of one exchange are reported at most.
const FINDINGS: usize = 50;

/// What was found in one exchange.
#[derive(Debug)]
pub(crate) struct Checked<'e> {
    pub(crate) operation: Operation<'static>,
    pub(crate) response: &'e HttpResponse,
    pub(crate) violations: Vec<Violation>,
    pub(crate) additions: Vec<Addition>,
}

/// Checks an exchange; `None` when there is nothing to check: no response, or no operation of the
/// contract.
pub(crate) fn exchange<'e>(
    contract: &Contract,
    request: &RequestLine,
    exchange: &'e Exchange,
    body_limit: usize,
) -> Option<Checked<'e>> {
    let Outcome::Response(response) = &exchange.outcome else {
        return None;
    };
    let operation = contract.operation_of(exchange, request.url.path())?;
    let mut findings = Findings {
        contract,
        operation: &operation,
        status: response.status.as_u16(),
        violations: Vec::new(),
        additions: Vec::new(),
    };
    // A request that is refused may break the contract: the server says so too.
    if response.status.is_success() {
        request::check(&mut findings, request, body_limit);
    }
    response::check(&mut findings, response, body_limit);
    let (mut violations, mut additions) = (findings.violations, findings.additions);
    violations.truncate(FINDINGS);
    additions.truncate(FINDINGS);
    Some(Checked {
        operation,
        response,
        violations,
        additions,
    })
}

/// What has been found in an exchange so far.
struct Findings<'c> {
    contract: &'c Contract,
    operation: &'c Operation<'static>,
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
            let evidence = self.contract.evidence(&fault.rule);
            self.violations.push(Violation {
                operation: self.operation.id.to_owned(),
                status: self.status,
                kind,
                source: evidence.source(),
                evidence,
                place: format!("{at}{}", fault.place),
                rule: fault.rule,
                count: fault.count,
                message: fault.message,
            });
        }
    }

    fn addition(&mut self, addition: additions::Found, place: &str) {
        let addition = Addition {
            operation: self.operation.id.to_owned(),
            status: self.status,
            kind: addition.kind,
            name: addition.name,
            place: format!("{place}{}", addition.place),
            schema: addition.schema,
        };
        if !self.additions.contains(&addition) {
            self.additions.push(addition);
        }
    }
}
