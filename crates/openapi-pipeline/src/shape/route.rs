//! The path of an operation: what of it is fixed, and which parameters are in it.

use std::collections::BTreeMap;

/// A path template, taken apart.
#[derive(Debug, Default)]
pub(super) struct Route {
    /// As the generator takes it: with the parameters of the path, and the fixed part of a query.
    pub(super) template: String,
    /// The parameters that are in the path, in order.
    pub(super) names: Vec<String>,
    /// Those that are whole values of its query, each with the name of its pair.
    pub(super) in_query: BTreeMap<String, String>,
    /// Those that it lists at its end as pairs of a query, `{?a,b}`.
    pub(super) optional: Vec<String>,
}

impl Route {
    /// Takes a path apart; an error says what a path is.
    pub(super) fn of(path: &str) -> Result<Self, &'static str> {
        if !path.starts_with('/') {
            return Err("a path starts with `/`");
        }
        let mut route = Self::default();
        let (path, fragment) = path.split_once('#').unwrap_or((path, ""));
        let mut path = path.to_owned();
        // What RFC 6570 has for the query.
        let opening = if path.contains("{?") { "{?" } else { "{&" };
        if let Some(start) = path.find(opening).filter(|_| path.contains('?')) {
            let list = path.split_off(start);
            let list = list
                .strip_suffix('}')
                .filter(|list| !list.contains('}'))
                .ok_or("after `{?..}` a path has nothing")?;
            let names = list[2..].split(',').map(|name| name.trim_end_matches('*'));
            route.optional = names.map(str::to_owned).collect();
        }
        let (head, query) = path.split_once('?').unwrap_or((&path, ""));
        if !is_kept(head) {
            return Err(
                "a URL has no segments `.` and `..` and no `\\`, so no request has this path",
            );
        }
        let mut constants = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let whole = value
                .strip_prefix('{')
                .and_then(|rest| rest.strip_suffix('}'));
            match whole {
                Some(parameter) if is_name(parameter) && !name.contains(['{', '}']) => {
                    route.in_query.insert(parameter.to_owned(), name.to_owned());
                }
                _ if pair.contains(['{', '}']) => {
                    return Err("in the query of a path a parameter is a whole value");
                }
                _ => constants.push(pair),
            }
        }
        if fragment.contains(['{', '}']) {
            return Err("a fragment is not sent, so no parameter can be in it");
        }
        let mut parts = head.split('{');
        let first = parts.next().unwrap_or_default();
        for part in parts {
            let (name, rest) = part.split_once('}').unwrap_or(("", "}"));
            if !is_name(name) || rest.contains('}') {
                return Err("a path has its parameters in `{}`, by their names");
            }
            route.names.push(name.to_owned());
        }
        if first.contains('}') {
            return Err("a path has its parameters in `{}`, by their names");
        }
        route.template = head.to_owned();
        for (separator, part) in [('?', constants.join("&").as_str()), ('#', fragment)] {
            if !part.is_empty() {
                route.template.push(separator);
                route.template.push_str(part);
            }
        }
        Ok(route)
    }
}

/// Whether a URL has this path as it is.
pub(super) fn is_kept(path: &str) -> bool {
    let path = path.to_ascii_lowercase().replace("%2e", ".");
    let mut segments = path.split('/');
    !path.contains(['\\', '\t', '\n', '\r'])
        && segments.all(|segment| !matches!(segment, "." | ".."))
}

/// Whether what is between braces is a name, and no operator of RFC 6570.
fn is_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(['+', '#', '.', '/', ';', '?', '&'])
        && !name.ends_with('*')
        && !name.contains(['{', '/'])
}
