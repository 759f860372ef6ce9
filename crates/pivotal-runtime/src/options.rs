//! The options of one call.

use std::fmt;
use std::time::Duration;

use http::header::{self, HeaderName, HeaderValue};

use crate::failure::InvalidOption;
use crate::idempotency::IdempotencyKey;
use crate::retry::RetryPolicy;

pub(crate) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The headers that only the executor sets.
static RESERVED: [HeaderName; 7] = [
    header::AUTHORIZATION,
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::HOST,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    IDEMPOTENCY_KEY,
];

/// The options of one call. They override the client's configuration.
///
/// The setters accept every value, so that calls can be built in one expression. The first invalid
/// value is reported by [`validate`](Self::validate).
// Few calls have any, and a call moves them with it several times.
#[derive(Clone, Default, PartialEq)]
pub struct CallOptions(Option<Box<Settings>>);

#[derive(Clone, Default, PartialEq)]
pub(crate) struct Settings {
    pub(crate) idempotency_key: Option<IdempotencyKey>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) deadline: Option<Duration>,
    pub(crate) retry: Option<RetryPolicy>,
    /// The last of a name counts.
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) query: Vec<(String, String)>,
    invalid: Option<InvalidOption>,
}

static NONE: Settings = Settings {
    idempotency_key: None,
    timeout: None,
    deadline: None,
    retry: None,
    headers: Vec::new(),
    query: Vec::new(),
    invalid: None,
};

impl CallOptions {
    pub(crate) fn get(&self) -> &Settings {
        self.0.as_deref().unwrap_or(&NONE)
    }

    fn set(&mut self) -> &mut Settings {
        self.0.get_or_insert_default()
    }

    /// Sets the idempotency key: 1 to 255 visible ASCII characters. It is sent by operations of the
    /// class [`ByKey`](crate::RetryClass::ByKey) and by undeclared POST requests, and ignored by
    /// all others.
    pub fn idempotency_key(&mut self, key: impl AsRef<str>) {
        match IdempotencyKey::new(key) {
            Ok(key) => self.set().idempotency_key = Some(key),
            Err(invalid) => self.reject("Idempotency-Key", invalid.code(), &invalid.to_string()),
        }
    }

    /// Sets the time limit for one attempt.
    pub fn timeout(&mut self, timeout: Duration) {
        self.set().timeout = Some(timeout);
    }

    /// Sets the time limit for the whole call, including all attempts and waits.
    pub fn deadline(&mut self, deadline: Duration) {
        self.set().deadline = Some(deadline);
    }

    /// The deadline of this call, if one was set.
    pub fn get_deadline(&self) -> Option<Duration> {
        self.get().deadline
    }

    /// Sets when the call is retried.
    pub fn retry(&mut self, policy: RetryPolicy) {
        self.set().retry = Some(policy);
    }

    /// Sets a header. It replaces a header of the SDK with the same name.
    ///
    /// Headers that the executor controls are invalid: `Authorization`, `Idempotency-Key` and those
    /// that frame the message.
    pub fn header(&mut self, name: &str, value: &str) {
        match (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
            (Ok(known), _) if RESERVED.contains(&known) => {
                let message = "only the SDK may set this header; set the API key on the client, an \
                               idempotency key with idempotency_key(…)";
                self.reject(name, "reserved_header", message);
            }
            (Ok(name), Ok(value)) => {
                self.set().headers.push((name, value));
            }
            (Err(_), _) => self.reject(name, "invalid_string", "this is not a valid header name"),
            (_, Err(_)) => self.reject(name, "invalid_string", "a header cannot have this value"),
        }
    }

    /// Adds a query parameter to those of the request.
    pub fn query(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.set().query.push((name.into(), value.into()));
    }

    /// Checks that every option is valid.
    ///
    /// # Errors
    /// The first [`InvalidOption`].
    pub fn validate(&self) -> Result<(), InvalidOption> {
        self.get().invalid.clone().map_or(Ok(()), Err)
    }

    fn reject(&mut self, field: &str, code: &'static str, message: &str) {
        self.set().invalid.get_or_insert_with(|| InvalidOption {
            field: field.to_owned(),
            code,
            message: message.to_owned(),
        });
    }
}

/// Prints only the names of the headers and parameters, because a value may be a secret.
impl fmt::Debug for CallOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let settings = self.get();
        let headers: Vec<_> = settings.headers.iter().map(|(name, _)| name).collect();
        let query: Vec<_> = settings.query.iter().map(|(name, _)| name).collect();
        f.debug_struct("CallOptions")
            .field("idempotency_key", &settings.idempotency_key)
            .field("timeout", &settings.timeout)
            .field("deadline", &settings.deadline)
            .field("retry", &settings.retry)
            .field("headers", &headers)
            .field("query", &query)
            .finish()
    }
}
