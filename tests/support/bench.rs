//! Measures the cost of work and compares figures with targets.

use std::alloc::System;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use cpu_time::ThreadTime;
use serde_json::{Map, Value, json};
use stats_alloc::Region;
pub use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

/// What work cost.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cost {
    /// Processor time of the thread, which other work on the machine does not lengthen.
    pub processor: Duration,
    /// Elapsed time.
    pub wall: Duration,
    /// Allocations and reallocations of the process, if it counts them: that takes
    /// [`INSTRUMENTED_SYSTEM`] as its global allocator.
    pub allocations: usize,
    /// Bytes allocated by the process, if it counts them.
    pub allocated_bytes: usize,
}

/// A running measurement.
#[derive(Debug)]
pub struct Stopwatch {
    processor: ThreadTime,
    wall: Instant,
    memory: Region<'static, System>,
}

impl Stopwatch {
    /// Starts measuring.
    pub fn start() -> Self {
        Self {
            memory: Region::new(&INSTRUMENTED_SYSTEM),
            wall: Instant::now(),
            processor: ThreadTime::now(),
        }
    }

    /// The cost since the start, on the same thread.
    pub fn read(&self) -> Cost {
        let (processor, wall) = (self.processor.elapsed(), self.wall.elapsed());
        let memory = self.memory.change();
        Cost {
            processor,
            wall,
            allocations: memory.allocations + memory.reallocations,
            allocated_bytes: memory.bytes_allocated,
        }
    }

    /// The bytes that are allocated now beyond those at the start.
    pub fn live_bytes(&self) -> isize {
        let memory = self.memory.change();
        memory.bytes_allocated as isize - memory.bytes_deallocated as isize
    }
}

/// The costs of a candidate beside those of a baseline. Each pair is measured together, in the other
/// order than the pair before, so that a machine that is busy for a while weighs on both.
#[derive(Debug, Default)]
pub struct Comparison {
    pairs: Vec<[Cost; 2]>,
    /// Repetitions of each measurement.
    times: usize,
}

impl Comparison {
    /// Measures a pair, each work done so many times.
    pub async fn run(
        &mut self,
        times: usize,
        baseline: impl AsyncFnMut(),
        candidate: impl AsyncFnMut(),
    ) {
        self.pairs.push(if self.pairs.len().is_multiple_of(2) {
            let baseline = repeat(times, baseline).await;
            [baseline, repeat(times, candidate).await]
        } else {
            let candidate = repeat(times, candidate).await;
            [repeat(times, baseline).await, candidate]
        });
        self.times = times;
    }

    /// Medians of both sides for one repetition, and medians of the ratios of pairs.
    pub fn to_json(&self, baseline: &str, candidate: &str) -> Value {
        let times = self.times as f64;
        let side = |index: usize| {
            let median = |of: fn(&Cost) -> f64| {
                rounded(median(
                    self.pairs.iter().map(|pair| of(&pair[index]) / times),
                ))
            };
            json!({
                "cpu_us": median(cpu_us),
                "wall_us": median(wall_us),
                "allocations": median(|cost| cost.allocations as f64),
                "allocated_bytes": median(|cost| cost.allocated_bytes as f64),
            })
        };
        let ratio = |of: fn(&Cost) -> f64| {
            rounded(median(
                self.pairs.iter().map(|[base, other]| of(other) / of(base)),
            ))
        };
        let pairs = self.pairs.iter();
        let more = median(pairs.map(|[base, other]| (cpu_us(other) - cpu_us(base)) / times));
        json!({
            "pairs": self.pairs.len(),
            baseline: side(0),
            candidate: side(1),
            format!("{candidate}_more_cpu_us"): rounded(more),
            "cpu_ratio": ratio(cpu_us),
            "wall_ratio": ratio(wall_us),
            "throughput_ratio": ratio(|cost| 1.0 / wall_us(cost)),
            "allocations_ratio": ratio(|cost| cost.allocations as f64),
        })
    }
}

/// The cost of doing work so many times.
pub async fn repeat(times: usize, mut work: impl AsyncFnMut()) -> Cost {
    let stopwatch = Stopwatch::start();
    for _ in 0..times {
        work().await;
    }
    stopwatch.read()
}

fn cpu_us(cost: &Cost) -> f64 {
    cost.processor.as_secs_f64() * 1e6
}

