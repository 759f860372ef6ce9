//! The error type of the SDK.

mod convert;
mod decode;
mod envelope;
pub(crate) mod place;

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use pivotal_api::endpoint::{Endpoint, ErrorBody};
use pivotal_api::{ErrorCode, ErrorType, OnboardingPhase};
use pivotal_runtime::{
    Attempt, Delivery, IdempotencyKey, InvalidRequest, Operation, RateLimit, RetryClass,
    StopReason, printable,
};

use envelope::one_line;

/// A result of the SDK.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The kind of an [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request is invalid. It was rejected before it was sent, or by the server (400).
    InvalidRequest,
    /// The API key is missing, invalid or revoked (401).
    Authentication,
    /// The API key does not permit this operation (403).
    Permission,
    /// The resource does not exist (404).
    NotFound,
    /// The request conflicts with existing data, such as a slug that is in use (409).
    Conflict,
    /// The rate limit was exceeded (429).
    RateLimit,
    /// The server failed (5xx).
    Internal,
    /// No complete response was received, because there was no connection, it was closed, or the
    /// response was too large.
    Transport,
    /// No response was received in time.
    Timeout,
    /// The response reports success, but its body does not match the contract.
    Decode,
    /// The response is not one of the API's, such as an error page of a proxy, a redirect or an
    /// undocumented status, or a list cannot be read to its end.
    Unexpected,
    /// The configuration of the client is invalid.
    Config,
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::InvalidRequest => "invalid request",
            Self::Authentication => "authentication failed",
            Self::Permission => "permission denied",
            Self::NotFound => "not found",
            Self::Conflict => "conflict",
            Self::RateLimit => "rate limit exceeded",
            Self::Internal => "server error",
            Self::Transport => "no response",
            Self::Timeout => "timed out",
            Self::Decode => "invalid response body",
            Self::Unexpected => "unexpected response",
            Self::Config => "invalid configuration",
        })
    }
}

/// An error of the SDK.
///
/// Programs branch on [`kind`](Self::kind) and [`code`](Self::code). `Display` is one line for
/// people, without headers, bodies and keys. Control characters in texts of the server are escaped.
///
/// ```
/// use pivotal_sdk::ErrorCode;
/// # use pivotal_sdk::{Client, CreateCustomer};
/// # async fn run(client: Client) -> pivotal_sdk::Result<()> {
/// match client.customers().create(CreateCustomer::new("Aurora").slug("aurora-demo")).await {
///     Ok(customer) => println!("created {}", customer.id),
///     Err(error) if error.is_code(ErrorCode::SlugTaken) => println!("already exists"),
///     Err(error) => return Err(error),
/// }
/// # Ok(())
/// # }
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    error_type: Option<ErrorType>,
    code: Option<ErrorCode>,
    field: Option<String>,
    row_id: Option<String>,
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

/// How errors are made.
impl Error {
    fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            error_type: None,
            code: None,
            field: None,
            row_id: None,
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

    fn code_and_field(mut self, code: &str, field: &str) -> Self {
        self.0.code = Some(code.into());
        self.0.field = Some(field.to_owned());
        self
    }

    /// The error of a response that arrived.
    fn of_response(
        kind: ErrorKind,
        status: Option<StatusCode>,
        message: impl Into<String>,
    ) -> Self {
        let mut error = Self::new(kind, message);
        error.0.status = status;
        error.0.attempts = 1;
        error.0.delivery = Delivery::Received;
        error
    }

    /// A request that the server would reject, so that it was not sent.
    pub(crate) fn invalid_request(
        operation: &'static Operation,
        field: &str,
        code: &str,
        message: String,
    ) -> Self {
        Self::new(ErrorKind::InvalidRequest, message)
            .code_and_field(code, field)
            .of(operation)
    }

    /// A request that the executor has rejected.
    pub(crate) fn rejected(invalid: &InvalidRequest) -> Self {
        Self::new(ErrorKind::InvalidRequest, invalid.to_string())
            .code_and_field(invalid.code(), invalid.field())
    }

    /// An invalid setting of a client.
    pub(crate) fn config(setting: &str, message: impl Into<String>) -> Self {
        let mut error = Self::new(ErrorKind::Config, message);
        error.0.field = Some(setting.to_owned());
        error
    }

    /// A page that does not lead to the next one.
    pub(crate) fn broken_list(operation: &'static Operation, code: &str, message: &str) -> Self {
        Self::of_response(ErrorKind::Unexpected, Some(StatusCode::OK), message)
            .code_and_field(code, "next_cursor")
            .of(operation)
    }

    /// The next phase of an onboarding is unknown.
    pub(crate) fn unknown_phase(phase: &OnboardingPhase) -> Self {
        let phase = one_line(phase.as_str());
        let message = format!("this version does not know the phase {phase}; set the next phase");
        Self::of_response(ErrorKind::Unexpected, Some(StatusCode::OK), message)
            .code_and_field("unknown_phase", "phase")
    }

