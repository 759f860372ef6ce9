//! The table of the mirror.

use rusqlite::{Connection, OptionalExtension, Transaction};
use serde_json::Value;

use super::items::json;
use crate::error::Result;
use crate::field::{MatchKey, Values, object};

/// The columns of the mirror but for the JSON.
const COLUMNS: [&str; 16] = [
    "id",
    "display_id",
    "name",
    "slug",
    "domain",
    "status",
    "plan",
    "mrr",
    "monthly_orders",
    "hubspot_company_id",
    "hubspot_deal_id",
    "stripe_customer_id",
    "intercom_company_id",
    "slack_channel_id",
    "created_at",
    "updated_at",
];

/// Inserts or replaces a customer.
pub(crate) fn put(transaction: &Transaction<'_>, customer: &Values) -> Result<()> {
    let sql = format!(
        "INSERT OR REPLACE INTO customers ({}, raw) VALUES ({}?)",
        COLUMNS.join(", "),
        "?, ".repeat(COLUMNS.len())
    );
    let mut values: Vec<rusqlite::types::Value> = Vec::with_capacity(COLUMNS.len() + 1);
    for column in COLUMNS {
        values.push(match customer.get(column) {
            Some(Value::String(text)) => text.clone().into(),
            Some(Value::Number(number)) => number.as_i64().into(),
            _ => rusqlite::types::Value::Null,
        });
    }
    values.push(json(customer).into());
    transaction
        .prepare_cached(&sql)?
        .execute(rusqlite::params_from_iter(values))?;
    Ok(())
}

/// The customers with a value in a match key, at most three.
pub(crate) fn with_key(connection: &Connection, key: MatchKey, value: &str) -> Result<Vec<Values>> {
    let column = match key {
        MatchKey::Domain => "lower(domain)",
        other => other.field().name(),
    };
    let sql = format!("SELECT raw FROM customers WHERE {column} = ? LIMIT 3");
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([value], |row| Ok(object(&row.get::<_, String>(0)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A customer of the mirror.
pub(crate) fn with_id(connection: &Connection, id: &str) -> Result<Option<Values>> {
    let mut statement = connection.prepare_cached("SELECT raw FROM customers WHERE id = ?")?;
    let row = statement.query_row([id], |row| Ok(object(&row.get::<_, String>(0)?)));
    Ok(row.optional()?)
}
