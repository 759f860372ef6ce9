//! Requests that are not JSON with a bearer key, over a socket.

use codegen_fixtures as api;
use serde_json::{Value, json};

use api::endpoint::Endpoint;
use pivotal_test_support::Request;

use crate::server::{KEY, MORE_KEYS, json as body_of, observed, responding};

#[tokio::test]
async fn a_form_holds_lists_and_objects_in_the_documented_style_and_no_null() {
    let (client, request) = responding(204, "", "").await;
    let item = api::CreateOrderItemsItem::new().sku("a&b").count(2);
    let body = api::CreateOrder::new("Momo ♥")
        .clear_note()
        .items([item])
        .card(api::CreateOrderCard::new().exp(5))
        .tags(["x", "y"])
        .plain(["p", "q"])
        .codes(["1", "2"])
        .gift(api::CreateOrderGift::new().to("Ada").wraps(["r&d"]))
        .stamps([1, 2]);
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
        "gift=%7B%22to%22%3A%22Ada%22%2C%22wraps%22%3A%5B%22r%26d%22%5D%7D",
        "items%5B0%5D%5Bcount%5D=2",
        "items%5B0%5D%5Bsku%5D=a%26b",
        "name=Momo+%E2%99%A5",
        "plain%5B0%5D=p",
        "plain%5B1%5D=q",
        "stamps=%5B1%2C2%5D",
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
        .note("*Momo*")
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
        (10, "", "--\r\n")
    );
    let count = |needle: &str| text.matches(needle).count();
    let more = "name=\"more\"; filename=\"more\"\r\nContent-Type: application/octet-stream";
    assert_eq!(count(more), 2);
    let labels = "name=\"labels\"\r\nContent-Type: text/csv\r\n\r\n";
    assert_eq!(count(labels), 2);
    let note = "name=\"note\"\r\nContent-Type: text/markdown\r\n\r\n*Momo*\r\n";
    assert_eq!(count(note), 1);
    assert_eq!(count("name=\"title\"\r\n\r\nMomo\r\n"), 1);
    assert_eq!(
        count("Content-Type: application/vnd.zoo+json\r\n\r\n{\"n\":1}\r\n"),
        1
    );
    let file = b"name=\"file\"; filename=\"file\"\r\nContent-Type: image/png\r\n\r\n\x00\xff-\r\n";
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
async fn of_a_range_of_types_one_is_sent() {
    let (client, request) = responding(204, "", "").await;
    client.replace_posters(b"webp".to_vec()).await.unwrap();
    let request = request.await.unwrap();
    assert_eq!(request.header("content-type"), Some("image/webp"));
    let (client, request) = responding(204, "", "").await;
    client.create_poster("text".to_owned()).await.unwrap();
    let request = request.await.unwrap();
    assert_eq!(request.header("content-type"), Some("text/plain"));
}

#[tokio::test]
async fn lists_and_objects_in_the_query_are_written_in_their_styles() {
    let (client, request) = responding(204, "", "").await;
    let (csv, pipes) = (vec!["a b".to_owned(), "c&d".to_owned()], vec![1, 2]);
    let free = [("any".to_owned(), "x".to_owned())].into();
    client
        .get_search(
            "i",
            Some("w,1"),
            Some(&csv),
            Some("red"),
            Some(5),
            Some(&free),
            Some(&pipes),
            Some("{}"),
            Some("1..9"),
            Some("admin"),
            Some("3"),
            Some("1,2"),
        )
        .await
        .unwrap();
    let request = request.await.unwrap();
    assert_eq!(
        request.line,
        "GET /searches/i?box=w,1&csv=a+b,c%26d&filter%5Bcolor%5D=red&filter%5Bsize%5D%5Bgt%5D=5&free%5Bany%5D=x&pipes=1%7C2\
         &query=%7B%7D&range=1..9&role=admin"
    );
    assert_eq!(request.header("x-list"), Some("1,2"));
    // The generator gives every request a header of this name.
    assert_eq!(request.header("api-version"), Some("3"));
}

