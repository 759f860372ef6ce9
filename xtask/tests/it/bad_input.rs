//! Files that are no document: a clear error, exit code 2, no panic, no file touched.

use std::fs;
use std::process::Command;

use serde_json::json;

use crate::changes::{add_an_optional_field, with};
use crate::workbench::{CommandOutput, Workbench, run, xtask};

/// The bytes of a bad file by what is wrong with it. `codegen` reads JSON alone.
fn bad_json() -> Vec<(&'static str, Vec<u8>)> {
    let schemas = |schemas: serde_json::Value| {
        json!({ "openapi": "3.1.0", "info": { "title": "T", "version": "1" }, "paths": {}, "components": { "schemas": schemas } })
            .to_string()
            .into_bytes()
    };
    let nested = format!(
        r#"{{"openapi":"3.1.0","info":{{"title":"T","version":"1"}},"paths":{{}},"components":{{"schemas":{{"A":{}{{}}{}}}}}}}"#,
        r#"{"items":"#.repeat(10_000),
        "}".repeat(10_000)
    );
    vec![
        ("empty", Vec::new()),
        (
            "truncated",
            br#"{"openapi": "3.1.0", "info": {"title": "T""#.to_vec(),
        ),
        ("another syntax", b"<openapi/>".to_vec()),
        ("not UTF-8", vec![b'{', 0xff, 0xfe, b'}']),
        ("a list", b"[]".to_vec()),
        ("no version", b"{}".to_vec()),
        (
            "2.0",
            json!({ "swagger": "2.0", "info": { "title": "T", "version": "1" }, "paths": {} })
                .to_string()
                .into_bytes(),
        ),
        (
            "4.0",
            json!({ "openapi": "4.0.0", "info": {} })
                .to_string()
                .into_bytes(),
        ),
        (
            "a dangling reference",
            schemas(json!({ "A": { "items": { "$ref": "#/components/schemas/B" } } })),
        ),
        (
            "a reference out of the document",
            schemas(json!({ "A": { "$ref": "other.json#/A" } })),
        ),
        (
            "a circle of references",
            schemas(
                json!({ "A": { "$ref": "#/components/schemas/B" }, "B": { "$ref": "#/components/schemas/A" } }),
            ),
        ),
        (
            "a circle of compositions",
            schemas(json!({ "A": { "allOf": [{ "$ref": "#/components/schemas/A" }] } })),
        ),
        ("10,000 arrays", "[".repeat(10_000).into_bytes()),
        ("10,000 schemas", nested.into_bytes()),
        (
            "a key twice",
            br#"{"openapi": "3.1.0", "openapi": "3.0.3"}"#.to_vec(),
        ),
    ]
}

fn bad_yaml() -> Vec<(&'static str, Vec<u8>)> {
    let staircase: String = (0..2_000)
        .map(|depth| format!("{}a:\n", " ".repeat(depth)))
        .collect();
    vec![
        ("broken indentation", b"openapi: 3.1.0\n info: x\n".to_vec()),
        ("a tab", b"openapi: 3.1.0\ninfo:\n\ttitle: x\n".to_vec()),
        (
            "10,000 arrays",
            format!("a: {}", "[".repeat(10_000)).into_bytes(),
        ),
        ("2,000 objects", staircase.into_bytes()),
        (
            "an alias of itself",
            b"openapi: 3.1.0\ninfo: &a\n  title: *a\n".to_vec(),
        ),
    ]
}

fn reported(name: &str, output: &CommandOutput) -> String {
    assert_eq!(output.code, 2, "{name}: {output:?}");
    assert_eq!(output.out, "", "{name}");
    assert!(!output.err.contains("panicked"), "{name}: {}", output.err);
    format!("== {name}\n{}", output.err)
}

