//! What is found to be in the way of a stage that does not say it itself.

use openapi_pipeline::Problems;
use openapi_pipeline::omission::{faults, without};
use serde_json::{Value, json};

use crate::document::{reference, responds, with};

/// What a stage that fails on this text is said to fail on.
fn blamed(document: &Value, text: &str) -> Problems {
    faults(document, &mut |alone| {
        alone.to_string().contains(text).then(|| "W".to_owned())
    })
}

#[test]
fn what_a_stage_fails_on_is_found_by_what_it_fails_on_alone() {
    let mut document = with("{}", "{}");
    document["components"]["schemas"] = json!({
        "Bad": { "type": "odd" },
        "Good": { "type": "object" },
        "Holder": { "properties": { "bad": reference("Bad") } },
    });
    for (path, schema) in [
        ("/good", reference("Good")),
        ("/held", reference("Holder")),
        ("/inline", json!({ "type": "odd" })),
    ] {
        document["paths"][path] = responds(&schema)["/a"].clone();
    }
    for (text, expected) in [
        ("nowhere", &[][..]),
        (
            "odd",
            &[
                "#/components/schemas/Bad",
                "#/components/schemas/Holder",
                "#/paths/~1inline/get",
            ],
        ),
    ] {
        let found = blamed(&document, text);
        let places = found.iter().map(|problem| problem.pointer.to_string());
        assert_eq!(places.collect::<Vec<_>>(), expected);
    }
    let (rest, _) = without(&document, &blamed(&document, "odd")).unwrap();
    assert!(rest.pointer("/paths/~1good/get").is_some(), "{rest}");
    assert!(!rest.to_string().contains("odd"), "{rest}");
}
