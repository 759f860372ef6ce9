//! Whatever goes wrong with an update, the tree stays as it was, and what is said helps.

use std::fs;

use serde_json::{Value, json};

use crate::changes::{add_an_optional_field, with};
use crate::origin_server::{OriginServer, Reply};
use crate::workbench::Workbench;

/// An update that fails says this and touches nothing.
#[track_caller]
fn assert_refused(bench: &Workbench, from: &str, arguments: &[&str], said: &str) {
    let before = bench.state();
    let output = bench.update(from, arguments);
    assert_eq!(output.code, 2, "{from}: {}{}", output.out, output.err);
    assert!(output.err.starts_with("error: "), "{}", output.err);
    assert!(output.err.contains(said), "{from}: {}", output.err);
    assert!(bench.state() == before, "{from} left something behind");
}

#[test]
fn a_file_that_cannot_be_used_changes_nothing() {
    let bench = Workbench::of_update();
    let folder = tempfile::tempdir().unwrap();
    let refused = with(|document| {
        document["servers"] = json!("none");
    });
    let cases: [(&str, Vec<u8>, &str); 6] = [
        ("cut.json", b"{\"openapi\": \"3.1.0\",".to_vec(), "cut.json: line 1, column"),
        ("old.json", b"{\"swagger\": \"2.0\"}".to_vec(), "only OpenAPI 3.0.x and 3.1.x are read"),
        ("page.json", b"<html></html>".to_vec(), "page.json: line 1"),
        ("latin.json", vec![b'{', 0xe9, b'}'], "it is not UTF-8"),
        ("servers.json", refused.to_string().into_bytes(), "servers.json, in place of upstream.json:\nopenapi/upstream.json, named and overlaid:\n#/servers"),
        ("lost.json", br##"{"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {"/a": {"$ref": "#/nowhere"}}}"##.to_vec(), "lost.json, in place of upstream.json:"),
    ];
    for (name, bytes, said) in cases {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        assert_refused(&bench, path.to_str().unwrap(), &[], said);
    }
    assert_refused(
        &bench,
        folder.path().join("none.json").to_str().unwrap(),
        &[],
        "cannot be read",
    );
    let fine = folder.path().join("fine.json");
    fs::write(&fine, with(add_an_optional_field).to_string()).unwrap();
    let fine = fine.to_str().unwrap();
    assert_refused(
        &bench,
        fine,
        &["--max-bytes", "1000"],
        "is larger than 1000 bytes (--max-bytes)",
    );
}

#[test]
fn an_address_that_does_not_give_a_document_changes_nothing() {
    let bench = Workbench::of_update();
    let server = OriginServer::start(|request| {
        let to =
            |place: &str| Reply::Whole("302 Found", format!("location: {place}\r\n"), Vec::new());
        match request.split(' ').nth(1).unwrap() {
            "/large" => Reply::Whole("200 OK", String::new(), vec![b' '; 200_000]),
            "/page" => Reply::Whole("200 OK", String::new(), b"<html>Sign in</html>".to_vec()),
            "/latin" => Reply::Whole("200 OK", String::new(), vec![0xe9]),
            "/round" => to("/round"),
            "/away" => to("http://example.com/openapi.json"),
            "/slow" => Reply::Silence,
            "/broken" => Reply::Broken,
            "/unasked" => Reply::Whole("304 Not Modified", String::new(), Vec::new()),
            _ => Reply::Whole("404 Not Found", String::new(), Vec::new()),
        }
    });
    let at = |path: &str| format!("{}{path}", server.address);
    assert_refused(
        &bench,
        &at("/gone"),
        &[],
        "responds 404 Not Found; 200 is expected",
    );
    assert_refused(&bench, &at("/unasked"), &[], "responds 304 Not Modified");
    assert_refused(
        &bench,
        &at("/large"),
        &["--max-bytes", "100000"],
        "is larger than 100000 bytes",
    );
    assert_refused(&bench, &at("/page"), &[], "page: the document is a string");
    assert_refused(&bench, &at("/latin"), &[], "is not UTF-8");
    assert_refused(&bench, &at("/round"), &[], "more than 5 redirects");
    assert_refused(
        &bench,
        &at("/away"),
        &[],
        "redirected to http://example.com, which is not https",
    );
    assert_refused(
        &bench,
        &at("/slow"),
        &["--max-seconds", "1"],
        "did not come within 1s (--max-seconds)",
    );
    assert_refused(&bench, &at("/broken"), &["--max-seconds", "5"], "/broken");
    assert_refused(
        &bench,
        "http://127.0.0.1:1/openapi.json",
        &[],
        "cannot be fetched",
    );
    assert_refused(
        &bench,
        "http://example.com/openapi.json",
        &[],
        "comes over https, or from this machine",
    );
    assert_refused(
        &bench,
        "ftp://example.com/openapi.json",
        &[],
        "comes over https, or from this machine",
    );
    assert_refused(
        &bench,
        "https://me:secret@example.com/a.json",
        &[],
        "with a user or a password is not fetched",
    );
    assert!(
        !bench
            .update("https://me:secret@example.com/a.json", &[])
            .err
            .contains("secret")
    );
}

#[test]
fn obstacles_in_the_tree_leave_it_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("changed.json");
    fs::write(&path, with(add_an_optional_field).to_string()).unwrap();
    let path = path.to_str().unwrap();

    let bench = Workbench::of_update();
    let generated = bench.root().join(xtask::codegen::GENERATED);
    fs::remove_dir_all(&generated).unwrap();
    fs::write(&generated, "a file where the folder was").unwrap();
    assert_refused(&bench, path, &[], "generated");

    let bench = Workbench::of_update();
    fs::remove_file(bench.root().join("openapi/pivotal.lock")).unwrap();
    fs::create_dir(bench.root().join("openapi/pivotal.lock")).unwrap();
    fs::write(bench.root().join("openapi/pivotal.lock/mine"), "mine").unwrap();
    assert_refused(&bench, path, &[], "pivotal.lock");

    let bench = Workbench::of_update();
    bench.write("openapi/origin.toml", b"origin = 1");
    assert_refused(&bench, path, &[], "openapi/origin.toml");

    let bench = Workbench::of_update();
    bench.write("openapi/promises.toml", b"[[promise]]");
    assert_refused(&bench, path, &[], "openapi/promises.toml");
}

