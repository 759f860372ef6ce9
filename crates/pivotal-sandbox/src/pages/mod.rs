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
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header, request::Parts};
use pivotal_views::ServedPage;

use crate::{
    admin::names_loopback,
    contract::Route,
    error::ApiError,
    response::{with_body, without_body},
    state::Shared,
};
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
            let plain = HeaderValue::from_static("text/plain; charset=utf-8");
            with_body(StatusCode::FORBIDDEN, plain, refusal)
        }
        Ok(()) if head.method == Method::POST => {
            let sent = body.map_err(|_| "The form could not be read.".to_owned());
            let applied = sent.and_then(|body| controls::apply(shared, &Fields::parse(&body)));
            let path = head.uri.path();
            match applied {
                Ok(()) => redirect(path),
                Err(refused) => {
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
    if !names_loopback(headers) {
        return Err(
            "The pages are at localhost or a loopback address, such as http://127.0.0.1:8787 (header Host).\n",
        );
    }
    if head.method == Method::POST && !is_same_origin(headers) {
        return Err("Only a page of this sandbox can send a form to it (header Origin).\n");
    }
    Ok(())
}

/// Whether the browser says that a page of this origin sent the request. One that says nothing is
/// not a browser, and has the admin API.
fn is_same_origin(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).map(HeaderValue::as_bytes);
    let origin = headers.get(header::ORIGIN).map(HeaderValue::as_bytes);
    let same = origin.map(|origin| origin.strip_prefix(b"http://") == host);
    let site = headers.get("sec-fetch-site");
    let same_site = site.map(|site| site.as_bytes() == b"same-origin");
    same.or(same_site) == Some(true) && same_site != Some(false)
}

fn page(shared: &Shared, head: &Parts) -> Response<Bytes> {
    let query = Fields::parse(head.uri.query().unwrap_or_default().as_bytes());
    let path = head.uri.path();
    let found = match path {
        "/" => return redirect("/customers"),
        "/customers" => Some(customers::list(shared, &query).page()),
        "/onboardings" => Some(onboardings::board(shared, &query)),
        "/requests" => Some(requests::list(shared, &query).page()),
        _ if FORMS.contains(&path) => Some(with_forms(shared, path, None)),
        _ => match path.strip_prefix("/customers/") {
            Some(address) => customer::view(shared, address).map(|view| view.page()),
            None => path
                .strip_prefix("/requests/")
                .and_then(|number| requests::view(shared, number))
                .map(|view| view.page()),
        },
    };
    let Some(page) = found else {
        let message = "It was deleted or dropped, or never was here.";
        return html(
            StatusCode::NOT_FOUND,
            ServedPage::problem("Not found", message),
        );
    };
    html(StatusCode::OK, page)
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
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    let mut response = with_body(status, html, page.html);
    let policy = HeaderValue::try_from(page.policy).expect("a policy is ASCII");
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}

fn redirect(to: &str) -> Response<Bytes> {
    let mut response = without_body(StatusCode::SEE_OTHER);
    let to = HeaderValue::from_str(to).expect("the paths of pages are ASCII");
    response.headers_mut().insert(header::LOCATION, to);
    response
}
