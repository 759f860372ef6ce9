//! Small documents that would take forever, or come to more than fits, if a stage followed every
//! way through them.

use std::time::Instant;

use openapi_pipeline::overlay::Overlay;
use serde_json::{Map, Value, json};

use crate::document::{self, responds, sends, shaped};

/// Two ways at each of so many steps are more than any machine can go.
const STEPS: usize = 60;

fn reference(number: usize) -> Value {
    json!({ "$ref": format!("#/components/schemas/Step{number}") })
}

/// Components of which each is made of the next by `of`, and the last is a short text.
fn ladder(of: impl Fn(Value) -> Value) -> Value {
    let last = json!({ "type": "string", "maxLength": 3 });
    let steps = (0..STEPS).map(|number| (format!("Step{number}"), of(reference(number + 1))));
    steps.chain([(format!("Step{STEPS}"), last)]).collect()
}

#[test]
fn never_parts_of_parts_were_merged_once_for_each_way_to_them() {
    let mut schemas = ladder(
        |next| json!({ "allOf": [next, next, { "properties": { "own": { "type": "string" } } }] }),
    );
    schemas[format!("Step{STEPS}")] =
        json!({ "type": "object", "properties": { "last": { "type": "string" } } });
    let shaped = shaped(&responds(&reference(0)), &schemas).unwrap();
    assert_eq!(
        shaped.document["components"]["schemas"]["Step0"]["properties"]
            .as_object()
            .unwrap()
            .len(),
        2
    );
}

#[test]
fn never_a_contradiction_in_parts_of_parts_was_found_once_for_each_way_to_it() {
    let mut schemas = ladder(|next| json!({ "allOf": [next, next, { "type": "object" }] }));
    schemas[format!("Step{STEPS}")] = json!({ "type": "string" });
    let problems = shaped(&responds(&reference(0)), &schemas).unwrap_err();
    assert!(problems.len() >= STEPS, "{}", problems.len());
}

#[test]
fn never_the_members_of_unions_were_multiplied_without_end() {
    let part = |number: usize| {
        let has = |name: String| json!({ "properties": { name: { "type": "string" } } });
        json!({ "oneOf": [has(format!("a{number}")), has(format!("b{number}"))] })
    };
    let parts: Vec<Value> = (0..STEPS).map(part).collect();
    let problems = shaped(&responds(&json!({ "allOf": parts })), &json!({})).unwrap_err();
    assert!(problems.to_string().contains("at most 64"), "{problems}");
}

#[test]
fn never_parts_that_hold_themselves_were_merged_without_end() {
    let node = |own: &str, of: &str| json!({ "type": "object", "properties": { own: { "type": "string" }, "left": document::reference(of), "right": document::reference(of) } });
    let schemas = json!({ "A": node("a", "A"), "B": node("b", "B") });
    let both = json!({ "allOf": [document::reference("A"), document::reference("B")] });
    let problems = in_time(|| shaped(&responds(&both), &schemas).unwrap_err());
    assert!(problems.to_string().contains("have no end"), "{problems}");
    // The rest of the document is fine.
    assert!(shaped(&responds(&document::reference("A")), &schemas).is_ok());
}

#[test]
fn never_limits_were_listed_for_each_way_to_them() {
    let schemas =
        ladder(|next| json!({ "type": "object", "properties": { "left": next, "right": next } }));
    let shaped = shaped(&sends(&reference(0)), &schemas).unwrap();
    assert!(shaped.operations[0].constraints.len() < 10_000);
    assert_eq!(shaped.bodies.len(), STEPS);
}

#[test]
fn never_objects_that_all_hold_one_another_were_walked_in_every_order() {
    let all: Map<String, Value> = (0..20)
        .map(|number| (format!("p{number}"), reference(number)))
        .collect();
    let object = json!({ "type": "object", "properties": all });
    let schemas = (0..20)
        .map(|number| (format!("Step{number}"), object.clone()))
        .collect();
    let shaped = shaped(&sends(&reference(0)), &schemas).unwrap();
    assert_eq!(shaped.bodies.len(), 20);
}

#[test]
fn never_aliases_of_lists_were_inlined_once_for_each_way_to_them() {
    let schemas =
        ladder(|next| json!({ "type": "array", "items": next, "additionalProperties": next }));
    let body = json!({ "type": "object", "properties": { "list": reference(0) } });
    let shaped = in_time(|| shaped(&responds(&body), &schemas));
    // What stands there for objects says nothing of a list.
    assert!(shaped.unwrap().document.to_string().len() < 10_000);
}

#[test]
fn never_the_shapes_of_a_parameter_were_looked_at_in_every_combination() {
    let schemas = ladder(|next| json!({ "anyOf": vec![next; 12] }));
    let paths = json!({ "/a": { "get": {
        "parameters": [{ "name": "q", "in": "query", "schema": reference(0) }],
        "responses": { "204": { "description": "D" } },
    } } });
    assert!(shaped(&paths, &schemas).is_err());
}

