//! The onboardings of a board, with the names of their customers.

use std::collections::{BTreeMap, HashMap};

use jiff::tz::TimeZone;
use pivotal_export::accepts;
use pivotal_sdk::{
    Client, Customer, Onboarding, OnboardingPhase, OnboardingState, Result as SdkResult, Timestamp,
    Value, printable,
};
use pivotal_views::{Board, Card, Phase};

use crate::output::{RowKind, to_json};
use crate::report::{Failure, log};

/// The onboardings as rows.
pub(super) const ROWS: RowKind = RowKind {
    schema: "Onboarding",
    columns: &[],
    added: &[
        "customer_display_id",
        "customer_name",
        "age_days",
        "overdue_days",
        "waiting_days",
    ],
};

/// What a board shows.
pub(super) struct Read {
    client: Client,
    /// In the order in which they are shown.
    onboardings: Vec<Onboarding>,
    /// By ID.
    customers: HashMap<String, Customer>,
    /// How many rows could not be read.
    pub(super) invalid: usize,
    pub(super) now: Timestamp,
    /// Whether completed onboardings were asked for.
    lists_completed: bool,
}

/// Reads the onboardings, and then the customers until all of theirs have a name.
pub(super) async fn read(
    client: &Client,
    filters: &[(&'static str, String)],
    owner: Option<&str>,
    now: Timestamp,
) -> SdkResult<Read> {
    let mut call = client.onboardings().list();
    for (name, value) in filters {
        call = call.query(*name, value);
    }
    let mut onboardings = Vec::new();
    let mut customers = HashMap::new();
    let mut list = call.stream().results();
    while let Some(row) = list.try_next().await? {
        match row {
            Ok(row) if selected(&row, filters, owner) => {
                customers.insert(row.customer_id.clone(), None);
                onboardings.push(row);
            }
            Ok(_) => {}
            Err(invalid) => log(format_args!("error: {invalid}")),
        }
    }
    let mut missing = customers.len();
    let mut names = client.customers().list().stream().results();
    while missing > 0
        && let Some(row) = names.try_next().await?
    {
        if let Ok(customer) = row
            && let Some(found) = customers.get_mut(&customer.id)
        {
            missing -= 1;
            *found = Some(customer);
        }
    }
    onboardings.sort_by_cached_key(|row| {
        let launch = row.target_launch_date.unwrap_or(Timestamp::MAX);
        (row.phase.clone(), launch, row.display_id)
    });
    let found = |(id, customer): (String, Option<Customer>)| Some((id, customer?));
    Ok(Read {
        client: client.clone(),
        onboardings,
        customers: customers.into_iter().filter_map(found).collect(),
        invalid: list.invalid(),
        now,
        lists_completed: filters.iter().any(|(name, _)| *name == "phase"),
    })
}

fn selected(row: &Onboarding, filters: &[(&'static str, String)], owner: Option<&str>) -> bool {
    let fields = serde_json::json!({ "phase": row.phase, "customer_id": row.customer_id });
    accepts(filters, &fields) && (owner.is_none() || owner == row.csm_id.as_deref())
}

impl Read {
    /// The board, with text that can control neither a terminal nor the order of a line.
    pub(super) fn view(&self) -> Board {
        let mut by_phase: BTreeMap<&OnboardingPhase, Vec<&Onboarding>> = BTreeMap::new();
        if !self.lists_completed {
            by_phase.extend(
                OnboardingPhase::KNOWN
                    .iter()
                    .map(|phase| (phase, Vec::new())),
            );
        }
        for row in &self.onboardings {
            by_phase.entry(&row.phase).or_default().push(row);
        }
        let phases = by_phase.into_iter().map(|(phase, rows)| {
            let mut states: BTreeMap<&OnboardingState, usize> = BTreeMap::new();
            for row in &rows {
                *states.entry(&row.state).or_default() += 1;
            }
            let is_listed = self.lists_completed || *phase != OnboardingPhase::Completed;
            Phase {
                name: shown(phase.as_str()),
                states: states
                    .into_iter()
                    .map(|(state, count)| (shown(state.as_str()), count))
                    .collect(),
                cards: is_listed.then(|| rows.iter().map(|row| self.card(row)).collect()),
            }
        });
        Board {
            as_of: self.now.strftime("%Y-%m-%d %H:%M UTC").to_string(),
            phases: phases.collect(),
            ..Board::default()
        }
    }

    fn card(&self, row: &Onboarding) -> Card {
        let customer = self.customers.get(&row.customer_id);
        // A sandbox may have ended when the board is read.
        let has_app = !self.client.base_url().is_loopback();
        let day = |time: Timestamp| time.to_zoned(TimeZone::UTC).date();
        let days_since = |time: Timestamp| (self.now.duration_since(time).as_hours() / 24).max(0);
        let launch = row.target_launch_date.map(day);
        // On its day, a launch is not overdue yet.
        let late = launch.map(|launch| (day(self.now) - launch).get_days().into());
        let is_open = row.phase != OnboardingPhase::Completed;
        // It began at the latest with the last change.
        let waits_since = row.waiting_on_customer_since.unwrap_or(row.updated_at);
        Card {
            number: row.display_id,
            customer: shown(customer.map_or(&row.customer_id, |customer| &customer.name)),
            link: customer
                .filter(|_| has_app)
                .map(|customer| self.client.ui_url(customer)),
            state: shown(row.state.as_str()),
            owner: row.csm_id.as_deref().map(shown),
            age_days: days_since(row.started_at.unwrap_or(row.created_at)),
            launch: launch.map(|day| day.to_string()),
            overdue_days: late.filter(|days| is_open && *days > 0),
            waiting_days: row.waiting_on_customer.then(|| days_since(waits_since)),
        }
    }

    /// Rows of JSON, in the order of the board.
    pub(super) fn rows(&self) -> Result<Vec<Value>, Failure> {
        let row = |row: &Onboarding| {
            let customer = self.customers.get(&row.customer_id);
            let card = self.card(row);
            let mut json = to_json(ROWS.schema, row)?;
            json["customer_display_id"] = customer.map(|customer| customer.display_id).into();
            json["customer_name"] = customer.map(|customer| customer.name.as_str()).into();
            json["age_days"] = card.age_days.into();
            json["overdue_days"] = card.overdue_days.into();
            json["waiting_days"] = card.waiting_days.into();
            Ok(json)
        };
        self.onboardings.iter().map(row).collect()
    }
}

fn shown(text: &str) -> String {
    printable(text).into_owned()
}
