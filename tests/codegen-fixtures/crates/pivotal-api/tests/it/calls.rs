//! Calls over a socket: what the generated methods send, and what they make of responses.

use codegen_fixtures::WireError;
use futures_util::StreamExt;
use serde_json::json;

use crate::server::{KEY, json as body_of, responding};

const JSON: &str = "application/json";
const EMPTY_PAGE: &str = r#"{"object":"list","data":[],"has_more":false,"next_cursor":null}"#;

fn momo() -> serde_json::Value {
    json!({ "id": "a1", "name": "Momo", "habitat": "forest", "legs": 4, "chip": null, "updated_at": "2026-01-01T00:00:00Z" })
}

#[tokio::test]
async fn every_kind_of_query_parameter_is_written() {
    let (client, request) = responding(200, JSON, EMPTY_PAGE).await;
    let habitats = vec![codegen_fixtures::Habitat::SeaHyphenShore, "moon".into()];
    let tags = vec!["a b".to_owned(), "c&d".to_owned()];
    let order = "-name".into();
    let born = "2024-02-29".parse().unwrap();
    let seen = "2026-01-02T03:04:05.678Z".parse().unwrap();
    client
        .list_animals(
            Some(&born),
            Some("2026-01-01T00:00:00.000Z"),
            Some(&habitats),
            Some(5),
            Some(0.5),
            Some(&order),
            Some(&seen),
            Some(&tags),
            Some(true),
            Some("x"),
            3,
            Some("tag 1"),
        )
        .await
        .unwrap();
    let request = request.await.unwrap();
    assert_eq!(
        request.line,
        "GET /animals?born_after=2024-02-29&cursor=2026-01-01T00%3A00%3A00.000Z&habitats=sea-shore&habitats=moon&limit=5\
         &min_weight=0.5&order=-name&seen-since=2026-01-02T03%3A04%3A05.678Z&tags=a+b&tags=c%26d&tame=true&type=x"
    );
    assert_eq!(
        (request.header("x-attempt"), request.header("x-request-tag")),
        (Some("3"), Some("tag 1"))
    );
}

#[tokio::test]
async fn unset_fields_are_not_written() {
    let (client, request) = responding(200, JSON, EMPTY_PAGE).await;
    client
        .list_animals(
            None, None, None, None, None, None, None, None, None, None, 1, None,
        )
        .await
        .unwrap();
    let request = request.await.unwrap();
    assert_eq!(request.line, "GET /animals");
    assert_eq!(request.header("x-request-tag"), None);
}

#[tokio::test]
async fn an_empty_list_of_a_query_is_not_written() {
    let (client, request) = responding(200, JSON, EMPTY_PAGE).await;
    let none = Vec::new();
    client
        .list_animals(
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            Some(&none),
            None,
            None,
            1,
            None,
        )
        .await
        .unwrap();
    assert_eq!(request.await.unwrap().line, "GET /animals");
}

