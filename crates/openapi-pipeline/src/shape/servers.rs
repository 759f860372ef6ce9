//! The server of an operation, if it has one of its own.

use serde_json::Value;

use super::route::is_kept;
use crate::problem::removal;
use crate::{Pointer, Problem, Problems};

/// What stands before the path of the operation at `place` below the base URL: nothing, or what the URL
/// of its own server has more than that of the document. A request to another server would take the key
/// to a host that nobody named, so that is a problem.
pub(super) fn prefix(
    document: &Value,
    place: &Pointer,
    source: &Value,
    problems: &mut Problems,
) -> String {
    let path = place.parent().unwrap_or_default();
    let of_path = document.pointer(path.as_str());
    let (own, at) = match source.get("servers") {
        Some(own) => (urls(Some(own)), place),
        None => (urls(of_path.and_then(|item| item.get("servers"))), &path),
    };
    let common = urls(document.get("servers"));
    let common = common.first().map_or("", |url| url.trim_end_matches('/'));
    let more = own.iter().filter_map(|url| {
        // A path alone is on the host of the document's own server.
        let is_relative = url.starts_with('/') && !url.starts_with("//");
        let base = if is_relative { origin(common) } else { "" };
        let url = format!("{base}{url}");
        let more = url.strip_prefix(common)?.trim_end_matches('/');
        let is_path = more.is_empty() || more.starts_with('/') && !more.starts_with("//");
        (is_path && is_kept(more) && !more.contains(['{', '}', '?', '#'])).then(|| more.to_owned())
    });
    match more.min_by_key(String::len) {
        Some(more) => more,
        None if own.is_empty() => String::new(),
        None => {
            let why = "the client sends all requests below one base URL; without `servers` it sends this one there too";
            let found = format!("the server \"{}\"", own[0]);
            let remedy = removal(&at.child("servers"));
            problems.push(Problem::new(place, found, why).with_remedy(remedy));
            String::new()
        }
    }
}

/// Scheme and host of a URL; nothing of one that is a path.
fn origin(url: &str) -> &str {
    let Some((scheme, rest)) = url.split_once("://") else {
        return "";
    };
    let host = rest.find('/').unwrap_or(rest.len());
    &url[..scheme.len() + "://".len() + host]
}

fn urls(servers: Option<&Value>) -> Vec<&str> {
    let servers = servers.and_then(Value::as_array).into_iter().flatten();
    servers
        .filter_map(|server| server.get("url")?.as_str())
        .collect()
}
