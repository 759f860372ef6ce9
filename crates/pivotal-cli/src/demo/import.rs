//! An export of 40 companies: planned, applied, run again, changed in one row, and undone.

use std::future::pending;

use pivotal_sync::{ApplyOptions, Config, Report, RunId, Source, State};

use super::server::DemoServer;
use crate::report::{Failure, line};
use crate::sync::item_line;

/// A CSV file as a CRM exports it. Its IDs get the time of the run, because the same records again
/// within 24 hours would meet the idempotency keys of the last run.
const COMPANIES: &str = include_str!("companies.csv");

/// What `pivotal sync init` writes for the file, with two decisions of a person: the names of the
/// stages, and the identity.
const CONFIG: &str = include_str!("pivotal-sync.toml");

/// How many changes of a plan are printed.
const SHOWN: usize = 3;

pub(super) async fn run(server: &DemoServer, keep: bool) -> Result<(), Failure> {
    let folder = tempfile::tempdir()
        .map_err(|error| Failure::step(format_args!("a temporary folder: {error}")))?;
    let import = Import {
        server,
        state: State::open(&folder.path().join("pivotal.db"))?,
        config: Config::parse(CONFIG)?,
        companies: COMPANIES.replace(
            "demo-",
            &format!("demo-{:x}-", jiff::Timestamp::now().as_microsecond()),
        ),
    };
    import.run(keep).await
}

struct Import<'a> {
    server: &'a DemoServer,
    state: State,
    config: Config,
    companies: String,
}

impl Import<'_> {
    async fn run(&self, keep: bool) -> Result<(), Failure> {
        line("\n5. A CRM export of 40 companies: what an import would do.");
        let import = self.plan(&self.companies).await?;
        self.print(import)?;
        line("\n6. The import.");
        let imported = self.import(import).await;
        if keep {
            line("\n9. The companies are kept.");
            return imported;
        }
        // What the import created is deleted even after a failure.
        line("\n9. Undo the import.");
        let undo = pivotal_sync::undo(&self.server.client, &self.state, import).await;
        let undone = self.apply(undo?, 40).await;
        imported.and(undone)
    }

    async fn import(&self, import: RunId) -> Result<(), Failure> {
        self.apply(import, 40).await?;
        line("\n7. The same export again: nothing to do.");
        let again = self.plan(&self.companies).await?;
        self.apply(again, 0).await?;
        line("\n8. The plan of one company has changed: one PATCH, and one to undo it.");
        let changed = self
            .companies
            .replacen("customer,Starter", "customer,Growth", 1);
        let change = self.plan(&changed).await?;
        self.print(change)?;
        self.apply(change, 1).await?;
        let undo = pivotal_sync::undo(&self.server.client, &self.state, change).await;
        self.apply(undo?, 1).await
    }

    async fn plan(&self, companies: &str) -> Result<RunId, Failure> {
        let file = std::io::Cursor::new(companies.to_owned());
        let source = Source::new("companies.csv", Some("csv"), file, &self.config.source);
        let sources = vec![source?];
        let plan = pivotal_sync::plan(&self.server.client, &self.state, &self.config, sources);
        Ok(plan.await?)
    }

    /// Prints the first changes of a plan, and the summary.
    fn print(&self, run: RunId) -> Result<(), Failure> {
        let mut items = 0;
        let each = |item| {
            items += 1;
            if items <= SHOWN {
                line(format_args!("   {}", item_line(&item)));
            }
        };
        self.state.each_item(run, each)?;
        if items > SHOWN {
            line(format_args!("   … and {} more", items - SHOWN));
        }
        let report = Report::new(&self.state, run, Vec::new())?;
        line(format_args!(
            "   {} create, {} update, {} unchanged",
            report.counts.create, report.counts.update, report.run.unchanged
        ));
        Ok(())
    }

    /// Applies a plan, and checks that it made these changes and sent a writing request for each.
    async fn apply(&self, run: RunId, changes: u64) -> Result<(), Failure> {
        let before = self.server.writes();
        let options = ApplyOptions::default();
        let (client, state) = (&self.server.client, &self.state);
        let report = pivotal_sync::apply(client, state, run, &options, pending()).await;
        let report = report?;
        let writes = self.server.writes() - before;
        line(format_args!(
            "   {}: {} done, writing requests: {writes}",
            report.run.state, report.counts.done
        ));
        if report.run.exit_code == Some(0) && report.counts.done == changes && writes == changes {
            Ok(())
        } else {
            Err(Failure::step(format_args!(
                "{changes} changes were expected\n{report}"
            )))
        }
    }
}
