//! `pivotal api`.

use clap::Args;
use pivotal_openapi::path::matches;
use pivotal_openapi::schema::referenced;
use pivotal_openapi::{Document, Operation};
use pivotal_sdk::requests::AnyList;
use pivotal_sdk::transport::{OPERATIONS, operation};
use pivotal_sdk::{Client, Method};

use crate::connect::Run;
use crate::fields;
use crate::guard;
use crate::lists;
use crate::output::{Output, RowKind};
use crate::report::{Failure, log};
use crate::resources::{CONTACTS, CUSTOMERS, ONBOARDINGS};

/// What all paths of the contract begin with.
const PREFIX: &str = "/api/v1";

/// The most characters of a cursor that are printed.
const LONGEST_CURSOR: usize = 1_000;

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

impl Run for Request {
    async fn run(mut self, client: &Client, output: &Output) -> Result<(), Failure> {
        let path = self.request.pop().unwrap_or_default();
        let method = self.request.pop().unwrap_or_else(|| "GET".to_owned());
        let method: Method = method.to_ascii_uppercase().parse().map_err(|_| {
            Failure::unusable(format_args!(
                "{method} is not a method; use GET, POST, PATCH, PUT or DELETE"
            ))
        })?;
        if path.contains('?') {
            let url = client.base_url().with_path(&path);
            let of_path = url.query_pairs().into_owned();
            self.query = of_path.chain(self.query).collect();
        }
        let path = path.split('?').next().unwrap_or_default();
        let path = &whole(path);
        if self.paginate {
            let found = declared(&method, path);
            return all_pages(client, path, found.as_ref(), &self.query, output).await;
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
        let response = request.await?;
        output.value(&response)?;
        if response["has_more"] == true {
            let next = response["next_cursor"].as_str();
            let next = next.filter(|cursor| is_plain(cursor));
            let next = next.map(|cursor| format!(", or --query cursor={cursor} for the next page"));
            log(format_args!(
                "note: this is one page, and more rows follow; add --paginate to print all{}",
                next.unwrap_or_default()
            ));
        }
        Ok(())
    }
}

/// Whether a cursor can be copied to a command line as it is.
fn is_plain(cursor: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:+/=%,@".contains(&byte);
    cursor.len() <= LONGEST_CURSOR && cursor.bytes().all(is_plain)
}

/// Prints the rows of all pages of a list.
async fn all_pages(
    client: &Client,
    path: &str,
    found: Option<&Operation<'static>>,
    query: &[(String, String)],
    output: &Output,
) -> Result<(), Failure> {
    let list = found.and_then(|found| AnyList::new(operation(&found.name())?, path));
    let (Some(list), Some(found)) = (list, found) else {
        let lists = OPERATIONS.iter().filter(|operation| operation.paged);
        let lists = lists.map(|list| list.path.strip_prefix(PREFIX).unwrap_or(list.path));
        return Err(Failure::unusable(format!(
            "--paginate reads a list that has pages: GET {}",
            lists.collect::<Vec<_>>().join(", ")
        )));
    };
    let mut call = client.call(list);
    for (name, value) in query {
        call = match name.as_str() {
            "cursor" => call.cursor(value),
            "limit" => call.limit(value.parse().map_err(|_| {
                Failure::unusable(format_args!("--query limit={value}: it is no number"))
            })?),
            _ => call.query(name, value),
        };
    }
    lists::print(call, &[], usize::MAX, row_kind(found), output).await
}

/// What the rows of a list of the contract are.
fn row_kind(list: &Operation<'static>) -> RowKind {
    let contract = Document::contract();
    let page = list.success().and_then(|success| success.content());
    let properties = page.map(|page| contract.properties(page.schema.value));
    let mut properties = properties.into_iter().flatten();
    let schema = properties.find_map(|(_, list)| referenced(&contract.resolve(list)["items"]));
    let schema = schema.unwrap_or_default();
    let known = [CUSTOMERS, CONTACTS, ONBOARDINGS];
    let known = known.into_iter().find(|known| known.schema == schema);
    known.unwrap_or(RowKind::of(schema))
}

/// A path with the prefix of all paths, if the contract has it so.
fn whole(path: &str) -> String {
    let whole = format!("{PREFIX}{path}");
    let mut operations = Document::contract().operations();
    match operations.any(|operation| matches(operation.path, &whole).is_some()) {
        true => whole,
        false => path.to_owned(),
    }
}

/// The operation of the contract that a request is.
fn declared(method: &Method, path: &str) -> Option<Operation<'static>> {
    let mut operations = Document::contract().operations();
    operations.find(|operation| {
        operation.method == method.as_str() && matches(operation.path, path).is_some()
    })
}
