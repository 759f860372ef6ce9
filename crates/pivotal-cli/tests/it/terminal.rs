//! What differs at a terminal, which `script` of util-linux provides.

use std::io::Write;
use std::process::{Command, Stdio};

use pivotal_test_support::{ScriptedServer, response};

use crate::output::{customer, page};
use crate::running::Served;

const KEY: &str = "pivotal_liveTerminalKey";

/// What a line of a shell shows on a terminal of 60 columns on which a person types `input`.
fn shown(line: &str, input: &str, base_url: &str) -> String {
    shown_on(60, line, input, base_url)
}

fn shown_on(columns: usize, line: &str, input: &str, base_url: &str) -> String {
    let line = line.replace("pivotal", env!("CARGO_BIN_EXE_pivotal"));
    let mut script = Command::new("script")
        .args(["-qec", &format!("stty cols {columns} rows 24; {line}")])
        .arg("/dev/null")
        .env("PIVOTAL_API_KEY", KEY)
        .env("PIVOTAL_BASE_URL", base_url)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("script is installed");
    let mut stdin = script.stdin.take().expect("it is piped");
    stdin.write_all(input.as_bytes()).expect("script reads it");
    let output = script.wait_with_output().expect("script ends");
    String::from_utf8(output.stdout).expect("it shows text")
}

#[test]
#[ignore = "needs script of util-linux"]
fn tables_fit_and_nothing_controls_the_terminal() {
    let server = Served::seeded(KEY);
    let table = shown("pivotal customers list", "", &server.base_url);
    assert!(table.lines().count() > 48, "{table}");
    for line in table.lines() {
        assert!(line.trim_end().chars().count() <= 60, "{line}");
    }
    let create = r#"pivotal customers create --json '{"name": "\u001b[31mred\u009b"}'"#;
    shown(create, "", &server.base_url);
    for format in ["-o table", "-o csv", "-o json", "-o jsonl", "--jq .[].name"] {
        let list = shown(
            &format!("pivotal customers list {format}"),
            "",
            &server.base_url,
        );
        assert!(list.contains("31mred"), "{list}");
        assert!(!list.contains(['\u{1b}', '\u{9b}']), "{list}");
    }
}

#[test]
#[ignore = "needs script of util-linux"]
fn names_of_the_server_do_not_control_the_terminal() {
    let row = customer(1, "One").replacen('{', "{\"key\u{9b}2J\": \"value\u{202e}\", ", 1);
    let server = ScriptedServer::start(move |_| page(std::slice::from_ref(&row), None));
    let all = shown("pivotal export customers", "", server.base_url());
    assert!(all.contains("One") && all.contains("key"), "{all}");
    let object = ScriptedServer::start(|_| {
        let json = "content-type: application/json\r\n";
        response("200 OK", json, "{\"key\u{9b}2J\": \"One\"}")
    });
    let one = shown("pivotal api /x -o csv", "", object.base_url());
    assert!(one.contains("One") && one.contains("key"), "{one}");
    for text in [all, one] {
        assert!(!text.contains(['\u{9b}', '\u{202e}']), "{text}");
    }
}

#[test]
#[ignore = "needs script of util-linux"]
fn a_person_confirms_a_deletion_with_a_live_key() {
    let server = Served::seeded(KEY);
    let delete = "pivotal customers delete 3; echo code $?";
    let refused = shown(delete, "no\n", &server.base_url);
    assert!(
        refused.contains("Delete customer 3?") && refused.contains("code 6"),
        "{refused}"
    );
    let deleted = shown(delete, "yes\n", &server.base_url);
    assert!(deleted.contains("code 0"), "{deleted}");
}

const BOARD: &str = "pivotal board --now 2026-05-27T10:24:00Z";

#[test]
#[ignore = "needs script of util-linux"]
fn the_board_fits_and_has_colours_unless_they_are_unwanted() {
    let server = Served::seeded(KEY);
    let plain = shown(&format!("NO_COLOR=1 {BOARD}"), "", &server.base_url);
    for line in plain.lines() {
        assert!(line.trim_end().chars().count() <= 60, "{line}");
    }
    let narrow = shown_on(30, &format!("NO_COLOR=1 {BOARD}"), "", &server.base_url);
    for line in narrow.lines() {
        assert!(line.trim_end().chars().count() <= 30, "{line}");
    }
    let small = shown_on(40, &format!("NO_COLOR=1 {BOARD}"), "", &server.base_url);
    let names: Vec<_> = small.lines().filter(|line| line.contains('…')).collect();
    assert!(small.contains("OVERDUE") && !names.is_empty(), "{small}");
    for line in names.iter().filter(|line| line.starts_with(' ')) {
        let name = line.split("  ").find(|cell| cell.contains('…'));
        assert!(
            name.is_some_and(|name| name.chars().count() >= 11),
            "{line}"
        );
    }
    assert!(
        plain.contains("2026-06-12") && !plain.contains('\u{1b}'),
        "{plain}"
    );
    let coloured = shown(BOARD, "", &server.base_url);
    assert!(coloured.contains("\u{1b}[31m 2  "), "{coloured}");
}

