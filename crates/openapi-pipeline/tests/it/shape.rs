//! What a document is turned into for the generator.

use openapi_pipeline::shape::{Body, ConstraintKind, Field, Payload, Shaped, Type};
use serde_json::{Value, json};

use crate::document::{reference, responds, sends, shaped, shaped_document, with};

#[track_caller]
fn sent(body: &Value, schemas: &Value) -> Shaped {
    shaped(&sends(body), schemas).unwrap_or_else(|problems| panic!("{problems}"))
}

fn find<'a>(shaped: &'a Shaped, name: &str) -> &'a Body {
    let body = shaped.bodies.iter().find(|body| body.name == name);
    body.unwrap_or_else(|| panic!("{name} in {:?}", shaped.bodies))
}

/// The only field of a body with the property `p` of this schema.
#[track_caller]
fn field(schema: &Value, schemas: &Value) -> Field {
    let shaped = sent(&json!({ "properties": { "p": schema } }), schemas);
    find(&shaped, "CreateA").fields[0].clone()
}

fn named(name: &str) -> Type {
    Type::Named(name.to_owned())
}

fn list(of: Type) -> Type {
    Type::List(Box::new(of))
}

#[test]
fn a_schema_is_the_type_that_holds_its_values() {
    let rows = json!({ "Row": { "type": "object", "properties": { "n": { "type": "integer" } } } });
    let row = reference("Row");
    for (schema, expected) in [
        (json!({ "type": "string" }), Type::String),
        (json!({ "type": "string", "format": "uuid" }), Type::String),
        (
            json!({ "type": "string", "format": "date-time" }),
            Type::Timestamp,
        ),
        (json!({ "type": "string", "format": "date" }), Type::Date),
        (
            json!({ "type": "integer", "format": "int32" }),
            Type::Integer,
        ),
        (
            json!({ "type": "integer", "format": "uint64" }),
            Type::Unsigned,
        ),
        (json!({ "type": "number" }), Type::Number),
        (json!({ "type": "boolean" }), Type::Boolean),
        (json!({}), Type::Json),
        (row.clone(), named("Row")),
        (
            json!({ "allOf": [row], "description": "A row." }),
            named("Row"),
        ),
        (json!({ "type": "array", "items": row }), list(named("Row"))),
        (
            json!({ "type": "array", "items": { "type": ["string", "null"] } }),
            list(Type::Nullable(Box::new(Type::String))),
        ),
        (json!({ "type": "object" }), Type::Map(Box::new(Type::Json))),
        (
            json!({ "type": "object", "additionalProperties": {} }),
            Type::Map(Box::new(Type::Json)),
        ),
    ] {
        assert_eq!(field(&schema, &rows).r#type, expected, "{schema}");
    }
}

#[test]
fn any_words_give_a_field_an_identifier() {
    for (words, expected) in [
        ("fooBar", "foo_bar"),
        ("FOO-BAR", "foo_bar"),
        ("type", "type_"),
        ("3d", "x3d"),
        ("", "x"),
        ("-", "x"),
        ("@id", "id"),
        ("it's", "its"),
        ("a½b", "a_b"),
        ("Ⓐ", "x"),
        ("😀", "x"),
        ("naïve", "naïve"),
        ("名", "名"),
    ] {
        let shaped = sent(
            &json!({ "properties": { words: { "type": "string" } } }),
            &json!({}),
        );
        assert_eq!(find(&shaped, "CreateA").fields[0].rust, expected, "{words}");
    }
}

#[test]
fn no_two_methods_of_a_body_have_one_name() {
    let (text, clearable) = (
        json!({ "type": "string" }),
        json!({ "type": ["string", "null"] }),
    );
    let properties = json!({
        "FOO_BAR": clearable, "clear_crate": text, "crate": clearable, "extra": text,
        "foo_bar": text, "fooBar": clearable, "new": clearable,
    });
    let shaped = sent(&json!({ "properties": properties }), &json!({}));
    let fields = find(&shaped, "CreateA").fields.iter();
    let named: Vec<String> = fields
        .map(|field| {
            let clear = field.clear.clone().unwrap_or_default();
            let line = format!("{} = {} {clear}", field.wire, field.rust);
            line.trim_end().to_owned()
        })
        .collect();
    insta::assert_snapshot!(named.join("\n"), @"
    FOO_BAR = foo_bar_ clear_foo_bar
    clear_crate = clear_crate
    crate = crate_ clear_crate_
    extra = extra_
    fooBar = foo_bar__ clear_foo_bar_
    foo_bar = foo_bar
    new = new_ clear_new
    ");
}

#[test]
fn values_that_differ_only_in_punctuation_get_names_of_their_own() {
    let values = [
        "a-b", "a_b", "A_B", "a.b", "", "*", "+1", "-1", "1", "unknown", "self", "launch",
    ];
    let body = json!({ "properties": { "p": { "type": "string", "enum": values } } });
    let shaped = sent(&body, &json!({}));
    let named: Vec<String> = (shaped.enums[0].variants.iter())
        .map(|variant| format!("{:?} = {}", variant.value, variant.name))
        .collect();
    insta::assert_snapshot!(named.join("\n"), @r#"
    "a-b" = AHyphenB
    "a_b" = AUnderscoreB
    "A_B" = UpperAUnderscoreUpperB
    "a.b" = ADotB
    "" = Empty
    "*" = Star
    "+1" = Plus1
    "-1" = Hyphen1
    "1" = N1
    "unknown" = UnknownValue
    "self" = SelfValue
    "launch" = Launch
    "#);
}

#[test]
fn what_a_document_marks_as_inferred_or_decided_is_a_guess() {
    let (text, mood) = (json!({ "type": "string" }), reference("Mood"));
    let marked = |schema: &Value, evidence: &str| {
        let mut schema = schema.clone();
        schema["x-evidence"] = evidence.into();
        schema
    };
    let or_null = json!([mood, { "type": "null" }]);
    let some_values = json!({
        "type": "string", "enum": ["calm", "wild"], "x-evidence": "inferred", "x-inferred-values": ["wild"],
    });
    for (schema, expected) in [
        (text.clone(), false),
        (marked(&text, "stated"), false),
        (marked(&text, "example"), false),
        (marked(&text, "inferred"), true),
        (marked(&text, "decided"), true),
        (marked(&json!({ "allOf": [mood] }), "decided"), true),
        (marked(&json!({ "anyOf": or_null }), "decided"), true),
        (
            marked(&json!({ "type": "string", "enum": ["a"] }), "decided"),
            true,
        ),
        (
            marked(
                &json!({ "type": "object", "properties": { "a": text } }),
                "decided",
            ),
            true,
        ),
        (some_values.clone(), false),
    ] {
        let found = field(&schema, &json!({ "Mood": some_values }));
        assert_eq!(found.guess, expected, "{schema}");
    }

    let body = json!({ "x-evidence": "decided", "properties": { "p": some_values } });
    let mut paths = sends(&body);
    paths["/a"]["post"]["parameters"] = json!([
        { "name": "known", "in": "query", "schema": marked(&text, "decided") },
        { "name": "supposed", "in": "query", "x-evidence": "decided", "schema": text },
    ]);
    let shaped = shaped(&paths, &json!({})).unwrap_or_else(|problems| panic!("{problems}"));
    assert!(find(&shaped, "CreateA").guess);
    let values = shaped.enums[0].variants.iter();
    let values: Vec<_> = values.map(|v| (v.value.as_str(), v.guess)).collect();
    assert_eq!(values, [("calm", false), ("wild", true)]);
    let parameters = shaped.operations[0].parameters.iter();
    let parameters: Vec<_> = parameters.map(|p| (p.wire.as_str(), p.guess)).collect();
    assert_eq!(parameters, [("known", false), ("supposed", true)]);
}

#[test]
fn limits_read_as_a_person_would_say_them() {
    for (schema, expected) in [
        (
            json!({"type": "string", "minLength": 1, "maxLength": 255}),
            "1 to 255 characters.",
        ),
        (
            json!({"type": "string", "minLength": 2, "maxLength": 2}),
            "Exactly 2 characters.",
        ),
        (
            json!({"type": "string", "minLength": 0, "maxLength": 1}),
            "At most 1 character.",
        ),
        (json!({"type": "number", "minimum": 0}), "At least 0."),
        (
            json!({"type": "number", "minimum": 0.5, "maximum": 10}),
            "At least 0.5 and at most 10.",
        ),
        (
            json!({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}),
            "More than 0 and less than 1.",
        ),
        (
            json!({"type": "number", "multipleOf": 5}),
            "A multiple of 5.",
        ),
        (
            json!({"type": "array", "maxItems": 3, "uniqueItems": true, "items": {"type": "string", "maxLength": 12}}),
            "At most 3 entries; no entry twice; each at most 12 characters.",
        ),
        (json!({"type": "array", "minItems": 1}), "At least 1 entry."),
        (json!({"type": "string"}), ""),
    ] {
        assert_eq!(field(&schema, &json!({})).description, expected, "{schema}");
    }
}

#[test]
fn limits_follow_the_description() {
    for (description, max_length, expected) in [
        ("A slug.", Some(9), "A slug. At most 9 characters."),
        ("A slug", Some(9), "A slug\n\nAt most 9 characters."),
        (
            "```\na.\n```",
            Some(9),
            "```\na.\n```\n\nAt most 9 characters.",
        ),
        ("A slug.", None, "A slug."),
    ] {
        let mut schema = json!({ "type": "string", "description": description });
        if let Some(length) = max_length {
            schema["maxLength"] = length.into();
        }
        assert_eq!(field(&schema, &json!({})).description, expected);
    }
}

#[test]
fn an_alias_of_a_scalar_is_that_scalar() {
    let schemas = json!({
        "Slug": { "type": "string", "maxLength": 9, "description": "A slug." },
        "Slugs": { "type": "array", "items": reference("Slug") },
    });
    let slugs = field(&reference("Slugs"), &schemas);
    assert_eq!(slugs.r#type, list(Type::String));
    assert_eq!(slugs.limits[0].kind, ConstraintKind::MaxLength(9));
    let own =
        json!({ "allOf": [reference("Slug")], "description": "Own words.", "nullable": true });
    let own = field(&own, &schemas);
    assert_eq!(
        (own.r#type, own.nullable, own.description.as_str()),
        (Type::String, true, "Own words. At most 9 characters.")
    );
}

#[test]
fn an_object_inside_an_alias_is_one_type() {
    let item = json!({ "type": ["object", "null"], "properties": { "n": { "type": "integer" } } });
    let rows = json!({ "Rows": { "type": "array", "items": { "type": "array", "items": item } } });
    let nullable = Type::Nullable(Box::new(named("RowsItemItem")));
    assert_eq!(
        field(&reference("Rows"), &rows).r#type,
        list(list(nullable))
    );
}

#[test]
fn only_a_list_of_itself_keeps_its_name() {
    let schemas = json!({
        "Nest": { "type": "array", "items": reference("Nest") },
        "Tree": { "type": "object", "properties": { "children": reference("Trees") } },
        "Trees": { "type": "array", "items": reference("Tree") },
    });
    let response =
        json!({ "properties": { "nest": reference("Nest"), "tree": reference("Tree") } });
    let shaped = shaped(&responds(&response), &schemas).unwrap();
    let types = &shaped.document["components"]["schemas"];
    assert_eq!(types["Nest"]["items"], reference("Nest"));
    assert_eq!(
        types["Tree"]["properties"]["children"]["items"],
        reference("Tree")
    );
    assert!(types.get("Trees").is_none());
}

#[test]
fn null_moves_from_a_component_to_the_references_to_it() {
    let schemas = json!({
        "Part": { "type": ["object", "null"], "properties": { "n": { "type": "integer" } } },
        "Alias": reference("Part"),
    });
    let described = json!({ "allOf": [reference("Part")], "description": "A part." });
    for schema in [reference("Part"), reference("Alias"), described] {
        let field = field(&schema, &schemas);
        assert_eq!(
            (field.r#type, field.nullable),
            (named("Part"), true),
            "{schema}"
        );
    }
}

#[test]
fn an_object_used_both_ways_is_copied_with_all_that_leads_to_it() {
    let object = |property: Value| json!({ "type": "object", "properties": { "p": property } });
    let schemas = json!({
        "Part": object(reference("Color")),
        "Color": { "type": "string", "enum": ["red"] },
        "PartInput": object(json!({ "type": "string" })),
    });
    let mut paths = sends(&object(reference("Part")));
    paths["/a"]["get"] = responds(&object(reference("Part")))["/a"]["get"].clone();
    let shaped = shaped(&paths, &schemas).unwrap();
    // The name of the copy of `Part` is taken by a component that no operation uses.
    assert_eq!(
        find(&shaped, "CreateA").fields[0].r#type,
        named("PartInputInput")
    );
    // An enum is the same type both ways.
    assert_eq!(
        find(&shaped, "PartInputInput").fields[0].r#type,
        named("Color")
    );
    let types = &shaped.document["components"]["schemas"];
    let property = &types["GetAResponse"]["properties"]["p"];
    assert_eq!(property["allOf"][0], reference("Part"), "{property}");
}

#[test]
fn parts_become_one_schema_with_the_narrower_limits() {
    let base = json!({
        "type": "object", "description": "A part.", "required": ["a"],
        "properties": { "a": { "type": "string", "maxLength": 9 } },
    });
    let own = json!({
        "properties": { "a": { "type": "string", "maxLength": 5, "minLength": 1 }, "b": { "type": "number" } },
        "required": ["b"],
    });
    let whole = json!({ "allOf": [reference("Base"), own], "description": "The whole." });
    let shaped = sent(&whole, &json!({ "Base": base }));
    let body = find(&shaped, "CreateA");
    assert_eq!(
        (body.description.as_str(), &body.arguments[..]),
        ("The whole.", &["a".to_owned(), "b".to_owned()][..])
    );
    let limits: Vec<_> = body.fields[0]
        .limits
        .iter()
        .map(|limit| limit.kind)
        .collect();
    assert_eq!(
        limits,
        [ConstraintKind::MinLength(1), ConstraintKind::MaxLength(5)]
    );
}

#[test]
fn a_contradiction_with_a_referenced_part_is_reported_at_the_reference() {
    let part =
        |r#type: &str| json!({ "type": "object", "properties": { "a": { "type": r#type } } });
    let schemas = json!({
        "Base": part("string"),
        "Whole": { "allOf": [part("boolean"), reference("Base")] },
    });
    let problems = shaped(&responds(&reference("Whole")), &schemas).unwrap_err();
    let places: Vec<String> = (problems.iter())
        .map(|problem| problem.pointer.to_string())
        .collect();
    assert_eq!(places, ["#/components/schemas/Whole/allOf/1"]);
}

#[test]
fn a_reference_in_allof_stays_a_reference() {
    let wrapped =
        json!({ "allOf": [reference("A")], "description": "Own words.", "nullable": true });
    let schemas =
        json!({ "A": { "type": "object", "properties": { "n": { "type": "integer" } } } });
    let field = field(&wrapped, &schemas);
    assert_eq!((field.r#type, field.nullable), (named("A"), true));
    assert_eq!(field.description, "Own words.");
}

#[test]
fn null_passes_where_every_part_lets_it_pass() {
    let part = |nullable: bool| json!({ "type": "string", "nullable": nullable });
    for (parts, nullable) in [
        ([part(true), part(true)], true),
        ([part(true), part(false)], false),
        ([part(true), json!({ "maxLength": 3 })], true),
    ] {
        let field = field(&json!({ "allOf": parts }), &json!({}));
        assert_eq!(field.nullable, nullable, "{parts:?}");
    }
}

#[test]
fn a_member_that_leads_back_to_its_union_is_boxed() {
    let text = json!({ "type": "string" });
    let union = |member: &str| json!({ "oneOf": [reference(member), text] });
    let object = |property: Value| json!({ "type": "object", "properties": { "of": property } });
    let schemas = json!({
        "Sum": object(reference("Expression")),
        "List": object(json!({ "type": "array", "items": reference("Lists") })),
        "Expression": union("Sum"),
        "Lists": union("List"),
        "Plain": union("Sum"),
    });
    let shaped = shaped(&responds(&reference("Plain")), &schemas).unwrap();
    let first = |name: &str| {
        let union = shaped
            .unions
            .iter()
            .find(|union| union.name == name)
            .unwrap();
        union.members[0].r#type.clone()
    };
    assert_eq!(first("Expression"), Type::Boxed(Box::new(named("Sum"))));
    // A list ends the cycle, and a union that leads into one is not part of it.
    assert_eq!(
        (first("Lists"), first("Plain")),
        (named("List"), named("Sum"))
    );
}

/// A body, sent and answered, of this schema.
fn both_ways(schema: &Value, schemas: &Value) -> Shaped {
    let content = json!({ "application/json": { "schema": schema } });
    let operation = json!({
        "requestBody": { "required": true, "content": content },
        "responses": { "200": { "description": "D", "content": content } },
    });
    shaped(&json!({ "/a": { "put": operation } }), schemas)
        .unwrap_or_else(|problems| panic!("{problems}"))
}

#[test]
fn what_stands_beside_a_reference_is_in_the_body_that_is_sent() {
    let schemas =
        json!({ "Base": { "type": "object", "properties": { "id": { "type": "string" } } } });
    let schema =
        json!({ "allOf": [reference("Base")], "properties": { "name": { "type": "string" } } });
    let shaped = both_ways(&schema, &schemas);
    let names: Vec<&String> = find(&shaped, "ReplaceA")
        .fields
        .iter()
        .map(|field| &field.wire)
        .collect();
    assert_eq!(names, ["id", "name"]);
}

#[test]
fn copies_that_are_sent_have_names_of_their_own() {
    let object =
        |name: &str| json!({ "type": "object", "properties": { name: { "type": "string" } } });
    let schemas = json!({ "Item": object("a"), "ItemInput": object("b") });
    let schema =
        json!({ "properties": { "first": reference("Item"), "second": reference("ItemInput") } });
    let shaped = both_ways(&schema, &schemas);
    let body = find(&shaped, "ReplaceA");
    let properties: Vec<&String> = (body.fields.iter())
        .map(|field| match &field.r#type {
            Type::Named(name) => &find(&shaped, name).fields[0].wire,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(properties, ["a", "b"]);
}

/// The names of the members of every union, by union.
fn members(shaped: &Shaped) -> Vec<(&str, Vec<&str>)> {
    let unions = shaped.unions.iter();
    let named = unions.map(|union| {
        let members = union.members.iter();
        (
            union.name.as_str(),
            members.map(|member| member.name.as_str()).collect(),
        )
    });
    named.collect()
}

#[test]
fn a_parent_that_is_sent_and_answered_is_the_union_of_its_children_both_ways() {
    let parent = json!({
        "type": "object", "properties": { "kind": { "type": "string" } }, "required": ["kind"],
        "discriminator": { "propertyName": "kind" },
    });
    let own = json!({ "b": { "type": "string" } });
    let schemas = json!({
        "Fault": parent,
        "Hard": { "allOf": [reference("Fault"), { "properties": { "a": { "type": "string" } } }] },
        // In 3.1 a reference may have keywords beside it.
        "Soft": { "$ref": "#/components/schemas/Fault", "properties": own },
    });
    let shaped = both_ways(&reference("Fault"), &schemas);
    let of = ["Hard", "Soft"].to_vec();
    assert_eq!(
        members(&shaped),
        [("Fault", of.clone()), ("FaultInput", of)]
    );
}

#[test]
fn a_branch_with_more_written_into_it_is_called_as_its_component() {
    let schemas =
        json!({ "odd-name": { "type": "object", "properties": { "a": { "type": "string" } } } });
    let schema =
        json!({ "oneOf": [reference("odd-name"), { "type": "string" }], "required": ["b"] });
    let shaped = both_ways(&json!({ "properties": { "p": schema } }), &schemas);
    assert_eq!(members(&shaped)[0].1[0], "OddName");
}

#[test]
fn a_member_of_a_union_knows_the_values_it_lists() {
    let schema = json!({ "anyOf": [{ "enum": ["x", "y"] }, { "type": "boolean" }] });
    let shaped = shaped(&responds(&schema), &json!({})).unwrap();
    let values: Vec<&[String]> = (shaped.unions[0].members.iter())
        .map(|member| member.values.as_slice())
        .collect();
    assert_eq!(
        values,
        [&[] as &[String], &["x".to_owned(), "y".to_owned()]]
    );
}

#[test]
fn an_optional_property_that_may_be_anything_may_be_null() {
    let field = field(&json!({}), &json!({}));
    assert!(field.nullable && field.clear.is_some());
}

#[test]
fn one_of_several_successes_may_be_null() {
    let success = |schema: Value| json!({ "description": "D", "content": { "application/json": { "schema": schema } } });
    let responses = json!({
        "200": success(json!({ "type": ["string", "null"] })),
        "202": success(json!({ "type": "integer" })),
    });
    let shaped = shaped(
        &json!({ "/a": { "get": { "responses": responses } } }),
        &json!({}),
    )
    .unwrap();
    let union = Type::Named("GetAResponse".to_owned());
    assert_eq!(
        shaped.operations[0].response,
        Payload::Value(Type::Nullable(Box::new(union)))
    );
}

/// The properties of the members of the union that this schema comes to in an answer.
#[track_caller]
fn member_properties(schema: &Value, schemas: &Value) -> Vec<String> {
    let shaped = both_ways(schema, schemas);
    let mut unions = shaped.unions.iter();
    let union = unions.find(|union| union.name == "ReplaceAResponse");
    let members = union.expect("the answer is a union").members.iter();
    members.map(|member| member.properties.join(" ")).collect()
}

#[test]
fn a_value_of_two_unions_is_a_member_of_each() {
    let has =
        |name: &str| json!({ "required": [name], "properties": { name: { "type": "string" } } });
    let one_of = |names: [&str; 2]| json!({ "oneOf": names.map(has) });
    let any_of = |names: [&str; 2]| json!({ "anyOf": names.map(has) });
    let with = |base: Value, key: &str, value: Value| {
        let mut whole = base;
        whole[key] = value;
        whole
    };
    let (ab, cd) = (one_of(["a", "b"]), one_of(["c", "d"]));
    let parts = |parts: &[&Value]| json!({ "allOf": parts });
    let plain = ["a c", "a d", "b c", "b d"].map(str::to_owned).to_vec();
    let based: Vec<String> = ["a c id", "a d id", "b c id", "b d id"]
        .map(str::to_owned)
        .to_vec();
    for (schema, expected) in [
        (parts(&[&ab, &cd]), &plain),
        (with(parts(&[&ab]), "oneOf", cd["oneOf"].clone()), &plain),
        (
            with(ab.clone(), "anyOf", any_of(["c", "d"])["anyOf"].clone()),
            &plain,
        ),
        (parts(&[&any_of(["a", "b"]), &any_of(["c", "d"])]), &plain),
        (parts(&[&any_of(["a", "b"]), &cd]), &plain),
        (parts(&[&has("id"), &ab, &cd]), &based),
        (
            with(
                parts(&[&ab, &cd]),
                "properties",
                has("id")["properties"].clone(),
            ),
            &based,
        ),
        (
            parts(&[&reference("Id"), &reference("Ab"), &reference("Cd")]),
            &based,
        ),
    ] {
        let schemas = json!({ "Id": has("id"), "Ab": ab, "Cd": cd });
        let mut found = member_properties(&schema, &schemas);
        found.sort();
        assert_eq!(&found, expected, "{schema}");
    }
}

#[test]
fn what_no_value_can_be_is_no_member() {
    let kind = |kind: &str, own: &str| {
        json!({
            "required": ["kind"],
            "properties": { "kind": { "enum": [kind] }, own: { "type": "string" } },
        })
    };
    let left = [kind("x", "a"), kind("y", "b")];
    for (right, expected) in [
        (
            [kind("x", "c"), kind("y", "d")],
            &["a c kind", "b d kind"][..],
        ),
        ([kind("x", "c"), json!({ "type": "string" })], &["a c kind"]),
    ] {
        let schema = json!({ "allOf": [{ "oneOf": left }, { "oneOf": right }] });
        assert_eq!(member_properties(&schema, &json!({})), expected);
    }
}

#[test]
fn a_scalar_that_is_a_member_has_no_properties() {
    let integer = json!({ "type": "integer" });
    let object = json!({ "type": "object", "properties": { "a": { "type": "string" } } });
    let beside = json!({ "s": { "type": "string" } });
    for schema in [
        json!({ "properties": beside, "oneOf": [integer, object] }),
        json!({ "properties": beside, "anyOf": [integer, {}] }),
        json!({ "type": "object", "properties": beside, "required": ["s"], "oneOf": [integer, object] }),
        json!({ "allOf": [{ "properties": beside }, { "oneOf": [integer, object] }] }),
    ] {
        let shaped = both_ways(&json!({ "properties": { "p": schema } }), &json!({}));
        let members = &shaped.unions[0].members;
        assert_eq!(members[0].r#type, Type::Integer, "{schema}");
        assert!(members[0].properties.is_empty(), "{schema}");
        assert!(members[1].properties.contains(&"s".to_owned()), "{schema}");
    }
}

#[test]
fn a_key_is_sent_where_the_document_asks_for_one_or_nowhere() {
    let none = "{get: {responses: {}}}";
    let own = "{get: {security: [{k: []}], responses: {}}}";
    let open = "{get: {security: [], responses: {}}}";
    for (a, b, global, expected) in [
        // One that asks for none anywhere is more likely to be incomplete.
        (none, none, None, [true, true]),
        (none, open, None, [true, false]),
        (none, own, None, [false, true]),
        (none, own, Some(json!([{ "k": [] }])), [true, true]),
        (none, own, Some(json!([])), [false, true]),
    ] {
        let mut document = with(
            &format!("{{/a: {a}, /b: {b}}}"),
            "{securitySchemes: {k: {type: apiKey, in: header, name: X-Key}}}",
        );
        if let Some(global) = &global {
            document["security"] = global.clone();
        }
        let shaped = shaped_document(&document).unwrap_or_else(|problems| panic!("{problems}"));
        let sent: Vec<bool> = (shaped.operations.iter())
            .map(|operation| operation.authenticated)
            .collect();
        assert_eq!(sent, expected, "{a} {b} {global:?}");
    }
}

#[test]
fn a_remedy_names_a_security_scheme_with_control_characters_by_their_codes() {
    let mut document = with("{/a: {get: {responses: {}}}}", "{}");
    document["security"] = json!([{ "k\u{7f}\u{2028}y": [] }]);
    let text = shaped_document(&document).unwrap_err().to_string();
    assert!(!text.contains(|c: char| c.is_control() && c != '\n'));
    assert!(text.contains(r#""k\u007f\u2028y""#), "{text}");
}

#[test]
fn an_idempotency_key_is_an_argument_but_for_a_post() {
    let key = "{parameters: [{name: Idempotency-Key, in: header, required: true, schema: {type: string}}], responses: {}}";
    for (method, expected) in [
        ("get", 1),
        ("put", 1),
        ("patch", 1),
        ("delete", 1),
        ("post", 0),
    ] {
        let document = with(&format!("{{/a: {{{method}: {key}}}}}"), "{}");
        let shaped = shaped_document(&document).unwrap_or_else(|problems| panic!("{problems}"));
        let parameters = &shaped.document["paths"]["/a"][method]["parameters"];
        let count = parameters.as_array().map_or(0, Vec::len);
        assert_eq!(count, expected, "{method}");
    }
}

#[test]
fn an_object_in_a_form_is_written_in_brackets_as_json_or_refused() {
    for (encoding, expected) in [
        ("{o: {style: deepObject, explode: true}}", None),
        ("{o: {contentType: application/json}}", None),
        (
            "{l: {style: form}, t: {contentType: application/json}}",
            None,
        ),
        (
            "{o: {style: form, explode: true}}",
            Some("the field `o` of the style form"),
        ),
        (
            "{o: {contentType: text/xml}}",
            Some("the field `o` of the contentType text/xml"),
        ),
    ] {
        let document = with(
            &format!(
                "{{/a: {{post: {{requestBody: {{content: {{application/x-www-form-urlencoded: {{encoding: {encoding},
                  schema: {{type: object, properties: {{t: {{type: string}}, l: {{type: array, items: {{type: string}}}},
                  o: {{type: object, properties: {{p: {{type: string}}}}}}}}}}}}}}}}, responses: {{}}}}}}}}"
            ),
            "{}",
        );
        match (shaped_document(&document), expected) {
            (Ok(_), None) => {}
            (Err(problems), Some(expected)) => {
                assert!(problems.to_string().contains(expected), "{problems}");
            }
            (shaped, _) => panic!("{encoding}: {:?}", shaped.err()),
        }
    }
}
