//! Compressed answers, for those who ask (RFC 9110, sections 8.4 and 12.5.3).

use std::io::Write;

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use http::{HeaderMap, HeaderValue, Response, header};

/// Compresses a response that has a body, when the request asks for gzip.
pub(crate) fn compress(request: &HeaderMap, response: Response<Bytes>) -> Response<Bytes> {
    let (mut head, body) = response.into_parts();
    head.headers
        .insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if body.is_empty() || !asked_for(request) {
        return Response::from_parts(head, body);
    }
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 2), Compression::fast());
    let compressed = encoder.write_all(&body).and_then(|()| encoder.finish());
    let compressed = compressed.expect("a vector takes all that is written to it");
    head.headers
        .insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    Response::from_parts(head, compressed.into())
}

/// Whether gzip is named, or everything by `*`, with a weight above 0. What is named counts before
/// `*`.
fn asked_for(request: &HeaderMap) -> bool {
    let codings = request
        .get_all(header::ACCEPT_ENCODING)
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    let mut anything = false;
    for coding in codings {
        let (name, parameters) = coding.split_once(';').unwrap_or((coding, ""));
        let weight = parameters
            .split_once('=')
            .filter(|(name, _)| name.trim().eq_ignore_ascii_case("q"))
            .map_or(1.0, |(_, weight)| weight.trim().parse().unwrap_or(0.0));
        match name.trim().to_ascii_lowercase().as_str() {
            "gzip" | "x-gzip" => return weight > 0.0,
            "*" => anything = weight > 0.0,
            _ => {}
        }
    }
    anything
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, header};

    use super::asked_for;

    #[test]
    fn gzip_is_asked_for_by_name_or_by_star() {
        for (value, expected) in [
            ("gzip", true),
            ("br, GZIP", true),
            ("deflate, gzip;q=0.5, br;q=1.0", true),
            ("*", true),
            ("gzip;q=0", false),
            ("*, gzip;q=0", false),
            ("gzip; Q=0.0", false),
            ("identity", false),
            ("", false),
            ("gzip;q=high", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, value.parse().unwrap());
            assert_eq!(asked_for(&headers), expected, "{value}");
        }
        assert!(!asked_for(&HeaderMap::new()));
    }
}
