//! What is read, and how it is refused.

use openapi_pipeline::MAX_DEPTH;
use openapi_pipeline::load::{LoadError, check, document};
use serde_json::{Value, json};

use crate::document::{with, with_schema, yaml};

fn refusal(text: &str, origin: &str) -> String {
    document(text, origin)
        .expect_err("the text is no good document")
        .to_string()
}

fn check_refusal(document: &Value) -> String {
    check(document)
        .expect_err("the document is not valid")
        .to_string()
}

#[test]
fn json_and_yaml_are_read_by_their_names_or_their_first_character() {
    let json_text = r#"{"openapi": "3.0.3", "paths": {}}"#;
    let yaml_text = "# a comment\nopenapi: 3.0.3\npaths: {}\n";
    let flow = "{openapi: 3.0.3, paths: {}}";
    let expected = json!({"openapi": "3.0.3", "paths": {}});
    for (text, origin) in [
        (json_text, "a.json"),
        (json_text, "-"),
        (json_text, "a.yaml"),
        (yaml_text, "-"),
        (yaml_text, "a.YML"),
        (flow, "a.yaml"),
    ] {
        assert_eq!(
            document(text, origin).unwrap(),
            expected,
            "{origin}: {text}"
        );
    }
    assert!(matches!(
        document(yaml_text, "a.json"),
        Err(LoadError::Syntax {
            line: 1,
            column: 1,
            ..
        })
    ));
    assert_eq!(
        document(&format!("\u{feff}{json_text}"), "-").unwrap(),
        expected,
        "with a byte order mark"
    );
}

#[test]
fn keys_and_values_of_yaml_are_those_of_json() {
    let text = "
openapi: 3.1.0
paths:
  /a:
    get:
      responses:
        200: {description: no}
components:
  schemas:
    S: {default: [1, 1.5, -1, true, null, ~, no, 2020-01-01, 0x10, '7', 18446744073709551615]}
";
    let document = document(text, "a.yaml").unwrap();
    assert_eq!(
        document["paths"]["/a"]["get"]["responses"]["200"]["description"],
        "no"
    );
    assert_eq!(
        document["components"]["schemas"]["S"]["default"],
        json!([
            1,
            1.5,
            -1,
            true,
            null,
            null,
            "no",
            "2020-01-01",
            16,
            "7",
            18_446_744_073_709_551_615_u64
        ])
    );
}

#[test]
fn ordinary_anchors_are_followed() {
    let text =
        "openapi: 3.1.0\npaths: {}\ncomponents:\n  schemas:\n    A: &a {type: string}\n    B: *a\n";
    assert_eq!(
        document(text, "a.yaml").unwrap()["components"]["schemas"]["B"],
        json!({"type": "string"})
    );
}

#[test]
fn syntax_errors_name_the_line_and_the_column() {
    insta::assert_snapshot!(refusal("{\n  \"openapi\": \"3.1.0\",\n  \"paths\": {", "a.json"), @"a.json: line 3, column 12: EOF while parsing an object");
    insta::assert_snapshot!(refusal("{\"openapi\": \"3.1.0\"} {}", "a.json"), @"a.json: line 1, column 22: trailing characters");
    insta::assert_snapshot!(refusal("openapi: 3.1.0\npaths:\n  - a\n b: c\n", "a.yaml"), @"a.yaml: line 4, column 2: did not find expected key, while parsing a block mapping");
    insta::assert_snapshot!(refusal("openapi: 3.1.0\npaths: {a: !tag b}\n", "a.yaml"), @"a.yaml: line 2, column 12: paths.a: invalid type: enum, expected a value that JSON has");
    insta::assert_snapshot!(refusal("openapi: 3.1.0\npaths: {a: .nan}\n", "a.yaml"), @"a.yaml: line 2, column 12: paths.a: NaN is not a number in JSON");
    insta::assert_snapshot!(refusal("", "a.json"), @"a.json: line 1, column 1: EOF while parsing a value");
    insta::assert_snapshot!(refusal("", "a.yaml"), @"a.yaml: the document is empty; only OpenAPI 3.0.x and 3.1.x are read");
}

