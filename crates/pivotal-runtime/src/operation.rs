//! The operation table: what is known of each call before it is made.

use std::borrow::Cow;

use percent_encoding::percent_decode;

use crate::constraint::Constraint;

/// When a call may be sent a second time.
///
/// | class | operations | sent again |
/// |---|---|---|
/// | `Safe` | GET, HEAD | always |
/// | `Idempotent` | PUT, PATCH, DELETE | always |
/// | `ByKey` | a POST whose contract declares `Idempotency-Key` | with the same key |
/// | `Never` | any other POST | only when the first was surely not received |
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RetryClass {
    /// Reads only.
    Safe,
    /// Leads to the same state however often it is sent.
    Idempotent,
    /// Safe to repeat under one idempotency key.
    ByKey,
    /// Must not be repeated unless it surely did not arrive.
    Never,
}

/// One operation of the contract. The table of all of them is generated.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// The name of the generated method, `create_customer`.
    pub name: &'static str,
    /// The HTTP method.
    pub method: http::Method,
    /// The path template, `/api/v1/customers/{id}`.
    pub path: &'static str,
    /// One line from the contract.
    pub summary: &'static str,
    /// When it may be repeated.
    pub class: RetryClass,
    /// Whether it answers a page with a cursor to the next.
    pub paged: bool,
    /// Whether it is sent with the API key, and so draws on the key's allowance: `false` where the
    /// contract says that no key is needed.
    pub authenticated: bool,
    /// The documented statuses, `200` or a range such as `4XX`.
    pub statuses: &'static [&'static str],
    /// What the contract limits in parameters and body.
    pub constraints: &'static [Constraint],
}

impl Operation {
    /// In place of a path template, for a request that the contract does not declare.
    pub(crate) const ANY_PATH: &'static str = "";

    /// Whether the contract declares it: `false` for what
    /// [`Executor::undeclared`](crate::Executor::undeclared) gives.
    pub fn is_declared(&self) -> bool {
        self.path != Self::ANY_PATH
    }

    /// Whether the contract documents this status, by itself or through a range.
    ///
    /// ```
    /// # use pivotal_runtime::{Operation, RetryClass};
    /// # let operation = Operation {
    /// #     name: "get_health", method: http::Method::GET, path: "/api/v1/health", summary: "",
    /// #     class: RetryClass::Safe, paged: false, authenticated: false,
    /// #     statuses: &["200", "4XX"], constraints: &[],
    /// # };
    /// assert!(operation.documents(http::StatusCode::OK));
    /// assert!(operation.documents(http::StatusCode::NOT_FOUND)); // through "4XX"
    /// assert!(!operation.documents(http::StatusCode::CREATED));
    /// ```
    pub fn documents(&self, status: http::StatusCode) -> bool {
        self.statuses.iter().any(|documented| {
            *documented == "default"
                || *documented == status.as_str()
                || documented
                    .strip_suffix("XX")
                    .is_some_and(|class| status.as_str().starts_with(class))
        })
    }

    /// Whether a request path is this operation's template with its parameters filled in.
    ///
    /// Texts are compared as they read after percent-decoding, segment by segment: an encoded slash
    /// stays inside its segment. A parameter such as `..` changes the path's shape when the URL is
    /// made; it no longer matches.
    pub(crate) fn matches_path(&self, path: &str) -> bool {
        if !self.is_declared() || self.path == path {
            return true;
        }
        // As bytes: what separates and what is compared is ASCII or taken whole.
        let mut segments = path.as_bytes().split(is_slash);
        let matches = |template| {
            let segment = segments.next();
            segment.is_some_and(|segment| matches_segment(template, segment))
        };
        self.path.as_bytes().split(is_slash).all(matches) && segments.next().is_none()
    }
}

fn is_slash(byte: &u8) -> bool {
    *byte == b'/'
}

/// Whether a segment of a path is the template's text with something in place of every
/// `{parameter}`.
fn matches_segment(template: &[u8], segment: &[u8]) -> bool {
    // Most segments are plain text or one parameter; only the others have to be taken apart.
    match template {
        [b'{', name @ .., b'}'] if !name.contains(&b'}') => !segment.is_empty(),
        _ if template == segment => true,
        _ => matches_decoded(template, &decoded(segment)),
    }
}

