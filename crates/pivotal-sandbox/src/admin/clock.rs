//! `GET /_sandbox/clock`: what the clock shows. `POST` to `/freeze`, `/advance` or `/thaw` sets it
//! and answers the same.

use std::time::Duration;

use http::Method;
use serde::{Deserialize, Serialize};

use super::{Answer, Request};
use crate::{
    clock::{Clock, iso},
    error::ApiError,
    validate::date_time,
};

#[derive(Serialize)]
struct Reading {
    now: String,
    frozen: bool,
}

/// Without a time, the clock stops where it is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Freeze {
    at: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    seconds: f64,
}

pub(super) fn answer(request: &Request<'_>) -> Result<Answer, ApiError> {
    let change: fn(&Request<'_>, &mut Clock) -> Result<(), ApiError> = match request.rest {
        "" => {
            request.expect(&[Method::GET])?;
            |_, _| Ok(())
        }
        "freeze" => freeze,
        "advance" => advance,
        "thaw" => |_, clock| {
            clock.thaw();
            Ok(())
        },
        _ => return Err(request.unknown()),
    };
    if !request.rest.is_empty() {
        request.expect(&[Method::POST])?;
    }
    let clock = &mut request.shared.lock().clock;
    change(request, clock)?;
    Ok(Answer::json(&Reading {
        now: iso(clock.now()),
        frozen: clock.is_frozen(),
    }))
}

fn freeze(request: &Request<'_>, clock: &mut Clock) -> Result<(), ApiError> {
    let Freeze { at } = request.body()?;
    let at = match &at {
        None => clock.now(),
        Some(text) => date_time(text).ok_or_else(|| {
            ApiError::invalid_request("invalid_string", "Invalid datetime").field("at")
        })?,
    };
    clock.freeze(at);
    Ok(())
}

fn advance(request: &Request<'_>, clock: &mut Clock) -> Result<(), ApiError> {
    let Advance { seconds } = request.body()?;
    let by = Duration::try_from_secs_f64(seconds).map_err(|error| {
        ApiError::invalid_request("invalid_body", format!("{error}.")).field("seconds")
    })?;
    clock.advance(by);
    Ok(())
}
