//! One piece of work measured; a generation stage by stage.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use cpu_time::ThreadTime;
use peak_alloc::PeakAlloc;
use serde_json::{Value, json};

use crate::codegen::{self, Failure, Sources, Stage};

/// The allocator that counts; the `xtask` binary allocates with it. Where nothing does, every count
/// is 0.
pub(crate) const MEMORY: PeakAlloc = PeakAlloc;

/// Time that a piece of work took: of the processor, which other work on the machine does not
/// lengthen, and of the clock on the wall, for which people wait.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Time {
    pub(super) processor: Duration,
    pub(super) wall: Duration,
}

impl Time {
    /// The median of several, each clock by itself.
    pub(super) fn median(times: &[Self]) -> Self {
        Self {
            processor: median(times.iter().map(|time| time.processor)),
            wall: median(times.iter().map(|time| time.wall)),
        }
    }

    /// Whether it took no more of the processor.
    pub(super) fn is_within(self, milliseconds: f64) -> bool {
        self.processor.as_secs_f64() * 1e3 <= milliseconds
    }
}

/// Both clocks, running.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clocks {
    processor: ThreadTime,
    wall: Instant,
}

impl Clocks {
    pub(super) fn start() -> Self {
        Self {
            wall: Instant::now(),
            processor: ThreadTime::now(),
        }
    }

    pub(super) fn read(self) -> Time {
        Time {
            processor: self.processor.elapsed(),
            wall: self.wall.elapsed(),
        }
    }
}

/// What one generation cost.
#[derive(Clone, Debug, Default)]
pub(super) struct Cost {
    pub(super) time: Time,
    /// The most memory that was allocated at once, beyond what was there before.
    pub(super) peak: usize,
    pub(super) stages: BTreeMap<Stage, (Duration, usize)>,
    /// Bytes of all generated texts.
    pub(super) output: usize,
}

/// Generates once, from text to texts.
pub(super) fn generation(sources: &Sources) -> Result<Cost, Failure> {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let start = Clocks::start();
    let mut last = Duration::ZERO;
    let mut cost = Cost::default();
    let files = codegen::generate_by_stages(sources, &mut |stage| {
        let now = start.read().processor;
        let peak = MEMORY.peak_usage().saturating_sub(before);
        let (time, most) = cost.stages.entry(stage).or_default();
        *time += now - last;
        *most = peak.max(*most);
        MEMORY.reset_peak_usage();
        last = now;
    })?;
    cost.time = start.read();
    cost.peak = cost
        .stages
        .values()
        .map(|(_, peak)| *peak)
        .max()
        .unwrap_or_default();
    cost.output = files.values().map(String::len).sum();
    Ok(cost)
}

/// The median of several generations, each figure by itself.
pub(super) fn median_of(sources: &Sources, runs: usize) -> Result<Cost, Failure> {
    let costs: Vec<Cost> = (0..runs)
        .map(|_| generation(sources))
        .collect::<Result<_, _>>()?;
    let stages = costs.iter().flat_map(|cost| cost.stages.keys().copied());
    let stages = stages.map(|stage| {
        let of = |cost: &Cost| cost.stages.get(&stage).copied().unwrap_or_default();
        let time = median(costs.iter().map(|cost| of(cost).0));
        (stage, (time, median(costs.iter().map(|cost| of(cost).1))))
    });
    Ok(Cost {
        time: Time::median(&costs.iter().map(|cost| cost.time).collect::<Vec<_>>()),
        peak: median(costs.iter().map(|cost| cost.peak)),
        stages: stages.collect(),
        output: median(costs.iter().map(|cost| cost.output)),
    })
}

fn median<T: Ord + Copy + Default>(values: impl Iterator<Item = T>) -> T {
    let mut values: Vec<T> = values.collect();
    values.sort();
    values.get(values.len() / 2).copied().unwrap_or_default()
}

impl Cost {
    /// Each stage with its processor time and the most memory that was allocated while it ran, what
    /// the stages before it left included.
    pub(super) fn stages(&self) -> Value {
        let stages = self.stages.iter().map(|(stage, (time, peak))| {
            (
                stage.to_string(),
                json!({ "ms": milliseconds(*time), "peak_bytes": peak }),
            )
        });
        Value::Object(stages.collect())
    }
}

/// Milliseconds with three digits behind the point.
pub(super) fn milliseconds(time: Duration) -> f64 {
    rounded(time.as_secs_f64() * 1e3)
}

/// Three digits behind the point: more would be noise.
pub(super) fn rounded(number: f64) -> f64 {
    (number * 1e3).round() / 1e3
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn the_median_is_in_the_middle_whatever_the_order() {
        assert_eq!(median([9, 1, 5].into_iter()), 5);
        assert_eq!(median([7].into_iter()), 7);
        assert_eq!(median(std::iter::empty::<u8>()), 0);
    }
}
