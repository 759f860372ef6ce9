//! What other tools are known to miss or to report for nothing.

use openapi_diff::Level::{Breaking, Info, Warning};
use serde_json::json;

use crate::documents::{compared, found, operation, with_schema_at, yaml};

/// What is found of a schema in a response, with its property.
fn found_in_response(
    base: &str,
    revision: &str,
    components: [&str; 2],
) -> Vec<(&'static str, Option<String>)> {
    let document = |schema: &str, components: &str| {
        with_schema_at("response-body-", &yaml(schema), &yaml(components))
    };
    let report = compared(
        &document(base, components[0]),
        &document(revision, components[1]),
    );
    report
        .iter()
        .map(|finding| (finding.id, finding.property.clone()))
        .collect()
}

const PETS: &str = "{Cat: {type: object, required: [kind, lives], properties: {kind: {const: cat}, lives: {type: integer}}}, Dog: {type: object, required: [kind], properties: {kind: {const: dog}, tricks: {type: array, items: {type: string}}}}}";

#[test]
fn a_change_inside_an_alternative_is_found_at_its_property() {
    let one_of =
        "{oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]}";
    let changed = PETS
        .replace("lives: {type: integer}", "lives: {type: number}")
        .replace(
            "items: {type: string}",
            "items: {type: string, nullable: true}",
        );
    assert_eq!(
        found_in_response(one_of, one_of, [PETS, &changed]),
        [
            (
                "response-property-type-generalized",
                Some("lives".to_owned())
            ),
            (
                "response-property-became-nullable",
                Some("tricks[]".to_owned())
            ),
        ]
    );
}

#[test]
fn alternatives_are_matched_by_what_they_allow_whatever_their_order_and_names() {
    let base = "{oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]}";
    let revision = "{oneOf: [{$ref: '#/components/schemas/Hound'}, {$ref: '#/components/schemas/Feline'}, {type: object, required: [kind], properties: {kind: {const: bird}}}]}";
    let renamed = PETS
        .replace("Cat", "Feline")
        .replace("Dog", "Hound")
        .replace("tricks", "skills");
    assert_eq!(
        found_in_response(base, revision, [PETS, &renamed]),
        [
            ("response-body-one-of-added", None),
            (
                "response-optional-property-removed",
                Some("tricks".to_owned())
            ),
            (
                "response-optional-property-added",
                Some("skills".to_owned())
            ),
        ]
    );
}

#[test]
fn null_through_one_of_is_null_and_no_alternative() {
    for nullable in [
        "{oneOf: [{$ref: '#/components/schemas/Cat'}, {type: 'null'}]}",
        "{anyOf: [{type: 'null'}, {$ref: '#/components/schemas/Cat'}]}",
        "{allOf: [{$ref: '#/components/schemas/Cat'}], nullable: true}",
        "{oneOf: [{$ref: '#/components/schemas/Cat'}, {enum: [null]}]}",
        "{$ref: '#/components/schemas/Cat', nullable: true}",
    ] {
        assert_eq!(
            found_in_response("{$ref: '#/components/schemas/Cat'}", nullable, [PETS, PETS]),
            [("response-body-became-nullable", None)],
            "{nullable}"
        );
        for other in [
            "{oneOf: [{type: 'null'}, {$ref: '#/components/schemas/Cat'}]}",
            nullable,
        ] {
            assert_eq!(found_in_response(nullable, other, [PETS, PETS]), []);
        }
    }
}

#[test]
fn all_of_is_one_schema_whatever_its_parts_are_called_and_where_they_are_cut() {
    let parts = "{Base: {type: object, required: [a], properties: {a: {type: string, maxLength: 9}}}, More: {properties: {b: {type: integer}}}}";
    let flat = "{type: object, required: [a], properties: {a: {type: string, maxLength: 5, minLength: 1}, b: {type: integer}}}";
    let cut = "{allOf: [{$ref: '#/components/schemas/More'}, {$ref: '#/components/schemas/Base'}, {properties: {a: {maxLength: 5, minLength: 1}}}]}";
    assert_eq!(found_in_response(flat, cut, ["{}", parts]), []);
    assert_eq!(found_in_response(cut, flat, [parts, "{}"]), []);
    let wider = parts
        .replace("a: {type: string", "a: {type: [string, 'null']")
        .replace("Base", "Stem");
    let wider_cut = cut
        .replace("Base", "Stem")
        .replace("a: {maxLength: 5", "a: {maxLength: 7");
    assert_eq!(
        found_in_response(cut, &wider_cut, [parts, &wider]),
        [
            ("response-property-became-nullable", Some("a".to_owned())),
            (
                "response-property-max-length-increased",
                Some("a".to_owned())
            ),
        ]
    );
}

