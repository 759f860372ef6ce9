//! How far a run is.

use crate::cost::Cost;
use crate::kind::Kind;

/// A step of a run, for [`State::on_progress`](crate::State::on_progress).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Progress<'a> {
    /// A list is about to be read into the mirror.
    List(&'a Cost),
    /// So many records of the sources were read.
    Records(u64),
    /// So many rows of a list were read.
    Rows {
        /// What they are.
        kind: Kind,
        /// How many were read.
        read: u64,
    },
    /// A change was made, or failed.
    Changes {
        /// How many were made.
        done: u64,
        /// How many failed, or may have.
        failed: u64,
        /// How many the plan has, those that were made before not counted.
        planned: u64,
    },
}
