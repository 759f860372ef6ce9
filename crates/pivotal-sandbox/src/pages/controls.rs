//! Faults and clock.

use std::time::Duration;

use pivotal_views::{ArmedFault, Controls};

use super::{
    PAGE,
    text::{Fields, shown},
};
use crate::{
    clock::iso,
    faults::{self, Fault, FaultError, FaultKind},
    state::Shared,
    validate::date_time,
    webhooks::admin::NOT_RESENT,
};

/// Why nothing can be changed on the pages.
pub(super) fn read_only(shared: &Shared) -> Option<&'static str> {
    match (shared.setup.admin, &shared.setup.admin_token) {
        (false, _) => Some("To change something here, start the sandbox with --admin."),
        (true, Some(_)) => Some("The admin API requires a token: use it to change something."),
        (true, None) => None,
    }
}

pub(super) fn view(shared: &Shared, refused: Option<String>) -> Controls {
    let armed = shared.faults.armed().into_iter();
    let fault = |armed: faults::ArmedFault| ArmedFault {
        text: shown(&armed.fault.to_string()),
        matched: armed.matched,
        applied: armed.applied,
    };
    let clock = &shared.lock().clock;
    Controls {
        now: iso(clock.now()),
        frozen: clock.is_frozen(),
        faults: armed.take(PAGE).map(fault).collect(),
        operations: shared
            .contract
            .operations
            .iter()
            .map(|operation| operation.id.clone())
            .collect(),
        kinds: FaultKind::examples(),
        read_only: read_only(shared),
        refused,
    }
}

/// Carries out a form, or says why not.
pub(super) fn apply(shared: &Shared, form: &Fields) -> Result<(), String> {
    if let Some(why) = read_only(shared) {
        return Err(why.to_owned());
    }
    if let Some(id) = form.get("resend") {
        let queued = shared.webhooks.resend(id);
        return queued.then_some(()).ok_or(NOT_RESENT.to_owned());
    }
    match form.get("action") {
        Some("freeze") => {
            let at = form.get("at").and_then(date_time);
            let at = at.ok_or("Write the time as 2026-07-01T09:00:00Z.")?;
            shared.lock().clock.freeze(at);
        }
        Some("advance") => {
            let number = |name| form.get(name)?.parse::<f64>().ok();
            let seconds = number("amount").zip(number("unit"));
            let by = seconds.map(|(amount, unit)| Duration::try_from_secs_f64(amount * unit));
            let by = by
                .and_then(Result::ok)
                .ok_or("The amount is a number from 0.")?;
            shared.lock().clock.advance(by);
        }
        Some("thaw") => shared.lock().clock.thaw(),
        Some("add-fault") => {
            let [operation, fault] =
                ["operation", "fault"].map(|name| form.get(name).unwrap_or_default());
            let mut text = format!("{operation}:{fault}");
            for option in ["count", "after", "probability"] {
                if let Some(value) = form.get(option) {
                    text.push_str(&format!(":{option}={value}"));
                }
            }
            let fault: Fault = text.parse().map_err(|error| refused(&error))?;
            shared.faults.add(fault).map_err(|error| refused(&error))?;
        }
        Some("clear-faults") => shared.faults.clear(),
        Some("reset") => shared.reset(),
        _ => return Err("The form has no action that is known.".to_owned()),
    }
    Ok(())
}

fn refused(error: &FaultError) -> String {
    format!("The fault cannot be set: {error}.")
}
