//! The way of a request: route, key, rate limit and idempotency key by its head; then its body,
//! validation, and the rule.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Instant,
};

use axum::{
    body::Body,
    extract::{ConnectInfo, State as Extract},
};
use bytes::{Bytes, BytesMut};
use http::{HeaderValue, Method, Request, Response, StatusCode, header, request::Parts};
use http_body_util::BodyExt;
use jiff::Timestamp;

use crate::{
    admin,
    contract::{Operation, Route},
    error::ApiError,
    gzip,
    handlers::Call,
    idempotency::{Claim, Kept, Scope},
    journal,
    keys::Sent,
    rate_limit::Allowance,
    state::{ClaimedKey, Shared, State},
    validate::{read_body, read_parameters},
    wire::Wire,
};

/// Most bytes of a request body. Evidence: decided.
pub const BODY_LIMIT: usize = 1024 * 1024;

/// How much of a body that is too large is read and dropped, so that its sender gets to read the
/// response.
const DRAINED: usize = 16 * BODY_LIMIT;

/// Set on a response that is replayed. Evidence: decided.
const REPLAYED: &str = "idempotent-replayed";

/// Set on every response of an operation that the contract marks deprecated. Evidence: stated.
const DEPRECATION: &str = "deprecation";

/// Answers a request. Every response carries the rate limit, and is in the envelope when it is a
/// refusal.
pub(crate) async fn answer(
    Extract(shared): Extract<Shared>,
    ConnectInfo(wire): ConnectInfo<Wire>,
    request: Request<Body>,
) -> axum::response::Response {
    let (mut head, body) = request.into_parts();
    // The journal keeps the head; what the server has put there would keep the connection with it.
    head.extensions.clear();
    let head = Arc::new(head);
    if admin::serves(&shared, &head) {
        return admin::answer(&shared, &head, body).await;
    }
    let began = Instant::now();
    let fate = shared.faults.fate(&head);
    fate.revoke_key(&shared, &head);
    // By its head first: an idempotency key is taken before the body has come.
    let arrival = admit(&shared, &head);
    let body = collect(body).await;
    record(&shared, &arrival, &head, body.as_ref());
    fate.wait().await;
    let response = match fate.instead(&arrival.allowance) {
        Some(response) => {
            drop(arrival.admitted);
            response
        }
        None => arrival
            .admitted
            .and_then(|admitted| perform_guarded(&shared, admitted, &head, body?))
            .unwrap_or_else(Response::from),
    };
    let response = fate.body(&shared.contract, arrival.operation, response);
    let mut response = gzip::compress(&head.headers, response);
    arrival.allowance.write(response.headers_mut());
    if let Some(removal) = arrival
        .operation
        .and_then(|known| known.deprecation.clone())
    {
        response.headers_mut().insert(DEPRECATION, removal);
    }
    fate.headers(arrival.at, &mut response);
    if let Some(log) = &shared.log {
        let state = shared.lock();
        let key = match arrival.sent {
            Sent::Known(place) => Some(state.keys.get(place).prefix().to_owned()),
            Sent::Nothing | Sent::Malformed | Sent::Unknown => None,
        };
        drop(state);
        let took = began.elapsed();
        log.write(arrival.at, &head, response.status(), took, key.as_deref());
    }
    let response = fate.deliver(&wire, &head.method, response).await;
    response.map(Body::from)
}

/// What the head of a request decides.
struct Arrival<'a> {
    at: Timestamp,
    operation: Option<&'a Operation>,
    sent: Sent,
    admitted: Result<Admitted<'a>, ApiError>,
    allowance: Allowance,
}

/// A request whose head is in order.
struct Admitted<'a> {
    operation: &'a Operation,
    path: Vec<(&'a str, String)>,
    /// Place of the key that it is made with.
    key: usize,
    idempotency: Idempotency,
}

enum Idempotency {
    /// Not a POST, or a POST without a key.
    None,
    Claimed(ClaimedKey),
    Kept(Kept),
}

/// Reads the head of a request.
///
/// Unknown paths and methods are answered before the key is looked at, and cost nothing, as does
/// `/health`. Evidence: decided.
fn admit<'a>(shared: &'a Shared, head: &Parts) -> Arrival<'a> {
    let route = shared.contract.route(&head.method, head.uri.path());
    let mut state = shared.lock();
    let at = state.clock.now();
    let sent = state.keys.sent(&head.headers);
    let (operation, admitted) = match route {
        Route::UnknownPath => (None, Err(ApiError::unknown_path(head.uri.path()))),
        Route::WrongMethod(allowed) => (
            None,
            Err(ApiError::method_not_allowed(&head.method, &allowed)),
        ),
        Route::Operation(operation, path) => {
            let admitted = check_key_and_rate(&mut state, operation, sent, at).and_then(|key| {
                Ok(Admitted {
                    operation,
                    path,
                    key,
                    idempotency: claim(shared, &mut state, key, head, at)?,
                })
            });
            (Some(operation), admitted)
        }
    };
    Arrival {
        at,
        operation,
        sent,
        admitted,
        allowance: state.keys.allowance(sent, at),
    }
}

/// The place of the key that a request is made with. An operation that needs none is served as if
/// with the first.
fn check_key_and_rate(
    state: &mut State,
    operation: &Operation,
    sent: Sent,
    now: Timestamp,
) -> Result<usize, ApiError> {
    if operation.needs_key {
        state.keys.admit(sent, now)
    } else {
        Ok(0)
    }
}

