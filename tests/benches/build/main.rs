//! What it costs to compile and ship a program with the SDK. `about.toml` describes the method.

#![allow(clippy::unwrap_used, reason = "a bench that cannot run should stop")]

mod cargo;
mod programs;

use std::process::ExitCode;

use pivotal_test_support::bench::{Figure, Report};

use cargo::Folder;
use programs::Programs;

const COLD_BUILDS: usize = 2;
const EDITS: usize = 3;

fn main() -> ExitCode {
    let mut report = Report::from_arguments();
    let programs = Programs::write();
    let sides = [
        ("by hand", programs.by_hand()),
        ("SDK", programs.with_sdk()),
    ];

    let crates = sides.each_ref().map(|(_, side)| side.crates() as f64);
    for ((side, _), crates) in sides.iter().zip(crates) {
        let name = format!("crates/{}", side.replace(' ', "_"));
        report.add(Figure::new(
            name,
            format!("Crates, {side}"),
            crates,
            "count",
        ));
    }
    if report.wants("debug") {
        let names = ("debug", "CPU time of a cold debug build", "s");
        compare(&mut report, names, &sides, |side| {
            cheapest(COLD_BUILDS, |_| side.cold_build())
        });
    }
    if report.wants("release") {
        let names = ("release", "Size of the smallest release binary", "MB");
        compare(&mut report, names, &sides, |side| {
            side.release_bytes() as f64 / 1e6
        });
    }
    if report.wants("rebuild") {
        for command in ["check", "build"] {
            let name = format!("rebuild/{command}");
            let what =
                format!("CPU time of `cargo {command}` of pivotal-api after a change of one line");
            let time = (!report.is_quick()).then(|| programs.rebuild_api(command, EDITS));
            report.add(figure(name, what, time, "s").at_most(2.0));
        }
    }
    report.finish()
}

/// The least of so many measurements, which other work on the machine has disturbed least.
fn cheapest(times: usize, measure: impl FnMut(usize) -> f64) -> f64 {
    (0..times).map(measure).fold(f64::INFINITY, f64::min)
}

/// Adds the ratio of the SDK to the program by hand, and both for information.
fn compare(
    report: &mut Report,
    (name, what, unit): (&str, &str, &str),
    sides: &[(&str, Folder); 2],
    measure: impl Fn(&Folder) -> f64,
) {
    let is_full = !report.is_quick();
    let values = sides
        .each_ref()
        .map(|(_, side)| is_full.then(|| measure(side)));
    let [by_hand, sdk] = values;
    let ratio = by_hand.zip(sdk).map(|(by_hand, sdk)| sdk / by_hand);
    report.add(figure(name, format!("{what}, SDK ÷ by hand"), ratio, "ratio").at_most(1.15));
    for ((side, _), value) in sides.iter().zip(values) {
        let name = format!("{name}/{}", side.replace(' ', "_"));
        report.add(figure(name, format!("{what}, {side}"), value, unit));
    }
}

fn figure(
    name: impl Into<String>,
    what: impl Into<String>,
    value: Option<f64>,
    unit: &str,
) -> Figure {
    match value {
        Some(value) => Figure::new(name, what, value, unit),
        None => Figure::not_measured(name, what, "a quick run builds nothing"),
    }
}
