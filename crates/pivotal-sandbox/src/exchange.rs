//! The way of a request: route, key, rate limit and idempotency key by its head; then its body, validation, and the rule.

use axum::{
    body::Body,
    extract::State as Extract,
    response::{IntoResponse, Response},
};
use bytes::{Bytes, BytesMut};
use http::{HeaderValue, Method, Request, StatusCode, header, request::Parts};
use http_body_util::BodyExt;

use crate::{
    contract::{Operation, Route},
    error::{APPLICATION_JSON, ApiError},
    idempotency::{Claim, Kept, Scope},
    journal::ReceivedRequest,
    rate_limit::Allowance,
    rules::{self, Call},
    state::{ClaimedKey, Shared, State},
    validate::{read_body, read_parameters},
};

/// Most bytes of a request body. Evidence: decided.
pub const BODY_LIMIT: usize = 1024 * 1024;

/// How much of a body that is too large is read and dropped, so that its sender gets to read the answer.
const DRAINED: usize = 16 * BODY_LIMIT;

/// Set on an answer that is replayed. Evidence: decided.
const REPLAYED: &str = "idempotent-replayed";

/// Answers a request. Every answer is JSON, carries the rate limit, and is in the envelope when it is a refusal.
pub(crate) async fn answer(Extract(shared): Extract<Shared>, request: Request<Body>) -> Response {
    let (head, body) = request.into_parts();
    // By its head first: an idempotency key is taken before the body has come.
    let (admitted, allowance) = admit(&shared, &head);
    let body = collect(body).await;
    let received = ReceivedRequest::new(&head, body.as_ref().cloned().unwrap_or_default());
    shared.lock().journal.record(received);
    let result = admitted.and_then(|admitted| perform(&shared, admitted, &head, body?));
    let mut response = result.unwrap_or_else(IntoResponse::into_response);
    allowance.write(response.headers_mut());
    response
}

/// A request whose head is in order.
struct Admitted<'a> {
    operation: &'a Operation,
    path: Vec<(String, String)>,
    idempotency: Idempotency,
}

enum Idempotency {
    /// Not a POST, or a POST without a key.
    None,
    Claimed(ClaimedKey),
    Kept(Kept),
}

/// What the head of a request decides.
///
/// Unknown paths and methods are answered before the key is looked at, and cost nothing, as does `/health`. Evidence:
/// decided.
fn admit<'a>(shared: &'a Shared, head: &Parts) -> (Result<Admitted<'a>, ApiError>, Allowance) {
    let now = shared.clock.now();
    let mut state = shared.lock();
    let admitted = match shared.contract.route(&head.method, head.uri.path()) {
        Route::UnknownPath => Err(ApiError::unknown_path(head.uri.path())),
        Route::WrongMethod(allowed) => Err(ApiError::method_not_allowed(&head.method, &allowed)),
        Route::Operation(operation, path) => check_key_and_rate(&mut state, operation, head, now)
            .and_then(|()| claim(shared, &mut state, head, now))
            .map(|idempotency| Admitted {
                operation,
                path,
                idempotency,
            }),
    };
    let allowance = state.window.allowance(now);
    (admitted, allowance)
}

fn check_key_and_rate(
    state: &mut State,
    operation: &Operation,
    head: &Parts,
    now: jiff::Timestamp,
) -> Result<(), ApiError> {
    if !operation.needs_key {
        return Ok(());
    }
    state.key.check(&head.headers)?;
    let admitted = state.window.admit(now);
    admitted.map_err(|retry_after| ApiError::rate_limited(state.window.limit(), retry_after))
}

/// Keys are for POST only; elsewhere the header means nothing. Evidence: stated.
fn claim(
    shared: &Shared,
    state: &mut State,
    head: &Parts,
    now: jiff::Timestamp,
) -> Result<Idempotency, ApiError> {
    if head.method != Method::POST {
        return Ok(Idempotency::None);
    }
    let Some(scope) = Scope::read(head.uri.path(), &head.headers)? else {
        return Ok(Idempotency::None);
    };
    Ok(match state.idempotency.claim(scope, now)? {
        Claim::Fresh(scope) => Idempotency::Claimed(ClaimedKey {
            scope,
            shared: shared.clone(),
        }),
        Claim::Kept(kept) => Idempotency::Kept(kept),
    })
}

/// Reads a body of at most [`BODY_LIMIT`] bytes.
async fn collect(mut body: Body) -> Result<Bytes, ApiError> {
    let (mut collected, mut size) = (BytesMut::new(), 0);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| {
            ApiError::invalid_request(
                "invalid_body",
                format!("The body could not be read: {error}."),
            )
        })?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        size += data.len();
        if size > DRAINED {
            break;
        } else if size <= BODY_LIMIT {
            collected.extend_from_slice(&data);
        }
    }
    if size > BODY_LIMIT {
        Err(ApiError::payload_too_large(BODY_LIMIT))
    } else {
        Ok(collected.freeze())
    }
}

/// What the whole request does: replays a kept answer, or validates and runs the rule of the operation.
fn perform(
    shared: &Shared,
    admitted: Admitted<'_>,
    head: &Parts,
    body: Bytes,
) -> Result<Response, ApiError> {
    let Admitted {
        operation,
        path,
        idempotency,
    } = admitted;
    let claimed = match idempotency {
        Idempotency::Kept(kept) => return kept.replay(&body).map(replayed),
        Idempotency::Claimed(claimed) => Some(claimed),
        Idempotency::None => None,
    };
    let rule = rules::rule(&operation.id)?;
    let contract = &*shared.contract;
    let (path, query) = read_parameters(contract, operation, &path, head.uri.query())?;
    let parsed = read_body(contract, operation, &head.headers, &body)?;

    let now = shared.clock.now();
    let mut state = shared.lock();
    let State {
        key,
        workspace,
        idempotency,
        ..
    } = &mut *state;
    let answer = rule(&mut Call {
        contract,
        operation,
        path,
        query,
        body: parsed,
        workspace,
        key,
        now,
    })?;
    if let Some(claimed) = &claimed {
        idempotency.keep(&claimed.scope, body, operation.success, answer.clone(), now);
    }
    drop(state);
    Ok(success(operation.success, answer))
}

fn success(status: StatusCode, answer: Bytes) -> Response {
    (status, [(header::CONTENT_TYPE, APPLICATION_JSON)], answer).into_response()
}

fn replayed(kept: Kept) -> Response {
    let mut response = success(kept.status, kept.answer);
    response
        .headers_mut()
        .insert(REPLAYED, HeaderValue::from_static("true"));
    response
}
