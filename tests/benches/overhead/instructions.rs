//! Instructions of a call, which do not depend on the speed of the machine.
//!
//! This program runs itself under a counter, as a process with the client alone. The difference
//! between many and few calls is what calls cost.

use std::env;
use std::process::{Command, Stdio};

use pivotal_test_support::bench::{Figure, Medians, Report, Target};

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
    let counter = if report.is_quick() {
        None
    } else {
        Counter::find()
    };
    let Some(counter) = counter else {
        let reason = match report.is_quick() {
            true => "a quick run counts none, which takes long",
            false => "neither valgrind nor perf counts instructions here",
        };
        report.add(Figure::not_measured(name, what, reason).at_most(1.02));
        return;
    };
    let program = env::current_exe().expect("a running program has a path");
    let count = |sdk, count| {
        let calls = Calls {
            sdk,
            group: group.to_owned(),
            count,
            base_url: base_url.to_owned(),
        };
        let counted = counter.count(&program.to_string_lossy(), &calls.arguments());
        counted.expect("a counter that counts `true` counts this program") as f64
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

/// A program that counts the instructions of another.
#[derive(Clone, Copy)]
enum Counter {
    Callgrind,
    /// The counters of the processor, which `perf` reads.
    Hardware,
}

impl Counter {
    /// The first that works here.
    fn find() -> Option<Self> {
        let is_usable = |counter: &Self| counter.count("true", &[]).is_some();
        [Self::Callgrind, Self::Hardware]
            .into_iter()
            .find(is_usable)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Callgrind => "callgrind",
            Self::Hardware => "hardware counters",
        }
    }

    /// The instructions of a program in user mode; `None` if they are not counted or it fails.
    fn count(self, program: &str, arguments: &[String]) -> Option<u64> {
        let command = match self {
            Self::Callgrind => "valgrind --tool=callgrind --callgrind-out-file=/dev/null",
            Self::Hardware => "perf stat -x, -e instructions:u",
        };
        let mut words = command.split(' ');
        let output = Command::new(words.next()?)
            .args(words)
            .arg(program)
            .args(arguments)
            .stdout(Stdio::null())
            .output()
            .ok()?;
        let report = String::from_utf8_lossy(&output.stderr);
        let number = match self {
            Self::Callgrind => {
                report
                    .lines()
                    .find_map(|line| line.split_once("Collected : "))?
                    .1
            }
            Self::Hardware => report
                .lines()
                .find(|line| line.contains("instructions"))?
                .split(',')
                .next()?,
        };
        output
            .status
            .success()
            .then(|| number.trim().parse().ok())?
    }
}
