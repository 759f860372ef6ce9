//! The board as lines of text.

use std::borrow::Cow;
use std::io::{self, IsTerminal};

use comfy_table::ColumnConstraint;
use pivotal_export::counted;
use pivotal_views::{Board, Card, Phase};

use crate::output::{line, plain};

/// The columns. Without an owner on the board, the last one is left out.
const COLUMNS: [&str; 8] = [
    "NO", "CUSTOMER", "STATE", "AGE", "LAUNCH", "OVERDUE", "WAITING", "OWNER",
];

/// The columns that are cut if the terminal is too narrow.
const CUT: [&str; 2] = ["CUSTOMER", "OWNER"];

/// What remains at least of a column that is cut.
const LEAST: u16 = 12;

/// The columns that are left out, in this order, where those that are cut would have less than that.
const LEFT_OUT: [&str; 6] = ["OWNER", "AGE", "LAUNCH", "WAITING", "STATE", "OVERDUE"];

/// The lines of the board, as wide as the terminal, with colours if it is one.
pub(super) fn lines(board: &Board) -> Vec<String> {
    let paint = Paint::of_terminal();
    let cards: Vec<&Card> = board.cards().collect();
    let mut lines = vec![
        cut(&format!("As of {}", board.as_of)).into_owned(),
        cut(&facts(board, cards.len())).into_owned(),
        String::new(),
    ];
    let mut rows = table(&cards).into_iter();
    lines.extend(rows.next().filter(|_| !cards.is_empty()));
    for phase in &board.phases {
        lines.push(paint.bold(&cut(&heading(phase))));
        for (card, row) in phase.cards.iter().flatten().zip(&mut rows) {
            lines.push(paint.card(card, &row));
        }
    }
    lines
}

/// A text as wide as the terminal at most.
pub(super) fn cut(text: &str) -> Cow<'_, str> {
    let width = terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| width.0.into());
    match width {
        Some(width) if text.chars().count() > width => {
            let kept = text.chars().take(width.saturating_sub(1));
            kept.chain(['…']).collect::<String>().into()
        }
        _ => text.into(),
    }
}

/// The line of names, and a line per card.
fn table(cards: &[&Card]) -> Vec<String> {
    let has_owners = cards.iter().any(|card| card.owner.is_some());
    let count = COLUMNS.len() - usize::from(!has_owners);
    let mut table = plain();
    // Cuts between letters, not only between words.
    table.set_delimiter('\0');
    table.set_header(line(COLUMNS.into_iter().take(count).map(str::to_owned)));
    for card in cards {
        table.add_row(line(cells(card).into_iter().take(count)));
    }
    let widths = COLUMNS.into_iter().zip(table.column_max_content_widths());
    let shown = fitting(widths.collect(), table.width());
    for (name, column) in COLUMNS.iter().zip(table.column_iter_mut()) {
        if !shown.contains(name) {
            column.set_constraint(ColumnConstraint::Hidden);
        } else if !CUT.contains(name) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    table
        .lines()
        .map(|line| cut(line.trim_end()).into_owned())
        .collect()
}

/// The columns with room on a terminal, of those with content so wide.
fn fitting(mut columns: Vec<(&'static str, u16)>, terminal: Option<u16>) -> Vec<&'static str> {
    // With the spaces around a cell.
    let needed = |(name, width): &(&str, u16)| match CUT.contains(name) {
        true => LEAST.min(*width) + 2,
        false => width + 2,
    };
    for name in LEFT_OUT {
        let all: u16 = columns.iter().map(needed).sum();
        if terminal.is_none_or(|width| all <= width) {
            break;
        }
        columns.retain(|(column, _)| *column != name);
    }
    columns.into_iter().map(|(name, _)| name).collect()
}

fn cells(card: &Card) -> [String; 8] {
    let days = |days: Option<i64>| days.map_or(String::new(), |days| format!("{days} d"));
    [
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
fn facts(board: &Board, listed: usize) -> String {
    format!(
        "{}, {listed} listed, {} overdue, {} waiting on the customer",
        counted(board.total() as u64, "onboarding"),
        board.overdue(),
        board.waiting(),
    )
}

/// A phase with the numbers of its states.
fn heading(phase: &Phase) -> String {
    let name = phase.name.replace('_', " ").to_uppercase();
    let states = phase.states.iter();
    let states: Vec<_> = states
        .map(|(state, count)| format!("{count} {state}"))
        .collect();
    let (total, states) = (phase.total(), states.join(", "));
    match &phase.cards {
        _ if total == 0 => format!("{name}  0"),
        Some(_) => format!("{name}  {total}: {states}"),
        None => format!(
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
