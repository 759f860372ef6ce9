//! Each row of the table in the documentation of `normalise`.

use openapi_pipeline::normalise::normalise;
use openapi_pipeline::{MAX_DEPTH, canonical};
use serde_json::{Value, json};

use crate::document::{schema, with, with_schema, yaml};

/// What is written, what it becomes; both as YAML.
#[rustfmt::skip]
const SCHEMAS: &[(&str, &str)] = &[
    // Null, of a known type.
    ("{type: string, nullable: true}",                          "{type: [string, 'null']}"),
    ("{type: ['null', string]}",                                "{type: [string, 'null']}"),
    ("{type: string, nullable: false}",                         "{type: string}"),
    ("{type: [string, 'null'], nullable: true}",                "{type: [string, 'null']}"),
    ("{anyOf: [{type: string, maxLength: 3}, {type: 'null'}]}", "{type: [string, 'null'], maxLength: 3}"),
    ("{oneOf: [{type: 'null'}, {type: string}]}",               "{type: [string, 'null']}"),
    ("{anyOf: [{type: string}, {enum: [null]}]}",               "{type: [string, 'null']}"),
    ("{anyOf: [{type: string}, {const: null}], description: d}", "{type: [string, 'null'], description: d}"),
    ("{anyOf: [{type: string, nullable: true}, {type: 'null'}]}", "{type: [string, 'null']}"),
    ("{type: object, nullable: true, properties: {a: {type: integer, nullable: true}}}",
                                                                "{type: [object, 'null'], properties: {a: {type: [integer, 'null']}}}"),
    // Null in an enum and in its type: said in one, meant in both.
    ("{type: string, nullable: true, enum: [a, b]}",            "{type: [string, 'null'], enum: [a, b, null]}"),
    ("{type: string, nullable: true, enum: [null, a, b]}",      "{type: [string, 'null'], enum: [a, b, null]}"),
    ("{type: [string, 'null'], enum: [a, b]}",                  "{type: [string, 'null'], enum: [a, b, null]}"),
    ("{type: string, enum: [a, null]}",                         "{type: [string, 'null'], enum: [a, null]}"),
    ("{enum: [a, b], nullable: true}",                          "{type: [string, 'null'], enum: [a, b, null]}"),
    ("{type: [string, 'null'], const: a}",                      "{type: [string, 'null'], enum: [a, null]}"),
    // Null, of no known type.
    ("{nullable: true}",                                        "{}"),
    ("{nullable: true, description: d}",                        "{description: d}"),
    ("{nullable: true, minimum: 0}",                            "{type: [number, 'null'], minimum: 0}"),
    ("{nullable: true, minLength: 1, format: uuid}",            "{type: [string, 'null'], minLength: 1, format: uuid}"),
    ("{nullable: true, properties: {a: {}}, required: [a]}",    "{type: [object, 'null'], properties: {a: {}}, required: [a]}"),
    ("{nullable: true, items: {}}",                             "{type: [array, 'null'], items: {}}"),
    ("{nullable: true, minLength: 1, minimum: 0}",              "{minLength: 1, minimum: 0}"),
    // Null beside a reference or a composition.
    ("{$ref: '#/components/schemas/Pet', nullable: true}",      "{anyOf: [{$ref: '#/components/schemas/Pet'}, {type: 'null'}]}"),
    ("{allOf: [{$ref: '#/components/schemas/Pet'}], nullable: true}", "{anyOf: [{$ref: '#/components/schemas/Pet'}, {type: 'null'}]}"),
    ("{oneOf: [{$ref: '#/components/schemas/Pet'}], nullable: true}", "{anyOf: [{$ref: '#/components/schemas/Pet'}, {type: 'null'}]}"),
    ("{oneOf: [{type: 'null'}, {$ref: '#/components/schemas/Pet'}]}", "{anyOf: [{$ref: '#/components/schemas/Pet'}, {type: 'null'}]}"),
    ("{anyOf: [{$ref: '#/components/schemas/Pet'}, {enum: [null]}], description: d}",
                                                                "{anyOf: [{$ref: '#/components/schemas/Pet'}, {type: 'null'}], description: d}"),
    ("{$ref: '#/components/schemas/Pet', nullable: true, description: d, x-a: 1}",
                                                                "{anyOf: [{$ref: '#/components/schemas/Pet'}, {type: 'null'}], description: d, x-a: 1}"),
    ("{type: object, allOf: [{$ref: '#/components/schemas/Pet'}], nullable: true}",
                                                                "{anyOf: [{$ref: '#/components/schemas/Pet', type: object}, {type: 'null'}]}"),
    ("{allOf: [{$ref: '#/components/schemas/Pet'}, {$ref: '#/components/schemas/Owner'}], nullable: true}",
                                                                "{anyOf: [{allOf: [{$ref: '#/components/schemas/Pet'}, {$ref: '#/components/schemas/Owner'}]}, {type: 'null'}]}"),
    ("{oneOf: [{$ref: '#/components/schemas/Pet'}, {$ref: '#/components/schemas/Owner'}], nullable: true}",
                                                                "{oneOf: [{$ref: '#/components/schemas/Pet'}, {$ref: '#/components/schemas/Owner'}, {type: 'null'}]}"),
    ("{anyOf: [{type: 'null'}, {type: string}, {type: integer}]}", "{anyOf: [{type: string}, {type: integer}, {type: 'null'}]}"),
    ("{oneOf: [{type: string, nullable: true}, {type: integer}], nullable: true}",
                                                                "{oneOf: [{type: [string, 'null']}, {type: integer}]}"),
    ("{oneOf: [{$ref: '#/components/schemas/Pet'}, {$ref: '#/components/schemas/Owner'}], discriminator: {propertyName: k}, nullable: true}",
                                                                "{oneOf: [{$ref: '#/components/schemas/Pet'}, {$ref: '#/components/schemas/Owner'}, {type: 'null'}], discriminator: {propertyName: k}}"),
    ("{anyOf: [{$ref: '#/components/schemas/Pet'}, {nullable: true}]}", "{anyOf: [{$ref: '#/components/schemas/Pet'}, {type: 'null'}]}"),
    ("{oneOf: [{type: string}, {nullable: true, description: d}]}", "{type: [string, 'null']}"),
    ("{anyOf: [{nullable: true}, {nullable: true}]}",           "{anyOf: [{}, {}]}"),
    // Null alone.
    ("{type: 'null'}",                                          "{type: 'null'}"),
    ("{const: null}",                                           "{type: 'null'}"),
    ("{enum: [null], nullable: true}",                          "{type: 'null'}"),
    // Compositions of one.
    ("{allOf: [{$ref: '#/components/schemas/Pet'}], description: d}", "{$ref: '#/components/schemas/Pet', description: d}"),
    ("{anyOf: [{type: string}]}",                               "{type: string}"),
    ("{allOf: [{type: string, description: inner}], description: outer}",
                                                                "{allOf: [{type: string, description: inner}], description: outer}"),
    // Types.
    ("{type: [string]}",                                        "{type: string}"),
    ("{type: [string, integer]}",                               "{type: [integer, string]}"),
    ("{type: [string, 'null', integer, string]}",               "{type: [integer, string, 'null']}"),
    // Enums.
    ("{const: a}",                                              "{type: string, enum: [a]}"),
    ("{type: string, const: a}",                                "{type: string, enum: [a]}"),
    ("{enum: [b, a, b]}",                                       "{type: string, enum: [b, a]}"),
    ("{enum: [1, a]}",                                          "{type: [integer, string], enum: [1, a]}"),
    ("{enum: [1, 1.5]}",                                        "{type: [integer, number], enum: [1, 1.5]}"),
    ("{enum: [a, b], const: a}",                                "{type: string, enum: [a]}"),
    ("{enum: [a, b], const: c}",                                "{type: string, enum: [a, b], const: c}"),
    // Exclusive bounds.
    ("{type: number, minimum: 0, exclusiveMinimum: true}",      "{type: number, exclusiveMinimum: 0}"),
    ("{type: number, maximum: 9, exclusiveMaximum: false}",     "{type: number, maximum: 9}"),
    ("{type: number, exclusiveMaximum: true}",                  "{type: number}"),
    ("{type: number, exclusiveMinimum: 1.5}",                   "{type: number, exclusiveMinimum: 1.5}"),
    // Counts.
    ("{type: string, minLength: 0.0, maxLength: 5.0}",          "{type: string, minLength: 0, maxLength: 5}"),
    ("{type: array, maxItems: 1.5, minItems: -1.0}",            "{type: array, maxItems: 1.5, minItems: -1.0}"),
    ("{type: number, maximum: 5.0, default: 5.0}",              "{type: number, maximum: 5.0, default: 5.0}"),
    // Examples.
    ("{type: string, example: a}",                              "{type: string, examples: [a]}"),
    ("{type: string, example: a, examples: [b]}",               "{type: string, examples: [a, b]}"),
    ("{type: string, example: b, examples: [a, b]}",            "{type: string, examples: [a, b]}"),
    ("{type: string, nullable: true, example: null}",           "{type: [string, 'null'], examples: [null]}"),
    // Content of strings.
    ("{type: string, format: byte}",                            "{type: string, contentEncoding: base64}"),
    ("{type: string, format: binary}",                          "{type: string, contentMediaType: application/octet-stream}"),
    ("{type: string, format: binary, contentMediaType: image/png}", "{type: string, format: binary, contentMediaType: image/png}"),
    // Boolean schemas.
    ("true",                                                    "{}"),
    ("false",                                                   "{not: {}}"),
    ("{type: object, additionalProperties: {}}",                "{type: object, additionalProperties: true}"),
    ("{type: object, additionalProperties: false}",             "{type: object, additionalProperties: false}"),
    ("{type: object, additionalProperties: {not: {}}, properties: {a: true, b: false}}",
                                                                "{type: object, additionalProperties: false, properties: {a: {}, b: {not: {}}}}"),
    // Required properties.
    ("{type: object, required: [b, a, b]}",                     "{type: object, required: [a, b]}"),
    ("{type: object, required: []}",                            "{type: object}"),
    // What looks like a keyword and is none, and what nobody knows.
    ("{type: object, properties: {nullable: {type: string}, const: {type: string}, $ref: {type: string}}}",
                                                                "{type: object, properties: {nullable: {type: string}, const: {type: string}, $ref: {type: string}}}"),
    ("{type: object, x-note: {nullable: true}, default: {nullable: true}, frobnicate: {nullable: true}}",
                                                                "{type: object, x-note: {nullable: true}, default: {nullable: true}, frobnicate: {nullable: true}}"),
];

