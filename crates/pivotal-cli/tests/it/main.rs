//! The binary as a user runs it.

#[cfg(unix)]
mod cli_page;
mod contract;
mod demo;
mod docs;
mod guide;
mod keys;
mod output;
mod page;
mod resources;
mod running;
mod server;
mod sync;
mod sync_source;
#[cfg(target_os = "linux")]
mod terminal;
