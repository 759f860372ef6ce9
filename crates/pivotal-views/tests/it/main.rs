//! The markup of the pages.
