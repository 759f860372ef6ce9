//! The benchmark of code generation, as a library for its tests. The other benchmarks of this package
//! are programs of their own.

pub mod codegen;
