//! Every way in which a call can fail, and the one error that tells of it.

use std::error::Error as _;
use std::time::Duration;

use pivotal_sdk::{
    Call, Client, CreateCustomer, Customer, Delivery, Endpoint, Error, ErrorCode, ErrorKind,
    FailureKind,
};
use serde_json::json;

use crate::answers::{customer, list};
use crate::memory::{KEY, Memory};
use crate::server::Server;

async fn failed<O: Endpoint>(call: Call<O>) -> Error {
    match call.await {
        Ok(_) => panic!("{} succeeded", O::NAME),
        Err(error) => error,
    }
}

#[tokio::test]
async fn an_error_of_the_servers_tells_kind_code_field_status_and_operation() {
    let body = json!({ "error": {
        "type": "conflict", "code": "slug_taken", "message": "Slug is in use.", "field": "slug"
    } });
    let server = Server::json(409, &body).await;
    let error = failed(
        server
            .client()
            .customers()
            .create(CreateCustomer::new("Aurora")),
    )
    .await;

    assert!(error.is_conflict());
    assert!(error.is_code("slug_taken") && error.is_code(ErrorCode::SlugTaken));
    assert_eq!(error.field(), Some("slug"));
    assert_eq!(error.message(), "Slug is in use.");
    assert_eq!(error.status().unwrap(), 409);
    assert_eq!(error.operation(), Some("create_customer"));
    assert_eq!(error.attempts(), 1);
    assert_eq!(error.delivery(), Delivery::Answered);
    assert_eq!(error.raw_body(), body.to_string().as_bytes());
    assert_eq!(
        error.to_string(),
        "create_customer: conflict: Slug is in use. (status 409, code slug_taken, field slug)"
    );
}

#[tokio::test]
async fn a_new_error_type_goes_by_the_status() {
    let body = json!({ "error": { "type": "quota_error", "code": "seats", "message": "Full." } });
    let server = Server::json(403, &body).await;
    let error = failed(server.client().me()).await;
    assert!(error.is_permission());
    assert_eq!(error.error_type().unwrap().as_str(), "quota_error");
    assert!(error.is_code("seats"));
}

