//! How far a run is, and what reading a list costs.

use std::fmt;

use pivotal_sdk::{Client, KeyMode};

use crate::kind::Kind;
use crate::words::number;

/// A step of a run, for [`State::on_progress`](crate::State::on_progress).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Progress<'a> {
    /// A list is about to be read into the mirror.
    List(&'a Cost),
    /// So many records of the sources were read.
    Records(u64),
    /// So many rows of a list were read.
    Rows {
        /// What they are.
        kind: Kind,
        /// How many were read.
        read: u64,
    },
    /// A change was made, or failed.
    Changes {
        /// How many were made.
        done: u64,
        /// How many failed, or may have.
        failed: u64,
        /// How many the plan has, without those that were made before.
        planned: u64,
    },
}

/// What a list costs that is about to be read. `Display` is one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cost {
    /// What is read.
    pub kind: Kind,
    /// For how many customers, one request each; `None` if the list is that of the workspace.
    pub customers: Option<u64>,
    /// How many requests it takes, about; `None` before the first walk.
    pub requests: Option<u64>,
    /// The rate limit of the API key, in requests per minute; `None` before a response has told it.
    pub per_minute: Option<u64>,
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "reading the {}", self.kind.table())?;
        if let Some(customers) = self.customers {
            write!(f, " of {}", number(customers, "customer"))?;
        }
        match self.requests {
            None => f.write_str(" (one request per 100)"),
            Some(requests) => {
                let minutes = minutes(requests, self.per_minute);
                write!(f, " (requests: {requests}{minutes})")
            }
        }
    }
}

/// The rate limit that is documented for a live key, in requests per minute.
const DOCUMENTED: u64 = 60;

/// The rate limit that is documented for a test key, in requests per minute.
const DOCUMENTED_FOR_TESTS: u64 = 30;

/// The rate limit of the API key, in requests per minute: as the last response has told it, or before
/// the first one as it is documented for a test key. `None` before the first one with another key.
pub fn per_minute(client: &Client) -> Option<u64> {
    match client.rate_limit() {
        Some(rate) => Some(u64::from(rate.limit)),
        None => (client.key_mode() == Some(KeyMode::Test)).then_some(DOCUMENTED_FOR_TESTS),
    }
}

/// How long requests take at the rate limit, to be appended to their number; empty if less than a
/// minute.
pub(crate) fn minutes(requests: u64, per_minute: Option<u64>) -> String {
    let limit = per_minute.unwrap_or(DOCUMENTED).max(1);
    if requests <= limit {
        return String::new();
    }
    let documented = match per_minute {
        Some(_) => "",
        None => ", the documented limit of a live key",
    };
    format!(
        ", {} min at {limit} a minute{documented}",
        requests.div_ceil(limit)
    )
}
