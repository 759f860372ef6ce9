//! A transport that answers by a script.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use pivotal_sdk::{
    Client, ClientBuilder,
    transport::{BoxFuture, Failure, FailureKind, Transport},
};
use serde_json::Value;

use crate::memory::KEY;

/// What a request is answered with.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    Json(u16, Value),
    Failure(FailureKind),
    /// None, for ever.
    Silence,
}

type Response = dyn Fn(&reqwest::Request, usize) -> Reply + Send + Sync;

/// Answers each request with what the function says of it and of how many came before it.
#[derive(Clone)]
pub(crate) struct Script {
    answer: Arc<Response>,
    delay: Duration,
    seen: Arc<Mutex<Vec<reqwest::Url>>>,
}

impl Script {
    pub(crate) fn new(
        answer: impl Fn(&reqwest::Request, usize) -> Reply + Send + Sync + 'static,
    ) -> Self {
        Self {
            answer: Arc::new(answer),
            delay: Duration::ZERO,
            seen: Arc::default(),
        }
    }

    pub(crate) fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// What it would answer.
    pub(crate) fn answer(&self, request: &reqwest::Request, earlier: usize) -> Reply {
        (self.answer)(request, earlier)
    }

    pub(crate) fn builder(&self) -> ClientBuilder {
        Client::builder()
            .api_key(KEY)
            .transport(Arc::new(self.clone()))
    }

    pub(crate) fn client(&self) -> Client {
        self.builder().build().unwrap()
    }

    /// How many requests came.
    pub(crate) fn count(&self) -> usize {
        self.seen.lock().unwrap().len()
    }

    /// The values that a parameter of the query had, request by request.
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
        let reply = (self.answer)(&request, earlier);
        Box::pin(async move {
            if !self.delay.is_zero() {
                tokio::time::sleep(self.delay).await;
            }
            match reply {
                Reply::Silence => std::future::pending().await,
                Reply::Failure(kind) => Err(Failure::new(kind)),
                Reply::Json(status, body) => {
                    let mut answer = http::Response::new(Bytes::from(body.to_string()));
                    *answer.status_mut() = status.try_into().unwrap();
                    Ok(answer)
                }
            }
        })
    }
}
