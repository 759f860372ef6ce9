//! Calls under random faults for some time: nothing is made twice, nothing that was confirmed is lost,
//! every error is one that docs/faults.md lists, and neither descriptors nor memory grow.
//!
//! It runs for seconds in the suite. `SOAK_SECONDS=1200 cargo test -p pivotal-sdk --test soak --
//! --nocapture` runs it for longer and judges the memory, too; `SOAK_SEED` chooses the faults and calls.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot unwrap hides its point"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use pivotal_sandbox::{Fault, Sandbox};
use pivotal_sdk::transport::{Attempt, FailureKind};
use pivotal_sdk::{
    Client, CreateContact, CreateCustomer, CreateOnboarding, Delivery, Error, RateLimiting,
    Response, Result, RetryBudget, RetryPolicy, UpdateCustomer,
};

/// The page of the outcomes.
const PAGE: &str = include_str!("../../../docs/faults.md");
/// The faults, each of which meets one request in fifty. A revoked key would end the run.
const FAULTS: [&str; 20] = [
    "latency=20ms",
    "rate-limited",
    "rate-limited=3600",
    "status=503",
    "status=501",
    "status-after-processing=504",
    "html-502",
    "reset-before-processing",
    "reset-after-processing",
    "reset-inside-body",
    "stall-before-processing",
    "stall-after-processing",
    "slow-drip=300ms",
    "truncated-json",
    "malformed-json",
    "content-length-too-long",
    "content-length-too-short",
    "unknown-enum-value",
    "unknown-key",
    "missing-key=object",
];
const WORKERS: u64 = 48;
/// A run this long judges the memory.
const LONG: Duration = Duration::from_secs(120);

/// Numbers that a seed determines (SplitMix64).
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % end as u64) as usize
    }
}

/// Of how many rows it is certain that there are so many at least and at most.
struct Number(RangeInclusive<usize>);

impl Number {
    fn none() -> Self {
        Self(0..=0)
    }

    /// Counts a create.
    fn add<T>(&mut self, result: &Result<T>) {
        let (least, most) = (*self.0.start(), *self.0.end());
        self.0 = match result {
            Ok(_) => least + 1..=most + 1,
            Err(error) => {
                least + usize::from(was_done(error))..=most + usize::from(may_be_done(error))
            }
        };
    }
}

/// Whether the response says that the request was processed.
fn was_done(error: &Error) -> bool {
    error.status().is_some_and(|status| status.is_success())
}

/// Whether the request may have been processed.
fn may_be_done(error: &Error) -> bool {
    // An earlier attempt may have been, whatever the last one came to.
    let history = error.history().iter();
    let refused = |attempt: &Attempt| attempt.status.is_some_and(|status| status == 429);
    let mut earlier =
        history.map(|attempt| attempt.delivery != Delivery::NotSent && !refused(attempt));
    earlier.any(|done| done) || !error.is_rate_limit() && error.delivery() != Delivery::NotSent
}

/// A customer that a worker has made, and what it knows of it.
struct Row {
    id: String,
    name: String,
    /// The plan; `None` if an update may have been made or not.
    plan: Option<String>,
    contacts: Number,
    onboardings: Number,
    /// Whether it still is there.
    there: Number,
}

/// What a worker knows at the end of a round.
#[derive(Default)]
struct Known {
    rows: Vec<Row>,
    /// How many there are of each name whose create has failed.
    unsure: BTreeMap<String, Number>,
    calls: usize,
    errors: BTreeMap<String, usize>,
}

impl Known {
    /// Counts a call, whose error has to be one of the page.
    fn count<T>(&mut self, result: &Result<T>) {
        self.calls += 1;
        if let Err(error) = result {
            let code = error.code().map(|code| format!(" `{}`", code.as_str()));
            let shown = format!("`{:?}`{}", error.kind(), code.unwrap_or_default());
            let cells = || PAGE.split(['|', '\n']).map(str::trim);
            let known = cells().any(|cell| cell.split(',').next() == Some(&shown));
            assert!(known, "docs/faults.md does not have {shown}: {error}");
            *self.errors.entry(shown).or_default() += 1;
        }
    }

