//! `--jq`.

use std::io::{self, IsTerminal, Write};
use std::mem;

use jaq_core::data::JustLut;
use jaq_core::load::{self, Arena, File, Loader};
use jaq_core::{Compiler, Ctx, Vars, unwrap_valr};
use jaq_json::Val;
use pivotal_sdk::{Value, printable};

use super::stack;
use crate::report::{Failure, escaped};

/// The most characters of an error that are printed.
const LONGEST_ERROR: usize = 200;

/// A compiled filter of the jq language.
pub(super) struct Filter(jaq_core::Filter<JustLut<Val>>);

impl Filter {
    pub(super) fn compile(code: &str) -> Result<Self, Failure> {
        stack::large(|| {
            let checked = Self::compile_code(&stack::with_checks(code));
            // What is wrong is shown as it was written.
            checked.or_else(|_| Self::compile_code(code))
        })
    }

    fn compile_code(code: &str) -> Result<Self, Failure> {
        let definitions = jaq_core::defs()
            .chain(jaq_std::defs())
            .chain(jaq_json::defs());
        let functions = jaq_core::funs()
            .chain(jaq_std::funs())
            .chain(jaq_json::funs())
            // The environment has the API key in it.
            .filter(|(name, ..)| *name != "env")
            .chain([stack::check()]);
        let arena = Arena::default();
        let modules = Loader::new(definitions).load(&arena, File { code, path: () });
        let modules = modules.map_err(|errors| {
            let problems = errors.iter().map(|(_, error)| problem(error));
            Failure::unusable(format!("--jq: {}", problems.collect::<Vec<_>>().join("; ")))
        })?;
        let filter = Compiler::default().with_funs(functions).compile(modules);
        filter.map(Self).map_err(|errors| {
            let unknown = errors.iter().flat_map(|(_, errors)| errors);
            let unknown =
                unknown.map(|(name, kind)| format!("there is no {} {name}", kind.as_str()));
            Failure::unusable(format!("--jq: {}", unknown.collect::<Vec<_>>().join("; ")))
        })
    }

    /// Prints the outputs of the filter for a value, one per line.
    pub(super) fn print(&self, value: &Value) -> Result<(), Failure> {
        stack::large(|| self.print_outputs(value))
    }

    fn print_outputs(&self, value: &Value) -> Result<(), Failure> {
        let input: Val = serde_json::from_value(value.clone()).map_err(Failure::step)?;
        let context = Ctx::<JustLut<Val>>::new(&self.0.lut, Vars::new([]));
        let mut out = io::stdout().lock();
        let is_terminal = out.is_terminal();
        for output in self.0.id.run((context, input)).map(unwrap_valr) {
            let output = output.map_err(|error| {
                // It may contain the whole input.
                let error: String = error.to_string().chars().take(LONGEST_ERROR).collect();
                Failure::step(format!("--jq: {error}"))
            })?;
            if stack::is_too_deep(&output) {
                // Freeing it uses stack as well.
                mem::forget(output);
                return Err(Failure::step(
                    "--jq: a value is nested too deep to be printed",
                ));
            }
            match &output {
                Val::TStr(text) => {
                    let text = String::from_utf8_lossy(text);
                    if is_terminal {
                        writeln!(out, "{}", printable(&text))?;
                    } else {
                        writeln!(out, "{text}")?;
                    }
                }
                other => writeln!(out, "{}", escaped(&other.to_string()))?,
            }
        }
        Ok(())
    }
}

/// Why a text is not a filter: what is expected, and the text from there on.
fn problem(error: &load::Error<&str>) -> String {
    let (expected, found) = match error {
        load::Error::Io(errors) => return errors.iter().map(|(_, why)| why.as_str()).collect(),
        load::Error::Lex(errors) => errors
            .first()
            .map(|(expected, found)| (expected.as_str(), *found)),
        load::Error::Parse(errors) => errors
            .first()
            .map(|(expected, found)| (expected.as_str(), *found)),
    }
    .unwrap_or(("a filter", ""));
    match found {
        "" => format!("expected {expected} at the end"),
        found => format!("expected {expected} at `{found}`"),
    }
}
