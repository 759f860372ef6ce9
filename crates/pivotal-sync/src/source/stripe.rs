//! Stripe: its customers, with the monthly recurring revenue of their active subscriptions.

use std::time::Duration;

use pivotal_runtime::Operation;
use serde_json::Value;

use super::http::{Body, Failed, Http, HttpOptions, Service, get, list, shown, text, update};
use super::mrr::monthly;
use super::pages::Page;
use super::{ColumnsUsed, Record};
use crate::config::{Problem, SourceOptions};
use crate::error::{Error, Result};
use crate::field::Values;

static SERVICE: Service = Service {
    name: "Stripe",
    base_url: "https://api.stripe.com",
    key_variable: "STRIPE_API_KEY",
    base_url_variable: "STRIPE_BASE_URL",
    // Without it, the version that the account was set to would apply.
    header: Some(("stripe-version", "2026-08-26.dahlia")),
    window: Duration::from_secs(1),
    transport: |transport| transport,
    message: |body| body.get("error")?.get("message")?.as_str(),
};

static CUSTOMERS: Operation = get("stripe_customers", "/v1/customers");
static SUBSCRIPTIONS: Operation = get("stripe_subscriptions", "/v1/subscriptions");
static UPDATE: Operation = update("stripe_update_customer", "/v1/customers/{id}");

/// The customers of an account.
pub(crate) struct Stripe {
    http: Http,
    /// The currency of the column `mrr`, if that is used.
    currency: Option<String>,
    allow_unknown_mrr: bool,
}

impl Stripe {
    pub(super) fn new(
        options: &SourceOptions,
        http: &HttpOptions,
        used: &ColumnsUsed,
    ) -> Result<Self> {
        let currency = match (used.of_record.contains("mrr"), &options.currency) {
            (false, _) => None,
            (true, Some(currency)) => Some(currency.to_lowercase()),
            (true, None) => {
                return Err(Error::unusable(
                    "[source]: the column mrr needs `currency`, such as \"usd\": amounts in others are not converted",
                ));
            }
        };
        Ok(Self {
            http: Http::new(&SERVICE, options, http)?,
            currency,
            allow_unknown_mrr: options.allow_unknown_mrr,
        })
    }

    /// A page of customers. Subscriptions come with their customers, so that the two lists need not
    /// be joined, and a list that breaks off makes no revenue too low.
    pub(super) async fn page(&mut self, after: Option<&str>) -> Result<Page, Failed> {
        let mut query = vec![("limit", "100")];
        if self.currency.is_some() {
            query.push(("expand[]", "data.subscriptions"));
        }
        query.extend(after.map(|after| ("starting_after", after)));
        let body = self.http.get(&CUSTOMERS, CUSTOMERS.path, &query).await?;
        let mut records = Vec::new();
        for customer in list(&body, "data")? {
            records.push(self.record(customer).await?);
        }
        let last = records.last().map(|row: &Record| row.position.to_string());
        Ok(Page {
            // Without a row, the walk notices that it cannot go on.
            next: has_more(&body)?.then(|| last.unwrap_or_default()),
            records,
            incomplete: None,
        })
    }

    async fn record(&self, customer: &Value) -> Result<Record, Failed> {
        let id = text(customer, "id")?;
        let mut values = Values::new();
        let members = customer.as_object().into_iter().flatten();
        for (name, value) in members.filter(|(name, _)| *name != "subscriptions") {
            flatten(&mut values, name, value);
        }
        let mut problem = None;
        if let Some(currency) = &self.currency {
            let mrr = self.mrr(customer, id, currency).await?;
            values.insert("mrr".to_owned(), mrr.as_ref().ok().copied().into());
            let unknown = mrr.err().filter(|_| !self.allow_unknown_mrr);
            problem = unknown.map(|reason| Problem::invalid_value("mrr", reason));
        }
        Ok(Record::with_id(id, values, problem))
    }

    /// The revenue of a customer in the smallest unit of the currency, or why it is unknown.
    async fn mrr(
        &self,
        customer: &Value,
        id: &str,
        currency: &str,
    ) -> Result<Result<i64, String>, Failed> {
        let subscriptions = customer.get("subscriptions");
        let subscriptions =
            subscriptions.ok_or("a customer has no `subscriptions`; may the key read them?")?;
        if !has_more(subscriptions)? {
            return Ok(monthly(list(subscriptions, "data")?, currency));
        }
        // The list of customers has the first ten of each.
        let mut all = Vec::new();
        loop {
            let last = all.last().map(|last| text(last, "id")).transpose()?;
            let mut query = vec![("limit", "100"), ("status", "active"), ("customer", id)];
            query.extend(last.map(|last| ("starting_after", last)));
            let body = self
                .http
                .get(&SUBSCRIPTIONS, SUBSCRIPTIONS.path, &query)
                .await?;
            let rows = list(&body, "data")?;
            let more = has_more(&body)?;
            if more && rows.is_empty() {
                return Err(format!("the subscriptions of {} do not end", shown(id)).into());
            }
            all.extend_from_slice(rows);
            if !more {
                break;
            }
        }
        Ok(monthly(&all, currency))
    }

    /// Sets a key of the metadata of a customer.
    pub(super) async fn set(&self, key: &str, id: &str, value: &str) -> Result<(), Failed> {
        let path = format!("/v1/customers/{}", pivotal_runtime::encode_path(id));
        let pair = format!("metadata[{key}]");
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair(&pair, value)
            .finish();
        self.http.post(&UPDATE, &path, Body::Form(form)).await?;
        Ok(())
    }
}

fn has_more(body: &Value) -> Result<bool, Failed> {
    let more = body.get("has_more").and_then(Value::as_bool);
    more.ok_or_else(|| "the response does not say whether it has_more".into())
}

/// Adds the members of objects as columns, such as `metadata.plan`. Lists are left out.
fn flatten(values: &mut Values, name: &str, value: &Value) {
    match value {
        Value::Object(members) => {
            for (member, value) in members {
                flatten(values, &format!("{name}.{member}"), value);
            }
        }
        Value::Array(_) => {}
        _ => {
            values.insert(name.to_owned(), value.clone());
        }
    }
}