#[test]
fn a_key_that_occurs_twice_is_refused() {
    insta::assert_snapshot!(refusal("{\"openapi\": \"3.1.0\",\n \"paths\": {\"/a\": {}, \"/a\": {}}}", "a.json"), @r#"a.json: line 2, column 25: the key "/a" occurs twice in one object"#);
    insta::assert_snapshot!(refusal("openapi: 3.1.0\npaths:\n  /a: {}\n  /b: {}\n  /a: {}\n", "a.yaml"), @r#"a.yaml: line 5, column 3: paths: the key "/a" occurs twice in one object"#);
    insta::assert_snapshot!(refusal("openapi: 3.1.0\ninfo: &info\n  ? title\n  : [{title: a}, title]\nx-of: *info\n\"info\": {}\n", "a.yaml"), @r#"a.yaml: line 6, column 1: the key "info" occurs twice in one object"#);
}

#[test]
fn nesting_is_bounded() {
    let json_text = |levels: usize| {
        format!(
            "{{\"openapi\": \"3.1.0\", \"x-deep\": {}{}}}",
            "[".repeat(levels),
            "]".repeat(levels)
        )
    };
    assert!(document(&json_text(MAX_DEPTH - 1), "a.json").is_ok());
    insta::assert_snapshot!(refusal(&json_text(MAX_DEPTH), "a.json"), @"a.json: line 1, column 132: nesting of more than 100 levels");
    insta::assert_snapshot!(refusal(&json_text(10_000), "a.json"), @"a.json: line 1, column 131: nesting of more than 100 levels");
    insta::assert_snapshot!(refusal(&json_text(10_000), "a.yaml"), @"a.yaml: line 1, column 286: nesting of more than 100 levels");
    let objects = format!(
        "{{\"openapi\": \"3.1.0\", \"x-deep\": {}1{}}}",
        "{\"a\": ".repeat(10_000),
        "}".repeat(10_000)
    );
    insta::assert_snapshot!(refusal(&objects, "a.json"), @"a.json: line 1, column 626: nesting of more than 100 levels");
    let blocks: String = (0..300)
        .map(|level| format!("{}a:\n", " ".repeat(level)))
        .collect();
    insta::assert_snapshot!(refusal(&format!("openapi: 3.1.0\nx-deep:\n {}", blocks.replace('\n', "\n ")), "a.yaml"), @"a.yaml: line 102, column 101: nesting of more than 100 levels");
}

#[test]
fn aliases_that_multiply_are_refused() {
    let mut powers =
        String::from("openapi: 3.1.0\nx-0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
    for level in 1..12 {
        let aliases = vec![format!("*a{}", level - 1); 9].join(", ");
        powers += &format!("x-{level}: &a{level} [{aliases}]\n");
    }
    insta::assert_snapshot!(refusal(&powers, "a.yaml"), @"a.yaml: line 2, column 26: x-4[1][3][5][1][3]: aliases multiply the text into far more than it holds");

    let long = format!(
        "openapi: 3.1.0\nx-long: &long {}\nx-all: [{}]\n",
        "l".repeat(100_000),
        "*long, ".repeat(1_000)
    );
    insta::assert_snapshot!(refusal(&long, "a.yaml"), @"a.yaml: line 2, column 9: x-all[3]: aliases multiply the text into far more than it holds");
}

#[test]
fn other_versions_are_refused() {
    let refusal = |root: &str| refusal(root, "a.yaml");
    insta::assert_snapshot!(refusal("{swagger: '2.0', paths: {}}"), @"a.yaml: the document is Swagger 2.0; only OpenAPI 3.0.x and 3.1.x are read: convert it to OpenAPI 3 first");
    insta::assert_snapshot!(refusal("{openapi: 3.2.0, paths: {}}"), @"a.yaml: the document is OpenAPI 3.2.0; only OpenAPI 3.0.x and 3.1.x are read");
    insta::assert_snapshot!(refusal("{openapi: 3.1, paths: {}}"), @r#"a.yaml: `openapi` is a number, not a string; only OpenAPI 3.0.x and 3.1.x are read: write the version in quotes, as in "3.1.0""#);
    insta::assert_snapshot!(refusal("{openapi: 3.1.x, paths: {}}"), @"a.yaml: the document is OpenAPI 3.1.x; only OpenAPI 3.0.x and 3.1.x are read");
    insta::assert_snapshot!(refusal("{paths: {}}"), @"a.yaml: the document has no `openapi` that names its version; only OpenAPI 3.0.x and 3.1.x are read");
    insta::assert_snapshot!(refusal("[]"), @"a.yaml: the document is an array, not an object; only OpenAPI 3.0.x and 3.1.x are read");
    insta::assert_snapshot!(refusal("just text"), @"a.yaml: the document is a string, not an object; only OpenAPI 3.0.x and 3.1.x are read");
}

#[test]
fn paths_are_an_object_of_paths() {
    insta::assert_snapshot!(refusal("{openapi: 3.0.3}", "a.yaml"), @r"
    a.yaml is not valid

    #
      found: no `paths`
      why: OpenAPI 3.0 requires it; only 3.1 allows documents without it

    1 problem
    ");
    insta::assert_snapshot!(refusal("{openapi: 3.1.0, paths: [1]}", "a.yaml"), @r"
    a.yaml is not valid

    #/paths
      found: `paths` is an array
      why: it is an object with a path item for each path

    1 problem
    ");
    insta::assert_snapshot!(refusal("{openapi: 3.1.0, paths: {a: {}, /b: {}, x-c: 1}}", "a.yaml"), @r#"
    a.yaml is not valid

    #/paths/a
      found: the path "a"
      why: a path must start with a slash

    1 problem
    "#);
    assert!(document("{openapi: 3.1.0}", "a.yaml").is_ok());
}

#[test]
fn references_that_lead_nowhere_are_reported_together() {
    let document = with(
        "/a:
  get:
    parameters: [{$ref: '#/components/parameters/Missing'}, {$ref: '#/components/schemas/S'}]
    responses: {'200': {$ref: 'other.yaml#/R'}}
/b: {$ref: 'https://example.org/b'}
",
        "schemas:
  S: {type: object, properties: {a: {$ref: '#/components/schemas/Missing'}, b: {$ref: '#anchor'}, c: {$ref: 7}, d: {$ref: '#/info/title'}, e: {$ref: '#'}}}
  T: {items: {$ref: '#/$defs/Missing'}}
",
    );
    insta::assert_snapshot!(check_refusal(&document));
}

#[test]
fn lookalikes_of_references_are_not_followed() {
    let document = with(
        "/a: {get: {x-note: {$ref: nowhere}, responses: {'200': {description: '', content: {a/b: {example: {$ref: nowhere}}}}}}}",
        "{schemas: {S: {type: object, properties: {$ref: {type: string}}, default: {$ref: nowhere}, examples: [{$ref: nowhere}]}}}",
    );
    check(&document).unwrap();
}

#[test]
fn references_may_be_percent_encoded_and_lead_anywhere_in_the_document() {
    let document = with(
        "/a/{id}: {get: {responses: {'200': {description: '', content: {a/b: {schema: {type: string}}}}}}}",
        "schemas:
  A: {$ref: '#/paths/~1a~1%7Bid%7D/get/responses/200/content/a~1b/schema'}
  B: {properties: {c: {$ref: '#/components/schemas/B/properties/d'}, d: {type: string}}}
",
    );
    check(&document).unwrap();
}

#[test]
fn references_in_unknown_places_are_checked_when_something_refers_to_them() {
    let mut document = with_schema(yaml("{$ref: '#/definitions/Old'}"));
    document["definitions"] =
        yaml("{Old: {items: {$ref: '#/definitions/Older'}}, Unused: {$ref: nowhere}}");
    insta::assert_snapshot!(check_refusal(&document), @r#"
    #/definitions/Old/items/$ref
      found: a reference to #/definitions/Older
      why: the document does not have it

    remedies, as overlay actions:
        - target: $.definitions
          description: the document does not have it
          update: {"Older": @FILL_IN}

    1 problem
    "#);
}

#[test]
fn recursive_schemas_are_fine() {
    let document = with(
        "{}",
        "schemas:
  Tree: {type: object, properties: {children: {type: array, items: {$ref: '#/components/schemas/Tree'}}, parent: {$ref: '#/components/schemas/Tree'}}}
  Json: {oneOf: [{type: string}, {type: array, items: {$ref: '#/components/schemas/Json'}}]}
  Map: {additionalProperties: {$ref: '#/components/schemas/Map'}}
",
    );
    check(&document).unwrap();
}

#[test]
fn schemas_that_refer_to_themselves_without_end_are_refused() {
    let document = with(
        "{}",
        "schemas:
  Alone: {$ref: '#/components/schemas/Alone'}
  One: {$ref: '#/components/schemas/Two'}
  Two: {allOf: [{type: object}, {$ref: '#/components/schemas/Three'}]}
  Three: {oneOf: [{type: string}, {$ref: '#/components/schemas/One'}]}
  Inside: {properties: {a: {$ref: '#/components/schemas/Inside/properties/a'}}}
  Condition: {if: {$ref: '#/components/schemas/Condition'}, dependentSchemas: {a: {not: {$ref: '#/components/schemas/Condition'}}}}
parameters: {P: {$ref: '#/components/parameters/P'}}
",
    );
    insta::assert_snapshot!(check_refusal(&document));
}

#[test]
fn a_long_chain_of_references_is_refused_without_recursion() {
    let chain = |length: usize| {
        let mut schemas: serde_json::Map<String, Value> = (0..length)
            .map(|i| {
                (
                    format!("S{i}"),
                    json!({"$ref": format!("#/components/schemas/S{}", i + 1)}),
                )
            })
            .collect();
        schemas.insert(format!("S{length}"), json!({"type": "string"}));
        check(&json!({"openapi": "3.1.0", "components": {"schemas": schemas}}))
    };
    chain(100).unwrap();
    insta::assert_snapshot!(chain(101).unwrap_err(), @"
    #/components/schemas/S0
      found: a chain of more than 100 references
      why: each leads to the next; refer to the last one

    1 problem
    ");
    assert_eq!(chain(20_000).unwrap_err().len(), 198);
}

#[test]
fn the_number_of_values_is_bounded() {
    let many = |open: &str| format!("{open}\"x-many\": [{}1]}}", "[],".repeat(2_000_000));
    let json = "{\"openapi\": \"3.1.0\", ";
    insta::assert_snapshot!(refusal(&many(json), "a.json"), @"a.json: line 1, column 6000019: more than 2000000 values and keys");
    insta::assert_snapshot!(refusal(&many("{openapi: 3.1.0, "), "a.yaml"), @"a.yaml: line 1, column 6000008: more than 2000000 values and keys");
}

#[test]
fn never_did_yaml_take_time_that_grows_with_the_square_of_its_depth() {
    for (text, opening) in [
        ("{a: ", "{"),
        ("[", "["),
        ("- ", "-"),
        ("? ", "?"),
        ("{\"}\": ", "{"),
    ] {
        let started = std::time::Instant::now();
        let error = refusal(&text.repeat(320_000 / text.len()), "a.yaml");
        assert!(
            error.contains("nesting of more than 100 levels"),
            "{opening}: {error}"
        );
        // Minutes, before.
        assert!(started.elapsed().as_secs() < 20, "{opening}");
    }
}

#[test]
fn yaml_is_read_as_json_would_be() {
    let yaml = "openapi: 3.1.0
info: {title: T, version: '1'}
paths: {}
components:
  schemas:
    Base: &base {type: object, description: base}
    More: &more {title: more, description: more}
    One: {<<: *base, description: own}
    Two:
      <<: [*base, *more]
    Large: {type: integer, maximum: 36893488147419103232}
";
    let document = document(yaml, "api.yaml").unwrap();
    let schemas = &document["components"]["schemas"];
    assert_eq!(
        schemas["One"],
        json!({ "type": "object", "description": "own" })
    );
    assert_eq!(
        schemas["Two"],
        json!({ "type": "object", "description": "base", "title": "more" })
    );
    assert_eq!(
        schemas["Large"]["maximum"],
        json!(36_893_488_147_419_103_232.0)
    );
}

#[test]
fn no_text_of_a_document_controls_the_terminal() {
    let key = "\u{1b}[2J\u{7}a\nb";
    for refusal in [
        refusal(&json!({"openapi": key}).to_string(), "a.json"),
        refusal(
            &json!({"openapi": "3.0.3", "swagger": key, "paths": {key: {}}}).to_string(),
            "a.json",
        ),
        refusal("openapi: 3.0.3\n\"\\e[2J\": 1\n\"\\e[2J\": 2\n", "a.yaml"),
    ] {
        assert!(
            !refusal.contains(|c: char| c.is_control() && c != '\n'),
            "{refusal:?}"
        );
        assert!(refusal.contains("\\u{1b}[2J"), "{refusal:?}");
    }
}
