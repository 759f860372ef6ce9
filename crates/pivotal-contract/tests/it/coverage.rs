//! Coverage is what was exercised, not what the cases are called.

use pivotal_sandbox::Sandbox;

use crate::altered::{connect, whole};

/// A case, and the holes that its absence leaves.
const CASES: [(&str, &[&str]); 4] = [
    (
        "create-customer: minimal, then changed, cleared and deleted",
        &[
            "update-customer sends domain = null",
            "update-customer status 200",
            "update-customer status 400",
            "delete-customer returns deleted",
        ],
    ),
    (
        "create-onboarding: maximal, and once per idempotency key",
        &[
            "create-onboarding sends notes",
            "create-onboarding status 409",
        ],
    ),
    (
        "get-me: when the server returns 429",
        &["get-me status 429"],
    ),
    (
        "create-customer: a body that is not JSON",
        &["create-customer status 4XX"],
    ),
];

#[tokio::test]
async fn a_case_that_is_left_out_leaves_holes_and_they_fail() {
    for (case, holes) in CASES {
        let sandbox = Sandbox::builder().seed(7).start().await.unwrap();
        let mut suite = whole(&sandbox, connect(&sandbox)).without(case).unwrap();
        // These, if the contract has any, make their records with the same operations.
        let all: Vec<_> = suite.cases().map(str::to_owned).collect();
        for other in all.iter().filter(|case| case.ends_with("of its own")) {
            suite = suite.without(other).unwrap();
        }
        let report = suite.run().await.unwrap();
        assert!(report.deviations.is_empty(), "{report}");
        assert!(report.coverage.fails() && !report.agrees(), "{case}");
        let found = &report.coverage.missing;
        for hole in holes {
            assert!(
                found.iter().any(|found| found == hole),
                "{hole} in {found:?}"
            );
        }
        let line = format!("not exercised: {}", holes[0]);
        let file = match holes[0].contains(" sends ") {
            true => "crates/pivotal-contract/src/operation_cases.rs",
            false => "crates/pivotal-contract/src/suite/cases, or an exemption",
        };
        let report = report.to_string();
        let advice = report.split(&line).nth(1).unwrap().lines().nth(1).unwrap();
        assert!(advice.contains(file), "{advice}");
    }
}

/// `missing-key` on every response: the cases are run, and what they were to see did not come.
#[tokio::test]
async fn missing_keys_do_not_count_as_exercised() {
    let sandbox = Sandbox::builder()
        .seed(7)
        .fault("list-onboardings:missing-key=se_id".parse().unwrap())
        .start()
        .await
        .unwrap();
    let report = whole(&sandbox, connect(&sandbox)).run().await.unwrap();
    // suite.rs reports what the contract has and no case exercises.
    let holes = report.coverage.missing.into_iter();
    let holes: Vec<_> = holes
        .filter(|hole| hole.starts_with("list-onboardings "))
        .collect();
    assert_eq!(
        holes,
        [
            "list-onboardings returns data[].se_id",
            "list-onboardings returns data[].se_id = null",
            "list-onboardings status 429",
            "list-onboardings status 500",
        ],
        "the first fault that applies is the one of the test"
    );
}
