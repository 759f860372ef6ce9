//! The kinds of faults.

use std::{fmt, str::FromStr, time::Duration};

use jiff::SignedDuration;

use super::FaultError;

/// What happens to a request.
///
/// As text, on the command line and in the admin API: the name in kebab case, and `=` with a value
/// for some kinds, such as `reset-after-processing`, `latency=200ms` or `status=503`. Durations are
/// written as `200ms`, `2s`, `1m` or `1h`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaultKind {
    /// `latency=200ms`: processed after this delay. Adds to other faults; with a probability it is
    /// a slow tail.
    Latency(Duration),
    /// `rate-limited` or `rate-limited=30`: not processed; 429, with `Retry-After` in seconds if
    /// there is a value.
    RateLimited(Option<u32>),
    /// `status=503`: not processed; this 5xx status, in the envelope.
    Status(u16),
    /// `status-after-processing=504`: processed; this 5xx status all the same.
    StatusAfterProcessing(u16),
    /// `html-502`: not processed; 502 with an HTML page, as from a proxy.
    Html502,
    /// `reset-before-processing`: not processed; the connection is reset.
    ResetBeforeProcessing,
    /// `reset-after-processing`: processed; the connection is reset without a byte of a
    /// response. The row exists, and the caller does not know.
    ResetAfterProcessing,
    /// `reset-inside-body`: processed; the connection is reset after half of the response's body.
    ResetInsideBody,
    /// `stall-before-processing`: not processed; no response. The connection stays open until
    /// the caller gives up or the sandbox stops.
    StallBeforeProcessing,
    /// `stall-after-processing`: processed; no response.
    StallAfterProcessing,
    /// `slow-drip=50ms`: processed; the response comes [`DRIP_BYTES`] at a time, with this pause
    /// between.
    SlowDrip(Duration),
    /// `truncated-json`: processed; the body is the first half of the JSON, and `content-length`
    /// agrees.
    TruncatedJson,
    /// `malformed-json`: processed; the body is complete and is not JSON.
    MalformedJson,
    /// `content-length-too-long`: processed; the header promises more than is sent before the
    /// connection closes.
    ContentLengthTooLong,
    /// `content-length-too-short`: processed; more is sent than the header promises, then the
    /// connection closes.
    ContentLengthTooShort,
    /// `unknown-enum-value`: processed; a success has an unknown value wherever the contract lists
    /// the values of a string.
    UnknownEnumValue,
    /// `unknown-key`: processed; every object of a success, such as each row of a list, has a key
    /// that the contract does not have.
    UnknownKey,
    /// `missing-key` or `missing-key=plan`: processed; a success, or each row of a list, lacks this
    /// key, or one that the seed chooses.
    MissingKey(Option<String>),
    /// `clock-skew=-90s`: processed; `Date` and `X-RateLimit-Reset` are off by this much.
    ClockSkew(SignedDuration),
    /// `key-revoked`: not processed; the API key of the request is revoked, for this request and
    /// all that follow.
    KeyRevoked,
    /// `duplicate`, of `webhook`: sent twice.
    Duplicate,
    /// `reorder`, of `webhook`: sent after the next event about the same row, or after 30 seconds.
    Reorder,
    /// `wrong-signature`, of `webhook`: signed with a secret that nobody has.
    WrongSignature,
    /// `old-timestamp`, of `webhook`: signed an hour ago.
    OldTimestamp,
}

/// The maximum number of bytes that [`FaultKind::SlowDrip`] sends at a time.
pub const DRIP_BYTES: usize = 16;

/// The kinds without a value.
const PLAIN: [(&str, FaultKind); 17] = [
    ("html-502", FaultKind::Html502),
    ("reset-before-processing", FaultKind::ResetBeforeProcessing),
    ("reset-after-processing", FaultKind::ResetAfterProcessing),
    ("reset-inside-body", FaultKind::ResetInsideBody),
    ("stall-before-processing", FaultKind::StallBeforeProcessing),
    ("stall-after-processing", FaultKind::StallAfterProcessing),
    ("truncated-json", FaultKind::TruncatedJson),
    ("malformed-json", FaultKind::MalformedJson),
    ("content-length-too-long", FaultKind::ContentLengthTooLong),
    ("content-length-too-short", FaultKind::ContentLengthTooShort),
    ("unknown-enum-value", FaultKind::UnknownEnumValue),
    ("unknown-key", FaultKind::UnknownKey),
    ("key-revoked", FaultKind::KeyRevoked),
    ("duplicate", FaultKind::Duplicate),
    ("reorder", FaultKind::Reorder),
    ("wrong-signature", FaultKind::WrongSignature),
    ("old-timestamp", FaultKind::OldTimestamp),
];

/// The kinds with a value, as they are written.
const VALUED: [&str; 7] = [
    "latency=200ms",
    "rate-limited[=30]",
    "status=503",
    "status-after-processing=504",
    "slow-drip=50ms",
    "missing-key[=plan]",
    "clock-skew=-90s",
];

