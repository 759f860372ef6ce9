//! Request types: what they take, what they check, and that they send what the generated methods
//! send.

use codegen_fixtures::call::Call;
use codegen_fixtures::endpoint::{ByKey, Endpoint, List, Paged, Row};
use codegen_fixtures::requests::{
    CreateAnimalRequest, CreateWeatherRequest, DeleteAnimalRequest, GetAliasRequest,
    GetAnimalPhotoRequest, GetAnimalRequest, GetCageRequest, GetPathRequest, GetV2ThingRequest,
    GetWeatherRequest, ListAnimalsRequest, ListPetsRequest, PostCageRequest, ReplaceAliasRequest,
    ReplaceAnimalLabelRequest, ReplaceAnimalPhotoRequest, ReplaceAnimalRequest,
    UpdateAnimalRequest,
};
use codegen_fixtures::{AnimalPage, CreateAnimal, PostCageBodyItem, ReplaceAnimal, UpdateAnimal};
use pivotal_test_support::Request;
use serde_json::json;

use crate::server::{json as body_of, responding};

const JSON: &str = "application/json";
const EMPTY_PAGE: &str = r#"{"object":"list","data":[],"has_more":false,"next_cursor":null}"#;
const MOMO: &str = r#"{"id":"a1","name":"Momo","habitat":"forest","legs":4,"chip":null,"updated_at":"2026-01-01T00:00:00Z"}"#;

/// Sends a request to a server that gives this response.
async fn sent<E: Endpoint>(
    endpoint: E,
    (status, media_type, body): (u16, &str, &str),
) -> (E::Response, Request) {
    endpoint.check().unwrap();
    let (client, request) = responding(status, media_type, body).await;
    let response = endpoint.send(&client).await.unwrap();
    (response.into_inner(), request.await.unwrap())
}

/// The code and the field of what a request violates.
fn refused(endpoint: impl Endpoint) -> (&'static str, String) {
    let violation = endpoint.check().unwrap_err();
    (violation.code(), violation.field().to_owned())
}

#[tokio::test]
async fn every_kind_of_parameter_has_a_setter() {
    let list = ListAnimalsRequest::new(3)
        .born_after("2024-02-29".parse().unwrap())
        .cursor("2026-01-01T00:00:00.000Z")
        .habitats(["sea-shore", "moon"])
        .limit(5)
        .min_weight(0.5)
        .order("-name")
        .seen_since("2026-01-02T03:04:05.678Z".parse().unwrap())
        .tags(["a b", "c&d"])
        .tame(true)
        .type_("x")
        .x_request_tag("tag 1");
    let (page, request) = sent(list, (200, JSON, EMPTY_PAGE)).await;
    assert!(page.rows().is_empty());
    assert_eq!(
        request.line,
        "GET /animals?born_after=2024-02-29&cursor=2026-01-01T00%3A00%3A00.000Z&habitats=sea-shore&habitats=moon&limit=5\
         &min_weight=0.5&order=-name&seen-since=2026-01-02T03%3A04%3A05.678Z&tags=a+b&tags=c%26d&tame=true&type=x"
    );
    assert_eq!(request.header("x-attempt"), Some("3"));
    assert_eq!(request.header("x-request-tag"), Some("tag 1"));

    let (_, request) = sent(ListAnimalsRequest::new(1), (200, JSON, EMPTY_PAGE)).await;
    assert_eq!(request.line, "GET /animals");
}

#[tokio::test]
async fn ids_are_numbers_texts_or_the_row_itself() {
    let (momo, request) = sent(GetAnimalRequest::new(7), (200, JSON, MOMO)).await;
    assert_eq!(request.line, "GET /animals/7");
    let (_, request) = sent(DeleteAnimalRequest::new(&momo), (204, "", "")).await;
    assert_eq!(request.line, "DELETE /animals/a1");
    assert_eq!(
        refused(GetAnimalRequest::new("a/b")),
        ("invalid_string", "animalId".to_owned())
    );
}

