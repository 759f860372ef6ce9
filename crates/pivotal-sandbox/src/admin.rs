//! The admin API under `/_sandbox`: how a test runner in any language controls the sandbox. It is
//! not part of Pivotal.
//!
//! It is served only if [enabled](crate::SandboxBuilder::admin). It needs no API key, is not in the
//! journal or the rate limit, and meets no fault. Errors use the envelope of the API.
//!
//! A web page that a browser shows must not control the sandbox. It could send requests to
//! 127.0.0.1, or give itself a host name that resolves to 127.0.0.1. So `Origin` and `Host` are
//! checked. Other machines must send a token.

use std::{net::IpAddr, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, Method, Response, StatusCode, header, request::Parts, uri::Authority};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::json;

#[cfg(feature = "state")]
use crate::saved;
use crate::{
    clock::{Clock, iso},
    error::ApiError,
    keys::bearer_token,
    response::{APPLICATION_JSON, json as to_json, with_body, without_body},
    state::Shared,
    validate::read_date_time,
    webhooks,
};

const PREFIX: &str = "/_sandbox/";

/// Whether a request is for the admin API. If that is disabled, its paths are unknown.
pub(crate) fn serves(shared: &Shared, head: &Parts) -> bool {
    shared.setup.admin && head.uri.path().starts_with(PREFIX)
}

pub(crate) fn handle(
    shared: &Shared,
    head: &Parts,
    body: Result<Bytes, ApiError>,
) -> Response<Bytes> {
    let token = shared.setup.admin_token.as_deref();
    let json = check_sender(&head.headers, token)
        .and(body)
        .and_then(|body| route(shared, head, &body));
    match json {
        Ok(Some(json)) => with_body(StatusCode::OK, APPLICATION_JSON, json),
        Ok(None) => without_body(StatusCode::NO_CONTENT),
        Err(error) => error.into(),
    }
}

/// Refuses requests of web pages, and requests without the token if there is one.
fn check_sender(headers: &HeaderMap, token: Option<&str>) -> Result<(), ApiError> {
    let host = headers.get(header::HOST);
    if let Some(origin) = headers.get(header::ORIGIN)
        && origin.as_bytes().strip_prefix(b"http://") != host.map(|host| host.as_bytes())
    {
        let message = "The admin API refuses requests of other web pages (header Origin).";
        return Err(ApiError::forbidden("foreign_origin", message));
    }
    let Some(token) = token else {
        if names_loopback(headers) {
            return Ok(());
        }
        let message =
            "Send requests to the admin API to localhost or a loopback address (header Host).";
        return Err(ApiError::forbidden("foreign_host", message));
    };
    match bearer_token(headers) {
        Ok(sent) if sent == token.as_bytes() => Ok(()),
        _ => {
            let message = "Send the token that the sandbox printed when it started: `Authorization: Bearer <token>`.";
            Err(ApiError::authentication("invalid_admin_token", message))
        }
    }
}

/// Whether `Host` is a name of this machine that only this machine resolves.
pub(crate) fn names_loopback(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST);
    let host = host.and_then(|host| Authority::try_from(host.as_bytes()).ok());
    host.is_some_and(|host| {
        let ip = host.host().trim_matches(['[', ']']).parse();
        host.host().eq_ignore_ascii_case("localhost") || ip.is_ok_and(|ip: IpAddr| ip.is_loopback())
    })
}

/// The JSON of a 200, or nothing for 204.
pub(crate) type Reply = Result<Option<Bytes>, ApiError>;

