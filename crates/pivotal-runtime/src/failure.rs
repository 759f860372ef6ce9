//! Why a request got no complete response.

use std::error::Error as StdError;
use std::fmt;

use http::{Method, StatusCode};

use crate::base_url::BaseUrl;

/// What is known about whether the server received a request. After `Unknown`, a create may have
/// succeeded without a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Delivery {
    /// The server did not receive the request.
    NotSent,
    /// The server may have received and processed the request.
    Unknown,
    /// The server responded.
    Received,
}

impl fmt::Display for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::NotSent => "not sent",
            Self::Unknown => "unknown",
            Self::Received => "received",
        })
    }
}

/// An option of a call that is invalid. Does not contain the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidOption {
    pub(crate) field: String,
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl fmt::Display for InvalidOption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for InvalidOption {}

impl InvalidOption {
    /// The name of the header, or of the field of the body.
    pub fn field(&self) -> &str {
        &self.field
    }

    /// `reserved_header`, `invalid_body`, or the server's error code: `invalid_string`, `too_small` or `too_big`.
    pub fn code(&self) -> &'static str {
        self.code
    }
}

/// Why a request was rejected before it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidRequest {
    /// A path parameter such as `..` would change the path.
    Path {
        /// The path template of the operation.
        path: &'static str,
    },
    /// The path of an undeclared request is not below the base URL.
    OutsideBaseUrl,
    /// The method of an undeclared request is not supported.
    Method {
        /// The method.
        method: Method,
    },
    /// An option of the call is invalid.
    Option(InvalidOption),
}

impl fmt::Display for InvalidRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path { path } => write!(
                f,
                "a path parameter would change the path {path}; \
                 an ID must be one non-empty path segment"
            ),
            Self::OutsideBaseUrl => {
                f.write_str("the path of a request must begin with '/' and stay below the base URL")
            }
            Self::Method { method } => write!(
                f,
                "the method {method} is not one of GET, HEAD, OPTIONS, PUT, PATCH, DELETE, POST"
            ),
            Self::Option(invalid) => invalid.fmt(f),
        }
    }
}

impl StdError for InvalidRequest {}

impl From<InvalidOption> for InvalidRequest {
    fn from(invalid: InvalidOption) -> Self {
        Self::Option(invalid)
    }
}

impl InvalidRequest {
    /// The part of the request that is invalid: `path`, `method` or the name of a header.
    pub fn field(&self) -> &str {
        match self {
            Self::Path { .. } | Self::OutsideBaseUrl => "path",
            Self::Method { .. } => "method",
            Self::Option(invalid) => invalid.field(),
        }
    }

    /// A stable error code: `invalid_path`, `invalid_method` or that of the option.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Path { .. } | Self::OutsideBaseUrl => "invalid_path",
            Self::Method { .. } => "invalid_method",
            Self::Option(invalid) => invalid.code(),
        }
    }
}

/// How an attempt to get a response failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FailureKind {
    /// No connection could be made: refused, unknown host, TLS failure, or a connect timeout.
    Connect,
    /// No complete response arrived within the timeout. It is not known whether there was a
    /// connection.
    Timeout,
    /// The connection was closed in the middle of the response body.
    IncompleteBody,
    /// The response body is larger than the limit. The rest of it was not read.
    BodyTooLarge {
        /// The limit, in bytes.
        limit: usize,
    },
    /// The connection was closed before the response arrived, or the response was not HTTP.
    ConnectionLost,
    /// The request could not be built.
    Request,
    /// The deadline passed while the call waited for the rate limiter.
    Deadline,
}

impl FailureKind {
    /// A stable identifier, such as `timeout`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Timeout => "timeout",
            Self::IncompleteBody => "incomplete_body",
            Self::BodyTooLarge { .. } => "body_too_large",
            Self::ConnectionLost => "connection_lost",
            Self::Request => "request",
            Self::Deadline => "deadline",
        }
    }

    /// What happened, with the host and port of the server, if they are known.
    fn describe(self, server: Option<&str>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let server = |preposition| {
            let server = server.map(|server| format!(" {preposition} {server}"));
            server.unwrap_or_default()
        };
        let (to, from) = (server("to"), server("from"));
        match self {
            Self::Connect => write!(f, "could not connect{to}"),
            Self::Timeout => write!(f, "no response{from} within the timeout"),
            Self::IncompleteBody => {
                write!(f, "connection{to} closed before the response was complete")
            }
            Self::BodyTooLarge { limit } => {
                write!(f, "the response body exceeds the limit of {limit} bytes")
            }
            Self::ConnectionLost => {
                write!(f, "connection{to} closed before the response arrived")
            }
            Self::Request => f.write_str("the request could not be built"),
            Self::Deadline => {
                f.write_str("the deadline passed while the call waited for the rate limiter")
            }
        }
    }
}

