//! A client that holds every response against the contract.

use bytes::Bytes;
use pivotal_sandbox::{Sandbox, SandboxBuilder};
use reqwest::{Method, RequestBuilder, StatusCode, header::HeaderMap};
use serde_json::{Value, json};

use crate::conformance;
pub(crate) use crate::conformance::DOCUMENT;

/// A sandbox and a connection to it.
pub(crate) struct Client {
    pub(crate) sandbox: Sandbox,
    pub(crate) http: reqwest::Client,
}

/// A response that the contract allows.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Bytes,
    pub(crate) body: Value,
}

impl Client {
    pub(crate) async fn start() -> Self {
        Self::of(Sandbox::builder()).await
    }

    pub(crate) async fn of(builder: SandboxBuilder) -> Self {
        // Built with the whole workspace, the HTTP client has TLS and wants a provider, and unpacks
        // gzip: responses are checked as they are on the wire.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Self {
            sandbox: builder.start().await.unwrap(),
            http: reqwest::Client::builder().no_gzip().build().unwrap(),
        }
    }

    /// The address of a path under `/api/v1`.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}/api/v1{path}", self.sandbox.base_url())
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, self.url(path))
            .bearer_auth(self.sandbox.api_key())
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Response {
        send(self.request(Method::DELETE, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Response {
        send(self.request(Method::POST, path).json(&body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Response {
        send(self.request(Method::PATCH, path).json(&body)).await
    }

    pub(crate) async fn post_with_key(&self, path: &str, key: &str, body: Value) -> Response {
        send(
            self.request(Method::POST, path)
                .header("idempotency-key", key)
                .json(&body),
        )
        .await
    }

    /// A sandbox with one row of each kind.
    pub(crate) async fn furnished() -> Self {
        let pivotal = Self::start().await;
        let customer = pivotal.customer("Aurora Outfitters").await;
        pivotal.onboarding(&customer).await;
        let contact = json!({ "name": "Mira Chen", "email": "mira@aurora-demo.com" });
        let contact = pivotal.post("/customers/1/contacts", contact).await;
        contact.created();
        pivotal
    }

    /// A new customer.
    pub(crate) async fn customer(&self, name: &str) -> Value {
        self.post("/customers", json!({ "name": name }))
            .await
            .created()
    }

    /// A new onboarding of a customer.
    pub(crate) async fn onboarding(&self, customer: &Value) -> Value {
        self.post("/onboardings", json!({ "customer_id": customer["id"] }))
            .await
            .created()
    }
}

/// Sends a request and holds the response against the contract.
pub(crate) async fn send(request: RequestBuilder) -> Response {
    let (client, request) = request.build_split();
    let request = request.unwrap();
    let (method, path) = (request.method().clone(), request.url().path().to_owned());
    let response = client.execute(request).await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    let bytes = response.bytes().await.unwrap();
    let body = if method == Method::HEAD {
        Value::Null
    } else {
        serde_json::from_slice(&bytes).unwrap()
    };
    let response = Response {
        status,
        headers,
        bytes,
        body,
    };
    check(&method, &path, &response);
    response
}

/// Status, headers and body are what the contract documents for the operation, or the envelope
/// where there is none.
fn check(method: &Method, path: &str, response: &Response) {
    let body = Some(&response.body).filter(|_| *method != Method::HEAD);
    let findings = conformance::findings(method, path, response.status, &response.headers, body);
    assert!(
        findings.is_empty(),
        "{method} {path} gave {} {}: {findings:#?}",
        response.status,
        response.body
    );
}

impl Response {
    #[track_caller]
    fn under(self, status: StatusCode) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }

    /// The body of a 200.
    #[track_caller]
    pub(crate) fn ok(self) -> Value {
        self.under(StatusCode::OK)
    }

    /// The body of a 201.
    #[track_caller]
    pub(crate) fn created(self) -> Value {
        self.under(StatusCode::CREATED)
    }

    /// Asserts a refusal and returns its field.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str) -> Option<&str> {
        let error = &self.body["error"];
        assert_eq!(
            (self.status.as_u16(), error["code"].as_str()),
            (status, Some(code)),
            "{}",
            self.body
        );
        let kind = match status {
            400 | 405 | 413 | 415 => "invalid_request_error",
            401 => "authentication_error",
            404 => "not_found",
            409 => "conflict",
            429 => "rate_limit_error",
            _ => "internal_error",
        };
        assert_eq!(error["type"], kind);
        assert_ne!(error["message"].as_str(), Some(""));
        error["field"].as_str()
    }
}

/// The ids of the rows of a list.
pub(crate) fn display_ids(list: &Value) -> Vec<u64> {
    list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["display_id"].as_u64().unwrap())
        .collect()
}

/// Asserts that a row has these values; what a newer document adds to the row is nobody's business
/// here.
#[track_caller]
pub(crate) fn assert_has(row: &Value, expected: &Value) {
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(row.get(key), Some(value), "{key}");
    }
}
