//! Each row of the table of keywords: what it becomes in OpenAPI 3.0, or how it is refused.

use openapi_pipeline::canonical;
use openapi_pipeline::lower::{leniently, lower};
use openapi_pipeline::normalise::normalise;
use openapi_pipeline::overlay::{Overlay, apply};
use serde_json::{Value, json};

use crate::document::{schema, with, with_schema, yaml};

/// What is written, what it becomes; both as YAML.
#[rustfmt::skip]
const SCHEMAS: &[(&str, &str)] = &[
    // Null.
    ("{type: [string, 'null']}",                             "{type: string, nullable: true}"),
    ("{type: string, nullable: true}",                       "{type: string, nullable: true}"),
    ("{type: [string, 'null'], enum: [a, b]}",               "{type: string, nullable: true, enum: [a, b, null]}"),
    ("{type: 'null'}",                                       "{nullable: true, enum: [null]}"),
    ("{nullable: true, minimum: 0}",                         "{type: number, nullable: true, minimum: 0}"),
    ("{anyOf: [{$ref: '#/components/schemas/Pet'}, {type: 'null'}]}",
                                                             "{allOf: [{$ref: '#/components/schemas/Pet'}], nullable: true}"),
    ("{oneOf: [{$ref: '#/components/schemas/Pet'}, {$ref: '#/components/schemas/Owner'}, {type: 'null'}]}",
                                                             "{oneOf: [{$ref: '#/components/schemas/Pet'}, {$ref: '#/components/schemas/Owner'}], nullable: true}"),
    ("{anyOf: [{allOf: [{$ref: '#/components/schemas/Pet'}, {$ref: '#/components/schemas/Owner'}]}, {type: 'null'}], description: d}",
                                                             "{allOf: [{$ref: '#/components/schemas/Pet'}, {$ref: '#/components/schemas/Owner'}], nullable: true, description: d}"),
    ("{type: object, anyOf: [{required: [a]}, {required: [b]}], nullable: true}",
                                                             "{type: object, anyOf: [{required: [a]}, {required: [b]}], nullable: true}"),
    // Several types.
    ("{type: [string, integer]}",                            "{oneOf: [{type: integer}, {type: string}]}"),
    ("{type: [string, integer, 'null'], description: d}",    "{oneOf: [{type: integer}, {type: string}], nullable: true, description: d}"),
    ("{type: [string, integer], minLength: 1, minimum: 0, format: int32, default: 1}",
                                                             "{oneOf: [{type: integer, minimum: 0, format: int32}, {type: string, minLength: 1}], default: 1}"),
    ("{type: [string, array, object], format: uuid, items: {type: [string, 'null']}, properties: {a: {const: 1}}}",
                                                             "{oneOf: [{type: array, items: {type: string, nullable: true}}, {type: object, properties: {a: {type: integer, enum: [1]}}}, {type: string, format: uuid}]}"),
    ("{type: [string, array]}",                              "{oneOf: [{type: array, items: {}}, {type: string}]}"),
    ("{type: [integer, number]}",                            "{type: number}"),
    ("{enum: [1, a, null]}",                                 "{oneOf: [{type: integer, enum: [1]}, {type: string, enum: [a]}], nullable: true}"),
    ("{enum: [1, 1.5]}",                                     "{type: number, enum: [1, 1.5]}"),
    ("{type: [string, boolean], enum: [a]}",                 "{type: string, enum: [a]}"),
    ("{type: object, properties: {a: false, b: true}}",      "{type: object, properties: {b: {}}}"),
    ("{type: array, items: false}",                          "{type: array, items: {}, maxItems: 0}"),
    ("{type: [string, boolean], oneOf: [{maxLength: 1}, {minLength: 3}]}",
                                                             "{allOf: [{oneOf: [{type: boolean}, {type: string}]}], oneOf: [{maxLength: 1}, {minLength: 3}]}"),
    // References.
    ("{$ref: '#/components/schemas/Pet'}",                   "{$ref: '#/components/schemas/Pet'}"),
    ("{$ref: '#/components/schemas/Pet', description: d}",   "{allOf: [{$ref: '#/components/schemas/Pet'}], description: d}"),
    ("{$ref: '#/components/schemas/Pet', x-a: 1, default: {}}", "{allOf: [{$ref: '#/components/schemas/Pet'}], x-a: 1, default: {}}"),
    ("{$ref: '#/components/schemas/Pet', allOf: [{required: [a]}]}",
                                                             "{allOf: [{$ref: '#/components/schemas/Pet'}, {required: [a]}]}"),
    ("{$ref: '#/components/schemas/Pet', nullable: true, description: d}",
                                                             "{allOf: [{$ref: '#/components/schemas/Pet'}], nullable: true, description: d}"),
    // Bounds.
    ("{type: number, exclusiveMinimum: 0}",                  "{type: number, minimum: 0, exclusiveMinimum: true}"),
    ("{type: number, exclusiveMinimum: 0, minimum: 1}",      "{type: number, minimum: 1}"),
    ("{type: number, exclusiveMinimum: 1, minimum: 1}",      "{type: number, minimum: 1, exclusiveMinimum: true}"),
    ("{type: number, exclusiveMaximum: 5, maximum: 9}",      "{type: number, maximum: 5, exclusiveMaximum: true}"),
    ("{type: number, exclusiveMaximum: 9, maximum: 5}",      "{type: number, maximum: 5}"),
    // One value, examples, content.
    ("{const: a}",                                           "{type: string, enum: [a]}"),
    ("{type: string, examples: [a, b]}",                     "{type: string, example: a}"),
    ("{type: string, contentEncoding: base64}",              "{type: string, format: byte}"),
    ("{type: string, contentEncoding: base64, contentMediaType: image/png}", "{type: string, format: byte}"),
    ("{type: string, contentMediaType: image/png}",          "{type: string, format: binary}"),
    ("{contentMediaType: image/png}",                        "{type: string, format: binary}"),
    ("{type: string, contentMediaType: application/json, contentSchema: {type: object}}", "{type: string}"),
    ("{type: string, contentEncoding: base64url}",           "{type: string}"),
    // Booleans and what OpenAPI 3.0 demands.
    ("true",                                                 "{}"),
    ("{type: object, additionalProperties: false}",          "{type: object, additionalProperties: false}"),
    ("{type: object, additionalProperties: {type: [string, 'null']}}", "{type: object, additionalProperties: {type: string, nullable: true}}"),
    ("{type: array}",                                        "{type: array, items: {}}"),
    // What says nothing about the wire.
    ("{type: object, $schema: 'https://json-schema.org/draft/2020-12/schema', $comment: c, unevaluatedProperties: false}", "{type: object}"),
    ("{type: array, items: {}, unevaluatedItems: true}",     "{type: array, items: {}}"),
    // Limits that no type expresses.
    ("{type: object, if: {required: [a]}, then: {required: [b]}, else: {}, dependentSchemas: {a: {}}, dependentRequired: {a: [b]}}", "{type: object}"),
    ("{type: array, items: {}, contains: {type: string}, minContains: 1, maxContains: 2}", "{type: array, items: {}}"),
    ("{type: object, propertyNames: {maxLength: 3}, unevaluatedProperties: {type: string}, not: {required: [a]}}", "{type: object}"),
    ("{type: object, required: [never], properties: {never: false}}", "{type: object, required: [never], properties: {never: {}}}"),
    // Entries by position and properties by pattern.
    ("{prefixItems: [{type: string}, {type: integer}]}",     "{type: array, items: {}}"),
    ("{prefixItems: [{type: string}, {type: integer}], items: false}",
                                                             "{type: array, items: {anyOf: [{type: string}, {type: integer}]}, maxItems: 2}"),
    ("{prefixItems: [{type: string}, {type: string}], items: {type: string}}", "{type: array, items: {type: string}}"),
    ("{type: object, patternProperties: {'^x': {type: string}}}", "{type: object, additionalProperties: {type: string}}"),
    ("{patternProperties: {'^x': {type: string}, '^y': {type: integer}}, additionalProperties: false}",
                                                             "{type: object, additionalProperties: {anyOf: [{type: string}, {type: integer}]}}"),
    ("{type: object, patternProperties: {'^x': {type: string}}, additionalProperties: true}",
                                                             "{type: object, additionalProperties: true}"),
    // Types that other keywords imply, and integers that are too large to be signed.
    ("{properties: {a: {}}}",                                "{type: object, properties: {a: {}}}"),
    ("{items: {type: string}}",                              "{type: array, items: {type: string}}"),
    ("{additionalProperties: {type: string}}",               "{type: object, additionalProperties: {type: string}}"),
    ("{properties: {a: {}}, oneOf: [{required: [a]}]}",      "{properties: {a: {}}, allOf: [{required: [a]}], type: object}"),
    ("{type: integer, maximum: 18446744073709551615}",       "{type: integer, format: uint64, maximum: 18446744073709551615}"),
    ("{type: integer, minimum: -5, maximum: 18446744073709551615}", "{type: integer, minimum: -5, maximum: 18446744073709551615}"),
    // What stays.
    ("{type: string, format: email, pattern: a, minLength: 1, maxLength: 2, title: t, description: d, default: a, deprecated: true, readOnly: true, x-any: {$id: 1}}",
                                                             "{type: string, format: email, pattern: a, minLength: 1, maxLength: 2, title: t, description: d, default: a, deprecated: true, readOnly: true, x-any: {$id: 1}}"),
    ("{type: object, minProperties: 1, maxProperties: 2, xml: {name: a}, externalDocs: {url: u}, discriminator: {propertyName: p}, required: [p]}",
                                                             "{type: object, minProperties: 1, maxProperties: 2, xml: {name: a}, externalDocs: {url: u}, discriminator: {propertyName: p}, required: [p]}"),
];

