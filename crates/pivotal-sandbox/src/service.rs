//! The life of a request: its head is checked first (route, key, rate limit, idempotency key), then
//! its body is read and validated and the handler of the operation runs.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::{Bytes, BytesMut};
use http::{HeaderValue, Method, Request, Response, StatusCode, header, request::Parts};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use jiff::Timestamp;
use tokio::time::timeout;

#[cfg(feature = "pages")]
use crate::pages;
use crate::{
    admin,
    connection::Socket,
    contract::{Operation, Route},
    error::ApiError,
    handlers,
    idempotency::{ScopedKey, StoredResponse},
    journal::{Entry, SentResponse},
    keys::Credential,
    rate_limit::Allowance,
    response::compress,
    state::{ClaimedKey, Shared, State},
    validate::{read_body, read_parameters},
};

/// The maximum size of a request body in bytes. Evidence: decided.
pub const BODY_LIMIT: usize = 1024 * 1024;

/// The time in which the body of a request must arrive. Evidence: decided.
const BODY_TIME_LIMIT: Duration = Duration::from_secs(30);

/// How much of a body that is too large is read and dropped, so that its sender gets to read the
/// response.
const DRAIN_LIMIT: usize = 16 * BODY_LIMIT;

/// Set on a response that is replayed, unless only what is documented is served. Evidence: decided.
const REPLAYED: &str = "idempotent-replayed";

/// Set on every response of an operation that the contract marks deprecated. Evidence: stated.
const DEPRECATION: &str = "deprecation";

/// Handles a request. Every response carries the rate limit, and errors use the envelope.
pub(crate) async fn handle(
    shared: &Arc<Shared>,
    socket: &Socket,
    request: Request<Incoming>,
) -> Response<Bytes> {
    let (mut head, body) = request.into_parts();
    // The journal keeps the head, and with it what the server put into the extensions: the socket.
    head.extensions.clear();
    let head = Arc::new(head);
    if admin::serves(shared, &head) {
        return admin::handle(shared, &head, collect(body).await);
    }
    #[cfg(feature = "pages")]
    if pages::serves(shared, &head) {
        return pages::handle(shared, &head, collect(body).await);
    }
    let started = Instant::now();
    let fault = shared.faults.next_for(&head);
    if fault.revokes_key() {
        shared.lock().keys.revoke_sent(&head.headers);
    }
    // The head first: an idempotency key is claimed before the body has arrived.
    let request = read_head(shared, &head);
    let body = collect(body).await;
    shared.lock().journal.record(Entry {
        at: request.at,
        operation: request.operation.map(|operation| operation.id.clone()),
        head: Arc::clone(&head),
        body: body.as_ref().cloned().unwrap_or_default(),
        response: None,
    });
    let mut replayed = false;
    fault.delay().await;
    let response = match fault.replacement(&request.allowance) {
        Some(response) => {
            drop(request.admission);
            response
        }
        None => request
            .admission
            .and_then(|admission| {
                let body = body?;
                replayed = matches!(admission.idempotency, Idempotency::Completed(_));
                // A handler validates before it changes anything, so the state is consistent after
                // a panic: it gives 500, and the connection lives on.
                catch_unwind(AssertUnwindSafe(|| run(shared, admission, &head, body)))
                    .unwrap_or_else(|_| Err(ApiError::internal()))
            })
            .unwrap_or_else(|error| match shared.contract.undocumented {
                true => error.into(),
                false => error.with_documented_code().into(),
            }),
    };
    replayed &= response.status().is_success();
    let response = fault.alter_body(&shared.contract, request.operation, response);
    let mut response = compress(&head.headers, response);
    request.allowance.write(response.headers_mut());
    let deprecation = request
        .operation
        .and_then(|operation| operation.deprecation.clone());
    if let Some(removal) = deprecation {
        response.headers_mut().insert(DEPRECATION, removal);
    }
    fault.alter_headers(request.at, &mut response);
    let sent = SentResponse {
        status: response.status().as_u16(),
        took: started.elapsed(),
        replayed,
        fault: fault.text(),
    };
    if let Some(log) = &shared.setup.log {
        let key = request.credential.ok();
        let key = key.map(|index| shared.lock().keys.get(index).prefix().to_owned());
        log(&sent.line(request.at, &head, key.as_deref()));
    }
    shared.lock().journal.complete(&head, sent);
    fault.send(socket, &head.method, response).await
}

/// The result of reading the head of a request.
struct IncomingRequest<'a> {
    at: Timestamp,
    operation: Option<&'a Operation>,
    credential: Credential,
    admission: Result<Admission<'a>, ApiError>,
    allowance: Allowance,
}

/// A request whose head is valid.
struct Admission<'a> {
    operation: &'a Operation,
    path: Vec<(&'a str, String)>,
    key: usize,
    idempotency: Idempotency,
}

enum Idempotency {
    /// Not a POST, or a POST without a key.
    None,
    Claimed(ClaimedKey),
    Completed(StoredResponse),
}

