//! Code generation, and the comparison of documents. `about.toml` describes the method.

use std::process::ExitCode;

use pivotal_benches::codegen::{only_generate, run};
use pivotal_test_support::bench::Report;

/// Counts the bytes that a generation allocates.
#[global_allocator]
static MEMORY: peak_alloc::PeakAlloc = peak_alloc::PeakAlloc;

#[allow(clippy::print_stderr, reason = "the purpose of a bench")]
fn main() -> ExitCode {
    let done = match only_generate(std::env::args()) {
        Ok(false) => {
            let mut report = Report::from_arguments();
            run(&mut report).map(|()| report.finish())
        }
        only => only.map(|_| ExitCode::SUCCESS),
    };
    match done {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::from(failure.exit_code())
        }
    }
}
