//! API keys: whom a request is from.
//!
//! A key is a workspace admin password: live and test keys of one workspace share its rows, and
//! each has a rate-limit window of its own. Evidence: stated. Pivotal sends nothing out for a test
//! key; the sandbox never does.

use std::{
    collections::HashSet,
    fmt,
    hash::{BuildHasher, Hasher, RandomState},
};

use http::{HeaderMap, header};
use jiff::Timestamp;
use percent_encoding::percent_decode_str;

use crate::{
    error::ApiError,
    rate_limit::{Allowance, Window},
    setup::{NewKey, Tier},
    store::IdSequence,
};

/// What every key begins with. Evidence: stated.
const LIVE: &str = "pivotal_";
/// What a test key begins with. Evidence: stated.
const TEST: &str = "pivotal_test_";

/// A key of the sandbox.
pub(crate) struct Key {
    pub(crate) id: String,
    /// Place of the workspace that it opens.
    pub(crate) workspace: usize,
    pub(crate) tier: Tier,
    secret: String,
    revoked: bool,
    window: Window,
}

/// A test key that no other sandbox has.
pub(crate) fn generate() -> String {
    let seed = RandomState::new().build_hasher().finish();
    format!("{TEST}{}", IdSequence::new(seed).next())
}

impl Key {
    /// A key of the caller's choice, or what is wrong with it. `enforced` decides from the tier how
    /// many requests a minute it has where the key itself does not say; none is no limit.
    pub(crate) fn new(
        id: String,
        workspace: usize,
        key: &NewKey,
        enforced: impl Fn(Tier) -> Option<u32>,
    ) -> Result<Self, &'static str> {
        let secret = &key.secret;
        let test = secret.strip_prefix(TEST);
        match test.or_else(|| secret.strip_prefix(LIVE)) {
            None => return Err("it does not begin with `pivotal_`"),
            Some("") => return Err("nothing follows its prefix"),
            Some(rest) if !rest.bytes().all(|byte| byte.is_ascii_graphic()) => {
                return Err("it has characters that a header cannot carry");
            }
            Some(_) => {}
        }
        let tier = key.tier.unwrap_or(if test.is_some() {
            Tier::Test
        } else {
            Tier::Live
        });
        Ok(Self {
            id,
            workspace,
            tier,
            secret: secret.clone(),
            revoked: key.revoked,
            window: Window::new(key.rate_limit.or_else(|| enforced(tier))),
        })
    }

    /// The part that is safe to log: what the key begins with and four characters, `pivotal_K8s9`.
    /// Evidence: stated.
    pub(crate) fn prefix(&self) -> &str {
        safe_part(&self.secret)
    }
}

/// Of a secret that begins as keys do, what may be shown.
fn safe_part(secret: &str) -> &str {
    let kind = if secret.starts_with(TEST) { TEST } else { LIVE };
    // Never more than half of a short key.
    let shown = 4.min((secret.len() - kind.len()) / 2);
    secret.get(..kind.len() + shown).unwrap_or(kind)
}

/// What a request carries in the place of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sent {
    Nothing,
    /// Not `Bearer pivotal_…`.
    Malformed,
    Unknown,
    /// The key at this place, revoked or not.
    Known(usize),
}

/// The keys of all workspaces.
#[derive(Debug)]
pub(crate) struct Keys {
    keys: Vec<Key>,
    /// What answers without a known key say of the rate limit.
    nobody: Window,
}