/// Reads the head of a request.
///
/// Unknown paths and methods are refused before the key is checked, and do not count against the
/// rate limit; neither does `/health`. Evidence: decided.
fn read_head<'a>(shared: &'a Arc<Shared>, head: &Parts) -> IncomingRequest<'a> {
    let route = shared.contract.route(&head.method, head.uri.path());
    let mut state = shared.lock();
    let at = state.clock.now();
    let credential = state.keys.credential(&head.headers);
    let (operation, admission) = match route {
        Route::UnknownPath => (None, Err(ApiError::unknown_path(head.uri.path()))),
        Route::WrongMethod(allowed) => (
            None,
            Err(ApiError::method_not_allowed(&head.method, &allowed)),
        ),
        Route::Operation(operation, path) => {
            let key = if operation.needs_key {
                state.keys.admit(credential, at)
            } else {
                // Such an operation runs as if with the first key.
                Ok(0)
            };
            let admission = key.and_then(|key| {
                let endpoint = match shared.contract.undocumented {
                    true => head.uri.path(),
                    false => &operation.id,
                };
                let idempotency = claim(shared, &mut state, key, endpoint, head, at)?;
                Ok(Admission {
                    operation,
                    path,
                    key,
                    idempotency,
                })
            });
            (Some(operation), admission)
        }
    };
    IncomingRequest {
        at,
        operation,
        credential,
        admission,
        allowance: state.keys.allowance(credential, at),
    }
}

/// Claims the idempotency key. Only POST requests have one; elsewhere the header is ignored.
/// Evidence: stated.
fn claim(
    shared: &Arc<Shared>,
    state: &mut State,
    key: usize,
    endpoint: &str,
    head: &Parts,
    now: Timestamp,
) -> Result<Idempotency, ApiError> {
    if head.method != Method::POST {
        return Ok(Idempotency::None);
    }
    let Some(scoped) = ScopedKey::read(endpoint, &head.headers)? else {
        return Ok(Idempotency::None);
    };
    let workspace = state.keys.get(key).workspace;
    let keys = &mut state.workspaces[workspace].idempotency_keys;
    Ok(match keys.claim(&scoped, now)? {
        Some(stored) => Idempotency::Completed(stored),
        None => Idempotency::Claimed(ClaimedKey {
            key: scoped,
            workspace,
            shared: Arc::clone(shared),
        }),
    })
}

/// Reads a body of at most [`BODY_LIMIT`] bytes within [`BODY_TIME_LIMIT`]. After a 408 the connection is
/// closed.
async fn collect(body: Incoming) -> Result<Bytes, ApiError> {
    timeout(BODY_TIME_LIMIT, read(body)).await.map_err(|_| {
        let message = format!(
            "The body did not arrive within {} s.",
            BODY_TIME_LIMIT.as_secs()
        );
        ApiError::new(StatusCode::REQUEST_TIMEOUT, "request_timeout", message)
    })?
}

async fn read(mut body: Incoming) -> Result<Bytes, ApiError> {
    let (mut collected, mut size) = (BytesMut::new(), 0);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| {
            let message = format!("The body could not be read: {error}.");
            ApiError::invalid_request("invalid_body", message)
        })?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        size += data.len();
        if size > DRAIN_LIMIT {
            break;
        } else if size <= BODY_LIMIT {
            collected.extend_from_slice(&data);
        }
    }
    if size > BODY_LIMIT {
        let message = format!("The body is larger than {BODY_LIMIT} bytes.");
        let status = StatusCode::PAYLOAD_TOO_LARGE;
        return Err(ApiError::new(status, "payload_too_large", message));
    }
    Ok(collected.freeze())
}

/// Replays a stored response, or validates the request and runs the handler of its operation.
fn run(
    shared: &Shared,
    admission: Admission<'_>,
    head: &Parts,
    body: Bytes,
) -> Result<Response<Bytes>, ApiError> {
    let operation = admission.operation;
    let contract = &*shared.contract;
    let claimed = match admission.idempotency {
        Idempotency::Completed(stored) => {
            let stored = stored.replay(&body)?;
            let mut response = success(operation, stored.status, stored.body);
            if contract.undocumented {
                let replayed = HeaderValue::from_static("true");
                response.headers_mut().insert(REPLAYED, replayed);
            }
            return Ok(response);
        }
        Idempotency::Claimed(claimed) => Some(claimed),
        Idempotency::None => None,
    };
    let query = read_parameters(contract, operation, &admission.path, head)?;
    let parsed = read_body(contract, operation, &head.headers, &body)?;
    let reference = admission.path.into_iter().next();

    let mut state = shared.lock();
    let now = state.clock.moment(contract.undocumented);
    let State {
        keys, workspaces, ..
    } = &mut *state;
    let key = keys.get(admission.key);
    let workspace = &mut workspaces[key.workspace];
    let mut request = handlers::Request {
        contract,
        operation,
        reference: reference.map_or(String::new(), |(_, text)| text),
        query,
        body: parsed,
        workspace,
        key,
        now,
        change: None,
    };
    let response = request.run()?;
    if let Some(change) = &request.change {
        shared
            .webhooks
            .record(contract, request.workspace, key, change, now);
    }
    let status = operation.success.status;
    if let Some(claimed) = &claimed {
        let keys = &mut workspace.idempotency_keys;
        keys.store(&claimed.key, body, status, response.clone(), now.time);
    }
    drop(state);
    Ok(success(operation, status, response))
}

fn success(operation: &Operation, status: StatusCode, body: Bytes) -> Response<Bytes> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let content = operation.success.content.as_ref();
    let media_type = content.map(|content| (header::CONTENT_TYPE, content.media_type.clone()));
    response.headers_mut().extend(media_type);
    response
}
