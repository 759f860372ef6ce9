//! Any list of the contract, with its rows as JSON.

use jiff::Timestamp;
use pivotal_runtime::{Location, Operation, Violation};
use progenitor_client::QueryParam;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::client::{Client, decoded, refused};
use super::endpoint::{Endpoint, List, Paged, Row, Sent};

/// The request for a page of any list, for programs that learn at run time which list they read. All
/// others use the request type of the list, whose rows have a type.
#[derive(Clone, Debug)]
pub struct AnyList {
    operation: &'static Operation,
    path: String,
    cursor: Option<String>,
    limit: Option<u32>,
}

impl AnyList {
    /// The list of a [`paged`](Operation::paged) operation at its path, with values in place of the
    /// parameters: `/api/v1/customers/12/contacts`. `None` if the operation is not paged.
    pub fn new(operation: &'static Operation, path: impl Into<String>) -> Option<Self> {
        operation.paged.then(|| Self {
            operation,
            path: path.into(),
            cursor: None,
            limit: None,
        })
    }
}

/// A page of any list: the rows are in its only list of objects.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Map<String, Value>")]
pub struct AnyPage {
    rows: Vec<AnyRow>,
    has_more: Option<bool>,
    next_cursor: Option<String>,
}

impl TryFrom<Map<String, Value>> for AnyPage {
    type Error = &'static str;

    fn try_from(page: Map<String, Value>) -> Result<Self, Self::Error> {
        let text = page.get("next_cursor").and_then(Value::as_str);
        let next_cursor = text.filter(|cursor| !cursor.is_empty()).map(str::to_owned);
        let has_more = page.get("has_more").and_then(Value::as_bool);
        let lists = page.into_iter().filter_map(|(_, value)| match value {
            Value::Array(rows) if rows.iter().all(Value::is_object) => Some(rows),
            _ => None,
        });
        let rows = lists.max_by_key(Vec::len).ok_or("it has no list of rows")?;
        Ok(Self {
            rows: rows.into_iter().map(AnyRow).collect(),
            has_more,
            next_cursor,
        })
    }
}

/// A row of any list, as the server has sent it.
#[derive(Debug, Deserialize, Serialize)]
pub struct AnyRow(pub Value);

impl Endpoint for AnyList {
    type Response = AnyPage;
    type Error = ();

    const OPERATION: &'static Operation = Operation::ANY_GET;

    fn operation(&self) -> &'static Operation {
        self.operation
    }

    fn check(&self) -> Result<(), Violation> {
        self.operation
            .check_parameter(Location::Query, "limit", &self.limit)
    }

    async fn send(&self, client: &Client) -> Sent<AnyPage> {
        let request = client.client.get(client.url(&self.path));
        let request = request
            .query(&QueryParam::new("cursor", &self.cursor))
            .query(&QueryParam::new("limit", &self.limit))
            .build()?;
        let response = client.exec(request, self.operation).await?;
        match response.status().is_success() {
            true => decoded(response),
            false => Err(refused(response)),
        }
    }
}

impl Paged for AnyList {
    fn cursor_mut(&mut self) -> &mut Option<String> {
        &mut self.cursor
    }

    fn limit_mut(&mut self) -> Option<&mut Option<u32>> {
        Some(&mut self.limit)
    }
}

impl List for AnyPage {
    type Row = AnyRow;

    const ROWS: &'static str = "data";

    fn rows(&self) -> &[AnyRow] {
        &self.rows
    }

    fn rows_mut(&mut self) -> &mut Vec<AnyRow> {
        &mut self.rows
    }

    fn has_more(&self) -> bool {
        self.has_more.unwrap_or(self.next_cursor.is_some())
    }

    fn next_cursor(&self) -> Option<&str> {
        self.next_cursor.as_deref()
    }
}

impl Row for AnyRow {
    fn id(&self) -> Option<&str> {
        self.0["id"].as_str()
    }

    fn created_at(&self) -> Option<Timestamp> {
        self.0["created_at"].as_str()?.parse().ok()
    }
}
