//! `pivotal sync init`.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use pivotal_export::FileKind;
use pivotal_sync::{Source, SourceKind, SourceOptions};

use super::arguments::delimiter;
use crate::report::{Failure, line};
use crate::values::{CONFIG, written};

#[derive(Debug, Subcommand)]
pub(crate) enum Setup {
    /// Write a configuration for a source, with comments.
    Init(Init),
}

#[derive(Debug, Args)]
pub(crate) struct Init {
    /// The file of the source `csv`, whose columns are mapped.
    #[arg(value_name = "FILE", required_unless_present = "from")]
    file: Option<PathBuf>,
    /// The source: `csv`, which is the default for a file, `hubspot`, `stripe` or `singer`.
    #[arg(long, value_name = "SOURCE", value_parser = source)]
    from: Option<SourceKind>,
    /// The delimiter of the file, such as ; or tab.
    #[arg(long, value_name = "CHARACTER", value_parser = delimiter)]
    delimiter: Option<char>,
    /// The encoding of the file.
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    /// The configuration to write. It must not exist.
    #[arg(long, value_name = "FILE", default_value = CONFIG, value_parser = written(CONFIG))]
    config: PathBuf,
}

impl Setup {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let Self::Init(arguments) = self;
        let text = match (arguments.from, &arguments.file) {
            (None | Some(SourceKind::File), Some(file)) => arguments.for_csv(file)?,
            (None | Some(SourceKind::File), None) => {
                return Err(Failure::unusable(
                    "--from csv needs the file whose columns are mapped: pivotal sync init --from csv FILE",
                ));
            }
            (Some(kind), None) => pivotal_sync::init_service(kind).unwrap_or_default().into(),
            (Some(_), Some(file)) => {
                return Err(Failure::unusable(format_args!(
                    "{}: the source named by --from takes no file",
                    file.display()
                )));
            }
        };
        arguments.write(&text)
    }
}

fn source(text: &str) -> Result<SourceKind, &'static str> {
    match text {
        "csv" => Ok(SourceKind::File),
        "hubspot" => Ok(SourceKind::Hubspot),
        "stripe" => Ok(SourceKind::Stripe),
        "singer" => Ok(SourceKind::Singer),
        _ => Err("use csv, hubspot, stripe or singer"),
    }
}

impl Init {
    fn for_csv(&self, file: &Path) -> Result<String, Failure> {
        let mut options = SourceOptions::default();
        options.path = Some(file.to_owned());
        options.delimiter = self.delimiter;
        options.encoding.clone_from(&self.encoding);
        let columns = Source::open(file, &options)?.columns()?;
        Ok(pivotal_sync::init(&columns, &options))
    }

    fn write(&self, text: &str) -> Result<(), Failure> {
        let shown = self.config.display();
        if self.config.symlink_metadata().is_ok() {
            return Err(Failure::unusable(format_args!(
                "{shown} exists; remove it, or name another file with --config"
            )));
        }
        let nothing = FileKind {
            name: "configuration to replace",
            is_one: &|_| false,
        };
        nothing.write(&self.config, text)?;
        line(format_args!(
            "wrote {shown}; check it, then run `pivotal plan` and `pivotal sync`"
        ));
        Ok(())
    }
}
