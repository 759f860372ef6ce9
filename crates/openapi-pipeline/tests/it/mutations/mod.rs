//! No document, however broken, makes a stage panic, run without end, or grow out of all
//! proportion.
//!
//! Real documents are mutated, their text and their structure, and put through every stage. The
//! suite tries some; `MUTATIONS=100000 cargo test --release -p openapi-pipeline --test it mutations
//! -- --nocapture` tries many more, and tells which took longest. The cases are the same on every
//! run; `MUTATIONS_SEED` gives others.

mod corpus;
mod structural;
mod textual;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use openapi_diff::{Promises, diff};
use openapi_pipeline::naming::{self, Names};
use openapi_pipeline::overlay::{self, Overlay};
use openapi_pipeline::shape::Shaped;
use openapi_pipeline::{Problems, load, lower, normalise, omission, shape};
use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestRunner};
use serde_json::Value;

/// Cases that a debug build goes through in seconds.
const FEW: u32 = 1_000;

/// Findings that a pair of documents may have: so many for each value and byte of both, and what
/// even the smallest may have.
const FINDINGS: usize = 4;

/// How much larger than its document the result of a stage may be, in values and bytes of text, and
/// what even the smallest may have. Parameters, bodies and responses by reference are put in place at
/// each use, so some growth is due.
const GROWTH: usize = 40;
const ROOM: usize = 1 << 16;

fn runner(share: u32) -> TestRunner {
    let number = |name: &str| std::env::var(name).ok()?.parse().ok();
    TestRunner::new(ProptestConfig {
        cases: number("MUTATIONS").map_or(FEW, |all| u32::try_from(all).unwrap_or(u32::MAX))
            / share,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(number("MUTATIONS_SEED").unwrap_or(3)),
        max_shrink_iters: 2_000,
        ..ProptestConfig::default()
    })
}

/// How many mutants each stage took, and the stages that took longest, for whoever asked for a long
/// run.
#[derive(Default)]
struct Log {
    cases: RefCell<usize>,
    taken: RefCell<BTreeMap<&'static str, usize>>,
    slowest: RefCell<Vec<(Duration, &'static str, String)>>,
}

impl Log {
    /// One more mutant.
    fn case(&self) {
        *self.cases.borrow_mut() += 1;
    }

    /// One mutant that a stage took and did not refuse.
    fn taken(&self, stage: &'static str) {
        *self.taken.borrow_mut().entry(stage).or_default() += 1;
    }