#[test]
fn schemas_are_written_in_one_way() {
    for (written, expected) in SCHEMAS {
        let normal = normalise(&with_schema(yaml(written))).unwrap();
        assert_eq!(schema(&normal), &yaml(expected), "{written}");
    }
}

#[test]
fn a_normal_document_is_unchanged() {
    for (written, _) in SCHEMAS {
        let once = normalise(&with_schema(yaml(written))).unwrap();
        assert_eq!(normalise(&once).unwrap(), once, "{written}");
    }
}

/// One schema in every position that a document has for schemas.
const POSITIONS: &str = "
/pets/{id}:
  parameters: [{name: id, in: path, required: true, schema: SCHEMA}]
  post:
    parameters:
      - {name: filter, in: query, content: {application/json: {schema: SCHEMA}}}
    requestBody:
      content:
        multipart/form-data:
          schema: {type: object, properties: {a: SCHEMA}}
          encoding: {a: {headers: {x-part: {schema: SCHEMA}}}}
    responses:
      '200':
        description: ''
        headers: {x-request-id: {schema: SCHEMA}, X-Other: {content: {text/plain: {schema: SCHEMA}}}}
        content: {application/json: {schema: {type: array, items: SCHEMA}}}
    callbacks:
      done: {'{$request.body#/url}': {post: {requestBody: {content: {application/json: {schema: SCHEMA}}}}}}
