//! What can be checked without writing.

use pivotal_openapi::schema::known_values;
use pivotal_openapi::{Operation, Parameter};
use pivotal_sdk::{Request, Timestamp};
use serde_json::Value;

use super::Case;
use crate::operation_cases::{Inputs, OperationCase, operation_case};
use crate::suite::fixture::{Fixture, Flow, Stop};
use crate::suite::resource::{PARENT, id, rows};

/// How many customers are tried until one has rows to list.
const PARENTS: usize = 10;

/// Parameters that choose a page, not rows.
const PAGING: [&str; 2] = ["limit", "cursor"];

/// A list operation, and the inputs to call it with.
pub(super) struct List<'l> {
    fixture: &'l Fixture,
    operation: &'l Operation<'l>,
    inputs: &'l Inputs,
}

/// Lists rows, page by page and filtered, and gets the first of them.
pub(super) async fn lists(fixture: &Fixture, case: &Case, component: &str) -> Flow {
    let Case { operation, row, .. } = case;
    let mut found = None;
    for inputs in parents(fixture, operation).await? {
        let page = fixture.ok(operation, row.minimal, &inputs).await?;
        if let Some(first) = rows(&page).next() {
            found = Some((inputs, first.clone()));
            break;
        }
    }
    let Some((inputs, first)) = found else {
        return Err(Stop::Skipped("the workspace has no row that it lists"));
    };
    let has = |name: &&str| operation.parameter("query", name).is_some();
    let list = List::new(fixture, operation, &inputs);
    if PAGING.iter().all(has) {
        list.pages().await?;
    }
    list.filters(&first).await?;
    for parameter in operation.parameters() {
        let values = known_values(parameter.schema.value).filter_map(Value::as_str);
        for value in values.filter(|_| is_filter(&parameter)) {
            list.filter(parameter.name, value, None).await?;
        }
    }
    get(fixture, component, &first).await
}

fn is_filter(parameter: &Parameter<'_>) -> bool {
    parameter.location == "query" && !PAGING.contains(&parameter.name)
}

/// The inputs to try a list with: of the newest customers where it lists what belongs to one.
async fn parents(fixture: &Fixture, operation: &Operation<'_>) -> Flow<Vec<Inputs>> {
    if !operation.path.contains('{') {
        return Ok(vec![fixture.inputs("")]);
    }
    let Some(parent) = fixture.resources.get(PARENT) else {
        return Ok(Vec::new());
    };
    let list = parent.lists.first();
    let list = list.ok_or(Stop::Skipped("the contract has no list of customers"))?;
    let request = fixture
        .request(list, &fixture.inputs(""))
        .query("limit", 25);
    let page = fixture.page(list, request).await?;
    let ids = rows(&page).filter_map(id).take(PARENTS);
    let inputs = ids.map(|id| fixture.inputs("").with_id(&parent.collection, id));
    Ok(inputs.collect())
}

impl<'l> List<'l> {
    pub(super) fn new(
        fixture: &'l Fixture,
        operation: &'l Operation<'l>,
        inputs: &'l Inputs,
    ) -> Self {
        Self {
            fixture,
            operation,
            inputs,
        }
    }

    fn request(&self) -> Request {
        self.fixture.request(self.operation, self.inputs)
    }

    async fn page(&self, request: Request) -> Flow<Value> {
        self.fixture.page(self.operation, request).await
    }

    /// Gets two pages of one row each: of the size that was asked for, and the second older than
    /// the first.
    async fn pages(&self) -> Flow {
        let first = self.page(self.request().query("limit", 1)).await?;
        let message = "more rows than were asked for";
        self.expect(rows(&first).count() <= 1, "limit", message);
        // Where there is no next page, a cursor of our own tries the parameter all the same.
        let cursor = first["next_cursor"]
            .as_str()
            .unwrap_or("2020-01-01T00:00:00.000Z");
        let request = self.request().query("limit", 1).query("cursor", cursor);
        let second = self.page(request).await?;
        let created = |row: &Value| row["created_at"].as_str()?.parse::<Timestamp>().ok();
        let last = rows(&first).last().and_then(created);
        let is_older = rows(&second).all(|row| created(row) < last);
        let message = "rows that are not older than the page before";
        self.expect(is_older, "cursor", message);
        Ok(())
    }

