//! When a fault applies.

use std::time::Duration;

use super::{Fault, FaultKind, fault::What};
use crate::random::{Random, mix};

/// A fault that is set, and what has become of it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ArmedFault {
    /// The fault.
    pub fault: Fault,
    /// Requests that it was considered for.
    pub met: u64,
    /// Requests that it was applied to.
    pub applied: u64,
}

/// What is to happen to a request.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Chosen {
    pub(super) delay: Duration,
    pub(super) kind: Option<FaultKind>,
    /// A number of the seed's choosing, for what a fault leaves open.
    pub(super) draw: u64,
}

/// The faults that are set, in order.
#[derive(Debug)]
pub(super) struct Plan {
    seed: u64,
    armed: Vec<ArmedFault>,
}

impl Plan {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            seed,
            armed: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, fault: Fault) {
        self.armed.push(ArmedFault {
            fault,
            met: 0,
            applied: 0,
        });
    }

    pub(super) fn clear(&mut self) {
        self.armed.clear();
    }

    pub(super) fn armed(&self) -> &[ArmedFault] {
        &self.armed
    }

    /// What happens to the next request to an operation: every delay that applies, added up, and of
    /// the other faults the first that applies. Those behind it are not considered, so none is used
    /// up unseen.
    pub(super) fn choose(&mut self, operation: &str) -> Chosen {
        let mut chosen = Chosen::default();
        for (place, armed) in self.armed.iter_mut().enumerate() {
            let meant = armed.fault.operation.as_deref();
            let considered = chosen.kind.is_none() || armed.only_delays();
            if meant.is_some_and(|meant| meant != operation) || !considered {
                continue;
            }
            let mut dice = dice(self.seed, place as u64, armed.met);
            match armed.next(&mut dice) {
                Some(FaultKind::Latency(delay)) => {
                    chosen.delay = chosen.delay.saturating_add(delay);
                }
                Some(kind) => {
                    chosen.kind = Some(kind);
                    chosen.draw = dice.next();
                }
                None => {}
            }
        }
        chosen
    }
}

impl ArmedFault {
    fn only_delays(&self) -> bool {
        matches!(self.fault.what, What::Always(FaultKind::Latency(_)))
    }

    /// What happens to the next request that it is meant for.
    fn next(&mut self, dice: &mut Random) -> Option<FaultKind> {
        let place = self.met.checked_sub(self.fault.after);
        self.met += 1;
        let kind = match &self.fault.what {
            What::Script(steps) => steps.get(usize::try_from(place?).ok()?)?.clone()?,
            What::Always(kind) => {
                let spent = self.fault.count.is_some_and(|count| self.applied >= count);
                if place.is_none() || spent || !dice.chance(self.fault.probability) {
                    return None;
                }
                kind.clone()
            }
        };
        self.applied += 1;
        Some(kind)
    }
}

/// The dice for a request: by the seed, the fault's place and how many requests it has met, and by
/// nothing else.
fn dice(seed: u64, place: u64, met: u64) -> Random {
    Random::new(mix(mix(seed) ^ place) ^ met)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Fault, FaultKind, Plan};

    fn plan(seed: u64, faults: &[&str]) -> Plan {
        let mut plan = Plan::new(seed);
        for fault in faults {
            plan.add(fault.parse().unwrap());
        }
        plan
    }

    fn kinds(plan: &mut Plan, requests: usize) -> Vec<String> {
        let shown = |kind: Option<FaultKind>| kind.map_or("-".to_owned(), |kind| kind.to_string());
        (0..requests)
            .map(|_| shown(plan.choose("get-me").kind))
            .collect()
    }

    #[test]
    fn a_fault_is_for_its_operation() {
        let mut plan = plan(0, &["get-me:status=503"]);
        assert_eq!(plan.choose("get-health").kind, None);
        assert_eq!(plan.choose("get-me").kind, Some(FaultKind::Status(503)));
        assert_eq!(plan.armed()[0].met, 1);
    }

    #[test]
    fn count_and_after_bound_it() {
        let mut plan = plan(0, &["*:status=503:after=1:count=2"]);
        assert_eq!(
            kinds(&mut plan, 5),
            ["-", "status=503", "status=503", "-", "-"]
        );
        assert_eq!((plan.armed()[0].met, plan.armed()[0].applied), (5, 2));
    }

    #[test]
    fn a_script_goes_step_by_step_and_ends() {
        let mut plan = plan(0, &["*:pass,status=500,html-502:after=1"]);
        assert_eq!(
            kinds(&mut plan, 6),
            ["-", "-", "status=500", "html-502", "-", "-"]
        );
    }

    #[test]
    fn delays_add_up_and_of_the_rest_the_first_counts() {
        let mut plan = plan(
            0,
            &[
                "*:latency=20ms",
                "*:status=500:count=1",
                "*:status=503:count=1",
                "*:latency=1s",
            ],
        );
        let delay = Duration::from_millis(1_020);
        for expected in [
            Some(FaultKind::Status(500)),
            Some(FaultKind::Status(503)),
            None,
        ] {
            let chosen = plan.choose("get-me");
            assert_eq!((chosen.delay, chosen.kind), (delay, expected));
        }
    }

    #[test]
    fn the_seed_alone_decides_and_the_share_is_as_asked() {
        let text = ["*:status=500:probability=0.2"];
        let first = kinds(&mut plan(7, &text), 10_000);
        assert_eq!(first, kinds(&mut plan(7, &text), 10_000));
        assert_ne!(first, kinds(&mut plan(8, &text), 10_000));
        let applied = first.iter().filter(|kind| *kind != "-").count();
        assert!((1_850..2_150).contains(&applied), "{applied}");
        let never = Fault::new(FaultKind::Status(500)).probability(0.0);
        let mut plan = Plan::new(0);
        plan.add(never);
        assert_eq!(kinds(&mut plan, 3), ["-", "-", "-"]);
    }
}
