//! Rows that a file describes: fixtures.
//!
//! Each row goes through validation and the handler of the operation that creates it, so that it is what
//! a request would have made.

use std::collections::{BTreeMap, HashMap};

use http::{HeaderMap, header};
use serde::Deserialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::{
    clock::Moment,
    contract::{Contract, Operation},
    error::ApiError,
    handlers::Request,
    keys::Key,
    response::APPLICATION_JSON,
    store::{Kind, Workspace},
    validate::{Parameters, read_body},
};

/// The key with the name of a row, which other rows can refer to.
const NAME: &str = "fixture";
/// The key with the customer of a row.
const CUSTOMER: &str = "customer";
/// The longest name that an error quotes, and the longest message, in characters.
const QUOTED: usize = 80;
const MESSAGE: usize = 300;

/// Why a fixture cannot be loaded. Nothing of it was.
#[derive(Debug, thiserror::Error)]
#[error("{file}:{line}: {pointer}{message}")]
#[non_exhaustive]
pub struct FixtureError {
    /// The name of the fixture, such as its path.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// The JSON pointer of what cannot be loaded, followed by a colon and a space; empty if the text is
    /// not JSON.
    pointer: String,
    message: String,
}

/// Unparsed values of the text, so that their places in it are known.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
struct File<'a> {
    #[serde(borrow)]
    customers: Vec<&'a RawValue>,
    #[serde(borrow)]
    contacts: Vec<&'a RawValue>,
    #[serde(borrow)]
    onboardings: Vec<&'a RawValue>,
}

/// Creates the rows of all fixtures, or returns the first error.
pub(crate) fn load(
    contract: &Contract,
    workspace: &mut Workspace,
    key: &Key,
    now: Moment,
    fixtures: &[(String, String)],
) -> Result<(), FixtureError> {
    let mut loader = Loader {
        contract,
        workspace,
        key,
        now,
        customers: HashMap::new(),
    };
    for (file, text) in fixtures {
        let error = |line, pointer, message| FixtureError {
            file: file.clone(),
            line,
            pointer,
            message,
        };
        let lists: File<'_> = serde_json::from_str(text).map_err(|problem| {
            let message = match text.contains("\"pivotal_sandbox\"") {
                true => "this is an export; `pivotal sandbox import` makes a state file of it"
                    .to_owned(),
                false => beginning(&problem.to_string(), MESSAGE),
            };
            error(problem.line(), String::new(), message)
        })?;
        for (kind, name, rows) in [
            (Kind::Customer, "customers", lists.customers),
            (Kind::Contact, "contacts", lists.contacts),
            (Kind::Onboarding, "onboardings", lists.onboardings),
        ] {
            for (index, row) in rows.into_iter().enumerate() {
                loader.row(kind, row).map_err(|problem| {
                    let at = problem.at.unwrap_or(row).get().as_ptr() as usize;
                    let before = &text[..at - text.as_ptr() as usize];
                    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
                    let field = problem.field.replace('.', "/");
                    let pointer = format!("/{name}/{index}{field}: ");
                    error(line, pointer, beginning(&problem.message, MESSAGE))
                })?;
            }
        }
    }
    Ok(())
}

struct Loader<'a> {
    contract: &'a Contract,
    workspace: &'a mut Workspace,
    key: &'a Key,
    now: Moment,
    /// The `display_id`s of customers with a name.
    customers: HashMap<String, u64>,
}

/// What is wrong in a row.
struct Problem<'t> {
    /// Where it is, if not the row itself.
    at: Option<&'t RawValue>,
    /// A dot and the path of the field.
    field: String,
    message: String,
}

type Members<'t> = BTreeMap<String, &'t RawValue>;

