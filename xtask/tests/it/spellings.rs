//! However the vendor spells a document, what is generated from it is the same.
//!
//! That is so for the operations that names.toml knows. Others have the names of upstream's
//! components, so they are left out of the document first.

use std::sync::OnceLock;

use serde_json::{Map, Value, json};
use similar::TextDiff;
use xtask::codegen::Files;

use crate::workbench::{self, for_each_object, for_each_operation, generated_from, sources};

const BODIES: [&str; 6] = [
    "CustomerCreate",
    "CustomerUpdate",
    "ContactCreate",
    "ContactUpdate",
    "OnboardingCreate",
    "OnboardingUpdate",
];

/// Lists before their rows: where a list is written out first, what stands in it is written out
/// too.
const RESPONSES: [&str; 9] = [
    "CustomerList",
    "ContactList",
    "OnboardingList",
    "Customer",
    "Contact",
    "Onboarding",
    "Me",
    "Health",
    "Deleted",
];

/// The shipped document with the operations that names.toml knows.
fn upstream() -> Value {
    let names: toml::Table = sources().names.parse().unwrap();
    let known = names["responses"].as_table().unwrap();
    let mut document = workbench::upstream();
    for (path, item) in document["paths"].as_object_mut().unwrap() {
        let operations = item.as_object_mut().unwrap();
        operations
            .retain(|method, _| known.contains_key(&format!("{} {path}", method.to_uppercase())));
    }
    document
}

/// What is generated from this spelling is what is generated from the shipped one. The lock differs
/// by a hash alone.
#[track_caller]
fn assert_same(spelling: &Value) {
    static EXPECTED: OnceLock<Files> = OnceLock::new();
    assert_ne!(*spelling, upstream(), "this is the shipped spelling");
    let expected = EXPECTED.get_or_init(|| generated_from(&upstream()).unwrap());
    let spelled = generated_from(spelling).unwrap();
    assert_eq!(
        spelled.keys().collect::<Vec<_>>(),
        expected.keys().collect::<Vec<_>>()
    );
    for (path, text) in expected {
        if path == "openapi/pivotal.lock" {
            let differing: Vec<(&str, &str)> = text
                .lines()
                .zip(spelled[path].lines())
                .filter(|(left, right)| left != right)
                .collect();
            let of_upstream = |line: &str| {
                ["upstream = ", "origin = ", "date = "]
                    .iter()
                    .any(|key| line.starts_with(key))
            };
            assert!(
                differing
                    .iter()
                    .all(|(left, right)| of_upstream(left) && of_upstream(right)),
                "{differing:?}"
            );
        } else if spelled[path] != *text {
            panic!(
                "{path}\n{}",
                TextDiff::from_lines(text, &spelled[path]).unified_diff()
            );
        }
    }
}

fn schemas(document: &mut Value) -> &mut Map<String, Value> {
    document["components"]["schemas"].as_object_mut().unwrap()
}

fn reference(name: &str) -> String {
    format!("#/components/schemas/{name}")
}

fn rename(document: Value, from: &str, to: &str) -> Value {
    let text = document.to_string().replace(
        &format!("\"{}\"", reference(from)),
        &format!("\"{}\"", reference(to)),
    );
    let mut document: Value = serde_json::from_str(&text).unwrap();
    let schema = schemas(&mut document).remove(from).unwrap();
    assert_eq!(schemas(&mut document).insert(to.to_owned(), schema), None);
    document
}

/// Writes a component out wherever it is referred to, and drops it.
fn inlined(mut document: Value, name: &str) -> Value {
    let schema = schemas(&mut document).remove(name).unwrap();
    let mut places = 0;
    for_each_object(&mut document, &mut |object| {
        if object.get("$ref") == Some(&reference(name).into()) {
            *object = schema.as_object().unwrap().clone();
            places += 1;
        }
    });
    assert!(places > 0, "{name} is not referred to");
    document
}

#[test]
fn request_bodies_may_have_any_names() {
    let renamed = BODIES.into_iter().enumerate();
    assert_same(&renamed.fold(upstream(), |document, (index, name)| {
        rename(document, name, &format!("post_body.{index}"))
    }));
}

#[test]
fn request_bodies_may_swap_their_names() {
    let document = rename(upstream(), "CustomerCreate", "Aside");
    let document = rename(document, "CustomerUpdate", "CustomerCreate");
    assert_same(&rename(document, "Aside", "CustomerUpdate"));
}

