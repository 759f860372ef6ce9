//! Recipes, in both modes of the sandbox and on servers that differ from it.

use jiff::{SignedDuration, Timestamp};
use pivotal_sdk::{
    CreateContact, CreateCustomer, CreateOnboarding, ErrorCode, ErrorKind, OnboardingPhase,
    OnboardingState, PhaseOrder,
};
use pivotal_tests::example;
use serde_json::json;

use crate::responses::{customer, list, onboarding};
use crate::sandbox::in_both_modes;
use crate::script::{Reply, Script, parameter};

/// The error that a server returns.
fn refusal(status: u16, error_type: &str, code: &str) -> Reply {
    let error = json!({ "type": error_type, "code": code, "message": "No." });
    Reply::Json(status, json!({ "error": error }))
}

/// A server that lists 250 customers, `c-0` the newest, and does what `on_slug` says of requests
/// that filter by slug.
fn customers(on_slug: impl Fn() -> Option<Reply> + Send + Sync + 'static) -> Script {
    Script::new(move |request, _| {
        let url = request.url();
        if request.method() == "POST" {
            return refusal(409, "conflict", "slug_taken");
        }
        if let (Some(_), Some(reply)) = (parameter(url, "slug"), on_slug()) {
            return reply;
        }
        let created_at = |number: usize| {
            let newest: Timestamp = "2026-05-26T17:21:09.412Z".parse().unwrap();
            newest - SignedDuration::from_secs(number as i64)
        };
        let limit = parameter(url, "limit").map_or(25, |limit| limit.parse().unwrap());
        let cursor: Option<Timestamp> = parameter(url, "cursor").map(|text| text.parse().unwrap());
        let begin = (0..250)
            .find(|number| cursor.is_none_or(|cursor| created_at(*number) < cursor))
            .unwrap_or(250);
        let end = (begin + limit).min(250);
        let rows: Vec<_> = (begin..end)
            .map(|number| {
                let mut row = customer();
                row["id"] = json!(format!("cl9bn00of0000g7l8gcq{number:05}"));
                row["display_id"] = json!(number + 1);
                row["slug"] = json!(format!("c-{number}"));
                row["created_at"] = json!(created_at(number));
                row
            })
            .collect();
        let mut page = list(&rows);
        if end < 250 {
            page["has_more"] = json!(true);
            page["next_cursor"] = json!(created_at(end - 1));
        }
        Reply::Json(200, page)
    })
}

#[tokio::test]
async fn a_customer_is_found_by_slug_on_a_server_without_the_filter() {
    let ignored = customers(|| None);
    let rejected = customers(|| Some(refusal(400, "invalid_request_error", "unrecognized_keys")));
    for script in [&ignored, &rejected] {
        let pivotal = script.client();
        let found = pivotal.customers().find_by_slug("c-240").await.unwrap();
        assert_eq!(found.unwrap().display_id, 241);
        assert_eq!(pivotal.customers().find_by_slug("c").await.unwrap(), None);

        let body = CreateCustomer::new("C").slug("c-7");
        let existing = pivotal.customers().get_or_create(body).await.unwrap();
        assert!(!existing.is_created());
        assert_eq!(existing.into_inner().display_id, 8);
    }
    // Three pages, three pages, a create and a page.
    assert_eq!(ignored.count(), 3 + 3 + 2);
    assert_eq!(rejected.count(), ignored.count() + 3);
}

#[tokio::test]
async fn a_server_that_fails_does_not_lack_the_customer() {
    let script = customers(|| Some(refusal(401, "authentication_error", "api_key_revoked")));
    let error = script.client().customers().find_by_slug("c-7").await;
    assert!(error.unwrap_err().is_authentication());
    assert_eq!(script.count(), 1);
}

