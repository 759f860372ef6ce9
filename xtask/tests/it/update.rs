//! `cargo xtask update`: a new document is put in place with everything that follows from it.

use std::fs;

use serde_json::{Value, json};
use xtask::codegen::{self, Sources};

use crate::changes::{
    CHANGES, add_an_optional_field, drop_a_404, file, make_a_body_field_required,
    rename_an_enum_value, renamed_variants, with,
};
use crate::origin_server::{OriginServer, Reply};
use crate::workbench::{Workbench, repository, run, sources, upstream};

fn text(bench: &Workbench, path: &str) -> String {
    String::from_utf8(bench.read(path)).unwrap()
}

/// The lines of the changelog for a value that is renamed.
fn entry() -> String {
    let [from, to] = renamed_variants();
    format!("- 2026-12-01, breaking, removed: `{from}`.\n- 2026-12-01, added: `{to}`.\n")
}

#[test]
fn a_reference_that_leads_nowhere_is_judged_after_the_overlay() {
    let document = with(|document| {
        document["paths"]["/api/v1/lost"] = json!({ "get": { "operationId": "getLost", "responses": { "200": {
            "description": "OK",
            "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Absent" } } },
        } } } });
    });
    let (_folder, path) = file(&document);
    let left_out = "crates/pivotal-api/src/generated/left_out.rs";
    let bench = Workbench::of_update();
    let output = bench.update(&path, &[]);
    assert_eq!(output.code, 0, "{}", output.err);
    assert!(text(&bench, left_out).contains("`GET /api/v1/lost`"));

    let bench = Workbench::of_update();
    let overlay = text(&bench, "openapi/overlay.yaml");
    let mended = format!(
        "{overlay}\n  - target: $.components.schemas\n    description: it is missing\n    update: {{Absent: {{type: string}}}}\n"
    );
    bench.write("openapi/overlay.yaml", mended.as_bytes());
    let output = bench.update(&path, &[]);
    assert_eq!(output.code, 0, "{}", output.err);
    assert!(!bench.root().join(left_out).exists());
    assert!(text(&bench, "crates/pivotal-api/src/generated/client.rs").contains("fn get_lost"));
}

