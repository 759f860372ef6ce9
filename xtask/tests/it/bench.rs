//! `cargo xtask bench`: the page and the table that it writes, and what it does with the programs that
//! cargo builds.

use pivotal_test_support::bench::Figure;
use xtask::bench::{About, Benchmark, Run, page, table};

fn run() -> Run {
    let call = [
        Figure::new(
            "get/cpu",
            "CPU time of a get, SDK ÷ by hand",
            1.0312,
            "ratio",
        )
        .at_most(1.05),
        Figure::new("get/cpu/by_hand", "CPU time of a get, by hand", 19.25, "µs"),
        Figure::new("get/cpu/SDK", "CPU time of a get, SDK", 19.9, "µs"),
        Figure::not_measured(
            "get/instructions",
            "Instructions of a get",
            "no counter works here",
        )
        .at_most(1.02),
        Figure::new(
            "stream",
            "Reading 100,000 rows, SDK ÷ by hand",
            0.91,
            "ratio",
        )
        .at_least(0.97),
    ];
    let plan = [
        Figure::new("plan", "Rows of a plan", 1_234_567.8, "rows/s").at_least(100_000.0),
        Figure::new("lost", "Rows that are lost", 2.0, "count").at_most(0.0),
        Figure::new("requests", "Requests", 12_500.0, "/s"),
    ];
    let about = |text| toml::from_str::<About>(text).unwrap();
    let benchmark = |name: &str, about, figures: &[Figure]| Benchmark {
        name: name.to_owned(),
        about,
        figures: figures.iter().cloned().map(judged).collect(),
    };
    Run {
        machine: "A processor, 2 cores, commit e798e5b".to_owned(),
        benchmarks: vec![
            benchmark(
                "overhead",
                about(
                    r#"
                    title = "A call"
                    method = """
                    Both sides in turns.
                    """
                    [missed."stream"]
                    reason = "Each page repeats a row."
                    next = "Repeat it only at a cursor."
                    [missed."get/cpu"]
                    reason = "Met now, so it is not shown."
                    next = "Nothing."
                    "#,
                ),
                &call,
            ),
            benchmark(
                "sync",
                about("title = 'Imports'\nmethod = 'From CSV files.'"),
                &plan,
            ),
        ],
    }
}

/// The figure as a full run reports it.
fn judged(figure: Figure) -> Figure {
    let mut report = pivotal_test_support::bench::Report::new(false);
    report.add(figure);
    report.figures()[0].clone()
}

#[test]
fn the_table_has_all_figures() {
    insta::assert_snapshot!("bench-table", table(&run()));
}

#[test]
fn the_page_has_targets_methods_and_reasons() {
    insta::assert_snapshot!(
        "bench-page",
        page(&run(), "# Benchmarks\n\nHow to read this.\n")
    );
}

#[cfg(unix)]
mod command {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    use tempfile::TempDir;
    use xtask::exit;

    use crate::workbench::{CommandOutput, xtask};

    const FIGURE: &str = r#"{"name":"get/cpu","what":"A get","value":1.5,"unit":"ratio","target":{"at_most":1.05},"met":false}"#;

