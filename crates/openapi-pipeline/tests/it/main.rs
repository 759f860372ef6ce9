//! The stages of the pipeline through their public functions.

// What clippy.toml allows in test functions holds for what they call.
#![allow(clippy::unwrap_used)]

mod arbitrary;
mod blowups;
mod data;
mod dialects;
mod document;
mod load;
mod lower;
mod mutations;
mod naming;
mod normalise;
mod omission;
mod overlay;
mod properties;
mod resolve;
mod shape;