    /// The async runtime was shut down during a call.
    pub(crate) fn runtime_stopped() -> Self {
        let message = "the async runtime was shut down during the call";
        let mut error = Self::new(ErrorKind::Transport, message);
        error.0.code = Some("runtime_stopped".into());
        error.0.delivery = Delivery::Unknown;
        error
    }

    /// Adds the cursor of the page at which this error ended a stream.
    pub(crate) fn resume_at(mut self, cursor: Option<String>) -> Self {
        self.0.resume_cursor = cursor;
        self
    }

    pub(crate) fn caused_by(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.0.source = Some(Box::new(source));
        self
    }

    /// Adds to the message what the server does not say.
    pub(crate) fn note(mut self, note: &str) -> Self {
        self.0.message = format!("{}; {note}", self.0.message.trim_end_matches('.'));
        self
    }

    pub(crate) fn of(mut self, operation: &'static Operation) -> Self {
        self.0.operation = Some(operation);
        self
    }
}

impl Error {
    /// The maximum number of response bytes that an error keeps: 64 KiB.
    pub const MAX_RAW_BODY: usize = 64 * 1024;

    /// The kind of error.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The `type` in the server's error envelope. It may be one that this version does not know.
    pub fn error_type(&self) -> Option<&ErrorType> {
        self.0.error_type.as_ref()
    }

    /// The `code` in the server's error envelope, such as `slug_taken`. The server may add codes at
    /// any time. Errors without a response have codes of the SDK, such as `too_big`, `timeout` and
    /// `body_too_large`. A code that the contract does not list is [`ErrorCode::Unknown`].
    ///
    /// ```
    /// # pivotal_tests::on_sandbox(async |pivotal| {
    /// use pivotal_sdk::ErrorCode;
    ///
    /// let error = pivotal.customer(404).get().await.unwrap_err();
    /// assert_eq!(error.code(), Some(&ErrorCode::CustomerNotFound));
    /// assert_eq!(error.code().map(ErrorCode::as_str), Some("customer_not_found"));
    /// # Ok(()) });
    /// ```
    pub fn code(&self) -> Option<&ErrorCode> {
        self.0.code.as_ref()
    }

    /// Whether [`code`](Self::code) is this text or [`ErrorCode`].
    pub fn is_code(&self, code: impl AsRef<str>) -> bool {
        self.code().is_some_and(|known| known == code.as_ref())
    }

    /// What is invalid: a parameter or key of the request, for [`Decode`](ErrorKind::Decode) the
    /// JSON pointer of the value or missing key in the response (`/data/0/name`), for
    /// [`Config`](ErrorKind::Config) the setting. At most 256 characters of the server.
    pub fn field(&self) -> Option<&str> {
        self.0.field.as_deref()
    }

    /// The row of a response that does not decode: its `display_id`, or its `id` if it has no
    /// number. `None` if neither can be read, and for other kinds.
    pub fn row_id(&self) -> Option<&str> {
        self.0.row_id.as_deref()
    }

    /// The description of the error. It may change at any time.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The HTTP status, if the response began.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// The name of the operation, such as `create_customer`. `None` for
    /// [`Config`](ErrorKind::Config) and for errors of [`raw`](crate::Client::raw) calls.
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

    /// Why the call was not retried again. `None` if the request was not sent, and for errors of
    /// [`raw`](crate::Client::raw) calls.
    pub fn stop_reason(&self) -> Option<StopReason> {
        self.0.stop_reason
    }

    /// Whether the same call may succeed later and is safe to repeat. To repeat a create safely,
    /// use its [`idempotency_key`](Self::idempotency_key).
    pub fn is_retryable(&self) -> bool {
        match self.0.stop_reason {
            Some(stop_reason) => stop_reason.is_retryable(),
            None => {
                self.is_rate_limit() || self.is_transport() && self.delivery() == Delivery::NotSent
            }
        }
    }

    /// The delay that the server asks for in `Retry-After`.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The rate limit that the last response reports.
    pub fn rate_limit(&self) -> Option<RateLimit> {
        self.0.rate_limit
    }

    /// The idempotency key of a create, yours or a generated one. Use it to repeat the create
    /// without creating a second row.
    pub fn idempotency_key(&self) -> Option<&str> {
        self.0.idempotency_key.as_ref().map(IdempotencyKey::as_str)
    }

    /// What is known about whether the server received the request. After
    /// [`Unknown`](Delivery::Unknown), a create may have succeeded.
    pub fn delivery(&self) -> Delivery {
        self.0.delivery
    }

    /// The first [`MAX_RAW_BODY`](Self::MAX_RAW_BODY) bytes of the response body, which may contain
    /// customer data. Empty if there was no response. For a row of
    /// [`Results`](crate::stream::Results), the row.
    pub fn raw_body(&self) -> &[u8] {
        &self.0.body
    }

