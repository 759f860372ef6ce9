#![doc = include_str!("../README.md")]
//!
//! # Pages
//! A page is one file: its style and script are in it, and its Content-Security-Policy permits these
//! two by their hashes and nothing else. The pages of the sandbox also link to each other, and have
//! forms. The templates are compiled, and escape all text, by [maud]. Nothing here knows where the
//! data is from.

mod board;
mod page;
mod sandbox;
mod timeline;

pub use board::{Board, Card, Phase};
pub use page::is_page;
pub use sandbox::{
    Action, ArmedFault, Choice, Contact, Controls, CustomerPage, CustomerRow, Customers, Links,
    RequestPage, RequestRow, Requests, ServedPage, WebhookEvent, Webhooks,
};
pub use timeline::{ChangeLevel, Timeline, Version, VersionChange};
