//! The tables of the mirror: rows as they are in Pivotal.

use rusqlite::types::Null;
use rusqlite::{Connection, OptionalExtension, ToSql, Transaction};
use serde_json::Value;

use crate::error::Result;
use crate::field::{MatchKey, Values, object};
use crate::kind::Kind;

/// Inserts or replaces a row, with its JSON.
pub(crate) fn put(
    transaction: &Transaction<'_>,
    kind: Kind,
    row: &Values,
    raw: &str,
) -> Result<()> {
    let table = kind.table();
    let all = transaction.prepare_cached(&format!("SELECT * FROM {table}"))?;
    let columns = all.column_names();
    let places = vec!["?"; columns.len()].join(", ");
    let mut statement =
        transaction.prepare_cached(&format!("INSERT OR REPLACE INTO {table} VALUES ({places})"))?;
    for (column, number) in columns.into_iter().zip(1..) {
        match row.get(column) {
            _ if column == "raw" => statement.raw_bind_parameter(number, raw)?,
            Some(Value::String(text)) => statement.raw_bind_parameter(number, text)?,
            Some(Value::Number(value)) => statement.raw_bind_parameter(number, value.as_i64())?,
            Some(Value::Bool(flag)) => statement.raw_bind_parameter(number, flag)?,
            Some(list @ Value::Array(_)) => {
                statement.raw_bind_parameter(number, list.to_string())?;
            }
            _ => statement.raw_bind_parameter(number, Null)?,
        }
    }
    statement.raw_execute()?;
    Ok(())
}

/// How many rows with the same value are looked up at most.
pub(crate) const MAX_FOUND: usize = 4;

fn column(key: MatchKey) -> &'static str {
    match key {
        MatchKey::Domain => "lower(domain)",
        other => other.name(),
    }
}

/// The customers with a value in a match key, at most [`MAX_FOUND`].
pub(crate) fn with_key(connection: &Connection, key: MatchKey, value: &str) -> Result<Vec<Values>> {
    select(connection, Kind::Customer, column(key), &[&value])
}

/// The IDs of all customers with a value in a match key.
pub(crate) fn ids_with_key(
    connection: &Connection,
    key: MatchKey,
    value: &str,
) -> Result<Vec<String>> {
    let sql = format!("SELECT id FROM customers WHERE {} = ?", column(key));
    let mut statement = connection.prepare_cached(&sql)?;
    let ids = statement.query_map([value], |row| row.get(0))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

/// The contacts of a customer with an address in lower case, at most [`MAX_FOUND`].
pub(crate) fn with_email(
    connection: &Connection,
    customer: &str,
    email: &str,
) -> Result<Vec<Values>> {
    let columns = "customer_id = ? AND lower(email)";
    select(connection, Kind::Contact, columns, &[&customer, &email])
}

/// The onboardings of a customer, at most [`MAX_FOUND`].
pub(crate) fn onboardings_of(connection: &Connection, customer: &str) -> Result<Vec<Values>> {
    select(connection, Kind::Onboarding, "customer_id", &[&customer])
}

fn select(
    connection: &Connection,
    kind: Kind,
    columns: &'static str,
    values: &[&dyn ToSql],
) -> Result<Vec<Values>> {
    let sql = format!(
        "SELECT raw FROM {} WHERE {columns} = ? LIMIT {MAX_FOUND}",
        kind.table()
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(values, |row| Ok(object(&row.get::<_, String>(0)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A row of the mirror.
pub(crate) fn with_id(connection: &Connection, kind: Kind, id: &str) -> Result<Option<Values>> {
    let sql = format!("SELECT raw FROM {} WHERE id = ?", kind.table());
    let mut statement = connection.prepare_cached(&sql)?;
    let row = statement.query_row([id], |row| Ok(object(&row.get::<_, String>(0)?)));
    Ok(row.optional()?)
}