#[tokio::test]
async fn an_answer_that_is_not_pivotals_is_unexpected_with_status_and_first_bytes() {
    for (status, headers, body, says) in [
        (
            502,
            "content-type: text/html\r\n",
            "<html>hunter2</html>",
            "not JSON",
        ),
        (503, "", "", "empty body"),
        (401, "", r#"{"message":"hunter2"}"#, "another shape"),
        (
            302,
            "location: https://login.test/?hunter2\r\n",
            "",
            "redirect",
        ),
        (204, "", "", "does not document"),
    ] {
        let server = Server::start(status, headers, body).await;
        let error = failed(server.client().customer(1).get()).await;
        assert!(error.is_unexpected(), "{error:?}");
        assert_eq!(error.status().unwrap(), status);
        assert_eq!(error.raw_body(), body.as_bytes());
        assert_eq!(error.delivery(), Delivery::Answered);
        assert!(error.to_string().contains(says), "{error}");
        assert!(
            !format!("{error} {error:?}").contains("hunter2"),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn a_success_that_does_not_decode_names_the_place_and_keeps_status_and_body() {
    let mut wrong = customer();
    wrong["name"] = json!(5);
    let body = list(&[customer(), wrong]);
    let server = Server::json(200, &body).await;
    let error = failed(server.client().customers().list()).await;
    assert!(error.is_decode(), "{error:?}");
    assert_eq!(error.field(), Some("data[1].name"));
    assert_eq!(error.status().unwrap(), 200);
    assert_eq!(error.raw_body(), body.to_string().as_bytes());
    assert!(
        error
            .to_string()
            .contains("at data[1].name: invalid type: integer, expected"),
        "{error}"
    );
}

#[tokio::test]
async fn a_created_row_whose_answer_does_not_decode_is_known_to_be_answered() {
    for body in ["", "{", r#"{"id":"c1"}"#, "<html>"] {
        let server = Server::start(201, "", body).await;
        let error = failed(server.client().customers().create(CreateCustomer::new("A"))).await;
        assert!(error.is_decode(), "{body}: {error:?}");
        assert_eq!(error.status().unwrap(), 201, "{body}");
        assert_eq!(error.delivery(), Delivery::Answered, "{body}");
    }
}

#[tokio::test]
async fn no_text_of_an_error_holds_customer_data_or_the_key() {
    let mut wrong = customer();
    wrong["display_id"] = json!("hunter2");
    let server = Server::json(200, &wrong).await;
    let error = failed(server.client().customer(1).get()).await;
    let mut texts = format!("{error} {error:?} {error:#?}");
    let mut source = error.source();
    while let Some(cause) = source {
        texts += &format!(" {cause} {cause:?}");
        source = cause.source();
    }
    assert!(server.requests()[0].contains(KEY), "the key was sent");
    assert!(
        !texts.contains("hunter2") && !texts.contains(&KEY[12..]),
        "{texts}"
    );
}

#[tokio::test]
async fn a_refused_connection_was_not_sent() {
    // Bound, so that nobody else gets the port, but not listening.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let base_url = format!("http://{}", socket.local_addr().unwrap());
    let client = Client::builder()
        .base_url(base_url)
        .api_key(KEY)
        .build()
        .unwrap();
    let error = failed(client.customers().create(CreateCustomer::new("A"))).await;
    assert!(error.is_transport());
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert_eq!(error.attempts(), 1);
    assert!(error.source().is_some());
    assert_eq!(
        error.to_string(),
        "create_customer: no answer: could not connect (code connect)"
    );
}

#[tokio::test]
async fn after_a_broken_connection_a_write_may_have_been_carried_out() {
    let server = Server::bytes(String::new()).await;
    let error = failed(server.client().customers().create(CreateCustomer::new("A"))).await;
    assert!(error.is_transport());
    assert_eq!(error.delivery(), Delivery::Unknown);
    assert!(
        error
            .to_string()
            .ends_with("; it may have been carried out"),
        "{error}"
    );

    let error = failed(server.client().customer(1).get()).await;
    assert!(
        !error.to_string().contains("carried out"),
        "reads change nothing: {error}"
    );
}

#[tokio::test]
async fn a_call_that_takes_too_long_is_a_timeout() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let client = Client::builder()
        .base_url(base_url)
        .api_key(KEY)
        .build()
        .unwrap();
    let error = failed(client.me().timeout(Duration::from_millis(50))).await;
    assert!(error.is_timeout());
    assert!(error.is_code("timeout"));
    assert_eq!(error.delivery(), Delivery::Unknown);
}

#[tokio::test]
async fn an_answer_over_the_limit_is_given_up() {
    let memory = Memory::json(200, &customer());
    let client = Client::builder()
        .api_key(KEY)
        .transport(std::sync::Arc::new(memory))
        .body_limit(10)
        .build()
        .unwrap();
    let error = failed(client.customer(1).get()).await;
    assert!(error.is_transport());
    assert!(error.is_code("body_too_large"));
    assert_eq!(error.status().unwrap(), 200);
    assert!(error.to_string().contains("10 bytes"), "{error}");
}

#[tokio::test]
async fn a_transport_of_ones_own_fails_in_the_same_terms() {
    for (failure, kind, delivery) in [
        (
            FailureKind::Connect,
            ErrorKind::Transport,
            Delivery::NotSent,
        ),
        (FailureKind::Timeout, ErrorKind::Timeout, Delivery::Unknown),
        (
            FailureKind::Exchange,
            ErrorKind::Transport,
            Delivery::Unknown,
        ),
    ] {
        let error = failed(Memory::failing(failure).client().me()).await;
        assert_eq!((error.kind(), error.delivery()), (kind, delivery));
        assert_eq!(error.operation(), Some("get_me"));
    }
}

#[test]
fn a_result_is_hardly_larger_than_its_value() {
    let value = size_of::<Customer>();
    assert!(size_of::<pivotal_sdk::Result<Customer>>() <= value + 16);
    assert_eq!(size_of::<Error>(), size_of::<usize>());
}
