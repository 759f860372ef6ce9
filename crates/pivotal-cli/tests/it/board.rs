//! `pivotal board` as text and rows.

use std::process::Output;

use pivotal_test_support::ScriptedServer;

use crate::output::page;
use crate::running::{Served, pivotal, pivotal_on, shown};

const KEY: &str = "pivotal_test_board";
const NOW: [&str; 2] = ["--now", "2026-05-27T10:24:00Z"];

fn board(base_url: &str, arguments: &[&str]) -> Output {
    pivotal_on(base_url, KEY)
        .args([&["board"], &NOW[..], arguments].concat())
        .output()
        .expect("the binary starts")
}

#[test]
fn the_board_lists_onboardings_by_phase() {
    let server = Served::seeded(KEY);
    insta::assert_snapshot!(shown(&board(&server.base_url, &[])));
}

#[test]
fn filters_select_onboardings() {
    let server = Served::seeded(KEY);
    let text = |arguments: &[&str]| shown(&board(&server.base_url, arguments));
    insta::assert_snapshot!(
        [
            text(&["--phase", "completed", "--state", "paused"]),
            text(&["--customer-id", "48"]),
            text(&["--owner", "nobody"]),
        ]
        .join("\n\n")
    );
}

#[test]
fn rows_have_what_the_board_shows() {
    let server = Served::seeded(KEY);
    let csv = [
        "-o",
        "csv",
        "--columns",
        "display_id,customer_name,phase,age_days,overdue_days,waiting_days",
        "--phase",
        "launch",
    ];
    insta::assert_snapshot!(shown(&board(&server.base_url, &csv)));
}

/// An onboarding in a phase and a state that nobody knows, of a customer that cannot be found.
const STRANGE: &str = r#"{"object": "onboarding", "id": "o1", "display_id": 7, "customer_id": "c\u001b[31m",
    "template_id": null, "phase": "zz\u202ephase", "state": "odd", "started_at": null, "completed_at": null,
    "target_launch_date": "2026-05-27T00:00:00.000Z", "csm_id": "p\n1", "se_id": null, "designer_id": null,
    "product_ops_id": null, "notes": null, "waiting_on_customer": true, "waiting_on_customer_since": null,
    "wizard_completed_at": null, "reminder_email": true, "reminder_slack": true, "reminder_frequency_days": 1,
    "created_at": "2026-05-20T10:00:00.000Z", "updated_at": "2026-05-24T10:00:00.000Z"}"#;

#[test]
fn unknown_phases_come_last_and_hostile_text_is_escaped() {
    let server = ScriptedServer::start(|request| {
        let is_onboardings = request.target().starts_with("/api/v1/onboardings");
        let rows: &[String] = if is_onboardings {
            &[STRANGE.to_owned()]
        } else {
            &[]
        };
        page(rows, None)
    });
    insta::assert_snapshot!(shown(&board(server.base_url(), &[])));
}

#[test]
fn a_broken_list_is_no_board_and_leaves_the_page_as_it_was() {
    let server = Served::with([
        "--api-key",
        KEY,
        "--seed",
        "7",
        "--fault",
        "list-customers:key-revoked",
    ]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("board.html");
    let name = file.to_str().unwrap();
    let other = Served::with(["--api-key", KEY]);
    for _ in 0..2 {
        let text = shown(&board(&other.base_url, &["--html", name]));
        assert!(text.ends_with("exit: 0"), "{text}");
    }
    let page = std::fs::read(&file).unwrap();
    let text = shown(&board(&server.base_url, &["--html", name]));
    assert!(text.ends_with("exit: 4"), "{text}");
    assert!(std::fs::read(&file).unwrap() == page);
    // Refused before the list is read, which would fail.
    for (name, content) in [("notes.html", "<!DOCTYPE html>"), ("pivotal.db-lock", "")] {
        let file = folder.path().join(name);
        std::fs::write(&file, content).unwrap();
        let text = shown(&board(
            &server.base_url,
            &["--html", file.to_str().unwrap()],
        ));
        assert!(
            text.contains("name another file") && text.ends_with("exit: 2"),
            "{text}"
        );
        assert_eq!(std::fs::read_to_string(&file).unwrap(), content);
    }
}

#[test]
fn options_that_exclude_each_other_are_refused() {
    for (arguments, why) in [
        (&["--watch"][..], "--watch draws on a terminal"),
        (&["--html", "x.html", "-o", "json"], "--html writes a page"),
        (&["--watch", "0"], "a whole number of at least 1"),
        (
            &["--columns", "custmer_name"],
            "did you mean customer_name?",
        ),
        (&["--now", "today"], "invalid value"),
    ] {
        let output = pivotal()
            .args([&["board", "--sandbox"], arguments].concat())
            .output()
            .unwrap();
        let text = shown(&output);
        assert!(
            text.contains(why) && text.ends_with("exit: 2"),
            "{arguments:?}: {text}"
        );
    }
}
