//! The figures of the benchmark. The speed of a debug build does not matter.

use std::collections::BTreeSet;

use pivotal_benches::codegen::run;
use pivotal_test_support::bench::{Figure, Report};

#[test]
fn a_quick_run_has_every_figure_and_judges_none() {
    let mut report = Report::new(true);
    run(&mut report).unwrap();
    let figures = report.figures();
    let figure = |name: &str| -> &Figure {
        let found = figures.iter().find(|figure| figure.name == name);
        found.unwrap_or_else(|| panic!("no figure {name}"))
    };
    let names: BTreeSet<_> = figures.iter().map(|figure| &figure.name).collect();
    assert_eq!(names.len(), figures.len(), "{names:?}");
    for figure in figures {
        let is_counted = figure.name == "growth/instructions";
        assert!(
            is_counted || figure.value.is_some_and(|value| value >= 0.0),
            "{figure:?}"
        );
        assert_eq!(figure.met, None, "{figure:?}");
    }
    for judged in [
        "pivotal/time",
        "diff/large",
        "growth/instructions",
        "growth/time",
        "growth/memory",
    ] {
        assert!(figure(judged).target.is_some(), "{judged}");
    }
    let bytes = figure("pivotal/memory").value.unwrap();
    assert!(bytes > 10_000.0, "{bytes}");
    for size in ["small", "medium", "large"] {
        let each = figure(&format!("growth/{size}/memory")).value.unwrap();
        assert!(each > 1_000.0, "{each}");
        figure(&format!("diff/{size}"));
    }
    for stage in [
        "contract",
        "generate",
        "load",
        "lower",
        "name",
        "normalise",
        "overlay",
        "parse",
        "print",
        "shape",
    ] {
        figure(&format!("pivotal/{stage}"));
        figure(&format!("growth/{stage}"));
    }
}