#[test]
fn an_update_puts_the_document_in_place_with_all_that_follows_from_it() {
    let bench = Workbench::of_update();
    let document = with(rename_an_enum_value);
    let (_folder, path) = file(&document);
    let output = bench.update(&path, &[]);
    assert_eq!(
        (output.code, output.err.as_str()),
        (0, ""),
        "{}",
        output.out
    );

    assert_eq!(
        text(&bench, "openapi/upstream.json"),
        format!("{document:#}")
    );
    insta::assert_snapshot!(text(&bench, "openapi/origin.toml"), @r#"
    # Where upstream.json came from, and the day on which it was put in place. Written by `cargo xtask update`; whoever replaces the
    # document by hand writes it too.
    origin = "changed.json"
    date = "2026-12-01"
    "#);
    assert!(
        text(&bench, "openapi/pivotal.lock")
            .contains("origin = \"changed.json\"\ndate = \"2026-12-01\"\n")
    );
    let [_, to] = renamed_variants();
    let to = to.rsplit("::").next().unwrap();
    let enums = text(&bench, "crates/pivotal-api/src/generated/enums.rs");
    let states = enums.split("pub enum OnboardingState ").nth(1).unwrap();
    let states = states.split('}').next().unwrap();
    assert!(states.contains(&format!(" {to} = \"")), "{states}");
    let changelog = text(&bench, "CHANGELOG.md");
    assert!(changelog.contains(&entry()), "{changelog}");
    for written in output
        .out
        .split("\nFILES  written\n")
        .nth(1)
        .unwrap()
        .lines()
        .take_while(|line| !line.is_empty())
    {
        assert_ne!(
            bench.read(written.trim()),
            fs::read(repository().join(written.trim())).unwrap(),
            "{written} is said to be written"
        );
    }
    assert_eq!(bench.codegen(&["--check"]).code, 0);
    let left: Vec<_> = bench
        .state()
        .into_keys()
        .filter(|path| path.to_str().unwrap().contains(".xtask-"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn exactly_the_listed_files_differ() {
    // The one that adds an operation touches the most.
    for (name, change) in &CHANGES[2..4] {
        let bench = Workbench::of_update();
        let before = bench.state();
        let (_folder, path) = file(&with(change));
        let output = bench.update(&path, &[]);
        assert_eq!(output.code, 0, "{name}: {}", output.err);
        let changed: std::collections::BTreeSet<String> = bench
            .state()
            .into_iter()
            .filter(|(path, (bytes, _))| before.get(path).is_none_or(|(old, _)| old != bytes))
            .map(|(path, _)| {
                path.strip_prefix(bench.root())
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .to_owned()
            })
            .collect();
        let said: std::collections::BTreeSet<String> = output
            .out
            .split("\nFILES  written\n")
            .nth(1)
            .unwrap()
            .lines()
            .take_while(|line| !line.is_empty())
            .map(|line| line.trim().to_owned())
            .collect();
        assert_eq!(said, changed, "{name}");
        assert_eq!(bench.codegen(&["--check"]).code, 0, "{name}");
    }
}

#[test]
fn a_dry_run_says_the_same_and_writes_nothing() {
    let bench = Workbench::of_update();
    let before = bench.state();
    let (_folder, path) = file(&with(make_a_body_field_required));
    let dry = bench.update(&path, &["--dry-run"]);
    assert_eq!((dry.code, dry.err.as_str()), (0, ""));
    assert!(bench.state() == before, "a dry run wrote something");
    let wet = bench.update(&path, &[]);
    let report = |out: &str| out.split("\nFILES").next().unwrap().to_owned();
    assert_eq!(report(&dry.out), report(&wet.out));
}

#[test]
fn a_scheduled_job_can_ask_to_fail() {
    let bench = Workbench::of_update();
    let (_breaking, breaking) = file(&with(make_a_body_field_required));
    let (_harmless, harmless) = file(&with(add_an_optional_field));
    for (path, fail_on, code) in [
        (&breaking, "breaking", 3),
        (&breaking, "never", 0),
        (&harmless, "breaking", 0),
        (&harmless, "any", 3),
    ] {
        assert_eq!(
            bench
                .update(path, &["--dry-run", "--fail-on", fail_on])
                .code,
            code,
            "{path} {fail_on}"
        );
    }
}

#[test]
fn the_same_document_is_nothing_to_do() {
    let bench = Workbench::of_update();
    let (_folder, path) = file(&with(add_an_optional_field));
    assert_eq!(bench.update(&path, &[]).code, 0);
    let before = bench.state();
    let again = bench.update(&path, &[]);
    assert_eq!(again.code, 0);
    insta::assert_snapshot!(again.out, @"Nothing to do: it is openapi/upstream.json, byte for byte.");
    assert!(bench.state() == before);
}

#[test]
fn a_change_of_layout_is_reported_and_has_no_changelog_entry() {
    let bench = Workbench::of_update();
    let (_folder, path) = file(&upstream());
    let layouts = [upstream().to_string(), format!("{:#}\n", upstream())];
    let mut layouts = layouts.into_iter();
    let other = layouts.find(|text| *text != sources().upstream).unwrap();
    fs::write(&path, other).unwrap();
    let changelog = bench.read("CHANGELOG.md");
    let previous: toml::Table = toml::from_str(&text(&bench, "openapi/origin.toml")).unwrap();
    let output = bench.update(&path, &[]);
    assert_eq!(output.code, 0, "{}", output.err);
    // Every update of this repository is of another day.
    let day = format!("upstream.json of {}\n", previous["date"].as_str().unwrap());
    let said = output.out.replacen(&day, "upstream.json of DAY\n", 1);
    insta::assert_snapshot!(said, @r"
    changed.json against openapi/upstream.json of DAY
    Only its layout changed: the order of keys, or white space.

    FILES  written
      openapi/upstream.json
      openapi/origin.toml
      openapi/pivotal.lock

    TO FIX  not checked: no code changes

    NEXT
      1. check that nothing else changed
         cargo xtask codegen --check --root TREE
    ");
    assert_eq!(bench.read("CHANGELOG.md"), changelog);
    assert_eq!(
        bench.read("openapi/pivotal.json"),
        fs::read(repository().join("openapi/pivotal.json")).unwrap()
    );
    assert_eq!(bench.codegen(&["--check"]).code, 0);
}

#[test]
fn the_same_change_twice_is_one_entry() {
    let bench = Workbench::of_update();
    let original = bench.read("openapi/upstream.json");
    let (_folder, path) = file(&with(rename_an_enum_value));
    assert_eq!(bench.update(&path, &[]).code, 0);
    let once = bench.read("CHANGELOG.md");
    bench.write("openapi/upstream.json", &original);
    assert_eq!(bench.codegen(&[]).code, 0);
    let root = bench.root().to_str().unwrap();
    let later = ["--no-check", "--date", "2026-12-08"];
    let arguments = [&["update", "--root", root, "--from", &path][..], &later].concat();
    assert_eq!(run(&arguments).code, 0);
    assert_eq!(bench.read("CHANGELOG.md"), once);
}

#[test]
fn an_entry_goes_to_the_end_of_what_is_not_released() {
    let (_folder, path) = file(&with(rename_an_enum_value));
    let entry = entry();
    let made = format!("# Changelog\n\n## Unreleased\n\n### API\n\n{entry}");
    let first = "# Changelog\n\n## Unreleased\n\n### API\n\n- First.\n";
    let released = "\n## 0.1.0\n\n### API\n\n- Old.\n";
    for (before, after) in [
        (
            format!("{first}{released}"),
            format!("{first}{entry}{released}"),
        ),
        // Headings that are missing are made.
        (
            "# Changelog\n\n## [Unreleased]\n".to_owned(),
            made.replace("Unreleased", "[Unreleased]"),
        ),
        (
            format!("# Changelog\n{released}"),
            format!("{made}{released}"),
        ),
    ] {
        let bench = Workbench::of_update();
        bench.write("CHANGELOG.md", before.as_bytes());
        assert_eq!(bench.update(&path, &[]).code, 0);
        assert_eq!(text(&bench, "CHANGELOG.md"), after);
    }
}

#[test]
fn yaml_is_put_in_place_as_json() {
    let bench = Workbench::of_document(
        b"{\"openapi\": \"3.1.0\", \"info\": {\"title\": \"Tea\", \"version\": \"1\"}, \"paths\": {}}",
    );
    assert_eq!(bench.codegen(&[]).code, 0);
    let path = bench.root().join("new.yaml");
    fs::write(&path, "openapi: 3.1.0\ninfo: {title: Tea, version: '1'}\npaths:\n  /me:\n    get: {responses: {'200': {description: Fine.}}}\n").unwrap();
    let output = bench.update(path.to_str().unwrap(), &[]);
    assert_eq!(output.code, 0, "{}", output.err);
    let placed: Value = serde_json::from_slice(&bench.read("openapi/upstream.json")).unwrap();
    assert_eq!(
        placed["paths"]["/me"]["get"]["responses"]["200"]["description"],
        "Fine."
    );
    assert_eq!(bench.codegen(&["--check"]).code, 0);
}

#[test]
fn an_address_is_fetched_without_a_key_and_asked_again_by_its_etag() {
    let document = format!("{:#}", with(drop_a_404));
    let server = OriginServer::start(move |request| {
        if request.contains("if-none-match: \"v2\"") {
            return Reply::Whole("304 Not Modified", String::new(), Vec::new());
        }
        if request.starts_with("get /moved") {
            return Reply::Whole(
                "302 Found",
                "location: /openapi.json\r\n".to_owned(),
                Vec::new(),
            );
        }
        Reply::Whole(
            "200 OK",
            "etag: \"v2\"\r\n".to_owned(),
            document.clone().into_bytes(),
        )
    });
    let bench = Workbench::of_update();
    let url = format!("{}/openapi.json", server.address);
    let output = bench.update(&url, &[]);
    assert_eq!((output.code, output.err.as_str()), (0, ""));
    let origin = text(&bench, "openapi/origin.toml");
    assert!(
        origin.ends_with(&format!(
            "origin = \"{url}\"\ndate = \"2026-12-01\"\netag = '\"v2\"'\n"
        )),
        "{origin}"
    );
    assert!(text(&bench, "openapi/pivotal.lock").contains("etag = '\"v2\"'"));
    assert_eq!(bench.codegen(&["--check"]).code, 0);

    let again = bench.update(&url, &[]);
    assert_eq!(
        (again.code, again.out.as_str()),
        (0, "Nothing to do: the server says that nothing changed.\n")
    );
    // Another address is another document, whatever the etag.
    assert_eq!(
        bench.update(&format!("{}/moved", server.address), &[]).out,
        "Nothing to do: it is openapi/upstream.json, byte for byte.\n"
    );
    let received = server.received();
    assert_eq!(received.len(), 4, "{received:?}");
    for request in received {
        assert!(
            !request.contains("authorization") && !request.contains(crate::workbench::SECRET),
            "{request}"
        );
    }
}

#[test]
fn never_did_a_token_in_an_address_leave_the_command_line() {
    let document = format!("{:#}", with(drop_a_404));
    let server = OriginServer::start(move |request| {
        if request.starts_with("get /gone") {
            return Reply::Whole("404 Not Found", String::new(), Vec::new());
        }
        let headers = "etag: \"v2\"\r\n".to_owned();
        Reply::Whole("200 OK", headers, document.clone().into_bytes())
    });
    let bench = Workbench::of_update();
    let url = format!("{}/openapi.json", server.address);
    let query = "?token=hunter2#part";
    for (path, arguments, code) in [
        ("/gone", &[][..], 2),
        ("/openapi.json", &["--dry-run"], 0),
        ("/openapi.json", &[], 0),
    ] {
        let output = bench.update(&format!("{}{path}{query}", server.address), arguments);
        assert_eq!(output.code, code, "{}", output.err);
        assert!(!format!("{output:?}").contains("hunter2"), "{output:?}");
    }
    let broken = bench.update("https://me:hunter2@[/?token=hunter2", &[]);
    assert_eq!(broken.code, 2);
    assert!(!broken.err.contains("hunter2"), "{}", broken.err);
    let origin = text(&bench, "openapi/origin.toml");
    assert!(
        origin.contains(&format!("origin = \"{url}\"\n")),
        "{origin}"
    );
    assert!(!text(&bench, "openapi/pivotal.lock").contains("hunter2"));
    // What is written does not tell this address from others: the etag may be that of another.
    let again = bench.update(&format!("{url}?token=other"), &[]);
    assert_eq!(
        again.out,
        "Nothing to do: it is openapi/upstream.json, byte for byte.\n"
    );
    let received = server.received();
    assert!(
        received
            .iter()
            .all(|request| !request.contains("if-none-match"))
    );
}

#[test]
fn what_others_wrote_in_the_changelog_keeps_every_byte() {
    let (_folder, path) = file(&with(rename_an_enum_value));
    let bench = Workbench::of_update();
    bench.write("CHANGELOG.md", b"# Changelog\n\n- Caf\xe9\n");
    let before = bench.state();
    let output = bench.update(&path, &[]);
    assert_eq!(output.code, 2);
    assert_eq!(
        output.err,
        "error: TREE/CHANGELOG.md: cannot be read: it is not UTF-8\n"
    );
    assert!(bench.state() == before);

    bench.write(
        "CHANGELOG.md",
        b"# Changelog\r\n\r\n## Unreleased\r\n\r\n## 0.1.0\r\n\r\n- Old.\n- Odd.",
    );
    assert_eq!(bench.update(&path, &[]).code, 0);
    let entry = entry().replace('\n', "\r\n");
    assert_eq!(
        text(&bench, "CHANGELOG.md"),
        format!(
            "# Changelog\r\n\r\n## Unreleased\r\n\r\n### API\r\n\r\n\
             {entry}\r\n## 0.1.0\r\n\r\n- Old.\n- Odd.\n"
        )
    );
}

#[test]
fn a_document_in_place_regenerates_what_is_out_of_date() {
    let bench = Workbench::of_update();
    let (_folder, path) = file(&upstream());
    bench.write("openapi/upstream.json", &fs::read(&path).unwrap());
    let listed = |verb: &str| {
        format!(
            "The document is in place, but generated files {verb} out of date:\nchanged openapi/origin.toml\nchanged openapi/pivotal.lock\n"
        )
    };
    assert_eq!(bench.update(&path, &["--dry-run"]).out, listed("are"));
    assert_eq!(bench.update(&path, &[]).out, listed("were"));
    assert_eq!(bench.codegen(&["--check"]).code, 0);
}

#[test]
fn a_tree_without_sdk_and_changelog_is_updated_as_well() {
    let bench = Workbench::of_fixtures();
    let mut document: Value = serde_json::from_slice(&bench.read("openapi/upstream.json")).unwrap();
    document["paths"]["/brand-new"] =
        serde_json::json!({"get": {"responses": {"204": {"description": "Nothing."}}}});
    let (_folder, path) = file(&document);
    let output = bench.update(&path, &[]);
    assert_eq!(output.code, 0, "{}", output.err);
    assert!(!output.out.contains("RELEASE"), "{}", output.out);
    assert!(!bench.root().join("CHANGELOG.md").exists());
    assert_eq!(bench.codegen(&["--check"]).code, 0);
}

#[test]
fn a_document_that_is_a_contract_is_known_as_one() {
    let contract = fs::read_to_string(repository().join("openapi/pivotal.json")).unwrap();
    let overlaid = Sources {
        upstream: contract,
        ..sources()
    };
    assert!(codegen::is_contract(&overlaid).unwrap());
    assert!(!codegen::is_contract(&sources()).unwrap());
}
