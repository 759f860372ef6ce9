//! Sharing, recursion and size.

use serde_json::{Map, Value, json};

use crate::documents::{compared, document, with_schema_at, yaml};

/// The documents of a change in the components, which one response refers to as `Root`.
fn in_components(base: &str, revision: &str) -> [Value; 2] {
    [base, revision].map(|components| {
        with_schema_at(
            "response-body-",
            &json!({"$ref": "#/components/schemas/Root"}),
            &yaml(components),
        )
    })
}

#[test]
fn a_recursive_schema_is_compared_once() {
    let [base, revision] = in_components(
        "{Root: {type: object, properties: {value: {type: string}, left: {$ref: '#/components/schemas/Root'}, others: {type: array, items: {$ref: '#/components/schemas/Root'}}}}}",
        "{Root: {type: object, properties: {value: {type: [string, 'null']}, left: {$ref: '#/components/schemas/Root'}, others: {type: array, items: {$ref: '#/components/schemas/Root'}}}}}",
    );
    let report = compared(&base, &revision);
    let places: Vec<_> = report
        .iter()
        .filter_map(|finding| finding.property.as_deref())
        .collect();
    // At the eight nearest places.
    assert_eq!(
        places,
        [
            "left.left.left.left.value",
            "left.left.left.value",
            "left.left.value",
            "left.others[].value",
            "left.value",
            "others[].left.value",
            "others[].value",
            "value"
        ]
    );
    assert!(
        report
            .iter()
            .all(|finding| finding.id == "response-property-became-nullable")
    );
    assert_eq!(report.groups().len(), 1);
}

#[test]
fn two_schemas_that_hold_each_other_are_both_reported_wherever_one_is_met() {
    let components = |flag: &str| {
        format!(
            "{{Root: {{type: object, properties: {{a: {{$ref: '#/components/schemas/Other'}}}}}}, Other: {{type: object, properties: {{b: {{$ref: '#/components/schemas/Root'}}, c: {{type: {flag}}}}}}}}}"
        )
    };
    let [mut base, mut revision] = in_components(&components("integer"), &components("number"));
    for document in [&mut base, &mut revision] {
        document["paths"]["/b"]["get"] = yaml(
            "{responses: {'200': {content: {a/b: {schema: {$ref: '#/components/schemas/Other'}}}}}}",
        );
    }
    let report = compared(&base, &revision);
    let at = |path: &str| {
        report
            .iter()
            .filter(|finding| finding.path.as_deref() == Some(path))
            .filter_map(|f| f.property.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(at("/a")[0], "a.b.a.b.a.b.a.b.a.b.a.b.a.b.a.c");
    assert!(at("/a").contains(&"a.c".to_owned()));
    assert!(at("/b").contains(&"c".to_owned()));
}

#[test]
fn a_shared_change_is_reported_for_each_operation_and_grouped_into_one() {
    let documents = [json!("string"), json!(["string", "null"])].map(|kind| {
        let mut all = document("{}");
        all["components"]["schemas"]["Thing"] = json!({"type": "object", "properties": {"name": {"type": kind}}});
        for n in 0..50 {
            all["paths"][format!("/things/{n}")]["get"] = yaml("{responses: {'200': {content: {a/b: {schema: {$ref: '#/components/schemas/Thing'}}}}}}");
        }
        all
    });
    let report = compared(&documents[0], &documents[1]);
    assert_eq!(report.len(), 50);
    let groups = report.groups();
    assert_eq!((groups.len(), groups[0].findings().len()), (1, 50));
    assert_eq!(
        groups[0]
            .first()
            .revision_pointer
            .as_ref()
            .map(ToString::to_string)
            .as_deref(),
        Some("#/components/schemas/Thing/properties/name/type")
    );
}

/// Schemas each of which refers to the next twice: as many ways through them as there are powers of
/// two.
fn doubling(keyword: &str, levels: usize, last: Value) -> Value {
    let mut components = Map::new();
    for level in 0..levels {
        let name = if level == 0 {
            "Root".to_owned()
        } else {
            format!("L{level}")
        };
        let next = json!({"$ref": format!("#/components/schemas/L{}", level + 1)});
        let schema = match keyword {
            "properties" => json!({"type": "object", "properties": {"a": next, "b": next}}),
            keyword => json!({keyword: [next, next.clone()]}),
        };
        components.insert(name, schema);
    }
    components.insert(format!("L{levels}"), last);
    with_schema_at(
        "response-body-",
        &json!({"$ref": "#/components/schemas/Root"}),
        &Value::Object(components),
    )
}

#[test]
fn paths_that_double_with_every_level_do_not_double_the_work() {
    // With 60 levels nobody lives to see the end of what doubles.
    for keyword in ["properties", "allOf", "oneOf", "anyOf"] {
        let [base, revision] = [json!({"type": "string"}), json!({"type": "integer"})]
            .map(|last| doubling(keyword, 60, last));
        let report = compared(&base, &revision);
        assert!(
            (1..=8).contains(&report.len()),
            "{keyword}: {}",
            report.len()
        );
        assert!(
            report
                .iter()
                .all(|finding| finding.id.ends_with("type-changed")),
            "{keyword}: {report:?}"
        );
    }
}
