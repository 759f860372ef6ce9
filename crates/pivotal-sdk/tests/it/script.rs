//! A transport that responds by a script.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use pivotal_sdk::{
    Client, ClientBuilder,
    transport::{BoxFuture, Failure, FailureKind, Transport},
};
use serde_json::Value;

use crate::memory::KEY;

/// The result of a request.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    Json(u16, Value),
    Failure(FailureKind),
    /// The response never comes.
    Silence,
}

type Response = dyn Fn(&reqwest::Request, usize) -> Reply + Send + Sync;

/// Gives each request the result of a function of the request and of the number of earlier ones.
#[derive(Clone)]
pub(crate) struct Script {
    response: Arc<Response>,
    delay: Duration,
    seen: Arc<Mutex<Vec<reqwest::Url>>>,
}

impl Script {
    pub(crate) fn new(
        response: impl Fn(&reqwest::Request, usize) -> Reply + Send + Sync + 'static,
    ) -> Self {
        Self {
            response: Arc::new(response),
            delay: Duration::ZERO,
            seen: Arc::default(),
        }
    }

    pub(crate) fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// The result of one request, without a delay.
    pub(crate) fn respond(&self, request: &reqwest::Request, earlier: usize) -> Reply {
        (self.response)(request, earlier)
    }

    pub(crate) fn builder(&self) -> ClientBuilder {
        Client::builder()
            .api_key(KEY)
            .transport(Arc::new(self.clone()))
    }

    pub(crate) fn client(&self) -> Client {
        self.builder().build().unwrap()
    }

    /// The number of requests so far.
    pub(crate) fn count(&self) -> usize {
        self.seen.lock().unwrap().len()
    }

    /// The values of a query parameter, one for each request.
    pub(crate) fn parameter(&self, name: &str) -> Vec<Option<String>> {
        self.seen
            .lock()
            .unwrap()
            .iter()
            .map(|url| parameter(url, name))
            .collect()
    }
}

/// One parameter of a query.
pub(crate) fn parameter(url: &reqwest::Url, name: &str) -> Option<String> {
    url.query_pairs()
        .find_map(|(known, value)| (known == name).then(|| value.into_owned()))
}

impl Transport for Script {
    fn send(
        &self,
        request: reqwest::Request,
        _body_limit: usize,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, Failure>> {
        let earlier = {
            let mut seen = self.seen.lock().unwrap();
            seen.push(request.url().clone());
            seen.len() - 1
        };
        let reply = (self.response)(&request, earlier);
        Box::pin(async move {
            if !self.delay.is_zero() {
                tokio::time::sleep(self.delay).await;
            }
            match reply {
                Reply::Silence => std::future::pending().await,
                Reply::Failure(kind) => Err(Failure::new(kind)),
                Reply::Json(status, body) => {
                    let mut response = http::Response::new(Bytes::from(body.to_string()));
                    *response.status_mut() = status.try_into().unwrap();
                    Ok(response)
                }
            }
        })
    }
}
