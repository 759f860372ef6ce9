//! The calls that a workspace has seen, in order of time.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::words::{COMPANIES, FIRST_NAMES, FORMS, LAST_NAMES, NOTES, PLANS, TITLES, TRADES};
use crate::{
    clock::{iso, moved},
    random::Random,
};

/// Customers of a workspace.
const CUSTOMERS: usize = 48;
/// Of that many customers, one is a company that is there already.
const EACH_IS_DOUBLE: usize = 12;
/// How far back the first customer goes.
const SPAN_DAYS: i64 = 540;

/// Phases in order, and states. Their numbers share no divisor: taken in turn, all pairs come up.
const PHASES: [&str; 7] = [
    "before_getting_started",
    "program_design",
    "review",
    "program_buildout",
    "internal_qa",
    "launch",
    "completed",
];
const STATES: [&str; 4] = ["active", "waiting", "at_risk", "paused"];

/// A call of the past.
#[derive(Debug)]
pub(super) struct Event {
    pub(super) at: Timestamp,
    pub(super) act: Act,
    pub(super) fields: Map<String, Value>,
}

/// What was called. Customers are named by `display_id`, onboardings by their number in this
/// history.
#[derive(Debug)]
pub(super) enum Act {
    CreateCustomer,
    UpdateCustomer { customer: u64 },
    CreateContact { customer: u64 },
    CreateOnboarding { number: usize },
    UpdateOnboarding { number: usize },
}

/// Writes a history that ends before `newest`.
pub(super) fn write(random: Random, newest: Timestamp) -> Vec<Event> {
    let mut writer = Writer {
        random,
        newest,
        events: Vec::new(),
        emails: HashSet::new(),
        onboardings: 0,
    };
    let mut companies: Vec<Company> = Vec::new();
    let first = writer.random.below(COMPANIES.len() as u64) as usize;
    for number in 0..CUSTOMERS {
        let double = number % EACH_IS_DOUBLE == EACH_IS_DOUBLE - 1;
        let company = if double {
            let earlier = writer.random.below(EACH_IS_DOUBLE as u64 - 1) as usize;
            let round = number / EACH_IS_DOUBLE;
            companies[round * EACH_IS_DOUBLE + earlier].once_more(round)
        } else {
            Company::new(first + number, number / COMPANIES.len())
        };
        writer.customer(number, &company);
        companies.push(company);
    }
    // Stable: what belongs together and shares a time keeps its order.
    writer.events.sort_by_key(|event| event.at);
    writer.events
}

struct Company {
    name: String,
    domain: String,
}

impl Company {
    /// Names do not repeat as long as `number` or `round` differ.
    fn new(number: usize, round: usize) -> Self {
        let name = COMPANIES[number % COMPANIES.len()];
        let trade = TRADES[(number * 5 + round * 7) % TRADES.len()];
        let host = format!("{name}{trade}").to_lowercase().replace(' ', "");
        Self {
            name: format!("{name} {trade}"),
            domain: format!("{host}.com"),
        }
    }

    /// The same company, entered again by somebody else.
    fn once_more(&self, times: usize) -> Self {
        Self {
            name: format!("{} {}", self.name, FORMS[times % FORMS.len()]),
            domain: self.domain.clone(),
        }
    }
}

struct Writer {
    random: Random,
    newest: Timestamp,
    events: Vec<Event>,
    emails: HashSet<String>,
    onboardings: usize,
}

impl Writer {
    fn event(&mut self, at: Timestamp, act: Act, fields: Value) {
        let Value::Object(fields) = fields else {
            return;
        };
        self.events.push(Event { at, act, fields });
    }

    fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.random.below(list.len() as u64) as usize]
    }

    /// A moment of the slot that customer `number` is created in. The slots follow one another, so
    /// customers are created in the order of their numbers.
    fn founded(&mut self, number: usize) -> Timestamp {
        let slot = SPAN_DAYS * 86_400_000 / CUSTOMERS as i64;
        let before_newest = slot * (CUSTOMERS - number) as i64;
        let within = self.random.below(slot as u64 / 2) as i64;
        moved(
            self.newest,
            SignedDuration::from_millis(within - before_newest),
        )
    }

    fn customer(&mut self, number: usize, company: &Company) {
        let display_id = number as u64 + 1;
        let at = self.founded(number);
        let (plan, least) = *self.pick(&PLANS);
        let mrr = least + self.random.below(40) * 500;
        let orders = mrr / 100 * (3 + self.random.below(9));
        let mut fields = json!({ "name": company.name, "domain": company.domain });
        // Not everyone has bought yet, and not every tool is connected.
        if self.random.chance(0.85) {
            fields["plan"] = json!(plan);
            fields["mrr"] = json!(mrr);
            fields["monthly_orders"] = json!(orders);
            fields["stripe_customer_id"] =
                json!(format!("cus_{:014x}", self.random.below(1 << 56)));
        }
        if self.random.chance(0.7) {
            let company = 10_000_000_000 + self.random.below(9_000_000_000);
            fields["hubspot_company_id"] = json!(company.to_string());
            fields["hubspot_deal_id"] = json!((company + 17).to_string());
        }
        if self.random.chance(0.5) {
            fields["slack_channel_id"] = json!(format!("C{:010X}", self.random.below(1 << 40)));
        }
        self.event(at, Act::CreateCustomer, fields);
        for rank in 0..1 + self.random.below(4) {
            self.contact(at, display_id, rank, &company.domain);
        }
        self.onboarding(at, number, display_id);
        // Every fifth has been here before: an onboarding that is over.
        if number.is_multiple_of(5) && number < CUSTOMERS / 2 {
            let started = moved(at, SignedDuration::from_hours(6));
            self.walk(started, display_id, PHASES.len() - 1, "active");
        }
    }

    fn contact(&mut self, after: Timestamp, customer: u64, rank: u64, domain: &str) {
        let (name, email) = loop {
            let (first, last) = (*self.pick(&FIRST_NAMES), *self.pick(&LAST_NAMES));
            let email = format!("{first}.{last}@{domain}").to_lowercase();
            if self.emails.insert(email.clone()) {
                break (format!("{first} {last}"), email);
            }
        };
        let (title, label) = *self.pick(&TITLES);
        let mut fields =
            json!({ "name": name, "email": email, "is_primary": rank == 0, "labels": [label] });
        if self.random.chance(0.8) {
            fields["title"] = json!(title);
        }
        let minutes = 5 + rank as i64 * 20 + self.random.below(15) as i64;
        let at = moved(after, SignedDuration::from_mins(minutes));
        self.event(at, Act::CreateContact { customer }, fields);
    }

    /// The onboarding that a customer is in now, or has behind it.
    fn onboarding(&mut self, founded: Timestamp, number: usize, customer: u64) {
        let (phase, state) = (number % PHASES.len(), STATES[number % STATES.len()]);
        let hours = 2 + self.random.below(72) as i64;
        let started = moved(founded, SignedDuration::from_hours(hours));
        let arrived = self.walk(started, customer, phase, state);
        if phase == PHASES.len() - 1 {
            let status = match number % 3 {
                0 => "at_risk",
                1 => "churned",
                _ => "active",
            };
            let at = self.between(arrived, 0.5);
            self.event(
                at,
                Act::UpdateCustomer { customer },
                json!({ "status": status }),
            );
        }
    }

    /// Walks an onboarding through its phases up to `last`, leaves it in `state`, and tells when it
    /// got there.
    fn walk(&mut self, started: Timestamp, customer: u64, last: usize, state: &str) -> Timestamp {
        let number = self.onboardings;
        self.onboardings += 1;
        let days = 30 + self.random.below(90) as i64;
        let launch = moved(started, SignedDuration::from_hours(24 * days));
        let day = iso(launch)[..10].to_owned();
        let mut fields = json!({
            "customer_id": customer.to_string(),
            "target_launch_date": format!("{day}T00:00:00.000Z"),
        });
        if self.random.chance(0.4) {
            fields["notes"] = json!(*self.pick(&NOTES));
        }
        self.event(started, Act::CreateOnboarding { number }, fields);
        let mut at = started;
        for (step, phase) in PHASES.iter().enumerate().take(last + 1).skip(1) {
            let share = 0.8 / (last + 1 - step) as f64;
            at = self.between(at, share.min(0.3));
            self.event(
                at,
                Act::UpdateOnboarding { number },
                json!({ "phase": phase }),
            );
        }
        if state != "active" {
            at = self.between(at, 0.3);
            self.event(
                at,
                Act::UpdateOnboarding { number },
                json!({ "state": state }),
            );
        }
        at
    }

    /// A time after `at`, at most this share of the way to the newest.
    fn between(&mut self, at: Timestamp, share: f64) -> Timestamp {
        let left = self.newest.duration_since(at).as_millis() as f64 * share;
        let later = 1 + self.random.below(left as u64 + 1) as i64;
        moved(at, SignedDuration::from_millis(later))
    }
}
