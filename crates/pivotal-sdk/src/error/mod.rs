//! The one error of the SDK.

mod convert;
mod envelope;

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use pivotal_api::{ErrorType, OnboardingPhase};
use pivotal_runtime::{
    Attempt, Delivery, IdempotencyKey, Operation, RateLimit, RetryClass, StopReason,
};

/// A result of the SDK.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, in the few kinds that programs tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request breaks a rule of the API: refused before sending, or by the server (400).
    InvalidRequest,
    /// The key is missing, wrong or revoked (401).
    Authentication,
    /// The key may not do this (403).
    Permission,
    /// No such row (404).
    NotFound,
    /// It collides with what is there, such as a slug in use (409).
    Conflict,
    /// Too many requests (429).
    RateLimit,
    /// The server failed (5xx).
    Internal,
    /// No whole response came: no connection, or it broke, or the response was too large.
    Transport,
    /// No response came in the time given.
    Timeout,
    /// A success whose body is not what the contract says.
    Decode,
    /// A response that is not Pivotal's: a proxy's page, an empty body, another JSON shape, a
    /// redirect, a status the contract does not have.
    Unexpected,
    /// The client cannot be built from what it was given.
    Config,
}

/// Why a call failed.
///
/// [`kind`](Self::kind) and [`code`](Self::code) are for programs; `Display` is one line for people
/// that holds no header, no body and no key.
///
/// ```
/// use pivotal_sdk::ErrorCode;
/// # use pivotal_sdk::{Client, CreateCustomer};
/// # async fn run(client: Client) -> pivotal_sdk::Result<()> {
/// match client.customers().create(CreateCustomer::new("Aurora").slug("aurora-demo")).await {
///     Ok(customer) => println!("created {}", customer.id),
///     Err(error) if error.is_code(ErrorCode::SlugTaken) => println!("already there"),
///     Err(error) => return Err(error),
/// }
/// # Ok(())
/// # }
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    error_type: Option<ErrorType>,
    code: Option<String>,
    field: Option<String>,
    message: String,
    status: Option<StatusCode>,
    operation: Option<&'static Operation>,
    attempts: u32,
    history: Vec<Attempt>,
    stop_reason: Option<StopReason>,
    delivery: Delivery,
    rate_limit: Option<RateLimit>,
    retry_after: Option<Duration>,
    idempotency_key: Option<IdempotencyKey>,
    body: Bytes,
    resume_cursor: Option<String>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// How many bytes of a response an error keeps at most: 64 KiB.
    pub const MAX_RAW_BODY: usize = 64 * 1024;

    fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            error_type: None,
            code: None,
            field: None,
            message: message.into(),
            status: None,
            operation: None,
            attempts: 0,
            history: Vec::new(),
            stop_reason: None,
            delivery: Delivery::NotSent,
            rate_limit: None,
            retry_after: None,
            idempotency_key: None,
            body: Bytes::new(),
            resume_cursor: None,
            source: None,
        }))
    }

    /// What the server would surely refuse, so that it was not sent.
    pub(crate) fn invalid_request(
        operation: &'static Operation,
        field: &str,
        code: &str,
        message: String,
    ) -> Self {
        let mut error = Self::new(ErrorKind::InvalidRequest, message).of(operation);
        error.0.field = Some(field.to_owned());
        error.0.code = Some(code.to_owned());
        error
    }

    /// A request that cannot leave, whatever the server says.
    pub(crate) fn refused(field: &str, message: String) -> Self {
        let mut error = Self::new(ErrorKind::InvalidRequest, message);
        error.0.field = Some(field.to_owned());
        error.0.code = Some("refused".to_owned());
        error
    }

    /// A setting that a client cannot be built with.
    pub(crate) fn config(setting: &str, message: impl Into<String>) -> Self {
        let mut error = Self::new(ErrorKind::Config, message);
        error.0.field = Some(setting.to_owned());
        error
    }

    /// A list that cannot be read on.
    pub(crate) fn broken_list(operation: &'static Operation, code: &str, message: &str) -> Self {
        let mut error = Self::new(ErrorKind::Unexpected, message).of(operation);
        error.0.code = Some(code.to_owned());
        error.0.field = Some("next_cursor".to_owned());
        error.0.status = Some(StatusCode::OK);
        error.0.attempts = 1;
        error.0.delivery = Delivery::Received;
        error
    }

    /// What comes after this phase cannot be known.
    pub(crate) fn unknown_phase(phase: &OnboardingPhase) -> Self {
        let message = format!("the phase {phase} is newer than this program: set the next by hand");
        let mut error = Self::new(ErrorKind::Unexpected, message);
        error.0.code = Some("unknown_phase".to_owned());
        error.0.field = Some("phase".to_owned());
        error.0.status = Some(StatusCode::OK);
        error.0.attempts = 1;
        error.0.delivery = Delivery::Received;
        error
    }

    /// The async runtime went away under a call.
    pub(crate) fn runtime_stopped() -> Self {
        let message = "the async runtime stopped while the call was on its way";
        let mut error = Self::new(ErrorKind::Transport, message);
        error.0.code = Some("runtime_stopped".to_owned());
        error.0.delivery = Delivery::Unknown;
        error
    }

    /// The page of a stream at which this error ended it.
    pub(crate) fn resume_at(mut self, cursor: Option<String>) -> Self {
        self.0.resume_cursor = cursor;
        self
    }

    pub(crate) fn caused_by(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.0.source = Some(Box::new(source));
        self
    }

    pub(crate) fn of(mut self, operation: &'static Operation) -> Self {
        self.0.operation = Some(operation);
        self
    }

    /// What kind of failure it is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The `type` of the server's error envelope, which may be newer than this program.
    pub fn error_type(&self) -> Option<&ErrorType> {
        self.0.error_type.as_ref()
    }

    /// The `code` of the server's error envelope, such as `slug_taken`; new ones may appear at any
    /// time. What fails before a response has a code of the same manner: `too_big`, `timeout`,
    /// `body_too_large`.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// Whether [`code`](Self::code) is this, as text or as [`ErrorCode`](crate::ErrorCode).
    pub fn is_code(&self, code: impl AsRef<str>) -> bool {
        self.code() == Some(code.as_ref())
    }

    /// The place at fault: the parameter or key of the request, for
    /// [`Decode`](ErrorKind::Decode) the path in the response (`data[0].name`), for
    /// [`Config`](ErrorKind::Config) the setting.
    pub fn field(&self) -> Option<&str> {
        self.0.field.as_deref()
    }

    /// What happened, in words. Do not branch on it.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The HTTP status, when a response got that far.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// The operation that was called, `create_customer`. `None` for
    /// [`Config`](ErrorKind::Config), and for errors of [`raw`](crate::Client::raw) calls, which do
    /// not know.
    pub fn operation(&self) -> Option<&'static str> {
        self.0.operation.map(|operation| operation.name)
    }

    /// How often the request was sent.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// The attempts before the last, oldest first. Empty for most errors.
    pub fn history(&self) -> &[Attempt] {
        &self.0.history
    }

    /// Why the request was not sent again; `None` for what never got as far as sending, and for
    /// errors of [`raw`](crate::Client::raw) calls.
    pub fn stop_reason(&self) -> Option<StopReason> {
        self.0.stop_reason
    }

    /// Whether the same call may well succeed later, and is safe to make again. A create is safe
    /// under the [`idempotency_key`](Self::idempotency_key) that it went under, and no other.
    pub fn is_retryable(&self) -> bool {
        match self.0.stop_reason {
            Some(ending) => ending.is_retryable(),
            None => {
                self.is_rate_limit() || self.is_transport() && self.delivery() == Delivery::NotSent
            }
        }
    }

    /// The delay that the server asked for in `Retry-After`.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// What the last response said of the key's allowance.
    pub fn rate_limit(&self) -> Option<RateLimit> {
        self.0.rate_limit
    }

    /// The key that a create went under, yours or the SDK's own. To try a create once more without
    /// a second row, give it this key.
    pub fn idempotency_key(&self) -> Option<&str> {
        self.0.idempotency_key.as_ref().map(IdempotencyKey::as_str)
    }

    /// What is known of the request's fate. After [`Unknown`](Delivery::Unknown) a row may exist.
    pub fn delivery(&self) -> Delivery {
        self.0.delivery
    }

    /// The first bytes of the response as they came, at most
    /// [`MAX_RAW_BODY`](Self::MAX_RAW_BODY); empty when there was none. Customer data.
    pub fn raw_body(&self) -> &[u8] {
        &self.0.body
    }

    /// Where a stream goes on that this error ended: give it to
    /// [`Call::cursor`](crate::Call::cursor). `None` for a stream that ended before its first page,
    /// and for all other calls.
    pub fn resume_cursor(&self) -> Option<&str> {
        self.0.resume_cursor.as_deref()
    }

    /// What a person has to know of a write that failed: whether there may be a row.
    fn fate(&self) -> &'static str {
        match self.status() {
            Some(status) if status.is_success() => "; the server reported success",
            Some(status) if status.is_server_error() => "; it may have been carried out",
            None if self.delivery() == Delivery::Unknown => "; it may have been carried out",
            _ => "",
        }
    }

    fn is_write(&self) -> bool {
        self.0
            .operation
            .is_some_and(|operation| operation.class != RetryClass::Safe)
    }
}