";
const POSITIONS_IN_COMPONENTS: &str = "
schemas:
  x-named: SCHEMA
  All: {type: object, allOf: [SCHEMA, {}], anyOf: [SCHEMA, {}], oneOf: [SCHEMA, {}], additionalProperties: SCHEMA,
        properties: {x-property: SCHEMA}, patternProperties: {x-pattern: SCHEMA}, prefixItems: [SCHEMA], contains: SCHEMA,
        not: SCHEMA, if: SCHEMA, then: SCHEMA, else: SCHEMA, propertyNames: SCHEMA, dependentSchemas: {a: SCHEMA},
        unevaluatedProperties: SCHEMA, unevaluatedItems: SCHEMA, contentSchema: SCHEMA}
parameters: {P: {name: p, in: query, schema: SCHEMA}}
headers: {x-header: {schema: SCHEMA}}
requestBodies: {B: {content: {application/json: {schema: SCHEMA}}}}
responses: {R: {description: '', content: {application/json: {schema: SCHEMA}}}}
callbacks: {C: {'{$url}': {get: {responses: {'200': {description: '', content: {a/b: {schema: SCHEMA}}}}}}}}
";

#[test]
fn schemas_in_every_position_are_normalised() {
    let schema = "{type: string, nullable: true, x-here: {nullable: true}}";
    let mut document = with(
        &POSITIONS.replace("SCHEMA", schema),
        &POSITIONS_IN_COMPONENTS.replace("SCHEMA", schema),
    );
    document["webhooks"] =
        json!({"w": {"post": {"requestBody": {"content": {"a/b": {"schema": yaml(schema)}}}}}});
    let written = canonical::text(&document).matches("x-here").count();

    let normal = canonical::text(&normalise(&document).unwrap());
    let normalised = normal.matches("\"type\": [\n").count();
    assert_eq!(normalised, written);
    assert_eq!(
        normal.matches("nullable").count(),
        written,
        "only the extensions keep it:\n{normal}"
    );
}

