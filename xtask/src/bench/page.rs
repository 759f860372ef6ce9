//! The figures as a table of Markdown, and docs/benchmarks.md.

use std::fmt::Write;

use pivotal_test_support::bench::{Figure, Target};

use super::{Benchmark, Run, of};

/// All figures of a run, in one table.
pub fn table(run: &Run) -> String {
    let figures = run.benchmarks.iter().flat_map(of);
    rows(&["figure", "what", "measured", "target", "result"], figures)
}

/// The end of the page. Every page of docs leads to the next one and to all.
const NEXT: &str = "Next: [Contributing](../CONTRIBUTING.md), or [all pages](README.md).";

/// The text of docs/benchmarks.md.
pub fn page(run: &Run, introduction: &str) -> String {
    let is_judged = |(_, figure): &(&Benchmark, &Figure)| figure.target.is_some();
    let judged: Vec<_> = run
        .benchmarks
        .iter()
        .flat_map(of)
        .filter(is_judged)
        .collect();
    let count = |met| {
        judged
            .iter()
            .filter(|(_, figure)| figure.met == met)
            .count()
    };
    let (met, missed, unmeasured) = (count(Some(true)), count(Some(false)), count(None));
    let mut text = format!(
        "{introduction}\n## Results\n\n{}.\n\nOf {} targets, {met} are met, {missed} missed and {unmeasured} not measured.\n\n{}",
        run.machine,
        judged.len(),
        rows(&["figure", "what", "measured", "target", "result"], judged)
    );
    if missed > 0 {
        text.push_str("\n## Missed targets\n\n");
    }
    for (benchmark, figure) in run.missed() {
        let why = match benchmark.about.missed.get(&figure.name) {
            Some(missed) => format!("{} Next: {}", missed.reason.trim(), missed.next.trim()),
            None => "The reason is not known yet.".to_owned(),
        };
        let [_, what, value, target, _] = cells(benchmark, figure);
        let _ = writeln!(
            text,
            "- **{what}**: measured {value}, target {target}. {why}"
        );
    }
    for benchmark in &run.benchmarks {
        let Benchmark { name, about, .. } = benchmark;
        let method = about.method.trim();
        let _ = write!(
            text,
            "\n## {}\n\n{method}\n\nRepeat: `cargo xtask bench {name}`\n",
            about.title
        );
        let information: Vec<_> = of(benchmark).filter(|figure| !is_judged(figure)).collect();
        if !information.is_empty() {
            let rows = rows(&["for information", "what", "measured"], information);
            let _ = write!(text, "\n{rows}");
        }
    }
    let _ = write!(text, "\n{NEXT}\n");
    text
}

/// A table with so many of the [cells] as it has columns, aligned so that it can be read as text.
fn rows<'a>(
    columns: &[&str],
    figures: impl IntoIterator<Item = (&'a Benchmark, &'a Figure)>,
) -> String {
    let mut lines = vec![columns.iter().map(|&column| column.to_owned()).collect()];
    lines.extend(figures.into_iter().map(|(benchmark, figure)| {
        let cells = cells(benchmark, figure).into_iter();
        cells.take(columns.len()).collect::<Vec<_>>()
    }));
    let widths: Vec<_> = (0..columns.len())
        .map(|column| {
            let cells = lines
                .iter()
                .map(|line: &Vec<String>| line[column].chars().count());
            cells.max().unwrap_or_default()
        })
        .collect();
    let mut text = String::new();
    for (number, line) in lines.iter().enumerate() {
        for (column, (cell, width)) in line.iter().zip(&widths).enumerate() {
            let _ = match column {
                MEASURED => write!(text, "| {cell:>width$} "),
                _ => write!(text, "| {cell:width$} "),
            };
        }
        text.push_str("|\n");
        if number == 0 {
            for (column, width) in widths.iter().enumerate() {
                let line = "-".repeat(width + 1);
                let _ = match column {
                    MEASURED => write!(text, "|{line}:"),
                    _ => write!(text, "|{line}-"),
                };
            }
            text.push_str("|\n");
        }
    }
    text
}

/// The column of numbers.
const MEASURED: usize = 2;

fn cells(benchmark: &Benchmark, figure: &Figure) -> [String; 5] {
    let measured = match (figure.value, &figure.note) {
        (Some(value), _) => quantity(value, &figure.unit),
        (None, Some(_)) => "not measured".to_owned(),
        (None, None) => "no number".to_owned(),
    };
    let target = match figure.target {
        Some(Target::AtMost(bound)) => format!("at most {}", quantity(bound, &figure.unit)),
        Some(Target::AtLeast(bound)) => format!("at least {}", quantity(bound, &figure.unit)),
        None => String::new(),
    };
    let result = match (figure.met, &figure.note) {
        (Some(true), _) => "met",
        (Some(false), _) => "**missed**",
        (None, Some(note)) => note,
        (None, None) => "",
    };
    [
        format!("{}/{}", benchmark.name, figure.name),
        figure.what.clone(),
        measured,
        target,
        result.to_owned(),
    ]
}

/// A number with its unit: `1.03`, `100 ms`, `100,000 rows/s`.
fn quantity(value: f64, unit: &str) -> String {
    let mut number = value.to_string();
    if value.abs() >= 10_000.0 {
        let mut end = number.find('.').unwrap_or(number.len());
        while end > 3 + usize::from(value < 0.0) {
            end -= 3;
            number.insert(end, ',');
        }
    }
    match unit {
        "ratio" | "count" => number,
        _ if unit.starts_with('/') => format!("{number}{unit}"),
        _ => format!("{number} {unit}"),
    }
}