#[test]
fn lower_says_what_is_wrong_with_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().to_str().unwrap().to_owned();
    let json = bad_json().into_iter().map(|case| (case, "json"));
    let yaml = bad_yaml().into_iter().map(|case| (case, "yaml"));
    let mut all = Vec::new();
    for ((name, bytes), extension) in json.chain(yaml) {
        let file = folder.path().join(format!("api.{extension}"));
        fs::write(&file, bytes).unwrap();
        all.push(reported(
            name,
            &run(&["lower", file.to_str().unwrap()]).without(&root),
        ));
        fs::remove_file(&file).unwrap();
    }
    let missing = folder.path().join("missing.yaml");
    all.push(reported(
        "missing",
        &run(&["lower", missing.to_str().unwrap()]).without(&root),
    ));
    all.push(reported("a folder", &run(&["lower", &root]).without(&root)));
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn codegen_says_what_is_wrong_with_the_document_and_touches_nothing() {
    let mut all = Vec::new();
    for (name, bytes) in bad_json() {
        let bench = Workbench::of_document(&bytes);
        let before = bench.state();
        let output = bench.codegen(&["--strict"]);
        all.push(reported(name, &output));
        let checked = bench.codegen(&["--strict", "--check"]);
        assert_eq!((checked.code, checked.err), (2, output.err), "{name}");
        assert!(bench.state() == before, "{name}");
    }
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn codegen_says_what_is_wrong_with_overlay_and_names() {
    let good = crate::elsewhere::pets_3_1().to_string().into_bytes();
    let cases: [(&str, &str, &[u8]); 7] = [
        ("an overlay that is cut off", "openapi/overlay.yaml", b"overlay: 1.0.0\nactions: ["),
        ("an overlay of nothing", "openapi/overlay.yaml", b"just: words\n"),
        ("an action without a reason", "openapi/overlay.yaml", b"overlay: 1.0.0\ninfo: {title: T, version: '1'}\nactions:\n  - target: $.info\n    update: {title: X}\n"),
        ("an action that hits nothing", "openapi/overlay.yaml", b"overlay: 1.0.0\ninfo: {title: T, version: '1'}\nactions:\n  - target: $.nothing\n    description: none\n    remove: true\n"),
        ("an overlay that is not UTF-8", "openapi/overlay.yaml", b"\xff\xfe"),
        ("names in another syntax", "openapi/names.toml", b"[operations\n"),
        ("a table that nobody knows", "openapi/names.toml", b"[types]\nA = \"B\"\n"),
    ];
    let mut all = Vec::new();
    for (name, path, bytes) in cases {
        let bench = Workbench::of_document(&good);
        bench.write(path, bytes);
        let before = bench.state();
        all.push(reported(name, &bench.codegen(&[])));
        assert!(bench.state() == before, "{name}");
    }
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn a_missing_document_or_a_folder_in_its_place_is_said() {
    let bench = Workbench::of_document(b"");
    fs::remove_file(bench.root().join("openapi/upstream.json")).unwrap();
    insta::assert_snapshot!(reported("missing", &bench.codegen(&[])), @"
    == missing
    error: TREE/openapi/upstream.json: cannot be read: No such file or directory (os error 2)
    ");
    fs::create_dir(bench.root().join("openapi/upstream.json")).unwrap();
    insta::assert_snapshot!(reported("a folder", &bench.codegen(&[])), @"
    == a folder
    error: TREE/openapi/upstream.json: cannot be read: Is a directory (os error 21)
    ");
    let nowhere = run(&["codegen", "--root", "no/such/folder"]);
    insta::assert_snapshot!(reported("no tree", &nowhere), @"
    == no tree
    error: no/such/folder/openapi/upstream.json: cannot be read: No such file or directory (os error 2)
    ");
}

#[test]
fn a_file_that_cannot_be_written_leaves_all_others_as_they_were() {
    let bench = Workbench::of_document(crate::elsewhere::pets_3_1().to_string().as_bytes());
    // A file stands where the folder of the generated modules has to be.
    fs::create_dir_all(bench.root().join("crates/pivotal-api/src")).unwrap();
    bench.write("crates/pivotal-api/src/generated", b"in the way");
    let before = bench.state();
    let output = bench.codegen(&[]);
    assert_eq!(output.code, 2, "{output:?}");
    assert!(
        output.err.contains("crates/pivotal-api/src/generated"),
        "{}",
        output.err
    );
    assert!(bench.state() == before);
}

/// What has no end, or comes to no end, is not read.
#[cfg(unix)]
#[test]
fn a_pipe_and_a_device_are_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe.json");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let pipe = pipe.to_str().unwrap();
    let bench = Workbench::of_update();
    let root = bench.root().to_str().unwrap();
    let upstream = format!("{root}/openapi/upstream.json");
    let mut commands = Vec::new();
    for endless in [pipe, "/dev/zero"] {
        commands.extend([
            vec!["lower", endless],
            vec!["diff", endless, &upstream],
            vec!["diff", &upstream, endless],
            vec!["diff", &upstream, &upstream, "--waivers", endless],
            vec!["diff", &upstream, &upstream, "--promises", endless],
            vec!["update", "--root", root, "--from", endless],
        ]);
    }
    for command in commands {
        let output = run(&command);
        assert_eq!(output.code, 2, "{command:?}");
        let said = "cannot be read: it is not a regular file (`-` reads standard input)";
        assert!(output.err.contains(said), "{command:?}: {}", output.err);
    }
    for path in [
        "openapi/upstream.json",
        "openapi/names.toml",
        "openapi/pivotal.lock",
        "CHANGELOG.md",
        "crates/pivotal-api/src/generated/client.rs",
    ] {
        let bench = Workbench::of_update();
        fs::remove_file(bench.root().join(path)).unwrap();
        let made = Command::new("mkfifo").arg(bench.root().join(path)).status();
        assert!(made.unwrap().success());
        let document = bench.root().join("new.json");
        fs::write(&document, with(add_an_optional_field).to_string()).unwrap();
        let output = bench.update(document.to_str().unwrap(), &[]);
        assert_eq!(output.code, 2, "{path}");
        assert!(
            output.err.contains("is not a regular file"),
            "{}",
            output.err
        );
    }
}

#[test]
fn standard_input_is_read_within_bounds() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("stdin");
    let lower = |text: &str| {
        fs::write(&file, text).unwrap();
        let stdin = fs::File::open(&file).unwrap();
        CommandOutput::of(xtask(&["lower", "-"]).stdin(stdin))
    };
    let output = lower(r#"{"openapi": "3.1.0", "info": {"title": "T", "version": "1"}}"#);
    assert_eq!((output.code, output.err.as_str()), (0, ""));
    let output = lower(&" ".repeat((16 << 20) + 1));
    assert_eq!(output.code, 2);
    assert_eq!(
        output.err,
        "error: -: cannot be read: it is larger than 16777216 bytes\n"
    );
}