#[test]
fn examples_and_extensions_are_not_mistaken_for_schemas() {
    let document = with(
        "{/a: {get: {x-schema: {schema: {type: string, nullable: true}}, responses: {'200': {description: '',
          content: {application/json: {example: {schema: {type: string, nullable: true}},
          examples: {one: {value: {schema: {nullable: true}}}}}}}}}}}",
        "{}",
    );
    let normal = normalise(&document).unwrap();
    assert_eq!(normal["paths"], canonical::sort(document["paths"].clone()));
}

#[test]
fn parameters_of_a_path_go_into_its_operations() {
    let document = with(
        "/a:
  parameters:
    - {name: id, in: path, description: of the path, schema: {type: string}}
    - {name: id, in: query, schema: {type: string}}
    - {$ref: '#/components/parameters/Limit'}
  get: {operationId: get}
  post:
    parameters:
      - {name: id, in: path, description: of the operation, schema: {type: string}}
      - {name: limit, in: query, schema: {type: string}}
",
        "{parameters: {Limit: {name: limit, in: query, schema: {type: integer}}}}",
    );
    let normal = normalise(&document).unwrap();
    let item = &normal["paths"]["/a"];
    assert_eq!(item.get("parameters"), None);
    assert_eq!(
        item["get"]["parameters"],
        document["paths"]["/a"]["parameters"]
    );
    let expected = yaml(
        "[{name: id, in: query, schema: {type: string}}, {name: id, in: path, description: of the operation, schema: {type: string}},
          {name: limit, in: query, schema: {type: string}}]",
    );
    assert_eq!(item["post"]["parameters"], expected);
}

