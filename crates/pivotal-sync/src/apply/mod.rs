//! Applies a plan.

mod change;

use std::collections::{BTreeMap, VecDeque};
use std::future::pending;
use std::mem;
use std::ops::RangeInclusive;
use std::panic::resume_unwind;
use std::pin::pin;
use std::slice;
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};
use pivotal_sdk::Client;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::Instant;

use change::{Change, Effect};

use crate::error::{Error, Result, exit_code};
use crate::guard::{self, Allow};
use crate::keys::Known;
use crate::kind::Kind;
use crate::mirror;
use crate::progress::Progress;
use crate::report::Report;
use crate::state::items::ByCustomer;
use crate::state::{Counts, Item, Outcome, Run, RunId, State};
use crate::words::number;

/// How long the calls in flight may take after an interruption.
const GRACE: Duration = Duration::from_secs(5);

/// How many customers without contacts and onboardings are recorded as being sent at a time: about as
/// many as are sent in [`BATCH_TIME`]. A large batch costs less per customer. A small one leaves less
/// in doubt after a kill.
const BATCH: RangeInclusive<usize> = 64..=1024;
const BATCH_TIME: Duration = Duration::from_millis(100);
/// After how long outcomes are recorded, if there is nothing to record as being sent.
const RECORDED_AFTER: Duration = Duration::from_secs(1);

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
    /// The state file cannot be read or written.
    State(Error),
}

/// Applies a plan, or what is left of one that was interrupted, and reports what became of it.
///
/// Before the first write the guards are checked; unless this process has just made the plan, the
/// mirror is read again. Each item is recorded before its call and after it, so that a run which was
/// killed can go on. A row that has changed since the plan was made is not overwritten: the item
/// fails with `changed_meanwhile`. When `stop` is ready, no further call begins, and those in flight
/// have five seconds.
///
/// # Errors
/// [`Error::Unusable`] if there is no such run, or nothing is left of it; the errors of
/// [`refresh`](crate::refresh); [`Error::State`] before the first call and if not even the outcomes
/// can be counted. Calls that fail are in the report instead, and so is a full disk.
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
    let mut items = state.counts_by_kind(run)?;
    if found.state != "planned" && !is_stopped && items.0.open() == 0 {
        return Err(Error::Unusable(format!(
            "run {run} is {}, and nothing is left of it to apply",
            found.state
        )));
    }
    let guards = guard::check(client, state, &found, &items, &options.allow)?;
    if !guards.is_empty() {
        let reasons: Vec<_> = guards.iter().map(ToString::to_string).collect();
        let reason = format!("stopped by a guard: {}", reasons.join("; "));
        // The plan is kept: it can be applied with the option.
        let ended = match items.0.done {
            0 => "stopped",
            _ => "partial",
        };
        state.end_run(run, ended, exit_code::GUARD, Some(&reason))?;
        return Report::new(state, run, guards);
    }
    if !state.take_fresh(run) {
        mirror::refresh_for(client, state, run).await?;
        items = state.counts_by_kind(run)?;
    }
    state.set_run_state(run, "applying")?;
    state.survive_power_failures(false)?;
    let planned = items.0.left;
    let stopped = match apply_items(client, state, &found, planned, options, stop).await {
        Err(error @ Error::State { .. }) => Some(Stopped::State(error)),
        stopped => stopped?,
    };
    state.survive_power_failures(true)?;
    let items = state.counts_by_kind(run)?;
    let (ended, code, reason) = how_it_ended(&found, &items, stopped);
    let found = match state.end_run(run, ended, code, reason.as_deref()) {
        Ok(()) => state.run(run)?,
        // As with a full disk. The report still says what was done.
        Err(error) => Run {
            state: "partial".to_owned(),
            exit_code: Some(error.exit_code()),
            reason: Some(error.to_string()),
            ..found
        },
    };
    Ok(Report::of(found, items, Vec::new()))
}

