//! The binary as a user runs it.

mod board;
#[cfg(target_os = "linux")]
mod board_page;
mod broken_runs;
#[cfg(target_os = "linux")]
mod browser;
#[cfg(unix)]
mod cli_page;
mod contract;
mod demo;
mod docs;
mod duplicates;
mod export;
mod failed;
mod guide;
mod keys;
#[cfg(target_os = "linux")]
mod nightly;
mod output;
mod page;
mod place;
mod plan_file;
mod resources;
mod running;
#[cfg(target_os = "linux")]
mod sandbox_pages;
mod server;
#[cfg(unix)]
mod state_file;
mod sync;
mod sync_source;
#[cfg(target_os = "linux")]
mod terminal;
mod values;
#[cfg(unix)]
mod webhooks;