    /// Filters the list by each property of one of its rows that there is a parameter for: the row
    /// must be found.
    pub(super) async fn filters(&self, row: &Value) -> Flow {
        for parameter in self.operation.parameters() {
            if let (true, Some(value)) = (is_filter(&parameter), row[parameter.name].as_str()) {
                self.filter(parameter.name, value, Some(row)).await?;
            }
        }
        Ok(())
    }

    /// Lists the rows whose property has a value. They include `row`, if it is one of them.
    async fn filter(&self, name: &str, value: &str, row: Option<&Value>) -> Flow {
        let page = self.page(self.request().query(name, value)).await?;
        // An onboarding that waits on the customer is listed as waiting, whatever its state.
        let fits = |row: &Value| match row.get("waiting_on_customer") {
            Some(waits) if (name, value) == ("state", "waiting") => *waits == true,
            _ => row[name] == value,
        };
        let row = row.filter(|row| fits(row));
        let found = row.is_none_or(|row| rows(&page).any(|known| known["id"] == row["id"]));
        let (holds, message) = match rows(&page).all(fits) {
            true => (found, "a row with this value is not in the list"),
            false => (false, "rows with another value"),
        };
        self.expect(holds, name, message);
        Ok(())
    }

    fn expect(&self, holds: bool, name: &str, message: &str) {
        let parameter = self.operation.parameter("query", name);
        let rule = parameter.map(|parameter| parameter.pointer);
        let place = "/response/body/data";
        self.fixture
            .expect(self.operation, holds, place, rule, message);
    }

    pub(super) async fn refuses_invalid_query(&self) -> Flow {
        for (name, value) in invalid_queries(self.operation) {
            let sent = self.request().query(name, value).await;
            self.fixture.refused(self.operation, 400, sent)?;
        }
        Ok(())
    }
}

/// The same row by its number and by its ID.
async fn get(fixture: &Fixture, component: &str, row: &Value) -> Flow {
    let Some(resource) = fixture.resources.get(component) else {
        return Ok(());
    };
    let Some((get, case)) = with_row(resource.get.as_ref()) else {
        return Ok(());
    };
    let number = row["display_id"].as_u64().map(|number| number.to_string());
    for id in number.into_iter().chain(id(row)) {
        let inputs = fixture.inputs("").with_id(&resource.collection, id);
        let got = fixture.ok(get, case.minimal, &inputs).await?;
        let message = "another record than was asked for";
        let same = got["id"] == row["id"];
        fixture.expect(get, same, "/response/body/id", None, message);
    }
    Ok(())
}

/// Values that the parameters of a query do not take.
pub(super) fn invalid_queries<'d>(operation: &Operation<'d>) -> Vec<(&'d str, String)> {
    let parameters = operation.parameters().into_iter();
    let queries = parameters.filter(|parameter| parameter.location == "query");
    queries
        .filter_map(|parameter| {
            let rules = parameter.schema.value;
            let below = rules["minimum"]
                .as_i64()
                .map(|least| (least - 1).to_string());
            let no_time = (rules["format"] == "date-time").then(|| "yesterday".to_owned());
            Some((parameter.name, below.or(no_time)?))
        })
        .collect()
}

/// An operation with its row in the case table.
pub(super) fn with_row<'o>(
    operation: Option<&'o Operation<'static>>,
) -> Option<(&'o Operation<'static>, &'static OperationCase)> {
    let operation = operation?;
    Some((operation, operation_case(&operation.name())?))
}