#[tokio::test]
async fn an_update_without_changes_reads_the_row() {
    let update = |body| UpdateAnimalRequest::new("a1", body).x_request_tag("tag 1");
    let (momo, request) = sent(update(UpdateAnimal::new()), (200, JSON, MOMO)).await;
    assert_eq!(
        (momo.name.as_str(), request.line.as_str()),
        ("Momo", "GET /animals/a1")
    );
    assert_eq!(request.header("x-request-tag"), Some("tag 1"));
    assert_eq!(request.body, b"");

    for change in [
        UpdateAnimal::new().clear_chip(),
        UpdateAnimal::new().extra("new", 1),
    ] {
        let (_, request) = sent(update(change), (200, JSON, MOMO)).await;
        assert_eq!(request.line, "PATCH /animals/a1");
    }
}

#[tokio::test]
async fn parameters_that_are_no_ids_are_encoded() {
    let (text, request) = sent(GetPathRequest::new("a/b c", "y"), (200, JSON, r#""ok""#)).await;
    assert_eq!(text, "ok");
    assert_eq!(request.line, "GET /paths/a%2Fb%20c/y");
    let (_, request) = sent(
        GetAliasRequest::new("s").any(json!("x")).id(7).x_id("7"),
        (200, JSON, r#"{"slug":"s"}"#),
    )
    .await;
    assert_eq!(request.line, "GET /aliases/s?any=x&id=7");
    assert_eq!(request.header("x-id"), Some("7"));
}

#[tokio::test]
async fn a_parameter_of_any_json_is_what_pairs_can_hold() {
    let any = |value| GetAliasRequest::new("s").any(value);
    for (value, query) in [
        (json!([1, "b", true]), "?any=1&any=b&any=true"),
        (json!({ "a": 1, "b": "x" }), "?a=1&b=x"),
        (json!(null), ""),
        (json!([]), ""),
    ] {
        let (_, request) = sent(any(value), (200, JSON, r#"{"slug":"s"}"#)).await;
        assert_eq!(request.line, format!("GET /aliases/s{query}"));
    }
    for value in [
        json!({ "a": { "b": 1 } }),
        json!({ "a": [1] }),
        json!([[1]]),
        json!([{}]),
        json!([null]),
        json!({ "a": null }),
    ] {
        let violation = any(value).check().unwrap_err();
        assert_eq!(
            violation.to_string(),
            "get_alias: any must be a single value, a list of single values or an object with single values, \
             none of them null, as a query has pairs of texts alone; write anything else as a text"
        );
        assert_eq!(
            (violation.code(), violation.field()),
            ("invalid_type", "any")
        );
    }
}

#[tokio::test]
async fn bodies_of_every_kind_are_sent() {
    let momo = || CreateAnimal::new(None, "Momo", "red-panda");
    let (created, request) = sent(CreateAnimalRequest::new(momo()), (201, JSON, MOMO)).await;
    assert_eq!(created.name, "Momo");
    assert_eq!(body_of(&request)["species"], "red-panda");

    let doors = [PostCageBodyItem::new(1).wide(true)];
    let (opened, request) = sent(PostCageRequest::new(9, doors), (200, JSON, r#"["a"]"#)).await;
    assert_eq!(opened, ["a"]);
    assert_eq!(body_of(&request), json!([{ "door": 1, "wide": true }]));

    let rain = CreateWeatherRequest::new(json!(["rain"]));
    let (any, request) = sent(rain, (200, JSON, r#"{"any":[1]}"#)).await;
    assert_eq!(any, json!({ "any": [1] }));
    assert_eq!(body_of(&request), json!(["rain"]));

    let (keeper, request) = sent(ReplaceAliasRequest::new("s", None), (200, JSON, "null")).await;
    assert_eq!(keeper, None);
    assert_eq!(body_of(&request), json!(null));

    let photo = ReplaceAnimalPhotoRequest::new("a1", [0, 159]);
    let ((), request) = sent(photo, (204, "", "")).await;
    assert_eq!(request.body, [0, 159]);
    let label = ReplaceAnimalLabelRequest::new("a1", "Momo ♥");
    let ((), request) = sent(label, (200, "", "")).await;
    assert_eq!(request.body, "Momo ♥".as_bytes());
}

#[tokio::test]
async fn responses_of_every_kind_are_read() {
    let photo = GetAnimalPhotoRequest::new("a1");
    let (bytes, _) = sent(photo, (200, "image/png", "raw bytes")).await;
    assert_eq!(bytes, b"raw bytes");
    let (thing, _) = sent(GetV2ThingRequest::new("t"), (200, JSON, "null")).await;
    assert_eq!(thing, None);
    let weather = GetWeatherRequest::new();
    let (weather, _) = sent(weather, (203, JSON, r#"{"sky":"blue"}"#)).await;
    assert_eq!(weather.sky, "blue");
    let (pets, _) = sent(ListPetsRequest::new(), (200, JSON, "[]")).await;
    assert!(pets.is_empty());
    let (client, _request) = responding(404, JSON, "{}").await;
    GetCageRequest::new(1).send(&client).await.unwrap_err();
}

#[test]
fn the_limits_of_the_contract_are_checked() {
    let list = || ListAnimalsRequest::new(1);
    assert_eq!(refused(list().limit(0)), ("too_small", "limit".to_owned()));
    let tags = (0..11).map(|number| number.to_string());
    assert_eq!(refused(list().tags(tags)), ("too_big", "tags".to_owned()));
    assert_eq!(
        refused(list().min_weight(0.0)),
        ("too_small", "min_weight".to_owned())
    );
    assert_eq!(
        refused(list().x_request_tag("x".repeat(41))),
        ("too_big", "X-Request-Tag".to_owned())
    );
    assert_eq!(
        refused(GetAliasRequest::new("ten letters")),
        ("too_big", "slug".to_owned())
    );
    let animal = ReplaceAnimal::new("Momo").limit(10);
    assert_eq!(
        refused(ReplaceAnimalRequest::new("a1", "tag", animal)),
        ("too_big", "limit".to_owned())
    );
}

#[test]
fn paged_and_keyed_requests_implement_their_traits() {
    fn takes_a_key(_: impl ByKey) {}
    takes_a_key(CreateAnimalRequest::new(CreateAnimal::new(
        None, "Momo", "cat",
    )));

    let mut list = ListAnimalsRequest::new(1);
    *list.limit_mut().unwrap() = Some(2);
    *list.cursor_mut() = Some("c".to_owned());
    assert_eq!(list, ListAnimalsRequest::new(1).limit(2).cursor("c"));

    let page = format!(r#"{{"object":"list","data":[{MOMO}],"has_more":true,"next_cursor":"c2"}}"#);
    let mut page: AnimalPage = serde_json::from_str(&page).unwrap();
    assert_eq!((page.has_more(), page.next_cursor()), (true, Some("c2")));
    assert_eq!(page.rows()[0].id(), Some(page.data[0].id.as_str()));
    // An animal does not tell when it was created.
    assert_eq!(page.rows()[0].created_at(), None);
    for animal in &page {
        assert_eq!(animal.name, "Momo");
    }
    let names: Vec<String> = page.clone().into_iter().map(|animal| animal.name).collect();
    assert_eq!(names, ["Momo"]);
    page.rows_mut().clear();
    assert!(page.rows().is_empty());
}

#[test]
fn a_call_has_the_setters_of_its_request() {
    let request = ListAnimalsRequest::new(1);
    let call = Call { request }.tags(["a"]).order("-name").type_("x");
    let expected = ListAnimalsRequest::new(1).tags(["a"]).order("-name");
    assert_eq!(call.request, expected.type_("x"));
}
