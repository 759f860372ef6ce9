//! The commands for customers, contacts and onboardings, and `pivotal api` and `pivotal open`.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use pivotal_sdk::OnboardingPhase;
use pivotal_sdk::transport::OPERATIONS;
use pivotal_test_support::{ScriptedServer, response, words};
use serde_json::{Value, json};

use crate::running::{Served, pivotal, pivotal_on, shown};

const KEY: &str = "pivotal_test_resources";

fn on(server: &Served, line: &str) -> Output {
    command(server, line).output().expect("the binary starts")
}

/// `pivotal` with the arguments in a line of a shell.
fn command(server: &Served, line: &str) -> Command {
    let mut command = pivotal();
    command
        .args(words(line))
        .env("PIVOTAL_API_KEY", KEY)
        .env("PIVOTAL_BASE_URL", &server.base_url);
    command
}

/// What a command prints that must succeed.
fn stdout(server: &Served, line: &str) -> String {
    let output = on(server, line);
    assert!(output.status.success(), "{line}: {}", shown(&output));
    String::from_utf8(output.stdout).expect("it prints text")
}

/// The exit code and the message of a command that must fail.
fn failure(server: &Served, line: &str) -> (Option<i32>, String) {
    let output = on(server, line);
    assert!(!output.status.success(), "{line}");
    (
        output.status.code(),
        String::from_utf8(output.stderr).expect("it prints text"),
    )
}

#[test]
fn a_customer_is_created_changed_printed_and_deleted() {
    let server = Served::seeded(KEY);
    let create = "customers create --set name=Nova --set mrr=500 --set plan=Growth \
        --idempotency-key nova --jq '.display_id, .mrr, .slug, .domain'";
    assert_eq!(stdout(&server, create), "49\n500\nnova\nnull\n");
    // The key makes the second create the same row.
    assert_eq!(stdout(&server, create), "49\n500\nnova\nnull\n");

    let update = "customers update 49 --set plan=Scale --null mrr --jq '.plan, .mrr'";
    let updated = stdout(&server, update);
    assert_eq!(updated, "Scale\nnull\n");
    let printed = stdout(&server, "customers get 49 --jq .plan");
    assert_eq!(printed, "Scale\n");
    let deleted = stdout(&server, "customers delete 49 --jq .deleted");
    assert_eq!(deleted, "true\n");
    let (code, message) = failure(&server, "customers get 49");
    assert_eq!(code, Some(1), "{message}");
    assert!(message.contains("customer_not_found"), "{message}");
}

#[test]
fn a_contact_is_created_listed_changed_and_deleted() {
    let server = Served::seeded(KEY);
    let create = "contacts create 48 --set 'name=Mira Chen' --set email=mira@harbor.test \
        --set labels=billing,technical --jq '.display_id, .labels'";
    assert_eq!(
        stdout(&server, create),
        "115\n[\"billing\",\"technical\"]\n"
    );
    let newest = stdout(&server, "contacts list 48 --limit 1 -o jsonl --jq .email");
    assert_eq!(newest, "mira@harbor.test\n");
    let spaced = "contacts update 115 --set 'labels=billing, technical' --jq .labels";
    assert_eq!(stdout(&server, spaced), "[\"billing\",\"technical\"]\n");
    let update =
        "contacts update 115 --set labels= --set is_primary=true --jq '.labels, .is_primary'";
    let updated = stdout(&server, update);
    assert_eq!(updated, "[]\ntrue\n");
    stdout(&server, "contacts delete 115");
    assert_eq!(failure(&server, "contacts get 115").0, Some(1));
}

