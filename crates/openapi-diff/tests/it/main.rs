//! Two documents side by side: every rule, what no rule may find, and what other tools miss.

// What clippy.toml allows in test functions holds for what they call.
#![allow(clippy::unwrap_used)]

#[path = "../../../openapi-pipeline/tests/it/arbitrary.rs"]
mod arbitrary;
mod documents;
mod engine;
mod formats;
mod invariance;
mod lines;
mod pitfalls;
mod promises_and_waivers;
mod rules;
mod schemas;
mod wire;
