//! The past calls of a workspace, in chronological order.

use std::{collections::HashSet, sync::LazyLock};

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{
    clock::{iso, shift},
    random::Random,
};

const CUSTOMERS: usize = 48;
/// One customer in this many is a duplicate of another.
const DUPLICATE_EVERY: usize = 12;
/// The age of the first customer.
const SPAN_DAYS: i64 = 540;

/// Phases in order, and states. Their counts have no common divisor, so cycling through both gives
/// all pairs.
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

/// The words from which rows are generated.
#[derive(Deserialize)]
struct Words {
    companies: Vec<String>,
    trades: Vec<String>,
    /// Suffixes of duplicate companies.
    forms: Vec<String>,
    first_names: Vec<String>,
    last_names: Vec<String>,
    /// Titles, each with a matching label.
    titles: Vec<(String, String)>,
    /// Plans, each with its lowest monthly price in cents.
    plans: Vec<(String, u64)>,
    notes: Vec<String>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    serde_json::from_str(include_str!("words.json")).expect("the words are JSON of this form")
});

/// A past call of an operation.
#[derive(Debug)]
pub(super) struct Event {
    pub(super) at: Timestamp,
    pub(super) operation: &'static str,
    /// A customer by `display_id`, or an onboarding by its number in this history.
    pub(super) subject: u64,
    pub(super) fields: Map<String, Value>,
}

/// Generates a history that ends before `newest`.
pub(super) fn generate(random: Random, newest: Timestamp) -> Vec<Event> {
    let mut generator = Generator {
        random,
        newest,
        events: Vec::new(),
        emails: HashSet::new(),
        onboardings: 0,
    };
    let mut companies: Vec<Company> = Vec::new();
    let first = generator.random.below(WORDS.companies.len() as u64) as usize;
    for number in 0..CUSTOMERS {
        let duplicate = number % DUPLICATE_EVERY == DUPLICATE_EVERY - 1;
        let company = if duplicate {
            let earlier = generator.random.below(DUPLICATE_EVERY as u64 - 1) as usize;
            let round = number / DUPLICATE_EVERY;
            companies[round * DUPLICATE_EVERY + earlier].duplicate(round)
        } else {
            Company::new(first + number, number / WORDS.companies.len())
        };
        generator.customer(number, &company);
        companies.push(company);
    }
    // The sort is stable, so calls of the same time keep their order.
    generator.events.sort_by_key(|event| event.at);
    generator.events
}

struct Company {
    name: String,
    domain: String,
}

impl Company {
    /// Different numbers or rounds give different names.
    fn new(number: usize, round: usize) -> Self {
        let name = &WORDS.companies[number % WORDS.companies.len()];
        let trade = &WORDS.trades[(number * 5 + round * 7) % WORDS.trades.len()];
        let host = format!("{name}{trade}").to_lowercase().replace(' ', "");
        Self {
            name: format!("{name} {trade}"),
            domain: format!("{host}.com"),
        }
    }

    /// The same company, entered again by another person.
    fn duplicate(&self, times: usize) -> Self {
        Self {
            name: format!("{} {}", self.name, WORDS.forms[times % WORDS.forms.len()]),
            domain: self.domain.clone(),
        }
    }
}

struct Generator {
    random: Random,
    newest: Timestamp,
    events: Vec<Event>,
    emails: HashSet<String>,
    onboardings: u64,
}

impl Generator {
    fn event(&mut self, at: Timestamp, operation: &'static str, subject: u64, fields: Value) {
        if let Value::Object(fields) = fields {
            self.events.push(Event {
                at,
                operation,
                subject,
                fields,
            });
        }
    }

    fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.random.below(list.len() as u64) as usize]
    }

    /// The creation time of a customer, within a time slot of its own, so that customers are
    /// created in the order of their numbers.
    fn creation_time(&mut self, number: usize) -> Timestamp {
        let slot = SPAN_DAYS * 86_400_000 / CUSTOMERS as i64;
        let before_newest = slot * (CUSTOMERS - number) as i64;
        let within = self.random.below(slot as u64 / 2) as i64;
        shift(
            self.newest,
            SignedDuration::from_millis(within - before_newest),
        )
    }

    fn customer(&mut self, number: usize, company: &Company) {
        let display_id = number as u64 + 1;
        let at = self.creation_time(number);
        let (plan, least) = self.pick(&WORDS.plans);
        let mrr = least + self.random.below(40) * 500;
        let orders = mrr / 100 * (3 + self.random.below(9));
        let mut fields = json!({ "name": company.name, "domain": company.domain });
        // Not every customer has bought yet or connected every tool.
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
        self.event(at, "create-customer", display_id, fields);
        for rank in 0..1 + self.random.below(4) {
            self.contact(at, display_id, rank, &company.domain);
        }
        self.onboarding(at, number, display_id);
        // Every fifth has an earlier, completed onboarding.
        if number.is_multiple_of(5) && number < CUSTOMERS / 2 {
            let started = shift(at, SignedDuration::from_hours(6));
            self.walk(started, display_id, PHASES.len() - 1, "active");
        }
    }

    fn contact(&mut self, after: Timestamp, customer: u64, rank: u64, domain: &str) {
        let (name, email) = loop {
            let (first, last) = (self.pick(&WORDS.first_names), self.pick(&WORDS.last_names));
            let email = format!("{first}.{last}@{domain}").to_lowercase();
            if self.emails.insert(email.clone()) {
                break (format!("{first} {last}"), email);
            }
        };
        let (title, label) = self.pick(&WORDS.titles);
        let mut fields =
            json!({ "name": name, "email": email, "is_primary": rank == 0, "labels": [label] });
        if self.random.chance(0.8) {
            fields["title"] = json!(title);
        }
        let minutes = 5 + rank as i64 * 20 + self.random.below(15) as i64;
        let at = shift(after, SignedDuration::from_mins(minutes));
        self.event(at, "create-customer-contact", customer, fields);
    }

    /// The current or last onboarding of a customer.
    fn onboarding(&mut self, created: Timestamp, number: usize, customer: u64) {
        let (phase, state) = (number % PHASES.len(), STATES[number % STATES.len()]);
        let hours = 2 + self.random.below(72) as i64;
        let started = shift(created, SignedDuration::from_hours(hours));
        let finished = self.walk(started, customer, phase, state);
        if phase == PHASES.len() - 1 {
            let status = match number % 3 {
                0 => "at_risk",
                1 => "churned",
                _ => "active",
            };
            let at = self.between(finished, 0.5);
            let fields = json!({ "status": status });
            self.event(at, "update-customer", customer, fields);
        }
    }

    /// Takes an onboarding through its phases up to `last` and leaves it in `state`. Returns the
    /// time of its last change.
    fn walk(&mut self, started: Timestamp, customer: u64, last: usize, state: &str) -> Timestamp {
        let number = self.onboardings;
        self.onboardings += 1;
        let days = 30 + self.random.below(90) as i64;
        let launch = shift(started, SignedDuration::from_hours(24 * days));
        let day = iso(launch)[..10].to_owned();
        let mut fields = json!({
            "customer_id": customer.to_string(),
            "target_launch_date": format!("{day}T00:00:00.000Z"),
        });
        if self.random.chance(0.4) {
            fields["notes"] = json!(self.pick(&WORDS.notes));
        }
        self.event(started, "create-onboarding", number, fields);
        let mut at = started;
        for (step, phase) in PHASES.iter().enumerate().take(last + 1).skip(1) {
            let share = 0.8 / (last + 1 - step) as f64;
            at = self.between(at, share.min(0.3));
            self.event(at, "update-onboarding", number, json!({ "phase": phase }));
        }
        if state != "active" {
            at = self.between(at, 0.3);
            self.event(at, "update-onboarding", number, json!({ "state": state }));
        }
        at
    }

    /// A random time after `at`, within this share of the time up to the newest.
    fn between(&mut self, at: Timestamp, share: f64) -> Timestamp {
        let left = self.newest.duration_since(at).as_millis() as f64 * share;
        let later = 1 + self.random.below(left as u64 + 1) as i64;
        shift(at, SignedDuration::from_millis(later))
    }
}