impl fmt::Display for FailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.describe(None, f)
    }
}

/// An attempt that got no complete response.
#[derive(Debug)]
pub struct Failure {
    kind: FailureKind,
    /// Host and port of the server, if known.
    server: Option<String>,
    status: Option<StatusCode>,
    /// Whether TLS failed because the server responded in plain text.
    not_tls: bool,
    source: Option<Source>,
}

#[derive(Debug)]
enum Source {
    Http(reqwest::Error),
    Other(Box<dyn StdError + Send + Sync>),
}

impl Failure {
    /// A failure of this kind, for a custom [`Transport`](crate::Transport).
    pub fn new(kind: FailureKind) -> Self {
        Self {
            kind,
            server: None,
            status: None,
            not_tls: false,
            source: None,
        }
    }

    /// Adds the error that caused the failure.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(Source::Other(source.into()));
        self
    }

    /// Adds the status that was received before the failure.
    #[must_use]
    pub fn after_status(mut self, status: StatusCode) -> Self {
        self.status = Some(status);
        self
    }

    /// How the attempt failed.
    pub fn kind(&self) -> FailureKind {
        self.kind
    }

    /// The status, if the response began.
    pub fn status(&self) -> Option<StatusCode> {
        self.status
    }

    /// What is known about whether the server received the request.
    pub fn delivery(&self) -> Delivery {
        match self.kind {
            _ if self.status.is_some() => Delivery::Received,
            FailureKind::Connect | FailureKind::Request | FailureKind::Deadline => {
                Delivery::NotSent
            }
            FailureKind::IncompleteBody | FailureKind::BodyTooLarge { .. } => Delivery::Received,
            FailureKind::Timeout | FailureKind::ConnectionLost => Delivery::Unknown,
        }
    }

    /// The error that caused the failure, if there is one.
    pub fn into_source(self) -> Option<Box<dyn StdError + Send + Sync>> {
        match self.source? {
            Source::Http(error) => Some(Box::new(error)),
            Source::Other(error) => Some(error),
        }
    }

    /// Adds the server that the request was sent to.
    pub(crate) fn sent_to(mut self, base_url: &BaseUrl) -> Self {
        self.server = Some(base_url.host_and_port());
        self
    }

    /// Takes out the reqwest error, the only error that the generated client can be given.
    pub(crate) fn take_http_error(&mut self) -> Option<reqwest::Error> {
        match self.source.take()? {
            Source::Http(error) => Some(error),
            other @ Source::Other(_) => {
                self.source = Some(other);
                None
            }
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.describe(self.server.as_deref(), f)?;
        if self.not_tls && self.server.is_some() {
            f.write_str(": it does not use TLS, so that its URL begins with http://")?;
        }
        Ok(())
    }
}

impl StdError for Failure {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self.source.as_ref()? {
            Source::Http(error) => Some(error),
            Source::Other(error) => Some(&**error),
        }
    }
}

impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        // reqwest would print the URL, which may contain customer data.
        let error = error.without_url();
        let kind = if error.is_connect() {
            FailureKind::Connect
        } else if error.is_timeout() {
            FailureKind::Timeout
        } else if error.is_builder() {
            FailureKind::Request
        } else if error.is_body() || error.is_decode() {
            FailureKind::IncompleteBody
        } else {
            FailureKind::ConnectionLost
        };
        Self {
            not_tls: kind == FailureKind::Connect && met_plain_text(&error),
            source: Some(Source::Http(error)),
            ..Self::new(kind)
        }
    }
}

/// Whether a TLS handshake met something else. The TLS libraries share no type for it: rustls and
/// OpenSSL are told by their texts.
fn met_plain_text(error: &reqwest::Error) -> bool {
    let mut cause = error.source();
    while let Some(found) = cause {
        let text = found.to_string();
        if text.contains("InvalidContentType") || text.contains("wrong version number") {
            return true;
        }
        cause = found.source();
    }
    false
}