#[test]
#[ignore = "needs script of util-linux"]
fn a_watched_board_shows_what_fails_and_restores_the_terminal() {
    // The second reading fails, and the third does not.
    let fault = "list-onboardings:pass,malformed-json,pass";
    let server = Served::with(["--api-key", KEY, "--seed", "7", "--fault", fault]);
    let watch = format!("{BOARD} --watch 1 & sleep 3.5; kill -INT $!; wait $!; echo code $?");
    let screen = shown(&watch, "", &server.base_url);
    assert!(screen.starts_with("\u{1b}[?1049h\u{1b}[?25l"), "{screen}");
    assert!(
        screen.contains("\u{1b}[?25h\u{1b}[?1049lcode 130"),
        "{screen}"
    );
    let drawn: Vec<_> = screen.split("\u{1b}[H\u{1b}[2J").skip(1).collect();
    assert!(
        drawn[0].starts_with("As of") && drawn[0].contains("more lines"),
        "{screen}"
    );
    assert!(
        drawn[1].starts_with("not refreshed for 1 s: list_onboardings"),
        "{screen}"
    );
    assert!(drawn[1].contains("BEFORE GETTING STARTED  7"), "{screen}");
    assert!(drawn[2].starts_with("As of"), "{screen}");
    for board in &drawn {
        assert!(board.lines().count() <= 24, "{board}");
    }
}

#[test]
#[ignore = "needs script of util-linux"]
fn progress_fits_and_leaves_nothing_behind() {
    let latency = "create-customer:latency=30ms";
    let limits = ["--rate-limit", "100000", "--fault", latency];
    let server = Served::with([&["--api-key", KEY], &limits[..]].concat());
    let folder = tempfile::tempdir().unwrap();
    let rows: String = (0..60)
        .map(|row| format!("Customer {row},customer-{row}\n"))
        .collect();
    let file = folder.path().join("customers.csv");
    std::fs::write(&file, format!("name,slug\n{rows}")).unwrap();
    let import = format!(
        "cd {}; pivotal import customers.csv --yes --max-changes 100",
        folder.path().display()
    );
    for columns in [40, 60, 120] {
        let _ = std::fs::remove_file(folder.path().join("pivotal.db"));
        let screen = shown_on(columns, &import, "", &server.base_url);
        let mut drawn = 0;
        for text in screen
            .split("\u{1b}[2K")
            .filter(|text| text.contains("/s, "))
        {
            drawn += 1;
            // The next code clears the line, on which the cursor still is.
            let bar = text.trim_end_matches('\r').rsplit('\n').next().unwrap();
            assert!(bar.contains("/s, "), "{text:?} stays in {screen:?}");
            assert!(bar.chars().count() <= columns, "{columns}: {bar:?}");
        }
        assert!(drawn > 0, "{screen:?}");
    }
}

#[test]
#[ignore = "needs script of util-linux"]
fn an_import_from_the_terminal_says_what_it_reads() {
    let server = Served::with(["--api-key", KEY]);
    let folder = tempfile::tempdir().unwrap();
    let plan = |options: &str| {
        let plan = format!("cd {}; pivotal plan {options}", folder.path().display());
        shown(
            &plan,
            "name,slug\nAurora,aurora\n\u{4}\u{4}",
            &server.base_url,
        )
    };
    let told = "from standard input, which is this terminal; Ctrl-D ends them";
    let text = plan("-");
    assert!(text.contains(&format!("reading records {told}")), "{text}");
    assert!(text.contains("+ create   Aurora"), "{text}");
    assert!(!plan("- --quiet").contains(told));
    std::fs::write(
        folder.path().join("singer.toml"),
        "[source]\ntype = \"singer\"\nstream = \"companies\"\n[fields]\nname = \"name\"\nslug = \"slug\"\n",
    )
    .unwrap();
    let text = plan("--config singer.toml");
    assert!(
        text.contains(&format!("reading messages of a Singer tap {told}")),
        "{text}"
    );
}