impl Loader<'_> {
    fn row<'t>(&mut self, kind: Kind, row: &'t RawValue) -> Result<(), Problem<'t>> {
        let mut members: Members<'t> = serde_json::from_str(row.get())
            .map_err(|_| Problem::of_row("this is not an object"))?;
        let operation = match kind {
            Kind::Customer => "create-customer",
            Kind::Contact => "create-customer-contact",
            Kind::Onboarding => "create-onboarding",
        };
        let operation = self.contract.operation(operation).ok_or_else(|| {
            Problem::of_row(format!(
                "the contract does not have the operation {operation}"
            ))
        })?;
        let (name, customer) = match kind {
            Kind::Customer => (take_text(&mut members, NAME)?, None),
            Kind::Contact | Kind::Onboarding => (None, Some(self.customer(&mut members)?)),
        };
        if let Some((member, at)) = members.iter().find(|(name, _)| !self.has(operation, name)) {
            let message = format!("{} does not have this field", operation.id);
            return Err(Problem::at(at, member, message));
        }
        let display_id = self.workspace.table(kind).next_display_id();
        self.create(operation, &members, customer)
            .map_err(|error| Problem::of_request(error, &members))?;
        if self.workspace.table(kind).next_display_id() == display_id {
            return Err(Problem::of_row("a row before it is the same"));
        }
        if let Some((name, at)) = name
            && self.customers.insert(name, display_id).is_some()
        {
            return Err(Problem::at(at, NAME, "another customer has this name"));
        }
        Ok(())
    }

    fn has(&self, operation: &Operation, field: &str) -> bool {
        let document = &self.contract.document;
        let fields = (operation.body.as_ref()).map(|body| document.properties(body));
        field == "metadata" || fields.is_some_and(|fields| fields.contains_key(field))
    }

    /// The `display_id` of the customer that a row names.
    fn customer<'t>(&self, members: &mut Members<'t>) -> Result<u64, Problem<'t>> {
        let Some((reference, at)) = take_text(members, CUSTOMER)? else {
            let message =
                "name its customer: `\"customer\": \"SLUG\"`, or the name that `fixture` gives it";
            return Err(Problem::of_row(message));
        };
        let by_slug = || {
            let customers = self.workspace.named(Kind::Customer, &reference);
            customers.first().map(|index| *index as u64 + 1)
        };
        let customer = self.customers.get(&reference).copied();
        customer.or_else(by_slug).ok_or_else(|| {
            let message = format!(
                "no customer of this file or one before it has the name or slug {:?}",
                beginning(&reference, QUOTED)
            );
            Problem::at(at, CUSTOMER, message)
        })
    }

    fn create(
        &mut self,
        operation: &Operation,
        members: &Members<'_>,
        customer: Option<u64>,
    ) -> Result<(), ApiError> {
        let mut body = members.clone();
        let customer = customer.map(|customer| customer.to_string());
        let reference = to_raw_value(&customer).expect("a text is JSON");
        if customer.is_some() && self.has(operation, "customer_id") {
            body.insert("customer_id".to_owned(), &reference);
        }
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, APPLICATION_JSON);
        let body = serde_json::to_vec(&body).expect("raw values are JSON");
        let body = read_body(self.contract, operation, &headers, &body)?;
        Request {
            contract: self.contract,
            operation,
            reference: customer.unwrap_or_default(),
            query: Parameters::default(),
            body,
            workspace: self.workspace,
            key: self.key,
            now: self.now,
            change: None,
        }
        .run()?;
        Ok(())
    }
}

impl<'t> Problem<'t> {
    fn of_row(message: impl Into<String>) -> Self {
        Self {
            at: None,
            field: String::new(),
            message: message.into(),
        }
    }

    fn at(at: &'t RawValue, member: &str, message: impl Into<String>) -> Self {
        Self {
            at: Some(at),
            field: format!(".{}", beginning(member, QUOTED)),
            message: message.into(),
        }
    }

    fn of_request(error: ApiError, members: &Members<'t>) -> Self {
        let (message, field) = error.into_message();
        let field = field.unwrap_or_default();
        let member = field.split('.').next().unwrap_or_default();
        let dot = if field.is_empty() { "" } else { "." };
        Self {
            at: members.get(member).copied(),
            field: format!("{dot}{field}"),
            message,
        }
    }
}

/// Takes a text out of a row.
fn take_text<'t>(
    members: &mut Members<'t>,
    name: &str,
) -> Result<Option<(String, &'t RawValue)>, Problem<'t>> {
    let Some(at) = members.remove(name) else {
        return Ok(None);
    };
    match serde_json::from_str(at.get()) {
        Ok(text) => Ok(Some((text, at))),
        Err(_) => Err(Problem::at(at, name, "this is not a text")),
    }
}

/// The beginning of a text, which may be from the file.
fn beginning(text: &str, characters: usize) -> String {
    text.chars().take(characters).collect()
}
