//! `--trace-http`: every request and response on standard error.

use std::fmt::Write;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http::header::{AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION, SET_COOKIE};
use http::{HeaderMap, HeaderValue, Response};
use pivotal_runtime::Credential;
use pivotal_sdk::reqwest::Request;
use pivotal_sdk::transport::{BoxFuture, Failure, OPERATIONS, Operation, Transport, redact_body};

use crate::report::log;

/// How many bytes of a body are printed.
const SHOWN: usize = 4096;

/// Prints each attempt, and sends it.
pub(crate) struct Trace(pub(crate) Arc<dyn Transport>);

impl Transport for Trace {
    fn send(
        &self,
        request: Request,
        body_limit: usize,
    ) -> BoxFuture<'_, Result<Response<Bytes>, Failure>> {
        let key = key_of(&request, OPERATIONS);
        let mut text = format!("> {} {}\n", request.method(), request.url());
        add_headers(&mut text, '>', request.headers());
        let body = request.body().and_then(|body| body.as_bytes());
        add_body(&mut text, '>', body.unwrap_or_default());
        print(text, &key);
        let sending = self.0.send(request, body_limit);
        Box::pin(async move {
            let started = Instant::now();
            let result = sending.await;
            let elapsed = started.elapsed().as_millis();
            let text = match &result {
                Ok(response) => {
                    let mut text = format!("< {}, {elapsed} ms\n", response.status());
                    add_headers(&mut text, '<', response.headers());
                    add_body(&mut text, '<', &redact_body(response.body().clone(), &key));
                    text
                }
                Err(failure) => format!("< no response, {elapsed} ms: {failure}"),
            };
            print(text, &key);
            result
        })
    }
}

/// The API key that a request carries, as a bearer token or where one of these operations has it in the
/// query; empty if it carries none.
fn key_of(request: &Request, operations: &[&Operation]) -> String {
    let value = request.headers().get(AUTHORIZATION);
    let value = value.and_then(|value| value.to_str().ok());
    if let Some(key) = value.and_then(|value| value.strip_prefix("Bearer ")) {
        return key.to_owned();
    }
    let is_key = |name: &str| {
        let mut credentials = operations.iter().map(|known| known.format.credential);
        credentials.any(|place| matches!(place, Credential::Query(known) if known == name))
    };
    let mut pairs = request.url().query_pairs();
    let key = pairs.find(|(name, _)| is_key(name));
    key.map(|(_, key)| key.into_owned()).unwrap_or_default()
}

fn add_headers(text: &mut String, sign: char, headers: &HeaderMap) {
    const SECRET: [http::HeaderName; 4] = [AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION, SET_COOKIE];
    for (name, value) in headers {
        let is_secret = value.is_sensitive() || SECRET.contains(name);
        let value = match value {
            _ if is_secret => "[redacted]".into(),
            value => String::from_utf8_lossy(HeaderValue::as_bytes(value)),
        };
        let _ = writeln!(text, "{sign} {name}: {value}");
    }
}

fn add_body(text: &mut String, sign: char, body: &[u8]) {
    if body.is_empty() {
        return;
    }
    let _ = writeln!(text, "{sign}");
    let shown = String::from_utf8_lossy(&body[..body.len().min(SHOWN)]);
    for line in shown.lines() {
        let _ = writeln!(text, "{sign} {line}");
    }
    if body.len() > SHOWN {
        let _ = writeln!(text, "{sign} … and {} more bytes", body.len() - SHOWN);
    }
}

/// The key is looked for in the whole text: a server can repeat it in any header.
fn print(text: String, key: &str) {
    let text = redact_body(Bytes::from(text), key);
    log(String::from_utf8_lossy(&text).trim_end());
}

#[cfg(test)]
mod tests {
    use pivotal_sdk::reqwest::Method;

    use super::*;

    #[test]
    fn a_key_in_the_query_is_found() {
        let mut operation = OPERATIONS[0].clone();
        operation.format.credential = Credential::Query("api_key");
        let url = "https://a.example/x?a=1&api_key=N0t%20seen";
        let request = Request::new(Method::GET, url.parse().unwrap());
        assert_eq!(key_of(&request, &[&operation]), "N0t seen");
        assert_eq!(key_of(&request, OPERATIONS), "");
    }
}