#[test]
fn schemas_are_written_as_in_3_0() {
    for (written, expected) in SCHEMAS {
        let lowered = lower(&with_schema(yaml(written)))
            .unwrap_or_else(|problems| panic!("{written}:\n{problems}"));
        assert_eq!(schema(&lowered), &yaml(expected), "{written}");
    }
}

#[test]
fn a_lowered_document_is_unchanged() {
    for (written, _) in SCHEMAS {
        let once = lower(&with_schema(yaml(written))).unwrap();
        assert_eq!(lower(&once).unwrap(), once, "{written}");
    }
}

#[test]
fn schemas_of_response_headers_are_lowered_whatever_their_name() {
    let document = with(
        "/a: {get: {responses: {'200': {description: '', headers: {x-request-id: {schema: {type: [string, 'null']}}}}}}}",
        "headers: {x-limit: {schema: {type: [integer, 'null'], exclusiveMinimum: 0}}}",
    );
    let lowered = lower(&document).unwrap();
    let header = &lowered["paths"]["/a"]["get"]["responses"]["200"]["headers"]["x-request-id"];
    assert_eq!(header["schema"], yaml("{type: string, nullable: true}"));
    assert_eq!(
        lowered["components"]["headers"]["x-limit"]["schema"],
        yaml("{type: integer, nullable: true, minimum: 0, exclusiveMinimum: true}")
    );
}

