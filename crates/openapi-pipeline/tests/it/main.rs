//! The stages of the pipeline through their public functions.

mod blowups;
mod dialects;
mod document;
mod load;
mod lower;
mod mutations;
mod normalise;
mod overlay;
mod properties;
mod resolve;
