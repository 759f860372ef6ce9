//! The board of onboardings.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, tz::TimeZone};
use pivotal_views::{Board, Card, Phase, ServedPage};

use super::{
    PAGE,
    text::{Fields, customer_link, shown},
};
use crate::{
    handlers::{LAST_PHASE, WAITING, is_in_state},
    state::Shared,
    store::{Kind, Row, Workspace},
};

pub(super) fn board(shared: &Shared, query: &Fields) -> ServedPage {
    let state = shared.lock();
    let (now, workspace) = (state.clock.now(), &state.workspaces[0]);
    let (wanted_state, wanted_phase) = (query.get("state"), query.get("phase"));
    // The phases in the order of the contract, then those that it does not have.
    let mut phases: Vec<&str> = shared.contract.values("Onboarding", "phase");
    let mut states: BTreeSet<&str> = BTreeSet::new();
    let mut by_phase: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    let rows = workspace.table(Kind::Onboarding).newest_first(None, None);
    for row in rows.filter(|row| workspace.is_listed(row)) {
        states.extend(row.record().text("state"));
        states.extend(row.record().flag("waiting_on_customer").then_some(WAITING));
        if is_in_state(wanted_state, row.record()) {
            let phase = row.record().text("phase").unwrap_or_default();
            by_phase.entry(phase).or_default().push(row);
        }
    }
    let others: Vec<_> = by_phase
        .keys()
        .filter(|phase| !phases.contains(phase))
        .copied()
        .collect();
    phases.extend(others.into_iter().take(PAGE));

    let mut notes = Vec::new();
    let mut phase = |name: &&str| {
        let mut rows = by_phase.remove::<str>(name).unwrap_or_default();
        rows.sort_by_cached_key(|row| {
            (
                time(row, "target_launch_date").unwrap_or(Timestamp::MAX),
                row.display_id,
            )
        });
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for row in &rows {
            *counts
                .entry(row.record().text("state").unwrap_or_default())
                .or_default() += 1;
        }
        let is_listed = wanted_phase == Some(name) || wanted_phase.is_none() && *name != LAST_PHASE;
        if is_listed && rows.len() > PAGE {
            let cut = format!("Only the first {PAGE} onboardings of each phase are listed.");
            notes = vec![cut];
        }
        Phase {
            name: shown(name),
            states: counts
                .into_iter()
                .map(|(state, count)| (shown(state), count))
                .collect(),
            cards: is_listed.then(|| {
                rows.iter()
                    .take(PAGE)
                    .map(|row| card(workspace, row, now))
                    .collect()
            }),
        }
    };
    let view = Board {
        as_of: now.strftime("%Y-%m-%d %H:%M UTC").to_string(),
        phases: phases.iter().map(&mut phase).collect(),
        notes,
        ..Board::default()
    };
    let choices = [
        query.choice("state", "State", "All", states),
        query.choice("phase", "Phase", "All but completed", phases),
    ];
    drop(state);
    view.served(&choices)
}

/// An onboarding as lists show it.
pub(super) fn card(workspace: &Workspace, row: &Row, now: Timestamp) -> Card {
    let record = row.record();
    let customer = (row.customer).map(|index| workspace.row(Kind::Customer, index));
    let name = customer.and_then(|customer| customer.record().text("name"));
    let link = |row: &Row| customer_link(row.display_id, row.record().text("slug"));
    let day = |time: Timestamp| time.to_zoned(TimeZone::UTC).date();
    let launch = time(row, "target_launch_date").map(day);
    let late = launch.map(|launch| (day(now) - launch).get_days().into());
    let is_open = record.text("phase") != Some(LAST_PHASE);
    // Without a time, it began at the latest with the last change.
    let since = time(row, "waiting_on_customer_since").or(time(row, "updated_at"));
    let since = since.filter(|_| record.flag("waiting_on_customer"));
    Card {
        number: row.display_id.cast_signed(),
        customer: shown(name.unwrap_or_default()),
        link: customer.map(link),
        state: shown(record.text("state").unwrap_or_default()),
        owner: record.text("csm_id").map(shown),
        age_days: days(time(row, "started_at").unwrap_or(row.created_at), now),
        launch: launch.map(|day| day.to_string()),
        overdue_days: late.filter(|days| is_open && *days > 0),
        waiting_days: since.map(|since| days(since, now)),
    }
}

fn time(row: &Row, key: &str) -> Option<Timestamp> {
    row.record().text(key)?.parse().ok()
}

fn days(since: Timestamp, now: Timestamp) -> i64 {
    (now.duration_since(since).as_hours() / 24).max(0)
}
