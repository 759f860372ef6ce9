//! Rows as tables, JSON and CSV.

mod csv;
mod filter;
mod json;
mod stack;
mod table;

use std::convert::Infallible;

use clap::{Args, ValueEnum};
use pivotal_export::{Fields, counted, place};
use pivotal_openapi::Document;
use pivotal_sdk::Value;
use serde::Serialize;

use crate::report::Failure;
use crate::values::near;
use csv::CsvRows;
use filter::Filter;
use table::Table;
pub(crate) use table::{line, plain};

/// How the rows are printed.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct Output {
    /// Format. Default: table, or json with --jq.
    #[arg(
        id = "output",
        short = 'o',
        long = "output",
        value_enum,
        value_name = "FORMAT",
        global = true
    )]
    format: Option<Format>,
    /// Print what this jq filter makes of the output. It reads a list as one array of all rows, and
    /// with --output jsonl each row alone. Texts are printed without quotation marks.
    #[arg(long, value_name = "FILTER", global = true)]
    jq: Option<String>,
    /// Columns of a table or of CSV, separated by commas.
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = trimmed, global = true)]
    columns: Vec<String>,
    /// Write CSV cells as they are. By default, an apostrophe is put before a text that a
    /// spreadsheet would take for a formula: one that begins with = + - @ or a tab or carriage return.
    #[arg(long, global = true)]
    raw_csv: bool,
}

/// The values of `--output`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people. A list is printed when it is complete.
    Table,
    /// One value; a list is one array.
    Json,
    /// A row per line, printed as it arrives.
    Jsonl,
    /// A row per line, printed as it arrives, below a line of names.
    Csv,
}

/// What the rows of a list are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RowKind {
    /// The name of their schema in the contract; of other rows, what an error calls one.
    pub(crate) schema: &'static str,
    /// The columns of a table, unless the command line names others. None: all fields.
    pub(crate) columns: &'static [&'static str],
    /// Fields that rows have beside those of the schema.
    pub(crate) added: &'static [&'static str],
}

impl RowKind {
    /// The rows of a schema of the contract, with all of its fields.
    pub(crate) const fn of(schema: &'static str) -> Self {
        Self {
            schema,
            columns: &[],
            added: &[],
        }
    }

    fn fields(&self) -> Vec<String> {
        [fields(self.schema), owned(self.added)].concat()
    }
}

fn trimmed(name: &str) -> Result<String, Infallible> {
    Ok(name.trim().to_owned())
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

/// Prints a list row by row.
pub(crate) struct Rows {
    printed: usize,
    sink: Sink,
}

enum Sink {
    Table(Table),
    Csv(CsvRows),
    Json(json::Array),
    JsonLines,
    /// The filter reads all rows at the end.
    FilterOfAll(Filter, Vec<Value>),
    FilterOfEach(Filter),
}

impl Output {
    fn format(&self) -> Result<Format, Failure> {
        match (self.format, &self.jq) {
            (Some(Format::Table | Format::Csv), Some(_)) => Err(Failure::unusable(
                "--jq prints JSON; use it with --output json or jsonl",
            )),
            (Some(format), _) => Ok(format),
            (None, Some(_)) => Ok(Format::Json),
            (None, None) => Ok(Format::Table),
        }
    }

    fn filter(&self) -> Result<Option<Filter>, Failure> {
        self.jq.as_deref().map(Filter::compile).transpose()
    }

    /// Makes JSON the default format.
    pub(crate) fn default_to_json(&mut self) {
        self.format.get_or_insert(Format::Json);
    }

    /// Checks the options, so that a wrong one is reported before anything is sent.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        let has_columns = matches!(self.format()?, Format::Table | Format::Csv);
        if !has_columns && !self.columns.is_empty() {
            return Err(Failure::unusable(
                "--columns selects the columns of a table or of CSV; use --jq for JSON",
            ));
        }
        self.filter()?;
        Ok(())
    }

    /// Starts the output of a list.
    pub(crate) fn rows(&self, kind: RowKind) -> Result<Rows, Failure> {
        let columns = self.columns_of(kind)?;
        let sink = match (self.format()?, self.filter()?) {
            (Format::Jsonl, Some(filter)) => Sink::FilterOfEach(filter),
            (_, Some(filter)) => Sink::FilterOfAll(filter, Vec::new()),
            (Format::Table, None) => Sink::Table(Table::new(columns)),
            (Format::Csv, None) => Sink::Csv(CsvRows::new(columns, self.raw_csv)?),
            (Format::Json, None) => Sink::Json(json::Array::default()),
            (Format::Jsonl, None) => Sink::JsonLines,
        };
        Ok(Rows { printed: 0, sink })
    }

    /// Whether the output is a table whose columns the command chooses.
    pub(crate) fn is_default_table(&self) -> bool {
        matches!(self.format(), Ok(Format::Table)) && self.columns.is_empty()
    }

    /// Whether a command with one result prints it as one JSON value.
    pub(crate) fn is_json(&self) -> bool {
        matches!(self.format(), Ok(Format::Json))
    }

    /// Whether a jq filter reads the output.
    pub(crate) fn is_filtered(&self) -> bool {
        self.jq.is_some()
    }

    /// The columns of a list: those of the command line, else for CSV all fields.
    fn columns_of(&self, kind: RowKind) -> Result<Vec<String>, Failure> {
        self.check_columns(kind)?;
        Ok(match self.format()? {
            _ if !self.columns.is_empty() => self.columns.clone(),
            Format::Table if !kind.columns.is_empty() => owned(kind.columns),
            _ => kind.fields(),
        })
    }

    /// Checks that such rows have the columns of the command line.
    pub(crate) fn check_columns(&self, kind: RowKind) -> Result<(), Failure> {
        let known = kind.fields();
        match self.columns.iter().find(|name| !known.contains(name)) {
            Some(unknown) => Err(Failure::unusable(format!(
                "--columns: {} has no field {unknown}{}",
                kind.schema,
                near(unknown, known.iter().map(String::as_str))
            ))),
            None => Ok(()),
        }
    }

    /// Prints one object of a schema of the contract.
    pub(crate) fn object(&self, schema: &str, object: &impl Serialize) -> Result<(), Failure> {
        self.value(&to_json(schema, object)?)
    }

    /// Prints any JSON value.
    pub(crate) fn value(&self, value: &Value) -> Result<(), Failure> {
        match (self.format()?, self.filter()?) {
            (_, Some(filter)) => filter.print(value),
            (Format::Table, None) => table::print_object(value, &self.columns),
            (Format::Csv, None) => csv::print_object(value, &self.columns, self.raw_csv),
            (Format::Json, None) => json::print(&format!("{value:#}")),
            (Format::Jsonl, None) => json::print(&value.to_string()),
        }
    }
}