fn wall_us(cost: &Cost) -> f64 {
    cost.wall.as_secs_f64() * 1e6
}

/// The median; of an even number of values, the mean of the two in the middle. 0 of none.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.as_slice() {
        [] => 0.0,
        values if values.len().is_multiple_of(2) => {
            f64::midpoint(values[middle - 1], values[middle])
        }
        values => values[middle],
    }
}

/// A number with the digits that are worth reading: three after the point, none from 10,000.
pub fn rounded(value: f64) -> f64 {
    let factor = if value.abs() >= 10_000.0 {
        1.0
    } else {
        1_000.0
    };
    (value * factor).round() / factor
}

/// A duration in milliseconds, [rounded].
pub fn milliseconds(time: Duration) -> f64 {
    rounded(time.as_secs_f64() * 1_000.0)
}

/// The bound of a figure.
#[derive(Clone, Copy, Debug)]
pub enum Target {
    /// The figure must not be larger.
    AtMost(f64),
    /// The figure must not be smaller.
    AtLeast(f64),
}

/// Figures and the verdict on them.
#[derive(Debug, Default)]
pub struct Report {
    figures: Map<String, Value>,
    verdicts: Vec<Value>,
    missed: Vec<String>,
}

impl Report {
    /// Adds a group of figures.
    pub fn add(&mut self, name: &str, figures: Value) {
        self.figures.insert(name.to_owned(), figures);
    }

    /// Checks the figure at a JSON pointer. A figure that is not there misses its target.
    pub fn check(&mut self, pointer: &str, target: Target) {
        let (_, path) = pointer.split_at(1);
        let (group, rest) = path.split_once('/').unwrap_or((path, ""));
        let group = self.figures.get(group);
        let figure = group.and_then(|group| group.pointer(&format!("/{rest}")));
        let measured = figure.and_then(Value::as_f64).unwrap_or(f64::NAN);
        let (met, key, bound) = match target {
            Target::AtMost(bound) => (measured <= bound, "at_most", bound),
            Target::AtLeast(bound) => (measured >= bound, "at_least", bound),
        };
        let verdict = json!({ "figure": pointer, key: bound, "measured": measured, "met": met });
        self.verdicts.push(verdict);
        if !met {
            let words = key.replace('_', " ");
            self.missed.push(format!(
                "missed: {pointer} is {measured}, must be {words} {bound}"
            ));
        }
    }

    /// [Checks](Self::check) each of them.
    pub fn check_all(&mut self, targets: &[(&str, Target)]) {
        for (pointer, target) in targets {
            self.check(pointer, *target);
        }
    }

    /// Whether every target is met.
    pub fn met(&self) -> bool {
        self.missed.is_empty()
    }

    /// The targets that are missed, one line each.
    pub fn missed(&self) -> &[String] {
        &self.missed
    }

    /// The figures, and a list `targets` with the verdicts.
    pub fn to_json(&self) -> Value {
        let mut figures = self.figures.clone();
        figures.insert("targets".to_owned(), json!(self.verdicts));
        Value::Object(figures)
    }

    /// Prints the report to standard output and missed targets to standard error. The exit code is a
    /// failure if a target is missed.
    #[allow(
        clippy::print_stdout,
        clippy::print_stderr,
        reason = "the purpose of a bench"
    )]
    pub fn print(&self) -> ExitCode {
        println!("{:#}", self.to_json());
        for line in &self.missed {
            eprintln!("{line}");
        }
        ExitCode::from(u8::from(!self.met()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Report, Target, median, rounded};

    #[test]
    fn the_median_is_in_the_middle_whatever_the_order() {
        assert_eq!(median([9.0, 1.0, 5.0]), 5.0);
        assert_eq!(median([4.0, 1.0]), 2.5);
        assert_eq!(median([]), 0.0);
        assert_eq!((rounded(1.23456), rounded(12_345.6)), (1.235, 12_346.0));
    }

    #[test]
    fn a_missed_or_absent_figure_fails_the_report() {
        let mut report = Report::default();
        report.add("start", json!({ "ms": 4.0 }));
        report.check("/start/ms", Target::AtMost(5.0));
        assert!(report.met());
        report.check("/start/ms", Target::AtLeast(5.0));
        report.check("/start/gone", Target::AtMost(5.0));
        assert_eq!(report.missed().len(), 2);
        assert_eq!(report.to_json()["targets"][0]["met"], true);
    }
}