#[tokio::test]
async fn only_what_separates_the_items_of_a_list_is_written_as_it_is() {
    let (client, request) = responding(204, "", "").await;
    let texts = |texts: [&str; 2]| texts.map(str::to_owned).to_vec();
    let (csv, pipes) = (texts(["a,b", "c%2C"]), texts(["a b", "c,d"]));
    let words = texts(["a|b", "c,d"]);
    client
        .get_spaced(Some(&csv), Some(&pipes), Some("x,y z"), Some(&words))
        .await
        .unwrap();
    assert_eq!(
        request.await.unwrap().line,
        "GET /spaced?csv=a%2Cb,c%252C&pipes=a+b%7Cc%2Cd&text=x%2Cy+z&words=a%7Cb%20c%2Cd"
    );

    // These are not told from the separator.
    for (pipes, words, field) in [
        (Some(texts(["a|b", "c"])), None, "pipes"),
        (None, Some(texts(["a b", "c"])), "words"),
    ] {
        let (client, _) = responding(204, "", "").await;
        let sent = client.get_spaced(None, pipes.as_ref(), None, words.as_ref());
        let error = sent.await.unwrap_err().to_string();
        assert!(error.contains(field), "{error}");
    }
}

#[tokio::test]
async fn a_success_is_what_its_status_says() {
    use api::{CreateOutcomeResponse as Created, ReplaceOutcomesResponse as Replaced};
    let body = r#"{"id":"q"}"#;
    for (status, body) in [
        (200, body),
        (201, body),
        (202, body),
        (202, "[1]"),
        (204, ""),
    ] {
        let (client, _) = responding(status, "application/json", body).await;
        let response = client.create_outcome().await.unwrap().into_inner();
        let is_right = match (status, body) {
            (204, _) => response.is_none(),
            (_, "[1]") => response == Some(Created::Unknown(json!([1]))),
            (202, _) => matches!(response, Some(Created::Waiting(_))),
            _ => matches!(response, Some(Created::Outcome(_))),
        };
        assert!(is_right, "{status}: {response:?}");
    }
    for status in [200, 201, 299] {
        let (client, _) = responding(status, "application/json", body).await;
        let response = client.replace_outcomes().await.unwrap().into_inner();
        let is_right = match status {
            200 => matches!(response, Replaced::Outcome(_)),
            _ => matches!(response, Replaced::Waiting(_)),
        };
        assert!(is_right, "{status}: {response:?}");
    }
}