impl FaultKind {
    /// Whether it can happen to webhooks, or to requests.
    pub(super) fn fits(&self, webhooks: bool) -> bool {
        match self {
            Self::Latency(_) => true,
            Self::Duplicate | Self::Reorder | Self::WrongSignature | Self::OldTimestamp => webhooks,
            _ => !webhooks,
        }
    }

    /// All kinds of requests as they are written, with a value where they can have one.
    #[cfg(feature = "pages")]
    pub(crate) fn examples() -> Vec<String> {
        let plain = PLAIN.iter().filter(|(_, kind)| kind.fits(false));
        let plain = plain.map(|(name, _)| (*name).to_owned());
        let valued = VALUED.iter().map(|text| text.replace(['[', ']'], ""));
        valued.chain(plain).collect()
    }

    pub(super) fn check(&self) -> Result<(), FaultError> {
        match self {
            Self::Status(status) | Self::StatusAfterProcessing(status)
                if !(500..=599).contains(status) =>
            {
                Err(FaultError::new(format!(
                    "{status} is not a server error: use a status from 500 to 599"
                )))
            }
            _ => Ok(()),
        }
    }
}

impl FromStr for FaultKind {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (text, None),
        };
        if let Some((_, kind)) = PLAIN.iter().find(|(known, _)| *known == name) {
            return match value {
                None => Ok(kind.clone()),
                Some(_) => Err(FaultError::new(format!("`{name}` takes no value"))),
            };
        }
        let kind = match (name, value) {
            ("latency", Some(value)) => Self::Latency(delay(value)?),
            ("slow-drip", Some(value)) => Self::SlowDrip(delay(value)?),
            ("clock-skew", Some(value)) => Self::ClockSkew(duration(value)?),
            ("status", Some(value)) => Self::Status(number(value)?),
            ("status-after-processing", Some(value)) => Self::StatusAfterProcessing(number(value)?),
            ("rate-limited", value) => Self::RateLimited(value.map(number).transpose()?),
            ("missing-key", value) => Self::MissingKey(value.map(str::to_owned)),
            _ => {
                let is_example = |text: &&&str| text.split('=').next() == Some(name);
                return Err(FaultError::new(match VALUED.iter().find(is_example) {
                    Some(example) => format!("`{name}` needs a value, such as `{example}`"),
                    None => {
                        let plain = PLAIN.iter().map(|(name, _)| *name);
                        let known = plain.chain(VALUED).collect::<Vec<_>>().join(", ");
                        format!("there is no fault `{name}`; there are {known}")
                    }
                }));
            }
        };
        kind.check()?;
        Ok(kind)
    }
}

fn number<T: FromStr>(text: &str) -> Result<T, FaultError> {
    text.parse()
        .map_err(|_| FaultError::new(format!("`{text}` is not a whole number in range")))
}

/// A duration such as `200ms`, `2s` or `-1m`.
fn duration(text: &str) -> Result<SignedDuration, FaultError> {
    text.parse().map_err(|_| {
        FaultError::new(format!(
            "`{text}` is not a duration: write a number and its unit, such as 200ms, 2s, 1m or 1h"
        ))
    })
}

/// A duration that is not negative.
fn delay(text: &str) -> Result<Duration, FaultError> {
    Duration::try_from(duration(text)?)
        .map_err(|_| FaultError::new(format!("`{text}` is not a duration of 0 or more")))
}

/// A duration as text, in the largest of these units that gives a whole number.
fn shown(nanoseconds: u128) -> String {
    let units = [("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1_000)];
    let is_whole = |(_, size): &(&str, u128)| nanoseconds.is_multiple_of(*size);
    let mut units = units.into_iter().skip(usize::from(nanoseconds == 0));
    let (unit, size) = units.find(is_whole).unwrap_or(("ns", 1));
    format!("{}{unit}", nanoseconds / size)
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Latency(delay) => write!(f, "latency={}", shown(delay.as_nanos())),
            Self::SlowDrip(pause) => write!(f, "slow-drip={}", shown(pause.as_nanos())),
            Self::ClockSkew(skew) => {
                let sign = if skew.is_negative() { "-" } else { "" };
                let size = shown(skew.as_nanos().unsigned_abs());
                write!(f, "clock-skew={sign}{size}")
            }
            Self::Status(status) => write!(f, "status={status}"),
            Self::StatusAfterProcessing(status) => write!(f, "status-after-processing={status}"),
            Self::RateLimited(Some(seconds)) => write!(f, "rate-limited={seconds}"),
            Self::RateLimited(None) => f.write_str("rate-limited"),
            Self::MissingKey(Some(key)) => write!(f, "missing-key={key}"),
            Self::MissingKey(None) => f.write_str("missing-key"),
            plain => {
                let name = PLAIN.iter().find(|(_, kind)| kind == plain);
                f.write_str(name.map_or("", |(name, _)| name))
            }
        }
    }
}
