//! A fault: what happens, to which operation, and when.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::FaultKind;

/// Something that goes wrong on purpose: what happens, to which operation, and when.
///
/// It holds for every request to every operation until it is narrowed:
///
/// ```
/// use pivotal_sandbox::{Fault, FaultKind};
///
/// // The next three creates of a customer are done, and the caller is not told.
/// let lost = Fault::new(FaultKind::ResetAfterProcessing).on("create-customer").times(3);
/// // The same as text, as the command line and the admin API take it.
/// assert_eq!(lost, "create-customer:reset-after-processing:count=3".parse()?);
/// // One thing per request, in order.
/// let script = Fault::script([Some(FaultKind::Status(503)), None, Some(FaultKind::RateLimited(Some(1)))]);
/// assert_eq!(script.to_string(), "*:status=503,pass,rate-limited=1");
/// # Ok::<(), pivotal_sandbox::FaultError>(())
/// ```
///
/// The text is `OPERATION:WHAT` and any of `:count=3`, `:after=2`, `:probability=0.05`. `*` is
/// every operation; `WHAT` is a [`FaultKind`], or several with commas between, one per request,
/// with `pass` for a request that is let through.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(into = "Written", try_from = "Written")]
pub struct Fault {
    pub(super) operation: Option<String>,
    pub(super) what: What,
    pub(super) after: u64,
    pub(super) count: Option<u64>,
    pub(super) probability: f64,
}

/// What happens to the requests that a fault is meant for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum What {
    /// The same to each.
    Always(FaultKind),
    /// The first step to the first, and so on; nothing after the last.
    Script(Vec<Option<FaultKind>>),
}

/// A fault that cannot be: what is wrong with it, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct FaultError(String);

impl FaultError {
    pub(super) fn new(problem: impl Into<String>) -> Self {
        Self(problem.into())
    }
}

impl Fault {
    /// The same for every request to every operation.
    pub fn new(kind: FaultKind) -> Self {
        Self::of(What::Always(kind))
    }

    /// A step for each request in order of arrival, `None` for one that is let through. After the
    /// last step nothing happens any more.
    pub fn script(steps: impl IntoIterator<Item = Option<FaultKind>>) -> Self {
        Self::of(What::Script(steps.into_iter().collect()))
    }

    fn of(what: What) -> Self {
        Self {
            operation: None,
            what,
            after: 0,
            count: None,
            probability: 1.0,
        }
    }

    /// Only for this operation, by its operationId, such as `create-customer`.
    pub fn on(mut self, operation: impl Into<String>) -> Self {
        self.operation = Some(operation.into());
        self
    }

    /// At most this many times: `times(3)` is "the next three". A script ends by itself.
    pub fn times(mut self, count: u64) -> Self {
        self.count = Some(count);
        self
    }

    /// Not for the first so many requests.
    pub fn after(mut self, requests: u64) -> Self {
        self.after = requests;
        self
    }

    /// For each request with this probability, from 0 to 1. Which ones is decided by the seed
    /// alone: the same seed and the same requests in the same order give the same faults.
    pub fn probability(mut self, probability: f64) -> Self {
        self.probability = probability;
        self
    }

    /// What of it cannot be, whatever the contract.
    pub(super) fn check(&self) -> Result<(), FaultError> {
        if !(0.0..=1.0).contains(&self.probability) {
            return Err(FaultError::new(format!(
                "the probability {} is not from 0 to 1",
                self.probability
            )));
        }
        match &self.what {
            What::Always(kind) => kind.check(),
            What::Script(_) if self.count.is_some() || self.probability < 1.0 => {
                Err(FaultError::new(
                    "a script says itself how often and when: leave count and probability out",
                ))
            }
            What::Script(steps) => steps.iter().flatten().try_for_each(FaultKind::check),
        }
    }
}

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let mut parts = text.split(':');
        let operation = parts.next().unwrap_or_default();
        let Some(what) = parts.next().filter(|_| !operation.is_empty()) else {
            return Err(FaultError::new(format!(
                "`{text}` is not a fault: write OPERATION:WHAT, such as create-customer:reset-after-processing:count=1 or *:latency=200ms"
            )));
        };
        let mut fault = Self::of(what.parse()?);
        fault.operation = Some(operation.to_owned()).filter(|operation| operation != "*");
        for option in parts {
            let (name, value) = option.split_once('=').unwrap_or((option, ""));
            let wrong = |_| {
                FaultError::new(format!(
                    "`{option}` does not say a number that {name} takes"
                ))
            };
            match name {
                "count" => fault.count = Some(value.parse().map_err(|_| wrong(()))?),
                "after" => fault.after = value.parse().map_err(|_| wrong(()))?,
                "probability" => fault.probability = value.parse().map_err(|_| wrong(()))?,
                _ => {
                    return Err(FaultError::new(format!(
                        "`{option}` is no option of a fault; there are count=3, after=2 and probability=0.05"
                    )));
                }
            }
        }
        fault.check()?;
        Ok(fault)
    }
}

