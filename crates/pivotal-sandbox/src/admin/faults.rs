//! `GET /_sandbox/faults`: the faults that are set, in order. `POST` adds one behind them, `DELETE`
//! removes all.
//!
//! A fault is `{"operation": "create-customer", "fault": "reset-after-processing", "count": 1}`,
//! where `fault` is what happens in the text of the command line, or a script with commas; `after`
//! and `probability` are the other options, and without an operation it is for all.

use http::Method;
use serde::Serialize;

use super::{Answer, Request};
use crate::{
    error::ApiError,
    faults::{ArmedFault, Fault},
};

#[derive(Serialize)]
struct Armed {
    faults: Vec<Entry>,
}

/// A fault and what has become of it.
#[derive(Serialize)]
struct Entry {
    #[serde(flatten)]
    fault: Fault,
    met: u64,
    applied: u64,
}

impl From<ArmedFault> for Entry {
    fn from(armed: ArmedFault) -> Self {
        Self {
            fault: armed.fault,
            met: armed.met,
            applied: armed.applied,
        }
    }
}

pub(super) fn answer(request: &Request<'_>) -> Result<Answer, ApiError> {
    if !request.rest.is_empty() {
        return Err(request.unknown());
    }
    request.expect(&[Method::GET, Method::POST, Method::DELETE])?;
    let faults = &request.shared.faults;
    if request.method == Method::DELETE {
        faults.clear();
        return Ok(Answer::Nothing);
    }
    if request.method == Method::POST {
        faults.add(request.body()?).map_err(|error| {
            ApiError::invalid_request("invalid_body", format!("The body cannot be used: {error}."))
        })?;
    }
    Ok(Answer::json(&Armed {
        faults: faults.armed().into_iter().map(Entry::from).collect(),
    }))
}
