//! What the exit codes of `cargo xtask` mean. CI may branch on them; they do not change.

/// All is well.
pub const CLEAN: u8 = 0;
/// A generated file differs from what its sources give.
pub const DRIFT: u8 = 1;
/// A figure of `bench` is worse than promised.
pub const MISSED: u8 = 1;
/// A file is missing, malformed, or holds what cannot be expressed; nothing was written.
pub const UNUSABLE_INPUT: u8 = 2;
/// A change breaks callers, or is at or above what `--fail-on` names.
pub const BREAKING_CHANGE: u8 = 3;
/// A fault of this tool.
pub const OUR_FAULT: u8 = 70;
