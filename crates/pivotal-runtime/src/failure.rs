//! Why there is no response.

use std::error::Error as StdError;
use std::fmt;

use http::StatusCode;

use crate::exchange::Delivery;

/// Why a request was not sent at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// A parameter changed the shape of the path, as an id of `..` would.
    #[error(
        "{operation}: the parameters lead to another path than {path}; \
         an id must be a number or one path segment"
    )]
    Path {
        /// The operation that was to be called.
        operation: &'static str,
        /// Its path template.
        path: &'static str,
    },
    /// The path of an undeclared request is not one below the base URL.
    #[error("the path of a request must begin with '/' and stay below the base URL")]
    Outside,
    /// The method of an undeclared request is none that we know how to treat.
    #[error("the method {method} is not one of GET, HEAD, OPTIONS, PUT, PATCH, DELETE, POST")]
    Method {
        /// The method.
        method: http::Method,
    },
    /// A header that a call must not set by itself.
    #[error("{operation}: the header {name} is set by the SDK alone")]
    Header {
        /// The operation that was to be called.
        operation: &'static str,
        /// The header's name.
        name: http::HeaderName,
    },
}

/// How an attempt to get a response failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FailureKind {
    /// No connection: refused, no such host, TLS, or none of these in ten seconds.
    Connect,
    /// No response in the time given. Whether there was a connection by then is not known.
    Timeout,
    /// The response began and its body broke off.
    BodyCutShort,
    /// The response's body is larger than the limit; the rest was not read.
    BodyTooLarge {
        /// The limit, in bytes.
        limit: usize,
    },
    /// The connection broke before a response, or what came was not HTTP.
    Exchange,
    /// The request could not be built.
    Request,
    /// The call's deadline passed while it waited for its first turn.
    Deadline,
}

/// An attempt that brought no whole response.
#[derive(Debug)]
pub struct Failure {
    kind: FailureKind,
    status: Option<StatusCode>,
    source: Option<Source>,
}

#[derive(Debug)]
enum Source {
    Http(reqwest::Error),
    Other(Box<dyn StdError + Send + Sync>),
}

impl Failure {
    /// A failure of this kind, for a [`Transport`](crate::Transport) of one's own.
    pub fn new(kind: FailureKind) -> Self {
        Self {
            kind,
            status: None,
            source: None,
        }
    }

    /// With the error that led to it.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(Source::Other(source.into()));
        self
    }

    /// With the status that was read before the response broke off.
    #[must_use]
    pub fn after_status(mut self, status: StatusCode) -> Self {
        self.status = Some(status);
        self
    }

    /// How it failed.
    pub fn kind(&self) -> FailureKind {
        self.kind
    }

    /// The status, when the response got that far.
    pub fn status(&self) -> Option<StatusCode> {
        self.status
    }

    /// What is known of the request's fate.
    pub fn delivery(&self) -> Delivery {
        match self.kind {
            _ if self.status.is_some() => Delivery::Received,
            FailureKind::Connect | FailureKind::Request | FailureKind::Deadline => {
                Delivery::NotSent
            }
            FailureKind::BodyCutShort | FailureKind::BodyTooLarge { .. } => Delivery::Received,
            FailureKind::Timeout | FailureKind::Exchange => Delivery::Unknown,
        }
    }

    /// The error that led to it, when there is one.
    pub fn into_source(self) -> Option<Box<dyn StdError + Send + Sync>> {
        match self.source? {
            Source::Http(error) => Some(Box::new(error)),
            Source::Other(error) => Some(error),
        }
    }

    /// Splits off the HTTP stack's own error, which alone can be handed to the generated client.
    pub(crate) fn split(self) -> (Self, Option<reqwest::Error>) {
        match self.source {
            Some(Source::Http(error)) => (
                Self {
                    source: None,
                    ..self
                },
                Some(error),
            ),
            _ => (self, None),
        }
    }
}

impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        // An error of the HTTP stack would print the URL, which is the caller's data.
        let error = error.without_url();
        let kind = if error.is_connect() {
            FailureKind::Connect
        } else if error.is_timeout() {
            FailureKind::Timeout
        } else if error.is_builder() {
            FailureKind::Request
        } else if error.is_body() || error.is_decode() {
            FailureKind::BodyCutShort
        } else {
            FailureKind::Exchange
        };
        Self {
            kind,
            status: None,
            source: Some(Source::Http(error)),
        }
    }
}

impl FailureKind {
    /// One word for it, such as `timeout`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Timeout => "timeout",
            Self::BodyCutShort => "body_cut_short",
            Self::BodyTooLarge { .. } => "body_too_large",
            Self::Exchange => "exchange",
            Self::Request => "request",
            Self::Deadline => "deadline",
        }
    }
}

impl fmt::Display for FailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect => f.write_str("could not connect"),
            Self::Timeout => f.write_str("no response in the time given"),
            Self::BodyCutShort => f.write_str("the response's body broke off"),
            Self::BodyTooLarge { limit } => {
                write!(
                    f,
                    "the response's body is larger than the limit of {limit} bytes"
                )
            }
            Self::Exchange => f.write_str("the connection broke before a response"),
            Self::Request => f.write_str("the request could not be built"),
            Self::Deadline => f.write_str("the deadline passed before the call's turn came"),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl StdError for Failure {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.source {
            Some(Source::Http(error)) => Some(error),
            Some(Source::Other(error)) => Some(error.as_ref()),
            None => None,
        }
    }
}
