//! Stand-ins of HubSpot and Stripe: HTTP servers with a few rows in memory. A test can have them answer
//! a request in another way.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use pivotal_sdk::RetryPolicy;
use pivotal_sync::{Config, Error, HttpOptions, Report, Source};
use pivotal_test_support::{Reply, Request, ScriptedServer, response};
use serde_json::{Value, json};

use crate::world::World;

pub(crate) const KEY: &str = "pat-eu1-secretSecretSecret";

/// The rows of an account.
#[derive(Default)]
pub(crate) struct Account {
    /// Companies of HubSpot or customers of Stripe, as they are sent. `contacts` and `deals` of a
    /// company are lists of IDs, and `subscriptions` of a customer a list.
    pub(crate) rows: Vec<Value>,
    pub(crate) contacts: Vec<Value>,
    pub(crate) deals: Vec<Value>,
    pub(crate) owners: Vec<Value>,
    /// The properties that companies have.
    pub(crate) properties: Vec<&'static str>,
    /// How many rows a page has. 0: as many as were asked for.
    pub(crate) page: usize,
    /// How many subscriptions or associations a row has in a list.
    pub(crate) inline: usize,
    /// What was received and sent.
    pub(crate) exchanges: Vec<(Request, u16, Value)>,
}

pub(crate) struct Service {
    server: ScriptedServer,
    account: Arc<Mutex<Account>>,
    kind: &'static str,
}

/// The answer to a request.
pub(crate) type Answer = (u16, Value);

/// Answers a request in another way, by its number from 0.
pub(crate) type Fault = fn(&Request, usize) -> Option<Reply>;

pub(crate) fn no_fault(_: &Request, _: usize) -> Option<Reply> {
    None
}

pub(crate) fn hubspot(account: Account, fault: Fault) -> Service {
    Service::start("hubspot", account, fault, hubspot_answer)
}

pub(crate) fn stripe(account: Account, fault: Fault) -> Service {
    Service::start("stripe", account, fault, stripe_answer)
}

impl Service {
    fn start(
        kind: &'static str,
        account: Account,
        fault: Fault,
        answer: fn(&mut Account, &Request) -> Answer,
    ) -> Self {
        let account = Arc::new(Mutex::new(account));
        let of_server = Arc::clone(&account);
        let mut count = 0;
        let server = ScriptedServer::start(move |request| {
            let number = count;
            count += 1;
            if let Some(reply) = fault(request, number) {
                return reply;
            }
            let mut account = of_server.lock().unwrap();
            let (status, body) =
                if request.header("authorization") == Some(format!("Bearer {KEY}").as_str()) {
                    answer(&mut account, request)
                } else {
                    (401, json!({ "message": "no key" }))
                };
            let exchange = (request.clone(), status, body.clone());
            account.exchanges.push(exchange);
            response(&format!("{status} Status"), "", body.to_string())
        });
        Self {
            server,
            account,
            kind,
        }
    }

    pub(crate) fn account(&self) -> MutexGuard<'_, Account> {
        self.account.lock().unwrap()
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.server.requests()
    }

    /// The requests of a method, as method and target.
    pub(crate) fn lines(&self, part: &str) -> Vec<String> {
        let lines = self.requests().into_iter().map(|request| request.line);
        lines.filter(|line| line.contains(part)).collect()
    }

    /// A configuration for this service, with these lines after `[source]` and `type`.
    pub(crate) fn config(&self, text: &str) -> Config {
        let (kind, url) = (self.kind, self.server.base_url());
        Config::parse(&format!(
            "[source]\ntype = \"{kind}\"\nbase_url = \"{url}\"\n{text}"
        ))
        .unwrap()
    }

    pub(crate) fn source(&self, config: &Config) -> Source {
        Source::configured(config, &http()).unwrap()
    }

    /// Plans and applies an import from this service, with any number of changes.
    pub(crate) async fn sync(&self, world: &World, config: &Config) -> Result<Report, Error> {
        world.sync(config, self.source(config)).await
    }
}

/// Without the environment, and with fast retries.
pub(crate) fn http() -> HttpOptions {
    let mut http = HttpOptions::default();
    http.variables = Arc::new(|name| {
        let is_key = matches!(name, "HUBSPOT_TOKEN" | "STRIPE_API_KEY");
        is_key.then(|| KEY.to_owned())
    });
    let millisecond = std::time::Duration::from_millis(1);
    http.retry = RetryPolicy::default().backoff(millisecond, millisecond);
    http
}