impl Keys {
    /// `nobody` is the limit that those without a key are told.
    pub(crate) fn new(keys: Vec<Key>, nobody: Option<u32>) -> Result<Self, &'static str> {
        let mut secrets = HashSet::new();
        if keys.iter().all(|key| secrets.insert(&key.secret)) {
            Ok(Self {
                keys,
                nobody: Window::new(nobody),
            })
        } else {
            Err("it is given twice, and a key opens one workspace")
        }
    }

    pub(crate) fn get(&self, place: usize) -> &Key {
        &self.keys[place]
    }

    /// The first key of a workspace.
    pub(crate) fn of_workspace(&self, workspace: usize) -> Option<&Key> {
        self.keys.iter().find(|key| key.workspace == workspace)
    }

    /// Reads `Authorization: Bearer <key>`: the header and never a query parameter. Evidence:
    /// stated.
    pub(crate) fn sent(&self, headers: &HeaderMap) -> Sent {
        let Some(value) = headers.get(header::AUTHORIZATION) else {
            return Sent::Nothing;
        };
        let Some(token) =
            bearer(value.as_bytes()).filter(|token| token.starts_with(LIVE.as_bytes()))
        else {
            return Sent::Malformed;
        };
        match self.place(token) {
            Some(place) => Sent::Known(place),
            None => Sent::Unknown,
        }
    }

    fn place(&self, secret: &[u8]) -> Option<usize> {
        self.keys
            .iter()
            .position(|key| key.secret.as_bytes() == secret)
    }

    /// Lets a request with a good key through and counts it.
    ///
    /// Evidence: stated (401, `api_key_revoked`), decided (the other two codes; a key that cannot
    /// be one is an invalid one; a revoked key is not counted).
    pub(crate) fn admit(&mut self, sent: Sent, now: Timestamp) -> Result<usize, ApiError> {
        let (code, message) = match sent {
            Sent::Known(place) if !self.keys[place].revoked => {
                let window = &mut self.keys[place].window;
                return match window.admit(now) {
                    Ok(()) => Ok(place),
                    Err(retry_after) => Err(ApiError::rate_limited(window.limit(), retry_after)),
                };
            }
            Sent::Known(_) => ("api_key_revoked", "This API key was revoked."),
            Sent::Nothing => (
                "missing_api_key",
                "Send your API key in the header `Authorization: Bearer <key>`.",
            ),
            Sent::Malformed => (
                "invalid_api_key",
                "This is no API key. Send `Authorization: Bearer <key>` with a key that begins with `pivotal_`.",
            ),
            Sent::Unknown => ("invalid_api_key", "The API key is not one of this server."),
        };
        Err(ApiError::authentication(code, message))
    }

    /// What a response says of the rate limit: that of the key sent, or a full one.
    pub(crate) fn allowance(&mut self, sent: Sent, now: Timestamp) -> Allowance {
        match sent {
            Sent::Known(place) => self.keys[place].window.allowance(now),
            Sent::Nothing | Sent::Malformed | Sent::Unknown => self.nobody.allowance(now),
        }
    }

    /// Revokes the key that a request carries, if it is one of these.
    pub(crate) fn revoke_sent(&mut self, headers: &HeaderMap) {
        if let Sent::Known(place) = self.sent(headers) {
            self.keys[place].revoked = true;
        }
    }

    /// Revokes a key, and tells whether there is one with this secret.
    pub(crate) fn revoke(&mut self, secret: &str) -> bool {
        let place = self.place(secret.as_bytes());
        if let Some(place) = place {
            self.keys[place].revoked = true;
        }
        place.is_some()
    }
}

/// The token of a bearer header. The scheme's case does not matter (RFC 9110, section 11.1).
fn bearer(value: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = value.split_at_checked("Bearer ".len())?;
    scheme
        .eq_ignore_ascii_case(b"Bearer ")
        .then(|| token.trim_ascii())
}

