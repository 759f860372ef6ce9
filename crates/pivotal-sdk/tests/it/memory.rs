//! A transport that records requests and returns a prepared result.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use pivotal_sdk::{
    Client, RetryPolicy,
    transport::{BoxFuture, Failure, FailureKind, Transport},
};
use serde_json::Value;

pub(crate) const KEY: &str = "pivotal_K8s9aB3dE5fG7hJ9kL1m";

#[derive(Clone, Default)]
pub(crate) struct Memory {
    pub(crate) seen: Arc<Mutex<Vec<reqwest::Request>>>,
    response: Option<(u16, Bytes)>,
    failure: Option<FailureKind>,
}

impl Memory {
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self {
            response: Some((status, body.to_string().into())),
            ..Self::default()
        }
    }

    pub(crate) fn text(status: u16, body: &str) -> Self {
        Self {
            response: Some((status, body.to_owned().into())),
            ..Self::default()
        }
    }

    pub(crate) fn failing(kind: FailureKind) -> Self {
        Self {
            failure: Some(kind),
            ..Self::default()
        }
    }

    /// A client that sends each call once.
    pub(crate) fn client(&self) -> Client {
        Client::builder()
            .api_key(KEY)
            .transport(Arc::new(self.clone()))
            .retry(RetryPolicy::off())
            .build()
            .unwrap()
    }

    /// The requests since the last call of this.
    pub(crate) fn requests(&self) -> Vec<reqwest::Request> {
        std::mem::take(&mut self.seen.lock().unwrap())
    }
}

impl Transport for Memory {
    fn send(
        &self,
        request: reqwest::Request,
        _body_limit: usize,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, Failure>> {
        self.seen.lock().unwrap().push(request);
        let result = match (&self.response, self.failure) {
            (_, Some(kind)) => Err(Failure::new(kind)),
            (Some((status, body)), None) => {
                let mut response = http::Response::new(body.clone());
                *response.status_mut() = (*status).try_into().unwrap();
                Ok(response)
            }
            (None, None) => Ok(http::Response::new(Bytes::new())),
        };
        Box::pin(std::future::ready(result))
    }
}