#[tokio::test]
async fn a_customer_without_a_slug_is_not_created() {
    let script = customers(|| None);
    let get_or_create = |body| script.client().customers().get_or_create(body);
    let error = get_or_create(CreateCustomer::new("C")).await.unwrap_err();
    assert!(error.is_code("missing_field"), "{error}");
    assert_eq!((error.field(), script.count()), (Some("slug"), 0));

    // `extra` replaces the field.
    let body = CreateCustomer::new("C").slug("d").extra("slug", "c-7");
    assert!(!get_or_create(body).await.unwrap().is_created());
}

#[tokio::test]
async fn a_conflict_that_is_not_resolved_by_a_row_stays_an_error() {
    let script = customers(|| Some(Reply::Json(200, list(&[]))));
    let body = CreateCustomer::new("Aurora").slug("aurora-demo");
    let error = script.client().customers().get_or_create(body).await;
    assert!(error.unwrap_err().is_code(ErrorCode::SlugTaken));
    assert_eq!(script.count(), 2);

    let script = Script::new(|_, _| refusal(409, "conflict", "idempotency_key_reused"));
    let body = CreateCustomer::new("Aurora").slug("aurora-demo");
    let error = script.client().customers().get_or_create(body).await;
    assert!(error.unwrap_err().is_code(ErrorCode::IdempotencyKeyReused));
    assert_eq!(script.count(), 1);
}

#[tokio::test]
async fn a_contact_that_appears_during_the_call_is_returned() {
    let contact = json!({
        "object": "contact", "id": "cl9bp00of0000g7l8gcq8c4xk", "display_id": 3,
        "customer_id": "cl9bn00of0000g7l8gcq8c4xk", "name": "Mira Chen",
        "email": "mira@aurora-demo.com", "title": null, "is_primary": true, "labels": [],
        "created_at": "2026-05-26T17:21:09.412Z", "updated_at": "2026-05-26T17:21:09.412Z"
    });
    let script = Script::new(
        move |request, earlier| match (request.method().as_str(), earlier) {
            ("POST", _) => refusal(409, "conflict", "email_taken"),
            (_, 0) => Reply::Json(200, list(&[])),
            _ => Reply::Json(200, list(std::slice::from_ref(&contact))),
        },
    );
    let contacts = script.client().customer(245).contacts();
    let get_or_create = |email: &str| contacts.get_or_create(CreateContact::new("Mira", email));
    let existing = get_or_create("mira@aurora-demo.com").await.unwrap();
    assert!(!existing.is_created());
    assert_eq!(script.count(), 3);
    let error = get_or_create("other@aurora-demo.com").await.unwrap_err();
    assert!(error.is_code(ErrorCode::EmailTaken));
}

