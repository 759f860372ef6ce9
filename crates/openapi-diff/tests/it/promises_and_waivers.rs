//! Promises and waivers.

use jiff::civil::Date;
use openapi_diff::{Level, Promises, Report, Waivers, diff};
use serde_json::{Value, json};

use crate::documents::operation;

fn error(code: &str, kind: &str) -> Value {
    operation(&format!(
        "{{responses: {{'404': {{content: {{a/b: {{schema: {{properties: {{error: {{properties: {{code: {{enum: [{code}, x]}}, kind: {{type: {kind}}}}}}}}}}}}}}}}}}}}}"
    ))
}

const PROMISES: &str = r#"
[[promise]]
id = "codes"
text = "Codes of errors stay."
evidence = "stated"
findings = ["response-*-enum-value-removed"]
properties = ["*error.code"]

[[promise]]
id = "types"
text = "Types stay."
evidence = "stated"
findings = ["*-type-changed", "response-*-enum-value-removed"]
"#;

fn report() -> Report {
    let promises = Promises::parse(PROMISES).unwrap();
    diff(&error("a", "string"), &error("b", "integer"), &promises).unwrap()
}

#[test]
fn a_finding_carries_the_first_promise_that_covers_it() {
    let report = report();
    let found: Vec<_> = report
        .iter()
        .map(|f| (f.id, f.level, f.property.as_deref(), f.promise.as_deref()))
        .collect();
    assert_eq!(
        found,
        [
            (
                "response-property-type-changed",
                Level::Breaking,
                Some("error.kind"),
                Some("types")
            ),
            (
                "response-property-enum-value-added",
                Level::Warning,
                Some("error.code"),
                None
            ),
            (
                "response-property-enum-value-removed",
                Level::Info,
                Some("error.code"),
                Some("codes")
            ),
        ]
    );
}

#[test]
fn a_star_in_a_pattern_stands_for_any_text() {
    for (pattern, property, expected) in [
        ("a", "a", true),
        ("a", "ab", false),
        ("a*", "ab", true),
        ("*b", "ab", true),
        ("a*b*c", "a-b-c", true),
        ("a*b*c", "a-c-b", false),
        ("ab*b", "ab", false),
        ("*", "", true),
        ("", "", true),
        ("", "a", false),
    ] {
        let document = |kind: &str| {
            let mut schema = json!({"type": kind});
            if !property.is_empty() {
                schema = json!({"properties": {property: schema}});
            }
            operation(
                &json!({"responses": {"404": {"content": {"a/b": {"schema": schema}}}}})
                    .to_string(),
            )
        };
        let promises = Promises::parse(&format!(
            "[[promise]]\nid = \"types\"\ntext = \"Types stay.\"\nevidence = \"stated\"\nfindings = [\"*-type-changed\"]\nproperties = [\"{pattern}\"]\n"
        ))
        .unwrap();
        let report = diff(&document("string"), &document("integer"), &promises).unwrap();
        let [finding] = report.findings() else {
            panic!("{report:#?}");
        };
        assert_eq!(finding.property.as_deref().unwrap_or_default(), property);
        assert_eq!(
            finding.promise.is_some(),
            expected,
            "{pattern} and {property}"
        );
    }
}

#[test]
fn a_promise_with_an_unknown_rule_is_refused_with_its_line() {
    let text = PROMISES.replace("*-type-changed", "*-type-chnaged");
    let error = Promises::parse(&text).unwrap_err().to_string();
    assert_eq!(error, "line 13: no rule is called `*-type-chnaged`");
    assert!(Promises::parse("[[promise]]\nid = 1").is_err());
}

#[test]
fn a_finding_as_json_has_these_members_and_no_others() {
    let json = serde_json::to_value(report()).unwrap();
    assert_eq!(
        json[1],
        json!({
            "id": "response-property-enum-value-added", "level": "warning", "method": "POST", "path": "/a", "operation_id": null,
            "location": "response 404", "property": "error.code", "from": null, "to": "b",
            "message": "the value `b` is new; was `a` renamed to it?",
            "base_pointer": "/paths/~1a/post/responses/404/content/a~1b/schema/properties/error/properties/code/enum",
            "revision_pointer": "/paths/~1a/post/responses/404/content/a~1b/schema/properties/error/properties/code/enum",
            "promise": null,
        })
    );
}

fn waiver(finding: &str, place: &str, expires: &str) -> String {
    format!(
        "[[waiver]]\nfinding = \"{finding}\"\nplace = \"{place}\"\nreason = \"It is known.\"\nexpires = \"{expires}\"\n"
    )
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

#[test]
fn a_waiver_removes_its_finding_until_it_expires() {
    let text = waiver(
        "response-property-type-changed",
        "POST /a response 404 `error.kind`",
        "2027-01-31",
    );
    let waivers = Waivers::parse(&text).unwrap();
    let outcome = waivers.apply(report(), day("2027-01-31")).unwrap();
    assert_eq!(outcome.kept.worst(), Some(Level::Warning));
    let waived: Vec<_> = outcome
        .waived
        .iter()
        .map(|(finding, reason)| (finding.id, reason.as_str()))
        .collect();
    assert_eq!(waived, [("response-property-type-changed", "It is known.")]);
    let error = waivers.apply(report(), day("2027-02-01")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "line 1: the waiver of response-property-type-changed at POST /a response 404 `error.kind` expired on 2027-01-31; renew it or fix what it waives"
    );
}

#[test]
fn a_waiver_may_cover_many_places_but_not_none() {
    let text = waiver(
        "response-property-enum-value-added",
        "POST /a *",
        "2027-01-31",
    ) + &waiver("response-property-type-changed", "GET /a *", "2027-01-31");
    let error = Waivers::parse(&text)
        .unwrap()
        .apply(report(), day("2026-11-21"))
        .unwrap_err();
    assert_eq!(
        error.messages(),
        [
            "line 6: the waiver of response-property-type-changed at GET /a * waives nothing; remove it"
        ]
    );
}

#[test]
fn malformed_waivers_are_refused_with_their_lines() {
    let text = waiver("no-such-rule", "*", "2027-01-31")
        + &waiver("endpoint-added", "*", "2027-02-29")
        + &waiver("endpoint-added", "*", "2027-01-31").replace("It is known.", " ");
    let error = Waivers::parse(&text).unwrap_err();
    assert_eq!(
        error.messages(),
        [
            "line 1: no rule is called `no-such-rule`",
            "line 6: `2027-02-29` is not a date; write it like 2027-01-31",
            "line 11: a waiver needs a reason",
        ]
    );
    assert!(Waivers::parse("[[waiver]]\nfinding = \"endpoint-added\"").is_err());
    for (text, is_date) in [
        ("2028-02-29", true),
        ("2100-02-29", false),
        ("2000-02-29", true),
        ("2027-13-01", false),
        ("2027-04-31", false),
        ("2027-1-01", false),
        ("+027-01-01", false),
        ("20270131", false),
        ("", false),
    ] {
        let waivers = Waivers::parse(&waiver("endpoint-added", "*", text));
        assert_eq!(waivers.is_ok(), is_date, "{text}");
    }
}
