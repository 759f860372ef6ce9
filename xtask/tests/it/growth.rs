//! What the vendor adds is there after a regeneration, without any other edit.

use serde_json::json;

use crate::workbench::{generated, generated_from, upstream};

fn text<'a>(files: &'a xtask::codegen::Files, module: &str) -> &'a str {
    &files[&format!("{}/{module}.rs", xtask::codegen::GENERATED)]
}

#[test]
fn a_new_operation_gets_a_method_a_table_entry_and_types() {
    let mut document = upstream();
    document["paths"]["/api/v1/invoices/{id}/notes"] = json!({ "post": {
        "summary": "Add a note to an invoice",
        "parameters": [{ "name": "id", "in": "path", "required": true, "schema": { "type": "string" } }],
        "requestBody": { "required": true, "content": { "application/json": { "schema": {
            "type": "object", "required": ["text"], "properties": { "text": { "type": "string", "maxLength": 500 } } } } } },
        "responses": { "201": { "description": "Created.", "content": { "application/json": { "schema": {
            "type": "object", "required": ["id"], "properties": { "id": { "type": "string" }, "mood": { "type": "string", "enum": ["good", "bad"] } } } } } } },
    } });
    let files = generated_from(&document).unwrap();
    let client = text(&files, "client");
    assert!(
        client.contains("pub async fn create_invoice_note<'a>("),
        "{client}"
    );
    assert!(client.contains("body: &'a super::CreateInvoiceNote,"));
    assert!(
        text(&files, "bodies").contains(
            "pub fn new(text: impl ::std::convert::Into<::std::string::String>) -> Self {"
        )
    );
    assert!(
        text(&files, "bodies").contains("/// `text` of `CreateInvoiceNote`")
            || text(&files, "bodies").contains("At most 500 characters.")
    );
    assert!(text(&files, "types").contains("pub struct CreateInvoiceNoteResponse {"));
    assert!(text(&files, "enums").contains("pub enum CreateInvoiceNoteResponseMood {"));
    assert!(text(&files, "operations").contains("name: \"create_invoice_note\","));
    assert!(text(&files, "mod").contains("CreateInvoiceNote"));
    let contract: serde_json::Value = serde_json::from_str(&files["openapi/pivotal.json"]).unwrap();
    assert_eq!(
        contract["paths"]["/api/v1/invoices/{id}/notes"]["post"]["operationId"],
        "create-invoice-note"
    );
}

#[test]
fn a_new_body_field_gets_a_setter_and_its_limits() {
    let mut document = upstream();
    let properties = &mut document["components"]["schemas"]["CustomerUpdate"]["properties"];
    properties["tier"] = json!({ "type": "string", "nullable": true, "maxLength": 40, "description": "What they pay for." });
    properties["seats"] = json!({ "type": "integer", "minimum": 1 });
    properties["billing"] = json!({ "type": "string", "format": "email" });
    properties["tags"] = json!({ "type": "array", "items": { "type": "string", "maxLength": 9 } });
    let files = generated_from(&document).unwrap();
    let bodies = text(&files, "bodies");
    for expected in [
        "    /// What they pay for. At most 40 characters.\n    #[serde(default)]\n    pub tier: ::pivotal_runtime::Patch<::std::string::String>,",
        "pub fn clear_tier(mut self) -> Self {",
        "    /// At least 1.\n    #[must_use]\n    pub fn seats(mut self, value: i64) -> Self {",
        "body.patch(\"tier\", &self.tier)?;",
    ] {
        assert!(bodies.contains(expected), "{expected}");
    }
    let operations = text(&files, "operations");
    assert!(
        operations.contains("name: \"tier\",\n            rule: ConstraintKind::MaxLength(40),"),
        "{operations}"
    );
    let schemas = text(&files, "schemas");
    for expected in [
        ".patch::<String>(\"tier\")\n            .describe(\"tier\", \"What they pay for. At most 40 characters.\")\n            .limit(&[\"tier\"], ConstraintKind::MaxLength(40))",
        ".limit(&[\"seats\"], ConstraintKind::Minimum(1.0))",
        ".format(&[\"billing\"], \"email\")",
        ".limit(&[\"tags\", \"*\"], ConstraintKind::MaxLength(9))",
    ] {
        assert!(schemas.contains(expected), "{expected}\n{schemas}");
    }
}

