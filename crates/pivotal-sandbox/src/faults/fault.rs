//! A fault: what happens, to which operation, and when.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::FaultKind;

/// What stands for the webhooks in the place of an operation.
pub(super) const WEBHOOK: &str = "webhook";

/// A failure to inject: what happens, to which operation, and when.
///
/// It applies to every request to every operation until it is narrowed:
///
/// ```
/// use pivotal_sandbox::{Fault, FaultKind};
///
/// // The next three creates of a customer succeed, and the caller does not learn of it.
/// let lost = Fault::new(FaultKind::ResetAfterProcessing).on("create-customer").times(3);
/// // The same as text, as the command line and the admin API take it.
/// assert_eq!(lost, "create-customer:reset-after-processing:count=3".parse()?);
/// // One step per request, in order.
/// let script = Fault::script([Some(FaultKind::Status(503)), None, Some(FaultKind::RateLimited(Some(1)))]);
/// assert_eq!(script.to_string(), "*:status=503,pass,rate-limited=1");
/// # Ok::<(), pivotal_sandbox::FaultError>(())
/// ```
///
/// The text is `OPERATION:FAULT`, followed by any of `:count=3`, `:after=2`, `:probability=0.05`.
/// `*` is every operation, `webhook` the webhooks; `FAULT` is a [`FaultKind`], or several separated by commas, one per
/// request, with `pass` for a request that is not changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    operation: Option<String>,
    #[serde(rename = "fault")]
    pub(super) schedule: Schedule,
    #[serde(default)]
    pub(super) after: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) count: Option<u64>,
    #[serde(default = "always")]
    pub(super) probability: f64,
}

fn always() -> f64 {
    1.0
}

/// What happens to the requests that a fault applies to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub(super) enum Schedule {
    /// The same to each.
    Always(FaultKind),
    /// One step for each request; nothing after the last.
    Script(Vec<Option<FaultKind>>),
}

/// Why a fault is invalid, and what is valid.
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
        Self::scheduled(Schedule::Always(kind))
    }

    /// A step for each request in order of arrival, `None` for one that is not changed. After the
    /// last step nothing happens any more.
    pub fn script(steps: impl IntoIterator<Item = Option<FaultKind>>) -> Self {
        Self::scheduled(Schedule::Script(steps.into_iter().collect()))
    }

    fn scheduled(schedule: Schedule) -> Self {
        Self {
            operation: None,
            schedule,
            after: 0,
            count: None,
            probability: always(),
        }
    }

    /// Applies only to this operation, by its operationId, such as `create-customer`. The name of
    /// its method, `create_customer`, is accepted too.
    pub fn on(mut self, operation: impl Into<String>) -> Self {
        self.operation = Some(operation.into()).filter(|operation| operation != "*");
        self
    }

    /// Sets how often the fault applies at most: `times(3)` means the next three requests. A script
    /// ends by itself.
    pub fn times(mut self, count: u64) -> Self {
        self.count = Some(count);
        self
    }

    /// Sets the number of requests to skip first.
    pub fn after(mut self, requests: u64) -> Self {
        self.after = requests;
        self
    }

    /// Sets the probability with which the fault applies to each request, from 0 to 1. It is
    /// reproducible: the same seed and the same requests in the same order give the same faults.
    pub fn probability(mut self, probability: f64) -> Self {
        self.probability = probability;
        self
    }

    /// The operation, unless the fault is for all.
    pub(super) fn operation(&self) -> Option<&str> {
        self.operation.as_deref().filter(|id| *id != "*")
    }

    /// Checks everything but the operation.
    pub(super) fn check(&self) -> Result<(), FaultError> {
        if !(0.0..=1.0).contains(&self.probability) {
            return Err(FaultError::new(format!(
                "the probability {} is not from 0 to 1",
                self.probability
            )));
        }
        let kinds: Vec<_> = match &self.schedule {
            Schedule::Always(kind) => vec![kind],
            Schedule::Script(steps) => steps.iter().flatten().collect(),
        };
        let is_webhook = self.operation() == Some(WEBHOOK);
        if let Some(misfit) = kinds.iter().find(|kind| !kind.fits(is_webhook)) {
            return Err(FaultError::new(format!(
                "`{misfit}` does not fit `{}`: latency, duplicate, reorder, wrong-signature and old-timestamp are for `{WEBHOOK}`, all others and latency for operations",
                self.operation().unwrap_or("*")
            )));
        }
        match &self.schedule {
            Schedule::Script(_) if self.count.is_some() || self.probability < 1.0 => {
                Err(FaultError::new(
                    "a script sets how often and when it applies: leave count and probability out",
                ))
            }
            _ => kinds.into_iter().try_for_each(FaultKind::check),
        }
    }
}

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let mut parts = text.split(':');
        let operation = parts.next().unwrap_or_default();
        let Some(schedule) = parts.next().filter(|_| !operation.is_empty()) else {
            return Err(FaultError::new(format!(
                "`{text}` is not a fault: write OPERATION:FAULT, such as create-customer:reset-after-processing:count=1 or *:latency=200ms"
            )));
        };
        let mut fault = Self::scheduled(schedule.to_owned().try_into()?).on(operation);
        for option in parts {
            let (name, value) = option.split_once('=').unwrap_or((option, ""));
            let parsed = match name {
                "count" => value.parse().map(|count| fault.count = Some(count)).is_ok(),
                "after" => value.parse().map(|after| fault.after = after).is_ok(),
                "probability" => value.parse().map(|share| fault.probability = share).is_ok(),
                _ => {
                    return Err(FaultError::new(format!(
                        "`{option}` is not an option of a fault; use count=3, after=2 or probability=0.05"
                    )));
                }
            };
            if !parsed {
                return Err(FaultError::new(format!(
                    "`{option}` does not give a number that {name} takes"
                )));
            }
        }
        fault.check()?;
        Ok(fault)
    }
}

impl TryFrom<String> for Schedule {
    type Error = FaultError;

    fn try_from(text: String) -> Result<Self, FaultError> {
        if text != "pass" && !text.contains(',') {
            return text.parse().map(Self::Always);
        }
        let steps = text.split(',').map(|step| match step {
            "pass" => Ok(None),
            step => step.parse().map(Some),
        });
        steps.collect::<Result<_, _>>().map(Self::Script)
    }
}

impl From<Schedule> for String {
    fn from(schedule: Schedule) -> Self {
        match schedule {
            Schedule::Always(kind) => kind.to_string(),
            Schedule::Script(steps) => {
                let steps = steps.iter().map(|step| match step {
                    Some(kind) => kind.to_string(),
                    None => "pass".to_owned(),
                });
                steps.collect::<Vec<_>>().join(",")
            }
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operation = self.operation().unwrap_or("*");
        write!(f, "{operation}:{}", String::from(self.schedule.clone()))?;
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
