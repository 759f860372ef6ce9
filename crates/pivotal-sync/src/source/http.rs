//! Requests to the services that sources are read from. The runtime of the SDK sends them, so that the
//! same holds as for Pivotal: the key goes to one origin only, redirects are not followed, bodies are
//! bounded, and temporary failures are retried.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use pivotal_runtime::{
    ApiKey, BaseUrl, CallOptions, ClientConfig, Executor, HttpTransport, Observer, OnWait,
    Operation, Outcome, RetryClass, RetryPolicy, Runtime, Transport, http_client,
};
use pivotal_sdk::{Method, StatusCode, printable, reqwest};
use serde_json::Value;

use crate::config::{SourceOptions, Variables};
use crate::error::{Error, Result, shortened};

/// Makes another transport of a transport.
pub type WrapTransport = fn(Arc<dyn Transport>) -> Arc<dyn Transport>;

/// How the service of a source is reached.
#[derive(Clone)]
#[non_exhaustive]
pub struct HttpOptions {
    /// Looks up the variables that the configuration names. Default: the environment.
    pub variables: Variables,
    /// When a request is sent again. Default: six attempts.
    pub retry: RetryPolicy,
    /// Is called when a request waits for more than a second.
    pub on_wait: Option<OnWait>,
    /// Sees every request. It never sees the key.
    pub observer: Option<Arc<dyn Observer>>,
    /// Wraps the transport, as for a trace.
    pub wrap_transport: Option<WrapTransport>,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            variables: Arc::new(|name| std::env::var(name).ok()),
            retry: RetryPolicy::default().max_attempts(6),
            on_wait: None,
            observer: None,
            wrap_transport: None,
        }
    }
}

impl fmt::Debug for HttpOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpOptions")
            .field("retry", &self.retry)
            .finish_non_exhaustive()
    }
}

/// What is particular to a service.
pub(super) struct Service {
    /// Its name, in errors and in the places of records.
    pub(super) name: &'static str,
    pub(super) base_url: &'static str,
    /// The environment variables with the key and the base URL.
    pub(super) key_variable: &'static str,
    pub(super) base_url_variable: &'static str,
    /// A header of every request.
    pub(super) header: Option<(&'static str, &'static str)>,
    /// The window of its rate limit.
    pub(super) window: Duration,
    /// Wraps the transport.
    pub(super) transport: WrapTransport,
    /// The message of an error response.
    pub(super) message: fn(&Value) -> Option<&str>,
}

/// Why a request failed.
#[derive(Debug)]
pub(crate) struct Failed {
    /// Text of the service in it is bounded and printable.
    pub(crate) reason: String,
    /// Whether the key was refused.
    pub(crate) authentication: bool,
}

impl From<String> for Failed {
    fn from(reason: String) -> Self {
        Self {
            reason,
            authentication: false,
        }
    }
}

impl From<&str> for Failed {
    fn from(reason: &str) -> Self {
        reason.to_owned().into()
    }
}

/// The body of a request.
pub(super) enum Body {
    Json(Value),
    Form(String),
}

/// A client of a service.
pub(super) struct Http {
    service: &'static Service,
    key_variable: String,
    executor: Executor,
    client: reqwest::Client,
}

/// A read of a service.
pub(super) const fn get(name: &'static str, path: &'static str) -> Operation {
    operation(name, Method::GET, path, RetryClass::Safe)
}

/// A read whose arguments are in the body.
pub(super) const fn read(name: &'static str, path: &'static str) -> Operation {
    operation(name, Method::POST, path, RetryClass::Safe)
}

/// An update. It sets values, so that a repetition changes nothing.
pub(super) const fn update(name: &'static str, path: &'static str) -> Operation {
    operation(name, Method::POST, path, RetryClass::Idempotent)
}

const fn operation(
    name: &'static str,
    method: Method,
    path: &'static str,
    class: RetryClass,
) -> Operation {
    Operation {
        name,
        method,
        path,
        summary: "",
        class,
        paged: false,
        authenticated: true,
        format: pivotal_runtime::RequestFormat::JSON,
        statuses: &["default"],
        constraints: &[],
    }
}