    /// A workspace with the benchmark `overhead`, and a cargo that builds a shell script as its program.
    fn workspace(program: &str) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let file = folder.path().join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, text).unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        };
        write("Cargo.toml", "");
        write("openapi/upstream.json", "{}");
        write("docs/benchmarks.md", "of the last run\n");
        write("tests/benches/introduction.md", "# Benchmarks\n");
        write(
            "tests/benches/overhead/about.toml",
            "title = 'A call'\nmethod = 'In turns.'\n",
        );
        write("program", &format!("#!/bin/sh\n{program}\n"));
        let artifact = r#"{"reason":"compiler-artifact","target":{"name":"overhead"},"executable":"'"$0"'.program"}"#;
        write(
            "cargo",
            &format!("#!/bin/sh\necho \"$@\" > asked\necho '{artifact}'\n"),
        );
        fs::rename(
            folder.path().join("program"),
            folder.path().join("cargo.program"),
        )
        .unwrap();
        folder
    }

    fn bench(root: &Path, arguments: &[&str]) -> CommandOutput {
        let mut command = xtask(&[&["bench"], arguments].concat());
        command.current_dir(root).env_remove("CARGO_MANIFEST_DIR");
        CommandOutput::of(command.env("CARGO", root.join("cargo")))
    }

    fn file(root: &Path, path: &str) -> String {
        fs::read_to_string(root.join(path)).unwrap()
    }

    #[test]
    fn a_full_run_is_printed_and_written_and_says_that_a_target_is_missed() {
        let root = workspace(&format!(
            "echo '{FIGURE}'; echo \"$@\" > ../../given; exit 1"
        ));
        let output = bench(root.path(), &[]);
        assert_eq!(output.code, i32::from(exit::DRIFT), "{output:?}");
        let written = file(root.path(), "docs/benchmarks.md");
        for text in [&output.out, &written] {
            assert!(text.contains("cores"), "{text}");
            assert!(text.contains("| overhead/get/cpu | A get "), "{text}");
            assert!(text.contains("**missed**"), "{text}");
        }
        assert!(
            written.contains("The reason is not known yet."),
            "{written}"
        );
        assert_eq!(file(root.path(), "given"), "--bench\n");
        let asked = file(root.path(), "asked");
        assert!(
            asked.starts_with("bench --package pivotal-benches "),
            "{asked}"
        );
        assert!(asked.ends_with("--bench overhead\n"), "{asked}");
    }

    #[test]
    fn one_benchmark_and_a_quick_run_write_nothing() {
        for (arguments, given, built) in [
            (&["overhead"][..], "--bench\n", "bench "),
            (&["--quick"], "--quick\n", "test --workspace "),
        ] {
            let figure = FIGURE.replace("false", "null");
            let root = workspace(&format!("echo '{figure}'; echo \"$@\" > ../../given"));
            let output = bench(root.path(), arguments);
            assert_eq!(output.code, i32::from(exit::CLEAN), "{output:?}");
            assert_eq!(file(root.path(), "given"), given);
            assert!(file(root.path(), "asked").starts_with(built));
            assert_eq!(file(root.path(), "docs/benchmarks.md"), "of the last run\n");
        }
    }

    #[test]
    fn what_cannot_be_measured_leaves_the_page_of_the_last_run() {
        for (program, arguments, exit, says) in [
            (
                "exit 0",
                &["no_such"][..],
                exit::UNUSABLE_INPUT,
                "there is no benchmark no_such; there are overhead",
            ),
            (
                "exit 101",
                &[],
                exit::INTERNAL_ERROR,
                "the benchmark overhead failed: exit status: 101",
            ),
            (
                "echo 3 ms",
                &[],
                exit::INTERNAL_ERROR,
                "it printed \"3 ms\", which is no figure",
            ),
        ] {
            let root = workspace(program);
            let output = bench(root.path(), arguments);
            assert_eq!(output.code, i32::from(exit), "{output:?}");
            assert!(output.err.contains(says), "{}", output.err);
            assert_eq!(file(root.path(), "docs/benchmarks.md"), "of the last run\n");
        }
    }

    #[test]
    fn a_reason_for_a_figure_that_does_not_exist_is_refused() {
        let root = workspace(&format!("echo '{FIGURE}'"));
        let about = "title = ''\nmethod = ''\n[missed.'get/time']\nreason = ''\nnext = ''\n";
        fs::write(root.path().join("tests/benches/overhead/about.toml"), about).unwrap();
        let output = bench(root.path(), &[]);
        assert_eq!(output.code, i32::from(exit::UNUSABLE_INPUT), "{output:?}");
        assert!(
            output.err.contains("[missed.\"get/time\"] is no figure"),
            "{}",
            output.err
        );
    }
}
