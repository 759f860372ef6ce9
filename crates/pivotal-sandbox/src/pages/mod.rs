//! Pages for people to look at in a browser; `pivotal-views` writes their markup.
//!
//! They are not part of Pivotal, and stand beside its API: a path of the contract is never a page,
//! and a request with a key never gets one. They need no key, are not in the journal or the rate
//! limit, and meet no fault. They show the first workspace.
//!
//! Only this machine may see them, and other web pages may not use them. So they are served on
//! loopback addresses alone, `Host` must be a loopback name, which keeps out names that resolve to
//! 127.0.0.1, and a form must come from a page of the same origin.

mod controls;
mod customer;
mod customers;
mod onboardings;
mod requests;
mod text;
mod webhooks;

use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Method, Response, StatusCode, header, request::Parts, uri::Authority,
};
use pivotal_views::ServedPage;

use crate::{admin::is_loopback, contract::Route, error::ApiError, state::Shared};
use text::{Fields, shown};

/// The most rows of a page of a list.
const PAGE: usize = 50;

/// The pages with forms.
const FORMS: [&str; 2] = ["/controls", "/webhooks"];

/// Whether a request is for a page.
pub(crate) fn serves(shared: &Shared, head: &Parts) -> bool {
    let path = head.uri.path();
    let is_page = match head.method {
        Method::GET | Method::HEAD => {
            let fixed = ["/", "/customers", "/onboardings", "/requests"];
            let mut below = ["/customers/", "/requests/"].iter();
            fixed.contains(&path)
                || FORMS.contains(&path)
                || below.any(|prefix| path.starts_with(prefix))
        }
        Method::POST => FORMS.contains(&path),
        _ => false,
    };
    shared.setup.pages
        && is_page
        && !head.headers.contains_key(header::AUTHORIZATION)
        && matches!(
            shared.contract.route(&head.method, path),
            Route::UnknownPath
        )
}

pub(crate) fn handle(
    shared: &Shared,
    head: &Parts,
    body: Result<Bytes, ApiError>,
) -> Response<Bytes> {
    let mut response = match check_sender(head) {
        Err(refusal) => {
            let mut response = Response::new(Bytes::from_static(refusal.as_bytes()));
            *response.status_mut() = StatusCode::FORBIDDEN;
            let plain = HeaderValue::from_static("text/plain; charset=utf-8");
            response.headers_mut().insert(header::CONTENT_TYPE, plain);
            response
        }
        Ok(()) if head.method == Method::POST => {
            let sent = body.map_err(|_| "The form could not be read.".to_owned());
            let applied = sent.and_then(|body| controls::apply(shared, &Fields::parse(&body)));
            match (applied, head.uri.path()) {
                (Ok(()), "/webhooks") => redirect("/webhooks"),
                (Ok(()), _) => redirect("/controls"),
                (Err(refused), path) => {
                    let page = with_forms(shared, path, Some(refused));
                    html(StatusCode::BAD_REQUEST, page)
                }
            }
        }
        Ok(()) => page(shared, head),
    };
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
        (CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"),
    ] {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

const CROSS_ORIGIN_RESOURCE_POLICY: header::HeaderName =
    header::HeaderName::from_static("cross-origin-resource-policy");

fn check_sender(head: &Parts) -> Result<(), &'static str> {
    let headers = &head.headers;
    let host = headers.get(header::HOST).map(HeaderValue::as_bytes);
    let name = host.and_then(|host| Authority::try_from(host).ok());
    if !name.is_some_and(|name| is_loopback(name.host())) {
        return Err(
            "The pages are at localhost or a loopback address, such as http://127.0.0.1:8787 (header Host).\n",
        );
    }
    if head.method == Method::POST && !is_same_origin(headers, host) {
        return Err("Only a page of this sandbox can send a form to it (header Origin).\n");
    }
    Ok(())
}

/// Whether the browser says that a page of this origin sent the request. One that says nothing is
/// not a browser, and has the admin API.
fn is_same_origin(headers: &HeaderMap, host: Option<&[u8]>) -> bool {
    let origin = headers.get(header::ORIGIN).map(HeaderValue::as_bytes);
    let same = origin.map(|origin| origin.strip_prefix(b"http://") == host);
    let site = headers.get("sec-fetch-site");
    let same_site = site.map(|site| site.as_bytes() == b"same-origin");
    same.or(same_site) == Some(true) && same_site != Some(false)
}

fn page(shared: &Shared, head: &Parts) -> Response<Bytes> {
    let query = Fields::parse(head.uri.query().unwrap_or_default().as_bytes());
    let path = head.uri.path();
    let found = if path == "/" {
        return redirect("/customers");
    } else if path == "/customers" {
        Some(customers::list(shared, &query).page())
    } else if path == "/onboardings" {
        Some(onboardings::board(shared, &query))
    } else if path == "/requests" {
        Some(requests::list(shared, &query).page())
    } else if FORMS.contains(&path) {
        Some(with_forms(shared, path, None))
    } else if let Some(address) = path.strip_prefix("/customers/") {
        customer::view(shared, address).map(|view| view.page())
    } else {
        let number = path.strip_prefix("/requests/").unwrap_or_default();
        requests::view(shared, number).map(|view| view.page())
    };
    let missing =
        || ServedPage::problem("Not found", "It was deleted or dropped, or never was here.");
    match found {
        Some(page) => html(StatusCode::OK, page),
        None => html(StatusCode::NOT_FOUND, missing()),
    }
}

/// A page with forms, and why the last form was not carried out.
fn with_forms(shared: &Shared, path: &str, refused: Option<String>) -> ServedPage {
    let refused = refused.map(|refused| shown(&refused));
    match path {
        "/webhooks" => webhooks::view(shared, refused).page(),
        _ => controls::view(shared, refused).page(),
    }
}

fn html(status: StatusCode, page: ServedPage) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(page.html));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    headers.insert(header::CONTENT_TYPE, html);
    let policy = HeaderValue::try_from(page.policy).expect("a policy is ASCII");
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}

fn redirect(to: &'static str) -> Response<Bytes> {
    let mut response = Response::default();
    *response.status_mut() = StatusCode::SEE_OTHER;
    let to = HeaderValue::from_static(to);
    response.headers_mut().insert(header::LOCATION, to);
    response
}