    /// Makes one call.
    async fn call(&mut self, client: &Client, random: &mut Random, name: String) {
        let chosen = match self.rows.len() {
            0 => None,
            rows => Some(random.below(rows)),
        };
        let action = random.below(20);
        let Some(row) = chosen.filter(|_| action >= 6) else {
            let created = client.customers().create(CreateCustomer::new(&name)).await;
            self.count(&created);
            let mut there = Number::none();
            there.add(&created);
            match created {
                Ok(created) => self.rows.push(Row {
                    id: created.id,
                    name,
                    plan: None,
                    contacts: Number::none(),
                    onboardings: Number::none(),
                    there,
                }),
                Err(_) => drop(self.unsure.insert(name, there)),
            }
            return;
        };
        let mut row = self.rows.swap_remove(row);
        let customer = client.customer(&*row.id);
        let is_there = row.there.0 == (1..=1);
        match action {
            6..9 if is_there => {
                let contact = CreateContact::new("Mira", format!("{name}@example.com"));
                let created = customer.contacts().create(contact).await;
                self.count(&created);
                row.contacts.add(&created);
            }
            9..12 if is_there => {
                let onboarding = CreateOnboarding::new(&*row.id);
                let created = client.onboardings().create(onboarding).await;
                self.count(&created);
                row.onboardings.add(&created);
            }
            12..15 if is_there => {
                let update = UpdateCustomer::new().plan(&name);
                let updated = customer.update(update).with_meta().await;
                self.count(&updated);
                row.plan = updated.ok().filter(is_prompt).map(|_| name);
            }
            15 => {
                let deleted = customer.delete().await;
                self.count(&deleted);
                row.there.0 = match deleted {
                    Ok(_) => 0..=0,
                    Err(_) => 0..=1,
                };
            }
            16..19 if is_there => {
                let read = customer.get().await;
                self.count(&read);
                if let Ok(read) = read {
                    assert_eq!(read.name, row.name);
                }
            }
            19 => {
                let listed = client.customers().list().collect_up_to(usize::MAX).await;
                self.count(&listed);
                if let Ok(listed) = listed {
                    let ids: BTreeSet<_> = listed.iter().map(|listed| &listed.id).collect();
                    assert_eq!(ids.len(), listed.len(), "a row is listed twice");
                    let there = self.rows.iter().filter(|row| row.there.0 == (1..=1));
                    let missing: Vec<_> = there.filter(|row| !ids.contains(&row.id)).collect();
                    assert!(missing.is_empty(), "{} rows are lost", missing.len());
                }
            }
            _ => {}
        }
        self.rows.push(row);
    }

    /// What the server has is what is known.
    async fn check(&self, client: &Client, names: &BTreeMap<String, usize>) {
        for (name, number) in &self.unsure {
            let found = names.get(name).copied().unwrap_or_default();
            assert!(number.0.contains(&found), "{found} of {name}");
        }
        for row in &self.rows {
            let found = names.get(&row.name).copied().unwrap_or_default();
            assert!(row.there.0.contains(&found), "{found} of {}", row.name);
            if found == 0 {
                continue;
            }
            let customer = client.customer(&*row.id);
            if let Some(plan) = &row.plan {
                let found = customer.get().await.unwrap().plan;
                assert_eq!(
                    found.as_ref(),
                    Some(plan),
                    "an update of {} is lost",
                    row.name
                );
            }
            let contacts = customer
                .contacts()
                .list()
                .collect_up_to(1_000)
                .await
                .unwrap();
            let contacts = (&row.contacts, contacts.len(), "contacts");
            let onboardings = customer.onboardings().list().await.unwrap().data;
            let onboardings = (&row.onboardings, onboardings.len(), "onboardings");
            for (number, found, what) in [contacts, onboardings] {
                assert!(number.0.contains(&found), "{found} {what} of {}", row.name);
            }
        }
    }
}