#[test]
fn a_day_that_is_none_is_refused() {
    let bench = Workbench::of_update();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("changed.json");
    fs::write(&path, with(add_an_optional_field).to_string()).unwrap();
    let root = bench.root().to_str().unwrap();
    let output = crate::workbench::run(&[
        "update",
        "--root",
        root,
        "--from",
        path.to_str().unwrap(),
        "--date",
        "2026-13-01",
    ]);
    assert_eq!(output.code, 2);
    assert!(output.err.starts_with("error: --date: "), "{}", output.err);
}

/// The lines of a file of the tree that an error names, `FILE:12`.
fn named_lines(bench: &Workbench, error: &str, file: &str) -> Vec<String> {
    let text = String::from_utf8(bench.read(file)).unwrap();
    let numbers = error
        .lines()
        .filter_map(|line| line.strip_prefix(file)?.strip_prefix(':'))
        .map(|number| number.parse::<usize>().unwrap());
    numbers
        .map(|number| text.lines().nth(number - 1).unwrap().trim().to_owned())
        .collect()
}

#[test]
fn an_overlay_that_no_longer_applies_is_reported_by_line_and_nothing_is_written() {
    let bench = Workbench::of_update();
    let document = with(|document: &mut Value| {
        // Part of what an action adds, ...
        document["components"]["schemas"]["Customer"]["properties"]["status"]["x-extensible-enum"] =
            json!(["onboarding", "active"]);
        // ... all of what another does, ...
        let refused = json!({ "description": "The request is malformed or a field is not acceptable.", "x-evidence": "decided",
            "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Error" } } } });
        document["paths"]["/api/v1/customers/{customerId}/contacts"]["get"]["responses"]["400"] =
            refused;
        // ... and the place of a third.
        document["components"]["schemas"]["Contact"]["properties"]
            .as_object_mut()
            .unwrap()
            .remove("title");
    });
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("changed.json");
    fs::write(&path, document.to_string()).unwrap();
    let before = bench.state();
    let output = bench.update(path.to_str().unwrap(), &[]);
    assert_eq!(output.code, 2);
    assert!(bench.state() == before);
    // What changed in the document is said all the same.
    assert!(output.out.starts_with("DOCUMENT\n"), "{}", output.out);
    assert!(output.out.contains("`title`"), "{}", output.out);

    let start = "error: changed.json, in place of upstream.json:\nopenapi/overlay.yaml:";
    assert!(output.err.starts_with(start), "{}", output.err);
    assert!(
        output.err.ends_with("4 problems\nNothing was written.\n"),
        "{}",
        output.err
    );
    let said = [
        "action 2 on $.paths['/api/v1/customers/{customerId}/contacts'].get.responses (An invalid cursor is a 400 (guide on pagination), and these lists are paged.): it changes nothing\n  why: upstream has this now: remove the action",
        "action 17 on $.components.schemas.Customer.properties.status",
        "action 22 on $.components.schemas.Contact.properties.title (No example shows a contact without a title.): the target matches nothing",
    ];
    for said in said {
        assert!(output.err.contains(said), "{said}: {}", output.err);
    }
    let lines = named_lines(&bench, &output.err, "openapi/overlay.yaml");
    assert_eq!(lines.len(), 4);
    for line in lines {
        assert!(line.starts_with("- description: "), "{line}");
    }
}

#[test]
fn names_of_what_is_gone_are_reported_by_line_and_nothing_is_written() {
    let bench = Workbench::of_update();
    let document = with(|document: &mut Value| {
        document["paths"]["/api/v1/contacts/{id}"]
            .as_object_mut()
            .unwrap()
            .remove("delete");
    });
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("changed.json");
    fs::write(&path, document.to_string()).unwrap();
    let before = bench.state();
    let output = bench.update(path.to_str().unwrap(), &[]);
    assert_eq!(output.code, 2);
    assert!(bench.state() == before);
    assert!(output.out.contains("DELETE /api/v1/contacts/{id}"));
    assert!(
        output
            .err
            .contains("  why: the document has no such place; remove the entry or correct it\n"),
        "{}",
        output.err
    );
    let lines = named_lines(&bench, &output.err, "openapi/names.toml");
    assert_eq!(lines.len(), 1, "{}", output.err);
    assert!(lines[0].starts_with("\"DELETE /api/v1/contacts/{id}\" = "));

    // Once the entry is removed, the update succeeds.
    let text = String::from_utf8(bench.read("openapi/names.toml")).unwrap();
    let kept: Vec<&str> = text
        .lines()
        .filter(|line| !line.starts_with("\"DELETE /api/v1/contacts/{id}\""))
        .collect();
    bench.write("openapi/names.toml", kept.join("\n").as_bytes());
    assert_eq!(bench.update(path.to_str().unwrap(), &[]).code, 0);
}
