//! Do document, Rust type and serde agree on what each component is?
//!
//! For every component schema of the contract, one corpus made from the document ([`corpus`],
//! [`strategy`]) is judged three times ([`judges`]): by the document, by the JSON Schema of the
//! Rust type, by serde. Where they disagree, [`table`] says why, or the test fails; so it does for
//! a reason that nothing needs.

mod corpus;
mod judges;
mod kind;
mod proof;
pub(crate) mod site;
mod strategy;
mod table;

use std::collections::{BTreeMap, BTreeSet};

use pivotal_openapi::Document;
use pivotal_sdk::{OPERATIONS, Operation, raw};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

use corpus::{Instance, corpus};
use judges::{Bench, Direction, Judged};
use kind::Kind;
use site::Place;
use strategy::instances;
use table::{Row, TABLE};

use crate::mending::mending;
use crate::spelling::normal;

/// Random instances of each component, unless `PROPTEST_CASES` says how many.
const CASES: u32 = 64;

macro_rules! judged {
    (answers: $($answer:ident),*; bodies: $($body:ident),* $(;)?) => {
        vec![
            $(Judged::answer::<raw::$answer>(stringify!($answer)),)*
            $(Judged::body::<raw::$body>(stringify!($body)),)*
        ]
    };
}

/// Every component of the contract with its Rust type.
fn judged() -> Vec<Judged> {
    judged! {
        answers: Contact, ContactList, Customer, CustomerList, Deleted, Error, ErrorDetail, Health, Me, Onboarding, OnboardingList;
        bodies: CreateContact, CreateCustomer, CreateOnboarding, UpdateContact, UpdateCustomer, UpdateOnboarding;
    }
}

/// What a trial brings to light.
#[derive(Default)]
struct Findings {
    /// Disagreements without a reason, and instances that are not what they are meant to be.
    unexplained: Vec<String>,
    /// The places that each row of the table is the reason for.
    explained: BTreeMap<usize, BTreeSet<Place>>,
}

/// Judges what is made of a component by rule, and what is made of it at random.
fn try_component(contract: &Document, judged: &Judged, table: &[Row], findings: &mut Findings) {
    let bench = try_corpus(contract, judged, table, findings);
    // The smallest of the random instances that fail is reported.
    let tried = runner().run(&instances(contract, judged.component), |instance| {
        judge(&bench, judged.direction, table, &instance)
            .map(drop)
            .map_err(TestCaseError::fail)
    });
    match tried {
        Ok(()) => {}
        Err(TestError::Fail(finding, _)) => findings.unexplained.push(finding.to_string()),
        Err(TestError::Abort(reason)) => panic!("{}: {reason}", judged.component),
    }
}

fn try_corpus(
    contract: &Document,
    judged: &Judged,
    table: &[Row],
    findings: &mut Findings,
) -> Bench<'static> {
    let operations = sending(contract, judged.component);
    if judged.direction == Direction::Body {
        assert!(!operations.is_empty(), "nothing sends {}", judged.component);
    }
    let bench = Bench::new(contract, judged, operations);
    for instance in corpus(contract, judged.component) {
        match judge(&bench, judged.direction, table, &instance) {
            Ok(None) => {}
            Ok(Some(row)) => {
                let places = findings.explained.entry(row).or_default();
                places.insert(instance.place);
            }
            Err(finding) => findings.unexplained.push(finding),
        }
    }
    bench
}

/// The row that explains the verdict, or none where the judges agree; else what is wrong.
fn judge(
    bench: &Bench<'_>,
    direction: Direction,
    table: &[Row],
    instance: &Instance,
) -> Result<Option<usize>, String> {
    let Instance { place, kind, value } = instance;
    let verdict = bench.judge(value);
    let finding = |what: String| {
        let value: String = value.to_string().chars().take(400).collect();
        format!("{place}, {kind}: {what}\n    {value}")
    };
    if verdict.document != kind.is_documented() {
        return Err(finding(format!(
            "{verdict}, but that is what the corpus meant to be {}",
            if kind.is_documented() {
                "documented"
            } else {
                "undocumented"
            }
        )));
    }
    if verdict.is_agreed() {
        return Ok(None);
    }
    table
        .iter()
        .position(|row| row.explains(direction, *kind, verdict))
        .map(Some)
        .ok_or_else(|| finding(verdict.to_string()))
}

