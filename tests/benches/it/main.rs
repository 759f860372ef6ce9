//! The benchmark of code generation: its output, and its synthetic documents.

#![allow(clippy::unwrap_used)]

mod codegen;
mod synthetic;

/// As in the benchmark.
#[global_allocator]
static MEMORY: peak_alloc::PeakAlloc = peak_alloc::PeakAlloc;
