//! Documented errors over a socket: each status has the body that the document says.

use codegen_fixtures::endpoint::{Endpoint, ErrorBody};
use codegen_fixtures::requests::{
    DeleteFailureRequest, GetFailureRequest, ListGatesRequest, PostFailureRequest,
    ReplaceFailureRequest, UpdateFailureRequest,
};
use codegen_fixtures::{Complaint, DeleteFailureErrorBody, GetFailureErrorBody, WireError};
use futures_util::TryStreamExt;

use crate::server::responding;

/// The documented body of the response to a request.
async fn answered<O: Endpoint>(request: O, status: u16, body: &str) -> Option<O::Error> {
    let (client, _request) = responding(status, "application/json", body).await;
    let Err(WireError::ErrorResponse(response)) = request.send(&client).await else {
        panic!("{status} is an error");
    };
    let status = response.status();
    let chunks: Vec<_> = response
        .into_inner()
        .into_inner()
        .try_collect()
        .await
        .unwrap();
    O::Error::decode(O::OPERATION, status, &chunks.concat())
}

const ERROR: &str = r#"{"error":{"type":"not_found","message":"no"}}"#;
const COMPLAINTS: &str = r#"[{"field":"name","reason":"too long"}]"#;
const PROBLEM: &str = r#"{"title":"No","status":451}"#;

#[tokio::test]
async fn each_status_has_its_own_type() {
    let failed = |status, body| answered(GetFailureRequest::new("x"), status, body);
    let Some(GetFailureErrorBody::Status404(error)) = failed(404, ERROR).await else {
        panic!("404 is an error");
    };
    assert_eq!(error.error.message.as_deref(), Some("no"));
    let conflict = failed(409, "whatever").await;
    assert_eq!(conflict, Some(GetFailureErrorBody::Status409));
    let Some(GetFailureErrorBody::Status422(complaints)) = failed(422, COMPLAINTS).await else {
        panic!("422 is a list");
    };
    let complaints: Vec<Complaint> = complaints;
    assert_eq!(complaints[0].field, "name");
    let closed = failed(503, "<p>closed</p>").await;
    assert_eq!(closed, Some(GetFailureErrorBody::Status503));
}

#[tokio::test]
async fn a_status_is_its_own_then_of_its_range_then_the_default() {
    let failed = |status, body| answered(GetFailureRequest::new("x"), status, body);
    let Some(GetFailureErrorBody::Status4XX(problem)) = failed(451, PROBLEM).await else {
        panic!("451 is of the range");
    };
    assert_eq!((problem.title.as_str(), problem.status), ("No", Some(451)));
    let other = failed(500, ERROR).await;
    assert!(matches!(other, Some(GetFailureErrorBody::Default(_))));
}

#[tokio::test]
async fn a_body_that_is_not_the_documented_one_is_none() {
    let failed = |status, body| answered(GetFailureRequest::new("x"), status, body);
    // What another status has does not count.
    for (status, body) in [(404, PROBLEM), (422, ERROR), (404, "<h1>"), (404, "")] {
        assert_eq!(failed(status, body).await, None, "{status} {body}");
    }
}

#[tokio::test]
async fn operations_with_the_same_errors_share_a_type() {
    let error: Option<GetFailureErrorBody> =
        answered(DeleteFailureRequest::new("x"), 409, "").await;
    assert_eq!(error, Some(DeleteFailureErrorBody::Status409));
}

#[tokio::test]
async fn errors_of_one_type_are_that_type() {
    let failed = |status, body| answered(ReplaceFailureRequest::new("x"), status, body);
    for status in [400, 500, 503] {
        let error: Option<codegen_fixtures::Error> = failed(status, ERROR).await;
        assert_eq!(error.unwrap().error.message.as_deref(), Some("no"));
    }
    // The document has no other status.
    assert_eq!(failed(404, ERROR).await, None);
    assert_eq!(failed(400, PROBLEM).await, None);
}

#[tokio::test]
async fn without_a_documented_body_there_is_none() {
    let create = PostFailureRequest::new("x");
    let error: Option<()> = answered(create, 404, ERROR).await;
    assert_eq!(error, None);
    let error: Option<()> = answered(ListGatesRequest::new(), 404, ERROR).await;
    assert_eq!(error, None);
}

#[tokio::test]
async fn a_type_of_a_request_can_be_the_body_of_an_error() {
    let claim = codegen_fixtures::ClaimInput::new("Kim");
    let body = codegen_fixtures::UpdateFailure::new(claim);
    let request = UpdateFailureRequest::new("x", body);
    let held: Option<codegen_fixtures::Claim> =
        answered(request, 409, r#"{"owner":"Ada","since":null}"#).await;
    assert_eq!(held.unwrap().owner, "Ada");
}