#[test]
fn parameters_of_a_path_stay_where_an_operation_cannot_take_them() {
    let document = with(
        "/a: {parameters: [{name: id, in: query, schema: {type: string}}], get: {parameters: {}}, put: {}}",
        "{}",
    );
    let normal = normalise(&document).unwrap();
    assert_eq!(normal["paths"]["/a"], document["paths"]["/a"]);
}

#[test]
fn references_to_path_items_are_replaced() {
    let document = with(
        "/a: {$ref: '#/components/pathItems/Item', description: here}
/b: {$ref: '#/components/pathItems/Alias'}
",
        "pathItems:
  Alias: {$ref: '#/components/pathItems/Item'}
  Item:
    description: there
    parameters: [{name: q, in: query, schema: {type: string, nullable: true}}]
    get: {responses: {'200': {description: ok}}}
",
    );
    let normal = normalise(&document).unwrap();
    let get = yaml(
        "{parameters: [{name: q, in: query, schema: {type: [string, 'null']}}], responses: {'200': {description: ok}}}",
    );
    assert_eq!(
        normal["paths"]["/a"],
        json!({"description": "here", "get": get})
    );
    assert_eq!(
        normal["paths"]["/b"],
        json!({"description": "there", "get": get})
    );
    assert_eq!(normal["components"].get("pathItems"), None);
}

#[test]
fn path_items_that_cannot_be_inlined_are_reported_together() {
    let document = with(
        "/a: {$ref: '#/components/pathItems/Item', get: {operationId: other}}
/b: {$ref: '#/components/pathItems/Loop'}
",
        "pathItems:
  Item: {get: {operationId: one}}
  Loop: {post: {callbacks: {again: {'{$url}': {$ref: '#/components/pathItems/Loop'}}}}}
",
    );
    insta::assert_snapshot!(normalise(&document).unwrap_err());
}

#[test]
fn references_to_other_places_than_components_are_replaced() {
    let document = with(
        "/a: {get: {parameters: [{name: q, in: query, schema: {}}], responses: {'200': {description: ok}}}}
/b: {get: {parameters: [{$ref: '#/paths/~1a/get/parameters/0'}], responses: {'200': {$ref: '#/paths/~1a/get/responses/200', description: mine}}}}
",
        "{}",
    );
    let normal = normalise(&document).unwrap();
    assert_eq!(
        normal["paths"]["/b"]["get"],
        yaml(
            "{parameters: [{name: q, in: query, schema: {}}], responses: {'200': {description: mine}}}"
        )
    );
}

#[test]
fn definitions_become_components() {
    let document = with(
        "{}",
        "schemas:
  Order:
    $ref: '#/components/schemas/Order/$defs/Body'
    $defs:
      Body: {type: object, properties: {line: {$ref: '#/components/schemas/Order/$defs/Line'}, note: {$ref: '#/$defs/Note'}}}
      Line: {type: object, properties: {next: {$ref: '#/components/schemas/Order/$defs/Line'}}}
      Note: {type: string, nullable: true}
  Offer:
    type: object
    properties: {line: {$ref: '#/components/schemas/Offer/$defs/Line'}, note: {$ref: '#/$defs/Note'}}
    $defs:
      Line: {type: integer}
      Note: {type: string, nullable: true}
",
    );
    let expected = yaml(
        "Body: {type: object, properties: {line: {$ref: '#/components/schemas/Order.Line'}, note: {$ref: '#/components/schemas/Note'}}}
Note: {type: [string, 'null']}
Offer: {type: object, properties: {line: {$ref: '#/components/schemas/Offer.Line'}, note: {$ref: '#/components/schemas/Note'}}}
Offer.Line: {type: integer}
Order: {$ref: '#/components/schemas/Body'}
Order.Line: {type: object, properties: {next: {$ref: '#/components/schemas/Order.Line'}}}
",
    );
    assert_eq!(
        normalise(&document).unwrap()["components"]["schemas"],
        expected
    );
}

