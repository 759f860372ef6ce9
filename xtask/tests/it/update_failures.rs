//! Whatever goes wrong with an update, the tree stays as it was, and what is said helps.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use xtask::transaction::Transaction;

use crate::changes::{add_an_optional_field, with};
use crate::origin_server::{OriginServer, Reply};
use crate::workbench::Workbench;

/// An update that fails says this and touches nothing.
#[track_caller]
fn assert_refused(bench: &Workbench, from: &str, arguments: &[&str], said: &str) {
    let before = bench.state();
    let answer = bench.update(from, arguments);
    assert_eq!(answer.code, 2, "{from}: {}{}", answer.out, answer.err);
    assert!(answer.err.starts_with("error: "), "{}", answer.err);
    assert!(answer.err.contains(said), "{from}: {}", answer.err);
    assert!(bench.state() == before, "{from} left something behind");
}

#[test]
fn a_file_that_cannot_be_used_changes_nothing() {
    let bench = Workbench::of_everything();
    let folder = tempfile::tempdir().unwrap();
    let refused = with(|document| {
        document["components"]["schemas"]["Customer"]["properties"]["slug"]["not"] =
            json!({"type": "null"});
    });
    let cases: [(&str, Vec<u8>, &str); 6] = [
        ("cut.json", b"{\"openapi\": \"3.1.0\",".to_vec(), "cut.json: line 1, column"),
        ("old.json", b"{\"swagger\": \"2.0\"}".to_vec(), "only OpenAPI 3.0.x and 3.1.x are read"),
        ("page.json", b"<html></html>".to_vec(), "page.json: line 1"),
        ("latin.json", vec![b'{', 0xe9, b'}'], "it is not UTF-8"),
        ("not.json", refused.to_string().into_bytes(), "not.json, in place of upstream.json:\nopenapi/upstream.json, named and overlaid:\n#/components/schemas/Customer/properties/slug"),
        ("lost.json", br##"{"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {"/a": {"$ref": "#/nowhere"}}}"##.to_vec(), "lost.json does not hold together"),
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
    let bench = Workbench::of_everything();
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
    assert_refused(&bench, &at("/gone"), &[], "answered 404 Not Found");
    assert_refused(&bench, &at("/unasked"), &[], "answered 304 Not Modified");
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
fn what_is_in_the_way_in_the_tree_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("changed.json");
    fs::write(&path, with(add_an_optional_field).to_string()).unwrap();
    let path = path.to_str().unwrap();

    let bench = Workbench::of_everything();
    let generated = bench.root().join(xtask::codegen::GENERATED);
    fs::remove_dir_all(&generated).unwrap();
    fs::write(&generated, "a file where the folder was").unwrap();
    assert_refused(&bench, path, &[], "generated");

    let bench = Workbench::of_everything();
    fs::remove_file(bench.root().join("openapi/pivotal.lock")).unwrap();
    fs::create_dir(bench.root().join("openapi/pivotal.lock")).unwrap();
    fs::write(bench.root().join("openapi/pivotal.lock/mine"), "mine").unwrap();
    assert_refused(&bench, path, &[], "pivotal.lock");

    let bench = Workbench::of_everything();
    bench.write("openapi/origin.toml", b"origin = 1");
    assert_refused(&bench, path, &[], "openapi/origin.toml");

    let bench = Workbench::of_everything();
    bench.write("openapi/promises.toml", b"[[promise]]");
    assert_refused(&bench, path, &[], "openapi/promises.toml");
}

#[test]
fn a_day_that_is_none_is_refused() {
    let bench = Workbench::of_everything();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("changed.json");
    fs::write(&path, with(add_an_optional_field).to_string()).unwrap();
    let root = bench.root().to_str().unwrap();
    let answer = crate::workbench::run(&[
        "update",
        "--root",
        root,
        "--from",
        path.to_str().unwrap(),
        "--date",
        "2026-13-01",
    ]);
    assert_eq!(answer.code, 2);
    assert!(answer.err.starts_with("error: --date: "), "{}", answer.err);
}

/// Edits of the overlay move its lines; what is said of them stays.
fn without_lines(overlay: &str) -> String {
    let mut parts = overlay.split("overlay.yaml:");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        text + "overlay.yaml:[line]" + part.trim_start_matches(|digit: char| digit.is_ascii_digit())
    })
}

