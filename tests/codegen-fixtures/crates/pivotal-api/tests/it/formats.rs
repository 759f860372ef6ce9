//! Requests that are not JSON with a bearer key, over a socket.

use codegen_fixtures as api;
use serde_json::{Value, json};

use crate::server::{KEY, json as body_of, responding};

#[tokio::test]
async fn a_form_holds_lists_and_objects_in_the_documented_style_and_no_null() {
    let (client, request) = responding(204, "", "").await;
    let item = api::CreateOrderItemsItem::new().sku("a&b").count(2);
    let body = api::CreateOrder::new("Momo ♥")
        .clear_note()
        .items([item])
        .card(api::CreateOrderCard::new().exp(5))
        .tags(["x", "y"])
        .codes(["1", "2"]);
    client.create_order(&body).await.unwrap();
    let request = request.await.unwrap();
    assert_eq!(
        request.header("content-type"),
        Some("application/x-www-form-urlencoded")
    );
    let text = std::str::from_utf8(&request.body).unwrap();
    let mut pairs: Vec<&str> = text.split('&').collect();
    pairs.sort_unstable();
    let expected = [
        "card%5Bexp%5D=5",
        "codes=1%2C2",
        "items%5B0%5D%5Bcount%5D=2",
        "items%5B0%5D%5Bsku%5D=a%26b",
        "name=Momo+%E2%99%A5",
        "tags=x",
        "tags=y",
    ];
    assert_eq!(pairs, expected);
}

#[tokio::test]
async fn files_and_fields_are_parts() {
    let (client, request) = responding(204, "", "").await;
    let body = api::CreateUpload::new([0, 255, b'-'])
        .more([b"one".to_vec(), b"two".to_vec()])
        .title("Momo")
        .labels(["a", "b"])
        .meta(api::CreateUploadMeta::new().n(1));
    client.create_upload(&body).await.unwrap();
    let request = request.await.unwrap();
    let content_type = request.header("content-type").unwrap().to_owned();
    let boundary = content_type
        .strip_prefix("multipart/form-data; boundary=")
        .unwrap();
    let text = String::from_utf8_lossy(&request.body).into_owned();
    let parts: Vec<&str> = text.split(&format!("--{boundary}")).collect();
    // Nothing before the first, and the end after the last.
    assert_eq!(
        (parts.len(), parts[0], *parts.last().unwrap()),
        (9, "", "--\r\n")
    );
    let count = |needle: &str| text.matches(needle).count();
    assert_eq!(count("name=\"more\"; filename=\"more\""), 2);
    assert_eq!(count("name=\"labels\"\r\n\r\n"), 2);
    assert_eq!(count("name=\"title\"\r\n\r\nMomo\r\n"), 1);
    assert_eq!(
        count("Content-Type: application/json\r\n\r\n{\"n\":1}\r\n"),
        1
    );
    let file = b"name=\"file\"; filename=\"file\"\r\nContent-Type: application/octet-stream\r\n\r\n\x00\xff-\r\n";
    assert!(
        request
            .body
            .windows(file.len())
            .any(|window| window == file)
    );
}

#[tokio::test]
async fn json_of_another_name_is_sent_and_asked_for_under_it() {
    let (client, request) = responding(200, "application/vnd.zoo.v1+json", r#"{"b":"x"}"#).await;
    let body = api::UpdatePatches::new().clear_a();
    let response = client.update_patches(&body).await.unwrap();
    assert_eq!(response.b.as_deref(), Some("x"));
    let request = request.await.unwrap();
    assert_eq!(
        request.header("content-type"),
        Some("application/merge-patch+json")
    );
    assert_eq!(
        request.header("accept"),
        Some("Application/vnd.zoo.v1+JSON")
    );
    assert_eq!(body_of(&request), json!({ "a": null }));
}

#[tokio::test]
async fn bytes_are_sent_and_asked_for_under_their_documented_types() {
    let (client, request) = responding(200, "image/png", "png").await;
    client.replace_pictures(b"png".to_vec()).await.unwrap();
    let request = request.await.unwrap();
    assert_eq!(request.header("content-type"), Some("image/png"));
    assert_eq!(request.header("accept"), Some("image/png, image/webp"));
    assert_eq!(request.body, b"png");
}

#[tokio::test]
async fn lists_and_objects_in_the_query_are_written_in_their_styles() {
    let (client, request) = responding(204, "", "").await;
    let (csv, pipes) = (vec!["a b".to_owned(), "c&d".to_owned()], vec![1, 2]);
    client
        .get_search(
            "i",
            Some(&csv),
            Some("red"),
            Some(5),
            Some(&pipes),
            Some("{}"),
            Some("admin"),
            Some("3"),
            Some("1,2"),
        )
        .await
        .unwrap();
    let request = request.await.unwrap();
    assert_eq!(
        request.line,
        "GET /searches/i?csv=a+b,c%26d&filter%5Bcolor%5D=red&filter%5Bsize%5D%5Bgt%5D=5&pipes=1%7C2\
         &query=%7B%7D&role=admin"
    );
    assert_eq!(request.header("x-list"), Some("1,2"));
    // The generator gives every request a header of this name.
    assert_eq!(request.header("api-version"), Some("3"));
}

#[tokio::test]
async fn a_success_is_what_came_or_nothing() {
    for (status, body, expected) in [
        (200, r#"{"done":"x"}"#, json!({ "done": "x" })),
        (202, r#"{"queued":1}"#, json!({ "queued": 1 })),
        (204, "", Value::Null),
    ] {
        let (client, _) = responding(status, "application/json", body).await;
        let response = client.create_job().await.unwrap().into_inner();
        assert_eq!(response.is_none(), status == 204);
        assert_eq!(serde_json::to_value(&response).unwrap(), expected);
        let is_known = matches!(
            response,
            None | Some(api::CreateJobResponse2::CreateJobResponse(_))
                | Some(api::CreateJobResponse2::CreateJob202Response(_))
        );
        assert!(is_known, "{response:?}");
    }
}

#[tokio::test]
async fn the_key_goes_where_the_document_wants_it_and_nowhere_else() {
    let key = Some(KEY);
    let cookie = format!("SID={KEY}");
    let basic = "Basic cGl2b3RhbF90ZXN0X0s4czlhQjNkRTVmRw==";
    let (client, request) = responding(204, "", "").await;
    client.get_vault().await.unwrap();
    let vault = request.await.unwrap();
    assert_eq!(
        (vault.header("x-zoo-key"), vault.header("authorization")),
        (key, None)
    );
    let (client, request) = responding(204, "", "").await;
    client.get_till().await.unwrap();
    assert_eq!(request.await.unwrap().header("authorization"), Some(basic));
    let (client, request) = responding(204, "", "").await;
    client.get_kiosk().await.unwrap();
    let kiosk = request.await.unwrap();
    assert_eq!(
        (kiosk.header("cookie"), kiosk.header("authorization")),
        (Some(&*cookie), None)
    );
}

#[tokio::test]
async fn a_parameter_that_is_twice_in_a_path_is_written_twice() {
    let (client, request) = responding(204, "", "").await;
    client.get_twice_of("a1").await.unwrap();
    assert_eq!(request.await.unwrap().line, "GET /twice/a1/of/a1");
}
