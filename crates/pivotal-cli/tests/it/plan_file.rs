//! A plan in a file, as it is reviewed and applied.

use std::fs;

use pivotal_sandbox::{ReceivedRequest, Sandbox};

use crate::place::Place;

const FIRST: &str = "name,slug,mrr\nAcme,acme,100\nHooli,hooli,200\nNone,,1\n";
const SECOND: &str = "name,slug,mrr\nAcme Ltd,acme,100\nHooli,hooli,200\nNone,,1\n";

#[tokio::test]
async fn a_reviewed_plan_is_applied_with_a_live_key() {
    let place = Place::on(Sandbox::builder().api_key("pivotal_liveN0tTobeSeen")).await;
    place.write("crm.csv", FIRST);
    let plan = async || {
        let arguments = "plan crm.csv --out plan.jsonl --max-changes 50";
        let (code, text) = place.code(arguments).await;
        assert!(text.contains("`pivotal apply plan.jsonl`"), "{text}");
        assert_eq!(code, 6, "{text}");
        fs::read_to_string(place.path("plan.jsonl")).unwrap()
    };
    insta::assert_snapshot!(plan().await);
    let (code, text) = place.code("apply 1").await;
    assert_eq!(code, 6, "without the file: {text}");
    let (code, text) = place.code("apply plan.jsonl").await;
    assert_eq!((code, place.creates()), (1, 2), "{text}");
    // The file is still the plan, of which nothing is left.
    let (code, text) = place.code("apply plan.jsonl").await;
    assert!(text.contains("nothing is left"), "{text}");
    assert_eq!((code, place.creates()), (2, 2), "{text}");

    place.write("crm.csv", SECOND);
    let second = plan().await;
    let id = second.split("\"id\":\"").nth(1).unwrap();
    let id = id.split('"').next().unwrap();
    // Customers are created in parallel, so either may be the first.
    insta::with_settings!({ filters => [(r"#\d+ Acme", "#[n] Acme")] }, {
        insta::assert_snapshot!(second.replace(id, "ID"));
    });
    let (code, text) = place.code("apply plan.jsonl --max-changes 50").await;
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("1 done"), "{text}");
}

#[tokio::test]
async fn a_plan_replaces_nothing_but_a_plan() {
    let place = Place::new(false).await;
    place.write("crm.csv", FIRST);
    for out in ["crm.csv", "none/plan.jsonl", ".", "pivotal.db"] {
        let (code, text) = place.code(&format!("plan crm.csv --out {out}")).await;
        assert_eq!(code, 2, "{out}: {text}");
        assert!(text.contains(out), "{text}");
    }
    assert_eq!(fs::read_to_string(place.path("crm.csv")).unwrap(), FIRST);
    place.write("crm.csv", FIRST.replace("None,,1", "None,,"));
    let import = "import crm.csv --state new.db --failed new.db";
    let (code, text) = place.code(import).await;
    assert!(code == 2 && text.contains("new.db"), "{text}");
    let is_read = |request: &ReceivedRequest| request.method == "GET";
    assert!(place.sandbox.requests().iter().all(is_read));
    let (code, text) = place.code("runs --state new.db").await;
    assert_eq!(code, 0, "{text}");
    for _ in 0..2 {
        let (_, text) = place.code("plan crm.csv --out plan.jsonl").await;
        assert!(text.contains("`pivotal apply plan.jsonl`"), "{text}");
    }
}

#[tokio::test]
async fn a_file_that_is_not_the_plan_is_refused() {
    let place = Place::new(false).await;
    place.write("crm.csv", FIRST);
    place.code("plan crm.csv --out plan.jsonl").await;
    let plan = fs::read_to_string(place.path("plan.jsonl")).unwrap();
    let without_last = &plan[..plan.trim_end().rfind('\n').unwrap() + 1];
    for (file, line) in [
        (plan.replace("Hooli", "Evil"), "plan.jsonl:3"),
        (plan.clone() + "{}\n", "plan.jsonl:5"),
        (without_last.to_owned(), "plan.jsonl:4"),
        (plan.replace("\"plan\":1", "\"plan\":7"), "run 7"),
        (FIRST.to_owned(), "plan --out"),
        (String::new(), "plan --out"),
        ("\u{fffd}".repeat(10_000), "plan --out"),
    ] {
        place.write("plan.jsonl", file);
        let (code, text) = place.code("apply plan.jsonl").await;
        assert!(text.contains(line), "{text}");
        assert_eq!((code, place.creates()), (2, 0), "{text}");
    }
    let (code, text) = place.code("apply missing.jsonl").await;
    assert!(text.contains("missing.jsonl"), "{text}");
    assert_eq!(code, 2, "{text}");
}
