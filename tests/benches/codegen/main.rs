//! Code generation, and the comparison of documents. `about.toml` describes the method.

use std::process::ExitCode;

use pivotal_benches::codegen::run;
use pivotal_test_support::bench::Report;

/// Counts the bytes that a generation allocates.
#[global_allocator]
static MEMORY: peak_alloc::PeakAlloc = peak_alloc::PeakAlloc;

#[allow(clippy::print_stderr, reason = "the purpose of a bench")]
fn main() -> ExitCode {
    let mut report = Report::from_arguments();
    match run(&mut report) {
        Ok(()) => report.finish(),
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::from(failure.exit_code())
        }
    }
}
