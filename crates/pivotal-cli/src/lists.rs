//! The `list` commands: their filters, and the rows of a whole list.

use std::io::{self, IsTerminal};
use std::marker::PhantomData;

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};
use pivotal_export::{Fields, accepts, counted};
use pivotal_openapi::schema::known_values;
use pivotal_openapi::{Document, Parameter};
use pivotal_sdk::requests::ListOnboardingsRequest;
use pivotal_sdk::{Call, Client, Endpoint, List, Paged, Value};
use serde::Serialize;

use crate::output::{Output, RowKind};
use crate::progress;
use crate::report::{Failure, log};
use crate::values::whole;

/// The parameters of paging, which the SDK sets.
const PAGING: [&str; 2] = ["limit", "cursor"];

/// The most rows that a page has.
const PAGE: usize = 100;

/// The filters of a list: an option for each query parameter of its operation in the contract.
#[derive(Debug)]
pub(crate) struct Filters<O> {
    /// Names and values.
    pub(crate) given: Vec<(&'static str, String)>,
    operation: PhantomData<fn() -> O>,
}

fn parameters<O: Endpoint>() -> impl Iterator<Item = Parameter<'static>> {
    let operation = Document::contract().operation(O::OPERATION.name);
    let parameters = operation.map(|operation| operation.parameters());
    let is_filter = |parameter: &Parameter<'_>| {
        parameter.location == "query" && !PAGING.contains(&parameter.name)
    };
    parameters.into_iter().flatten().filter(is_filter)
}

impl<O: Endpoint> Args for Filters<O> {
    fn augment_args(command: Command) -> Command {
        parameters::<O>().fold(command, |command, parameter| {
            let description = Document::contract()
                .get(&parameter.pointer)
                .and_then(|parameter| parameter["description"].as_str());
            let mut help = description.unwrap_or_default().to_owned();
            let values = known_values(parameter.schema.value).filter_map(Value::as_str);
            let values: Vec<_> = values.collect();
            if !values.is_empty() {
                help.push_str(&format!(" Known: {}.", values.join(", ")));
            }
            command.arg(
                Arg::new(parameter.name)
                    .long(parameter.name.replace('_', "-"))
                    .value_name("VALUE")
                    .help(help),
            )
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl<O: Endpoint> FromArgMatches for Filters<O> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let given = parameters::<O>().filter_map(|parameter| {
            let value = matches.get_one::<String>(parameter.name)?;
            Some((parameter.name, value.clone()))
        });
        Ok(Self {
            given: given.collect(),
            operation: PhantomData,
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Filters<ListOnboardingsRequest> {
    /// Puts the ID of a customer in the place of its number. That the filter takes a number is not
    /// documented, and a server that does not know it would find nothing, so the ID is looked up.
    pub(crate) async fn find_customer(&mut self, client: &Client) -> Result<(), Failure> {
        for (name, value) in &mut self.given {
            if *name == "customer_id" && value.bytes().all(|byte| byte.is_ascii_digit()) {
                *value = client.customer(&*value).get().await?.id;
            }
        }
        Ok(())
    }
}

/// Which rows of a list are printed.
#[derive(Debug, Args)]
pub(crate) struct ListArguments<O: Endpoint> {
    #[command(flatten)]
    pub(crate) filters: Filters<O>,
    /// Print at most this many rows, the newest. Default: all.
    #[arg(long, value_name = "N", value_parser = whole::<usize>)]
    limit: Option<usize>,
}

impl<O: Paged> ListArguments<O>
where
    <O::Response as List>::Row: Serialize,
{
    /// Prints the rows of a list, page by page.
    pub(crate) async fn run(
        self,
        client: &Client,
        request: O,
        kind: RowKind,
        output: &Output,
    ) -> Result<(), Failure> {
        let limit = self.limit.unwrap_or(usize::MAX);
        let mut call = client.call(request);
        if limit < PAGE {
            call = call.maybe_limit(u32::try_from(limit.max(1)).ok());
        }
        for (name, value) in &self.filters.given {
            call = call.query(*name, value);
        }
        print(call, &self.filters.given, limit, kind, output).await
    }
}

/// Prints the rows that the filters accept, at most so many.
pub(crate) async fn print<O: Paged>(
    call: Call<O>,
    filters: &[(&'static str, String)],
    limit: usize,
    kind: RowKind,
    output: &Output,
) -> Result<(), Failure>
where
    <O::Response as List>::Row: Serialize,
{
    let mut rows = output.rows(kind)?;
    let fields = Fields::of(kind.schema);
    // A page that may not be needed is not fetched ahead.
    let mut list = call.stream().prefetch(limit > PAGE).results();
    // Rows on a terminal are progress enough.
    let is_hidden = !io::stdout().is_terminal();
    while rows.printed() + list.invalid() < limit {
        if is_hidden {
            progress::show("rows", rows.printed() as u64, None, list.invalid() as u64);
        }
        match list.try_next().await {
            Ok(Some(Ok(row))) => {
                let row = fields.row(&row).map_err(Failure::step)?;
                if accepts(filters, &row) {
                    rows.row(row)?;
                }
            }
            Ok(Some(Err(invalid))) => log(format_args!("error: {invalid}")),
            Ok(None) => break,
            Err(error) => return Err(rows.broken(error)),
        }
    }
    rows.complete()?;
    none_left_out(list.invalid())
}

/// Fails if rows could not be read.
pub(crate) fn none_left_out(invalid: usize) -> Result<(), Failure> {
    match invalid {
        0 => Ok(()),
        _ => Err(Failure::step(format_args!(
            "left out {} that could not be read",
            counted(invalid as u64, "row")
        ))),
    }
}
