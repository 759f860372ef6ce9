//! Progress on standard error: a bar on a terminal, elsewhere a line every few seconds.

use std::fmt::{self, Display};
use std::io::{self, IsTerminal};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use pivotal_sdk::{RateLimit, Wait};
use pivotal_sync::Progress;

use crate::report::log;

/// The time between two lines, and before the first.
const BETWEEN_LINES: Duration = Duration::from_secs(5);

/// The columns of a terminal that has room for a bar.
const WIDE: u16 = 100;

/// The bar of this process. It draws nothing before the first step and after the last.
static BAR: LazyLock<ProgressBar> = LazyLock::new(ProgressBar::hidden);

static STEP: Mutex<Step> = Mutex::new(Step {
    quiet: false,
    name: "",
    printed: None,
    waited: None,
});

/// What is being done.
struct Step {
    quiet: bool,
    name: &'static str,
    /// When the last line was printed, or the step began.
    printed: Option<Instant>,
    /// When the last wait was printed.
    waited: Option<Instant>,
}

fn step() -> MutexGuard<'static, Step> {
    STEP.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Prints no progress, no waits and no notes from now on.
pub(crate) fn quiet() {
    step().quiet = true;
}

/// Prints a line about what is done, unless that is not wanted.
pub(crate) fn note(text: impl Display) {
    if !step().quiet {
        log(text);
    }
}

/// Shows how far a step is. Another name begins another step.
pub(crate) fn show(name: &'static str, done: u64, total: Option<u64>, failed: u64) {
    let mut step = step();
    if step.quiet {
        return;
    }
    let is_terminal = io::stderr().is_terminal();
    if step.name != name {
        step.name = name;
        step.printed = Some(Instant::now());
        if is_terminal {
            // The last step does not stay on the screen.
            BAR.finish_and_clear();
            BAR.set_draw_target(ProgressDrawTarget::hidden());
            BAR.set_style(style(total.is_some()));
            BAR.reset();
            BAR.set_prefix(name);
            BAR.set_message("");
            BAR.set_draw_target(ProgressDrawTarget::stderr());
        }
    }
    if is_terminal {
        BAR.set_length(total.unwrap_or(done));
        BAR.set_position(done);
        return;
    }
    let printed = step.printed.get_or_insert_with(Instant::now);
    if printed.elapsed() >= BETWEEN_LINES {
        *printed = Instant::now();
        drop(step);
        let of = total.map_or(String::new(), |total| format!(" of {total}"));
        let failed = match failed {
            0 => String::new(),
            failed => format!(", {failed} failed"),
        };
        log(format_args!("{name}: {done}{of}{failed}"));
    }
}

/// Shows how far an import is.
pub(crate) fn of_run(step: &Progress<'_>) {
    match *step {
        Progress::List(cost) => note(cost),
        Progress::Records(read) => show("records", read, None, 0),
        Progress::Rows { kind, read } => show(kind.table(), read, None, 0),
        Progress::Changes {
            done,
            failed,
            planned,
        } => show("changes", done + failed, Some(planned), failed),
        _ => {}
    }
}

fn style(has_total: bool) -> ProgressStyle {
    let template = if has_total {
        // The message is what a narrow terminal cuts.
        match terminal_size::terminal_size_of(io::stderr()) {
            Some((width, _)) if width.0 < WIDE => {
                "{prefix} {pos}/{len} {rate}, {eta} left  {wide_msg}"
            }
            _ => "{prefix} {bar:30} {pos}/{len} {rate}, {eta} left  {wide_msg}",
        }
    } else {
        "{spinner} {prefix} {pos} {rate}, {elapsed}  {wide_msg}"
    };
    let rate = |state: &ProgressState, out: &mut dyn fmt::Write| {
        let _ = write!(out, "{:.0}/s", state.per_sec());
    };
    let style = ProgressStyle::with_template(template).expect("the template is valid");
    style.with_key("rate", rate)
}

/// Shows how many calls are left to the API key.
pub(crate) fn rate_limit(limit: Option<RateLimit>) {
    if let Some(limit) = limit.filter(|_| !BAR.is_hidden()) {
        BAR.set_message(format!("{} of {} calls left", limit.remaining, limit.limit));
    }
}

/// Shows that a call waits. Lines about several waits are at least 5 seconds apart.
pub(crate) fn wait(wait: &Wait) {
    if !BAR.is_hidden() {
        BAR.set_message(wait.to_string());
        return;
    }
    let mut step = step();
    // The calls that are in flight wait together.
    let is_new = step.waited.is_none_or(|at| at.elapsed() >= BETWEEN_LINES);
    if is_new && !step.quiet {
        step.waited = Some(Instant::now());
        drop(step);
        log(wait);
    }
}

/// Prints something, without the bar in its way.
pub(crate) fn below<T>(print: impl FnOnce() -> T) -> T {
    BAR.suspend(print)
}

/// Removes the bar.
pub(crate) fn end() {
    BAR.finish_and_clear();
    BAR.set_draw_target(ProgressDrawTarget::hidden());
}
