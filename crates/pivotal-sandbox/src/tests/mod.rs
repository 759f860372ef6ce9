//! Tests of what cannot be seen, or not often enough, over HTTP.

mod random;
