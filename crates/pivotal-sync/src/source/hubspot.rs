//! HubSpot: its companies, with their contacts, owners and closed-won deals.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use jiff::Timestamp;
use pivotal_runtime::{BoxFuture, Failure, Operation, Transport};
use pivotal_sdk::{Bytes, HeaderMap, StatusCode, reqwest};
use serde_json::{Value, json};

use super::http::{Body, Failed, Http, HttpOptions, Service, get, list, read, shown, text, update};
use super::pages::Page;
use super::{ColumnsUsed, Record};
use crate::config::SourceOptions;
use crate::error::Result;
use crate::field::{Values, text_of};

/// HubSpot's maximum for pages and batches.
pub(crate) const BATCH: usize = 100;

static SERVICE: Service = Service {
    name: "HubSpot",
    base_url: "https://api.hubapi.com",
    key_variable: "HUBSPOT_TOKEN",
    base_url_variable: "HUBSPOT_BASE_URL",
    header: None,
    window: Duration::from_secs(10),
    transport: |transport| Arc::new(RateLimits(transport)),
    message,
};

// The dated paths are those that HubSpot does not retire in 2027. Owners have no dated path in its
// documents, and associations beyond the first page only the one of v4.
static COMPANIES: Operation = get("hubspot_companies", "/crm/objects/2026-09/companies");
static CONTACTS: Operation = read(
    "hubspot_contacts",
    "/crm/objects/2026-09/contacts/batch/read",
);
static DEALS: Operation = read("hubspot_deals", "/crm/objects/2026-09/deals/batch/read");
static OWNERS: Operation = get("hubspot_owners", "/crm/v3/owners");
static ASSOCIATIONS: Operation = get(
    "hubspot_associations",
    "/crm/v4/objects/companies/{id}/associations/{type}",
);
static UPDATE: Operation = update(
    "hubspot_update_companies",
    "/crm/objects/2026-09/companies/batch/update",
);

const CONTACT_COLUMNS: [&str; 4] = ["email", "firstname", "lastname", "jobtitle"];
const DEAL_PREFIX: &str = "closed_won_deal_";
const DEAL_PROPERTIES: [&str; 5] = [
    "dealname",
    "amount",
    "closedate",
    "hubspot_owner_id",
    "hs_is_closed_won",
];

/// The companies of an account.
pub(crate) struct Hubspot {
    http: Http,
    /// The properties to ask for.
    properties: BTreeSet<String>,
    contact_properties: Option<BTreeSet<String>>,
    deals: bool,
    owner_email: bool,
    /// The e-mail addresses of the owners, by ID; read with the first page that needs them.
    owners: Option<HashMap<String, String>>,
}

impl Hubspot {
    pub(super) fn new(
        options: &SourceOptions,
        http: &HttpOptions,
        used: &ColumnsUsed,
    ) -> Result<Self> {
        let mut properties = used.of_record.clone();
        properties.remove("id");
        let contacts = properties.remove("contacts");
        let owner_email = properties.remove("owner_email");
        let deals = properties.iter().any(|name| name.starts_with(DEAL_PREFIX));
        properties.retain(|name| !name.starts_with(DEAL_PREFIX));
        if owner_email {
            properties.insert("hubspot_owner_id".to_owned());
        }
        let contact_properties = contacts.then(|| {
            let mut columns = used.of_contact.clone();
            columns.remove("id");
            if columns.is_empty() {
                columns.extend(CONTACT_COLUMNS.map(str::to_owned));
            }
            columns
        });
        let owners_needed = owner_email || used.of_record.contains("closed_won_deal_owner_email");
        Ok(Self {
            http: Http::new(&SERVICE, options, http)?,
            properties,
            contact_properties,
            deals,
            owner_email,
            owners: (!owners_needed).then(HashMap::new),
        })
    }