async fn apply_items(
    client: &Client,
    state: &State,
    run: &Run,
    planned: u64,
    options: &ApplyOptions,
    stop: impl Future<Output = ()>,
) -> Result<Option<Stopped>> {
    let match_keys = &run.match_keys;
    let since = match run.undoes {
        Some(undone) => format!("run {undone}"),
        None => "the plan was made".to_owned(),
    };
    let run = run.id;
    let change = Change {
        client,
        state,
        run,
        match_keys,
        since: &since,
        known: &state.query(Known::read)?,
    };
    let mut stop = pin!(stop);
    let mut running = FuturesUnordered::new();
    let mut waiting = Some(ByCustomer::new(state, run, "state = 'planned'"));
    let mut taking = None;
    let (mut batch, mut taken_at) = (*BATCH.start(), Instant::now());
    let mut next = VecDeque::new();
    let mut outcomes = Vec::new();
    let (mut done, mut failed) = (0, 0);
    let mut errors_in_a_row = 0;
    let mut stopped = None;
    loop {
        // While these are sent, another thread records what became of those before, and that those
        // after are about to be sent.
        if stopped.is_none()
            && next.len() < batch
            && let Some(mut waiting) = waiting.take()
        {
            let is_fast = taken_at.elapsed() < BATCH_TIME;
            batch = if is_fast { batch * 2 } else { batch / 2 };
            batch = batch.clamp(*BATCH.start(), *BATCH.end());
            taken_at = Instant::now();
            let outcomes = mem::take(&mut outcomes);
            taking = Some(spawn_blocking(move || {
                let taken = waiting.take(batch, &outcomes)?;
                Ok::<_, Error>((waiting, taken))
            }));
        }
        while stopped.is_none()
            && running.len() < options.concurrency.max(1)
            && let Some(items) = next.pop_front()
        {
            running.push(apply_first(change, items));
        }
        if running.is_empty() && taking.is_none() {
            break;
        }
        let timeout = async {
            match outcomes.is_empty() {
                true => pending().await,
                false => tokio::time::sleep(RECORDED_AFTER).await,
            }
        };
        let applied = tokio::select! {
            biased;
            () = &mut stop => {
                // What is dropped then stays in doubt, and the next walk resolves it.
                let rest = async {
                    while let Some(applied) = running.next().await {
                        outcomes.extend(applied?.unrecorded);
                    }
                    Ok::<_, Error>(())
                };
                if let Ok(rest) = tokio::time::timeout(GRACE, rest).await {
                    rest?;
                }
                if taking.is_some() {
                    next.extend(join(&mut taking).await?.1);
                }
                stopped = Some(Stopped::Interrupted);
                break;
            }
            taken = join(&mut taking) => {
                let (rest, taken) = taken?;
                // Without any, nothing is left.
                waiting = (!taken.is_empty()).then_some(rest);
                next.extend(taken);
                continue;
            }
            Some(applied) = running.next() => applied?,
            () = timeout => {
                state.record(run, &mem::take(&mut outcomes))?;
                continue;
            }
        };
        outcomes.extend(applied.unrecorded);
        match applied.effect {
            Effect::Done => done += 1,
            _ => failed += 1,
        }
        state.progress(&Progress::Changes {
            done,
            failed,
            planned,
        });
        match applied.effect {
            Effect::Done => errors_in_a_row = 0,
            Effect::Rejected => {}
            Effect::Authentication(why) => stopped = Some(Stopped::Authentication(why)),
            Effect::Error(why) => {
                errors_in_a_row += 1;
                if errors_in_a_row >= options.max_errors_in_a_row && stopped.is_none() {
                    let errors = number(errors_in_a_row as u64, "error");
                    let reason = format!("{errors} in a row, the last: {why}");
                    stopped = Some(Stopped::Errors(reason));
                }
            }
        }
        if stopped.is_none() && !applied.rest.is_empty() {
            running.push(apply_first(change, applied.rest));
        }
    }
    drop(running);
    state.record(run, &outcomes)?;
    state.not_sent(run, next.iter().flatten().filter(|item| item.is_marked))?;
    Ok(stopped)
}

/// What is left to take, and what was taken.
type Taken = Result<(ByCustomer, VecDeque<VecDeque<Item>>)>;

/// Waits for the other thread, if there is one.
async fn join(taking: &mut Option<JoinHandle<Taken>>) -> Taken {
    let Some(task) = taking else {
        return pending().await;
    };
    let taken = task.await;
    *taking = None;
    taken.unwrap_or_else(|error| resume_unwind(error.into_panic()))
}

/// An item that was applied.
struct Applied {
    effect: Effect,
    /// The outcome, if it is not recorded yet.
    unrecorded: Option<(Item, Outcome)>,
    /// The other items of the customer.
    rest: VecDeque<Item>,
}

/// Applies the first of the items of a customer. What becomes of it is recorded at once unless it
/// was marked.
async fn apply_first(change: Change<'_>, mut items: VecDeque<Item>) -> Result<Applied> {
    let Some(mut item) = items.pop_front() else {
        return Ok(Applied {
            effect: Effect::Done,
            unrecorded: None,
            rest: items,
        });
    };
    let (outcome, effect) = change.apply(&mut item).await?;
    let is_marked = item.is_marked;
    let outcome = (item, outcome);
    if !is_marked {
        change.state.record(change.run, slice::from_ref(&outcome))?;
    }
    Ok(Applied {
        effect,
        unrecorded: is_marked.then_some(outcome),
        rest: items,
    })
}

/// How a run with these items ended: its state, exit code and reason.
fn how_it_ended(
    run: &Run,
    (counts, kinds): &(Counts, BTreeMap<Kind, Counts>),
    stopped: Option<Stopped>,
) -> (&'static str, u8, Option<String>) {
    let incomplete = run.incomplete.clone();
    let open = counts.open();
    let (code, reason) = match stopped {
        Some(Stopped::Authentication(why)) => (exit_code::AUTHENTICATION, Some(why)),
        Some(Stopped::Interrupted) => (exit_code::INTERRUPTED, Some("interrupted".to_owned())),
        Some(Stopped::Errors(why)) => (exit_code::PARTIAL, Some(why)),
        Some(Stopped::State(error)) => (error.exit_code(), Some(error.to_string())),
        None if open > 0 => {
            let reason = format!("changes that were not made, or may not have been: {open}");
            (exit_code::PARTIAL, Some(reason))
        }
        None if incomplete.is_some() => (exit_code::PARTIAL, incomplete),
        None if counts.failed > 0 => {
            let failed = kinds.iter().filter(|(_, counts)| counts.failed > 0);
            let failed =
                failed.map(|(kind, counts)| format!("{} failed: {}", kind.table(), counts.failed));
            let reason = failed.collect::<Vec<_>>().join(", ");
            (exit_code::RECORDS_FAILED, Some(reason))
        }
        None => (exit_code::COMPLETE, None),
    };
    let ended = match code {
        exit_code::COMPLETE => "complete",
        exit_code::AUTHENTICATION if counts.done == 0 => "failed",
        _ => "partial",
    };
    (ended, code, reason)
}
