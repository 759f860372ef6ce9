//! `pivotal api`.

use clap::Args;
use pivotal_openapi::Document;
use pivotal_openapi::path::matches;
use pivotal_sdk::requests::{
    ListCustomerContactsRequest, ListCustomersRequest, ListOnboardingsRequest,
};
use pivotal_sdk::{Call, Client, List, Method, Paged};
use serde::Serialize;

use crate::fields;
use crate::guard;
use crate::lists;
use crate::output::{Output, RowKind};
use crate::report::{Failure, log};
use crate::resources::{CONTACTS, CUSTOMERS, ONBOARDINGS};

/// What all paths of the contract begin with.
const PREFIX: &str = "/api/v1";

/// The most characters of a cursor that are printed.
const LONGEST_CURSOR: usize = 100;

#[derive(Debug, Args)]
pub(crate) struct Request {
    /// The method, GET if it is left out, and the path, such as /api/v1/me, or /me for short.
    #[arg(value_names = ["METHOD", "PATH"], num_args = 1..=2, required = true)]
    request: Vec<String>,
    /// Add a query parameter.
    #[arg(long, value_name = "NAME=VALUE", value_parser = fields::assignment)]
    query: Vec<(String, String)>,
    /// The body, or `-` to read it from standard input.
    #[arg(long, value_name = "JSON")]
    json: Option<String>,
    /// Send this idempotency key. A POST without one is retried only if it was not processed.
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
    /// Print the rows of all pages of a list, as one array. Nothing is missing and nothing twice.
    #[arg(long, conflicts_with_all = ["json", "idempotency_key"])]
    paginate: bool,
    /// Send a DELETE with a live key without asking.
    #[arg(short, long)]
    yes: bool,
}

impl Request {
    pub(crate) async fn run(self, client: &Client, output: &Output) -> Result<(), Failure> {
        let (method, path) = match self.request.as_slice() {
            [method, path] => (method.to_ascii_uppercase(), path),
            [path] => ("GET".to_owned(), path),
            _ => return Err(Failure::unusable("give a method and a path")),
        };
        let method: Method = method.parse().map_err(|_| {
            Failure::unusable(format!(
                "{method} is not a method; use GET, POST, PATCH, PUT or DELETE"
            ))
        })?;
        let found = operation(&method, path);
        let path = &found
            .as_ref()
            .map_or(path.clone(), |(path, ..)| path.clone());
        if self.paginate {
            let list = found.map(|(_, name, parameters)| (name, parameters));
            return self.all_pages(client, list.as_ref(), output).await;
        }
        if method == Method::DELETE {
            guard::permit_deletion(client, self.yes, path)?;
        }
        let mut request = client.request(method, path);
        for (name, value) in self.query {
            request = request.query(name, value);
        }
        if let Some(json) = &self.json {
            request = request.json(&fields::json(json)?);
        }
        if let Some(key) = self.idempotency_key {
            request = request.idempotency_key(key);
        }
        let response = request.await.map_err(Failure::call)?;
        output.value(&response)?;
        if response["object"] == "list" && response["has_more"] == true {
            let next = response["next_cursor"].as_str().unwrap_or_default();
            log(format_args!(
                "note: this is one page, and more rows follow; add --paginate to print all, or --query cursor={} for the next page",
                next.chars().take(LONGEST_CURSOR).collect::<String>()
            ));
        }
        Ok(())
    }

    /// Prints the rows of all pages of a list.
    async fn all_pages(
        &self,
        client: &Client,
        list: Option<&(String, Vec<String>)>,
        output: &Output,
    ) -> Result<(), Failure> {
        match list.map(|(name, parameters)| (name.as_str(), parameters.as_slice())) {
            Some(("list_customers", _)) => {
                let request = ListCustomersRequest::new();
                self.all_rows(client.call(request), CUSTOMERS, output).await
            }
            Some(("list_customer_contacts", [customer])) => {
                let request = ListCustomerContactsRequest::new(customer.clone());
                self.all_rows(client.call(request), CONTACTS, output).await
            }
            Some(("list_onboardings", _)) => {
                let request = ListOnboardingsRequest::new();
                self.all_rows(client.call(request), ONBOARDINGS, output)
                    .await
            }
            _ => Err(Failure::unusable(
                "--paginate reads a list that has pages: GET /customers, /customers/ID/contacts or /onboardings, with parameters as --query",
            )),
        }
    }

    async fn all_rows<O: Paged>(
        &self,
        mut call: Call<O>,
        kind: RowKind,
        output: &Output,
    ) -> Result<(), Failure>
    where
        <O::Response as List>::Row: Serialize,
    {
        for (name, value) in &self.query {
            call = match name.as_str() {
                "cursor" => call.cursor(value),
                "limit" => call.limit(value.parse().map_err(|_| {
                    Failure::unusable(format_args!("--query limit={value}: it is no number"))
                })?),
                _ => call.query(name, value),
            };
        }
        lists::print(call, &[], usize::MAX, kind, output).await
    }
}

/// The operation of the contract that a request is: its path with the prefix of all paths, its name,
/// and the values in the path.
fn operation(method: &Method, path: &str) -> Option<(String, String, Vec<String>)> {
    let operations = Document::contract().operations();
    let mut operations = operations.filter(|operation| operation.method == method.as_str());
    operations.find_map(|operation| {
        let whole = [path.to_owned(), format!("{PREFIX}{path}")];
        let found = whole.into_iter().find_map(|path| {
            let values = matches(operation.path, &path)?.into_iter();
            let values = values.map(|(_, value)| value.to_owned()).collect();
            Some((path, values))
        });
        found.map(|(path, values)| (path, operation.name(), values))
    })
}
