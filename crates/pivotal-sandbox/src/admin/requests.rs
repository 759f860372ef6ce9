//! `GET /_sandbox/requests`: the journal, oldest first. `DELETE` empties it.

use http::Method;
use serde::Serialize;

use super::{Answer, Request};
use crate::{clock::iso, error::ApiError, journal::ReceivedRequest};

#[derive(Serialize)]
struct Journal<'a> {
    requests: Vec<Entry<'a>>,
}

/// A request of the journal. A body that is not UTF-8 is shown with replacement characters.
#[derive(Serialize)]
struct Entry<'a> {
    at: String,
    operation: Option<&'a str>,
    method: &'a str,
    path: &'a str,
    query: Option<&'a str>,
    headers: &'a [(String, String)],
    body: std::borrow::Cow<'a, str>,
}

impl<'a> From<&'a ReceivedRequest> for Entry<'a> {
    fn from(request: &'a ReceivedRequest) -> Self {
        Self {
            at: iso(request.at),
            operation: request.operation.as_deref(),
            method: &request.method,
            path: &request.path,
            query: request.query.as_deref(),
            headers: &request.headers,
            body: String::from_utf8_lossy(&request.body),
        }
    }
}

pub(super) fn answer(request: &Request<'_>) -> Result<Answer, ApiError> {
    if !request.rest.is_empty() {
        return Err(request.unknown());
    }
    request.expect(&[Method::GET, Method::DELETE])?;
    let journal = &mut request.shared.lock().journal;
    if request.method == Method::DELETE {
        journal.clear();
        return Ok(Answer::Nothing);
    }
    let requests = journal.requests();
    Ok(Answer::json(&Journal {
        requests: requests.iter().map(Entry::from).collect(),
    }))
}
