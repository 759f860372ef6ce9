//! The lines of a document, by place.

use openapi_diff::format::Lines;
use openapi_pipeline::Pointer;

fn line(text: &str, place: &str) -> usize {
    Lines::of(text).line(&Pointer::from_reference(place).unwrap())
}

#[test]
fn the_lines_of_json_are_found() {
    let text = "{\n\t\"a\": [1,\n    {\"b/c\": \"x\\\"\\n\"},\n    \"d\"\n  ],\n  \"e\":\n    {\"f\": {}, \"g\": true}\n}\n";
    for (place, expected) in [
        ("#", 1),
        ("#/a", 2),
        ("#/a/0", 2),
        ("#/a/1/b~1c", 3),
        ("#/a/2", 4),
        ("#/e", 6),
        ("#/e/g", 7),
        ("#/e/g/unknown", 7),
        ("#/unknown", 1),
    ] {
        assert_eq!(line(text, place), expected, "{place}");
    }
}

#[test]
fn the_lines_of_yaml_are_found() {
    let text = "openapi: 3.1.0\n# note\npaths:\n  /a/{id}:\n    get:\n      description: |\n        not: a key\n        - nor: an entry\n      parameters:\n      - name: id\n        in: path\n        schema: {type: string}\n      -\n        name: b\n      responses:\n        '200':\n          x: 1\n        \"404\": {}\n";
    for (place, expected) in [
        ("#/paths", 3),
        ("#/paths/~1a~1{id}/get", 5),
        ("#/paths/~1a~1{id}/get/description", 6),
        ("#/paths/~1a~1{id}/get/description/not", 6),
        ("#/paths/~1a~1{id}/get/parameters/0", 10),
        ("#/paths/~1a~1{id}/get/parameters/0/in", 11),
        ("#/paths/~1a~1{id}/get/parameters/0/schema/type", 12),
        ("#/paths/~1a~1{id}/get/parameters/1/name", 14),
        ("#/paths/~1a~1{id}/get/responses", 15),
        ("#/paths/~1a~1{id}/get/responses/200/x", 17),
        ("#/paths/~1a~1{id}/get/responses/404", 18),
    ] {
        assert_eq!(line(text, place), expected, "{place}");
    }
}
