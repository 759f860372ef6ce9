//! What changes by itself when the phase or the state of an onboarding does.

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::{clock::iso, store::Record};

/// The phase that an onboarding begins in. Evidence: stated.
pub(super) const FIRST: &str = "before_getting_started";
/// The phase that ends it. Evidence: stated.
const LAST: &str = "completed";
/// The state that is also a flag.
pub(super) const WAITING: &str = "waiting";

/// Brings `after` in line with what the body changed. `before` is blank for a new onboarding.
pub(super) fn apply_side_effects(
    before: &Record,
    after: &mut Record,
    body: &Map<String, Value>,
    now: Timestamp,
) {
    started_and_completed(after, now);
    state_and_flag(before, after, body);
    waiting_since(after, now);
}

/// `started_at` is when the onboarding first left its first phase, and stays. `completed_at` is
/// when it entered its last phase; one that is taken up again has none. Evidence: inferred (the
/// names), decided (taking up again is allowed).
fn started_and_completed(after: &mut Record, now: Timestamp) {
    if after.text("phase") != Some(FIRST) && after.get("started_at").is_null() {
        after.set("started_at", iso(now));
    }
    let completed = after.text("phase") == Some(LAST);
    if completed && after.get("completed_at").is_null() {
        after.set("completed_at", iso(now));
    } else if !completed {
        after.set("completed_at", Value::Null);
    }
}

/// The state `waiting` and the flag `waiting_on_customer` say the same, for lists take one for the
/// other. Where the body sets only one of them the other follows: entering the state raises the
/// flag, leaving it lowers the flag, and lowering the flag makes a waiting onboarding active.
/// Raising the flag leaves the state alone, so that an onboarding can be at risk and wait. Where
/// the body sets both, both stand as sent.
///
/// Evidence: stated (the filter), decided (the rest).
fn state_and_flag(before: &Record, after: &mut Record, body: &Map<String, Value>) {
    let waiting = after.text("state") == Some(WAITING);
    match (
        body.contains_key("state"),
        body.contains_key("waiting_on_customer"),
    ) {
        (true, false) if waiting => after.set("waiting_on_customer", true),
        (true, false) if before.text("state") == Some(WAITING) => {
            after.set("waiting_on_customer", false);
        }
        (false, true) if waiting && !after.flag("waiting_on_customer") => {
            after.set("state", "active");
        }
        _ => {}
    }
}

/// `waiting_on_customer_since` is when the flag was raised, and null while it is not. Evidence:
/// inferred.
fn waiting_since(after: &mut Record, now: Timestamp) {
    if !after.flag("waiting_on_customer") {
        after.set("waiting_on_customer_since", Value::Null);
    } else if after.get("waiting_on_customer_since").is_null() {
        after.set("waiting_on_customer_since", iso(now));
    }
}