macro_rules! is_kind {
    ($( $(#[$doc:meta])* $method:ident $kind:ident; )*) => {
        impl Error {
            $( $(#[$doc])* pub fn $method(&self) -> bool { self.0.kind == ErrorKind::$kind } )*
        }
    };
}

is_kind! {
    /// Whether the request breaks a rule of the API.
    is_invalid_request InvalidRequest;
    /// Whether the key is missing, wrong or revoked.
    is_authentication Authentication;
    /// Whether the key may not do this.
    is_permission Permission;
    /// Whether there is no such row.
    is_not_found NotFound;
    /// Whether it collides with what is there.
    is_conflict Conflict;
    /// Whether there were too many requests.
    is_rate_limit RateLimit;
    /// Whether the server failed.
    is_internal Internal;
    /// Whether no whole response came, for another reason than time.
    is_transport Transport;
    /// Whether no response came in the time given.
    is_timeout Timeout;
    /// Whether a success did not fit the contract.
    is_decode Decode;
    /// Whether the response was not Pivotal's.
    is_unexpected Unexpected;
    /// Whether the client cannot be built from what it was given.
    is_config Config;
}

impl ErrorKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid request",
            Self::Authentication => "authentication failed",
            Self::Permission => "not permitted",
            Self::NotFound => "not found",
            Self::Conflict => "conflict",
            Self::RateLimit => "too many requests",
            Self::Internal => "the server failed",
            Self::Transport => "no response",
            Self::Timeout => "timed out",
            Self::Decode => "the response does not fit the contract",
            Self::Unexpected => "unexpected answer",
            Self::Config => "configuration",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// One line: `create_customer: conflict: The slug is in use (status 409, code slug_taken, field
/// slug)`.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        if let Some(operation) = self.operation() {
            write!(f, "{operation}: ")?;
        }
        write!(f, "{}: {}", inner.kind, inner.message)?;

        let mut notes = Vec::new();
        if let Some(status) = inner.status {
            notes.push(format!("status {}", status.as_u16()));
        }
        if let Some(code) = &inner.code {
            notes.push(format!("code {code}"));
        }
        if let Some(field) = &inner.field {
            notes.push(format!("field {field}"));
        }
        if inner.attempts > 1 {
            notes.push(format!("{} attempts", inner.attempts));
        }
        if let Some(delay) = inner.retry_after {
            notes.push(format!("retry after {} s", delay.as_secs_f64().ceil()));
        }
        if !notes.is_empty() {
            write!(f, " ({})", notes.join(", "))?;
        }
        if let Some(
            ending @ (StopReason::BudgetSpent
            | StopReason::Deadline
            | StopReason::RetryAfterTooLong),
        ) = inner.stop_reason
        {
            write!(f, "; not sent again: {ending}")?;
        }
        if self.is_write() {
            f.write_str(self.fate())?;
        }
        Ok(())
    }
}

/// The same facts as `Display`, one by one; of the body only its length.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        f.debug_struct("Error")
            .field("kind", &inner.kind)
            .field("code", &inner.code)
            .field("field", &inner.field)
            .field("message", &inner.message)
            .field("status", &inner.status)
            .field("operation", &self.operation())
            .field("attempts", &inner.attempts)
            .field("history", &inner.history)
            .field("ending", &inner.stop_reason)
            .field("delivery", &inner.delivery)
            .field("rate_limit", &inner.rate_limit)
            .field("retry_after", &inner.retry_after)
            .field("resume_cursor", &inner.resume_cursor)
            .field("body_bytes", &inner.body.len())
            .field("source", &inner.source)
            .finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.0.source {
            Some(source) => Some(source.as_ref()),
            None => None,
        }
    }
}