impl FromStr for What {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let step = |text: &str| match text {
            "pass" => Ok(None),
            text => text.parse().map(Some),
        };
        match step(text) {
            Ok(Some(kind)) if !text.contains(',') => Ok(Self::Always(kind)),
            Err(error) if !text.contains(',') => Err(error),
            _ => text
                .split(',')
                .map(step)
                .collect::<Result<_, _>>()
                .map(Self::Script),
        }
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Always(kind) => kind.fmt(f),
            Self::Script(steps) => {
                for (index, step) in steps.iter().enumerate() {
                    let comma = if index > 0 { "," } else { "" };
                    match step {
                        Some(kind) => write!(f, "{comma}{kind}")?,
                        None => write!(f, "{comma}pass")?,
                    }
                }
                Ok(())
            }
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operation = self.operation.as_deref().unwrap_or("*");
        write!(f, "{operation}:{}", self.what)?;
        if self.after > 0 {
            write!(f, ":after={}", self.after)?;
        }
        if let Some(count) = self.count {
            write!(f, ":count={count}")?;
        }
        if self.probability < 1.0 {
            write!(f, ":probability={}", self.probability)?;
        }
        Ok(())
    }
}

/// A fault as JSON: `{"operation": "create-customer", "fault": "reset-after-processing", "count":
/// 3}`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    operation: Option<String>,
    fault: String,
    #[serde(default)]
    after: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    count: Option<u64>,
    #[serde(default = "certain")]
    probability: f64,
}

fn certain() -> f64 {
    1.0
}

impl From<Fault> for Written {
    fn from(fault: Fault) -> Self {
        Self {
            fault: fault.what.to_string(),
            operation: fault.operation,
            after: fault.after,
            count: fault.count,
            probability: fault.probability,
        }
    }
}

impl TryFrom<Written> for Fault {
    type Error = FaultError;

    fn try_from(written: Written) -> Result<Self, FaultError> {
        let fault = Self {
            operation: written.operation.filter(|operation| operation != "*"),
            what: written.fault.parse()?,
            after: written.after,
            count: written.count,
            probability: written.probability,
        };
        fault.check()?;
        Ok(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::{Fault, FaultKind};

    #[test]
    fn text_and_json_say_the_same() {
        for text in [
            "create-customer:reset-after-processing:count=1",
            "*:latency=200ms:probability=0.05",
            "list-customers:rate-limited=30:after=2:count=3",
            "create-customer:pass,reset-after-processing,status=503",
            "*:pass",
        ] {
            let fault: Fault = text.parse().unwrap();
            assert_eq!(fault.to_string(), text);
            let json = serde_json::to_string(&fault).unwrap();
            assert_eq!(
                serde_json::from_str::<Fault>(&json).unwrap(),
                fault,
                "{json}"
            );
        }
    }

    #[test]
    fn what_cannot_be_is_refused_with_a_way_on() {
        for (text, told) in [
            ("", "write OPERATION:WHAT"),
            ("create-customer", "write OPERATION:WHAT"),
            (":status=503", "write OPERATION:WHAT"),
            ("*:explode", "there is no fault `explode`"),
            ("*:status=503:often", "`often` is no option"),
            ("*:status=503:count=-1", "`count=-1`"),
            ("*:status=503:probability=2", "not from 0 to 1"),
            ("*:status=503:probability=NaN", "not from 0 to 1"),
            (
                "*:pass,status=503:count=2",
                "leave count and probability out",
            ),
            ("*:pass,", "there is no fault ``"),
        ] {
            let error = text.parse::<Fault>().unwrap_err().to_string();
            assert!(error.contains(told), "{text}: {error}");
        }
        let json = r#"{"fault":"status=503","often":true}"#;
        assert!(serde_json::from_str::<Fault>(json).is_err());
    }

    #[test]
    fn what_is_built_is_what_is_written() {
        let built = Fault::new(FaultKind::Status(503))
            .on("get-me")
            .after(1)
            .times(2)
            .probability(0.5);
        let text = "get-me:status=503:after=1:count=2:probability=0.5";
        assert_eq!(text.parse(), Ok(built));
    }
}
