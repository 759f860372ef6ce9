//! Applies a plan.

mod change;

use std::collections::VecDeque;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};
use futures_util::stream::{FuturesUnordered, StreamExt};
use pivotal_sdk::Client;

use change::{Change, Effect};

use crate::error::{Error, Result, exit_code};
use crate::guard::{Allow, guards};
use crate::mirror;
use crate::report::Report;
use crate::state::items::ByCustomer;
use crate::state::{Item, RunId, State};

/// How long the calls in flight may take after an interruption.
const GRACE: Duration = Duration::from_secs(5);

/// How a plan is applied.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ApplyOptions {
    /// What may be done without asking.
    pub allow: Allow,
    /// How many calls are in flight at most. The rate limiter of the client paces them. Default: 8.
    pub concurrency: usize,
    /// After how many errors in a row the run stops. Default: 20.
    pub max_errors_in_a_row: usize,
}

impl Default for ApplyOptions {
    fn default() -> Self {
        Self {
            allow: Allow::default(),
            concurrency: 8,
            max_errors_in_a_row: 20,
        }
    }
}

/// Why a run ended before its last item.
enum Stopped {
    Interrupted,
    Authentication(String),
    Errors(String),
}

/// Applies a plan, or what is left of one that was interrupted, and reports what became of it.
///
/// Before the first write the guards are checked; unless this process has just made the plan, the
/// mirror is read again. Each item is recorded before its call and after it. A row that has
/// changed since the plan was made is not overwritten: the item fails with `changed_meanwhile`.
/// When `stop` is ready, no further call begins, and those in flight have five seconds.
///
/// # Errors
/// [`Error::Unusable`] if there is no such run, or nothing is left of it; the errors of
/// [`refresh`](crate::refresh); [`Error::State`]. Calls that fail are in the report instead.
pub async fn apply(
    client: &Client,
    state: &State,
    run: RunId,
    options: &ApplyOptions,
    stop: impl Future<Output = ()>,
) -> Result<Report> {
    let found = state.run(run)?;
    let is_stopped = found.exit_code == Some(exit_code::GUARD);
    found.check_kept()?;
    if found.state != "planned" && !is_stopped && state.counts(run)?.open() == 0 {
        return Err(Error::Unusable(format!(
            "run {run} is {}, and nothing is left of it to apply",
            found.state
        )));
    }
    let guards = guards(client, state, run, &options.allow)?;
    if !guards.is_empty() {
        let reasons: Vec<_> = guards.iter().map(ToString::to_string).collect();
        let reason = format!("stopped by a guard: {}", reasons.join("; "));
        // The plan is kept: it can be applied with the flag.
        let ended = ended_state(state, run)?;
        state.end_run(run, ended, exit_code::GUARD, Some(&reason))?;
        return Report::new(state, run, guards);
    }
    if !state.take_fresh(run) {
        mirror::refresh_for(client, state, run).await?;
    }
    state.set_run_state(run, "applying")?;
    let stopped = apply_items(client, state, run, options, stop).await?;
    end(state, run, stopped)?;
    Report::new(state, run, Vec::new())
}

async fn apply_items(
    client: &Client,
    state: &State,
    run: RunId,
    options: &ApplyOptions,
    stop: impl Future<Output = ()>,
) -> Result<Option<Stopped>> {
    let change = Change {
        client,
        state,
        run,
        match_keys: &state.run(run)?.match_keys,
    };
    let mut stop = pin!(stop);
    let mut running = FuturesUnordered::new();
    let mut waiting = ByCustomer::new(state, run, "state = 'planned'");
    let mut errors_in_a_row = 0;
    let mut stopped = None;
    loop {
        while stopped.is_none() && running.len() < options.concurrency.max(1) {
            let Some(items) = waiting.next()? else {
                break;
            };
            running.push(apply_first(change, items));
        }
        if running.is_empty() {
            return Ok(stopped);
        }
        let (effect, rest) = match select(running.next(), &mut stop).await {
            Either::Left((Some((effect, rest)), _)) => (effect?, rest),
            Either::Left((None, _)) => continue,
            Either::Right(((), _)) => {
                // What is dropped then stays in doubt, and the next walk resolves it.
                let rest = async { while running.next().await.is_some() {} };
                let _ = tokio::time::timeout(GRACE, rest).await;
                return Ok(Some(Stopped::Interrupted));
            }
        };
        match effect {
            Effect::Done => errors_in_a_row = 0,
            Effect::Conflict => {}
            Effect::Authentication(why) => stopped = Some(Stopped::Authentication(why)),
            Effect::Error(why) => {
                errors_in_a_row += 1;
                if errors_in_a_row >= options.max_errors_in_a_row && stopped.is_none() {
                    let reason = format!("{errors_in_a_row} errors in a row, the last: {why}");
                    stopped = Some(Stopped::Errors(reason));
                }
            }
        }
        if stopped.is_none() && !rest.is_empty() {
            running.push(apply_first(change, rest));
        }
    }
}

/// Applies the first of the items of a customer, and returns the others.
async fn apply_first(
    change: Change<'_>,
    mut items: VecDeque<Item>,
) -> (Result<Effect>, VecDeque<Item>) {
    match items.pop_front() {
        Some(item) => (change.apply(&item).await, items),
        None => (Ok(Effect::Done), items),
    }
}

/// `failed` if nothing was changed, otherwise `partial`.
fn ended_state(state: &State, run: RunId) -> Result<&'static str> {
    let done = state.counts(run)?.done > 0;
    Ok(if done { "partial" } else { "failed" })
}

/// Records how the run ended.
fn end(state: &State, run: RunId, stopped: Option<Stopped>) -> Result<()> {
    let (counts, kinds) = state.counts_by_kind(run)?;
    let incomplete = state.run(run)?.incomplete;
    let open = counts.open();
    let (code, reason) = match stopped {
        Some(Stopped::Authentication(why)) => (exit_code::AUTHENTICATION, Some(why)),
        Some(Stopped::Interrupted) => (exit_code::INTERRUPTED, Some("interrupted".to_owned())),
        Some(Stopped::Errors(why)) => (exit_code::PARTIAL, Some(why)),
        None if open > 0 => {
            let reason =
                format!("{open} changes were not made, or it is not known whether they were");
            (exit_code::PARTIAL, Some(reason))
        }
        None if incomplete.is_some() => (exit_code::PARTIAL, incomplete),
        None if counts.failed > 0 => {
            let failed = kinds.iter().filter(|(_, counts)| counts.failed > 0);
            let failed = failed.map(|(kind, counts)| format!("{} {}", counts.failed, kind.table()));
            let reason = format!("{} failed", failed.collect::<Vec<_>>().join(", "));
            (exit_code::RECORDS_FAILED, Some(reason))
        }
        None => (exit_code::COMPLETE, None),
    };
    let ended = match code {
        exit_code::COMPLETE => "complete",
        exit_code::AUTHENTICATION => ended_state(state, run)?,
        _ => "partial",
    };
    state.end_run(run, ended, code, reason.as_deref())
}
