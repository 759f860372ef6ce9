//! The stages from upstream to the contract, and from there to what the generator takes.

use std::collections::BTreeSet;
use std::fmt::Write;

use openapi_diff::format::Lines;
use openapi_pipeline::naming::{self, Names};
use openapi_pipeline::omission::{self, Omission};
use openapi_pipeline::overlay::{self, Overlay};
use openapi_pipeline::shape::{self, Shaped};
use openapi_pipeline::{Problem, Problems, canonical, load, lower, normalise};
use serde_json::Value;
use toml::de::DeTable;

use super::Stage;
use super::tree::{NAMES, OVERLAY, Sources, UPSTREAM};
use super::wire::{self, Wire};
use crate::failure::Failure;

/// The names chosen by hand.
pub(super) fn names(sources: &Sources) -> Result<Names, Failure> {
    Names::parse(&sources.names).map_err(|error| Failure::input(NAMES, error))
}

/// The contract: one dialect, stable names, overlaid, in canonical order. What refers to what is not
/// there, or to itself, is not in it, unless the sources are strict.
pub(super) fn contract(
    sources: &Sources,
    names: &Names,
    passed: &mut dyn FnMut(Stage),
    omissions: &mut Vec<Omission>,
) -> Result<Value, Failure> {
    let named = named(sources, names, passed)?;
    passed(Stage::Name);
    let overlaid = match overlay(sources)? {
        Some(overlay) => overlay::apply(&named, &overlay)
            .map_err(|problems| Failure::named(located(&problems, sources)))?,
        None => named,
    };
    passed(Stage::Overlay);
    let (overlaid, ()) = reduced(overlaid, sources, omissions, &mut load::check)?;
    // What the overlay added may be in another dialect.
    let contract =
        normalise::normalise(&overlaid).map_err(|problems| Failure::input(OVERLAY, problems))?;
    passed(Stage::Normalise);
    Ok(canonical::sort(contract))
}

/// The document without what is in the way of a stage, and what comes of it.
fn reduced<T>(
    mut document: Value,
    sources: &Sources,
    omissions: &mut Vec<Omission>,
    stage: &mut dyn FnMut(&Value) -> Result<T, Problems>,
) -> Result<(Value, T), Failure> {
    loop {
        let problems = match stage(&document) {
            Ok(done) => return Ok((document, done)),
            Err(problems) => problems,
        };
        if sources.strict {
            return Err(refused(&problems, sources));
        }
        let (rest, more) =
            omission::without(&document, &problems).map_err(|whole| refused(&whole, sources))?;
        if rest == document {
            return Err(refused(&problems, sources));
        }
        document = rest;
        omissions.extend(more);
    }
}

/// What is in the way of a stage after the overlay.
fn refused(problems: &Problems, sources: &Sources) -> Failure {
    let place = format!("{UPSTREAM}, named and overlaid");
    Failure::input(place, located(problems, sources))
}

/// Whether the document of these sources is a contract: whether most actions of the overlay fail on
/// it, because it holds what they would add.
///
/// # Errors
///
/// [`Failure`] when the document, the overlay or the names cannot be used.
pub fn is_contract(sources: &Sources) -> Result<bool, Failure> {
    let named = named(sources, &names(sources)?, &mut |_| {})?;
    let Some(overlay) = overlay(sources)? else {
        return Ok(false);
    };
    let failed = overlay::apply(&named, &overlay).err().unwrap_or_default();
    let actions: BTreeSet<_> = failed.iter().map(|problem| &problem.pointer).collect();
    Ok(actions.len() * 2 > overlay.len())
}

/// The vendor's document in one dialect, with stable names.
fn named(
    sources: &Sources,
    names: &Names,
    passed: &mut dyn FnMut(Stage),
) -> Result<Value, Failure> {
    let upstream = load::unchecked(&sources.upstream, UPSTREAM).map_err(Failure::named)?;
    passed(Stage::Load);
    let normalised =
        normalise::normalise(&upstream).map_err(|problems| Failure::input(UPSTREAM, problems))?;
    passed(Stage::Normalise);
    naming::apply(normalised, names).map_err(|problems| {
        Failure::input(
            format!("{UPSTREAM}, named by names.toml"),
            located(&problems, sources),
        )
    })
}

fn overlay(sources: &Sources) -> Result<Option<Overlay>, Failure> {
    if sources.overlay.trim().is_empty() {
        return Ok(None);
    }
    Overlay::parse(&sources.overlay, OVERLAY)
        .map(Some)
        .map_err(Failure::named)
}

/// Problems as text. Those of an overlay action or of an entry of names.toml begin with its file and
/// line.
fn located(problems: &Problems, sources: &Sources) -> String {
    let actions = Lines::of(&sources.overlay);
    let mut text = String::new();
    for problem in problems {
        let shown = problem.to_string();
        let place = if problem
            .pointer
            .keys()
            .next()
            .is_some_and(|key| key == "actions")
        {
            Some(format!("{OVERLAY}:{}", actions.line(&problem.pointer)))
        } else {
            entry_line(problem, &sources.names).map(|line| format!("{NAMES}:{line}"))
        };
        let shown = match (place, shown.split_once('\n')) {
            (Some(place), Some((_, rest))) => format!("{place}\n{rest}"),
            _ => shown,
        };
        let _ = writeln!(text, "{shown}\n");
    }
    text.push_str(&problems.shown_remedies());
    let plural = if problems.len() == 1 { "" } else { "s" };
    let _ = write!(text, "{} problem{plural}", problems.len());
    text
}

