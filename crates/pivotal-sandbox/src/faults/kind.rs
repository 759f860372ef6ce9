//! What can go wrong.

use std::{fmt, str::FromStr, time::Duration};

use jiff::SignedDuration;

use super::{FaultError, duration};

/// What happens to a request.
///
/// As text, on the command line and in the admin API: the name in kebab case, and `=` with a value
/// where there is one, such as `reset-after-processing`, `latency=200ms` or `status=503`. Durations
/// are a number and `ms`, `s`, `m` or `h`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaultKind {
    /// `latency=200ms`: processed this much later. Adds to other faults; with a probability it is a
    /// slow tail.
    Latency(Duration),
    /// `rate-limited` or `rate-limited=30`: not processed; 429, with `Retry-After` in seconds when
    /// there is a value.
    RateLimited(Option<u32>),
    /// `status=503`: not processed; this 5xx status, in the envelope.
    Status(u16),
    /// `status-after-processing=504`: processed, and answered with this 5xx status all the same.
    StatusAfterProcessing(u16),
    /// `html-502`: not processed; 502 with a page of HTML, as a proxy answers.
    Html502,
    /// `reset-before-processing`: not processed; the connection is reset.
    ResetBeforeProcessing,
    /// `reset-after-processing`: processed, then the connection is reset without a byte of a
    /// response. The row exists, and the caller does not know.
    ResetAfterProcessing,
    /// `reset-inside-body`: processed; the connection is reset after half of the response's body.
    ResetInsideBody,
    /// `stall-before-processing`: not processed and never answered. The connection stays open until
    /// the caller gives up or the sandbox stops.
    StallBeforeProcessing,
    /// `stall-after-processing`: processed and never answered.
    StallAfterProcessing,
    /// `slow-drip=50ms`: processed; the response comes [`DRIP_BYTES`] at a time, with this pause
    /// between.
    SlowDrip(Duration),
    /// `truncated-json`: processed; the body is the first half of the JSON, and `content-length`
    /// agrees.
    TruncatedJson,
    /// `malformed-json`: processed; the body is all there and is not JSON.
    MalformedJson,
    /// `content-length-too-long`: processed; the header promises more than comes before the
    /// connection closes.
    ContentLengthTooLong,
    /// `content-length-too-short`: processed; more comes than the header promises, then the
    /// connection closes.
    ContentLengthTooShort,
    /// `unknown-enum-value`: processed; wherever the contract lists the values of a string, a
    /// success says another.
    UnknownEnumValue,
    /// `unknown-key`: processed; every object of a success, rows of lists too, has a key that the
    /// contract does not have.
    UnknownKey,
    /// `missing-key` or `missing-key=plan`: processed; a success, or each row of a list, lacks this
    /// key, or one that the seed chooses.
    MissingKey(Option<String>),
    /// `clock-skew=-90s`: processed; `Date` and `X-RateLimit-Reset` are off by this much.
    ClockSkew(SignedDuration),
    /// `key-revoked`: not processed; the key that the request carries is revoked, for this request
    /// and all that follow.
    KeyRevoked,
}

/// Most bytes that [`FaultKind::SlowDrip`] sends at a time.
pub const DRIP_BYTES: usize = 16;

/// Names of the kinds that take no value.
const PLAIN: [(&str, FaultKind); 13] = [
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
];

/// How the kinds that take a value are written.
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
    /// Refuses a status that is not 5xx.
    pub(super) fn check(&self) -> Result<(), FaultError> {
        match self {
            Self::Status(status) | Self::StatusAfterProcessing(status)
                if !(500..=599).contains(status) =>
            {
                Err(FaultError::new(format!(
                    "{status} is not a status that a failing server answers: use one from 500 to 599"
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
        let needed = |example: &str| {
            value.ok_or_else(|| {
                FaultError::new(format!("`{name}` needs a value, such as `{example}`"))
            })
        };
        let kind = match name {
            "latency" => Self::Latency(duration::parse(needed("latency=200ms")?)?),
            "slow-drip" => Self::SlowDrip(duration::parse(needed("slow-drip=50ms")?)?),
            "clock-skew" => Self::ClockSkew(duration::parse_signed(needed("clock-skew=-90s")?)?),
            "status" => Self::Status(number(needed("status=503")?)?),
            "status-after-processing" => {
                Self::StatusAfterProcessing(number(needed("status-after-processing=504")?)?)
            }
            "rate-limited" => Self::RateLimited(value.map(number).transpose()?),
            "missing-key" => Self::MissingKey(value.map(str::to_owned)),
            _ => return Err(unknown(name)),
        };
        kind.check()?;
        Ok(kind)
    }
}

fn number<T: FromStr>(text: &str) -> Result<T, FaultError> {
    text.parse()
        .map_err(|_| FaultError::new(format!("`{text}` is not a whole number in range")))
}

fn unknown(name: &str) -> FaultError {
    let known = PLAIN
        .iter()
        .map(|(name, _)| *name)
        .chain(VALUED)
        .collect::<Vec<_>>()
        .join(", ");
    FaultError::new(format!("there is no fault `{name}`; there are {known}"))
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Latency(delay) => write!(f, "latency={}", duration::Shown(*delay)),
            Self::SlowDrip(pause) => write!(f, "slow-drip={}", duration::Shown(*pause)),
            Self::ClockSkew(skew) => {
                let sign = if skew.is_negative() { "-" } else { "" };
                let size = duration::Shown(skew.unsigned_abs());
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

#[cfg(test)]
mod tests {
    use super::{FaultKind, PLAIN};

    #[test]
    fn what_is_written_is_read_again() {
        let valued = [
            "latency=200ms",
            "latency=2s",
            "slow-drip=50ms",
            "clock-skew=-90s",
            "clock-skew=1500ms",
            "status=503",
            "status-after-processing=504",
            "rate-limited",
            "rate-limited=30",
            "missing-key",
            "missing-key=plan",
        ];
        for text in PLAIN.iter().map(|(name, _)| *name).chain(valued) {
            let kind: FaultKind = text.parse().unwrap();
            assert_eq!(kind.to_string(), text);
        }
    }

    #[test]
    fn what_is_no_fault_is_refused_with_a_way_on() {
        for (text, told) in [
            ("explode", "there is no fault `explode`; there are html-502"),
            ("latency", "such as `latency=200ms`"),
            ("latency=fast", "`fast` is not a duration"),
            ("latency=-1s", "`-1s` is not a duration"),
            ("status=404", "from 500 to 599"),
            ("status=high", "not a whole number"),
            ("html-502=1", "takes no value"),
        ] {
            let error = text.parse::<FaultKind>().unwrap_err().to_string();
            assert!(error.contains(told), "{text}: {error}");
        }
    }
}
