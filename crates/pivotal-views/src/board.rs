//! The board: onboardings by phase.

use std::collections::BTreeSet;

use maud::{Markup, html};

use crate::page::{Page, name, noun, words};
use crate::sandbox::{self, Choice, ServedPage};

/// The states that have a colour of their own, and their classes. All others share one.
const STATES: [(&str, &str); 4] = [
    ("active", "active"),
    ("paused", "paused"),
    ("at_risk", "at-risk"),
    ("waiting", "waiting"),
];

/// The width of the longest bar.
const BAR: usize = 1000;

/// Onboardings by phase.
#[derive(Clone, Debug, Default)]
pub struct Board {
    /// Whose onboardings these are.
    pub workspace: String,
    /// When they were read, such as `2026-05-27 10:24 UTC`.
    pub as_of: String,
    /// The phases, in the order of the programme.
    pub phases: Vec<Phase>,
    /// What a reader has to know, such as rows that are missing.
    pub notes: Vec<String>,
}

/// The onboardings of a phase.
#[derive(Clone, Debug, Default)]
pub struct Phase {
    /// The word of the API, such as `program_design`.
    pub name: String,
    /// How many onboardings are in each state.
    pub states: Vec<(String, usize)>,
    /// The onboardings. `None` if only their number is shown.
    pub cards: Option<Vec<Card>>,
}

/// An onboarding.
#[derive(Clone, Debug, Default)]
pub struct Card {
    /// The number shown in the app.
    pub number: i64,
    /// The name of the customer.
    pub customer: String,
    /// The address of the customer in the app.
    pub link: Option<String>,
    /// The word of the API, such as `at_risk`.
    pub state: String,
    /// Who is in charge.
    pub owner: Option<String>,
    /// For how many days it has been running.
    pub age_days: i64,
    /// The day of the launch, such as `2026-07-15`.
    pub launch: Option<String>,
    /// For how many days the launch has been overdue.
    pub overdue_days: Option<i64>,
    /// For how many days the customer has been waited for; `None` if it is not.
    pub waiting_days: Option<i64>,
}

impl Phase {
    /// How many onboardings it has.
    pub fn total(&self) -> usize {
        self.states.iter().map(|(_, count)| count).sum()
    }
}

impl Board {
    /// The board as one self-contained page.
    pub fn page(&self) -> String {
        let title = format!("Onboardings of {}", self.workspace);
        let page = Page {
            title: &title,
            style: include_str!("board.css"),
            script: include_str!("board.js"),
            nav: None,
        };
        let about =
            html! { "Written by " code { "pivotal board --html" } ". This file requests nothing." };
        page.render(&self.content(&self.filters()), &about)
    }

    /// The board as a page of the sandbox, which filters it by what is chosen here.
    pub fn served(&self, choices: &[Choice]) -> ServedPage {
        let filters = html! {
            form.filters role="search" aria-label="Filter the onboardings" {
                @for choice in choices { (choice.field()) }
                button { "Show" }
                a href="?" { "Show all" }
            }
        };
        sandbox::page("/onboardings", "Onboardings", &self.content(&filters))
    }

    fn content(&self, filters: &Markup) -> Markup {
        html! {
            p.muted { "As of " (self.as_of) }
            @for note in &self.notes { p.alarm role="alert" { (note) } }
            (self.facts())
            (self.summary())
            (filters)
            div.phases { @for (index, phase) in self.phases.iter().enumerate() { (column(index, phase)) } }
        }
    }

    /// The onboardings that are listed.
    pub fn cards(&self) -> impl Iterator<Item = &Card> {
        let phases = self.phases.iter();
        phases.flat_map(|phase| phase.cards.iter().flatten())
    }

    /// How many onboardings there are.
    pub fn total(&self) -> usize {
        self.phases.iter().map(Phase::total).sum()
    }

    /// How many of those listed have a launch that is overdue.
    pub fn overdue(&self) -> usize {
        let cards = self.cards();
        cards.filter(|card| card.overdue_days.is_some()).count()
    }

    /// How many of those listed wait on the customer.
    pub fn waiting(&self) -> usize {
        let cards = self.cards();
        cards.filter(|card| card.waiting_days.is_some()).count()
    }

    /// The states that occur, those with colours first.
    fn states(&self) -> Vec<&str> {
        let found = || self.phases.iter().flat_map(|phase| &phase.states);
        let found = || found().map(|(state, _)| state.as_str());
        let known = STATES.iter().map(|(state, _)| *state);
        let mut states: Vec<_> = known
            .filter(|state| found().any(|found| found == *state))
            .collect();
        for state in found() {
            if !states.contains(&state) {
                states.push(state);
            }
        }
        states
    }