impl Http {
    pub(super) fn new(
        service: &'static Service,
        options: &SourceOptions,
        http: &HttpOptions,
    ) -> Result<Self> {
        let name = service.name;
        let unusable = |what: String| Error::Unusable(format!("{name}: {what}"));
        let key_variable = options
            .api_key
            .as_ref()
            .map_or(service.key_variable, |variable| variable.name());
        let variable = |name: &str| (http.variables)(name).filter(|value| !value.is_empty());
        let key = variable(key_variable).ok_or_else(|| Error::Source {
            name,
            reason: format!("there is no key; set the environment variable {key_variable}"),
            authentication: true,
        })?;
        if key.starts_with("pivotal_") {
            return Err(unusable(format!("{key_variable} has a key of Pivotal")));
        }
        let key = ApiKey::new(key).map_err(|error| unusable(format!("{key_variable}: {error}")))?;
        let base_url = match &options.base_url {
            Some(url) => url.value(&http.variables).map_err(unusable)?,
            None => {
                variable(service.base_url_variable).unwrap_or_else(|| service.base_url.to_owned())
            }
        };
        let base_url = BaseUrl::parse(&base_url).map_err(|error| unusable(error.to_string()))?;
        let client = http_client(&base_url).map_err(|error| unusable(error.to_string()))?;
        let mut config = ClientConfig::new(base_url);
        config.api_key = Some(key);
        config.user_agent_suffix = Some("pivotal-sync".to_owned());
        config.retry = http.retry;
        let mut transport: Arc<dyn Transport> = Arc::new(HttpTransport::new(client.clone()));
        if let Some(wrap) = http.wrap_transport {
            transport = wrap(transport);
        }
        config.transport = Some((service.transport)(transport));
        config.rate_limiting = config.rate_limiting.window(service.window);
        config.on_wait = http.on_wait.clone();
        config.observer = http.observer.clone();
        Ok(Self {
            service,
            key_variable: key_variable.to_owned(),
            executor: Executor::new(Arc::new(Runtime::new(config))),
            client,
        })
    }

    pub(super) async fn get(
        &self,
        operation: &'static Operation,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<Value, Failed> {
        self.send(operation, path, query, None).await
    }

    pub(super) async fn post(
        &self,
        operation: &'static Operation,
        path: &str,
        body: Body,
    ) -> Result<Value, Failed> {
        self.send(operation, path, &[], Some(body)).await
    }

    async fn send(
        &self,
        operation: &'static Operation,
        path: &str,
        query: &[(&str, &str)],
        body: Option<Body>,
    ) -> Result<Value, Failed> {
        let called = format!("{} {}", operation.method, operation.path);
        let failed = |what: &dyn fmt::Display| Failed::from(format!("{called}: {what}"));
        let mut options = CallOptions::default();
        for (name, value) in query {
            options.query(*name, *value);
        }
        if let Some((name, value)) = self.service.header {
            options.header(name, value);
        }
        let body = body.map(|body| match body {
            Body::Json(json) => ("application/json", json.to_string()),
            Body::Form(form) => ("application/x-www-form-urlencoded", form),
        });
        if let Some((content_type, _)) = body {
            options.header("content-type", content_type);
        }
        let (executor, slot) = self.executor.for_call(options);
        let (mut request, _) = executor
            .undeclared(&operation.method, path)
            .map_err(|error| failed(&error))?;
        *request.body_mut() = body.map(|(_, text)| text.into());
        executor
            .prepare(&mut request, operation)
            .map_err(|error| failed(&error))?;
        // The record of the call has the response, or why there is none.
        let _ = executor.send(&self.client, request, operation).await;
        let exchange = slot.take().ok_or_else(|| failed(&"there is no response"))?;
        let response = match exchange.outcome {
            Outcome::Response(response) => response,
            Outcome::Failed(failure) => return Err(failed(&failure)),
            _ => return Err(failed(&"it was not sent")),
        };
        let status = response.status;
        let json = serde_json::from_slice::<Value>(&response.body);
        if status.is_success() {
            return json.map_err(|_| failed(&format_args!("the response ({status}) is not JSON")));
        }
        let json = json.unwrap_or_default();
        let message = (self.service.message)(&json);
        let mut reason = format!("{called}: status {}", status.as_u16());
        if let Some(message) = message {
            reason += &format!(": {}", shown(message));
        } else if status.is_redirection() {
            reason += ", a redirect, which is not followed";
        }
        let authentication = matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
        if authentication {
            reason += &format!("; check the key in {} and its scopes", self.key_variable);
        }
        Err(Failed {
            reason,
            authentication,
        })
    }
}

/// Text of a service, bounded and printable.
pub(super) fn shown(text: &str) -> String {
    printable(&shortened(text)).into_owned()
}

/// A list of a response.
pub(super) fn list<'a>(body: &'a Value, name: &str) -> Result<&'a [Value], Failed> {
    let list = body.get(name).and_then(Value::as_array);
    list.map(Vec::as_slice)
        .ok_or_else(|| Failed::from(format!("the response has no list `{name}`")))
}

/// A text of a response.
pub(super) fn text<'a>(body: &'a Value, name: &str) -> Result<&'a str, Failed> {
    let text = body.get(name).and_then(Value::as_str);
    text.ok_or_else(|| Failed::from(format!("a row of the response has no text `{name}`")))
}
