//! Any document that loads passes every stage, or is refused. Normalising and lowering change nothing
//! the second time, what was lowered and shaped is OpenAPI 3.0 to a typed reader, and what the stages
//! propose against their problems are overlay actions that apply.

#![no_main]

use libfuzzer_sys::fuzz_target;
use openapi_pipeline::naming::{self, Names};
use openapi_pipeline::overlay::{self, Overlay};
use openapi_pipeline::problem::FILL_IN;
use openapi_pipeline::{Problems, canonical, load, lower, normalise, shape};
use openapiv3::OpenAPI;
use serde_json::{Value, json};

fuzz_target!(|text: &str| {
    let Ok(document) = load::document(text, "fuzz") else {
        return;
    };
    let Ok(normal) = normalise::normalise(&document) else {
        return;
    };
    assert_same(normalise::normalise(&normal), &normal);
    let names = Names::default();
    let Ok(named) = naming::apply(normal, &names) else {
        return;
    };
    let lowered = match lower::lower(&named) {
        Ok(lowered) => lowered,
        Err(problems) => return assert_remedies(&problems, &named),
    };
    assert_same(lower::lower(&lowered), &lowered);
    assert_typed(&lowered);
    match shape::shape(&lowered, &names) {
        Ok(shaped) => assert_typed(&shaped.document),
        Err(problems) => assert_remedies(&problems, &named),
    }
});

fn assert_same(twice: Result<Value, Problems>, once: &Value) {
    let twice = twice.expect("a stage takes its own result");
    assert_eq!(canonical::text(&twice), canonical::text(once));
}

fn assert_typed(document: &Value) {
    let mut document = document.clone();
    // The typed reader does not know that a callback may be a reference.
    let items = document["paths"].as_object_mut().into_iter().flatten();
    let operations = items.flat_map(|(_, item)| item.as_object_mut()).flatten();
    for operation in operations.filter_map(|(_, operation)| operation.as_object_mut()) {
        operation.remove("callbacks");
        // A parameter in an unknown place concerns only its operation, which is left out.
        let parameters = operation
            .get_mut("parameters")
            .and_then(Value::as_array_mut);
        if let Some(parameters) = parameters {
            let known = ["query", "header", "path", "cookie"].map(Value::from);
            parameters.retain(|parameter| {
                let place = parameter.get("in");
                place.is_none_or(|place| known.contains(place))
            });
        }
    }
    document["components"]["callbacks"] = json!({});
    // A scheme that is incomplete or of an unknown type concerns only the operations that need it.
    document["components"]["securitySchemes"] = json!({});
    if let Err(error) = serde_json::from_value::<OpenAPI>(document.clone()) {
        panic!("{error} in {document:#}");
    }
}

fn assert_remedies(problems: &Problems, document: &Value) {
    let text = problems.to_string();
    let controls = |char: char| char.is_control() && char != '\n';
    assert!(!problems.is_empty() && !text.contains(controls), "{text:?}");
    for remedy in problems.remedies() {
        let action = remedy.to_string();
        if action.contains(FILL_IN) {
            continue;
        }
        let overlay = Overlay::parse(
            &format!("overlay: 1.0.0\nactions:\n{action}\n"),
            "remedy.yaml",
        )
        .unwrap_or_else(|error| panic!("{error} in {action}"));
        if let Err(error) = overlay::apply(document, &overlay) {
            panic!("{error} by {action} on {document:#}");
        }
    }
}