#[test]
fn enums_in_deep_objects_are_compared() {
    let document = |values: &str| {
        operation(&format!(
            "{{parameters: [{{name: filter, in: query, style: deepObject, schema: {{type: object, properties: {{status: {{type: object, properties: {{in: {{type: array, items: {{enum: {values}}}}}}}}}}}}}}}]}}"
        ))
    };
    let report = compared(&document("[open, done]"), &document("[open, closed]"));
    let found: Vec<_> = report
        .iter()
        .map(|f| (f.id, f.property.as_deref(), f.message.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            (
                "request-parameter-property-enum-value-removed",
                Some("status.in[]"),
                "the value `done` is removed; was it renamed to `closed`?"
            ),
            (
                "request-parameter-property-enum-value-added",
                Some("status.in[]"),
                "the value `closed` is new; was `done` renamed to it?"
            ),
        ]
    );
}

#[test]
fn renaming_a_component_changes_the_implied_discriminator_value() {
    let untagged = "{Cat: {type: object, properties: {kind: {type: string}, a: {}}}, Dog: {type: object, properties: {kind: {type: string}, b: {}}}}";
    let union = |dog: &str, mapping: &str| {
        format!(
            "{{discriminator: {{propertyName: kind{mapping}}}, oneOf: [{{$ref: '#/components/schemas/Cat'}}, {{$ref: '#/components/schemas/{dog}'}}]}}"
        )
    };
    let renamed = |components: &str| components.replace("Dog", "Hound");
    let unmapped = found_in_response(
        &union("Dog", ""),
        &union("Hound", ""),
        [untagged, &renamed(untagged)],
    );
    assert_eq!(
        unmapped,
        [
            ("response-body-discriminator-mapping-added", None),
            ("response-body-discriminator-mapping-deleted", None)
        ]
    );
    // A mapping, or a constant in the schema, says what is sent; then the name of the component
    // does not.
    let mapped = |dog: &str| {
        union(
            dog,
            &format!(", mapping: {{dog: '#/components/schemas/{dog}'}}"),
        )
    };
    assert_eq!(
        found_in_response(
            &mapped("Dog"),
            &mapped("Hound"),
            [untagged, &renamed(untagged)]
        ),
        []
    );
    assert_eq!(
        found_in_response(
            &union("Dog", ""),
            &union("Hound", ""),
            [PETS, &renamed(PETS)]
        ),
        []
    );
}

#[test]
fn a_message_asks_whether_a_property_was_renamed() {
    let schema = |name: &str| {
        format!(
            "{{type: object, required: [{name}], properties: {{{name}: {{type: string, maxLength: 3}}}}}}"
        )
    };
    let document = |name: &str| with_schema_at("response-body-", &yaml(&schema(name)), &json!({}));
    let report = compared(&document("colour"), &document("color"));
    assert_eq!(
        report.findings()[0].message,
        "`colour` is removed; was it renamed to `color`?"
    );
    assert_eq!(
        found(&report),
        [
            ("response-required-property-added", Info),
            ("response-required-property-removed", Breaking)
        ]
    );
}

#[test]
fn a_renamed_property_is_found_among_others_unless_two_could_be_it() {
    let messages = |before: &str, after: &str| {
        let document = |properties: &str| {
            let schema =
                format!("{{type: object, required: [legs], properties: {{{properties}}}}}");
            with_schema_at("response-body-", &yaml(&schema), &json!({}))
        };
        let report = compared(&document(before), &document(after));
        let messages = report.findings().iter().map(|finding| &finding.message);
        let removed = messages.filter(|message| message.contains("is removed"));
        removed.cloned().collect::<Vec<_>>()
    };
    let with_another = "color: {type: string}, legs: {type: integer}, age: {type: integer}";
    assert_eq!(
        messages("colour: {type: string}", with_another),
        ["`colour` is removed; was it renamed to `color`?"]
    );
    assert_eq!(
        messages(
            "colour: {type: string}",
            "color: {type: string}, fur: {type: string}"
        ),
        ["`colour` is removed"]
    );
    assert_eq!(
        messages(
            "colour: {type: string}, fur: {type: string}",
            "color: {type: string}"
        ),
        ["`colour` is removed", "`fur` is removed"]
    );
}

#[test]
fn a_schema_of_requests_and_responses_is_compared_by_the_rules_of_each() {
    let document = |schema: &str| {
        let content = format!("{{content: {{application/json: {{schema: {schema}}}}}}}");
        operation(&format!(
            "{{requestBody: {content}, responses: {{'200': {content}}}}}"
        ))
    };
    let report = compared(
        &document("{type: object, properties: {a: {type: string}}}"),
        &document("{type: object, properties: {a: {type: [string, 'null']}}}"),
    );
    assert_eq!(
        found(&report),
        [
            ("request-property-became-nullable", Info),
            ("response-property-became-nullable", Breaking)
        ]
    );
    let report = compared(
        &document("{type: object, properties: {a: {type: string}}}"),
        &document("{type: object}"),
    );
    assert_eq!(
        found(&report),
        [
            ("request-property-removed", Warning),
            ("response-optional-property-removed", Warning)
        ]
    );
}
