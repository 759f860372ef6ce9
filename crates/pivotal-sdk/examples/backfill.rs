//! Creates the customers of a CSV file. Invalid rows are reported with their line and left out. The
//! job can be stopped at any time and run again: rows that are done are listed in a file beside the
//! CSV file and are not sent again.
//!
//! ```sh
//! cargo run -p pivotal-sdk --example backfill                        # a file of its own
//! cargo run -p pivotal-sdk --example backfill -- customers.csv --live
//! ```

use std::collections::HashSet;
use std::error::Error;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use pivotal_sdk::{Client, CreateCustomer, GetOrCreate};
use serde::Deserialize;

mod server;

#[derive(Deserialize)]
struct Row {
    /// The ID in the system that the file comes from.
    id: String,
    name: String,
    domain: Option<String>,
    /// Such as `99` or `99.50`.
    mrr: Option<String>,
}

#[derive(Debug, Default, PartialEq)]
pub(crate) struct Report {
    pub(crate) created: usize,
    /// Customers that an earlier run created, but did not note.
    pub(crate) existing: usize,
    /// Rows that an earlier run has done.
    pub(crate) skipped: usize,
    pub(crate) rejected: Vec<String>,
}

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Box<dyn Error>> {
    let server = server::Server::start().await?;
    let folder = tempfile::tempdir()?;
    let named = std::env::args().skip(1).find(|name| name.ends_with(".csv"));
    let file = match named {
        Some(name) => PathBuf::from(name),
        None => {
            let file = folder.path().join("customers.csv");
            fs::write(
                &file,
                "id,name,domain,mrr\n1,Aurora,aurora.test,99.50\n2,,,\n3,Borealis,,n/a\n",
            )?;
            file
        }
    };
    let report = run(&server.pivotal, &file).await?;
    for rejected in &report.rejected {
        eprintln!("{rejected}");
    }
    println!(
        "{} created, {} existing, {} done before, {} rejected",
        report.created,
        report.existing,
        report.skipped,
        report.rejected.len()
    );
    Ok(())
}

/// An error means that the job stopped, for example because the server could not be reached. Run it
/// again to go on.
pub(crate) async fn run(pivotal: &Client, file: &Path) -> Result<Report, Box<dyn Error>> {
    let notes = file.with_extension("done");
    let done: HashSet<String> = match fs::read_to_string(&notes) {
        Ok(text) => text.lines().map(str::to_owned).collect(),
        Err(_) => HashSet::new(),
    };
    let mut notes = OpenOptions::new().create(true).append(true).open(notes)?;
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_path(file)?;
    let headers = reader.headers()?.clone();

    let mut report = Report::default();
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                report.rejected.push(error.to_string());
                continue;
            }
        };
        let line = record.position().map_or(0, csv::Position::line);
        let mut reject = |reason: String| report.rejected.push(format!("line {line}: {reason}"));
        let row: Row = match record.deserialize(Some(&headers)) {
            Ok(row) => row,
            Err(error) => {
                reject(error.to_string());
                continue;
            }
        };
        if done.contains(&row.id) {
            report.skipped += 1;
            continue;
        }
        let customer = match customer(&row) {
            Ok(customer) => customer,
            Err(reason) => {
                reject(reason);
                continue;
            }
        };
        match pivotal.customers().get_or_create(customer).await {
            Ok(GetOrCreate::Created(_)) => report.created += 1,
            Ok(GetOrCreate::Existing(_)) => report.existing += 1,
            Err(error) if error.is_invalid_request() => {
                reject(error.to_string());
                continue;
            }
            Err(error) => return Err(error.into()),
        }
        writeln!(notes, "{}", row.id)?;
    }
    Ok(report)
}

fn customer(row: &Row) -> Result<CreateCustomer, String> {
    if row.id.is_empty() {
        return Err("the id is empty".to_owned());
    }
    // The slug is what a later run finds the customer by.
    let mut customer = CreateCustomer::new(&row.name).slug(format!("import-{}", row.id));
    if let Some(domain) = row.domain.as_deref().filter(|domain| !domain.is_empty()) {
        customer = customer.domain(domain.to_lowercase());
    }
    if let Some(mrr) = row.mrr.as_deref().filter(|mrr| !mrr.is_empty()) {
        let cents = cents(mrr).ok_or_else(|| format!("mrr is not an amount: {mrr:?}"))?;
        customer = customer.mrr(cents);
    }
    Ok(customer)
}

/// An amount of money in cents, without rounding.
fn cents(amount: &str) -> Option<i64> {
    let (whole, fraction) = amount.split_once('.').unwrap_or((amount, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || fraction.len() > 2 || !is_number(whole) || !is_number(fraction) {
        return None;
    }
    format!("{whole}{fraction:0<2}").parse().ok()
}
