//! Do document, Rust type and serde agree on what each component is?
//!
//! For every component schema of the contract, one corpus made from the document ([`corpus`],
//! [`strategy`]) is validated three times ([`validators`]): by the document, by the JSON Schema of the
//! Rust type, by serde. Where they disagree, [`table`] says why, or the test fails; so it does for
//! a reason that nothing needs.

pub(crate) mod corpus;
mod kind;
mod proof;
pub(crate) mod site;
mod strategy;
mod table;
mod validators;

use std::collections::{BTreeMap, BTreeSet};

use pivotal_openapi::Document;
use pivotal_sdk::{
    raw,
    transport::{OPERATIONS, Operation},
};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

use corpus::{Instance, corpus};
use kind::Kind;
use site::Place;
use strategy::instances;
use table::{Row, TABLE};
use validators::{ComponentType, Direction, Validators};

use crate::fixes::on_failure;
use crate::spelling::normal;

/// Random instances of each component, unless `PROPTEST_CASES` says how many.
const CASES: u32 = 64;

macro_rules! object_types {
    (responses: [$($response:ident,)*] bodies: [$($body:ident,)*]) => {
        /// Every generated type of an object.
        fn object_types() -> Vec<ComponentType> {
            vec![
                $(ComponentType::response::<raw::$response>(stringify!($response)),)*
                $(ComponentType::request::<raw::$body>(stringify!($body)),)*
            ]
        }
    };
}

raw::for_each_object!(object_types);

/// The types of components. What is sent only inside another body is validated with that.
fn component_types() -> Vec<ComponentType> {
    let contract = Document::contract();
    let mut types = object_types();
    types.retain(|found| {
        contract.schema(found.component).is_some()
            && (found.direction == Direction::Response
                || !sending(contract, found.component).is_empty())
    });
    types
}

/// What a trial brings to light.
#[derive(Default)]
struct Findings {
    /// Disagreements without a reason, and instances that are not what they are meant to be.
    unexplained: Vec<String>,
    /// The places that each row of the table is the reason for.
    explained: BTreeMap<usize, BTreeSet<Place>>,
}

/// Validates values of a component: those derived by rule, and random ones.
fn try_component(
    contract: &Document,
    component_type: &ComponentType,
    table: &[Row],
    findings: &mut Findings,
) {
    let validators = try_corpus(contract, component_type, table, findings);
    // The smallest of the random instances that fail is reported.
    let tried = runner().run(&instances(contract, component_type.component), |instance| {
        validate(&validators, component_type.direction, table, &instance)
            .map(drop)
            .map_err(TestCaseError::fail)
    });
    match tried {
        Ok(()) => {}
        Err(TestError::Fail(finding, _)) => findings.unexplained.push(finding.to_string()),
        Err(TestError::Abort(reason)) => panic!("{}: {reason}", component_type.component),
    }
}

fn try_corpus(
    contract: &Document,
    component_type: &ComponentType,
    table: &[Row],
    findings: &mut Findings,
) -> Validators<'static> {
    let operations = sending(contract, component_type.component);
    let validators = Validators::new(contract, component_type, operations);
    for instance in corpus(contract, component_type.component) {
        match validate(&validators, component_type.direction, table, &instance) {
            Ok(None) => {}
            Ok(Some(row)) => {
                let places = findings.explained.entry(row).or_default();
                places.insert(instance.place);
            }
            Err(finding) => findings.unexplained.push(finding),
        }
    }
    validators
}

/// The row that explains the verdict, or none if the validators agree; else what is wrong.
fn validate(
    validators: &Validators<'_>,
    direction: Direction,
    table: &[Row],
    instance: &Instance,
) -> Result<Option<usize>, String> {
    let Instance { place, kind, value } = instance;
    let verdict = validators.validate(value);
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

/// A type that decodes every value but drops one of them would satisfy all three validators.
#[test]
fn a_value_with_every_property_keeps_them_all() {
    let contract = Document::contract();
    for component_type in component_types() {
        let corpus = corpus(contract, component_type.component);
        let mut most = corpus.iter().filter(|made| made.kind == Kind::Most);
        let value = most.next().unwrap().value.clone();
        let again = (component_type.again)(&value);
        assert_eq!(normal(again), normal(value), "{}", component_type.component);
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
        .copied()
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
    let _fix = on_failure("schemas");
    let contract = Document::contract();
    let mut findings = Findings::default();
    for component_type in component_types() {
        try_component(contract, &component_type, TABLE, &mut findings);
    }
    assert!(
        findings.unexplained.is_empty(),
        "\n{}\nCorrect the type, the overlay or the document; if the disagreement is intended, add a row to \
         tests/contract/schemas/table.rs.\n",
        findings.unexplained.join("\n")
    );
    let unneeded = unneeded(&findings, TABLE);
    assert!(
        unneeded.is_empty(),
        "\n{}\nNothing needs these rows: remove them from tests/contract/schemas/table.rs.\n",
        unneeded.join("\n")
    );
    insta::assert_snapshot!("disagreements", shown(&findings) + &left_out(contract));
}

/// The table with the places of each row.
fn shown(findings: &Findings) -> String {
    let rows = findings.explained.iter().map(|(row, places)| {
        let row = &TABLE[*row];
        let direction = match row.direction {
            None => "",
            Some(Direction::Response) => " in a response",
            Some(Direction::Request) => " in a body",
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

/// The components that have no type of their own name, or are sent only inside another body.
fn left_out(contract: &Document) -> String {
    let types = component_types();
    let components: Vec<_> = contract.schemas().collect();
    let names = components.iter().filter_map(|component| component.name());
    let left_out: Vec<&str> = names
        .filter(|name| types.iter().all(|found| found.component != *name))
        .collect();
    match left_out.is_empty() {
        true => String::new(),
        false => format!("\nnot validated on their own: {}\n", left_out.join(", ")),
    }
}
