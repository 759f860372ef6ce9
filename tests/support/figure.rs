//! What benchmarks report: figures, one line of JSON each.

use std::fmt;
use std::process::ExitCode;

use serde::{Deserialize, Serialize};

use crate::bench::Medians;

/// A figure of a benchmark. Benchmarks print each as a line of JSON; `cargo xtask bench` reads them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// A name that is unique in the benchmark, with `/` between its parts: `get_customer/cpu`.
    pub name: String,
    /// What is measured, in a few words.
    pub what: String,
    /// `null` if it was not measured.
    pub value: Option<f64>,
    /// `ratio`, `count`, or what follows the number: `ms`, `rows/s`.
    pub unit: String,
    /// `null` if the figure is for information.
    pub target: Option<Target>,
    /// Whether the target is met; `null` without a target, and if nothing was judged.
    pub met: Option<bool>,
    /// Why it was not measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The bound of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// The figure must not be larger.
    AtMost(f64),
    /// The figure must not be smaller.
    AtLeast(f64),
}

impl Figure {
    /// A figure for information. A value that is no number misses every target.
    pub fn new(
        name: impl Into<String>,
        what: impl Into<String>,
        value: f64,
        unit: impl Into<String>,
    ) -> Self {
        Self {
            name: name.into(),
            what: what.into(),
            value: value.is_finite().then(|| rounded(value)),
            unit: unit.into(),
            target: None,
            met: None,
            note: None,
        }
    }

    /// A figure that cannot be measured here, with the reason.
    pub fn not_measured(
        name: impl Into<String>,
        what: impl Into<String>,
        reason: impl Into<String>,
    ) -> Self {
        Self {
            note: Some(reason.into()),
            ..Self::new(name, what, f64::NAN, "")
        }
    }

    /// The figure with the target not to be larger.
    #[must_use]
    pub fn at_most(self, bound: f64) -> Self {
        let target = Some(Target::AtMost(bound));
        Self { target, ..self }
    }

    /// The figure with the target not to be smaller.
    #[must_use]
    pub fn at_least(self, bound: f64) -> Self {
        let target = Some(Target::AtLeast(bound));
        Self { target, ..self }
    }

    fn is_met(&self) -> Option<bool> {
        let measured = self.value.unwrap_or(f64::NAN);
        match self.target? {
            _ if self.note.is_some() => None,
            Target::AtMost(bound) => Some(measured <= bound),
            Target::AtLeast(bound) => Some(measured >= bound),
        }
    }
}

/// Three digits after the point, none from 10,000.
fn rounded(value: f64) -> f64 {
    let factor = if value.abs() < 10_000.0 { 1_000.0 } else { 1.0 };
    (value * factor).round() / factor
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtMost(bound) => write!(f, "at most {bound}"),
            Self::AtLeast(bound) => write!(f, "at least {bound}"),
        }
    }
}

/// The figures of a run of a benchmark.
#[derive(Debug, Default)]
pub struct Report {
    quick: bool,
    /// First parts of names; all are wanted if there are none.
    wanted: Vec<String>,
    figures: Vec<Figure>,
}

impl Report {
    /// A run for every figure. A quick one only shows that the benchmark works: with small
    /// [sizes](Self::size), and it judges no target.
    pub fn new(quick: bool) -> Self {
        Self {
            quick,
            ..Self::default()
        }
    }

    /// The run that the arguments of this process ask for. `--quick` makes it quick, and so does
    /// `cargo test`, which does not add `--bench` as `cargo bench` does. Every other argument is the
    /// first part of the names of figures that are wanted.
    ///
    /// Ends the process with the exit code 2 if there is an unknown option.
    pub fn from_arguments() -> Self {
        Self::parse(std::env::args().skip(1)).unwrap_or_else(|unknown| {
            complain(&format!(
                "error: unknown option {unknown}; known are --bench and --quick"
            ));
            std::process::exit(2)
        })
    }

    fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let (mut quick, mut bench, mut wanted) = (false, false, Vec::new());
        for argument in arguments {
            match argument.as_str() {
                "--quick" => quick = true,
                "--bench" => bench = true,
                option if option.starts_with('-') => return Err(argument),
                _ => wanted.push(argument),
            }
        }
        Ok(Self {
            wanted,
            ..Self::new(quick || !bench)
        })
    }

    /// Whether figures whose names have this first part are wanted.
    pub fn wants(&self, group: &str) -> bool {
        self.wanted.is_empty() || self.wanted.iter().any(|wanted| wanted == group)
    }

    /// Whether the run is quick.
    pub fn is_quick(&self) -> bool {
        self.quick
    }

    /// How much to measure: in a full run, and in a quick one.
    pub fn size<T>(&self, full: T, quick: T) -> T {
        if self.quick { quick } else { full }
    }

    /// Judges a figure and prints it.
    #[allow(clippy::print_stdout, reason = "the purpose of a bench")]
    pub fn add(&mut self, mut figure: Figure) {
        figure.met = if self.quick { None } else { figure.is_met() };
        let line = serde_json::to_string(&figure).expect("a figure is JSON");
        println!("{line}");
        self.figures.push(figure);
    }

    /// Adds a ratio with its target, and both sides for information.
    pub fn compare(
        &mut self,
        name: &str,
        what: &str,
        [baseline, candidate]: [&str; 2],
        medians: &Medians,
        unit: &str,
        target: Option<Target>,
    ) {
        let ratio = format!("{what}, {candidate} ÷ {baseline}");
        self.add(Figure {
            target,
            ..Figure::new(name, ratio, medians.ratio, "ratio")
        });
        for (side, median) in [(baseline, medians.baseline), (candidate, medians.candidate)] {
            let name = format!("{name}/{}", side.replace(' ', "_"));
            self.add(Figure::new(name, format!("{what}, {side}"), median, unit));
        }
    }

    /// The figures so far.
    pub fn figures(&self) -> &[Figure] {
        &self.figures
    }

    /// Prints missed targets to standard error. The exit code is 1 if there are any, and 2 if none of
    /// the figures was wanted.
    pub fn finish(&self) -> ExitCode {
        let missed = |figure: &&Figure| figure.met == Some(false);
        for figure in self.figures.iter().filter(missed) {
            let value = figure.value.unwrap_or(f64::NAN);
            let target = figure.target.map(|target| target.to_string());
            let target = target.unwrap_or_default();
            complain(&format!(
                "missed: {} is {value}, must be {target}",
                figure.name
            ));
        }
        if self.figures.is_empty() {
            complain(&format!(
                "error: no figures of this benchmark begin with {}",
                self.wanted.join(" or ")
            ));
            return ExitCode::from(2);
        }
        ExitCode::from(u8::from(self.figures.iter().any(|figure| missed(&figure))))
    }
}

#[allow(clippy::print_stderr, reason = "the purpose of a bench")]
fn complain(line: &str) {
    eprintln!("{line}");
}

#[cfg(test)]
mod tests {
    use super::{Figure, Report};

    fn start(value: f64) -> Figure {
        Figure::new("start/time", "Start", value, "ms")
    }

    #[test]
    fn a_target_is_met_missed_or_not_judged() {
        let mut report = Report::new(false);
        report.add(start(5.0).at_most(5.0));
        report.add(start(5.0).at_least(5.1));
        report.add(start(f64::NAN).at_most(5.0));
        report.add(start(5.0));
        report.add(Figure::not_measured("start/time", "Start", "no clock").at_most(5.0));
        let met: Vec<_> = report.figures().iter().map(|figure| figure.met).collect();
        assert_eq!(met, [Some(true), Some(false), Some(false), None, None]);
    }

    #[test]
    fn a_quick_run_judges_nothing() {
        let mut report = Report::new(true);
        report.add(start(9.0).at_most(5.0));
        assert_eq!(report.figures()[0].met, None);
        assert_eq!(report.size(1_000, 10), 10);
    }

    #[test]
    fn arguments_say_whether_a_run_is_quick_and_what_is_wanted() {
        let parse = |line: &str| Report::parse(line.split_whitespace().map(str::to_owned));
        let full = parse("--bench").unwrap();
        assert!(!full.quick && full.wants("start"));
        assert!(parse("--bench --quick").unwrap().quick);
        let of_cargo_test = parse("start").unwrap();
        assert!(of_cargo_test.quick && of_cargo_test.wants("start") && !of_cargo_test.wants("get"));
        assert_eq!(parse("--runs").unwrap_err(), "--runs");
    }

    #[test]
    fn a_figure_is_a_line_of_json_that_can_be_read_again() {
        let figure = start(1.23456).at_most(5.0);
        let line = serde_json::to_string(&figure).unwrap();
        assert_eq!(
            line,
            r#"{"name":"start/time","what":"Start","value":1.235,"unit":"ms","target":{"at_most":5.0},"met":null}"#
        );
        assert_eq!(serde_json::from_str::<Figure>(&line).unwrap(), figure);
        assert_eq!(start(12_345.6).value, Some(12_346.0));
    }
}
