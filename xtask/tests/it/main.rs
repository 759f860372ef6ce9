//! The maintainer's commands through their front doors: the binary where what it prints and writes
//! matters, the library where only what is generated does.

// What clippy.toml allows in test functions holds for what they call; values made for one call are
// passed by value.
#![allow(clippy::unwrap_used, clippy::needless_pass_by_value)]

mod bad_input;
mod bench;
mod changes;
mod check;
mod command;
mod contract;
mod determinism;
mod diff;
mod drift;
mod elsewhere;
mod growth;
mod history;
mod impact;
mod left_out;
mod lower;
mod new_operation;
mod origin_server;
mod packages;
mod random;
mod refusals;
mod regenerating;
mod release;
mod remedies;
mod round_trips;
mod setters;
mod spellings;
mod update;
mod update_failures;
mod update_report;
mod workbench;
mod workflows;
mod workspace;
mod writing;
