#![doc = include_str!("../README.md")]
//!
//! # How it works
//! ```text
//! sources ─ records ─ mapping ─► wanted ─┐
//!                                        ├─ match keys ─► plan ─ guards ─ apply ─► outcomes ─ report
//! Pivotal ─ complete walk ─► mirror ─────┘                                  └────► undo
//! ```
//!
//! All state is in one SQLite file, the [`State`]: the mirror, the runs, their plans and outcomes.
//! Everything is written there before the call that it concerns, so that a run which was killed can
//! be continued with [`apply`], or simply be run again.
//!
//! - [`plan()`] reads the sources and all customers, and records what has to be done. Without a
//!   complete list of the customers there is no plan.
//! - [`guards`] are checked before the first write.
//! - [`apply()`] makes the changes. It does not overwrite what has changed since the plan.
//! - [`undo()`] plans the reverse of a run.
//! - [`write_back()`] writes the IDs of the customers to HubSpot or Stripe.
//! - [`Report`] says how a run ended, and [`write_failed`] which records failed.
//!
//! Memory holds a few batches of records, and 40 bytes of hashes for each record.

mod apply;
mod config;
mod error;
mod field;
mod guard;
mod keys;
mod kind;
mod mirror;
mod plan;
mod progress;
mod report;
mod source;
mod state;
mod undo;
mod words;
mod write_back;

pub use apply::{ApplyOptions, apply};
pub use config::{
    Config, ContactOptions, Format, Mapping, Mode, OnboardingOptions, Replacements, SourceKind,
    SourceOptions, SyncOptions, TextOrVariable, Transform, Variable, Variables, WriteBack, init,
    init_service,
};
pub use error::{Error, Result, exit_code, nearest};
pub use field::{ContactField, Field, MatchKey, OnboardingField};
pub use guard::{Allow, Guard, guards};
pub use kind::Kind;
pub use mirror::refresh;
pub use plan::plan;
pub use progress::{Cost, Progress, per_minute};
pub use report::{Report, write_failed};
pub use source::{HttpOptions, Source, WrapTransport, has_failed_records};
pub use state::{Action, Counts, ItemState, PlanItem, Run, RunId, State};
pub use undo::undo;
pub use write_back::{WrittenBack, write_back};