    fn facts(&self) -> Markup {
        let (total, overdue) = (self.total(), self.overdue());
        html! {
            ul.facts {
                li { strong { (total) } " " (noun(total, "onboarding")) }
                li { strong { (self.cards().count()) } " listed" }
                li.alarm[overdue > 0] { strong { (overdue) } " past their launch date" }
                li { strong { (self.waiting()) } " waiting on the customer" }
            }
        }
    }

    /// The numbers by phase and state, with a bar for each phase.
    fn summary(&self) -> Markup {
        let states = self.states();
        let longest = self.phases.iter().map(Phase::total).fold(1, usize::max);
        html! {
            table.summary {
                caption { "By phase and state" }
                thead {
                    tr {
                        th scope="col" { "Phase" }
                        @for state in &states {
                            th scope="col" { span.key.(class(state)) {} (words(state)) }
                        }
                        th scope="col" { "Total" }
                    }
                }
                tbody {
                    @for phase in &self.phases {
                        tr {
                            th scope="row" { (words(&phase.name)) (bar(phase, &states, longest)) }
                            @for state in &states { td { (of_state(phase, state)) } }
                            td { strong { (phase.total()) } }
                        }
                    }
                }
            }
        }
    }

    /// Shown by the script, without which they do nothing.
    fn filters(&self) -> Markup {
        let owners = self.cards().filter_map(|card| card.owner.as_deref());
        let owners: BTreeSet<_> = owners.collect();
        let mut states = self.states();
        states.retain(|state| self.cards().any(|card| card.state == *state));
        html! {
            form.filters #filters hidden role="search" aria-label="Filter the onboardings" {
                label {
                    "State"
                    select name="state" {
                        option value="*" { "All states" }
                        @for state in states { option value=(state) { (words(state)) } }
                        // Those can be in any state.
                        @if self.cards().any(|card| card.waiting_days.is_some()) {
                            option value="*waiting" { "Waiting on the customer" }
                        }
                    }
                }
                label {
                    "Owner"
                    select name="owner" {
                        option value="*" { "All owners" }
                        @for owner in owners { option value=(owner) { (owner) } }
                        option value="" { "No owner" }
                    }
                }
                button type="reset" { "Show all" }
                output #shown role="status" {}
            }
        }
    }
}

fn of_state(phase: &Phase, state: &str) -> usize {
    let same = phase.states.iter().filter(|(name, _)| name == state);
    same.map(|(_, count)| count).sum()
}

/// The states of a phase side by side. The table has the numbers.
fn bar(phase: &Phase, states: &[&str], longest: usize) -> Markup {
    let mut from = 0;
    html! {
        svg.bar viewBox={ "0 0 " (BAR) " 10" } preserveAspectRatio="none" aria-hidden="true" {
            @for state in states {
                @let width = of_state(phase, state) * BAR / longest;
                @let start = { from += width; from - width };
                @if width > 0 {
                    rect.(class(state)) x=(start) y="0" width=(width) height="10" {}
                }
            }
        }
    }
}

pub(crate) fn class(state: &str) -> &'static str {
    let known = STATES.iter().find(|(known, _)| *known == state);
    known.map_or("other", |(_, class)| class)
}

fn column(index: usize, phase: &Phase) -> Markup {
    html! {
        section.phase aria-labelledby={ "phase-" (index) } data-listed[phase.cards.is_some()] {
            h2 {
                span #{ "phase-" (index) } { (words(&phase.name)) }
                span.count { (phase.total()) }
            }
            @match &phase.cards {
                Some(cards) => ul { @for shown in cards { li { (card(shown)) } } },
                None => p.muted { "Not listed" },
            }
        }
    }
}

fn card(card: &Card) -> Markup {
    html! {
        article.card.(class(&card.state)) data-state=(card.state) data-owner=(card.owner.as_deref().unwrap_or_default()) data-waiting[card.waiting_days.is_some()] {
            h3 {
                @match &card.link {
                    Some(link) => a href=(link) { (name(&card.customer)) },
                    None => (name(&card.customer)),
                }
            }
            p { span.state { (words(&card.state)) } " · #" (card.number) }
            @if let Some(launch) = &card.launch {
                p.alarm[card.overdue_days.is_some()] {
                    "Launch " time datetime=(launch) { (launch) }
                    @if let Some(days) = card.overdue_days { ", overdue by " (in_days(days)) }
                }
            }
            @if let Some(days) = card.waiting_days {
                p { "Waiting on the customer for " (in_days(days)) }
            }
            p.muted { "Running for " (in_days(card.age_days)) }
            @if let Some(owner) = &card.owner { p.muted { "Owner " (name(owner)) } }
        }
    }
}

pub(crate) fn in_days(days: i64) -> String {
    match days {
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    }
}