#[test]
fn an_overlay_that_is_behind_is_told_line_by_line_and_nothing_is_written() {
    let bench = Workbench::of_everything();
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
    let answer = bench.update(path.to_str().unwrap(), &[]);
    assert_eq!(answer.code, 2);
    assert_eq!(
        answer.err,
        "error: nothing was written: overlay or names are behind the document, see above\n"
    );
    assert!(bench.state() == before);
    let overlay = answer
        .out
        .split("\n\n")
        .find(|part| part.starts_with("OVERLAY"))
        .unwrap();
    // Which lines they are is looked up below.
    insta::assert_snapshot!(without_lines(overlay), @r##"
    OVERLAY  3 actions no longer apply: nothing is written before that is mended; the rest is told as it is without
      openapi/overlay.yaml:[line]  action 2 on $.paths['/api/v1/customers/{customerId}/contacts'].get.responses
        its reason: A bad cursor is answered 400 (guide on pagination), and these lists are paged.
        now: it changes nothing
        upstream says at #/paths/~1api~1v1~1customers~1{customerId}~1contacts/get/responses: {"400":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Error"}}},"description":"The request is malformed or a field is not acceptable.","…
        do: remove the action: upstream says all of it now
      openapi/overlay.yaml:[line]  action 17 on $.components.schemas.Customer.properties.status
        its reason: New values may appear at any time (versioning page), so the response's plain string is an open enum of the values that requests take.
        now: #/components/schemas/Customer/properties/status/x-extensible-enum has the entry "onboarding" already
        now: #/components/schemas/Customer/properties/status/x-extensible-enum has the entry "active" already
        upstream says at #/components/schemas/Customer/properties/status: {"x-extensible-enum":["onboarding","active"]}
        do: upstream says part of it now: keep in the action what it does not say, or remove the action
      openapi/overlay.yaml:[line]  action 22 on $.components.schemas.Contact.properties.title
        its reason: No example shows a contact without a title.
        now: the target matches nothing
        do: upstream has moved or dropped it: mend the target, or remove the action
    "##);
    let text = String::from_utf8(bench.read("openapi/overlay.yaml")).unwrap();
    for line in overlay
        .lines()
        .filter_map(|line| line.trim().strip_prefix("openapi/overlay.yaml:"))
    {
        let (number, rest) = line.split_once("  action ").unwrap();
        let action = text
            .lines()
            .nth(number.parse::<usize>().unwrap() - 1)
            .unwrap();
        assert!(
            action.trim_start().starts_with("- description:"),
            "{action}"
        );
        let target = text.lines().nth(number.parse::<usize>().unwrap()).unwrap();
        assert!(
            target.contains(rest.split_once(" on ").unwrap().1),
            "{target}: {rest}"
        );
    }
    // The report is there all the same.
    for heading in [
        "DOCUMENT",
        "RUST",
        "COMPANION",
        "RELEASE",
        "FILES  would be written",
        "NEXT",
    ] {
        assert!(answer.out.contains(&format!("\n{heading}")), "{heading}");
    }
    assert!(
        answer.out.contains("- Contact.title: Option<String>"),
        "{}",
        answer.out
    );
    assert!(
        answer
            .out
            .contains("  1. mend openapi/overlay.yaml as told above\n"),
        "{}",
        answer.out
    );
}

#[test]
fn names_of_what_is_gone_are_told_and_nothing_is_written() {
    let bench = Workbench::of_everything();
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
    let answer = bench.update(path.to_str().unwrap(), &[]);
    assert_eq!(answer.code, 2);
    assert!(bench.state() == before);
    let names = answer
        .out
        .split("\n\n")
        .find(|part| part.starts_with("NAMES"))
        .unwrap();
    insta::assert_snapshot!(names, @r#"
    NAMES  1 entry of names.toml fits no more: nothing is written before that is mended; the rest is told as it is without
      openapi/names.toml, [answers], "DELETE /api/v1/contacts/{id}"
        do: the document has no such place; remove the entry or correct it
    "#);
    assert!(
        answer
            .out
            .contains("to mend: names the operation `delete_contact`, which is gone"),
        "{}",
        answer.out
    );

    // Told, mended, done.
    let text = String::from_utf8(bench.read("openapi/names.toml")).unwrap();
    let mended: Vec<&str> = text
        .lines()
        .filter(|line| !line.starts_with("\"DELETE /api/v1/contacts/{id}\""))
        .collect();
    bench.write("openapi/names.toml", mended.join("\n").as_bytes());
    assert_eq!(bench.update(path.to_str().unwrap(), &[]).code, 0);
}

#[test]
fn files_that_took_their_place_are_put_back_when_a_later_one_cannot() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::write(root.join("first"), "old").unwrap();
    fs::write(root.join("second"), "old").unwrap();
    let mut transaction = Transaction::new(root);
    transaction.write("first", "new").unwrap();
    transaction.write("inner/deep/third", "new").unwrap();
    transaction.remove("second");
    transaction.write("fourth", "new").unwrap();
    // Somebody puts a folder where the last file is to go.
    fs::create_dir(root.join("fourth")).unwrap();
    fs::write(root.join("fourth/mine"), "mine").unwrap();

    let error = transaction.commit().unwrap_err().to_string();
    assert!(error.contains("fourth: cannot be written"), "{error}");
    let read = |path: &str| fs::read_to_string(root.join(path)).unwrap();
    assert_eq!(
        (read("first"), read("second"), read("fourth/mine")),
        ("old".into(), "old".into(), "mine".into())
    );
    assert_eq!(names(root), ["first", "fourth", "second"]);
}

#[test]
fn what_is_staged_and_not_committed_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut transaction = Transaction::new(folder.path());
    transaction.write("a/b/file", "new").unwrap();
    drop(transaction);
    assert_eq!(names(folder.path()), [""; 0]);
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
