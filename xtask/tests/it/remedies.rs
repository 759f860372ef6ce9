//! Every remedy that is proposed works: what was left out is then expressed, or gone from the document.

use std::collections::BTreeSet;
use std::fs;

use openapi_pipeline::omission::Omission;
use openapi_pipeline::problem::FILL_IN;
use openapi_pipeline::{Problems, load, resolve};
use serde_json::Value;
use xtask::codegen::{self, Files, Sources};

use crate::workbench::sources;

fn generated(upstream: &str, overlay: &str) -> (Files, Vec<Omission>) {
    let generated = codegen::generate_with_omissions(&Sources {
        upstream: upstream.to_owned(),
        overlay: overlay.to_owned(),
        names: String::new(),
        origin: None,
        ..sources()
    });
    generated.unwrap_or_else(|failure| panic!("{overlay}\n{failure}"))
}

/// The operations of the contract, or those that are left out.
fn operations(files: &Files) -> BTreeSet<String> {
    let contract: Value = serde_json::from_str(&files["openapi/pivotal.json"]).unwrap();
    let operations = resolve::operations(&contract);
    let names = operations
        .iter()
        .map(|of| format!("{} {}", of.method.to_uppercase(), of.path));
    names.collect()
}

/// A value for what only a person knows.
fn filled(remedy: &str) -> String {
    let value = match () {
        () if remedy.contains("scheme:") => "bearer",
        () if remedy.contains("schemas") => "{type: object}",
        () if remedy.contains("in:") => "query",
        () => "filled",
    };
    remedy.replace(FILL_IN, value)
}

/// Applies all remedies, and those of what comes to light then. Returns how many there were.
fn assert_remedied(name: &str, upstream: &str) -> usize {
    let mut overlay = "overlay: 1.0.0\ninfo: {title: R, version: 1.0.0}\nactions:\n".to_owned();
    let mut applied = 0;
    for _ in 0..4 {
        let (_, omissions) = generated(upstream, if applied == 0 { "" } else { &overlay });
        let mut problems = Problems::new();
        problems.extend(omissions.iter().map(|omission| omission.problem.clone()));
        let remedies = problems.remedies();
        if remedies.is_empty() {
            return applied;
        }
        for remedy in &remedies {
            overlay.push_str(&filled(&remedy.to_string()));
            overlay.push('\n');
        }
        applied += remedies.len();
        let (files, after) = generated(upstream, &overlay);
        let left = operations(&files);
        for omission in omissions
            .iter()
            .filter(|omission| omission.problem.remedy.is_some())
        {
            let is_same = |other: &&Omission| {
                (&other.operation, &other.problem) == (&omission.operation, &omission.problem)
            };
            assert!(
                !after.iter().any(|other| is_same(&other)),
                "{name}: {omission:#?}\n{overlay}"
            );
            if let (Some(operation), Some(_)) = (&omission.operation, omission.remedy()) {
                assert!(
                    left.contains(operation),
                    "{name}: {operation} is gone\n{overlay}"
                );
            }
        }
    }
    panic!("{name}: remedies without an end\n{overlay}");
}

#[test]
fn every_remedy_for_the_fixtures_works() {
    let fixtures =
        crate::workbench::repository().join("tests/codegen-fixtures/openapi/upstream.json");
    assert!(assert_remedied("fixtures", &fs::read_to_string(fixtures).unwrap()) > 0);
    for (name, document) in crate::refusals::cases() {
        assert!(assert_remedied(name, &document.to_string()) > 0, "{name}");
    }
}

#[test]
#[ignore = "needs a folder of documents, in REMEDIES_OF"]
fn every_remedy_for_a_folder_of_documents_works() {
    let folder = std::env::var_os("REMEDIES_OF").expect("REMEDIES_OF is a folder");
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_file() && !name.ends_with(".tsv") {
            let document = load::unchecked(&fs::read_to_string(&path).unwrap(), &name).unwrap();
            println!("{name}: {}", assert_remedied(&name, &document.to_string()));
        }
    }
}