/// Carries out a request.
fn route(shared: &Shared, head: &Parts, body: &[u8]) -> Reply {
    let path = head.uri.path();
    let (methods, run): (&[Method], Action) = match path.strip_prefix(PREFIX).unwrap_or_default() {
        "reset" => (&[Method::POST], |shared, _, _| {
            shared.reset();
            Ok(None)
        }),
        "clock" => (&[Method::GET], |shared, _, _| set_clock(shared, |_| {})),
        "clock/freeze" => (&[Method::POST], |shared, _, body| {
            let Freeze { at } = parse(body)?;
            let at = at.map(|text| read_date_time(&text, "at")).transpose()?;
            set_clock(shared, |clock| {
                clock.freeze(at.unwrap_or_else(|| clock.now()));
            })
        }),
        "clock/advance" => (&[Method::POST], |shared, _, body| {
            let Advance { seconds } = parse(body)?;
            let by = Duration::try_from_secs_f64(seconds).map_err(|error| {
                ApiError::invalid_request("invalid_body", format!("{error}.")).field("seconds")
            })?;
            set_clock(shared, |clock| clock.advance(by))
        }),
        "clock/thaw" => (&[Method::POST], |shared, _, _| {
            set_clock(shared, Clock::thaw)
        }),
        "faults" => (&[Method::GET, Method::POST, Method::DELETE], faults),
        "requests" => (&[Method::GET, Method::DELETE], requests),
        "webhooks" => (&[Method::GET, Method::POST], webhooks::admin::webhooks),
        "webhooks/trigger" => (&[Method::POST], webhooks::admin::trigger),
        "webhooks/resend" => (&[Method::POST], webhooks::admin::resend),
        #[cfg(feature = "state")]
        "state" => (&[Method::GET], |shared, _, _| {
            Ok(Some(to_json(&*shared.save_status())))
        }),
        #[cfg(feature = "state")]
        "export" => (&[Method::GET], |shared, _, _| {
            Ok(Some(saved::export_running(&shared.lock()).into()))
        }),
        _ => return Err(ApiError::unknown_path(path)),
    };
    if !methods.contains(&head.method) {
        return Err(ApiError::method_not_allowed(&head.method, methods));
    }
    run(shared, &head.method, body)
}

type Action = fn(&Shared, &Method, &[u8]) -> Reply;

/// Parses a body; an empty one counts as `{}`.
pub(crate) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    let text = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(text).map_err(|error| {
        let code = if error.is_data() {
            "invalid_body"
        } else {
            "invalid_json"
        };
        ApiError::invalid_request(code, format!("The body cannot be used: {error}."))
    })
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

/// Changes the clock and reports its time.
fn set_clock(shared: &Shared, change: impl FnOnce(&mut Clock)) -> Reply {
    let clock = &mut shared.lock().clock;
    change(clock);
    let reading = json!({ "now": iso(clock.now()), "frozen": clock.is_frozen() });
    Ok(Some(to_json(&reading)))
}

/// Lists, adds or removes faults. A fault is `{"operation": "create-customer", "fault":
/// "reset-after-processing", "count": 1}`: `fault` is what the command line takes, a script
/// included, `after` and `probability` are the other options, and without an operation the fault is
/// for all.
fn faults(shared: &Shared, method: &Method, body: &[u8]) -> Reply {
    if method == Method::DELETE {
        shared.faults.clear();
        return Ok(None);
    }
    if method == Method::POST {
        shared.faults.add(parse(body)?).map_err(|error| {
            ApiError::invalid_request("invalid_body", format!("The body cannot be used: {error}."))
        })?;
    }
    let armed = shared.faults.armed();
    Ok(Some(to_json(&json!({ "faults": armed }))))
}

/// Lists or clears the journal. A body that is not UTF-8 is shown with replacement characters.
fn requests(shared: &Shared, method: &Method, _: &[u8]) -> Reply {
    let journal = &mut shared.lock().journal;
    if method == Method::DELETE {
        journal.clear();
        return Ok(None);
    }
    let requests = journal.requests();
    let requests = requests.iter().map(|request| {
        json!({
            "at": iso(request.at),
            "operation": request.operation,
            "method": request.method,
            "path": request.path,
            "query": request.query,
            "headers": request.headers,
            "body": String::from_utf8_lossy(&request.body),
            "response": request.response.as_ref().map(|response| json!({
                "status": response.status,
                "seconds": response.took.as_secs_f64(),
                "replayed": response.replayed,
                "fault": response.fault,
            })),
        })
    });
    let requests: Vec<_> = requests.collect();
    Ok(Some(to_json(&json!({ "requests": requests }))))
}
