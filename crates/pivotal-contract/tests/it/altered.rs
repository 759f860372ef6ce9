//! A sandbox whose responses are altered on their way, between the socket and the SDK.

use std::sync::Arc;

use pivotal_contract::Suite;
use pivotal_sandbox::{Sandbox, stateful_operations};
use pivotal_sdk::reqwest::{self, Method};
use pivotal_sdk::{
    Bytes, Client, ClientBuilder,
    transport::{BoxFuture, Failure, HttpTransport, Transport},
};
use serde_json::Value;

/// One response, and what was asked.
pub(crate) struct Passing {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) response: http::Response<Bytes>,
}

impl Passing {
    /// Whether this is what was asked, with a `*` for any one segment.
    pub(crate) fn is(&self, method: &str, path: &str) -> bool {
        let mut given = self.path.split('/');
        self.method == method
            && path.split('/').all(|segment| {
                given
                    .next()
                    .is_some_and(|text| segment == "*" || segment == text)
            })
            && given.next().is_none()
    }

    /// Changes a body of JSON.
    pub(crate) fn change(&mut self, change: impl FnOnce(&mut Value)) {
        let mut body: Value = serde_json::from_slice(self.response.body()).unwrap();
        change(&mut body);
        *self.response.body_mut() = body.to_string().into();
    }
}

type Alter = dyn Fn(&mut Passing) + Send + Sync;

struct Altering {
    inner: HttpTransport,
    alter: Arc<Alter>,
}

impl Transport for Altering {
    fn send(
        &self,
        request: reqwest::Request,
        body_limit: usize,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, Failure>> {
        let (method, path) = (request.method().clone(), request.url().path().to_owned());
        Box::pin(async move {
            let response = self.inner.send(request, body_limit).await?;
            let mut passing = Passing {
                method,
                path,
                response,
            };
            (self.alter)(&mut passing);
            Ok(passing.response)
        })
    }
}

/// A sandbox with rows, and builders of clients that see it altered.
pub(crate) async fn altered(
    alter: impl Fn(&mut Passing) + Send + Sync + 'static,
) -> (Sandbox, impl Fn() -> ClientBuilder + Send + Sync + 'static) {
    let sandbox = Sandbox::builder().seed(7).start().await.unwrap();
    let connect = connect(&sandbox);
    let alter: Arc<Alter> = Arc::new(alter);
    // The first client of the SDK makes a provider of TLS the process's, and reqwest may want one.
    connect().build().unwrap();
    let altered = move || {
        connect().transport(Arc::new(Altering {
            inner: HttpTransport::new(reqwest::Client::builder().no_proxy().build().unwrap()),
            alter: Arc::clone(&alter),
        }))
    };
    (sandbox, altered)
}

/// Builders of clients of a sandbox.
pub(crate) fn connect(
    sandbox: &Sandbox,
) -> impl Fn() -> ClientBuilder + Send + Sync + 'static + use<> {
    let (base_url, key) = (sandbox.base_url().to_owned(), sandbox.api_key().to_owned());
    move || Client::builder().base_url(&base_url).api_key(&key)
}

/// The suite, for the operations that the sandbox has handlers for.
pub(crate) fn sandbox_suite(connect: impl Fn() -> ClientBuilder + Send + Sync + 'static) -> Suite {
    Suite::new(connect).only(stateful_operations())
}

/// All cases, faults included.
pub(crate) fn whole(
    sandbox: &Sandbox,
    connect: impl Fn() -> ClientBuilder + Send + Sync + 'static,
) -> Suite {
    let faults = sandbox.faults().clone();
    sandbox_suite(connect).writes(true).faults(move |fault| {
        let fault = fault.parse();
        let set = fault.and_then(|fault| faults.add(fault));
        set.map_err(|error: pivotal_sandbox::FaultError| error.to_string())
    })
}
