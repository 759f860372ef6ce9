//! Unit tests of what is private to the crate. The public interface is tested in `tests/it`.

mod additions;
mod cases;
mod contract;
mod coverage;
mod shown;