#[test]
fn an_onboarding_is_created_moved_paused_and_deleted() {
    let server = Served::seeded(KEY);
    let phase = |line: &str| stdout(&server, &format!(r#"{line} --jq '.phase + " " + .state'"#));
    let [.., before, last] = OnboardingPhase::KNOWN else {
        panic!("the contract has phases");
    };
    let create = format!("onboardings create --set customer_id=48 --set phase={before}");
    assert_eq!(phase(&create), format!("{before} active\n"));
    let id = stdout(&server, "onboardings list --limit 1 --jq .[].display_id");
    let id = id.trim();
    for (verb, shown) in [
        ("pause", format!("{before} paused\n")),
        ("resume", format!("{before} active\n")),
        ("advance", format!("{last} active\n")),
    ] {
        assert_eq!(phase(&format!("onboardings {verb} {id}")), shown);
    }
    let (code, message) = failure(&server, &format!("onboardings advance {id}"));
    assert_eq!(code, Some(1));
    assert!(message.contains("is in the last phase"), "{message}");
    let update = format!("onboardings update {id} --set target_launch_date=2026-07-15");
    let dated = stdout(&server, &format!("{update} --jq .target_launch_date"));
    assert_eq!(dated, "2026-07-15T00:00:00.000Z\n");
    let update = format!("onboardings update {id} --set notes=Done. --jq .notes");
    assert_eq!(stdout(&server, &update), "Done.\n");
    stdout(&server, &format!("onboardings delete {id}"));
    assert_eq!(
        failure(&server, &format!("onboardings get {id}")).0,
        Some(1)
    );
}

#[test]
fn lists_are_whole_and_filtered() {
    let server = Served::seeded(KEY);
    let count = |line: &str| {
        let length = stdout(&server, &format!("{line} --jq length"));
        length.trim().parse::<usize>().unwrap()
    };
    assert_eq!(count("customers list"), 48);
    assert_eq!(count("customers list --limit 7"), 7);
    assert_eq!(count("customers list --limit 0"), 0);
    assert_eq!(count("customers list --slug aurora-outfitters"), 1);
    let churned = stdout(
        &server,
        "customers list --status churned --jq 'map(.status) | unique'",
    );
    assert_eq!(churned, "[\"churned\"]\n");
    // By number as by ID, which the filter of the API does not promise.
    let by_number = count("onboardings list --customer-id 48");
    let id = stdout(&server, "customers get 48 --jq .id");
    assert_eq!(
        count(&format!("onboardings list --customer-id {id}")),
        by_number
    );
    assert!(by_number > 0);
    let waiting = stdout(
        &server,
        "onboardings list --state waiting --jq 'map(.waiting_on_customer) | unique'",
    );
    assert_eq!(waiting, "[true]\n");
    let columns = "customers list --limit 1 -o csv --columns 'slug, status'";
    let spaced = stdout(&server, columns);
    assert_eq!(spaced, "slug,status\nharbor-tea-house-online,onboarding\n");
}

#[test]
fn a_filter_that_the_server_ignores_is_applied_here() {
    let server = Served::with(["--api-key", KEY, "--seed", "7", "--strict"]);
    let list = "customers list --slug nobody --jq length";
    assert_eq!(stdout(&server, list), "0\n");
}

#[test]
fn every_filter_of_the_contract_is_an_option() {
    for (operation, command) in [
        ("list-customers", "customers"),
        ("list-customer-contacts", "contacts"),
        ("list-onboardings", "onboardings"),
    ] {
        let help = pivotal()
            .args([command, "list", "--help"])
            .output()
            .unwrap();
        let help = shown(&help);
        let operation = pivotal_openapi::Document::contract().operation(operation);
        for parameter in operation.unwrap().parameters() {
            let option = format!("--{} ", parameter.name.replace('_', "-"));
            let expected = parameter.location == "query" && parameter.name != "cursor";
            assert_eq!(help.contains(&option), expected, "{option}: {help}");
        }
    }
}

#[test]
fn invalid_fields_are_reported_before_anything_is_sent() {
    // Nothing listens there.
    let refused = |line: &str| {
        let output = pivotal_on("http://127.0.0.1:9", KEY)
            .args(words(line))
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{}", shown(&output));
        String::from_utf8(output.stderr).unwrap()
    };
    let create = |fields: &str| refused(&format!("customers create {fields}"));
    let update = |fields: &str| refused(&format!("onboardings update 1 {fields}"));
    let messages = [
        create("--set nmae=Nova"),
        create("--set quux=1"),
        create("--set name"),
        create("--set plan=Growth"),
        create("--set name=Nova --set mrr=many"),
        create("--set name=Nova --set mrr=-1"),
        create("--set name=Nova --set name=Nova"),
        create("--set name=Nova --null slug"),
        create("--set name="),
        create("--json [1]"),
        create("--json {"),
        create(r#"--json '{"name": 5}'"#),
        create(r#"--json '{"name": "Nova", "slug": null}'"#),
        create("--set name=Nova --set mrr=true"),
        create(""),
        update("--set waiting_on_customer=maybe"),
        create("--set name=Nova --extra slug=nova"),
        create("--extra tier=1 --extra tier=2"),
        update("--set target_launch_date=soon"),
        refused("customers list --columns nam"),
        create("--set name=Nova --columns nam"),
        refused("me --columns api_key"),
        refused("customers get 1 -o json --columns name"),
        refused("customers list --output csv --jq ."),
        refused("customers list --jq .["),
        refused("customers list --jq lenght"),
        refused("customers list --jq env.PIVOTAL_API_KEY"),
        refused("customers list --timeout 0"),
        refused("customers lst"),
        refused("customers list --stats active"),
        refused("customers list --sandbox --base-url http://127.0.0.1:9"),
        refused("api FETCH /api/v1/me"),
        refused("api api/v1/me"),
        refused("api /me /customers"),
    ];
    insta::assert_snapshot!(messages.concat());
}

#[test]
fn a_body_is_read_from_standard_input_and_keeps_unknown_fields() {
    let server = Served::seeded(KEY);
    let arguments = "customers create --json - --set plan=Scale --jq '.name, .plan, .metadata'";
    let mut create = command(&server, arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let body = br#"{"name": "Nova", "metadata": "gold"}"#;
    create.stdin.take().unwrap().write_all(body).unwrap();
    let output = create.wait_with_output().unwrap();
    assert_eq!(shown(&output), "Nova\nScale\ngold\nexit: 0");
}

#[test]
fn fields_that_the_api_reference_does_not_have_are_sent() {
    let server = Served::seeded(KEY);
    let sent = |line: &str| {
        let output = on(&server, &format!("{line} --trace-http"));
        assert!(output.status.success(), "{}", shown(&output));
        let trace = String::from_utf8(output.stderr).unwrap();
        let body = trace.lines().find(|line| line.contains("\"tier\""));
        let body = body.expect(&trace).trim_start_matches("> ");
        serde_json::from_str::<Value>(body).unwrap()
    };
    assert_eq!(
        sent("customers create --set name=Nova --extra 'tier=gold = best' --extra seats=12"),
        json!({ "name": "Nova", "tier": "gold = best", "seats": 12 })
    );
    assert_eq!(
        sent(r#"onboardings update 49 --extra tags=["a"] --extra tier="7" --extra none="#),
        json!({ "tags": ["a"], "tier": "7", "none": "" })
    );
}

#[test]
fn a_create_that_may_have_succeeded_names_its_idempotency_key() {
    let server = Served::with([
        "--api-key",
        KEY,
        "--fault",
        "create-customer:reset-after-processing",
    ]);
    let create = "customers create --set name=Nova --idempotency-key nova-1";
    let (code, message) = failure(&server, create);
    assert_eq!(code, Some(1), "{message}");
    assert!(
        message.contains("add --idempotency-key nova-1"),
        "{message}"
    );
}

#[test]
fn api_sends_any_request() {
    let server = Served::seeded(KEY);
    let api = |line: &str| stdout(&server, &format!("api {line}"));
    assert_eq!(api("/api/v1/me --jq .organization.slug"), "sandbox\n");
    let page = "get /api/v1/customers --query limit=2 --jq '.data | length'";
    assert_eq!(api(page), "2\n");
    let create = r#"POST /api/v1/customers --json '{"name": "Nova"}' --jq .slug"#;
    assert_eq!(api(create), "nova\n");
    let (code, message) = failure(&server, "api /api/v1/nothing");
    assert_eq!(code, Some(1), "{message}");
    // A path that the API has with other methods is the same path.
    let (_, message) = failure(&server, "api PUT /customers/48 --json {}");
    let (_, whole) = failure(&server, "api PUT /api/v1/customers/48 --json {}");
    assert_eq!(message, whole);
}

#[test]
fn api_says_that_more_pages_follow_and_reads_them() {
    let server = Served::seeded(KEY);
    let first = on(&server, "api GET /customers --jq '.data | length'");
    let text = shown(&first);
    assert!(first.status.success() && text.starts_with("25\n"), "{text}");
    assert!(
        text.contains("more rows follow; add --paginate to print all, or --query cursor=20"),
        "{text}"
    );
    let all = |line: &str| {
        let output = on(&server, &format!("api --paginate {line}"));
        assert!(
            output.status.success() && output.stderr.is_empty(),
            "{}",
            shown(&output)
        );
        String::from_utf8(output.stdout).unwrap()
    };
    let slugs = "/customers --query limit=7 --jq '[.[].slug] | unique | length'";
    assert_eq!(all(slugs), "48\n");
    let jsonl = all("/api/v1/customers/48/contacts --query limit=1 -o jsonl");
    assert_eq!(jsonl.lines().count(), 3);
    let paused = "/onboardings --query state=paused --jq 'map(.state) | unique'";
    assert_eq!(all(paused), "[\"paused\"]\n");
    let paused = "/onboardings?state=paused&limit=1 --jq 'map(.state) | unique'";
    assert_eq!(all(paused), "[\"paused\"]\n");
    let table = all("/customers -o table");
    assert!(table.starts_with("DISPLAY_ID  NAME "), "{table}");
    assert_eq!(table.lines().count(), 49);
    // Every list of the contract, without its name in the code.
    for list in OPERATIONS.iter().filter(|operation| operation.paged) {
        let path = list.path.replace("{customerId}", "48");
        let count = |query: &str| all(&format!("{path}{query} --jq length"));
        assert_eq!(count("?limit=2"), count(""), "{path}");
    }
    for no_list in ["/me", "POST /customers", "/customers/48/onboardings"] {
        let (code, message) = failure(&server, &format!("api --paginate {no_list}"));
        assert_eq!(code, Some(2), "{message}");
        assert!(message.contains("GET /customers"), "{message}");
    }
}

#[test]
fn api_prints_a_cursor_as_it_is_or_not_at_all() {
    let long = "Ab9=".repeat(60);
    for (cursor, is_printed) in [(long.as_str(), true), ("$(id)", false), ("a\nb", false)] {
        let page = json!({ "data": [], "has_more": true, "next_cursor": cursor });
        let server = ScriptedServer::start(move |_| response("200 OK", "", page.to_string()));
        let mut command = pivotal();
        command
            .args(["api", "/customers"])
            .env("PIVOTAL_API_KEY", KEY);
        let output = command.env("PIVOTAL_BASE_URL", server.base_url()).output();
        let text = shown(&output.expect("the binary starts"));
        let note = match is_printed {
            true => format!("to print all, or --query cursor={cursor} for the next page\n"),
            false => "to print all\n".to_owned(),
        };
        assert!(text.contains(&note), "{text}");
    }
}

#[test]
fn help_shows_only_what_a_command_uses() {
    let connection = "--base-url --timeout";
    let limits = "--max-changes --max-deletes --allow-shrunk-source";
    // A command, options that it has, and options that it does not have.
    let cases: [(&str, &[&str], &[&str]); 8] = [
        ("import", &[connection, limits, "--failed --config"], &[]),
        ("plan", &[connection, limits], &["--failed --dry-run"]),
        ("apply", &[limits, "--failed --dry-run"], &["--encoding"]),
        (
            "undo",
            &[connection, "--yes --dry-run"],
            &[limits, "--config --failed"],
        ),
        (
            "runs",
            &["--state --jq"],
            &[connection, limits, "--yes --config --failed"],
        ),
        (
            "mirror",
            &[connection],
            &[limits, "--yes --config --failed"],
        ),
        ("sync init", &["--config"], &[connection, "--jq --state"]),
        ("open", &[connection], &["--jq --columns"]),
    ];
    for (command, with, without) in cases {
        let help = pivotal().args(words(command)).arg("--help").output();
        let help = shown(&help.unwrap());
        let has = |option: &&str| {
            help.contains(&format!("{option} ")) || help.contains(&format!("{option}\n"))
        };
        let (with, without) = (with.join(" "), without.join(" "));
        let missing: Vec<_> = words(&with).into_iter().filter(|name| !has(name)).collect();
        let extra: Vec<_> = words(&without).into_iter().filter(has).collect();
        assert!(
            missing.is_empty() && extra.is_empty(),
            "{command}: {missing:?}, {extra:?}\n{help}"
        );
    }
    let health = shown(&pivotal().args(["health", "--help"]).output().unwrap());
    assert!(!health.contains("--profile"), "{health}");
}

#[test]
fn open_prints_the_address_in_the_app() {
    let server = Served::seeded(KEY);
    let address = stdout(&server, "open 3");
    assert_eq!(
        address,
        format!("{}/customers/3-timber-botanicals\n", server.base_url)
    );
    assert_eq!(failure(&server, "open 404").0, Some(1));
}

#[test]
fn a_sandbox_of_its_own_serves_any_command() {
    for arguments in [
        &["customers", "get", "3"][..],
        &["contacts", "list", "3"],
        &["onboardings", "advance", "51"],
        &["customers", "delete", "3"],
        &["open", "3"],
        &["me"],
        &["health"],
        &["api", "/api/v1/customers"],
    ] {
        let output = pivotal().args(arguments).arg("--sandbox").output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", shown(&output));
    }
}

#[test]
fn completions_are_printed_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = pivotal().args(["completions", shell]).output().unwrap();
        let script = shown(&output);
        assert!(
            output.status.success() && script.contains("onboardings"),
            "{script}"
        );
    }
    let output = pivotal().args(["completions", "bsh"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", shown(&output));
}