    /// A page of companies. What could not be read of one is in `incomplete` of the page.
    pub(super) async fn page(&mut self, after: Option<&str>) -> Result<Page, Failed> {
        if self.owners.is_none() {
            self.owners = Some(self.read_owners().await?);
        }
        let associations: Vec<_> = [
            self.contact_properties.as_ref().map(|_| "contacts"),
            self.deals.then_some("deals"),
        ]
        .into_iter()
        .flatten()
        .collect();
        let properties: Vec<_> = self.properties.iter().map(String::as_str).collect();
        let (properties, association_names) = (properties.join(","), associations.join(","));
        let mut query = vec![("limit", "100")];
        if !properties.is_empty() {
            query.push(("properties", &properties));
        }
        if !associations.is_empty() {
            query.push(("associations", &association_names));
        }
        query.extend(after.map(|after| ("after", after)));
        let body = self.http.get(&COMPANIES, COMPANIES.path, &query).await?;
        let companies = list(&body, "results")?;

        let mut associated = Vec::new();
        for company in companies {
            let mut ids = BTreeMap::new();
            for &kind in &associations {
                ids.insert(kind, self.associated(company, kind).await?);
            }
            associated.push(ids);
        }
        let of_kind = |kind: &str| -> BTreeSet<String> {
            let lists = associated.iter().filter_map(|ids| ids.get(kind));
            lists.flatten().cloned().collect()
        };
        let mut incomplete = None;
        let properties = self.contact_properties.iter().flatten();
        let properties: Vec<_> = properties.map(String::as_str).collect();
        let contacts = self
            .batch_read(&CONTACTS, of_kind("contacts"), &properties, &mut incomplete)
            .await?;
        let deals = self
            .batch_read(&DEALS, of_kind("deals"), &DEAL_PROPERTIES, &mut incomplete)
            .await?;

        let mut records = Vec::with_capacity(companies.len());
        for (company, ids) in companies.iter().zip(associated) {
            let id = text(company, "id")?;
            let mut values = self.company(company, id)?;
            if let Some(ids) = ids.get("contacts") {
                let found = ids.iter().filter_map(|id| contacts.get(id));
                let found = found.cloned().map(Value::Object).collect();
                values.insert("contacts".to_owned(), Value::Array(found));
            }
            if let Some(ids) = ids.get("deals") {
                let won = ids.iter().filter_map(|id| deals.get(id));
                values.extend(self.closed_won(won));
            }
            records.push(Record::with_id(id, values, None));
        }
        Ok(Page {
            records,
            next: next(&body)?,
            incomplete,
        })
    }

    /// The columns of a company itself.
    fn company(&self, company: &Value, id: &str) -> Result<Values, Failed> {
        let properties = properties(company)?;
        let mut values = Values::new();
        values.insert("id".to_owned(), id.into());
        for name in &self.properties {
            // A property that the account does not have is missing; without a value it is null.
            if let Some(value) = properties.get(name) {
                values.insert(name.clone(), value.clone());
            }
        }
        if self.owner_email {
            let email = self.email(properties.get("hubspot_owner_id"));
            values.insert("owner_email".to_owned(), email);
        }
        Ok(values)
    }