#[tokio::test]
async fn a_customer_is_found_by_slug_in_both_modes() {
    in_both_modes(async |_, pivotal| {
        for number in 0..150 {
            let body = CreateCustomer::new("C").slug(format!("c-{number}"));
            pivotal.customers().create(body).await.unwrap();
        }
        let found = pivotal.customers().find_by_slug("c-20").await.unwrap();
        assert_eq!(found.unwrap().slug.as_deref(), Some("c-20"));
        assert_eq!(pivotal.customers().find_by_slug("c").await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn an_onboarding_advances_pauses_and_resumes_in_both_modes() {
    in_both_modes(async |_, pivotal| {
        let customer = CreateCustomer::new("Aurora");
        let customer = pivotal.customers().create(customer).await.unwrap();
        let body = CreateOnboarding::new(&customer.id);
        let onboarding = pivotal.onboardings().create(body).await.unwrap();
        let handle = pivotal.onboarding(&onboarding);
        let paused = handle.pause().await.unwrap();
        assert_eq!(paused.state, OnboardingState::Paused);
        let resumed = handle.resume().await.unwrap();
        assert_eq!(resumed.state, OnboardingState::Active);
        let mut phases = vec![onboarding.phase];
        while let Some(onboarding) = handle.advance().await.unwrap() {
            phases.push(onboarding.phase);
        }
        assert_eq!(phases, OnboardingPhase::KNOWN);
    })
    .await;
}

#[test]
fn phases_follow_each_other_as_the_contract_lists_them() {
    let mut phases = vec![OnboardingPhase::BeforeGettingStarted];
    while let Some(next) = phases[phases.len() - 1].next() {
        phases.push(next);
    }
    assert_eq!(phases, OnboardingPhase::KNOWN);
    assert_eq!(OnboardingPhase::from("victory_lap").next(), None);
    assert_eq!(
        OnboardingPhase::Unknown("launch".to_owned()).next(),
        OnboardingPhase::Launch.next()
    );
}

#[tokio::test]
async fn advancing_from_a_phase_newer_than_the_program_changes_nothing() {
    let script = Script::new(|_, _| {
        let mut lapping = onboarding();
        lapping["phase"] = json!("victory_lap\u{1b}[2J".to_owned() + &"x".repeat(1000));
        Reply::Json(200, lapping)
    });
    let error = script.client().onboarding(7).advance().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unexpected);
    assert!(error.is_code("unknown_phase"));
    let shown = error.to_string();
    assert!(shown.contains(r"victory_lap\u{1b}[2Jxxx"), "{shown}");
    assert!(shown.contains("x…; set"), "{shown}");
    assert_eq!(script.count(), 1);
}

#[tokio::test]
async fn the_address_in_the_app_has_the_slug_when_there_is_one() {
    let slugs = [
        json!("aurora-demo"),
        json!(null),
        json!("../x?y#z \u{202e}"),
    ];
    let script = Script::new(move |_, earlier| {
        let mut row = customer();
        row["slug"] = slugs[earlier].clone();
        Reply::Json(200, row)
    });
    let pivotal = script.client();
    let address = async || pivotal.ui_url(&pivotal.customer(245).get().await.unwrap());
    assert_eq!(
        address().await,
        "https://my.pivotal.app/customers/245-aurora-demo"
    );
    assert_eq!(address().await, "https://my.pivotal.app/customers/245");
    assert_eq!(
        address().await,
        "https://my.pivotal.app/customers/245-..%2Fx%3Fy%23z%20%E2%80%AE"
    );
}

/// Customers of one domain: `new` was imported late and has an old contact, `gone` is deleted while
/// histories are read.
#[tokio::test]
async fn the_history_of_duplicates_includes_contacts_and_onboardings() {
    let server = Script::new(|request, _| {
        let row = |mut row: serde_json::Value, id: &str, day: u8| {
            row["id"] = json!(id);
            row["created_at"] = json!(format!("2026-05-{day:02}T10:00:00.000Z"));
            row
        };
        let rows = match request.url().path() {
            "/api/v1/customers" => vec![
                row(customer(), "new", 20),
                row(customer(), "gone", 19),
                row(customer(), "old", 18),
            ],
            "/api/v1/customers/new/contacts" => vec![row(example("Contact"), "mira", 3)],
            "/api/v1/customers/gone/contacts" => {
                return refusal(404, "not_found", "customer_not_found");
            }
            "/api/v1/customers/old/onboardings" => {
                let mut row = row(onboarding(), "first", 5);
                row["started_at"] = json!("2026-05-04T10:00:00.000Z");
                vec![row]
            }
            _ => Vec::new(),
        };
        Reply::Json(200, list(&rows))
    });
    let pivotal = server.client();
    let mut found = pivotal.customers().duplicates().await.unwrap();
    let duplicates = found.pop().unwrap();
    assert!(found.is_empty());
    assert_eq!(duplicates.domain, "aurora-demo.com");
    assert_eq!(duplicates.customers.len(), 3);
    let known = duplicates.by_history(&pivotal).await.unwrap();
    let known = known
        .iter()
        .map(|(since, customer)| (customer.id.as_str(), since.to_string()));
    let expected = [
        ("new", "2026-05-03T10:00:00Z"),
        ("old", "2026-05-04T10:00:00Z"),
    ];
    assert!(known.eq(expected.map(|(id, since)| (id, since.to_owned()))));
}
