//! Instructions of this program, which do not depend on the speed of the machine.

use std::env;
use std::process::{Command, Stdio};

use crate::figure::Report;

/// A program that counts the instructions of another.
#[derive(Clone, Copy, Debug)]
pub enum Counter {
    /// Valgrind's callgrind.
    Callgrind,
    /// The counters of the processor, which `perf` reads.
    Hardware,
}

impl Counter {
    /// The first that works here.
    ///
    /// # Errors
    ///
    /// The reason why nothing is counted in this run.
    pub fn find(report: &Report) -> Result<Self, &'static str> {
        if report.is_quick() {
            return Err("a quick run counts none, which takes long");
        }
        let is_usable = |counter: &Self| counter.count("true", &[]).is_some();
        [Self::Callgrind, Self::Hardware]
            .into_iter()
            .find(is_usable)
            .ok_or("neither valgrind nor perf counts instructions here")
    }

    /// Its name, for the text of a figure.
    pub fn name(self) -> &'static str {
        match self {
            Self::Callgrind => "callgrind",
            Self::Hardware => "hardware counters",
        }
    }

    /// The instructions of a run of this program with other arguments.
    ///
    /// # Panics
    ///
    /// If that run fails.
    pub fn count_this_program(self, arguments: &[String]) -> f64 {
        let program = env::current_exe().expect("a running program has a path");
        let counted = self.count(&program.to_string_lossy(), arguments);
        counted.expect("a counter that counts `true` counts this program") as f64
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
