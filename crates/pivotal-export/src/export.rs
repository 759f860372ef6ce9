//! Walks lists and writes their rows.

use std::fmt;
use std::path::{Path, PathBuf};

use futures_util::{StreamExt, stream};
use pivotal_sdk::{Call, Client, List, Paged, Value};
use serde::Serialize;

use crate::error::{Error, Result};
use crate::fields::Fields;
use crate::file::{AtomicFile, FileKind};
use crate::format::{Format, Options, RowWriter};
use crate::text::cell;

/// How many lists of contacts are read at a time. The rate limit spaces the requests.
const LISTS_AT_A_TIME: usize = 4;

/// Query parameters of a list, which select rows, and their values.
pub type Filters = [(&'static str, String)];

/// The rows of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Table {
    /// Customers.
    Customers,
    /// Contacts of customers.
    Contacts,
    /// Onboardings.
    Onboardings,
}

impl Table {
    pub(crate) const ALL: [Self; 3] = [Self::Customers, Self::Contacts, Self::Onboardings];

    /// The name of a table or stream of these rows.
    pub fn name(self) -> &'static str {
        match self {
            Self::Customers => "customers",
            Self::Contacts => "contacts",
            Self::Onboardings => "onboardings",
        }
    }

    /// The schema of a row in the contract.
    pub fn schema(self) -> &'static str {
        match self {
            Self::Customers => "Customer",
            Self::Contacts => "Contact",
            Self::Onboardings => "Onboarding",
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What an export has read.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'e> {
    /// A row, or the contacts of a customer.
    Read {
        /// What is being read.
        table: Table,
        /// How many rows, or customers whose contacts, were read.
        done: u64,
        /// How many there are, if that is known.
        total: Option<u64>,
    },
    /// A row that does not decode, and is left out.
    Invalid(&'e pivotal_sdk::Error),
}

/// Whether a row has the values of the filters. Not every filter is in the API reference, and a
/// server that ignores one returns other rows. `state` is the exception: `waiting` selects rows by
/// another field.
pub fn accepts(filters: &Filters, row: &Value) -> bool {
    let mut filters = filters.iter().filter(|(name, _)| *name != "state");
    filters.all(|(name, value)| row.get(name).is_none_or(|field| cell(field) == *value))
}

/// An export in progress. Without [`finish`](Self::finish) there is no file.
pub struct Export<'c> {
    client: &'c Client,
    writer: Box<dyn RowWriter>,
    file: Option<AtomicFile>,
    path: Option<PathBuf>,
    rows: u64,
    on_event: Box<dyn FnMut(Event<'_>) + 'c>,
}

impl<'c> Export<'c> {
    /// An export to a file, or to standard output.
    ///
    /// # Errors
    /// [`Error::Unusable`] if the file cannot be written or is no earlier export of the format, or the
    /// format is not available there.
    pub fn new(
        client: &'c Client,
        path: Option<&Path>,
        format: Format,
        options: Options,
        on_event: impl FnMut(Event<'_>) + 'c,
    ) -> Result<Self> {
        let kind = FileKind {
            name: "earlier export of this format",
            is_one: &|start| format.has_written(start),
        };
        let file = path.map(|path| AtomicFile::create(path, kind));
        let file = file.transpose()?;
        let writer = format.writer(file.as_ref(), options);
        Ok(Self {
            client,
            writer: writer.map_err(|error| error.of_file(path))?,
            file,
            path: path.map(Path::to_owned),
            rows: 0,
            on_event: Box::new(on_event),
        })
    }

    /// Writes the customers, and returns their IDs, those of customers that do not decode as well.
    ///
    /// # Errors
    /// [`Error::Broken`] if the list breaks off; the errors of writing.
    pub async fn customers(&mut self, filters: &Filters) -> Result<Vec<String>> {
        let mut ids = Vec::new();
        let call = self.client.customers().list();
        let id = |row: &Row| ids.extend(id(row));
        self.list(Table::Customers, call, filters, id).await?;
        Ok(ids)
    }

    /// The IDs of customers, without writing them.
    ///
    /// # Errors
    /// [`Error::Broken`] if the list breaks off.
    pub async fn customer_ids(&mut self, filters: &Filters) -> Result<Vec<String>> {
        let fields = Fields::of(Table::Customers.schema());
        let call = self.client.customers().list();
        let mut ids = Vec::new();
        let on_event = &mut self.on_event;
        let walk = walk(Table::Customers, call, &fields, filters, |row| {
            match (id(&row), row) {
                (Some(id), _) => ids.push(id),
                // Its contacts will be missing.
                (None, Err(invalid)) => on_event(Event::Invalid(&invalid)),
                (None, Ok(_)) => {}
            }
            Ok(())
        });
        walk.await.map_err(|error| self.broken(error))?;
        Ok(ids)
    }

    /// Writes the contacts of these customers, with one request or more for each. A customer that was
    /// deleted meanwhile has none.
    ///
    /// # Errors
    /// [`Error::Broken`] if a list breaks off; the errors of writing.
    pub async fn contacts(&mut self, customers: &[String]) -> Result<()> {
        let fields = Fields::of(Table::Contacts.schema());
        self.begin(Table::Contacts, &fields)?;
        let client = self.client;
        let list = async |customer: &String| {
            let call = client.customer(customer).contacts().list();
            let mut rows = Vec::new();
            let walk = walk(Table::Contacts, call, &fields, &[], |row| {
                rows.push(row);
                Ok(())
            });
            match walk.await {
                Ok(()) => Ok(rows),
                // Pivotal says so, not something in between: its errors have codes.
                Err(Error::Broken { error, .. })
                    if error.is_not_found() && error.code().is_some() =>
                {
                    Ok(Vec::new())
                }
                Err(error) => Err(error),
            }
        };
        let lists = stream::iter(customers).map(list).buffered(LISTS_AT_A_TIME);
        let mut lists = std::pin::pin!(lists);
        let mut done = 0;
        while let Some(list) = lists.next().await {
            let written = list.and_then(|rows| {
                let mut rows = rows.into_iter();
                rows.try_for_each(|row| self.write(&fields, row))
            });
            written.map_err(|error| self.broken(error))?;
            done += 1;
            (self.on_event)(Event::Read {
                table: Table::Contacts,
                done,
                total: Some(customers.len() as u64),
            });
        }
        Ok(())
    }

    /// Writes the onboardings.
    ///
    /// # Errors
    /// [`Error::Broken`] if the list breaks off; the errors of writing.
    pub async fn onboardings(&mut self, filters: &Filters) -> Result<()> {
        let call = self.client.onboardings().list();
        self.list(Table::Onboardings, call, filters, |_| {}).await
    }

    /// Ends the output, moves a file to its place, and returns how many rows were written.
    ///
    /// # Errors
    /// The errors of writing.
    pub fn finish(self) -> Result<u64> {
        let Self { writer, file, .. } = self;
        let ended = writer.end().and_then(|()| match file {
            Some(file) => Ok(file.commit()?),
            None => Ok(()),
        });
        ended.map_err(|error| error.of_file(self.path.as_deref()))?;
        Ok(self.rows)
    }

    async fn list<O: Paged>(
        &mut self,
        table: Table,
        call: Call<O>,
        filters: &Filters,
        mut each: impl FnMut(&Row),
    ) -> Result<()>
    where
        <O::Response as List>::Row: Serialize,
    {
        let fields = Fields::of(table.schema());
        self.begin(table, &fields)?;
        let written_before = self.rows;
        let walk = walk(table, call, &fields, filters, |row| {
            each(&row);
            self.write(&fields, row)?;
            (self.on_event)(Event::Read {
                table,
                done: self.rows - written_before,
                total: None,
            });
            Ok(())
        });
        walk.await.map_err(|error| self.broken(error))
    }

    fn begin(&mut self, table: Table, fields: &Fields) -> Result<()> {
        let begun = self.writer.begin(table, fields);
        begun.map_err(|error| self.broken(error))
    }

    /// Writes a row, or reports that it does not decode.
    fn write(&mut self, fields: &Fields, row: Row) -> Result<()> {
        match row {
            Ok(row) => {
                self.writer.row(fields, &row)?;
                self.rows += 1;
            }
            Err(invalid) => (self.on_event)(Event::Invalid(&invalid)),
        }
        Ok(())
    }

    /// The error of a walk with the number of all rows, or of writing with the file.
    fn broken(&self, mut error: Error) -> Error {
        if let Error::Broken { rows, .. } = &mut error {
            *rows = self.rows;
        }
        error.of_file(self.path.as_deref())
    }
}

impl fmt::Debug for Export<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Export")
            .field("file", &self.file)
            .field("rows", &self.rows)
            .finish_non_exhaustive()
    }
}

/// A row as JSON, or why it does not decode.
type Row = Result<Value, pivotal_sdk::Error>;

/// The ID of a row.
fn id(row: &Row) -> Option<String> {
    let id = match row {
        Ok(row) => row["id"].as_str(),
        Err(invalid) => invalid.row_id(),
    };
    id.map(str::to_owned)
}

/// Passes on each row of a list that the filters accept, and each that does not decode.
async fn walk<O: Paged>(
    table: Table,
    mut call: Call<O>,
    fields: &Fields,
    filters: &Filters,
    mut each: impl FnMut(Row) -> Result<()>,
) -> Result<()>
where
    <O::Response as List>::Row: Serialize,
{
    for (name, value) in filters {
        call = call.query(*name, value);
    }
    let mut list = call.stream().results();
    loop {
        let next = list.try_next().await.map_err(|error| Error::Broken {
            table,
            rows: 0,
            error: error.into(),
        });
        match next? {
            None => return Ok(()),
            Some(Err(invalid)) => each(Err(invalid))?,
            Some(Ok(row)) => {
                let row = fields.row(&row)?;
                if accepts(filters, &row) {
                    each(Ok(row))?;
                }
            }
        }
    }
}
