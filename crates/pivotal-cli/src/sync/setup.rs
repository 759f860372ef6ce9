//! `pivotal sync init`.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use pivotal_export::AtomicFile;
use pivotal_sync::{Source, SourceKind, SourceOptions};

use super::arguments::delimiter;
use crate::report::{Failure, line};

/// The configuration that is read if it exists.
pub(crate) const CONFIG: &str = "pivotal-sync.toml";

#[derive(Debug, Subcommand)]
pub(crate) enum Setup {
    /// Write a configuration for a source, with comments.
    Init(Init),
}

#[derive(Debug, Args)]
pub(crate) struct Init {
    /// The source: `hubspot`, `stripe`, `singer`, or `csv FILE`, whose columns are mapped.
    #[arg(long, num_args = 1..=2, value_names = ["SOURCE", "FILE"], required = true)]
    from: Vec<String>,
    /// The delimiter of the file, such as ; or tab.
    #[arg(long, value_name = "CHARACTER", value_parser = delimiter)]
    delimiter: Option<char>,
    /// The encoding of the file.
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    /// The configuration to write. It must not exist.
    #[arg(long, value_name = "FILE", default_value = CONFIG)]
    config: PathBuf,
}

impl Setup {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let Self::Init(arguments) = self;
        let from: Vec<_> = arguments.from.iter().map(String::as_str).collect();
        let kind = match from.as_slice() {
            ["csv", file] => return arguments.write(&arguments.for_csv(file)?),
            ["csv"] => {
                return Err(Failure::unusable(
                    "--from csv needs the file whose columns are mapped: --from csv FILE",
                ));
            }
            ["hubspot"] => SourceKind::Hubspot,
            ["stripe"] => SourceKind::Stripe,
            ["singer"] => SourceKind::Singer,
            [source @ ("hubspot" | "stripe" | "singer"), ..] => {
                return Err(Failure::unusable(format_args!(
                    "--from {source} takes no file"
                )));
            }
            _ => {
                return Err(Failure::unusable(format_args!(
                    "--from {}: use hubspot, stripe, singer or csv FILE",
                    from.join(" ")
                )));
            }
        };
        arguments.write(pivotal_sync::init_service(kind).unwrap_or_default())
    }
}

impl Init {
    fn for_csv(&self, file: &str) -> Result<String, Failure> {
        let mut options = SourceOptions::default();
        options.path = Some(file.into());
        options.delimiter = self.delimiter;
        options.encoding.clone_from(&self.encoding);
        let columns = Source::open(Path::new(file), &options)?.columns()?;
        Ok(pivotal_sync::init(&columns, &options))
    }

    fn write(&self, text: &str) -> Result<(), Failure> {
        let shown = self.config.display();
        if self.config.symlink_metadata().is_ok() {
            return Err(Failure::unusable(format_args!(
                "{shown} exists; remove it, or name another file with --config"
            )));
        }
        let file = AtomicFile::create(&self.config)?;
        let written = file
            .writer()
            .and_then(|mut writer| writer.write_all(text.as_bytes()))
            .and_then(|()| file.commit());
        written.map_err(|error| Failure::step(format_args!("{shown}: {error}")))?;
        line(format_args!(
            "wrote {shown}; check it, then run `pivotal plan` and `pivotal sync`"
        ));
        Ok(())
    }
}
