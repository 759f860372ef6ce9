//! `pivotal board`.

mod read;
mod terminal;
mod watch;

use std::io::{self, IsTerminal, Write};
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};

use clap::Args;
use pivotal_export::{AtomicFile, FileKind, counted};
use pivotal_sdk::requests::ListOnboardingsRequest;
use pivotal_sdk::{Client, Timestamp};

use crate::connect::Run;
use crate::lists::{Filters, none_left_out};
use crate::output::Output;
use crate::progress;
use crate::report::Failure;
use crate::values::{time, whole, written};
use read::{ROWS, Read};

/// What `--html` writes.
const PAGE: FileKind<'static> = FileKind {
    name: "page of the board",
    is_one: &pivotal_views::is_page,
};

#[derive(Debug, Args)]
pub(crate) struct Board {
    #[command(flatten)]
    filters: Filters<ListOnboardingsRequest>,
    /// Only those of this owner, by the ID in csm_id.
    #[arg(long, value_name = "ID")]
    owner: Option<String>,
    /// Write a page: one file that requests nothing, with filters, for light and dark screens. Only an
    /// earlier page is replaced.
    #[arg(long, value_name = "FILE", value_parser = written(""), conflicts_with = "watch")]
    html: Option<PathBuf>,
    /// Draw the board again every 60 seconds, or in this interval, until Ctrl-C.
    #[arg(
        long,
        value_name = "SECONDS",
        num_args = 0..=1,
        default_missing_value = "60",
        value_parser = whole::<NonZeroU64>,
    )]
    watch: Option<NonZeroU64>,
    /// Compute ages and overdue launches as of this time, such as 2026-07-01T00:00:00Z. Default: now.
    #[arg(long, value_name = "TIME", value_parser = time)]
    now: Option<Timestamp>,
}

impl Run for Board {
    async fn run(mut self, client: &Client, output: &Output) -> Result<(), Failure> {
        let is_drawn = output.is_default_table();
        if self.watch.is_some() && !(is_drawn && io::stdout().is_terminal()) {
            return Err(Failure::unusable(
                "--watch draws on a terminal; leave it out to print once",
            ));
        }
        if self.html.is_some() && !is_drawn {
            return Err(Failure::unusable(
                "--html writes a page; remove --output, --jq and --columns",
            ));
        }
        if let Some(path) = &self.html {
            AtomicFile::create(path, PAGE)?;
        }
        let rows = (!is_drawn).then(|| output.rows(ROWS)).transpose()?;
        self.filters.find_customer(client).await?;
        if let Some(seconds) = self.watch {
            return watch::run(&self, client, seconds.get()).await;
        }
        let read = self.read(client).await?;
        if let Some(path) = &self.html {
            write_page(&read, client, path).await?;
        } else if let Some(mut rows) = rows {
            for row in read.rows()? {
                rows.row(row)?;
            }
            rows.complete()?;
        } else {
            let mut out = io::stdout().lock();
            for line in terminal::lines(&read.view()) {
                writeln!(out, "{line}")?;
            }
        }
        none_left_out(read.invalid)
    }
}

impl Board {
    async fn read(&self, client: &Client) -> Result<Read, Failure> {
        let now = self.now.unwrap_or_else(Timestamp::now);
        let read = read::read(client, &self.filters.given, self.owner.as_deref(), now);
        Ok(read.await?)
    }
}

async fn write_page(read: &Read, client: &Client, path: &Path) -> Result<(), Failure> {
    let organization = client.me().await?.organization;
    let mut board = read.view();
    board.workspace = pivotal_sdk::printable(&organization.name).into_owned();
    if read.invalid > 0 {
        board.notes.push(format!(
            "Incomplete: {} could not be read.",
            counted(read.invalid as u64, "onboarding")
        ));
    }
    PAGE.write(path, &board.page())?;
    progress::note(format_args!("wrote {}", path.display()));
    Ok(())
}
