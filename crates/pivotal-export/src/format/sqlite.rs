//! SQLite.

use pivotal_sdk::Value;
use rusqlite::types::Value as SqlValue;
use rusqlite::{Connection, params_from_iter};

use super::RowWriter;
use crate::error::Result;
use crate::export::Table;
use crate::fields::{Field, Fields, Kind};
use crate::file::AtomicFile;

/// Marks a database as an export, so that no other one is replaced: "PVXP".
const APPLICATION_ID: u32 = 0x5056_5850;

/// Where the number stands in a database file, and where it ends.
const APPLICATION_ID_AT: std::ops::Range<usize> = 68..72;

pub(super) struct Sqlite {
    connection: Connection,
    insert: String,
}

impl Sqlite {
    pub(super) fn create(file: &AtomicFile) -> Result<Self> {
        let connection = Connection::open(file.written())?;
        // The file has no readers yet, and an export that fails is not kept.
        connection.execute_batch(&format!(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
             PRAGMA application_id = {APPLICATION_ID}; BEGIN"
        ))?;
        Ok(Self {
            connection,
            insert: String::new(),
        })
    }
}

pub(super) fn is_export(start: &[u8]) -> bool {
    start.get(APPLICATION_ID_AT) == Some(&APPLICATION_ID.to_be_bytes()[..])
}

impl RowWriter for Sqlite {
    fn begin(&mut self, table: Table, fields: &Fields) -> Result<()> {
        let columns: Vec<_> = fields.iter().map(column).collect();
        self.connection.execute_batch(&format!(
            "CREATE TABLE {table} (\n    {},\n    raw TEXT NOT NULL -- the row as JSON\n)",
            columns.join(",\n    ")
        ))?;
        let values = vec!["?"; columns.len() + 1].join(", ");
        self.insert = format!("INSERT INTO {table} VALUES ({values})");
        Ok(())
    }

    fn row(&mut self, fields: &Fields, row: &Value) -> Result<()> {
        let values = fields.iter().map(|field| value(&row[field.name]));
        let values = values.chain([SqlValue::Text(row.to_string())]);
        let mut insert = self.connection.prepare_cached(&self.insert)?;
        insert.execute(params_from_iter(values))?;
        Ok(())
    }

    fn end(self: Box<Self>) -> Result<()> {
        self.connection.execute_batch("COMMIT")?;
        self.connection.close().map_err(|(_, error)| error)?;
        Ok(())
    }
}

fn column(field: &Field) -> String {
    let name = field.name;
    if name == "id" {
        return format!("{name} TEXT PRIMARY KEY NOT NULL");
    }
    let kind = match field.kind {
        Kind::Integer | Kind::Boolean => "INTEGER",
        Kind::Number => "REAL",
        Kind::Text | Kind::Time | Kind::Json => "TEXT",
    };
    let not_null = if field.nullable || field.optional {
        ""
    } else {
        " NOT NULL"
    };
    format!("\"{name}\" {kind}{not_null}")
}

fn value(value: &Value) -> SqlValue {
    match value {
        Value::Null => SqlValue::Null,
        Value::Bool(value) => SqlValue::Integer(i64::from(*value)),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(number), _) => SqlValue::Integer(number),
            (None, Some(number)) => SqlValue::Real(number),
            (None, None) => SqlValue::Text(number.to_string()),
        },
        Value::String(text) => SqlValue::Text(text.clone()),
        other => SqlValue::Text(other.to_string()),
    }
}