#[test]
fn a_new_response_field_is_read_and_known() {
    let mut document = upstream();
    let customer = &mut document["components"]["schemas"]["Customer"];
    customer["properties"]["health_score"] =
        json!({ "type": "number", "description": "From 0 to 1." });
    customer["properties"]["renewal"] = json!({ "type": "object", "required": ["at"], "properties": { "at": { "type": "string", "format": "date-time" } } });
    customer["required"]
        .as_array_mut()
        .unwrap()
        .push(json!("health_score"));
    let files = generated_from(&document).unwrap();
    let types = text(&files, "types");
    assert!(
        types.contains("    /// From 0 to 1.\n    pub health_score: f64,"),
        "{types}"
    );
    assert!(types.contains("pub renewal: ::std::option::Option<CustomerRenewal>,"));
    assert!(types.contains("pub at: ::jiff::Timestamp,"));
    assert!(text(&files, "objects").contains("health_score: \"health_score\","));
}

#[test]
fn a_new_enum_value_gets_a_variant_wherever_it_was_added() {
    for (schema, value) in [
        ("OnboardingCreate", "handover"),
        ("OnboardingUpdate", "after_launch"),
    ] {
        let mut document = upstream();
        let values = document["components"]["schemas"][schema]["properties"]["phase"]["enum"]
            .as_array_mut()
            .unwrap();
        values.push(json!(value));
        let files = generated_from(&document).unwrap();
        let variant = format!("        /// `{value}`\n        ");
        assert!(text(&files, "enums").contains(&variant), "{value}");
    }
}

#[test]
fn a_new_parameter_becomes_an_argument() {
    let mut document = upstream();
    let parameters = document["paths"]["/api/v1/customers"]["get"]["parameters"]
        .as_array_mut()
        .unwrap();
    parameters.push(json!({ "name": "plan", "in": "query", "schema": { "type": "array", "items": { "type": "string" } } }));
    let files = generated_from(&document).unwrap();
    assert!(
        text(&files, "client")
            .contains("plan: Option<&'a ::std::vec::Vec<::std::string::String>>,")
    );
}

#[test]
fn a_removed_operation_is_removed_from_the_code() {
    let mut document = upstream();
    document["components"]["schemas"]["Customer"]["properties"]
        .as_object_mut()
        .unwrap()
        .remove("slack_channel_id");
    document["components"]["schemas"]["Customer"]["required"]
        .as_array_mut()
        .unwrap()
        .retain(|name| name != "slack_channel_id");
    let types = generated_from(&document).unwrap();
    let types = text(&types, "types");
    let customer = &types[types.find("pub struct Customer {").unwrap()
        ..types.find("pub struct CustomerList {").unwrap()];
    assert!(!customer.contains("slack_channel_id"));
}

#[test]
fn response_fields_that_are_spelled_alike_get_names_of_their_own() {
    let mut document = upstream();
    let properties = &mut document["components"]["schemas"]["Customer"]["properties"];
    for property in ["FOO_BAR", "fooBar", "foo_bar"] {
        properties[property] = json!({ "type": "string" });
    }
    let files = generated_from(&document).unwrap();
    let types = text(&files, "types");
    for (field, property) in [("foo_bar_", "FOO_BAR"), ("foo_bar__", "fooBar")] {
        let before = types.split(&format!("pub {field}: ")).next().unwrap();
        let attributes = before.rsplit("pub ").next().unwrap();
        assert!(
            attributes.contains(&format!("rename = \"{property}\"")),
            "{attributes}"
        );
    }
    let before = types.split("pub foo_bar: ").next().unwrap();
    let attributes = before.rsplit("pub ").next().unwrap();
    assert!(!attributes.contains("rename"), "{attributes}");
}

#[test]
fn every_response_type_derives_its_schema() {
    let types = text(generated(), "types");
    let schema = "#[cfg_attr(feature = \"schemars\", derive(::schemars::JsonSchema))]";
    let before = types.split("pub struct Customer {").next().unwrap();
    let attributes = before.rsplit("\n\n").next().unwrap();
    assert!(attributes.contains(schema), "{attributes}");
    assert_eq!(
        types.matches("::serde::Serialize").count(),
        types.matches(schema).count()
    );
}