#[test]
fn what_openapi_does_not_know_can_be_ignored_and_is_noted() {
    let document = with(
        "/a: {get: {frobnicate: 1, parameters: [{$ref: '#/components/parameters/P', required: true}], responses: {}}, query: {}}",
        "{parameters: {P: {name: p, in: query, description: null, schema: {maxlength: 3}}}}",
    );
    let (lowered, notes) = leniently(&document).unwrap();
    let places: Vec<String> = notes.iter().map(|note| note.pointer.to_string()).collect();
    let expected = [
        "#/components/parameters/P/description",
        "#/components/parameters/P/schema/maxlength",
        "#/paths/~1a/get/frobnicate",
        "#/paths/~1a/get/parameters/0/required",
        "#/paths/~1a/query",
    ];
    assert_eq!(places, expected);
    assert_eq!(lowered["paths"]["/a"].as_object().unwrap().len(), 1);
    assert!(lower(&document).is_err());
}

#[test]
fn values_of_the_wrong_type_can_be_ignored_where_no_type_depends_on_them() {
    let mut document = with(
        "/a: {get: {tags: tea, deprecated: 'yes', responses: {'200': {description: '', headers: [], links: []}}}}",
        "{schemas: {S: {properties: {a: {type: string, required: true, examples: {a: 1}}}}}}",
    );
    document["tags"] = json!({});
    let (lowered, notes) = leniently(&document).unwrap();
    let places: Vec<String> = notes.iter().map(|note| note.pointer.to_string()).collect();
    let expected = [
        "#/components/schemas/S/properties/a/examples",
        "#/components/schemas/S/properties/a/required",
        "#/paths/~1a/get/deprecated",
        "#/paths/~1a/get/responses/200/headers",
        "#/paths/~1a/get/responses/200/links",
        "#/paths/~1a/get/tags",
        "#/tags",
    ];
    assert_eq!(places, expected);
    let property = &lowered["components"]["schemas"]["S"]["properties"]["a"];
    assert_eq!(property, &json!({"type": "string"}));
}

