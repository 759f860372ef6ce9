//! The stages of the pipeline through their public functions.

mod dialects;
mod document;
mod load;
mod lower;
mod normalise;
mod overlay;
mod properties;
mod resolve;
