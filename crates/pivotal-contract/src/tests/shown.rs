//! What a finding may show.

use serde_json::json;

use crate::shown::{name, pointer, shape};

#[test]
fn names_are_shown_and_other_text_is_replaced_by_its_size() {
    assert_eq!(name("at_risk"), "at_risk");
    assert_eq!(name("v2.beta-1"), "v2.beta-1");
    for hidden in [
        "",
        "Mira Chen",
        "mira@aurora-demo.com",
        "Bearer pivotal_test_x",
        "pivotal_test_x",
        "x-Pivotal_x",
        &"a".repeat(65),
    ] {
        assert_eq!(name(hidden), format!("[{} bytes]", hidden.len()));
    }
    assert_eq!(pointer("/data/0/a b"), "/data/0/[3 bytes]");
    assert_eq!(pointer(""), "");
}

#[test]
fn a_shape_holds_nothing_of_the_value() {
    for (value, shown) in [
        (json!(null), "null"),
        (json!(1), "an integer"),
        (json!(1.5), "a fraction"),
        (json!("é!"), "text of 2 characters"),
        (json!([1, 2]), "a list of 2"),
        (json!({ "a": 1 }), "an object of 1 key"),
        (json!({ "a": 1, "b": 2 }), "an object of 2 keys"),
        (json!("é"), "text of 1 character"),
    ] {
        assert_eq!(shape(&value), shown);
    }
}
