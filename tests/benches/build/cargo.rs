//! Runs cargo and measures it.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

/// A package with a target folder of its own.
pub(crate) struct Folder {
    pub(crate) path: PathBuf,
}

impl Folder {
    /// The number of crates that the program consists of, procedural macros included, without what only
    /// build scripts need.
    pub(crate) fn crates(&self) -> usize {
        let tree = ["tree", "--edges=normal", "--prefix=none", "--format={p}"];
        let output = self.cargo(&tree, false).stdout;
        let packages = String::from_utf8_lossy(&output);
        // A package that was listed before has a mark.
        let packages = packages.lines().map(|line| line.trim_end_matches(" (*)"));
        packages.collect::<BTreeSet<_>>().len()
    }

    /// Builds everything, in seconds of processor time. The SDK is compiled as a dependency from Git
    /// would be, which is not incremental.
    pub(crate) fn cold_build(&self) -> f64 {
        let _ = fs::remove_dir_all(self.path.join("target"));
        seconds(&self.cargo(&["build"], false))
    }

    /// Processor time of a command that compiles incrementally, as in a workspace, in seconds.
    pub(crate) fn incremental(&self, command: &str, package: &str) -> f64 {
        seconds(&self.cargo(&[command, "--package", package], true))
    }

    /// The size of the program in release mode.
    pub(crate) fn release_bytes(&self) -> u64 {
        self.cargo(&["build", "--release"], false);
        let program = format!("program{}", std::env::consts::EXE_SUFFIX);
        let program = self.path.join("target/release").join(program);
        fs::metadata(program).unwrap().len()
    }

    /// Without the network if possible.
    fn cargo(&self, arguments: &[&str], incremental: bool) -> Output {
        let run = |offline: &[&str]| {
            self.command(incremental)
                .args(arguments)
                .args(offline)
                .output()
        };
        let output = run(&["--offline"]).unwrap();
        if output.status.success() {
            return output;
        }
        let output = run(&[]).unwrap();
        let log = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "cargo {arguments:?} failed:\n{log}"
        );
        output
    }

    /// Cargo in a shell, which then prints the processor time of all processes below it. The settings
    /// of this machine are replaced by cargo's defaults.
    fn command(&self, incremental: bool) -> Command {
        let mut shell = Command::new("sh");
        shell
            .args(["-c", r#""$@"; code=$?; times >&2; exit $code"#, "sh"])
            .arg(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .current_dir(&self.path)
            .env("CARGO_TARGET_DIR", "target")
            .env("CARGO_INCREMENTAL", if incremental { "1" } else { "0" })
            .env("CARGO_PROFILE_DEV_DEBUG", "true")
            .env("CARGO_PROFILE_DEV_OPT_LEVEL", "0")
            .env("RUSTC_WRAPPER", "")
            .env("RUSTFLAGS", "");
        shell
    }
}

/// User and system time of the processes below a shell: the last line of its `times`,
/// `1m2.50s 0m3.25s`.
fn seconds(output: &Output) -> f64 {
    let log = String::from_utf8_lossy(&output.stderr);
    let line = log.trim_end().lines().next_back().unwrap();
    let times = line.split_whitespace().map(|time| {
        let (minutes, seconds) = time.trim_end_matches('s').split_once('m').unwrap();
        minutes.parse::<f64>().unwrap() * 60.0 + seconds.parse::<f64>().unwrap()
    });
    times.sum()
}