#[test]
fn a_schema_inside_a_schema_becomes_a_component_when_a_reference_leads_to_it() {
    let document = with(
        "/a/{id}: {get: {responses: {'200': {description: '', content: {application/json: {schema: {type: object, properties: {b: {type: string}}}}}}}}}
/b: {get: {responses: {'200': {description: '', content: {application/json:
      {schema: {$ref: '#/paths/~1a~1%7Bid%7D/get/responses/200/content/application~1json/schema'}}}}}}}
",
        "schemas:
  Pet: {type: object, properties: {name: {type: string}, tags: {type: array, items: {type: string, nullable: true}}}}
  Name: {$ref: '#/components/schemas/Pet/properties/name'}
  Tag: {$ref: '#/components/schemas/Pet/properties/tags/items'}
  Tags: {$ref: '#/components/schemas/Pet/properties/tags'}
  Kind: {oneOf: [{$ref: '#/components/schemas/Pet'}], discriminator: {propertyName: k, mapping: {a: '#/components/schemas/Pet/properties/name'}}}
",
    );
    let normal = normalise(&document).unwrap();
    insta::assert_snapshot!(canonical::text(
        &json!({"schemas": normal["components"]["schemas"], "paths": normal["paths"]})
    ));
    assert_eq!(normalise(&normal).unwrap(), normal);
}

#[test]
fn misshapen_documents_come_back_without_a_panic() {
    for misshapen in [
        "[]",
        "1",
        "{paths: 1, components: []}",
        "{components: {schemas: [1]}, paths: {/a: [], /b: {get: 1}}}",
    ] {
        normalise(&yaml(misshapen)).unwrap();
    }
    for misshapen in [
        "{type: 1, nullable: true}",
        "{anyOf: 1, nullable: true}",
        "{enum: a, nullable: 1}",
        "1",
        "[]",
        "{$ref: 1, allOf: {}}",
    ] {
        let once = normalise(&with_schema(yaml(misshapen))).unwrap();
        assert_eq!(normalise(&once).unwrap(), once, "{misshapen}");
    }
}

#[test]
fn nesting_is_bounded_before_and_after() {
    let nested = |levels: usize| {
        (0..levels).fold(
            json!({"type": "string"}),
            |inner, _| json!({"items": inner}),
        )
    };
    let around = 3;
    assert!(normalise(&with_schema(nested(MAX_DEPTH - around))).is_ok());
    let problems = normalise(&with_schema(nested(MAX_DEPTH - around + 1))).unwrap_err();
    assert!(
        problems
            .to_string()
            .contains("nesting of more than 100 levels"),
        "{problems}"
    );

    // Each level gains two by the branch for null.
    let growing = (0..40).fold(
        json!({"type": "string"}),
        |inner: Value, _| json!({"nullable": true, "not": {}, "items": inner}),
    );
    let problems = normalise(&with_schema(growing)).unwrap_err();
    assert!(
        problems
            .to_string()
            .contains("nesting of more than 100 levels"),
        "{problems}"
    );
}

#[test]
fn a_type_beside_a_reference_is_ignored_in_3_0() {
    let document = |version: &str| {
        let schemas = json!({ "A": { "type": "array", "items": {} }, "B": { "properties": { "a": { "$ref": "#/components/schemas/A", "type": "object" } } } });
        json!({ "openapi": version, "info": { "title": "T", "version": "1" }, "paths": {}, "components": { "schemas": schemas } })
    };
    let at = "/components/schemas/B/properties/a";
    let normal = normalise(&document("3.0.3")).unwrap();
    assert_eq!(
        normal.pointer(at),
        Some(&json!({ "$ref": "#/components/schemas/A" }))
    );
    let normal = normalise(&document("3.1.0")).unwrap();
    assert_eq!(normal.pointer(at).unwrap()["type"], "object");
}
