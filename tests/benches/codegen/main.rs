//! Measures code generation and comparison of documents, and prints JSON.
//!
//! ```text
//! cargo bench -p pivotal-benches --bench codegen [-- --runs 15 --operations 100,1000,5000]
//! ```

use std::process::ExitCode;

use clap::Parser;
use pivotal_benches::codegen::{Settings, run};

/// Counts the bytes that a generation allocates.
#[global_allocator]
static MEMORY: peak_alloc::PeakAlloc = peak_alloc::PeakAlloc;

#[allow(clippy::print_stderr, reason = "the purpose of a bench")]
fn main() -> ExitCode {
    match run(&Settings::parse()) {
        Ok(report) => report.print(),
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::from(failure.exit_code())
        }
    }
}
