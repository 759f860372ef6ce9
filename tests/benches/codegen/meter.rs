//! The cost of a generation, stage by stage.

use std::collections::BTreeMap;
use std::time::Duration;

use peak_alloc::PeakAlloc;
use pivotal_test_support::bench::{Stopwatch, median};

use xtask::codegen::{self, Failure, Sources, Stage};

/// The counting allocator, if the binary allocates with it; else every count is 0.
const MEMORY: PeakAlloc = PeakAlloc;

/// What a generation costs.
#[derive(Clone, Debug, Default)]
pub(super) struct GenerationCost {
    /// Processor time.
    time: Duration,
    /// The most bytes allocated at once, beyond those before.
    pub(super) peak: usize,
    /// Processor time of each stage.
    pub(super) stages: BTreeMap<Stage, Duration>,
}

impl GenerationCost {
    /// Generates once, from text to texts.
    fn measure(sources: &Sources) -> Result<Self, Failure> {
        let before = MEMORY.current_usage();
        MEMORY.reset_peak_usage();
        let stopwatch = Stopwatch::start();
        let mut last = Duration::ZERO;
        let mut stages = BTreeMap::<_, Duration>::new();
        codegen::generate_by_stages(sources, &mut |stage| {
            let now = stopwatch.read().processor;
            *stages.entry(stage).or_default() += now - last;
            last = now;
        })?;
        Ok(Self {
            time: stopwatch.read().processor,
            peak: MEMORY.peak_usage().saturating_sub(before),
            stages,
        })
    }

    /// The medians of several generations, of each figure by itself.
    pub(super) fn median_of(sources: &Sources, runs: usize) -> Result<Self, Failure> {
        let costs: Result<Vec<_>, _> = (0..runs).map(|_| Self::measure(sources)).collect();
        let costs = costs?;
        let time = |of: &dyn Fn(&Self) -> Duration| {
            Duration::from_secs_f64(median(costs.iter().map(|cost| of(cost).as_secs_f64())))
        };
        let stages = costs.iter().flat_map(|cost| cost.stages.keys().copied());
        let stages = stages.map(|stage| (stage, time(&|cost| cost.stages[&stage])));
        Ok(Self {
            time: time(&|cost| cost.time),
            peak: median(costs.iter().map(|cost| cost.peak as f64)) as usize,
            stages: stages.collect(),
        })
    }

    /// Processor time in milliseconds.
    pub(super) fn milliseconds(&self) -> f64 {
        self.time.as_secs_f64() * 1e3
    }
}