#[test]
fn request_bodies_may_have_the_names_that_they_get() {
    let names = [
        "CreateCustomer",
        "UpdateCustomer",
        "CreateContact",
        "UpdateContact",
        "CreateOnboarding",
        "UpdateOnboarding",
    ];
    assert_same(
        &BODIES
            .into_iter()
            .zip(names)
            .fold(upstream(), |document, (from, to)| {
                rename(document, from, to)
            }),
    );
}

#[test]
fn request_bodies_may_be_written_inline() {
    assert_same(&BODIES.into_iter().fold(upstream(), inlined));
}

#[test]
fn request_bodies_may_be_components_of_their_own() {
    let mut document = upstream();
    let mut bodies = Map::new();
    for_each_operation(&mut document, |method, path, operation| {
        if let Some(body) = operation.get_mut("requestBody") {
            let name = format!("{method}-{}", path.replace(['/', '{', '}'], "-"));
            bodies.insert(
                name.clone(),
                std::mem::replace(
                    body,
                    json!({ "$ref": format!("#/components/requestBodies/{name}") }),
                ),
            );
        }
    });
    assert_eq!(bodies.len(), 6);
    document["components"]["requestBodies"] = bodies.into();
    assert_same(&document);
}

#[test]
fn answers_may_be_components_of_their_own() {
    let mut document = upstream();
    let mut answers = Map::new();
    for_each_operation(&mut document, |method, path, operation| {
        for (status, answer) in operation["responses"].as_object_mut().unwrap() {
            let name = format!("{method}-{}-{status}", path.replace(['/', '{', '}'], "-"));
            answers.insert(
                name.clone(),
                std::mem::replace(
                    answer,
                    json!({ "$ref": format!("#/components/responses/{name}") }),
                ),
            );
        }
    });
    document["components"]["responses"] = answers.into();
    assert_same(&document);
}

fn with_operation_ids(mut spell: impl FnMut(&str, &str, &str) -> Option<String>) -> Value {
    let mut document = upstream();
    for_each_operation(&mut document, |method, path, operation| {
        let kebab = operation["operationId"].as_str().unwrap().to_owned();
        match spell(&kebab, method, path) {
            Some(id) => operation["operationId"] = id.into(),
            None => {
                operation.as_object_mut().unwrap().remove("operationId");
            }
        }
    });
    document
}

#[test]
fn operation_ids_may_be_in_camel_case() {
    assert_same(&with_operation_ids(|kebab, _, _| {
        let mut words = kebab.split('-');
        let first = words.next().unwrap().to_owned();
        Some(words.fold(first, |id, word| {
            format!("{id}{}{}", word[..1].to_uppercase(), &word[1..])
        }))
    }));
}

#[test]
fn operation_ids_may_be_dotted() {
    assert_same(&with_operation_ids(|kebab, _, _| {
        let (verb, noun) = kebab.split_once('-').unwrap();
        Some(format!("{noun}.{verb}"))
    }));
}

#[test]
fn operation_ids_may_be_made_of_the_path() {
    assert_same(&with_operation_ids(|_, method, path| {
        Some(format!("{method}_{path}"))
    }));
}

#[test]
fn operation_ids_may_be_missing() {
    assert_same(&with_operation_ids(|_, _, _| None));
}

#[test]
fn operation_ids_may_all_be_the_same() {
    assert_same(&with_operation_ids(|_, _, _| Some("handler".to_owned())));
}

#[test]
fn operation_ids_may_be_those_of_other_operations() {
    assert_same(&with_operation_ids(|kebab, _, _| {
        Some(kebab.replace("create", "update").replace("get", "create"))
    }));
}

#[test]
fn answers_may_be_written_inline() {
    for name in &RESPONSES[3..] {
        assert_same(&inlined(upstream(), name));
    }
    assert_same(&RESPONSES.into_iter().fold(upstream(), inlined));
}

#[test]
fn errors_may_be_written_inline() {
    assert_same(&inlined(upstream(), "Error"));
}

#[test]
fn everything_may_be_written_inline() {
    let all = RESPONSES.into_iter().chain(BODIES).chain(["Error"]);
    assert_same(&all.fold(upstream(), inlined));
}