/// The path or query of a request with what follows the safe part of every key in it taken out,
/// ours or not: `pivotal_K8s9[redacted]`, and `[redacted]` for a key whose prefix is
/// percent-encoded.
///
/// A key may hold any visible character, so what is taken out ends where the next `name=` parameter
/// begins.
pub(crate) fn redact(text: &str) -> String {
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

/// Where the first ampersand is that another `name=` follows; any other may be one of a key.
fn parameter_end(text: &str) -> Option<usize> {
    text.match_indices('&').map(|(at, _)| at).find(|at| {
        let next = text[at + 1..].split('&').next();
        next.is_some_and(|next| next.contains('='))
    })
}

/// [`redact`] for the value of a header, where only white space ends a key.
pub(crate) fn redact_header(value: &str) -> String {
    let mut redacted = String::with_capacity(value.len());
    redact_words(value, &mut redacted);
    redacted
}

/// Appends text without the keys in it.
fn redact_words(text: &str, redacted: &mut String) {
    for word in text.split_inclusive(char::is_whitespace) {
        let key = word.trim_end();
        match key_start(key) {
            Some(start) => {
                redacted.push_str(&key[..start]);
                if key[start..].starts_with(LIVE) {
                    redacted.push_str(safe_part(&key[start..]));
                }
                redacted.push_str("[redacted]");
                redacted.push_str(&word[key.len()..]);
            }
            None => redacted.push_str(word),
        }
    }
}

/// Where a key begins in a word, percent-encoded or not; it goes on to the word's end.
///
/// After `pivotal_test_` everything is a key; after `pivotal_` alone, four characters or fewer are
/// taken for a word.
fn key_start(word: &str) -> Option<usize> {
    const LONGEST_WORD: usize = 4;
    let decoded: Vec<u8> = percent_decode_str(word).collect();
    let start = decoded
        .windows(LIVE.len())
        .position(|window| window == LIVE.as_bytes())?;
    let found = &decoded[start..];
    let is_key = if found.starts_with(TEST.as_bytes()) {
        found.len() > TEST.len()
    } else {
        found.len() > LIVE.len() + LONGEST_WORD
    };
    is_key.then(|| {
        (0..start).fold(0, |at, _| match word.as_bytes()[at..] {
            [b'%', high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => at + 3,
            _ => at + 1,
        })
    })
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("id", &self.id)
            .field("prefix", &self.prefix())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::{Key, generate, redact, redact_header};
    use crate::setup::{NewKey, Tier};

    fn key(secret: &str) -> Result<Key, &'static str> {
        Key::new("k".to_owned(), 0, &NewKey::new(secret), |_| None)
    }

    #[test]
    fn only_the_safe_part_of_a_key_is_shown() {
        let live = key("pivotal_K8s9secretsecret").unwrap();
        assert_eq!((live.prefix(), live.tier), ("pivotal_K8s9", Tier::Live));
        assert!(!format!("{live:?}").contains("secret"));
        let test = key("pivotal_test_ab").unwrap();
        assert_eq!((test.prefix(), test.tier), ("pivotal_test_a", Tier::Test));
        assert!(!format!("{:?}", NewKey::new("pivotal_secret")).contains("secret"));
    }

    #[test]
    fn generated_keys_are_distinct_test_keys() {
        let [first, second] = [generate(), generate()];
        assert!(first.starts_with("pivotal_test_"));
        assert_ne!(first, second);
        assert!(key(&first).is_ok());
    }

    #[test]
    fn what_cannot_be_a_key_is_refused() {
        for secret in [
            "",
            "sk_123",
            "pivotal_",
            "pivotal_test_",
            "pivotal_a b",
            "pivotal_é",
        ] {
            assert!(key(secret).is_err(), "{secret}");
        }
    }

    #[test]
    fn keys_are_taken_out_of_text() {
        for (text, shown) in [
            (
                "/me?api_key=pivotal_K8s9abcdefgh",
                "/me?api_key=pivotal_K8s9[redacted]",
            ),
            (
                "pivotal_test_K8s9abcd&x=pivotal_abcd-efg_h.",
                "pivotal_test_K8s9[redacted]&x=pivotal_abcd[redacted]",
            ),
            (
                "/customers?slug=pivotal_labs",
                "/customers?slug=pivotal_labs",
            ),
            (
                "/customers?api_key=pivotal_test_ab.cdefghijklmnopq&limit=1",
                "/customers?api_key=pivotal_test_ab.c[redacted]&limit=1",
            ),
            (
                "/c%20é/x?api_key=pivotal%5Ftest_abcdefghijklmnopqrst&limit=1",
                "/c%20é/x?api_key=[redacted]&limit=1",
            ),
            (
                "k=pivotal_a&secret\"'/?secret&limit=1",
                "k=pivotal_a&se[redacted]&limit=1",
            ),
            ("k=pivotal_ééééé", "k=pivotal_éé[redacted]"),
            ("k=pivotal_test_ab", "k=pivotal_test_a[redacted]"),
            ("k=pivotal%5flabs&x=1", "k=pivotal%5flabs&x=1"),
            ("pivotal_test_", "pivotal_test_"),
            ("pivotal_", "pivotal_"),
            ("nothing", "nothing"),
        ] {
            assert_eq!(redact(text), shown);
        }
    }

    #[test]
    fn keys_are_taken_out_of_headers() {
        for (value, shown) in [
            ("pivotal_live9secretsecret", "pivotal_live[redacted]"),
            (
                "key=\"pivotal_test_a&secret\" then",
                "key=\"pivotal_test_a&se[redacted] then",
            ),
            ("pivotal%5Flive9secretsecret\t%", "[redacted]\t%"),
            ("text/html, a b", "text/html, a b"),
        ] {
            assert_eq!(redact_header(value), shown);
        }
    }
}