#[tokio::test]
async fn path_parameters_stay_one_segment_in_the_order_of_the_path() {
    let (client, request) = responding(200, JSON, r#""ok""#).await;
    let response = client
        .get_path("a/b c?d#e%", &codegen_fixtures::GetPathB::Y)
        .await
        .unwrap();
    assert_eq!(response.into_inner(), "ok");
    assert_eq!(
        request.await.unwrap().line,
        "GET /paths/a%2Fb%20c%3Fd%23e%25/y"
    );
}

#[tokio::test]
async fn a_path_with_text_around_its_parameter_goes_out() {
    let (client, request) = responding(200, JSON, r#""ok""#).await;
    let response = client.get_reports_v("2026/1.csv").await.unwrap();
    assert_eq!(response.into_inner(), "ok");
    assert_eq!(
        request.await.unwrap().line,
        "GET /reports/v2026%2F1.csv.csv"
    );
}

#[tokio::test]
async fn a_path_that_is_percent_encoded_on_its_way_goes_out() {
    let (client, request) = responding(200, JSON, r#""ok""#).await;
    let response = client.get_café_menu().await.unwrap();
    assert_eq!(response.into_inner(), "ok");
    assert_eq!(request.await.unwrap().line, "GET /caf%C3%A9%20menu");
}

#[tokio::test]
async fn parameters_of_aliases_and_of_several_types_are_text() {
    let body = r#"{"slug":"s"}"#;
    let (client, request) = responding(200, JSON, body).await;
    let (id, any, day) = (
        codegen_fixtures::MaybeId::Integer(7),
        json!("x"),
        "2024-02-29".parse().unwrap(),
    );
    client
        .get_alias(
            "s/1",
            Some(&any),
            Some(&id),
            None,
            None,
            Some("t"),
            Some("any"),
            Some(&day),
            Some("7"),
            Some("s"),
        )
        .await
        .unwrap();
    let request = request.await.unwrap();
    assert_eq!(request.line, "GET /aliases/s%2F1?any=x&id=7&text=t");
    let header = |name: &str| request.header(name).unwrap().to_owned();
    assert_eq!(
        [
            header("x-any"),
            header("x-day"),
            header("x-id"),
            header("x-slug")
        ],
        ["any", "2024-02-29", "7", "s"]
    );
}

#[tokio::test]
async fn a_json_body_is_sent_as_json() {
    let (client, request) = responding(201, JSON, &momo().to_string()).await;
    let created = client
        .create_animal(&codegen_fixtures::CreateAnimal::new(
            None,
            "Momo",
            "red-panda",
        ))
        .await
        .unwrap();
    assert_eq!(created.into_inner().name, "Momo");
    let request = request.await.unwrap();
    assert_eq!(request.line, "POST /animals");
    assert_eq!(request.header("content-type"), Some(JSON));
    assert_eq!(
        body_of(&request),
        json!({ "chip": null, "name": "Momo", "species": "red-panda" })
    );
}

#[tokio::test]
async fn lists_and_anything_can_be_bodies() {
    let (client, request) = responding(200, JSON, r#"["a"]"#).await;
    let doors = vec![codegen_fixtures::PostCageBodyItem::new(1).wide(true)];
    let opened = client.post_cage(9, &doors).await.unwrap();
    assert_eq!(opened.into_inner(), ["a"]);
    let request = request.await.unwrap();
    assert_eq!(
        (request.line.as_str(), body_of(&request)),
        ("POST /cages/9", json!([{ "door": 1, "wide": true }]))
    );

    let (client, request) = responding(200, JSON, r#"{"any":[1]}"#).await;
    let response = client.create_weather(&json!(["rain"])).await.unwrap();
    assert_eq!(response.into_inner(), json!({ "any": [1] }));
    assert_eq!(body_of(&request.await.unwrap()), json!(["rain"]));
}

#[tokio::test]
async fn a_form_is_sent_as_a_form() {
    let (client, request) = responding(200, JSON, "{}").await;
    client
        .create_format(&codegen_fixtures::CreateFormat::new("a b&c").count(2))
        .await
        .unwrap();
    let request = request.await.unwrap();
    assert_eq!(
        request.header("content-type"),
        Some("application/x-www-form-urlencoded")
    );
    assert_eq!(
        String::from_utf8(request.body).unwrap(),
        "count=2&name=a+b%26c"
    );
}

#[tokio::test]
async fn bytes_and_text_are_sent_as_they_are() {
    let (client, request) = responding(204, "", "").await;
    client
        .replace_animal_photo("a1", vec![0_u8, 159, 146, 150])
        .await
        .unwrap();
    let request = request.await.unwrap();
    assert_eq!(request.line, "PUT /animals/a1/photo");
    assert_eq!(
        request.header("content-type"),
        Some("application/octet-stream")
    );
    assert_eq!(request.body, [0, 159, 146, 150]);

    let (client, request) = responding(200, "", "").await;
    client
        .replace_animal_label("a1", "Momo ♥".to_owned())
        .await
        .unwrap();
    let request = request.await.unwrap();
    assert_eq!(request.header("content-type"), Some("text/plain"));
    assert_eq!(request.body, "Momo ♥".as_bytes());
}

#[tokio::test]
async fn bytes_and_text_responses_are_streams() {
    for (media_type, path) in [("image/png", "photo"), ("text/plain", "label")] {
        let (client, request) = responding(200, media_type, "raw bytes").await;
        let response = match path {
            "photo" => client.get_animal_photo("a1").await.unwrap(),
            _ => client.get_animal_label("a1").await.unwrap(),
        };
        let mut stream = response.into_inner();
        let mut read = Vec::new();
        while let Some(chunk) = stream.next().await {
            read.extend_from_slice(&chunk.unwrap());
        }
        assert_eq!(read, b"raw bytes");
        assert_eq!(
            request.await.unwrap().line,
            format!("GET /animals/a1/{path}")
        );
    }
}

#[tokio::test]
async fn a_response_without_a_body_is_the_unit_type() {
    let (client, request) = responding(204, "", "").await;
    client.delete_animal("a1", None).await.unwrap().into_inner();
    assert_eq!(request.await.unwrap().line, "DELETE /animals/a1");
}

#[tokio::test]
async fn every_documented_success_decodes() {
    let replacement = codegen_fixtures::ReplaceAnimal::new("Momo");
    for status in [200, 201] {
        let (client, request) = responding(status, JSON, &momo().to_string()).await;
        let response = client
            .replace_animal("a1", "tag", &replacement)
            .await
            .unwrap();
        assert_eq!(response.into_inner().id, "a1");
        assert_eq!(request.await.unwrap().header("x-request-tag"), Some("tag"));
    }
    // A range, and `default` where no other success is documented.
    let (client, _request) = responding(202, JSON, &momo().to_string()).await;
    client
        .update_animal("a1", None, &codegen_fixtures::UpdateAnimal::new())
        .await
        .unwrap();
    let (client, _request) = responding(203, JSON, r#"{"sky":"blue"}"#).await;
    assert_eq!(client.get_weather().await.unwrap().into_inner().sky, "blue");
}

#[tokio::test]
async fn a_response_may_be_null() {
    let (client, _request) = responding(200, JSON, "null").await;
    assert_eq!(client.get_v2_thing("t").await.unwrap().into_inner(), None);
    let (client, request) = responding(200, JSON, "null").await;
    let keeper = client.replace_alias("s", None).await.unwrap().into_inner();
    assert!(keeper.is_none());
    assert_eq!(body_of(&request.await.unwrap()), json!(null));
}

#[tokio::test]
async fn every_error_keeps_status_and_body_whatever_its_form() {
    let cases = [
        (400, JSON, r#"{"reason":"no"}"#),
        (404, JSON, r#"{"missing":["door"]}"#),
        (409, "application/problem+json", r#"{"until":"noon"}"#),
        (418, "text/html", "<h1>no</h1>"),
        (503, "", ""),
    ];
    for (status, media_type, body) in cases {
        let (client, _request) = responding(status, media_type, body).await;
        let error = client.get_cage(1).await.unwrap_err();
        let WireError::ErrorResponse(response) = error else {
            panic!("{status}: {error:?}");
        };
        assert_eq!(response.status().as_u16(), status);
        let mut stream = response.into_inner();
        let mut read = Vec::new();
        while let Some(chunk) = stream.next().await {
            read.extend_from_slice(&chunk.unwrap());
        }
        assert_eq!(read, body.as_bytes());
    }
}

#[tokio::test]
async fn a_path_item_by_reference_is_a_path_like_others() {
    let (client, request) = responding(200, JSON, r#"[{"name":"Kim","shift":"dusk"}]"#).await;
    let keepers = client.list_keepers().await.unwrap().into_inner();
    assert_eq!(keepers[0].shift.as_ref().unwrap(), "dusk");
    assert_eq!(request.await.unwrap().line, "GET /keepers");
}

#[tokio::test]
async fn the_key_stays_at_home_where_the_document_asks_for_none() {
    let (client, request) = responding(200, JSON, r#"{"open":2}"#).await;
    assert_eq!(client.list_gates().await.unwrap().open, 2);
    assert_eq!(request.await.unwrap().header("authorization"), None);

    // Where it is welcome but not needed, it goes.
    let bearer = format!("Bearer {KEY}");
    let (client, request) = responding(204, "", "").await;
    client
        .replace_gates(&codegen_fixtures::ReplaceGates::new(2))
        .await
        .unwrap();
    let request = request.await.unwrap();
    assert_eq!(request.header("authorization"), Some(bearer.as_str()));
}
