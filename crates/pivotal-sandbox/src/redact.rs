//! Removes API keys and secrets of webhooks from text that is logged or shown.

use percent_encoding::percent_decode_str;

/// The prefix of every key. Evidence: stated.
pub(crate) const LIVE_PREFIX: &str = "pivotal_";
/// The prefix of a test key. Evidence: stated.
pub(crate) const TEST_PREFIX: &str = "pivotal_test_";

/// The prefix of the secret of a webhook endpoint. Evidence: stated.
pub(crate) const WEBHOOK_PREFIX: &str = "whsec_";

/// The part of a key that is safe to show: its prefix and four characters, `pivotal_K8s9`, but
/// never more than half of a short key. Evidence: stated.
pub(crate) fn safe_part(secret: &str) -> &str {
    let prefix = if secret.starts_with(TEST_PREFIX) {
        TEST_PREFIX
    } else {
        LIVE_PREFIX
    };
    let shown = 4.min((secret.len() - prefix.len()) / 2);
    secret.get(..prefix.len() + shown).unwrap_or(prefix)
}

/// Redacts every key in a path or query, known or not: `pivotal_K8s9[redacted]`, or `[redacted]`
/// for a key whose prefix is percent-encoded.
///
/// A key may hold any visible character, so a key ends where the next `name=` parameter begins.
pub(crate) fn redact_url(text: &str) -> String {
    let mut redacted = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(end) = parameter_end(rest) {
        redact_words(&rest[..end], &mut redacted);
        redacted.push('&');
        rest = &rest[end + 1..];
    }
    redact_words(rest, &mut redacted);
    redacted
}

/// The first `&` before a `name=`; any other may be part of a key.
fn parameter_end(text: &str) -> Option<usize> {
    text.match_indices('&').map(|(at, _)| at).find(|at| {
        let next = text[at + 1..].split('&').next();
        next.is_some_and(|next| next.contains('='))
    })
}

/// Redacts every key in the value of a header, where only white space ends a key.
pub(crate) fn redact_header(value: &str) -> String {
    let mut redacted = String::with_capacity(value.len());
    redact_words(value, &mut redacted);
    redacted
}

fn redact_words(text: &str, redacted: &mut String) {
    for word in text.split_inclusive(char::is_whitespace) {
        let key = word.trim_end();
        let Some(start) = key_start(key) else {
            redacted.push_str(word);
            continue;
        };
        redacted.push_str(&key[..start]);
        if key[start..].starts_with(LIVE_PREFIX) {
            redacted.push_str(safe_part(&key[start..]));
        }
        redacted.push_str("[redacted]");
        redacted.push_str(&word[key.len()..]);
    }
}

/// Where a key begins in a word, percent-encoded or not. It ends with the word.
///
/// Everything after `pivotal_test_` or `whsec_` is a key; four or fewer characters after `pivotal_` alone are
/// taken for an ordinary word.
fn key_start(word: &str) -> Option<usize> {
    const LONGEST_WORD: usize = 4;
    let decoded: Vec<u8> = percent_decode_str(word).collect();
    let starts = |prefix: &str| {
        let mut windows = decoded.windows(prefix.len());
        windows.position(|window| window == prefix.as_bytes())
    };
    let starts = [LIVE_PREFIX, WEBHOOK_PREFIX].into_iter().filter_map(starts);
    let start = starts.min()?;
    let found = &decoded[start..];
    let whole = [TEST_PREFIX, WEBHOOK_PREFIX];
    let prefix = whole
        .iter()
        .find(|prefix| found.starts_with(prefix.as_bytes()));
    let is_key = if let Some(prefix) = prefix {
        found.len() > prefix.len()
    } else {
        found.len() > LIVE_PREFIX.len() + LONGEST_WORD
    };
    is_key.then(|| {
        (0..start).fold(0, |at, _| match word.as_bytes()[at..] {
            [b'%', high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => at + 3,
            _ => at + 1,
        })
    })
}
