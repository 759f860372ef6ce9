//! Instructions of a call, which do not depend on the speed of the machine.
//!
//! This program runs itself under a counter, as a process with the client alone. The difference
//! between many and few calls is what calls cost.

use std::env;

use pivotal_test_support::bench::{Counter, Figure, Medians, Report, Target};

/// The argument after which a run only makes calls.
const ONLY: &str = "--only-calls";

/// What a run does: who calls what, how often.
pub(crate) struct Calls {
    pub(crate) sdk: bool,
    /// The first part of the names of the figures.
    pub(crate) group: String,
    pub(crate) count: usize,
    pub(crate) base_url: String,
}

impl Calls {
    /// The calls that the arguments of this process ask for.
    pub(crate) fn from_arguments() -> Option<Self> {
        let mut arguments = env::args().skip_while(|argument| argument != ONLY).skip(1);
        Some(Self {
            sdk: arguments.next()? == "sdk",
            group: arguments.next()?,
            count: arguments.next()?.parse().ok()?,
            base_url: arguments.next()?,
        })
    }

    fn arguments(&self) -> [String; 5] {
        let side = if self.sdk { "sdk" } else { "by_hand" };
        let count = self.count.to_string();
        [ONLY, side, &self.group, &count, &self.base_url].map(str::to_owned)
    }
}

/// Counts the instructions of a call on both sides, from `few` and three times as many calls.
pub(crate) fn compare(report: &mut Report, [group, what]: [&str; 2], base_url: &str, few: usize) {
    let (name, what) = (
        format!("{group}/instructions"),
        format!("Instructions of {what}"),
    );
    let counter = match Counter::find(report) {
        Ok(counter) => counter,
        Err(reason) => {
            report.add(Figure::not_measured(name, what, reason).at_most(1.02));
            return;
        }
    };
    let count = |sdk, count| {
        let calls = Calls {
            sdk,
            group: group.to_owned(),
            count,
            base_url: base_url.to_owned(),
        };
        counter.count_this_program(&calls.arguments())
    };
    let a_call = |sdk| (count(sdk, 3 * few) - count(sdk, few)) / (2 * few) as f64;
    let (baseline, candidate) = (a_call(false), a_call(true));
    let medians = Medians {
        baseline,
        candidate,
        ratio: candidate / baseline,
    };
    let what = format!("{what} (by {})", counter.name());
    let target = Some(Target::AtMost(1.02));
    report.compare(&name, &what, super::SIDES, &medians, "count", target);
}
