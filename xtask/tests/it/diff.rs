//! `cargo xtask diff`: what it prints in each format, when it fails, and what waivers do.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::changes;
use crate::workbench::{CommandOutput, repository, run};

/// A document of the vendor, of a day that stays, so that what is said of it stays too.
fn vendor() -> Value {
    serde_json::from_str(include_str!("documents/vendor.json")).unwrap()
}

/// That document with a change.
fn with(change: impl FnOnce(&mut Value)) -> Value {
    let mut document = vendor();
    change(&mut document);
    document
}

/// The document of the vendor, and the same with changes, in a temporary folder.
struct Desk {
    folder: TempDir,
}

impl Desk {
    /// The revision has all five changes of a maintainer's week.
    fn with_five_changes() -> Self {
        let revision = with(|document| {
            for (_, change) in changes::CHANGES {
                change(document);
            }
        });
        let desk = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        desk.write("base.json", &format!("{:#}\n", vendor()));
        desk.write("revision.json", &format!("{revision:#}\n"));
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    fn diff(&self, base: &str, revision: &str, options: &[&str]) -> CommandOutput {
        let [base, revision] = [base, revision].map(|name| self.path(name));
        let command = ["diff", base.to_str().unwrap(), revision.to_str().unwrap()];
        run(&[&command, options].concat()).without(self.folder.path().to_str().unwrap())
    }

    /// With the waivers of a text.
    fn waived(&self, waivers: &str) -> CommandOutput {
        self.write("waivers.toml", waivers);
        let file = self.path("waivers.toml");
        self.diff(
            "base.json",
            "revision.json",
            &["--waivers", file.to_str().unwrap()],
        )
    }
}

#[test]
fn the_five_changes_read_well_in_every_format() {
    let desk = Desk::with_five_changes();
    for format in ["text", "json", "markdown", "github"] {
        let output = desk.diff("base.json", "revision.json", &["--format", format]);
        assert_eq!((output.code, output.err.as_str()), (3, ""), "{format}");
        insta::assert_snapshot!(format!("diff-{format}"), output.out);
    }
}

#[test]
fn every_finding_has_the_thirteen_members_and_places_that_exist() {
    let desk = Desk::with_five_changes();
    let output = desk.diff("base.json", "revision.json", &["--format", "json"]);
    let findings: Vec<serde_json::Map<String, Value>> = serde_json::from_str(&output.out).unwrap();
    let members = [
        "id",
        "level",
        "method",
        "path",
        "operation_id",
        "location",
        "property",
        "from",
        "to",
        "message",
        "base_pointer",
        "revision_pointer",
        "promise",
    ];
    let documents = ["base.json", "revision.json"].map(|name| -> Value {
        serde_json::from_str(&fs::read_to_string(desk.path(name)).unwrap()).unwrap()
    });
    for finding in findings {
        assert!(
            finding.len() == members.len()
                && members.iter().all(|member| finding.contains_key(*member)),
            "{finding:?}"
        );
        for (member, document) in ["base_pointer", "revision_pointer"].iter().zip(&documents) {
            assert!(
                document
                    .pointer(finding[*member].as_str().unwrap())
                    .is_some(),
                "{finding:?}"
            );
        }
    }
}

#[test]
fn annotations_point_to_the_line_that_changed() {
    let desk = Desk::with_five_changes();
    let text = fs::read_to_string(desk.path("revision.json")).unwrap();
    let output = desk.diff("base.json", "revision.json", &["--format", "github"]);
    let line = |id: &str| -> usize {
        let annotation = output
            .out
            .lines()
            .find(|line| line.contains(&format!("title={id}::")))
            .unwrap();
        annotation
            .split("line=")
            .nth(1)
            .unwrap()
            .split(',')
            .next()
            .unwrap()
            .parse()
            .unwrap()
    };
    let at = |id: &str| text.lines().nth(line(id) - 1).unwrap().trim();
    assert_eq!(at("request-property-enum-value-removed"), "\"enum\": [");
    assert_eq!(at("request-property-became-required"), "\"required\": [");
    assert_eq!(at("endpoint-added"), "\"get\": {");
    assert!(
        output.out.lines().all(|line| line.starts_with("::")),
        "{}",
        output.out
    );
}

#[test]
fn the_exit_code_says_whether_something_is_at_or_above_the_level() {
    let desk = Desk::with_five_changes();
    let base = fs::read_to_string(desk.path("base.json")).unwrap();
    desk.write("same.json", &base);
    // Only an operation is new.
    let added = with(changes::add_an_operation);
    desk.write("added.json", &added.to_string());
    let dropped = with(changes::drop_a_404);
    desk.write("dropped.json", &dropped.to_string());
    for (revision, level, expected) in [
        ("revision.json", None, 3),
        ("revision.json", Some("never"), 0),
        ("dropped.json", None, 0),
        ("dropped.json", Some("warning"), 3),
        ("added.json", Some("breaking"), 0),
        ("added.json", Some("warning"), 0),
        ("added.json", Some("any"), 3),
        ("same.json", Some("any"), 0),
    ] {
        let options: Vec<&str> = level
            .iter()
            .flat_map(|level| ["--fail-on", level])
            .collect();
        let output = desk.diff("base.json", revision, &options);
        assert_eq!(
            (output.code, output.err.as_str()),
            (expected, ""),
            "{revision} {level:?}"
        );
    }
}

#[test]
fn json_and_yaml_and_both_versions_are_compared_with_each_other() {
    let desk = Desk::with_five_changes();
    desk.write("old.yaml", "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths:\n  /a:\n    get:\n      responses:\n        '200':\n          description: d\n          content:\n            application/json:\n              schema:\n                type: string\n                nullable: true\n");
    desk.write("new.json", r#"{"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {"/a": {"get": {"responses": {"200": {"description": "d",
        "content": {"application/json": {"schema": {"type": ["string", "null"], "maxLength": 5}}}}}}}}}"#);
    let there = desk.diff("old.yaml", "new.json", &[]);
    assert!(
        there.out.ends_with("0 breaking, 0 warnings, 1 info\n"),
        "{}",
        there.out
    );
    let back = desk.diff("new.json", "old.yaml", &["--format", "github"]);
    assert_eq!(
        back.out,
        "::error file=TREE/old.yaml,line=11,title=response-body-max-length-unset::it need not be at most `5` characters any more%0Aat GET /a response 200\n"
    );
}

