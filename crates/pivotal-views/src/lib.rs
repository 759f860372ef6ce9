//! HTML pages.
//!
//! Plain structs go in, a whole page comes out. A page is one file: its style and script are in it,
//! its Content-Security-Policy permits these two by their hashes and nothing else, and it requests
//! nothing. The templates are compiled, and escape all text, by [maud]. Nothing here knows where the
//! data is from.

mod board;
mod page;
mod timeline;

pub use board::{Board, Card, Phase};
pub use timeline::{ChangeLevel, Timeline, Version, VersionChange};