#[tokio::test]
async fn parts_that_no_form_holds_are_left_out_and_json_is_sent_instead() {
    let operation = |name: &str| api::operation(name).is_some();
    assert!(!operation("create_letter"));
    let body = api::ReplaceLetters::new().a("x");
    let json = sent(api::requests::ReplaceLettersRequest::new(body)).await;
    assert_eq!(json.header("content-type"), Some("application/json"));
    let alone = sent(api::requests::UpdateLettersRequest::new()).await;
    assert_eq!(
        (alone.line.as_str(), alone.body.len()),
        ("PATCH /letters", 0)
    );
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

/// The request line of a call.
macro_rules! line {
    ($client:ident => $call:expr) => {{
        let ($client, request) = responding(204, "", "").await;
        $call.await.unwrap();
        request.await.unwrap().line
    }};
}

#[tokio::test]
async fn parameters_whose_rust_names_are_one_are_sent_under_their_own() {
    let (client, request) = responding(204, "", "").await;
    let call = client.get_clash(
        "1",
        "2",
        Some("3"),
        Some("4"),
        Some("5"),
        Some("6"),
        Some("7"),
        Some("8"),
        Some("9"),
    );
    call.await.unwrap();
    let request = request.await.unwrap();
    assert_eq!(
        request.line,
        "GET /clashes/1/2?a.b=3&aB=4&body=5&header_map=7"
    );
    assert_eq!(request.header("cookie"), Some("a_b=6"));
    assert_eq!(request.header("a_b"), Some("8"));
    assert_eq!(request.header("a-b"), Some("9"));
}

#[tokio::test]
async fn cookies_are_encoded_and_stand_beside_the_key() {
    let (client, request) = responding(204, "", "").await;
    client
        .list_cookies(3, Some("a b;♥"), Some(2))
        .await
        .unwrap();
    let request = request.await.unwrap();
    assert_eq!(request.line, "GET /cookies?page=2");
    let expected = format!("seen=3; theme=a%20b%3B%E2%99%A5; SID={KEY}");
    assert_eq!(request.header("cookie"), Some(&*expected));
    let long = api::requests::ListCookiesRequest::new(3).theme("x".repeat(21));
    assert!(api::endpoint::Endpoint::check(&long).is_err());
}

#[tokio::test]
async fn the_query_of_a_path_is_sent_and_its_fragment_is_not() {
    let lines = [
        line!(client => client.get_fixed()),
        line!(client => client.get_fixed_mode("a&b")),
        line!(client => client.get_fixed_mode_full_list(Some("x"))),
        line!(client => client.get_fixed_mode_full_list(None)),
        line!(client => client.create_fixed_start()),
        line!(client => client.create_fixed_stop()),
        line!(client => client.get_listed(Some("1"), None)),
    ];
    let expected = [
        "GET /fixed",
        "GET /fixed?mode=a%26b",
        "GET /fixed?mode=full&list&more=x",
        "GET /fixed?mode=full&list",
        "POST /fixed",
        "POST /fixed",
        "GET /listed?first=1",
    ];
    assert_eq!(lines, expected);
}

#[tokio::test]
async fn objects_of_any_names_in_the_query_are_written_in_their_styles() {
    let map = |value: Value| value.as_object().unwrap().clone();
    let texts = |name: &str| [(name.to_owned(), "x&y".to_owned())].into();
    let request = api::requests::ListFreesRequest::new([("n".to_owned(), 1)].into())
        .labels(texts("l"))
        .lists(texts("m"))
        .known(texts("two"))
        .known_one("1")
        .any(map(json!({ "a": { "b": [true, null] } })))
        .ids([5, 6])
        .either(json!({ "gt": 7 }));
    let (client, sent) = responding(204, "", "").await;
    api::endpoint::Endpoint::send(&request, &client)
        .await
        .unwrap();
    assert_eq!(
        sent.await.unwrap().line,
        "GET /frees?any%5Ba%5D%5Bb%5D%5B0%5D=true&either%5Bgt%5D=7&ids%5B0%5D=5&ids%5B1%5D=6\
         &known%5Btwo%5D=x%26y&known%5Bone%5D=1&l=x%26y&m=x%26y&meta%5Bn%5D=1"
    );
}

#[tokio::test]
async fn methods_without_a_function_of_their_own_are_sent() {
    assert_eq!(
        line!(client => client.options_methods()),
        "OPTIONS /methods"
    );
    assert_eq!(line!(client => client.trace_methods()), "TRACE /methods");
}

#[tokio::test]
async fn a_key_in_the_query_is_sent_and_never_shown() {
    let line = line!(client => client.get_door());
    assert_eq!(line, format!("GET /door?key={KEY}"));

    let echo = format!("no /door?key={KEY} here");
    for status in [200, 404] {
        let (client, seen, _) = observed(status, "text/plain", &echo).await;
        let error = client.get_door().await.unwrap_err();
        let shown = format!("{error} {error:?} {:?}", seen.lock().unwrap());
        assert!(shown.contains("/door") && !shown.contains(KEY), "{shown}");
    }
}

#[tokio::test]
async fn keys_that_are_required_together_are_sent_together_and_never_shown() {
    let [header_key, query_key] = MORE_KEYS.map(|(_, key)| key);
    let (client, request) = responding(204, "", "").await;
    client.get_safe().await.unwrap();
    let safe = request.await.unwrap();
    assert_eq!(safe.line, format!("GET /safe?key={query_key}"));
    assert_eq!(safe.header("cookie"), Some(&*format!("SID={KEY}")));
    assert_eq!(safe.header("x-zoo-key"), Some(header_key));
    assert_eq!(safe.header("authorization"), None);

    let (client, request) = responding(204, "", "").await;
    client.create_safe().await.unwrap();
    let safe = request.await.unwrap();
    let bearer = format!("Bearer {KEY}");
    assert_eq!(safe.header("authorization"), Some(&*bearer));
    assert_eq!(safe.header("x-zoo-key"), Some(header_key));

    let echo = format!("no {KEY}, {header_key} or {query_key} here");
    for status in [200, 404] {
        let (client, seen, _) = observed(status, "text/plain", &echo).await;
        let error = client.get_safe().await.unwrap_err();
        let shown = format!("{error} {error:?} {:?}", seen.lock().unwrap());
        assert!(shown.contains("/safe"), "{shown}");
        for key in [KEY, header_key, query_key] {
            assert!(!shown.contains(key), "{shown}");
        }
    }
}

/// The request of a call.
async fn sent(call: impl Endpoint) -> Request {
    let (client, request) = responding(204, "", "").await;
    call.send(&client).await.unwrap();
    request.await.unwrap()
}

#[tokio::test]
async fn a_body_that_is_not_required_is_sent_or_no_body_is() {
    let none = [
        sent(api::requests::CreateNoteRequest::new()).await,
        sent(api::requests::ReplaceNotesRequest::new()).await,
        sent(api::requests::UpdateNotesRequest::new()).await,
        sent(api::requests::DeleteNotesRequest::new().reason("old")).await,
    ];
    for request in none {
        assert_eq!(request.header("content-type"), None, "{}", request.line);
        assert!(request.body.is_empty(), "{}", request.line);
    }

    let text = || api::CreateNote::new().text("Momo");
    let request = sent(api::requests::CreateNoteRequest::new().body(text())).await;
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(body_of(&request), json!({ "text": "Momo" }));
    let form = api::ReplaceNotes::new().text("a b");
    let request = sent(api::requests::ReplaceNotesRequest::new().body(form)).await;
    let form = "application/x-www-form-urlencoded";
    assert_eq!(request.header("content-type"), Some(form));
    assert_eq!(request.body, b"text=a+b");
    let request = sent(api::requests::UpdateNotesRequest::new().body(json!([1]))).await;
    assert_eq!(body_of(&request), json!([1]));
    let request = sent(api::requests::DeleteNotesRequest::new().body(*b"null")).await;
    let bytes = Some("application/octet-stream");
    assert_eq!(request.header("content-type"), bytes);
    assert_eq!(request.body, b"null");

    let too_long = text().text("0123456789");
    let request = api::requests::CreateNoteRequest::new().body(too_long);
    assert!(request.check().is_err());
}

#[tokio::test]
async fn a_server_below_that_of_the_document_is_a_part_of_the_path() {
    let lines = [
        line!(client => client.get_prefixed("1")),
        line!(client => client.replace_prefixed("1")),
        line!(client => client.update_prefixed("1")),
    ];
    let expected = [
        "GET /beta/prefixed/1",
        "PUT /prefixed/1",
        "PATCH /gamma/prefixed/1",
    ];
    assert_eq!(lines, expected);
}

#[tokio::test]
async fn no_key_is_sent_where_none_is_needed_and_the_client_has_too_few() {
    let (client, request) = responding(204, "", "").await;
    client.get_anyone().await.unwrap();
    let request = request.await.unwrap();
    assert_eq!(
        (request.header("authorization"), request.header("x-zoo-key")),
        (None, None)
    );
}

#[tokio::test]
async fn successes_of_several_media_types_are_bytes() {
    let (client, request) = responding(202, "text/plain", "queued").await;
    let response = client.get_mixed().await.unwrap();
    let bytes = api::endpoint::bytes(response).await.unwrap();
    assert_eq!(bytes.into_inner(), b"queued");
    let accept = "application/json, text/plain";
    assert_eq!(request.await.unwrap().header("accept"), Some(accept));
}

#[tokio::test]
async fn patches_and_lines_of_json_are_sent_under_their_names() {
    let (client, request) = responding(204, "", "").await;
    let item = api::UpdateLogsBodyItem::new("remove").path("/a");
    client.update_logs(&vec![item]).await.unwrap();
    let request = request.await.unwrap();
    assert_eq!(
        request.header("content-type"),
        Some("application/json-patch+json")
    );
    assert_eq!(body_of(&request), json!([{ "op": "remove", "path": "/a" }]));

    let lines = "{\"a\":1}\n{\"a\":2}\n";
    let (client, request) = responding(200, "application/x-ndjson", lines).await;
    let response = client.create_log(lines.as_bytes().to_vec()).await.unwrap();
    let bytes = api::endpoint::bytes(response).await.unwrap();
    assert_eq!(bytes.into_inner(), lines.as_bytes());
    let request = request.await.unwrap();
    assert_eq!(request.header("content-type"), Some("application/x-ndjson"));
    assert_eq!(request.header("accept"), Some("application/x-ndjson"));
    assert_eq!(request.body, lines.as_bytes());
}

#[tokio::test]
async fn the_parts_of_an_object_in_the_query_are_parameters() {
    let line = line!(client => client.get_composed("1", None));
    assert_eq!(line, "GET /composed?first=1");
}
