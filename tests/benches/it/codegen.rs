//! The report of the benchmark, and its arguments. The speed of a debug build does not matter.

use clap::Parser;
use pivotal_benches::codegen::{Settings, run};

fn settings(arguments: &[&str]) -> Result<Settings, clap::Error> {
    Settings::try_parse_from([&["codegen", "--bench"], arguments].concat())
}

#[test]
fn the_figures_are_json_with_targets() {
    let settings = settings(&["--runs", "1", "--operations", "5,12"]).unwrap();
    let report = run(&settings).unwrap();
    let figures = report.to_json();
    let figures = figures.as_object().unwrap();
    let targets = figures["targets"].as_array().unwrap();
    let met = targets.iter().all(|target| target["met"] == true);
    assert_eq!(report.met(), met);
    assert!(targets.iter().all(|target| target["measured"].is_number()));

    let names: Vec<&String> = figures.keys().collect();
    assert_eq!(names, ["codegen", "diff", "growth", "profile", "targets"]);
    for figure in ["growth", "diff"] {
        let documents = figures[figure]["documents"].as_array().unwrap();
        let operations: Vec<u64> = documents
            .iter()
            .filter_map(|document| document["operations"].as_u64())
            .collect();
        assert_eq!(operations, [5, 12]);
    }
    for compared in figures["diff"]["documents"].as_array().unwrap() {
        assert!(compared["findings"].as_u64().unwrap() > 10, "{compared}");
        assert!(compared["median_wall_ms"].is_number(), "{compared}");
    }
    let documents = figures["growth"]["documents"].as_array().unwrap();
    for measured in documents.iter().chain([&figures["codegen"]]) {
        assert!(
            measured["peak_bytes"].as_u64().unwrap() > 10_000,
            "{measured}"
        );
        assert!(
            measured["output_bytes"].as_u64().unwrap() > 10_000,
            "{measured}"
        );
        let stages: Vec<&String> = measured["stages"].as_object().unwrap().keys().collect();
        assert_eq!(
            stages,
            [
                "contract",
                "generate",
                "load",
                "lower",
                "name",
                "normalise",
                "overlay",
                "parse",
                "print",
                "shape"
            ],
            "{measured}"
        );
    }
}

#[test]
fn nothing_to_measure_is_a_mistake() {
    for arguments in [["--runs", "0"], ["--operations", "5,x"]] {
        assert!(settings(&arguments).is_err(), "{arguments:?}");
    }
}
