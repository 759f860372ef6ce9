//! Applying overlays, and noticing that one is out of date.

use openapi_pipeline::overlay::{Overlay, apply};
use serde_json::{Value, json};

use crate::document::yaml;

const DOCUMENT: &str = "
openapi: 3.1.0
info: {title: Tea, version: '1'}
tags: [{name: black}, {name: green}]
paths:
  /teas:
    get:
      parameters: [{name: limit, in: query, schema: {type: integer}}, {$ref: '#/components/parameters/Cursor'}]
      responses: {'200': {description: ok}}
    post: {responses: {'201': {description: made}}}
  /cups:
    get: {responses: {'200': {description: ok}}}
components:
  parameters: {Cursor: {name: cursor, in: query, schema: {type: string}}}
  schemas:
    Tea: {type: object, properties: {kind: {type: string, enum: [black, green]}, strong: {type: boolean}}}
";

fn overlay(actions: &str) -> Overlay {
    let text = format!("overlay: 1.0.0\ninfo: {{title: t, version: 1.0.0}}\nactions:\n{actions}");
    Overlay::parse(&text, "overlay.yaml").unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn applied(actions: &str) -> Value {
    apply(&yaml(DOCUMENT), &overlay(actions)).unwrap_or_else(|problems| panic!("{problems}"))
}

fn refusal(actions: &str) -> String {
    apply(&yaml(DOCUMENT), &overlay(actions))
        .expect_err("an action fails")
        .to_string()
}

/// The document of these tests with one value changed.
fn with(pointer: &str, value: Value) -> Value {
    let mut document = yaml(DOCUMENT);
    *document
        .pointer_mut(pointer)
        .expect("the document has the place") = value;
    document
}

#[test]
fn an_update_is_merged_into_objects_and_appended_to_arrays() {
    let applied = applied(
        "
- target: $.paths['/teas'].get
  description: inserts and merges
  update: {operationId: list-teas, responses: {'429': {description: slow down}, '200': {headers: {x-a: {schema: {}}}}}}
- target: $.components.schemas.Tea.properties.kind
  description: an array in the update is appended
  update: {enum: [white]}
- target: $.tags
  description: one entry
  update: {name: white}
- target: $.tags
  description: several entries
  update: [{name: red}, {name: blue}]
",
    );
    assert_eq!(
        applied["paths"]["/teas"]["get"]["responses"],
        yaml(
            "{'200': {description: ok, headers: {x-a: {schema: {}}}}, '429': {description: slow down}}"
        )
    );
    assert_eq!(
        applied["components"]["schemas"]["Tea"]["properties"]["kind"]["enum"],
        json!(["black", "green", "white"])
    );
    let tags: Vec<_> = applied["tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tag| tag["name"].as_str().unwrap())
        .collect();
    assert_eq!(tags, ["black", "green", "white", "red", "blue"]);
}

#[test]
fn an_action_changes_every_place_that_it_matches() {
    let document = applied(
        "
- target: $.paths.*[?@.responses]
  description: every operation
  update: {responses: {'429': {description: slow down}}}
- target: $.paths.*.get.responses
  description: two of three have it not yet
  update: {'500': {description: oh}}
- target: $.paths.*.*.responses
  description: the third
  update: {'500': {description: oh}}
- target: $.paths.*.*.responses['429']
  description: away again
  remove: true
",
    );
    let operations = openapi_pipeline::resolve::operations(&document);
    assert_eq!(operations.len(), 3);
    for operation in operations {
        let responses = &operation.value["responses"];
        assert_eq!(responses["500"]["description"], "oh");
        assert_eq!(responses.get("429"), None);
    }
}

#[test]
fn removal_takes_keys_entries_and_nested_places() {
    let document = applied(
        "
- target: $.tags[?@.name == 'black']
  description: by filter
  remove: true
- target: $.components.schemas.Tea.properties.kind.enum[0, 1]
  description: both entries
  remove: true
- target: $.paths..responses
  description: wherever it stands
  remove: true
- target: $.info.title
  description: a scalar
  remove: true
- target: $.paths['/cups']['get', 'get']
  description: the same place twice
  remove: true
",
    );
    assert_eq!(document["tags"], json!([{"name": "green"}]));
    assert_eq!(
        document["components"]["schemas"]["Tea"]["properties"]["kind"]["enum"],
        json!([])
    );
    assert_eq!(document["paths"]["/teas"]["post"], json!({}));
    assert_eq!(document["paths"]["/cups"], json!({}));
    assert_eq!(document["info"], json!({"version": "1"}));
}

#[test]
fn a_stated_value_is_replaced_when_the_action_names_it() {
    let document = applied(
        "
- target: $.info
  description: a scalar
  update: {title: Tea API}
  x-replaces: Tea
- target: $.components.schemas.Tea.properties.kind
  description: an array is replaced, not appended to
  update: {enum: [black]}
  x-replaces: [black, green]
- target: $.components.schemas.Tea.properties.kind.enum
  description: an array as the target, too
  update: [white]
  x-replaces: [black]
- target: $.paths.*.get.responses['200']
  description: the same value in several places
  update: {description: fine}
  x-replaces: ok
- target: $.components.schemas.Tea.properties
  description: an object by a scalar
  update: {strong: true}
  x-replaces: {type: boolean}
",
    );
    assert_eq!(document["info"]["title"], "Tea API");
    assert_eq!(
        document["components"]["schemas"]["Tea"]["properties"]["kind"]["enum"],
        json!(["white"])
    );
    assert_eq!(
        document["paths"]["/cups"]["get"]["responses"]["200"]["description"],
        "fine"
    );
    assert_eq!(
        document["components"]["schemas"]["Tea"]["properties"]["strong"],
        json!(true)
    );
}

#[test]
fn every_failing_action_is_reported_in_one_run() {
    insta::assert_snapshot!(refusal(
        "
- target: $.paths['/pots']
  description: matches nothing, update
  update: {get: {}}
- target: $.paths['/pots']
  description: matches nothing, remove
  remove: true
- target: $.info
  description: changes nothing
  update: {title: Tea}
- target: $.info
  description: this one is fine
  update: {description: All about tea}
- target: $.info
  description: replaces a scalar
  update: {title: Tea API}
- target: $.components.schemas.Tea.properties.kind
  description: replaces a scalar by an array
  update: {type: [string]}
- target: $.paths['/cups'].get.responses['200']
  description: says the wrong value
  update: {description: fine}
  x-replaces: okay
- target: $.components.schemas.Tea
  description: replaces nothing, but says so
  update: {required: [kind]}
  x-replaces: [strong]
- target: $.components.schemas.Tea.properties.kind
  description: appends what is there already
  update: {enum: [green, white]}
- target: $.tags
  description: appends an object that is there already
  update: {name: green}
- target: $.paths['/teas'].get.parameters
  description: a second parameter, which a reference hides
  update: {name: cursor, in: query, schema: {type: string}}
- target: $.info.version
  description: the target is a scalar
  update: {a: 1}
- target: $.info
  description: the update is a scalar
  update: 1
- target: $
  description: nothing would be left
  remove: true
"
    ));
}

#[test]
fn an_overlay_notices_that_upstream_has_caught_up() {
    let overlay = overlay(
        "
- target: $.paths.*.*.responses
  description: the guides promise it
  update: {'429': {description: slow down}}
- target: $.paths['/teas'].post
  description: the guides promise it
  update: {parameters: [{name: Idempotency-Key, in: header, schema: {type: string}}]}
",
    );
    assert!(apply(&yaml(DOCUMENT), &overlay).is_ok());

    // The same in upstream's words.
    let mut caught_up = with(
        "/paths/~1cups/get/responses",
        yaml("{'200': {description: ok}, '429': {description: Too many requests}}"),
    );
    caught_up["paths"]["/teas"]["post"]["parameters"] =
        yaml("[{name: Idempotency-Key, in: header, description: a key, schema: {type: string}}]");
    insta::assert_snapshot!(apply(&caught_up, &overlay).unwrap_err());

    // The same in the overlay's words.
    let caught_up = apply(&yaml(DOCUMENT), &overlay).unwrap();
    insta::assert_snapshot!(apply(&caught_up, &overlay).unwrap_err());
}

#[test]
fn an_overlay_without_actions_changes_nothing() {
    for text in [
        "",
        "# nothing yet\n",
        "\n \n",
        "{overlay: 1.0.0, info: {title: t, version: 1.0.0}, actions: []}",
        "overlay: 1.0.1\n",
    ] {
        let overlay = Overlay::parse(text, "overlay.yaml").unwrap();
        assert!(overlay.is_empty());
        assert_eq!(
            apply(&yaml(DOCUMENT), &overlay).unwrap(),
            yaml(DOCUMENT),
            "{text:?}"
        );
    }
}

#[test]
fn mistakes_in_an_overlay_are_reported_together() {
    let text = "
overlay: 2.0.0
action: []
actions:
- {target: $.info, update: {a: 1}}
- {target: $.info, description: ' ', update: {a: 1}}
- {target: 'info.title', description: no JSONPath, update: {a: 1}}
- {description: no target, update: {a: 1}}
- {target: $.info, description: nothing to do}
- {target: $.info, description: both, update: {a: 1}, remove: true}
- {target: $.info, description: no flag, remove: 'yes'}
- {target: $.info, description: unknown key, updates: {a: 1}, x-evidence: stated, remove: true}
- {target: $.info, description: replaces nothing, x-replaces: 1, remove: true}
- none
";
    insta::assert_snapshot!(Overlay::parse(text, "overlay.yaml").unwrap_err());
    insta::assert_snapshot!(Overlay::parse("overlay: [", "overlay.yaml").unwrap_err(), @"overlay.yaml: line 2, column 1: did not find expected node content, while parsing a flow node");
    insta::assert_snapshot!(Overlay::parse("[]", "overlay.yaml").unwrap_err(), @r"
    overlay.yaml is not valid

    #
      found: an array
      why: an overlay is an object

    1 problem
    ");
    insta::assert_snapshot!(Overlay::parse("{overlay: 1.0.0, actions: {}}", "overlay.yaml").unwrap_err(), @r"
    overlay.yaml is not valid

    #/actions
      found: an object
      why: the actions are an array

    1 problem
    ");
}
