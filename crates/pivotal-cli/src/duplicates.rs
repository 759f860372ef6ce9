//! `pivotal duplicates`.

use clap::Args;
use pivotal_export::counted;
use pivotal_sdk::{Client, Value};

use crate::connect::Run;
use crate::export::cost;
use crate::output::{Output, RowKind, to_json};
use crate::progress;
use crate::report::Failure;

const ROWS: RowKind = RowKind {
    schema: "Customer",
    columns: &[
        "shared_domain",
        "display_id",
        "name",
        "known_since",
        "longest_history",
    ],
    added: &["shared_domain", "known_since", "longest_history"],
};

#[derive(Debug, Args)]
pub(crate) struct Duplicates {
    /// Exit with 1 if customers share a domain.
    #[arg(long)]
    fail: bool,
}

impl Run for Duplicates {
    async fn run(self, client: &Client, output: &Output) -> Result<(), Failure> {
        let mut rows = output.rows(ROWS)?;
        let found = client.customers().duplicates().await?;
        let customers: usize = found.iter().map(|group| group.customers.len()).sum();
        if customers > 0 {
            progress::note(cost(client, "histories", 2 * customers));
        }
        let mut domains = 0_u64;
        for group in found {
            let domain = group.domain.clone();
            let known = match group.by_history(client).await {
                Ok(known) => known,
                Err(error) => return Err(rows.broken(error)),
            };
            // One of two customers may have been deleted meanwhile.
            if known.len() < 2 {
                continue;
            }
            domains += 1;
            for (index, (since, customer)) in known.iter().enumerate() {
                let mut row = to_json(ROWS.schema, customer)?;
                row["shared_domain"] = domain.as_str().into();
                row["known_since"] = format!("{since:.3}").into();
                row["longest_history"] = Value::Bool(index == 0);
                rows.row(row)?;
            }
        }
        rows.complete()?;
        if self.fail && domains > 0 {
            return Err(Failure::step(format_args!(
                "found {} with several customers",
                counted(domains, "domain")
            )));
        }
        Ok(())
    }
}
