//! Two documents side by side: every rule, what no rule may find, and what other tools miss.

mod documents;
mod engine;
mod invariance;
mod judging;
mod rules;
mod schemas;
mod traps;