#[test]
fn keywords_without_effect_on_the_wire_are_left_out() {
    let mut document = with(
        "/a: {get: {parameters: [{$ref: '#/components/parameters/P', description: prose}], security: [{cert: [], key: []}], responses: {}}}",
        "parameters: {P: {name: p, in: query, schema: {type: string, $comment: c}}}
securitySchemes: {cert: {type: mutualTLS}, key: {type: http, scheme: bearer}}
schemas: {S: {type: string, $schema: s}}
",
    );
    document["webhooks"] = json!({"w": {"post": {"requestBody": {"content": {"a/b": {"schema": {"prefixItems": []}}}}}}});
    document["jsonSchemaDialect"] = json!("d");
    document["security"] = json!([{"cert": []}]);
    document["info"]["summary"] = json!("s");
    document["info"]["license"] = json!({"name": "MIT", "identifier": "MIT"});
    insta::assert_snapshot!(canonical::text(&lower(&document).unwrap()));
}

#[test]
fn implied_keywords_are_added() {
    let document = json!({
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "components": {"responses": {"R": {}}, "pathItems": {"I": {}}},
    });
    let lowered = lower(&document).unwrap();
    assert_eq!(lowered["openapi"], "3.0.3");
    assert_eq!(lowered["paths"], json!({}));
    assert_eq!(lowered["components"]["responses"]["R"]["description"], "");
    let lowered = lower(&with("/a: {get: {}}", "{}")).unwrap();
    assert_eq!(lowered["paths"]["/a"]["get"]["responses"], json!({}));
}

/// The problems of a schema, without the part of their places that is the same in all tests.
fn refusal(written: &str) -> String {
    match lower(&with_schema(yaml(written))) {
        Ok(lowered) => panic!("{written} became {}", schema(&lowered)),
        Err(problems) => problems.to_string(),
    }
}

#[test]
fn addresses_inside_schemas_are_refused() {
    insta::assert_snapshot!(refusal(
        "{$id: 'https://example.org/s', $anchor: a, $dynamicAnchor: d, $dynamicRef: '#d', $vocabulary: {}}"
    ));
}

#[test]
fn unknown_keywords_are_refused_everywhere() {
    let mut document = with(
        "/a b: {get: {frobnicate: 1, responses: {'200': {description: '', headers: {x-h: {kind: 1, schema: {type: string, maxlength: 3}}}}}}, query: {}}",
        "{parameter: {}}",
    );
    document["frob\"nicate"] = json!(1);
    insta::assert_snapshot!(lower(&document).unwrap_err());
}

