//! `cargo xtask diff --rust`: what a change of the document does to those who write Rust.

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json};
use xtask::codegen::{self, GENERATED, Kind, Surface};

use crate::changes::{
    add_an_operation, add_an_optional_field, added, drop_a_404, make_a_body_field_required,
    new_field, optional_field, rename_an_enum_value, renamed_variants, widen_a_type, with,
};
use crate::workbench::{CommandOutput, Workbench, repository, run, sources, upstream};

/// The difference between two documents, for this repository.
fn compare(base: &Value, revision: &Value, arguments: &[&str]) -> CommandOutput {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str, document: &Value| {
        let path = folder.path().join(name);
        fs::write(&path, document.to_string()).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (base, revision) = (path("base.json", base), path("revision.json", revision));
    let command = ["diff", "--rust", "--fail-on", "never", &base, &revision];
    run(&[&command, arguments].concat())
}

fn rust(base: &Value, revision: &Value) -> Value {
    let output = compare(base, revision, &["--format", "json"]);
    assert_eq!(output.code, 0, "{}", output.err);
    let both: Value = serde_json::from_str(&output.out).unwrap();
    assert!(both["findings"].is_array());
    both["rust"].clone()
}

/// The changes as text, `removed OnboardingState::Paused`.
fn changes(rust: &Value) -> Vec<String> {
    let api = rust["api"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    api.map(|one| format!("{} {}", text(&one["change"]), text(&one["path"])))
        .collect()
}

fn contract() -> Value {
    serde_json::from_str(&fs::read_to_string(repository().join("openapi/pivotal.json")).unwrap())
        .unwrap()
}

#[test]
fn a_variant_that_goes_is_breaking() {
    let rust = rust(&upstream(), &with(rename_an_enum_value));
    let [from, to] = renamed_variants();
    let mut listed = changes(&rust);
    listed.sort();
    assert_eq!(listed, [format!("added {to}"), format!("removed {from}")]);
    assert_eq!(rust["release"]["step"], "breaking");
}

#[test]
fn additions_by_the_vendor_are_compatible() {
    let field = rust(&upstream(), &with(add_an_optional_field));
    let name = new_field(&upstream());
    assert_eq!(
        changes(&field),
        [
            format!("added CreateCustomer.{name}"),
            format!("added CreateCustomer::maybe_{name}"),
            format!("added CreateCustomer::{name}")
        ]
    );
    assert_eq!(field["release"]["step"], "compatible");

    let operation = rust(&upstream(), &with(add_an_operation));
    assert_eq!(operation["release"]["step"], "compatible");
    let listed = changes(&operation);
    let name = added(&upstream());
    let request = format!("List{}{}", name[..1].to_uppercase(), &name[1..]);
    for added_item in [
        format!("{request}Response"),
        format!("{request}Response.{name}"),
        format!("Client::list_{name}"),
        format!("{request}Request::new"),
        format!("list_{name}"),
    ] {
        assert!(
            listed.contains(&format!("added {added_item}")),
            "{listed:?}"
        );
    }
    let printed = compare(&upstream(), &with(add_an_operation), &[]).out;
    let line = format!("  + operation list_{name} (GET /api/v1/{name})\n");
    assert!(printed.contains(&line), "{printed}");
}

#[test]
fn a_body_field_that_becomes_required_is_an_argument_more() {
    let rust = rust(&upstream(), &with(make_a_body_field_required));
    let api = rust["api"].as_array().unwrap();
    let declared = |path: &str, side: &str| {
        let change = api.iter().find(|one| one["path"] == path);
        change.unwrap()[side].as_str().map(str::to_owned)
    };
    let field = optional_field(&upstream());
    let path = format!("CreateCustomer.{field}");
    assert_eq!(
        declared(&path, "from").unwrap(),
        format!("{path}: Option<String>")
    );
    let argument = format!("{field}: impl Into<String>");
    let new = |side| declared("CreateCustomer::new", side).unwrap();
    assert!(!new("from").contains(&argument), "{}", new("from"));
    assert!(new("to").contains(&argument), "{}", new("to"));
    assert_eq!(declared(&format!("CreateCustomer::{field}"), "to"), None);
    assert_eq!(rust["release"]["step"], "breaking");
}

#[test]
fn a_type_that_changes_is_breaking() {
    let rust = rust(&upstream(), &with(widen_a_type));
    for (side, ty) in [("from", "Option<i64>"), ("to", "Option<f64>")] {
        let declared = rust["api"][0][side].as_str().unwrap();
        assert!(declared.starts_with("Customer.m") && declared.ends_with(ty));
    }
    assert_eq!(rust["release"]["step"], "breaking");
}

#[test]
fn what_breaks_at_run_time_alone_is_told_though_no_type_changes() {
    let plan = "/components/schemas/CustomerCreate/properties/plan";
    let limit = upstream().pointer(plan).unwrap()["maxLength"].as_u64();
    let limit = limit.map_or(40, |limit| limit - 1);
    let shorter = with(|document| {
        document.pointer_mut(plan).unwrap()["maxLength"] = json!(limit);
    });
    let shorter = rust(&upstream(), &shorter);
    assert_eq!(shorter["api"], json!([]));
    assert_eq!(shorter["release"]["step"], "compatible");
    let reason = shorter["release"]["reasons"][0].as_str().unwrap();
    assert!(
        reason.starts_with("breaking at run time, no type changes: ")
            && reason.contains(&limit.to_string()),
        "{reason}"
    );

    let dropped = rust(&upstream(), &with(drop_a_404));
    assert_eq!(dropped["api"], json!([]));
    assert_eq!(dropped["release"]["step"], "compatible");
}

#[test]
fn the_contract_is_as_good_a_base_as_upstream() {
    let nothing = rust(&upstream(), &contract());
    assert_eq!(nothing["api"], json!([]));
    assert_eq!(nothing["release"]["next"], nothing["release"]["current"]);

    let mut changed = contract();
    let field = new_field(&upstream());
    changed["components"]["schemas"]["Customer"]["properties"][field] = json!({"type": "string"});
    assert_eq!(
        changes(&rust(&contract(), &changed)),
        [format!("added Customer.{field}")]
    );
}

#[test]
fn all_formats_tell_the_release() {
    let document = with(widen_a_type);
    let current = env!("CARGO_PKG_VERSION");
    for (format, said) in [
        ("text", "RELEASE  "),
        ("markdown", "RELEASE  "),
        ("github", "::notice title=Release::"),
    ] {
        let output = compare(&upstream(), &document, &["--format", format]);
        let said = format!("{said}pivotal-sdk {current} to ");
        let line = output.out.lines().find(|line| line.starts_with(&said));
        let line = line.unwrap_or_else(|| panic!("{format}: {}", output.out));
        assert!(line.ends_with(" (breaking)"), "{format}: {line}");
    }
}

#[test]
fn below_1_0_the_second_number_breaks() {
    let bench = Workbench::of_update();
    let manifest = String::from_utf8(bench.read("Cargo.toml")).unwrap();
    let root = bench.root().to_str().unwrap();
    for (current, breaking, compatible) in
        [("0.1.4", "0.2.0", "0.1.5"), ("1.2.3", "2.0.0", "1.3.0")]
    {
        let manifest = manifest.replacen(
            concat!("version = \"", env!("CARGO_PKG_VERSION"), "\""),
            &format!("version = \"{current}\""),
            1,
        );
        bench.write("Cargo.toml", manifest.as_bytes());
        for (document, next) in [
            (with(widen_a_type), breaking),
            (with(add_an_optional_field), compatible),
        ] {
            let output = compare(&upstream(), &document, &["--root", root]);
            let said = format!("RELEASE  pivotal-sdk {current} to {next} (");
            assert!(output.out.contains(&said), "{said}: {}", output.out);
        }
    }
}

#[test]
fn the_surface_has_every_public_item_that_is_printed() {
    let (files, surface) = codegen::generate_with_surface(&sources()).unwrap();
    let items = Surface::default().changes(&surface);
    let listed = |kind: Kind| -> BTreeSet<&str> {
        let of = items.iter().filter(|item| item.kind == kind);
        of.map(|item| item.path.as_str()).collect()
    };
    let modules = [
        "bodies", "client", "enums", "errors", "requests", "types", "unions",
    ];
    let modules = modules
        .iter()
        .filter_map(|name| files.get(&format!("{GENERATED}/{name}.rs")));
    let printed: BTreeSet<&str> = modules
        .flat_map(|text| text.lines())
        // What is indented less is at the top of its module, or in a call of the macro for enums.
        .filter_map(|line| {
            let item = line
                .strip_prefix("pub ")
                .or_else(|| line.strip_prefix("    pub enum ").map(|_| &line[8..]))?;
            let name = item
                .strip_prefix("struct ")
                .or_else(|| item.strip_prefix("enum "))?;
            name.split([' ', ';', '(', '<']).next()
        })
        .collect();
    assert!(printed.len() > 10);
    assert_eq!(listed(Kind::Type), printed);
    for (kind, path) in [
        (Kind::Field, "Customer.mrr"),
        (Kind::Function, "Client::list_customers"),
        (Kind::Function, "UpdateCustomer::new"),
        (Kind::Function, "ListCustomersRequest::new"),
        (Kind::Impl, "ListCustomersRequest: Paged"),
        (Kind::Impl, "ListCustomersRequest::Error"),
        (Kind::Operation, "list_customers"),
        (Kind::Variant, "ErrorType::Conflict"),
    ] {
        assert!(listed(kind).contains(path), "{path}: {:?}", listed(kind));
    }
    let by_reference = "&CustomerList: IntoIterator";
    let by_reference = items.iter().find(|item| item.path == by_reference).unwrap();
    assert_eq!(by_reference.owner(), "CustomerList");
}
