//! Instructions of a call, which do not depend on the speed of the machine.
//!
//! This program runs itself under a counter, as a process with the client alone. The difference
//! between many and few calls is what calls cost.

use std::env;
use std::process::{Command, Stdio};

use pivotal_test_support::bench::rounded;
use serde_json::{Value, json};

/// The argument after which a run only makes calls.
const ONLY: &str = "--only-calls";

/// What a run does: who calls what, how often.
pub(crate) struct Calls {
    pub(crate) sdk: bool,
    pub(crate) list: bool,
    pub(crate) count: usize,
    pub(crate) base_url: String,
}

impl Calls {
    /// The calls that the arguments of this process ask for.
    pub(crate) fn from_arguments() -> Option<Self> {
        let mut arguments = env::args().skip_while(|argument| argument != ONLY).skip(1);
        Some(Self {
            sdk: arguments.next()? == "sdk",
            list: arguments.next()? == "list",
            count: arguments.next()?.parse().ok()?,
            base_url: arguments.next()?,
        })
    }

    fn arguments(&self) -> [String; 5] {
        let side = if self.sdk { "sdk" } else { "by_hand" };
        let call = if self.list { "list" } else { "get" };
        let count = self.count.to_string();
        [ONLY, side, call, &count, &self.base_url].map(str::to_owned)
    }
}

/// A program that counts the instructions of another.
#[derive(Clone, Copy)]
pub(crate) enum Counter {
    Callgrind,
    /// The counters of the processor, which `perf` reads.
    Hardware,
}

impl Counter {
    /// The first that works here.
    pub(crate) fn find() -> Option<Self> {
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
        let mut command = match self {
            Self::Callgrind => Command::new("valgrind"),
            Self::Hardware => Command::new("perf"),
        };
        match self {
            Self::Callgrind => command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]),
            Self::Hardware => command.args(["stat", "-x,", "-e", "instructions:u"]),
        };
        let output = command
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

    /// Counts both sides, `few` and three times as many calls.
    pub(crate) fn compare(self, base_url: &str, list: bool, few: usize) -> Value {
        let program = env::current_exe().expect("a running program has a path");
        let count = |sdk, count| {
            let base_url = base_url.to_owned();
            let calls = Calls {
                sdk,
                list,
                count,
                base_url,
            };
            self.count(&program.to_string_lossy(), &calls.arguments())
                .expect("a counter that counts `true` counts this program")
        };
        let a_call = |sdk| (count(sdk, 3 * few) - count(sdk, few)) as f64 / (2 * few) as f64;
        let (by_hand, sdk) = (a_call(false), a_call(true));
        json!({
            "counted_by": self.name(),
            "by_hand": rounded(by_hand),
            "sdk": rounded(sdk),
            "ratio": rounded(sdk / by_hand),
        })
    }
}