/// The query of a request.
pub(crate) fn query(request: &Request) -> BTreeMap<String, String> {
    let query = request
        .target()
        .split_once('?')
        .map_or("", |(_, query)| query);
    form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect()
}

/// A page of rows after the row with this ID, and whether more follow.
fn page<'a>(rows: &'a [Value], after: Option<&String>, limit: usize) -> (&'a [Value], bool) {
    let start = after.map_or(0, |after| {
        rows.iter()
            .position(|row| row["id"] == after.as_str())
            .unwrap()
            + 1
    });
    let end = rows.len().min(start + limit);
    (&rows[start..end], end < rows.len())
}

fn limit(account: &Account, query: &BTreeMap<String, String>) -> usize {
    let limit: usize = query["limit"].parse().unwrap();
    assert!(limit <= 500);
    if account.page == 0 {
        limit
    } else {
        limit.min(account.page)
    }
}

const STAMP: &str = "2026-05-26T17:21:09.412Z";

fn object(id: &str, properties: &Value) -> Value {
    json!({
        "id": id, "properties": properties, "archived": false, "createdAt": STAMP, "updatedAt": STAMP,
    })
}

fn batch(results: &[Value], errors: &[Value]) -> Answer {
    let mut body = json!({
        "status": "COMPLETE", "results": results, "startedAt": STAMP, "completedAt": STAMP,
    });
    if errors.is_empty() {
        return (200, body);
    }
    body["numErrors"] = errors.len().into();
    body["errors"] = json!(errors);
    (207, body)
}

fn hubspot_error(category: &str, message: &str) -> Value {
    json!({
        "status": "error", "category": category, "message": message,
        "context": {}, "errors": [], "links": {},
        "correlationId": "aeb5f871-7f07-4993-9211-075dc63e7cbf",
    })
}

fn hubspot_answer(account: &mut Account, request: &Request) -> Answer {
    let query = query(request);
    let path = request.line.split('?').next().unwrap();
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    match path {
        "GET /crm/objects/2026-09/companies" => companies(account, &query),
        "GET /crm/v3/owners" => {
            let (rows, more) = page(&account.owners, query.get("after"), limit(account, &query));
            let mut body = json!({ "results": rows });
            if more {
                body["paging"] = json!({ "next": { "after": rows.last().unwrap()["id"] } });
            }
            (200, body)
        }
        "POST /crm/objects/2026-09/contacts/batch/read" => batch_read(&account.contacts, &body),
        "POST /crm/objects/2026-09/deals/batch/read" => batch_read(&account.deals, &body),
        "POST /crm/objects/2026-09/companies/batch/update" => update(account, &body),
        _ => {
            let parts: Vec<_> = path.split('/').collect();
            let company = account
                .rows
                .iter()
                .find(|row| row["id"] == parts[5])
                .unwrap();
            let ids = company[parts[7]].as_array().unwrap();
            let association = |id| json!({ "toObjectId": id, "associationTypes": [] });
            let rows: Vec<_> = ids.iter().map(association).collect();
            (200, json!({ "results": rows }))
        }
    }
}

fn companies(account: &Account, query: &BTreeMap<String, String>) -> Answer {
    let (rows, more) = page(&account.rows, query.get("after"), limit(account, query));
    let wanted = query.get("properties").map_or("", String::as_str);
    let of_company = |company: &Value| {
        let mut properties = json!({ "hs_object_id": company["id"] });
        for name in wanted
            .split(',')
            .filter(|name| account.properties.contains(name))
        {
            properties[name] = company["properties"][name].clone();
        }
        let mut found = object(company["id"].as_str().unwrap(), &properties);
        let associations = query.get("associations").map_or("", String::as_str);
        for kind in associations
            .split(',')
            .filter(|kind| company[kind].is_array())
        {
            let ids = company[kind].as_array().unwrap();
            let inline = if account.inline == 0 {
                ids.len()
            } else {
                account.inline
            };
            // A labelled association is listed twice.
            let labels = ["company_to_x", "company_to_x_unlabeled"];
            let ids_shown = ids.iter().take(inline);
            let results: Vec<_> = ids_shown
                .flat_map(|id| labels.map(|label| json!({ "id": id, "type": label })))
                .collect();
            found["associations"][kind] = json!({ "results": results });
            if ids.len() > inline {
                found["associations"][kind]["paging"] = json!({ "next": { "after": "x" } });
            }
        }
        found
    };
    let results: Vec<_> = rows.iter().map(of_company).collect();
    let mut body = json!({ "results": results });
    if more {
        body["paging"] = json!({ "next": { "after": rows.last().unwrap()["id"] } });
    }
    (200, body)
}

