//! `pivotal export`.

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use pivotal_export::{Event, Format, Options, counted};
use pivotal_sdk::Client;
use pivotal_sdk::requests::{ListCustomersRequest, ListOnboardingsRequest};
use pivotal_sync::exit_code;

use crate::arguments::Connection;
use crate::connect::Session;
use crate::lists::Filters;
use crate::progress;
use crate::report::{Failure, log};
use crate::signal::interrupted;
use crate::values::written;

/// Write all rows to a file or to standard output.
///
/// The list is read to its end. A file is replaced when everything was written; if a list breaks
/// off, it stays as it was, and the exit code is 5. Rows are not held in memory.
#[derive(Debug, Args)]
pub(crate) struct Export {
    #[command(flatten)]
    connection: Connection,
    #[command(flatten)]
    target: Target,
    #[command(subcommand)]
    rows: Rows,
}

/// Where the rows go.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
struct Target {
    /// The file. Default: standard output, which is also `-`.
    #[arg(short, long, value_name = "FILE", value_parser = written("-"), global = true)]
    output: Option<PathBuf>,
    /// csv, jsonl, json, sqlite, parquet or singer. Default: by the extension of the file; csv on
    /// standard output.
    #[arg(long, value_name = "FORMAT", global = true)]
    format: Option<Format>,
    /// Write CSV cells as they are. By default, an apostrophe is put before a text that a
    /// spreadsheet would take for a formula: one that begins with = + - @ or a tab or carriage return.
    #[arg(long, global = true)]
    raw_csv: bool,
}

/// Which rows are written.
#[derive(Debug, Subcommand)]
enum Rows {
    /// The customers.
    Customers(Filters<ListCustomersRequest>),
    /// The contacts of all customers, of those that the filters select, or of one.
    ///
    /// Costs a request per customer: how many and how long that takes is printed first.
    Contacts {
        /// Only those of this customer: the number shown in the app, or the ID.
        #[arg(long, value_name = "CUSTOMER")]
        customer: Option<String>,
        #[command(flatten)]
        customers: Filters<ListCustomersRequest>,
    },
    /// The onboardings.
    Onboardings(Filters<ListOnboardingsRequest>),
    /// Customers, contacts and onboardings, as sqlite or singer.
    ///
    /// Costs a request per customer, for the contacts.
    All,
}

impl Export {
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let format = self.target.format(matches!(self.rows, Rows::All))?;
        if let Rows::Contacts {
            customer: Some(_),
            customers,
        } = &self.rows
            && !customers.given.is_empty()
        {
            return Err(Failure::unusable(
                "--customer and filters exclude each other",
            ));
        }
        let session = Session::open(&self.connection).await?;
        tokio::select! {
            result = write(&session.client, &self.target, format, self.rows) => result,
            // The temporary file is removed.
            () = interrupted() => Err(Failure::ended(
                "interrupted; the export is partial",
                exit_code::INTERRUPTED,
            )),
        }
    }
}

impl Target {
    fn file(&self) -> Option<&Path> {
        self.output
            .as_deref()
            .filter(|path| *path != Path::new("-"))
    }

    fn format(&self, all: bool) -> Result<Format, Failure> {
        let of_file = self.file().map(Format::of_extension);
        let format = match (self.format, of_file) {
            (Some(format), _) | (None, Some(Some(format))) => format,
            (None, None) if all => Format::Singer,
            (None, None) => Format::Csv,
            (None, Some(None)) => {
                return Err(Failure::unusable(
                    "the file has no extension that names a format; add --format",
                ));
            }
        };
        if all && !format.has_tables() {
            return Err(Failure::unusable(format_args!(
                "{} has room for one kind of row; export all as sqlite or singer",
                format.name()
            )));
        }
        Ok(format)
    }
}

/// Writes the rows, and says how many there are and which could not be read.
async fn write(
    client: &Client,
    target: &Target,
    format: Format,
    rows: Rows,
) -> Result<(), Failure> {
    let path = target.file();
    let mut invalid = 0_u64;
    // Rows on a terminal are progress enough.
    let is_shown = path.is_some() || !io::stdout().is_terminal();
    let on_event = |event: Event<'_>| match event {
        Event::Read { table, done, total } if is_shown => {
            progress::show(table.name(), done, total, 0);
        }
        Event::Invalid(error) => {
            invalid += 1;
            log(format_args!("error: {error}"));
        }
        _ => {}
    };
    let mut options = Options::default();
    options.raw_csv = target.raw_csv;
    let mut export = pivotal_export::Export::new(client, path, format, options, on_event)?;
    rows.write(client, &mut export).await?;
    let written = export.finish()?;
    if invalid > 0 {
        return Err(Failure::step(format_args!(
            "wrote {}, and left out {} that could not be read",
            counted(written, "row"),
            counted(invalid, "row")
        )));
    }
    if let Some(path) = path {
        progress::note(format_args!(
            "complete: {} in {}",
            counted(written, "row"),
            path.display()
        ));
    }
    Ok(())
}

impl Rows {
    async fn write(
        self,
        client: &Client,
        export: &mut pivotal_export::Export<'_>,
    ) -> Result<(), Failure> {
        match self {
            Self::Customers(filters) => {
                export.customers(&filters.given).await?;
            }
            Self::Contacts {
                customer: Some(id), ..
            } => {
                let id = client.customer(id).get().await?.id;
                export.contacts(&[id]).await?;
            }
            Self::Contacts { customers, .. } => {
                let ids = export.customer_ids(&customers.given).await?;
                progress::note(cost(client, "contacts", ids.len()));
                export.contacts(&ids).await?;
            }
            Self::Onboardings(mut filters) => {
                filters.find_customer(client).await?;
                export.onboardings(&filters.given).await?;
            }
            Self::All => {
                let ids = export.customers(&[]).await?;
                progress::note(cost(client, "contacts", ids.len()));
                export.contacts(&ids).await?;
                export.onboardings(&[]).await?;
            }
        }
        Ok(())
    }
}

/// What a number of calls costs.
pub(crate) fn cost(client: &Client, what: &str, calls: usize) -> String {
    let time = client.rate_limit().map_or(String::new(), |rate| {
        let limit = rate.limit.max(1) as usize;
        match calls / limit {
            0 => format!(", less than 1 min at {limit} a minute"),
            minutes => format!(", {minutes} min at {limit} a minute"),
        }
    });
    format!("{what}: at least {}{time}", counted(calls as u64, "call"))
}
