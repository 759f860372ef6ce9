//! `pivotal sandbox`, and the calls that test a key.

use crate::running::{MOVING, Served, pivotal, shown};

const KEY: &str = "pivotal_test_served";

#[test]
fn the_greeting_names_address_and_key() {
    let server = Served::with_key(KEY);
    assert_eq!(
        server.greeting,
        format!("sandbox listening on {} (key {KEY})\n", server.base_url)
    );
}

#[test]
fn me_and_health_answer_through_the_environment() {
    let server = Served::with_key(KEY);
    let me = pivotal()
        .arg("me")
        .env("PIVOTAL_API_KEY", KEY)
        .env("PIVOTAL_BASE_URL", &server.base_url)
        .output()
        .unwrap();
    insta::assert_snapshot!("me", shown(&me));
    let health = pivotal()
        .args(["health", "--base-url", &server.base_url])
        .output()
        .unwrap();
    let text = shown(&health);
    assert!(
        health.status.success() && text.starts_with("ok at 20"),
        "{text}"
    );
}

#[test]
fn a_wrong_key_is_told_without_being_repeated() {
    let server = Served::with_key(KEY);
    let me = pivotal()
        .args(["me", "--base-url", &server.base_url])
        .env("PIVOTAL_API_KEY", "pivotal_test_N0tTobeSeenAnywhere")
        .output()
        .unwrap();
    let text = shown(&me);
    assert!(!text.contains("N0tTobeSeen"), "{text}");
    insta::with_settings!({ filters => MOVING }, {
        insta::assert_snapshot!("wrong_key", text);
    });
}

#[test]
fn me_without_a_key_says_which_variable() {
    insta::assert_snapshot!("no_key", shown(&pivotal().arg("me").output().unwrap()));
}

#[test]
fn an_address_that_others_can_reach_is_refused() {
    let output = pivotal()
        .args(["sandbox", "--listen", "0.0.0.0:0"])
        .output()
        .unwrap();
    insta::assert_snapshot!("listen_everywhere", shown(&output));
}

#[cfg(unix)]
#[test]
fn told_to_end_it_ends_in_order() {
    assert!(Served::with_key(KEY).terminate().success());
}