fn batch_read(rows: &[Value], body: &Value) -> Answer {
    let inputs = body["inputs"].as_array().unwrap();
    assert!(inputs.len() <= 100);
    let (mut results, mut errors) = (Vec::new(), Vec::new());
    for input in inputs {
        match rows.iter().find(|row| row["id"] == input["id"]) {
            Some(row) => {
                let mut properties = json!({});
                for name in body["properties"].as_array().unwrap() {
                    let name = name.as_str().unwrap();
                    properties[name] = row["properties"][name].clone();
                }
                results.push(object(row["id"].as_str().unwrap(), &properties));
            }
            None => errors.push(hubspot_error(
                "OBJECT_NOT_FOUND",
                "Could not get some objects",
            )),
        }
    }
    batch(&results, &errors)
}

fn update(account: &mut Account, body: &Value) -> Answer {
    let inputs = body["inputs"].as_array().unwrap();
    assert!(!inputs.is_empty() && inputs.len() <= 100);
    let (mut results, mut errors) = (Vec::new(), Vec::new());
    for input in inputs {
        let row = account.rows.iter_mut().find(|row| row["id"] == input["id"]);
        let row = row.unwrap();
        if row["locked"] == true {
            errors.push(hubspot_error("VALIDATION_ERROR", "The company is locked"));
            continue;
        }
        for (name, value) in input["properties"].as_object().unwrap() {
            row["properties"][name] = value.clone();
        }
        results.push(object(input["id"].as_str().unwrap(), &input["properties"]));
    }
    batch(&results, &errors)
}

fn stripe_list(rows: &[Value], more: bool, url: &str) -> Value {
    json!({ "object": "list", "data": rows, "has_more": more, "url": url })
}

fn stripe_answer(account: &mut Account, request: &Request) -> Answer {
    assert!(request.header("stripe-version").is_some());
    let query = query(request);
    let path = request.target().split('?').next().unwrap();
    if let Some(id) = path.strip_prefix("/v1/customers/") {
        let row = account.rows.iter_mut().find(|row| row["id"] == id).unwrap();
        if row["locked"] == true {
            let error = json!({ "type": "invalid_request_error", "message": "It is locked" });
            return (400, json!({ "error": error }));
        }
        for (name, value) in form_urlencoded::parse(&request.body) {
            let key = name
                .strip_prefix("metadata[")
                .and_then(|name| name.strip_suffix(']'));
            row["metadata"][key.unwrap()] = value.as_ref().into();
        }
        let mut row = row.clone();
        row.as_object_mut().unwrap().remove("subscriptions");
        return (200, row);
    }
    let limit = limit(account, &query);
    let after = query.get("starting_after");
    if path == "/v1/subscriptions" {
        let customer = account
            .rows
            .iter()
            .find(|row| row["id"] == query["customer"].as_str());
        let all = customer.unwrap()["subscriptions"].as_array().unwrap();
        let active: Vec<_> = all
            .iter()
            .filter(|row| row["status"] == query["status"].as_str())
            .cloned()
            .collect();
        let (rows, more) = page(&active, after, limit);
        return (200, stripe_list(rows, more, path));
    }
    let (rows, more) = page(&account.rows, after, limit);
    let mut rows = rows.to_vec();
    for row in &mut rows {
        let subscriptions = row.as_object_mut().unwrap().remove("subscriptions");
        if query.get("expand[]").map(String::as_str) == Some("data.subscriptions") {
            let all = subscriptions.unwrap_or(json!([]));
            let all = all.as_array().unwrap();
            let inline = if account.inline == 0 {
                10
            } else {
                account.inline
            };
            let shown = &all[..all.len().min(inline)];
            row["subscriptions"] = stripe_list(
                shown,
                shown.len() < all.len(),
                "/v1/customers/x/subscriptions",
            );
        }
    }
    (200, stripe_list(&rows, more, path))
}