#[test]
fn values_of_the_wrong_type_are_refused() {
    let mut document = with_schema(yaml(
        "{type: [strnig, 'null'], required: true, minLength: '1', maxLength: -1, minimum: a, exclusiveMinimum: a, enum: [], pattern: 1,
          deprecated: no-flag, nullable: 1, properties: [], allOf: {}, items: 1, examples: {a: 1}, description: {a: \"a description that is an object and far too long for one line of text\"}}",
    ));
    document["info"] = json!([]);
    insta::assert_snapshot!(lower(&document).unwrap_err());
}

#[test]
fn missing_keywords_are_reported() {
    let document = json!({
        "openapi": "3.1.0",
        "info": {},
        "paths": {"/a": {"get": {
            "parameters": [
                {"in": "query"},
                {"name": "q", "in": "query", "schema": {}, "content": {}},
                {"name": "q", "in": "query", "schema": {}},
            ],
            "responses": {"200": {"headers": {"h": {}}}},
        }}},
    });
    insta::assert_snapshot!(lower(&document).unwrap_err());
}

#[test]
fn a_contradiction_is_refused() {
    insta::assert_snapshot!(refusal(
        "{type: object, properties: {a: {enum: [a, b], const: c}, b: {type: [integer, boolean], enum: [x]}}}"
    ));
}

#[test]
fn siblings_of_a_reference_that_would_be_ignored_are_refused() {
    let document = with(
        "/a: {get: {parameters: [{$ref: '#/components/parameters/P', required: true}], responses: {}}}",
        "{parameters: {P: {name: p, in: query, schema: {}}}}",
    );
    insta::assert_snapshot!(lower(&document).unwrap_err());
}

#[test]
fn the_remedies_of_all_problems_together_resolve_them() {
    for written in [
        "{type: object, properties: {'a.b': {type: strnig}, \"it's\": {$id: 'a:b'}}}",
        "{$anchor: a, $dynamicAnchor: d, $dynamicRef: '#d', $vocabulary: {}, frobnicate: 1, x-fine: 1}",
        "{oneOf: [{type: strnig}, {enum: [a], const: b}, {required: true, minLength: a, properties: []}]}",
    ] {
        let document = normalise(&with_schema(yaml(written))).unwrap();
        let problems = lower(&document).expect_err(written);
        assert!(problems.iter().all(|problem| problem.remedy.is_some()));
        let remedies = problems.remedies().into_iter();
        let remedies: Vec<_> = remedies.map(ToString::to_string).collect();
        let overlay = format!("overlay: 1.0.0\nactions:\n{}\n", remedies.join("\n"));
        let overlay = Overlay::parse(&overlay, "remedies.yaml")
            .unwrap_or_else(|error| panic!("{error}\n{overlay}"));
        let resolved =
            apply(&document, &overlay).unwrap_or_else(|problems| panic!("{written}\n{problems}"));
        lower(&resolved).unwrap_or_else(|problems| panic!("{written}\n{problems}"));
    }
}

#[test]
fn examples_of_the_only_branch_give_way_to_those_beside_it() {
    let document = with_schema(yaml("{anyOf: [{examples: [a, 1]}], example: a}"));
    let once = lower(&document).unwrap();
    assert_eq!(schema(&once), &json!({ "example": "a" }));
    assert_eq!(lower(&once).unwrap(), once);
}

#[test]
fn a_remedy_names_a_key_with_control_characters_and_line_breaks_by_their_codes() {
    let document = with_schema(json!({ "t\u{7f}p\u{85}e\u{2028}x": "string" }));
    let problems = lower(&document).unwrap_err();
    let text = problems.to_string();
    assert!(!text.contains(|c: char| c.is_control() && c != '\n'));
    assert!(text.contains(r"S['t\u007fp\u0085e\u2028x']"), "{text}");
    let remedy = problems.remedies()[0];
    let overlay = format!("overlay: 1.0.0\nactions:\n{remedy}\n");
    let overlay = Overlay::parse(&overlay, "remedy.yaml").unwrap();
    apply(&document, &overlay).unwrap();
}

#[test]
fn a_problem_in_what_was_moved_is_at_a_place_of_the_document() {
    let document = with_schema(yaml(
        "{patternProperties: {'^x': {frobnicate: 1, properties: {a: {maxLength: a}}}}}",
    ));
    let document = normalise(&document).unwrap();
    let problems = lower(&document).unwrap_err();
    assert_eq!(problems.len(), 2);
    for problem in &problems {
        let place = document.pointer(problem.pointer.as_str());
        assert!(place.is_some(), "{problem}");
        // The place that it would change is gone.
        assert_eq!(problem.remedy, None);
    }
}

#[test]
fn the_order_of_keys_does_not_matter() {
    // In the order of insertion, should the build keep it, these two differ.
    let one: Value = serde_json::from_str(
        r##"{"$ref": "#/components/schemas/Pet", "nullable": true, "description": "d"}"##,
    )
    .unwrap();
    let other: Value = serde_json::from_str(
        r##"{"description": "d", "nullable": true, "$ref": "#/components/schemas/Pet"}"##,
    )
    .unwrap();
    assert_eq!(
        canonical::text(&lower(&with_schema(one)).unwrap()),
        canonical::text(&lower(&with_schema(other)).unwrap())
    );
}