/// To decode is not to keep: a type that took every value and left one out would satisfy all three
/// judges.
#[test]
fn a_value_with_every_property_keeps_them_all() {
    let contract = Document::contract();
    for judged in judged() {
        let corpus = corpus(contract, judged.component);
        let mut most = corpus.iter().filter(|made| made.kind == Kind::Most);
        let value = most.next().unwrap().value.clone();
        let again = (judged.again)(&value);
        assert_eq!(normal(again), normal(value), "{}", judged.component);
    }
}

/// The same instances on every run.
fn runner() -> TestRunner {
    let mut config = Config {
        failure_persistence: None,
        max_shrink_iters: 4096,
        ..Config::default()
    };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = CASES;
    }
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

/// The operations whose body a component is.
fn sending(contract: &Document, component: &str) -> Vec<&'static Operation> {
    OPERATIONS
        .iter()
        .filter(|operation| {
            let body = contract
                .operation(operation.name)
                .and_then(|known| known.body());
            body.is_some_and(|body| body.content.schema.name() == Some(component))
        })
        .collect()
}

fn unneeded(findings: &Findings, table: &[Row]) -> Vec<String> {
    (0..table.len())
        .filter(|row| !findings.explained.contains_key(row))
        .map(|row| format!("{}: {}", table[row].kind, table[row].reason))
        .collect()
}

#[test]
fn every_disagreement_has_its_reason_in_the_table() {
    let _mending = mending("schemas");
    let contract = Document::contract();
    let mut findings = Findings::default();
    for judged in judged() {
        try_component(contract, &judged, TABLE, &mut findings);
    }
    assert!(
        findings.unexplained.is_empty(),
        "\n{}\nMend the type, the overlay or the document; where the disagreement is meant, add a row to \
         tests/contract/schemas/table.rs.\n",
        findings.unexplained.join("\n")
    );
    let unneeded = unneeded(&findings, TABLE);
    assert!(
        unneeded.is_empty(),
        "\n{}\nNothing needs these rows: remove them from tests/contract/schemas/table.rs.\n",
        unneeded.join("\n")
    );
    insta::assert_snapshot!("disagreements", shown(&findings));
}

/// The table with the places of each row.
fn shown(findings: &Findings) -> String {
    let rows = findings.explained.iter().map(|(row, places)| {
        let row = &TABLE[*row];
        let direction = match row.direction {
            None => "",
            Some(Direction::Answer) => " in a response",
            Some(Direction::Body) => " in a body",
        };
        let mut by_component: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for place in places {
            let paths = by_component.entry(&place.component).or_default();
            paths.push(place.path());
        }
        let places: Vec<String> = by_component
            .into_iter()
            .map(|(component, paths)| format!("    {component}: {}", paths.join(", ")))
            .collect();
        format!(
            "{}{direction}\n  {}.\n  {}\n{}\n",
            row.kind,
            row.verdict,
            row.reason,
            places.join("\n")
        )
    });
    rows.collect::<Vec<_>>().join("\n")
}

#[test]
fn every_component_of_the_contract_is_judged() {
    let judged: BTreeSet<&str> = judged().iter().map(|judged| judged.component).collect();
    let schemas: Vec<_> = Document::contract().schemas().collect();
    let components: BTreeSet<&str> = schemas.iter().filter_map(|schema| schema.name()).collect();
    assert_eq!(
        judged, components,
        "add to or remove from the list in tests/contract/schemas.rs"
    );
}
