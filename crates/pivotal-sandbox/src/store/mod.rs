//! What the sandbox keeps: workspaces of rows.

mod ids;
mod record;
mod table;
mod workspace;

pub(crate) use ids::IdSequence;
pub(crate) use record::{Record, Shape};
pub(crate) use table::{Row, Table};
pub(crate) use workspace::{Kind, Workspace};