    /// Whether each stage took at least so many of a hundred mutants: of a test whose mutants are
    /// all refused at the gate nothing can be learnt.
    #[track_caller]
    fn assert_shares(&self, least: &[(&'static str, usize)]) {
        let (cases, taken) = (*self.cases.borrow(), self.taken.borrow());
        // Of a handful any may be refused.
        if cases < 200 {
            return;
        }
        for (stage, percent) in least {
            let count = taken.get(stage).copied().unwrap_or_default();
            assert!(
                100 * count >= percent * cases,
                "{stage} took {count} of {cases} mutants: {taken:?}"
            );
        }
    }

    fn time<T>(&self, stage: &'static str, of: &str, run: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let result = run();
        let mut slowest = self.slowest.borrow_mut();
        slowest.push((start.elapsed(), stage, of.to_owned()));
        if slowest.len() > 4_096 {
            slowest.sort_by_key(|(time, ..)| std::cmp::Reverse(*time));
            slowest.truncate(5);
        }
        result
    }

    fn tell(self) {
        if std::env::var_os("MUTATIONS").is_none() {
            return;
        }
        eprintln!(
            "{} mutants, taken by {:?}",
            self.cases.into_inner(),
            self.taken.into_inner()
        );
        let mut slowest = self.slowest.into_inner();
        slowest.sort_by_key(|(time, ..)| std::cmp::Reverse(*time));
        for (time, stage, of) in slowest.into_iter().take(5) {
            let of: String = of.chars().take(400).collect();
            eprintln!("{time:?} in {stage}: {of}");
        }
    }
}

/// Values and bytes of text in a value.
fn size(value: &Value) -> usize {
    match value {
        Value::Object(entries) => {
            let entries = entries.iter().map(|(key, value)| key.len() + size(value));
            1 + entries.sum::<usize>()
        }
        Value::Array(entries) => 1 + entries.iter().map(size).sum::<usize>(),
        Value::String(text) => 1 + text.len(),
        _ => 1,
    }
}

fn size_of_tables(shaped: &Shaped) -> usize {
    let limits = shaped
        .operations
        .iter()
        .map(|row| 1 + row.constraints.len());
    let fields = shaped.bodies.iter().map(|body| 1 + body.fields.len());
    let variants = shaped.enums.iter().map(|found| 1 + found.variants.len());
    let members = shaped.unions.iter().map(|union| 1 + union.members.len());
    let all = limits.chain(fields).chain(variants).chain(members);
    all.sum()
}

#[track_caller]
fn assert_bounded(stage: &str, before: usize, after: usize) {
    assert!(
        after <= GROWTH * before + ROOM,
        "{stage} made {after} of {before}"
    );
}

/// Every stage, as far as the document gets. What is refused is refused in order.
fn put_through(document: &Value, overlay: Option<&Overlay>, what: &str, log: &Log) {
    let before = size(document);
    let is_sound = log
        .time("load::check", what, || load::check(document))
        .is_ok();
    // These two take any value.
    let normal = log.time("normalise", what, || normalise::normalise(document));
    let lowered = log.time("lower", what, || lower::lower(document));
    for (stage, result) in [("normalise", &normal), ("lower", &lowered)] {
        if let Ok(result) = result {
            assert_bounded(stage, before, size(result));
            log.taken(stage);
        }
    }
    let (Ok(normal), true) = (normal, is_sound) else {
        return;
    };
    let names = Names::default();
    let named = log.time("naming", what, || naming::apply(normal, &names));
    let Ok(mut contract) = named else { return };
    assert_bounded("naming", before, size(&contract));
    log.taken("naming");
    if let Some(overlay) = overlay {
        let applied = log.time("overlay", what, || overlay::apply(&contract, overlay));
        let Ok(applied) = applied else { return };
        log.taken("overlay");
        contract = applied;
        if load::check(&contract).is_err() {
            return;
        }
    }
    let before = size(&contract);
    let mut shaped = lower_and_shape(&contract, &names, what, log);
    // As codegen does by default.
    if let Err(problems) = &shaped
        && let Ok((rest, _)) = omission::without(&contract, problems)
    {
        log.taken("omission");
        shaped = lower_and_shape(&rest, &names, what, log);
    }
    let Ok(shaped) = shaped else { return };
    let after = size(&shaped.document) + size_of_tables(&shaped);
    assert_bounded("shape", before, after);
    log.taken("shape");
}

fn lower_and_shape(
    contract: &Value,
    names: &Names,
    what: &str,
    log: &Log,
) -> Result<Shaped, Problems> {
    let lowered = log.time("lower", what, || lower::lower(contract))?;
    log.time("shape", what, || shape::shape(&lowered, names))
}

/// A document against another and the other way round, and against itself, whether they hold
/// together or not.
fn compare(document: &Value, original: &Value, what: &str, log: &Log) {
    let bound = |one: usize, other: usize| FINDINGS * (one + other) + ROOM;
    let sizes = bound(size(document), size(original));
    for (base, revision) in [(original, document), (document, original)] {
        let compared = log.time("diff", what, || diff(base, revision, &Promises::none()));
        let Ok(report) = compared else { return };
        assert!(
            report.len() <= sizes,
            "diff made {} findings of {sizes}",
            report.len()
        );
        if !report.is_empty() {
            log.taken("diff");
        }
    }
    let same = diff(document, document, &Promises::none());
    assert!(
        same.is_ok_and(|report| report.is_empty()),
        "{what} differs from itself"
    );
}

#[test]
fn mutated_documents_pass_every_stage_or_are_refused() {
    let log = Log::default();
    let corpus = corpus::documents();
    let plan = (
        any::<prop::sample::Index>(),
        prop::collection::vec(structural::mutation(), 1..7),
        prop::option::of(structural::overlay()),
    );
    let result = runner(1).run(&plan, |(of, mutations, overlay)| {
        log.case();
        let original = &corpus[of.index(corpus.len())];
        let mut document = original.clone();
        for mutation in &mutations {
            mutation.apply(&mut document, &corpus);
        }
        let overlay = overlay
            .and_then(|plan| Overlay::parse(&plan.text(&document, &corpus), "mutated.yaml").ok());
        let what = format!("document {} after {mutations:?}", of.index(corpus.len()));
        put_through(&document, overlay.as_ref(), &what, &log);
        compare(&document, original, &what, &log);
        Ok(())
    });
    result.unwrap_or_else(|failure| panic!("{failure}"));
    log.assert_shares(&[
        ("normalise", 70),
        ("naming", 50),
        ("overlay", 10),
        ("lower", 10),
        ("shape", 6),
        ("diff", 80),
    ]);
    log.tell();
}

#[test]
fn mutated_texts_are_read_or_refused() {
    let log = Log::default();
    let corpus = corpus::texts();
    let plan = (
        any::<prop::sample::Index>(),
        prop::collection::vec(textual::mutation(), 1..5),
    );
    let result = runner(2).run(&plan, |(of, mutations)| {
        log.case();
        let (origin, original) = &corpus[of.index(corpus.len())];
        let mut bytes = original.clone().into_bytes();
        for mutation in &mutations {
            mutation.apply(&mut bytes);
        }
        let text = String::from_utf8_lossy(&bytes);
        let what = format!("{origin} {} after {mutations:?}", of.index(corpus.len()));
        let read = log.time("load", &what, || load::document(&text, origin));
        if let Ok(document) = read {
            assert_bounded("load", text.len(), size(&document));
            log.taken("load");
            put_through(&document, None, &what, &log);
            let original = load::document(original, origin).expect("the corpus holds together");
            compare(&document, &original, &what, &log);
        }
        let _ = Overlay::parse(&text, origin);
        let _ = Names::parse(&text);
        Ok(())
    });
    result.unwrap_or_else(|failure| panic!("{failure}"));
    log.assert_shares(&[("load", 10), ("normalise", 10), ("shape", 5), ("diff", 5)]);
    log.tell();
}