    /// The columns of the closed-won deal, which are null without one. Of several it is the one that
    /// was closed first: that made the company a customer. Later ones are renewals and extensions,
    /// and an onboarding that depends on the deal must not begin again with each of them.
    fn closed_won<'a>(&self, deals: impl Iterator<Item = &'a Values>) -> Values {
        let closed_at =
            |deal: &Values| -> Option<Timestamp> { text_of(deal, "closedate")?.parse().ok() };
        let is_won = |deal: &&Values| text_of(deal, "hs_is_closed_won") == Some("true");
        let first = deals
            .filter(is_won)
            .min_by_key(|deal| (closed_at(deal).is_none(), closed_at(deal)));
        let of = |name: &str| {
            let value = first.and_then(|deal| deal.get(name));
            value.cloned().unwrap_or_default()
        };
        let columns = [
            ("id", of("id")),
            ("name", of("dealname")),
            ("amount", of("amount")),
            ("closed_at", of("closedate")),
            ("owner_email", self.email(Some(&of("hubspot_owner_id")))),
        ];
        let columns = columns.into_iter();
        columns
            .map(|(name, value)| (format!("{DEAL_PREFIX}{name}"), value))
            .collect()
    }

    /// The e-mail address of an owner, null for an owner who is not active any more.
    fn email(&self, owner: Option<&Value>) -> Value {
        let email = owner
            .and_then(Value::as_str)
            .and_then(|id| self.owners.as_ref()?.get(id));
        email.map_or(Value::Null, |email| email.as_str().into())
    }

    /// The IDs of the contacts or deals of a company. The list of companies has the first of them; if
    /// it says that there are more, all are read.
    async fn associated(&self, company: &Value, kind: &str) -> Result<BTreeSet<String>, Failed> {
        let Some(found) = company.get("associations").and_then(|all| all.get(kind)) else {
            return Ok(BTreeSet::new());
        };
        if next(found)?.is_none() {
            let ids = list(found, "results")?.iter().map(|row| text(row, "id"));
            return ids.map(|id| id.map(str::to_owned)).collect();
        }
        let id = text(company, "id")?;
        let path = format!(
            "/crm/v4/objects/companies/{}/associations/{kind}",
            pivotal_runtime::encode_path(id)
        );
        let endless = format!("the {kind} of company {} do not end", shown(id));
        let mut ids = BTreeSet::new();
        let add = |row: &Value| match row.get("toObjectId") {
            // The document says text; servers have sent numbers.
            Some(Value::String(id)) => Ok(ids.insert(id.clone())),
            Some(Value::Number(id)) => Ok(ids.insert(id.to_string())),
            _ => Err("an association has no `toObjectId`".into()),
        };
        self.pages(&ASSOCIATIONS, &path, "500", &endless, add)
            .await?;
        Ok(ids)
    }

    /// Reads all pages of a list. `add` says whether a row is new; a page without a new one repeats
    /// another, so that the list would not end.
    async fn pages(
        &self,
        operation: &'static Operation,
        path: &str,
        limit: &str,
        endless: &str,
        mut add: impl FnMut(&Value) -> Result<bool, Failed>,
    ) -> Result<(), Failed> {
        let mut after = None;
        loop {
            let mut query = vec![("limit", limit)];
            query.extend(after.as_deref().map(|after| ("after", after)));
            let body = self.http.get(operation, path, &query).await?;
            let mut is_new = false;
            for row in list(&body, "results")? {
                is_new |= add(row)?;
            }
            after = next(&body)?;
            if after.is_none() {
                return Ok(());
            }
            if !is_new {
                return Err(endless.into());
            }
        }
    }

    /// Reads contacts or deals, by ID, with their IDs as a column.
    async fn batch_read(
        &self,
        operation: &'static Operation,
        ids: BTreeSet<String>,
        wanted: &[&str],
        incomplete: &mut Option<String>,
    ) -> Result<HashMap<String, Values>, Failed> {
        let mut found = HashMap::with_capacity(ids.len());
        let ids: Vec<_> = ids.into_iter().collect();
        for ids in ids.chunks(BATCH) {
            let inputs: Vec<_> = ids.iter().map(|id| json!({ "id": id })).collect();
            let body = json!({
                "inputs": inputs,
                "properties": wanted,
                "propertiesWithHistory": [],
            });
            let body = Body::Json(body);
            let body = self.http.post(operation, operation.path, body).await?;
            for row in list(&body, "results")? {
                let (id, properties) = (text(row, "id")?, properties(row)?);
                let mut values = Values::new();
                values.insert("id".to_owned(), id.into());
                for &name in wanted {
                    let value = properties.get(name).cloned().unwrap_or_default();
                    values.insert(name.to_owned(), value);
                }
                found.insert(id.to_owned(), values);
            }
            // A response may be a success for some of the IDs only.
            let missing: Vec<_> = ids.iter().filter(|id| !found.contains_key(*id)).collect();
            if let Some(first) = missing.first() {
                let why = first_error(&body).unwrap_or("the response does not have them");
                incomplete.get_or_insert_with(|| {
                    format!(
                        "{}: {} of {} were not returned, the first {}: {}",
                        operation.path,
                        missing.len(),
                        ids.len(),
                        shown(first),
                        shown(why)
                    )
                });
            }
        }
        Ok(found)
    }

    async fn read_owners(&self) -> Result<HashMap<String, String>, Failed> {
        let mut owners = HashMap::new();
        let add = |owner: &Value| {
            let email = owner.get("email").and_then(Value::as_str);
            let email = email.unwrap_or_default().to_owned();
            Ok(owners
                .insert(text(owner, "id")?.to_owned(), email)
                .is_none())
        };
        let endless = "the list of owners does not end";
        self.pages(&OWNERS, OWNERS.path, "100", endless, add)
            .await?;
        Ok(owners)
    }

    /// Sets a property of companies, at most [`BATCH`], and returns why it was not set for some of
    /// them.
    pub(super) async fn set(
        &self,
        property: &str,
        values: &[(String, String)],
    ) -> Result<Vec<(String, String)>, Failed> {
        let input =
            |(id, value): &(String, String)| json!({ "id": id, "properties": { property: value } });
        let inputs: Vec<_> = values.iter().map(input).collect();
        let body = Body::Json(json!({ "inputs": inputs }));
        let body = self.http.post(&UPDATE, UPDATE.path, body).await?;
        let mut set = BTreeSet::new();
        for row in list(&body, "results")? {
            set.insert(text(row, "id")?);
        }
        let why = first_error(&body).unwrap_or("the response does not have it");
        let failed = values.iter().filter(|(id, _)| !set.contains(id.as_str()));
        Ok(failed.map(|(id, _)| (id.clone(), shown(why))).collect())
    }
}