/// Keys are for POST only; elsewhere the header means nothing. Evidence: stated.
fn claim(
    shared: &Shared,
    state: &mut State,
    key: usize,
    head: &Parts,
    now: Timestamp,
) -> Result<Idempotency, ApiError> {
    if head.method != Method::POST {
        return Ok(Idempotency::None);
    }
    let Some(scope) = Scope::read(head.uri.path(), &head.headers)? else {
        return Ok(Idempotency::None);
    };
    let tenant = state.keys.get(key).workspace;
    Ok(match state.tenants[tenant].idempotency.claim(scope, now)? {
        Claim::Fresh(scope) => Idempotency::Claimed(ClaimedKey {
            scope,
            tenant,
            shared: shared.clone(),
        }),
        Claim::Kept(kept) => Idempotency::Kept(kept),
    })
}

/// Reads a body of at most [`BODY_LIMIT`] bytes.
pub(crate) async fn collect(mut body: Body) -> Result<Bytes, ApiError> {
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

/// Puts a request into the journal.
fn record(
    shared: &Shared,
    arrival: &Arrival<'_>,
    head: &Arc<Parts>,
    body: Result<&Bytes, &ApiError>,
) {
    let operation = arrival.operation.map(|operation| operation.id.as_str());
    let body = body.cloned().unwrap_or_default();
    let entry = journal::Entry::new(arrival.at, operation, head, body);
    shared.lock().journal.record(entry);
}

/// What the whole request does. A rule that panics answers 500, and the connection lives.
fn perform_guarded(
    shared: &Shared,
    admitted: Admitted<'_>,
    head: &Parts,
    body: Bytes,
) -> Result<Response<Bytes>, ApiError> {
    // A rule validates before it changes anything, so what it leaves behind is whole.
    catch_unwind(AssertUnwindSafe(|| perform(shared, admitted, head, body)))
        .unwrap_or_else(|_| Err(ApiError::internal()))
}

/// Replays a kept answer, or validates and runs the rule of the operation.
fn perform(
    shared: &Shared,
    admitted: Admitted<'_>,
    head: &Parts,
    body: Bytes,
) -> Result<Response<Bytes>, ApiError> {
    let Admitted {
        operation,
        path,
        key,
        idempotency,
    } = admitted;
    let claimed = match idempotency {
        Idempotency::Kept(kept) => {
            let kept = kept.replay(&body)?;
            return Ok(replayed(success(operation, kept.status, kept.answer)));
        }
        Idempotency::Claimed(claimed) => Some(claimed),
        Idempotency::None => None,
    };
    let contract = &*shared.contract;
    let (path, query) = read_parameters(contract, operation, &path, head)?;
    let parsed = read_body(contract, operation, &head.headers, &body)?;

    let mut state = shared.lock();
    let State {
        clock,
        keys,
        tenants,
        ..
    } = &mut *state;
    let key = keys.get(key);
    let tenant = &mut tenants[key.workspace];
    let now = clock.moment();
    let answer = (operation.rule)(&mut Call {
        contract,
        operation,
        path,
        query,
        body: parsed,
        workspace: &mut tenant.workspace,
        key,
        now,
    })?;
    let status = operation.success.status;
    if let Some(claimed) = &claimed {
        let store = &mut tenant.idempotency;
        store.keep(&claimed.scope, body, status, answer.clone(), now.time);
    }
    drop(state);
    Ok(success(operation, status, answer))
}

fn success(operation: &Operation, status: StatusCode, answer: Bytes) -> Response<Bytes> {
    let mut response = Response::new(answer);
    *response.status_mut() = status;
    if let Some(content) = &operation.success.content {
        let media_type = content.media_type.clone();
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, media_type);
    }
    response
}

fn replayed(mut response: Response<Bytes>) -> Response<Bytes> {
    response
        .headers_mut()
        .insert(REPLAYED, HeaderValue::from_static("true"));
    response
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::Value;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpStream,
    };

    use crate::{Sandbox, contract::Contract};

    #[tokio::test]
    async fn a_rule_that_panics_answers_500_and_the_connection_lives() {
        let contract = Contract::parse(pivotal_openapi::CONTRACT).unwrap();
        let contract = contract.with_rule("create-customer", |_| panic!("for a test"));
        let sandbox = Sandbox::builder()
            .start_with(Arc::new(contract))
            .await
            .unwrap();
        let mut connection = TcpStream::connect(sandbox.address()).await.unwrap();
        let mut exchange = async |line: &str, body: &str| {
            let request = format!(
                "{line} HTTP/1.1\r\nhost: sandbox\r\nauthorization: Bearer {}\r\nidempotency-key: k\r\n\
                 content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                sandbox.api_key(),
                body.len()
            );
            connection.write_all(request.as_bytes()).await.unwrap();
            let mut answer = vec![0; 4096];
            let read = connection.read(&mut answer).await.unwrap();
            String::from_utf8(answer[..read].to_vec()).unwrap()
        };
        // The idempotency key is given up, or the second would be told that the first still runs.
        for _ in 0..2 {
            let answer = exchange("POST /api/v1/customers", r#"{"name":"Aurora"}"#).await;
            assert!(answer.starts_with("HTTP/1.1 500 "), "{answer}");
            assert!(answer.contains("x-ratelimit-limit: "), "{answer}");
            let body = answer.split_once("\r\n\r\n").unwrap().1;
            let error = &serde_json::from_str::<Value>(body).unwrap()["error"];
            assert_eq!([&error["type"], &error["code"]], ["internal_error"; 2]);
        }
        let answer = exchange("GET /api/v1/customers", "").await;
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    }
}