#[test]
fn unreadable_files_are_invalid_input() {
    let desk = Desk::with_five_changes();
    desk.write("broken.json", "{\"openapi\": ");
    desk.write("old.json", r#"{"swagger": "2.0"}"#);
    for (revision, message) in [
        ("missing.json", "error: TREE/missing.json: cannot be read: "),
        (
            "broken.json",
            "error: TREE/broken.json: line 1, column 12: ",
        ),
        ("old.json", "error: TREE/old.json: "),
    ] {
        let output = desk.diff("base.json", revision, &["--fail-on", "never"]);
        assert_eq!((output.code, output.out.as_str()), (2, ""), "{revision}");
        assert!(output.err.starts_with(message), "{}", output.err);
    }
}

#[test]
fn a_reference_that_leads_nowhere_concerns_only_what_uses_it() {
    let desk = Desk::with_five_changes();
    let lost = |document: &mut Value| {
        document["components"]["schemas"]["Lost"] =
            json!({ "$ref": "#/components/schemas/Absent" });
        document["components"]["schemas"]["Round"] =
            json!({ "allOf": [{ "$ref": "#/components/schemas/Round" }] });
    };
    desk.write("lost.json", &with(lost).to_string());
    let added = with(|document| {
        lost(document);
        changes::add_an_operation(document);
    });
    desk.write("added.json", &added.to_string());
    let output = desk.diff("lost.json", "added.json", &["--fail-on", "any"]);
    assert_eq!(output.code, 3, "{}", output.err);
    assert!(
        output.out.ends_with("0 breaking, 0 warnings, 1 info\n"),
        "{}",
        output.out
    );
    assert_eq!(output.err.lines().count(), 4, "{}", output.err);
    let expected = "note: not followed: TREE/added.json: #/components/schemas/Lost/$ref: a reference to #/components/schemas/Absent: the document does not have it\n";
    assert!(output.err.contains(expected), "{}", output.err);
    desk.write(
        "none.json",
        r#"{"openapi": "3.1.0", "info": {}, "paths": []}"#,
    );
    let output = desk.diff("lost.json", "none.json", &[]);
    assert_eq!((output.code, output.out.as_str()), (2, ""));
}

const WAIVER: &str = "[[waiver]]\nfinding = \"request-property-became-required\"\nplace = \"POST /api/v1/customers request body `slug`\"\nreason = \"The SDK has always sent it.\"\nexpires = \"2999-12-31\"\n";

#[test]
fn waivers_are_used_up_or_refused() {
    let desk = Desk::with_five_changes();
    let output = desk.waived(WAIVER);
    assert_eq!((output.code, output.err.as_str()), (3, ""));
    assert!(
        !output
            .out
            .contains("breaking request-property-became-required"),
        "{}",
        output.out
    );
    assert!(output.out.contains("waived request-property-became-required at POST /api/v1/customers request body `slug`: The SDK has always sent it."), "{}", output.out);
    assert!(output.out.ends_with("; 1 waived\n"), "{}", output.out);
    for (waivers, message) in [
        (
            WAIVER.replace("2999-12-31", "2020-12-31"),
            "error: TREE/waivers.toml: line 1: the waiver of request-property-became-required at POST /api/v1/customers request body `slug` expired on 2020-12-31; renew it or fix what it waives\n",
        ),
        (
            format!("{WAIVER}\n{}", WAIVER.replace("slug", "slag")),
            "error: TREE/waivers.toml: line 7: the waiver of request-property-became-required at POST /api/v1/customers request body `slag` waives nothing; remove it\n",
        ),
        (
            WAIVER.replace("became", "become"),
            "error: TREE/waivers.toml: line 1: no rule is called `request-property-become-required`\n",
        ),
    ] {
        let output = desk.waived(&waivers);
        assert_eq!(
            (output.code, output.out.as_str(), output.err.as_str()),
            (2, "", message)
        );
    }
}

#[test]
fn the_contract_keeps_every_promise_of_the_vendors_document() {
    let [upstream, contract] =
        ["upstream.json", "pivotal.json"].map(|name| repository().join("openapi").join(name));
    let output = run(&[
        "diff",
        upstream.to_str().unwrap(),
        contract.to_str().unwrap(),
        "--format",
        "json",
    ]);
    let findings: Vec<Value> = serde_json::from_str(&output.out).unwrap();
    // The overlay adds what the guides promise and gives operations their names; it never takes
    // back what upstream says.
    let broken: Vec<&Value> = findings
        .iter()
        .filter(|finding| {
            finding["promise"] != Value::Null && finding["promise"] != "operation-ids-stay"
        })
        .collect();
    assert!(output.code == 0 && broken.is_empty(), "{broken:#?}");
}

#[test]
fn the_guide_has_the_rules_as_they_are() {
    let guide = fs::read_to_string(repository().join("docs/diff.md")).unwrap();
    let rules = run(&["diff", "--rules"]).out;
    assert!(
        guide.contains(&rules),
        "docs/diff.md does not have the rules as they are: replace its tables with what `cargo xtask diff --rules` prints"
    );
}