fn matches_decoded(template: &[u8], segment: &[u8]) -> bool {
    match parameter(template) {
        None => *decoded(template) == *segment,
        Some((before, after)) => segment
            .strip_prefix(&*decoded(before))
            .is_some_and(|value| {
                (1..=value.len()).any(|length| matches_decoded(after, &value[length..]))
            }),
    }
}

/// The texts around the first `{parameter}` of a template.
fn parameter(template: &[u8]) -> Option<(&[u8], &[u8])> {
    let opening = template.iter().position(|byte| *byte == b'{')?;
    let closing = opening + template[opening..].iter().position(|byte| *byte == b'}')?;
    Some((&template[..opening], &template[closing + 1..]))
}

fn decoded(text: &[u8]) -> Cow<'_, [u8]> {
    percent_decode(text).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operation(path: &'static str) -> Operation {
        Operation {
            name: "get_thing",
            method: http::Method::GET,
            path,
            summary: "",
            class: RetryClass::Safe,
            paged: false,
            authenticated: true,
            statuses: &["200"],
            constraints: &[],
        }
    }

    #[test]
    fn a_path_matches_only_with_every_parameter_in_its_place() {
        let one = operation("/api/v1/customers/{id}");
        assert!(one.matches_path("/api/v1/customers/245"));
        assert!(one.matches_path("/api/v1/customers/a%2Fb"));
        for wrong in [
            "/api/v1/customers/",
            "/api/v1/customers",
            "/api/v1/",
            "/api/v1/onboardings/245",
            "/api/v1/customers/245/contacts",
        ] {
            assert!(!one.matches_path(wrong), "{wrong}");
        }
    }

    /// The path as it stands in a request's URL.
    fn sent(path: &str) -> String {
        let url = reqwest::Url::parse(&format!("https://codegen_fixtures.example{path}")).unwrap();
        url.path().to_owned()
    }

    #[test]
    fn texts_around_a_parameter_and_encoded_texts_match() {
        for (template, path) in [
            ("/files/v{id}", "/files/v2"),
            ("/files/v{id}", "/files/v%2Fa"),
            ("/files/v{id}", "/files/v.."),
            ("/reports/{id}.csv", "/reports/7.csv"),
            ("/reports/{id}.csv", "/reports/a.csv.csv"),
            ("/reports/{id}.csv", "/reports/..csv"),
            ("/reports/{id}.csv/rows", "/reports/7.csv/rows"),
            ("/spans/{from}-{to}", "/spans/1-2"),
            ("/spans/{from}-{to}", "/spans/1-2-3"),
            ("/a b", "/a b"),
            ("/a b", "/a%20b"),
            ("/a%20b", "/a%20b"),
            ("/über", "/über"),
            ("/über", "/%c3%bcber"),
            ("/%C3%BCber", "/über"),
            ("/über/{id}ß", "/über/7ß"),
            ("/100%", "/100%"),
        ] {
            let path = sent(path);
            assert!(operation(template).matches_path(&path), "{template} {path}");
        }
    }

    #[test]
    fn nothing_else_matches_a_template_of_texts_and_parameters() {
        for (template, path) in [
            ("/files/v{id}", "/files/v"),
            ("/files/v{id}", "/files/2"),
            ("/files/v{id}", "/files/v2/3"),
            ("/files/{id}", "/files/.."),
            ("/files/{id}", "/files/%2e%2E"),
            ("/files/{id}", "/files/."),
            ("/files/{id}/rows", "/files/../rows"),
            ("/files/{id}.", "/files/.."),
            ("/files/{id}/rows", "/files/a%2Frows"),
            ("/files/rows", "/files%2Frows"),
            ("/reports/{id}.csv", "/reports/.csv"),
            ("/reports/{id}.csv", "/reports/7.pdf"),
            ("/reports/{id}.csv", "/reports/7.csv/rows"),
            ("/reports/{id}.csv", "/reports/x/../../7.csv"),
            ("/spans/{from}-{to}", "/spans/1-"),
            ("/spans/{from}-{to}", "/spans/-2"),
            ("/a b", "/a+b"),
            ("/a b", "/a%2520b"),
            ("/über", "/uber"),
        ] {
            let path = sent(path);
            assert!(
                !operation(template).matches_path(&path),
                "{template} {path}"
            );
        }
    }
}