#[test]
fn parameters_of_a_path_may_be_said_once() {
    let mut document = upstream();
    let mut moved = 0;
    for item in document["paths"].as_object_mut().unwrap().values_mut() {
        let item = item.as_object_mut().unwrap();
        let mut common = None;
        for operation in item.values_mut().filter_map(Value::as_object_mut) {
            let Some(Value::Array(parameters)) = operation.get_mut("parameters") else {
                continue;
            };
            let (in_path, rest): (Vec<_>, Vec<_>) = parameters
                .drain(..)
                .partition(|parameter| parameter["in"] == "path");
            *parameters = rest;
            if parameters.is_empty() {
                operation.remove("parameters");
            }
            common = (!in_path.is_empty()).then_some(in_path).or(common);
        }
        if let Some(common) = common {
            item.insert("parameters".to_owned(), common.into());
            moved += 1;
        }
    }
    assert!(moved > 0);
    assert_same(&document);
}

#[test]
fn parameters_may_be_components() {
    let mut document = upstream();
    let mut components = Map::new();
    for_each_operation(&mut document, |method, path, operation| {
        for parameter in operation
            .get_mut("parameters")
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
        {
            let name = format!(
                "{method}{}{}",
                path.replace(['/', '{', '}'], "-"),
                parameter["name"].as_str().unwrap()
            );
            components.insert(
                name.clone(),
                std::mem::replace(
                    parameter,
                    json!({ "$ref": format!("#/components/parameters/{name}") }),
                ),
            );
        }
    });
    assert!(!components.is_empty());
    document["components"]["parameters"] = components.into();
    assert_same(&document);
}

/// `nullable: true` as the type array of 3.1.
fn with_type_arrays(mut document: Value) -> Value {
    let mut places = 0;
    for_each_object(&mut document, &mut |schema| {
        if schema.get("nullable") == Some(&json!(true)) {
            schema.remove("nullable");
            let kind = schema["type"].take();
            schema["type"] = json!([kind, "null"]);
            if let Some(Value::Array(values)) = schema.get_mut("enum") {
                values.push(Value::Null);
            }
            places += 1;
        }
    });
    assert!(places > 10, "{places}");
    document
}

#[test]
fn null_may_be_said_in_type_arrays() {
    assert_same(&with_type_arrays(upstream()));
}

#[test]
fn null_may_be_said_in_branches() {
    let mut document = upstream();
    for_each_object(&mut document, &mut |schema| {
        if schema.remove("nullable") == Some(json!(true)) {
            let mut outer = Map::new();
            for annotation in ["description", "example", "examples"] {
                outer.extend(
                    schema
                        .remove(annotation)
                        .map(|value| (annotation.to_owned(), value)),
                );
            }
            outer.insert(
                "anyOf".to_owned(),
                json!([std::mem::take(schema), { "type": "null" }]),
            );
            *schema = outer;
        }
    });
    assert_same(&document);
}

#[test]
fn null_may_be_said_in_3_0() {
    let mut document = upstream();
    assert_eq!(document["openapi"], "3.1.0");
    document["openapi"] = "3.0.3".into();
    assert_same(&document);
}

#[test]
fn null_may_be_said_in_any_mix() {
    let mut document = upstream();
    let mut turn = 0;
    for_each_object(&mut document, &mut |schema| {
        if schema.get("nullable") == Some(&json!(true)) {
            turn += 1;
            if turn % 2 == 0 {
                schema.remove("nullable");
                let kind = schema["type"].take();
                schema["type"] = json!(["null", kind]);
            }
        }
    });
    assert_same(&document);
}

#[test]
fn a_single_value_may_be_a_const() {
    let mut document = upstream();
    let mut places = 0;
    for_each_object(&mut document, &mut |schema| {
        if let Some([only]) = schema
            .get("enum")
            .and_then(Value::as_array)
            .map(Vec::as_slice)
        {
            let only = only.clone();
            schema.remove("enum");
            schema.insert("const".to_owned(), only);
            places += 1;
        }
    });
    assert!(places > 0);
    assert_same(&document);
}

#[test]
fn all_of_it_may_be_spelled_otherwise_at_once() {
    let document = BODIES
        .into_iter()
        .fold(with_type_arrays(upstream()), inlined);
    let mut document = inlined(document, "Error");
    for_each_operation(&mut document, |_, _, operation| {
        operation.as_object_mut().unwrap().remove("operationId");
    });
    assert_same(&document);
}
