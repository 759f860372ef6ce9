//! Unit tests of what is private to the crate. The public interface is tested in `tests/it`.

mod builder;
mod place;
mod rows;
