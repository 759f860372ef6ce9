//! The machine that figures are of.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;

use crate::git;

/// The machine, what it did before the run, the compiler, the commit and the time, in one line. What the
/// system does not tell is left out.
pub(super) fn describe(root: &Path) -> String {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let memory = field("/proc/meminfo", "MemTotal").and_then(|kib| {
        let kib: f64 = kib.trim_end_matches(" kB").parse().ok()?;
        Some(format!("{:.1} GiB of memory", kib / f64::from(1 << 20)))
    });
    let load = fs::read_to_string("/proc/loadavg").ok();
    let load =
        load.and_then(|load| Some(format!("load before the run {}", load.split(' ').next()?)));
    let parts = [
        field("/proc/cpuinfo", "model name").or_else(|| said("sysctl -n machdep.cpu.brand_string")),
        Some(format!("{cores} cores")),
        memory,
        field("/etc/os-release", "PRETTY_NAME"),
        said("uname -sr"),
        said("rustc --version"),
        git::describe(root).map(|commit| format!("commit {commit}")),
        Some(
            jiff::Timestamp::now()
                .strftime("%Y-%m-%d %H:%M UTC")
                .to_string(),
        ),
        load,
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// The value of `name: value` or `name="value"` in a file.
fn field(file: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    let is_around = |character: char| character.is_whitespace() || ":=\"".contains(character);
    Some(line.trim_matches(is_around).to_owned())
}

/// What a command prints.
fn said(command: &str) -> Option<String> {
    let mut words = command.split(' ');
    let output = Command::new(words.next()?).args(words).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    (output.status.success() && !text.is_empty()).then_some(text)
}
