//! The board as lines of text.

use std::io::{self, IsTerminal};

use pivotal_views::{Board, Card, Phase};

use crate::output::{line, plain};

/// The lines of the board, as wide as the terminal, with colours if it is one.
pub(super) fn lines(board: &Board) -> Vec<String> {
    let paint = Paint::of_terminal();
    let cards: Vec<&Card> = board
        .phases
        .iter()
        .filter_map(|phase| phase.cards.as_ref())
        .flatten()
        .collect();
    let has_owners = cards.iter().any(|card| card.owner.is_some());
    let mut table = plain();
    table.set_header(line(cells(
        [
            "", "NUMBER", "CUSTOMER", "STATE", "AGE", "LAUNCH", "OVERDUE", "WAITING", "OWNER",
        ],
        has_owners,
    )));
    for card in &cards {
        table.add_row(line(cells(
            row(card).each_ref().map(String::as_str),
            has_owners,
        )));
    }
    let mut rows = table.lines().map(|line| line.trim_end().to_owned());
    let mut lines = vec![facts(board, &cards), String::new()];
    lines.extend(rows.next().filter(|_| !cards.is_empty()));
    for phase in &board.phases {
        lines.push(paint.bold(&heading(phase)));
        for (card, row) in phase.cards.iter().flatten().zip(&mut rows) {
            lines.push(paint.card(card, &row));
        }
    }
    lines
}

fn cells<'a>(cells: [&'a str; 9], has_owners: bool) -> impl Iterator<Item = String> + use<'a> {
    let count = if has_owners { 9 } else { 8 };
    cells.into_iter().take(count).map(str::to_owned)
}

fn row(card: &Card) -> [String; 9] {
    let days = |days: Option<i64>| days.map_or(String::new(), |days| format!("{days} d"));
    [
        String::new(),
        card.number.to_string(),
        card.customer.clone(),
        card.state.clone(),
        days(Some(card.age_days)),
        card.launch.clone().unwrap_or_default(),
        days(card.overdue_days),
        days(card.waiting_days),
        card.owner.clone().unwrap_or_default(),
    ]
}

/// The numbers of the whole board.
fn facts(board: &Board, cards: &[&Card]) -> String {
    let overdue = cards
        .iter()
        .filter(|card| card.overdue_days.is_some())
        .count();
    let waiting = cards
        .iter()
        .filter(|card| card.waiting_days.is_some())
        .count();
    format!(
        "{}: {} onboardings, {} listed, {overdue} overdue, {waiting} waiting on the customer",
        board.as_of,
        board.phases.iter().map(Phase::total).sum::<usize>(),
        cards.len(),
    )
}

/// A phase with the numbers of its states.
fn heading(phase: &Phase) -> String {
    let name = phase.name.replace('_', " ").to_uppercase();
    let states: Vec<_> = phase
        .states
        .iter()
        .map(|(state, count)| format!("{count} {state}"))
        .collect();
    let total = phase.total();
    match (states.join(", "), &phase.cards) {
        (states, _) if states.is_empty() => format!("{name}  0"),
        (states, Some(_)) => format!("{name}  {total}: {states}"),
        (states, None) => format!(
            "{name}  {total}: {states} (list them with --phase {})",
            phase.name
        ),
    }
}

/// Colours of lines.
struct Paint(bool);

impl Paint {
    /// Colours only at a terminal, and not with NO_COLOR.
    fn of_terminal() -> Self {
        let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        Self(io::stdout().is_terminal() && !is_set("NO_COLOR") && !is_dumb)
    }

    fn bold(&self, text: &str) -> String {
        self.paint("1", text)
    }

    fn card(&self, card: &Card, text: &str) -> String {
        match card.state.as_str() {
            _ if card.overdue_days.is_some() => self.paint("31", text),
            "at_risk" => self.paint("33", text),
            "waiting" => self.paint("36", text),
            "paused" => self.paint("2", text),
            _ => text.to_owned(),
        }
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.0 {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}