impl Rows {
    /// How many rows have been passed on.
    pub(crate) fn printed(&self) -> usize {
        self.printed
    }

    /// Prints a row, or keeps it until the list is complete.
    pub(crate) fn row(&mut self, row: Value) -> Result<(), Failure> {
        self.printed += 1;
        match &mut self.sink {
            Sink::Table(table) => {
                table.row(&row);
                Ok(())
            }
            Sink::Csv(rows) => rows.row(&row),
            Sink::Json(array) => array.row(&row),
            Sink::JsonLines => json::print(&row.to_string()),
            Sink::FilterOfAll(_, rows) => {
                rows.push(row);
                Ok(())
            }
            Sink::FilterOfEach(filter) => filter.print(&row),
        }
    }

    /// Ends the output of a complete list.
    pub(crate) fn complete(self) -> Result<(), Failure> {
        match self.sink {
            Sink::Table(table) => table.print(),
            Sink::Json(array) => array.end(),
            Sink::FilterOfAll(filter, rows) => filter.print(&Value::Array(rows)),
            Sink::Csv(_) | Sink::JsonLines | Sink::FilterOfEach(_) => Ok(()),
        }
    }

    /// Ends the output of a list that broke off, and returns why the command failed. A JSON array
    /// stays open, and no filter reads the rows, so that no program takes them for all.
    pub(crate) fn broken(self, error: pivotal_sdk::Error) -> Failure {
        if self.printed == 0 {
            return error.into();
        }
        if let Sink::Table(table) = self.sink
            && let Err(unprinted) = table.print()
        {
            return unprinted;
        }
        Failure::partial(format_args!(
            "the list ended early, after {}: {error}",
            counted(self.printed as u64, "row")
        ))
    }
}

/// The fields of a schema of the contract, those of nested objects as `outer.inner`.
fn fields(schema: &str) -> Vec<String> {
    let fields = Fields::of(schema);
    let names = fields
        .iter()
        .flat_map(|field| with_fields_below(field.name, field.schema));
    names.collect()
}

fn with_fields_below(name: &str, schema: &Value) -> Vec<String> {
    let contract = Document::contract();
    let properties = contract.properties(schema).into_iter();
    let below =
        properties.flat_map(|(inner, schema)| with_fields_below(inner, contract.resolve(schema)));
    let below: Vec<_> = below.map(|inner| format!("{name}.{inner}")).collect();
    if below.is_empty() {
        vec![name.to_owned()]
    } else {
        below
    }
}

/// What a row has in a column, which may be a field of a nested object.
fn in_column<'v>(row: &'v Value, column: &str) -> &'v Value {
    column.split('.').fold(row, |value, name| &value[name])
}

/// An object of a schema of the contract as JSON; see [`Fields::row`].
pub(crate) fn to_json(schema: &str, object: &impl Serialize) -> Result<Value, Failure> {
    Fields::of(schema).row(object).map_err(Failure::step)
}

/// The fields of an object, those of nested objects as `outer.inner`.
fn flattened(value: &Value) -> Vec<(String, &Value)> {
    let Value::Object(members) = value else {
        return vec![("value".to_owned(), value)];
    };
    let mut fields = Vec::new();
    for (name, value) in members {
        match value {
            Value::Object(inner) if !inner.is_empty() => {
                let inner = flattened(value).into_iter();
                fields.extend(inner.map(|(inner, value)| (format!("{name}.{inner}"), value)));
            }
            _ => fields.push((name.clone(), value)),
        }
    }
    fields
}

/// The flattened fields that `columns` names, in its order; all if it names none, first those that say
/// which row it is. A field that is missing is null, as in a list.
fn selected<'v>(value: &'v Value, columns: &[String]) -> Vec<(String, &'v Value)> {
    let mut fields = flattened(value);
    if columns.is_empty() {
        fields.sort_by_key(|(name, _)| place(name));
        return fields;
    }
    let select = |column: &String| {
        let field = fields.iter().find(|(name, _)| name == column);
        (
            column.clone(),
            field.map_or(&Value::Null, |(_, value)| value),
        )
    };
    columns.iter().map(select).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The contract has no list of rows with nested objects yet.
    #[test]
    fn a_column_of_a_nested_object_is_found_in_a_row() {
        let row = serde_json::json!({ "id": 1, "address": { "city": "Oslo" } });
        assert_eq!(in_column(&row, "id"), 1);
        assert_eq!(in_column(&row, "address.city"), "Oslo");
        assert_eq!(*in_column(&row, "address.street.name"), Value::Null);
    }
}