#[test]
fn never_a_large_path_item_was_inlined_however_often_it_is_referred_to() {
    let text = json!({ "type": "string" });
    let many: Map<String, Value> = (0..500)
        .map(|number| (format!("p{number}"), text.clone()))
        .collect();
    let mut paths = responds(&json!({ "type": "object", "properties": many }));
    for number in 0..2_000 {
        paths[format!("/a{number}")] = json!({ "$ref": "#/paths/~1a" });
    }
    let problems = shaped(&paths, &json!({})).unwrap_err();
    let first = problems.iter().next().unwrap().to_string();
    assert!(first.contains("makes the document too large"), "{first}");
}

#[test]
fn never_data_in_a_list_that_looks_like_a_reference_to_it_had_no_end() {
    let list = json!({ "type": "array", "items": { "type": "string" }, "x-any": reference(0), "examples": [reference(0)] });
    let schemas = json!({ "Step0": list });
    let response = json!({ "type": "object", "properties": { "list": reference(0) } });
    let shaped = shaped(&responds(&response), &schemas).unwrap();
    let response = &shaped.document["components"]["schemas"]["GetAResponse"];
    assert_eq!(response["properties"]["list"]["items"]["type"], "string");
}

/// Time that is ten times that of a slow machine, and a tenth of what the square of a number takes.
#[track_caller]
fn in_time<T>(run: impl FnOnce() -> T) -> T {
    let started = Instant::now();
    let result = run();
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
    result
}

#[test]
fn never_the_values_of_an_enum_were_compared_each_with_each() {
    for value in ["value {}", "{}-", "{} "] {
        let values: Vec<String> = (0..40_000)
            .map(|number| value.replace("{}", &number.to_string()))
            .chain((0..400).map(|number| "-".repeat(number)))
            .collect();
        let of = json!({ "type": "object", "properties": { "e": { "enum": values } } });
        let shaped = in_time(|| shaped(&sends(&of), &json!({}))).unwrap();
        assert_eq!(shaped.enums[0].variants.len(), 40_400);
    }
}

#[test]
fn never_a_chain_of_types_was_followed_from_each_of_them() {
    const LONG: usize = 5_000;
    let chain = |of: &dyn Fn(Value) -> Value, last: Value| -> Value {
        let steps = (0..LONG).map(|number| (format!("Step{number}"), of(reference(number + 1))));
        steps.chain([(format!("Step{LONG}"), last)]).collect()
    };
    let list = |of: Value| json!({ "type": "array", "items": of });
    let object = |of: Value| json!({ "type": "object", "properties": { "next": of } });
    let text = json!({ "type": "string" });

    let lists = in_time(|| shaped(&sends(&reference(0)), &chain(&list, text.clone())));
    let problems = lists.unwrap_err();
    let first = problems.iter().next().unwrap().to_string();
    assert!(
        first.contains("more than 100 of them, each in the next"),
        "{first}"
    );

    let objects = in_time(|| shaped(&sends(&reference(0)), &chain(&object, text))).unwrap();
    assert_eq!(objects.bodies.len(), LONG);
    let round = in_time(|| shaped(&sends(&reference(0)), &chain(&list, reference(0)))).unwrap();
    assert!(round.bodies.is_empty());
}

#[test]
fn never_an_object_of_many_properties_overflowed_the_stack_of_the_printer() {
    let many: Map<String, Value> = (0..20_000)
        .map(|number| (format!("p{number}"), json!({ "type": "string" })))
        .collect();
    let of = json!({ "type": "object", "properties": many });
    let problems = in_time(|| shaped(&sends(&of), &json!({}))).unwrap_err();
    let first = problems.iter().next().unwrap().to_string();
    assert!(first.contains("20000 properties"), "{first}");
}

#[test]
fn never_a_target_took_longer_than_anyone_waits() {
    let overlay = |target: &str| {
        let text = json!({ "overlay": "1.0.0", "actions": [{ "target": target, "description": "D", "remove": true }] });
        in_time(|| Overlay::parse(&text.to_string(), "overlay.json")).map(drop)
    };
    for target in [
        format!("$[?{}@.a{}]", "(".repeat(20_000), ")".repeat(20_000)),
        format!("$[?{}@.a{}]", "(".repeat(30), ")".repeat(30)),
        format!("${}", "[?@".repeat(20)),
        "$..a..b..c..d..e".to_owned(),
        "$..[?match(@.a, '((a{99}){99}){99}')]".to_owned(),
        format!("$.a{}", "[0]".repeat(5_000)),
    ] {
        let error = overlay(&target).unwrap_err().to_string();
        assert!(
            error.contains("a target") || error.contains("regular"),
            "{error}"
        );
    }
    let nested = format!("$[?{}@.a{}]", "(".repeat(7), ")".repeat(7));
    for target in [
        "$.paths['/search(q)?..?..(((((((((']",
        "$..[?@..a]",
        &nested,
    ] {
        overlay(target).unwrap();
    }
}
