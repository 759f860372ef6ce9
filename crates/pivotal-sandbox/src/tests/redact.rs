//! Redaction of text that the HTTP server refuses in a request.

use crate::redact::redact_url;

#[test]
fn a_quotation_mark_in_a_query_does_not_end_a_key() {
    assert_eq!(
        redact_url("k=pivotal_a&secret\"'/?secret&limit=1"),
        "k=pivotal_a&se[redacted]&limit=1"
    );
}
