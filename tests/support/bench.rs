//! Measures the cost of work, and reports [figures](Figure) with their targets.

use std::alloc::System;
use std::time::{Duration, Instant};

use cpu_time::ThreadTime;
use stats_alloc::Region;
pub use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

pub use crate::cores::stay_on_core;
pub use crate::counter::Counter;
pub use crate::figure::{Figure, Report, Target};

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
}

impl Cost {
    /// Processor time in microseconds.
    pub fn cpu_us(&self) -> f64 {
        self.processor.as_secs_f64() * 1e6
    }

    /// Elapsed time in microseconds.
    pub fn wall_us(&self) -> f64 {
        self.wall.as_secs_f64() * 1e6
    }

    /// The number of allocations.
    pub fn allocations(&self) -> f64 {
        self.allocations as f64
    }
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
        }
    }

    /// The bytes that are allocated now beyond those at the start.
    pub fn live_bytes(&self) -> isize {
        let memory = self.memory.change();
        memory.bytes_allocated as isize - memory.bytes_deallocated as isize
    }
}

/// The costs of a candidate beside those of a baseline, by [pair](in_turns).
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

    /// Medians of a part of the cost of one repetition.
    pub fn medians(&self, of: fn(&Cost) -> f64) -> Medians {
        let times = self.times as f64;
        let pairs = self.pairs.iter();
        Medians::of(pairs.map(|pair| pair.each_ref().map(|cost| of(cost) / times)))
    }

    /// The medians of how many things are done per second, if each time does so many.
    pub fn rates(&self, each: usize) -> Medians {
        let done = (self.times * each) as f64;
        let rate = |cost: &Cost| 1e6 * done / cost.wall_us();
        Medians::of(self.pairs.iter().map(|pair| pair.each_ref().map(rate)))
    }
}

/// Medians of a baseline and a candidate, and of the candidate divided by the baseline in each pair.
#[derive(Clone, Copy, Debug)]
pub struct Medians {
    /// The median of the baseline.
    pub baseline: f64,
    /// The median of the candidate.
    pub candidate: f64,
    /// The median of the ratios of pairs.
    pub ratio: f64,
}

impl Medians {
    fn of(pairs: impl Iterator<Item = [f64; 2]>) -> Self {
        let pairs: Vec<_> = pairs.collect();
        Self {
            baseline: median(pairs.iter().map(|[baseline, _]| *baseline)),
            candidate: median(pairs.iter().map(|[_, candidate]| *candidate)),
            ratio: median(
                pairs
                    .iter()
                    .map(|[baseline, candidate]| candidate / baseline),
            ),
        }
    }
}

/// Measures so many pairs, after one that warms up. The sides of a pair are measured one after the
/// other, in the other order than in the pair before, so that a machine that is busy for a while
/// weighs on both.
pub fn in_turns(
    pairs: usize,
    mut baseline: impl FnMut() -> f64,
    mut candidate: impl FnMut() -> f64,
) -> Medians {
    let pairs = (0..=pairs).map(|pair| {
        if pair.is_multiple_of(2) {
            let baseline = baseline();
            [baseline, candidate()]
        } else {
            let candidate = candidate();
            [baseline(), candidate]
        }
    });
    Medians::of(pairs.skip(1))
}

/// The cost of doing work so many times.
pub async fn repeat(times: usize, mut work: impl AsyncFnMut()) -> Cost {
    let stopwatch = Stopwatch::start();
    for _ in 0..times {
        work().await;
    }
    stopwatch.read()
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

#[cfg(test)]
mod tests {
    use super::{in_turns, median};

    #[test]
    fn the_median_is_in_the_middle_whatever_the_order() {
        assert_eq!(median([9.0, 1.0, 5.0]), 5.0);
        assert_eq!(median([4.0, 1.0]), 2.5);
        assert_eq!(median([]), 0.0);
    }

    #[test]
    fn a_slow_pair_changes_neither_medians_nor_ratio() {
        let times = |each: f64| {
            // The first is of the pair that warms up.
            let mut slower = [9.0, 1.0, 4.0, 1.0].into_iter();
            move || each * slower.next().unwrap()
        };
        let medians = in_turns(3, times(2.0), times(3.0));
        assert_eq!((medians.baseline, medians.candidate), (2.0, 3.0));
        assert_eq!(medians.ratio, 1.5);
    }
}
