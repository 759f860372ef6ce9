//! Getting the vendor's document: from a file, or over HTTP within bounds.

use std::error::Error;
use std::io::ErrorKind;
use std::iter::successors;
use std::path::Path;
use std::time::Duration;

use pivotal_runtime::{BaseUrl, http_client_builder};
use reqwest::header::{ACCEPT, ETAG, IF_NONE_MATCH, USER_AGENT};
use reqwest::redirect::{Action, Attempt, Policy};
use reqwest::{StatusCode, Url};

use super::Options;
use crate::codegen::Origin;
use crate::failure::Failure;
use crate::input;

const MAX_REDIRECTS: usize = 5;

/// A document as it came.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) text: String,
    /// Its name in error messages, with the ending that tells its format.
    pub(super) name: String,
    /// What origin.toml says of it: the address, or the name of the file.
    pub(super) origin: String,
    pub(super) etag: Option<String>,
}

/// Fetches from an address or a file; `None` when the server says that it is the version in place,
/// of which `previous` is known.
pub(super) fn fetch(
    options: &Options,
    previous: Option<&Origin>,
) -> Result<Option<Document>, Failure> {
    let from = options.from.as_str();
    if from.contains("://") {
        return address(options, previous);
    }
    let path = Path::new(from);
    let text = input::text(path, options.max_bytes).map_err(|error| match error.kind() {
        ErrorKind::FileTooLarge => Failure::input(from, too_large(options)),
        _ => Failure::unreadable(path, &error),
    })?;
    let name = path
        .file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into_owned();
    Ok(Some(Document {
        text,
        // No path of this machine goes into a file.
        origin: name.clone(),
        name,
        etag: None,
    }))
}

/// An address as it is shown and written: without its query, which may hold a token.
pub(super) fn shown(from: &str) -> &str {
    match from.contains("://") {
        true => from.split(['?', '#']).next().unwrap_or_default(),
        false => from,
    }
}

fn address(options: &Options, previous: Option<&Origin>) -> Result<Option<Document>, Failure> {
    let mut url = Url::parse(&options.from).map_err(|error| {
        // It is not shown: what cannot be read may hold a password.
        Failure::named(format!("--from is no address: {error}"))
    })?;
    url.set_fragment(None);
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Failure::named(
            "an address with a user or a password is not fetched: it would be written to origin.toml",
        ));
    }
    let from = shown(url.as_str());
    if base_url(&url).is_err() {
        return Err(Failure::input(
            from,
            "is not fetched: the document decides what code is written, so it comes over https, or from this machine",
        ));
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::ours("the fetch", error))?;
    // Addresses that differ in their query alone are written alike, and may be two documents.
    let known = previous
        .filter(|previous| url.query().is_none() && previous.origin == from)
        .and_then(|previous| previous.etag.as_deref());
    let time = Duration::from_secs(options.max_seconds);
    let fetched =
        runtime.block_on(async { tokio::time::timeout(time, get(&url, known, options)).await });
    fetched.unwrap_or_else(|_| {
        let what = format!("did not come within {time:?} (--max-seconds)");
        Err(Failure::input(from, what))
    })
}

async fn get(
    url: &Url,
    known: Option<&str>,
    options: &Options,
) -> Result<Option<Document>, Failure> {
    let from = shown(url.as_str());
    let failed = |what: String| Failure::input(from, what);
    let client = client(url).map_err(failed)?;
    let mut request = client
        .get(url.clone())
        .header(
            ACCEPT,
            "application/json, application/yaml;q=0.9, */*;q=0.1",
        )
        .header(USER_AGENT, "pivotal-rust-xtask");
    if let Some(etag) = known {
        request = request.header(IF_NONE_MATCH, etag);
    }
    let mut response = request
        .send()
        .await
        .map_err(|error| failed(format!("cannot be fetched: {}", causes(&error))))?;
    match response.status() {
        StatusCode::OK => {}
        StatusCode::NOT_MODIFIED if known.is_some() => return Ok(None),
        status => return Err(failed(format!("responds {status}; 200 is expected"))),
    }
    let etag = response
        .headers()
        .get(ETAG)
        .and_then(|etag| etag.to_str().ok())
        .map(str::to_owned);
    let mut bytes = Vec::new();
    let chunk = |error: reqwest::Error| failed(format!("broke off: {}", causes(&error)));
    while let Some(chunk) = response.chunk().await.map_err(chunk)? {
        if bytes.len() + chunk.len() > options.max_bytes {
            return Err(failed(too_large(options)));
        }
        bytes.extend_from_slice(&chunk);
    }
    let text = String::from_utf8(bytes).map_err(|_| failed("is not UTF-8".to_owned()))?;
    Ok(Some(Document {
        text,
        name: url
            .path_segments()
            .and_then(|mut names| names.next_back())
            .unwrap_or_default()
            .to_owned(),
        origin: from.to_owned(),
        etag,
    }))
}

/// A client that carries no key and follows few redirects, none of them to where the first address
/// could not lead.
fn client(url: &Url) -> Result<reqwest::Client, String> {
    let base = base_url(url)?;
    http_client_builder(&base)
        .map_err(|error| error.to_string())?
        .redirect(Policy::custom(redirect))
        .build()
        .map_err(|error| causes(&error))
}

fn redirect(attempt: Attempt<'_>) -> Action {
    if attempt.previous().len() > MAX_REDIRECTS {
        return attempt.error(format!("more than {MAX_REDIRECTS} redirects"));
    }
    // What starts elsewhere does not end on this machine.
    let local = |url: &Url| url.scheme() == "http";
    let inwards = local(attempt.url()) && !attempt.previous().iter().all(local);
    if base_url(attempt.url()).is_ok() && !inwards {
        attempt.follow()
    } else {
        let to = attempt.url().origin().ascii_serialization();
        attempt.error(format!("redirected to {to}, which is not https"))
    }
}

/// The address of the server; an error unless it is `https`, or `http` to this machine.
fn base_url(url: &Url) -> Result<BaseUrl, String> {
    let mut root = url.clone();
    root.set_path("/");
    root.set_query(None);
    root.set_fragment(None);
    BaseUrl::parse(root.as_str()).map_err(|error| error.to_string())
}

fn too_large(options: &Options) -> String {
    format!("is larger than {} bytes (--max-bytes)", options.max_bytes)
}

/// An error with everything that caused it, without the address, which is named already.
fn causes(error: &reqwest::Error) -> String {
    let causes = successors(error.source(), |&cause| cause.source());
    let causes: Vec<_> = causes.map(ToString::to_string).collect();
    match causes.is_empty() {
        true => "no response".to_owned(),
        false => causes.join(": "),
    }
}
