//! What the sandbox stores: workspaces of rows.

mod activity;
mod record;
#[cfg(feature = "state")]
mod restore;
mod table;
mod workspace;

pub(crate) use activity::{Activity, ActivityEntry, Change, Verb};
pub(crate) use record::{Record, Shape};
pub(crate) use table::{Row, Table};
pub(crate) use workspace::{Kind, MAX_SLUG_LENGTH, Workspace, slugify};
