//! The cost of a generation, stage by stage.

use std::collections::BTreeMap;
use std::time::Duration;

use peak_alloc::PeakAlloc;
use pivotal_test_support::bench::{Stopwatch, median, milliseconds};
use serde_json::{Value, json};

use xtask::codegen::{self, Failure, Sources, Stage};

/// The counting allocator, if the binary allocates with it; else every count is 0.
const MEMORY: PeakAlloc = PeakAlloc;

/// What a generation costs.
#[derive(Clone, Debug, Default)]
pub(super) struct GenerationCost {
    /// Processor time.
    pub(super) time: Duration,
    wall: Duration,
    /// The most bytes allocated at once, beyond those before.
    pub(super) peak: usize,
    /// Processor time of each stage, and the peak while it ran, including what earlier stages left.
    stages: BTreeMap<Stage, (Duration, usize)>,
    /// Bytes of all generated files.
    output: usize,
}

impl GenerationCost {
    /// Generates once, from text to texts.
    fn measure(sources: &Sources) -> Result<Self, Failure> {
        let before = MEMORY.current_usage();
        MEMORY.reset_peak_usage();
        let stopwatch = Stopwatch::start();
        let mut last = Duration::ZERO;
        let mut cost = Self::default();
        let files = codegen::generate_by_stages(sources, &mut |stage| {
            let now = stopwatch.read().processor;
            let peak = MEMORY.peak_usage().saturating_sub(before);
            let (time, most) = cost.stages.entry(stage).or_default();
            *time += now - last;
            *most = peak.max(*most);
            MEMORY.reset_peak_usage();
            last = now;
        })?;
        let total = stopwatch.read();
        (cost.time, cost.wall) = (total.processor, total.wall);
        let peaks = cost.stages.values().map(|(_, peak)| *peak);
        cost.peak = peaks.max().unwrap_or_default();
        cost.output = files.values().map(String::len).sum();
        Ok(cost)
    }

    /// The medians of several generations, of each figure by itself.
    pub(super) fn median_of(sources: &Sources, runs: usize) -> Result<Self, Failure> {
        let costs: Result<Vec<_>, _> = (0..runs).map(|_| Self::measure(sources)).collect();
        let costs = costs?;
        let time = |of: &dyn Fn(&Self) -> Duration| {
            Duration::from_secs_f64(median(costs.iter().map(|cost| of(cost).as_secs_f64())))
        };
        let bytes =
            |of: &dyn Fn(&Self) -> usize| median(costs.iter().map(|cost| of(cost) as f64)) as usize;
        let stages = costs.iter().flat_map(|cost| cost.stages.keys().copied());
        let stages = stages.map(|stage| {
            let of = |cost: &Self| cost.stages.get(&stage).copied().unwrap_or_default();
            (stage, (time(&|cost| of(cost).0), bytes(&|cost| of(cost).1)))
        });
        Ok(Self {
            time: time(&|cost| cost.time),
            wall: time(&|cost| cost.wall),
            peak: bytes(&|cost| cost.peak),
            stages: stages.collect(),
            output: bytes(&|cost| cost.output),
        })
    }

    pub(super) fn to_json(&self, runs: usize) -> Value {
        let stages = self.stages.iter().map(|(stage, (time, peak))| {
            let figures = json!({ "ms": milliseconds(*time), "peak_bytes": peak });
            (stage.to_string(), figures)
        });
        json!({
            "runs": runs,
            "median_ms": milliseconds(self.time),
            "median_wall_ms": milliseconds(self.wall),
            "peak_bytes": self.peak,
            "output_bytes": self.output,
            "stages": stages.collect::<serde_json::Map<_, _>>(),
        })
    }
}