/// Whether no attempt was given up, which the server may process late.
fn is_prompt<T>(response: &Response<T>) -> bool {
    let mut history = response.meta.history().iter();
    history.all(|attempt| attempt.failure != Some(FailureKind::Timeout))
}

fn setting(name: &str, default: u64) -> u64 {
    env::var(name).map_or(default, |value| value.parse().unwrap())
}

/// The open descriptors and the resident memory in KiB of this process, where `/proc` has them.
fn usage() -> Option<(usize, u64)> {
    let descriptors = fs::read_dir("/proc/self/fd").ok()?.count();
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let resident = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let resident = resident.trim().split(' ').next()?.parse().ok()?;
    Some((descriptors, resident))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_made_twice_or_lost_and_nothing_grows() {
    let time = Duration::from_secs(setting("SOAK_SECONDS", 6));
    let seed = setting("SOAK_SEED", 7);
    let mut sandbox = Sandbox::builder().fault_seed(seed);
    for fault in FAULTS {
        let fault = Fault::new(fault.parse().unwrap()).probability(0.02);
        sandbox = sandbox.fault(fault);
    }
    let sandbox = sandbox.start().await.unwrap();
    let client = Client::builder()
        .base_url(sandbox.base_url())
        .api_key(sandbox.api_key())
        .timeout(Duration::from_secs(1))
        .retry(
            RetryPolicy::default()
                .max_attempts(3)
                .backoff(Duration::from_millis(1), Duration::from_millis(20)),
        )
        .retry_budget(None::<RetryBudget>)
        .rate_limiting(RateLimiting::off())
        .build()
        .unwrap();

    let began = Instant::now();
    let mut samples = Vec::new();
    let (mut calls, mut errors) = (0, BTreeMap::<String, usize>::new());
    for round in 0_u64.. {
        // Every round begins without rows, so that those of the sandbox do not add up.
        sandbox.reset();
        let until = Instant::now() + (time / 4).min(Duration::from_secs(10));
        let known = join_all((0..WORKERS).map(|worker| {
            let client = client.clone();
            let mut random = Random(seed ^ (round << 32) ^ worker);
            let work = async move {
                let mut known = Known::default();
                for number in 0.. {
                    if Instant::now() >= until {
                        break;
                    }
                    let name = format!("w{worker}-{number}");
                    known.call(&client, &mut random, name).await;
                }
                known
            };
            async { tokio::spawn(work).await.unwrap() }
        }))
        .await;
        sandbox.faults().clear();
        let customers = client.customers().list().collect_up_to(usize::MAX);
        let mut names: BTreeMap<String, usize> = BTreeMap::new();
        for customer in customers.await.unwrap() {
            *names.entry(customer.name).or_default() += 1;
        }
        join_all(known.iter().map(|known| known.check(&client, &names))).await;
        for known in &known {
            calls += known.calls;
            for (error, count) in &known.errors {
                *errors.entry(error.clone()).or_default() += count;
            }
        }
        let done = began.elapsed().as_secs_f64() / time.as_secs_f64();
        let due = [0.1, 0.5, 1.0].get(samples.len());
        if due.is_some_and(|due| done >= *due)
            && let Some((descriptors, resident)) = usage()
        {
            println!(
                "{:.0} %: {calls} calls, {descriptors} descriptors, {resident} KiB",
                done * 100.0
            );
            samples.push((descriptors, resident));
        }
        if done >= 1.0 {
            break;
        }
    }
    println!("errors by kind: {errors:#?}");
    assert!(calls > 0 && !errors.is_empty());
    let (Some(first), Some(last)) = (samples.first(), samples.last()) else {
        return;
    };
    // Both ends of a connection for each worker come and go.
    let most = first.0 + 2 * WORKERS as usize;
    assert!(
        last.0 <= most,
        "descriptors: {} at first, {} at last",
        first.0,
        last.0
    );
    if time >= LONG {
        let ratio = last.1 as f64 / first.1 as f64;
        println!("memory: {ratio:.3} of that after the warm-up");
        assert!(
            ratio < 1.25,
            "the memory has grown to {ratio:.3} of that after the warm-up"
        );
    }
}