    /// The body of an error of the operation `O`, as the contract documents it for the status. `None`
    /// if the contract does not document the status, if the body is not what it documents, or if the
    /// error is of another operation. [`raw_body`](Self::raw_body) has the body in any case.
    ///
    /// Pivotal documents one body for all errors, whose parts are [`code`](Self::code),
    /// [`field`](Self::field) and [`message`](Self::message). `documented_body` is for what it has
    /// beside them, and for operations whose errors differ: their type is an enum with a variant for
    /// each status.
    ///
    /// ```
    /// # pivotal_tests::on_sandbox(async |pivotal| {
    /// use pivotal_sdk::requests::{GetContactRequest, GetCustomerRequest};
    ///
    /// let error = pivotal.customer(404).get().await.unwrap_err();
    /// let body = error.documented_body::<GetCustomerRequest>().unwrap();
    /// assert_eq!(body.error.code, "customer_not_found");
    /// assert!(body.extra.is_empty() && body.error.extra.is_empty()); // keys without documentation
    ///
    /// assert!(error.documented_body::<GetContactRequest>().is_none());
    /// # Ok(()) });
    /// ```
    pub fn documented_body<O: Endpoint>(&self) -> Option<O::Error> {
        let status = self.0.status.filter(|status| !status.is_success())?;
        match self.0.operation {
            Some(operation) if operation.name != O::OPERATION.name => None,
            _ => O::Error::decode(O::OPERATION, status, &self.0.body),
        }
    }

    /// The cursor at which to resume a stream that this error ended, for
    /// [`Call::cursor`](crate::Call::cursor). No row is lost; rows with the creation time of the last
    /// row may be returned again. `None` if the stream ended before its first page, and for all other
    /// calls.
    pub fn resume_cursor(&self) -> Option<&str> {
        self.0.resume_cursor.as_deref()
    }
}

macro_rules! is_kind {
    ($( $method:ident $kind:ident; )*) => {
        impl Error {
            $(
                #[doc = concat!("Whether the kind is [`", stringify!($kind), "`](ErrorKind::", stringify!($kind), ").")]
                pub fn $method(&self) -> bool { self.0.kind == ErrorKind::$kind }
            )*
        }
    };
}

is_kind! {
    is_invalid_request InvalidRequest;
    is_authentication Authentication;
    is_permission Permission;
    is_not_found NotFound;
    is_conflict Conflict;
    is_rate_limit RateLimit;
    is_internal Internal;
    is_transport Transport;
    is_timeout Timeout;
    is_decode Decode;
    is_unexpected Unexpected;
    is_config Config;
}

/// One line, such as `create_customer: conflict: The slug is in use (status 409, code slug_taken,
/// field slug)`.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        if let Some(operation) = self.operation() {
            write!(f, "{operation}: ")?;
        }
        write!(f, "{}: {}", inner.kind, inner.message)?;

        let status = inner.status.map(|status| status.as_u16());
        let attempts = (inner.attempts > 1).then_some(inner.attempts);
        let delay = inner.retry_after.map(|delay| delay.as_secs_f64().ceil());
        let details: Vec<_> = [
            status.map(|status| format!("status {status}")),
            inner.code.as_ref().map(|code| format!("code {code}")),
            inner.field.as_ref().map(|field| format!("field {field}")),
            inner.row_id.as_ref().map(|id| format!("row {id}")),
            attempts.map(|attempts| format!("{attempts} attempts")),
            delay.map(|seconds| format!("retry after {seconds} s")),
        ]
        .into_iter()
        .flatten()
        .collect();
        if !details.is_empty() {
            write!(f, " ({})", details.join(", "))?;
        }
        if let Some(
            reason @ (StopReason::BudgetExhausted
            | StopReason::DeadlineExceeded
            | StopReason::RetryAfterTooLong),
        ) = inner.stop_reason
        {
            write!(f, "; not retried: {reason}")?;
        }
        // After a failed write, a person must know whether it may have succeeded.
        let is_write = |operation: &Operation| operation.class != RetryClass::Safe;
        if inner.operation.is_some_and(is_write) {
            match inner.status {
                Some(status) if status.is_success() => {
                    f.write_str("; the server reported success")?;
                }
                Some(status) if !status.is_server_error() => {}
                None if inner.delivery != Delivery::Unknown => {}
                _ => f.write_str("; the server may have processed the request")?,
            }
        }
        Ok(())
    }
}

/// `{:?}`, which `fn main() -> Result<_, Error>` prints, is the line of `Display` and the sources of
/// the error. `{:#?}` has all fields, but of the body only its length.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        if !f.alternate() {
            fmt::Display::fmt(self, f)?;
            let mut source = self.source();
            while let Some(cause) = source {
                write!(f, "; caused by: {}", printable(&cause.to_string()))?;
                source = cause.source();
            }
            return Ok(());
        }
        f.debug_struct("Error")
            .field("kind", &inner.kind)
            .field("code", &inner.code)
            .field("field", &inner.field)
            .field("row_id", &inner.row_id)
            .field("message", &inner.message)
            .field("status", &inner.status)
            .field("operation", &self.operation())
            .field("attempts", &inner.attempts)
            .field("history", &inner.history)
            .field("stop_reason", &inner.stop_reason)
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
        let source = self.0.source.as_ref()?;
        Some(source.as_ref())
    }
}
