//! `pivotal duplicates`.

use crate::running::{Served, pivotal_on, shown};

const KEY: &str = "pivotal_test_duplicates";

fn duplicates(server: &Served, arguments: &[&str]) -> String {
    let output = pivotal_on(&server.base_url, KEY)
        .args([&["duplicates"], arguments].concat())
        .output()
        .expect("the binary starts");
    shown(&output)
}

#[test]
fn customers_of_one_domain_are_grouped_and_the_older_is_first() {
    let server = Served::seeded(KEY);
    let columns = [
        "--columns",
        "shared_domain,display_id,longest_history",
        "-o",
        "csv",
    ];
    assert_eq!(
        duplicates(&server, &columns),
        "shared_domain,display_id,longest_history
harborteahouse.com,39,true
harborteahouse.com,48,false
meadowoutfitters.com,20,true
meadowoutfitters.com,24,false
saltboxsupplyco.com,26,true
saltboxsupplyco.com,36,false
willowcoffeeroasters.com,6,true
willowcoffeeroasters.com,12,false
histories: at least 16 calls, less than 1 min at 1000000 a minute
exit: 0"
    );
    let failing = duplicates(&server, &["--fail", "--jq", "length"]);
    assert!(
        failing.starts_with("8\n") && failing.ends_with("exit: 1"),
        "{failing}"
    );
    assert!(
        failing.contains("found 4 domains with several customers"),
        "{failing}"
    );
}

#[test]
fn a_workspace_without_duplicates_has_an_empty_list() {
    let server = Served::with_key(KEY);
    assert_eq!(
        duplicates(&server, &["--fail", "-o", "json"]),
        "[]\nexit: 0"
    );
}

#[test]
fn a_history_that_cannot_be_read_ends_the_list_early() {
    let fault = "list-customer-contacts:key-revoked:after=3";
    let server = Served::with(["--api-key", KEY, "--seed", "7", "--fault", fault]);
    let text = duplicates(&server, &["-o", "jsonl"]);
    assert!(
        text.contains("ended early, after 2 rows") && text.ends_with("exit: 5"),
        "{text}"
    );
}
