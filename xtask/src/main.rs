//! The `cargo xtask` binary.

use std::process::ExitCode;

/// Counts what is allocated, for `cargo xtask bench`.
#[global_allocator]
static MEMORY: peak_alloc::PeakAlloc = peak_alloc::PeakAlloc;

fn main() -> ExitCode {
    xtask::cli::main()
}
