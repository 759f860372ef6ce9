//! What can be checked without writing.

use pivotal_openapi::schema::known_values;
use pivotal_openapi::{Operation, schema};
use pivotal_sdk::Timestamp;
use serde_json::{Value, json};

use crate::operation_cases::{Inputs, OperationCase, Reply, operation_case};
use crate::suite::created_records::{id, rows};
use crate::suite::fixture::{Fixture, Flow, Stop};
use crate::suite::resource::PARENT;

/// How many customers are tried until one has rows to list.
const PARENTS: usize = 10;

/// Parameters that choose a page, not rows.
const PAGING: [&str; 2] = ["limit", "cursor"];

pub(super) async fn succeeds(
    fixture: &Fixture,
    operation: &Operation<'_>,
    row: &OperationCase,
) -> Flow {
    let sent = (row.minimal)(&fixture.client, &fixture.inputs(""));
    fixture.ok(operation, sent).await.map(drop)
}

/// Lists rows, page by page and filtered, and gets the first of them.
pub(super) async fn lists(
    fixture: &Fixture,
    operation: &Operation<'_>,
    row: &OperationCase,
    component: &str,
) -> Flow {
    let mut found = None;
    for inputs in parents(fixture, operation).await? {
        let sent = (row.minimal)(&fixture.client, &inputs);
        let page = fixture.ok(operation, sent).await?;
        if let Some(first) = rows(&page).next() {
            found = Some((inputs, first.clone()));
            break;
        }
    }
    let Some((inputs, first)) = found else {
        return Err(Stop::Skipped("the workspace has no row that it lists"));
    };
    if PAGING
        .iter()
        .all(|name| operation.parameter("query", name).is_some())
    {
        pages(fixture, operation, &inputs).await?;
    }
    filters(fixture, operation, &inputs, &first).await?;
    for parameter in operation.parameters() {
        let is_filter = parameter.location == "query" && !PAGING.contains(&parameter.name);
        let values = known_values(parameter.schema.value).filter_map(Value::as_str);
        for value in values.filter(|_| is_filter) {
            filter(fixture, operation, &inputs, parameter.name, value, None).await?;
        }
    }
    get(fixture, component, &first).await
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
    let page = fixture.ok(list, Box::pin(sent(request))).await?;
    let ids = rows(&page).filter_map(id).take(PARENTS);
    let inputs = ids.map(|id| fixture.inputs("").with_id(&parent.collection, id));
    Ok(inputs.collect())
}

async fn sent(request: pivotal_sdk::Request) -> pivotal_sdk::Result<Reply> {
    request.send::<Value>().await.map(Reply::from)
}

/// Two pages of one row each: of the size that was asked for, and the second older than the first.
async fn pages(fixture: &Fixture, operation: &Operation<'_>, inputs: &Inputs) -> Flow {
    let request = || fixture.request(operation, inputs).query("limit", 1);
    let first = fixture.ok(operation, Box::pin(sent(request()))).await?;
    let message = "more rows than were asked for";
    let is_small = rows(&first).count() <= 1;
    expect_parameter(fixture, operation, is_small, "limit", message);
    // Where there is no next page, a cursor of our own tries the parameter all the same.
    let cursor = first["next_cursor"]
        .as_str()
        .unwrap_or("2020-01-01T00:00:00.000Z");
    let request = request().query("cursor", cursor);
    let second = fixture.ok(operation, Box::pin(sent(request))).await?;
    let created = |row: &Value| row["created_at"].as_str()?.parse::<Timestamp>().ok();
    let last = rows(&first).last().and_then(created);
    let is_older = rows(&second).all(|row| created(row) < last);
    let message = "rows that are not older than the page before";
    expect_parameter(fixture, operation, is_older, "cursor", message);
    Ok(())
}

/// Filters a list by each property of one of its rows that there is a parameter for: the row must
/// be found.
pub(super) async fn filters(
    fixture: &Fixture,
    operation: &Operation<'_>,
    inputs: &Inputs,
    row: &Value,
) -> Flow {
    for parameter in operation.parameters() {
        let value = row[parameter.name].as_str();
        if parameter.location == "query"
            && !PAGING.contains(&parameter.name)
            && let Some(value) = value
        {
            let row = Some(row);
            filter(fixture, operation, inputs, parameter.name, value, row).await?;
        }
    }
    Ok(())
}

/// Lists the rows whose property has a value. They include `row`, if one is given.
async fn filter(
    fixture: &Fixture,
    operation: &Operation<'_>,
    inputs: &Inputs,
    name: &str,
    value: &str,
    row: Option<&Value>,
) -> Flow {
    let request = fixture.request(operation, inputs).query(name, value);
    let page = fixture.ok(operation, Box::pin(sent(request))).await?;
    // An onboarding that waits on the customer is listed as waiting, whatever its state.
    let waits = |row: &Value| value == "waiting" && row["waiting_on_customer"] == true;
    let fits = |row: &Value| row[name] == value || waits(row);
    let found = row.is_none_or(|row| rows(&page).any(|known| known["id"] == row["id"]));
    let message = match rows(&page).all(fits) {
        true => "a row with this value is not in the list",
        false => "rows with another value",
    };
    let holds = found && rows(&page).all(fits);
    expect_parameter(fixture, operation, holds, name, message);
    Ok(())
}

fn expect_parameter(
    fixture: &Fixture,
    operation: &Operation<'_>,
    holds: bool,
    name: &str,
    message: &str,
) {
    let parameter = operation.parameter("query", name);
    let rule = parameter.map(|parameter| parameter.schema.pointer);
    fixture.expect(operation, holds, "/response/body/data", rule, message);
}

/// The same row by its number and by its ID.
async fn get(fixture: &Fixture, component: &str, row: &Value) -> Flow {
    let resource = fixture.resources.get(component);
    let Some((resource, get)) = resource.and_then(|known| Some((known, known.get.as_ref()?)))
    else {
        return Ok(());
    };
    let Some(case) = operation_case(&get.name()) else {
        return Ok(());
    };
    let number = row["display_id"].as_u64().map(|number| number.to_string());
    for id in number.into_iter().chain(id(row)) {
        let inputs = fixture.inputs("").with_id(&resource.collection, id);
        let got = fixture
            .ok(get, (case.minimal)(&fixture.client, &inputs))
            .await?;
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

pub(super) async fn refuses_invalid_query(
    fixture: &Fixture,
    operation: &Operation<'_>,
    inputs: &Inputs,
) -> Flow {
    for (name, value) in invalid_queries(operation) {
        let sent = fixture.request(operation, inputs).query(name, value).await;
        fixture.refused(operation, 400, sent)?;
    }
    Ok(())
}

/// A body with one property of another type than the schema takes.
pub(super) fn invalid_body(fixture: &Fixture, operation: &Operation<'_>) -> Option<Value> {
    let body = operation.body()?;
    let properties = fixture
        .contract
        .document
        .properties(body.content.schema.value);
    let text = |rules: &&Value| schema::types(rules).first() == Some(&"string");
    let (name, _) = properties.into_iter().find(|(_, rules)| text(rules))?;
    Some(json!({ name: 7 }))
}