/// The line of the entry of names.toml that a problem is about.
fn entry_line(problem: &Problem, names: &str) -> Option<usize> {
    // `names.toml, [responses], "GET /pet"`, or the name of a type without quotes.
    let place = problem.found.strip_prefix("names.toml, [")?;
    let (table, entry) = place.split_once("], ")?;
    let key = match entry.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next()?,
        None => entry.split([':', ' ']).next()?,
    };
    let document = DeTable::parse(names).ok()?;
    let table = document.get_ref().get(table)?.get_ref().as_table()?;
    let (key, _) = table.get_key_value(key)?;
    Some(names[..key.span().start].matches('\n').count() + 1)
}

/// The contract as the generator takes it, without what it cannot express.
pub(super) fn shaped(
    sources: &Sources,
    contract: &Value,
    names: &Names,
    passed: &mut dyn FnMut(Stage),
    omissions: &mut Vec<Omission>,
) -> Result<(Shaped, Wire), Failure> {
    if sources.strict {
        let shaped = strictly_shaped(sources, contract, names, passed)?;
        let wire = wire::generate(&shaped, passed)?;
        return Ok((shaped, wire));
    }
    let mut notes = Problems::new();
    let mut bug = None;
    let reduced = reduced(contract.clone(), sources, omissions, &mut |contract| {
        let (lowered, ignored) = lower::leniently(contract)?;
        notes.extend(ignored);
        passed(Stage::Lower);
        let shaped = shape::shape(&lowered, names)?;
        passed(Stage::Shape);
        bug = None;
        match wire::generate(&shaped, passed) {
            Ok(wire) => Ok((shaped, wire)),
            Err(failure) => {
                bug = Some(failure);
                Err(omission::faults(contract, &mut |alone| {
                    bug_on(alone, names)
                }))
            }
        }
    });
    let (_, generated) = reduced.map_err(|failure| bug.unwrap_or(failure))?;
    let noted = |note| Omission::noted(contract, note);
    omissions.extend(notes.into_iter().map(noted));
    Ok(generated)
}

/// What the generator says to a contract that it fails on, which is a bug here. One such schema does not
/// stop the rest.
fn bug_on(contract: &Value, names: &Names) -> Option<String> {
    let (lowered, _) = lower::leniently(contract).ok()?;
    let shaped = shape::shape(&lowered, names).ok()?;
    let failure = wire::generate(&shaped, &mut |_| {}).err()?.to_string();
    let what = failure.lines().nth(1).unwrap_or_default();
    Some(format!(
        "this is a bug of xtask, please report it with the document: {what}"
    ))
}

/// The contract as the generator takes it.
///
/// Each stage reports everything that is in its way. So that one run reports what is in the way of
/// later stages too, they are given the contract as it would be with the remedies of the earlier
/// ones applied.
fn strictly_shaped(
    sources: &Sources,
    contract: &Value,
    names: &Names,
    passed: &mut dyn FnMut(Stage),
) -> Result<Shaped, Failure> {
    let mut latest = match lower_and_shape(contract, names, passed) {
        Ok(shaped) => return Ok(shaped),
        Err(problems) => problems,
    };
    let mut all = latest.clone();
    let mut document = contract.clone();
    while let Some(resolved) = with_remedies(&document, &latest) {
        document = resolved;
        match lower_and_shape(&document, names, &mut |_| {}) {
            Ok(_) => break,
            Err(more) => {
                let known = all.len();
                all.extend(more.clone());
                if all.len() == known {
                    break;
                }
                latest = more;
            }
        }
    }
    Err(refused(&all, sources))
}

fn lower_and_shape(
    contract: &Value,
    names: &Names,
    passed: &mut dyn FnMut(Stage),
) -> Result<Shaped, Problems> {
    let lowered = lower::lower(contract)?;
    passed(Stage::Lower);
    let shaped = shape::shape(&lowered, names)?;
    passed(Stage::Shape);
    Ok(shaped)
}

/// The document with the remedies of all these problems applied; `None` when one has none, it has to be
/// filled in, or does not apply.
fn with_remedies(document: &Value, problems: &Problems) -> Option<Value> {
    if problems.iter().any(|problem| problem.remedy.is_none()) {
        return None;
    }
    let remedies = problems.remedies().into_iter();
    let actions: Vec<String> = remedies.map(ToString::to_string).collect();
    let overlay = format!(
        "overlay: 1.0.0\ninfo: {{title: remedies, version: 1.0.0}}\nactions:\n{}",
        actions.join("\n")
    );
    let overlay = Overlay::parse(&overlay, "remedies.yaml").ok()?;
    overlay::apply(document, &overlay).ok()
}