/// The cursor of the next page.
fn next(body: &Value) -> Result<Option<String>, Failed> {
    let next = body.get("paging").and_then(|paging| paging.get("next"));
    match next {
        None | Some(Value::Null) => Ok(None),
        Some(next) => text(next, "after").map(|after| Some(after.to_owned())),
    }
}

fn properties(row: &Value) -> Result<&Values, Failed> {
    let properties = row.get("properties").and_then(Value::as_object);
    properties.ok_or_else(|| "a row of the response has no `properties`".into())
}

/// The first error of a response that is a success in part.
fn first_error(body: &Value) -> Option<&str> {
    body.get("errors")?
        .as_array()?
        .first()?
        .get("message")?
        .as_str()
}

/// The message of an error response.
fn message(body: &Value) -> Option<&str> {
    if body.get("policyName").and_then(Value::as_str) == Some("DAILY") {
        return Some("the daily limit of the account is used up; run it again tomorrow");
    }
    body.get("message")?.as_str()
}

/// Passes HubSpot's rate limit on in the headers that the runtime reads, so that requests are paced,
/// and sent again when the limit allows it.
struct RateLimits(Arc<dyn Transport>);

impl Transport for RateLimits {
    fn send(
        &self,
        request: reqwest::Request,
        body_limit: usize,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, Failure>> {
        Box::pin(async move {
            let mut response = self.0.send(request, body_limit).await?;
            let body: Value = match response.status() {
                StatusCode::TOO_MANY_REQUESTS => {
                    serde_json::from_slice(response.body()).unwrap_or_default()
                }
                _ => Value::Null,
            };
            let policy = body.get("policyName").and_then(Value::as_str);
            translate(response.headers_mut(), policy);
            Ok(response)
        })
    }
}

fn translate(headers: &mut HeaderMap, policy: Option<&str>) {
    let copies = [
        ("x-hubspot-ratelimit-max", "x-ratelimit-limit"),
        ("x-hubspot-ratelimit-remaining", "x-ratelimit-remaining"),
    ];
    for (from, to) in copies {
        if let Some(value) = headers.get(from).cloned() {
            headers.insert(to, value);
        }
    }
    if headers.contains_key("retry-after") {
        return;
    }
    let interval = headers.get("x-hubspot-ratelimit-interval-milliseconds");
    let after = match policy {
        // Longer than any call waits, so that it fails at once.
        Some("DAILY") => HeaderValue::from_static("86400000"),
        Some("TEN_SECONDLY_ROLLING") => interval
            .cloned()
            .unwrap_or(HeaderValue::from_static("10000")),
        _ => return,
    };
    headers.insert("retry-after-ms", after);
}
