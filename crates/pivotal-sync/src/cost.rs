//! What reading a list costs.

use std::fmt;

use crate::kind::Kind;

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
    /// The rate limit of the API key, in requests per minute, if it is known.
    pub per_minute: Option<u64>,
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "reading the {}", self.kind.table())?;
        if let Some(customers) = self.customers {
            write!(f, " of {customers} customers")?;
        }
        match (self.requests, self.per_minute) {
            (None, _) => f.write_str(" (one request per 100)"),
            (Some(requests), Some(limit)) if requests > limit => {
                let minutes = requests.div_ceil(limit.max(1));
                write!(
                    f,
                    " (requests: {requests}, {minutes} min at {limit} a minute)"
                )
            }
            (Some(requests), _) => write!(f, " (requests: {requests})"),
        }
    }
}
