//! Plans compared with a model, which looks at all records and all customers for each record.

use std::io::Cursor;

use pivotal_sdk::Method;
use pivotal_sync::{Config, Source};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::plans::{cases, runtime};
use crate::world::world;

/// The match keys of the configuration, in the order in which they are tried.
const KEYS: [&str; 3] = ["hubspot_company_id", "domain", "slug"];

fn config(mode: &str) -> Config {
    let text = r#"
        [source]
        type = "singer"
        stream = "c"
        [fields]
        name = "name"
        slug = "slug"
        domain = "domain"
        hubspot_company_id = "hubspot_company_id"
        mrr = { column = "mrr", clear = true }
        [filter]
        kept = "yes"
    "#;
    Config::parse(&format!("[sync]\nmode = \"{mode}\"\n{text}")).unwrap()
}

/// Values of few, so that records and customers collide.
fn row() -> impl Strategy<Value = Value> {
    let one_of = |values: &'static str| {
        let values = values.split(' ').map(|value| Some(value.to_owned()));
        let values: Vec<_> = values.chain([None]).collect();
        prop::sample::select(values)
    };
    let name = prop::sample::select(&[Some("Aurora"), Some("B\tb\n\u{2028}\"\\"), None][..]);
    (
        name,
        one_of("a b c d e f g"),
        one_of("v.test x.test X.test y.test z.test"),
        one_of("3 4 5 6 7 8 9"),
    )
        .prop_map(|(name, slug, domain, hubspot)| {
            json!({ "name": name, "slug": slug, "domain": domain, "hubspot_company_id": hubspot })
        })
}

/// A record, which replaces an earlier one with the same ID.
fn record() -> impl Strategy<Value = Value> {
    (
        row(),
        prop::option::weighted(0.3, 1..3),
        prop::sample::select(vec![
            json!(1),
            json!(2),
            json!("1"),
            json!(null),
            json!(null),
            json!("many"),
        ]),
        prop::bool::weighted(0.9),
    )
        .prop_map(|(mut row, id, mrr, kept)| {
            row["id"] = json!(id);
            row["mrr"] = mrr;
            row["kept"] = json!(if kept { "yes" } else { "no" });
            row
        })
}

fn customer() -> impl Strategy<Value = Value> {
    (row(), prop::sample::select(&[Some(1), Some(2), None][..])).prop_map(|(row, mrr)| {
        let mut row = row;
        row["mrr"] = json!(mrr);
        row["name"] = json!(row["name"].as_str().unwrap_or("C"));
        without_nulls(&row)
    })
}

fn without_nulls(row: &Value) -> Value {
    let mut row = row.clone();
    row.as_object_mut()
        .unwrap()
        .retain(|_, value| !value.is_null());
    row
}

/// A record of the source, with its line and the values that it gives.
struct Row<'r> {
    line: usize,
    record: &'r Value,
    wanted: Value,
}

impl<'r> Row<'r> {
    fn new(line: usize, record: &'r Value) -> Self {
        let mut wanted = json!({ "mrr": null });
        for field in ["name", "slug", "domain", "hubspot_company_id"] {
            if !record[field].is_null() {
                wanted[field] = record[field].clone();
            }
        }
        match record["mrr"].as_str() {
            Some("many") => drop(wanted.as_object_mut().unwrap().remove("mrr")),
            Some(number) => wanted["mrr"] = json!(number.parse::<i64>().unwrap()),
            None => wanted["mrr"] = record["mrr"].clone(),
        }
        Self {
            line,
            record,
            wanted,
        }
    }

    fn is_kept(&self) -> bool {
        self.record["kept"] == "yes"
    }
}

fn key(row: &Value, field: &str) -> Option<String> {
    Some(row[field].as_str()?.to_lowercase())
}

fn have_one(row: &Value, other: &Value, field: &str) -> bool {
    key(row, field).is_some() && key(row, field) == key(other, field)
}

/// The customers that the first match key with a hit finds.
fn found<'c>(row: &Value, customers: &'c [Value]) -> Vec<&'c Value> {
    let with = |field| {
        let customers = customers.iter();
        customers.filter(move |customer| have_one(row, customer, field))
    };
    let mut hits = KEYS.iter().map(|field| with(*field).collect::<Vec<_>>());
    hits.find(|hits| !hits.is_empty()).unwrap_or_default()
}

/// What the plan does with a record: the action with its code, and the fields as they will be.
fn decide(mode: &str, row: &Row<'_>, rows: &[Row<'_>], customers: &[Value]) -> (String, Value) {
    let not = |what: &str| (what.to_owned(), Value::Null);
    let others = || {
        let others = rows.iter().filter(|other| other.line != row.line);
        others.filter(|other| other.is_kept())
    };
    let wanted = &row.wanted;
    if !row.is_kept() {
        return not("skipped filtered");
    }
    if row.record["mrr"] == "many" {
        return not("invalid invalid_value");
    }
    let Some(first) = KEYS.iter().find(|field| key(wanted, field).is_some()) else {
        return not("invalid no_match_key");
    };
    let is_shared = |field| others().any(|other| have_one(wanted, &other.wanted, field));
    if is_shared(first) || is_shared("slug") {
        return not("conflict duplicate_in_source");
    }
    let hits = found(wanted, customers);
    if hits.len() > 1 {
        return not("conflict ambiguous_match");
    }
    let mut rest = customers.iter().filter(|it| hits.first() != Some(it));
    if rest.any(|other| have_one(wanted, other, "slug")) {
        return not("conflict slug_taken");
    }
    let Some(customer) = hits.first() else {
        return match mode {
            "update" => not("skipped not_found"),
            _ if wanted["name"].is_null() => not("invalid missing_field"),
            _ => ("create".to_owned(), without_nulls(wanted)),
        };
    };
    if others().any(|other| found(&other.wanted, customers).contains(customer)) {
        return not("conflict duplicate_in_source");
    }
    let mut differing = wanted.clone();
    differing
        .as_object_mut()
        .unwrap()
        .retain(|field, value| customer[field] != *value);
    let identity = "hubspot_company_id";
    if !differing[identity].is_null() && !customer[identity].is_null() {
        return not("conflict other_identity");
    }
    match mode {
        _ if differing.as_object().unwrap().is_empty() => not("unchanged"),
        "create" => not("skipped exists"),
        _ => ("update".to_owned(), differing),
    }
}

#[test]
fn a_plan_is_that_of_a_model_without_indexes() {
    proptest!(ProptestConfig { cases: 96, ..cases() }, |(
        customers in prop::collection::vec(customer(), 0..7),
        records in prop::collection::vec(record(), 0..7),
        mode in prop::sample::select(&["create", "update", "upsert", "mirror"][..]),
    )| {
        runtime().block_on(async {
            let world = world(false).await;
            for customer in &customers {
                // A slug that is taken is refused.
                let create = world.client.request(Method::POST, "/api/v1/customers");
                let _ = create.json(customer).await;
            }
            let customers = world.customers().await;
            let customers: Vec<_> = customers.iter().map(|it| json!(it)).collect();
            let columns = ["id", "name", "slug", "domain", "hubspot_company_id", "mrr", "kept"];
            let properties: Value = columns.iter().map(|name| (*name, json!({}))).collect();
            let schema = json!({
                "type": "SCHEMA", "stream": "c", "key_properties": ["id"],
                "schema": { "properties": properties },
            });
            let messages = records.iter().fold(format!("{schema}\n"), |messages, record| {
                let message = json!({ "type": "RECORD", "stream": "c", "record": record });
                format!("{messages}{message}\n")
            });

            let config = config(mode);
            let bytes = Cursor::new(messages.into_bytes());
            let source = Source::new("tap", None, bytes, &config.source).unwrap();
            let run = world.plan_sources(&config, vec![source]).await.unwrap();
            let (mut planned, mut deleted) = (Vec::new(), Vec::new());
            for item in world.items(run) {
                let action = item.action.as_str();
                let what = item.code.map_or(action.to_owned(), |code| format!("{action} {code}"));
                match action {
                    "delete" => deleted.push(json!(item.id)),
                    _ => planned.push((item.place, (what, json!(item.after)))),
                }
            }
            deleted.sort_by_key(Value::to_string);

            let is_replaced = |index: usize| {
                let mut later = records[index + 1..].iter();
                let id = &records[index]["id"];
                !id.is_null() && later.any(|later| later["id"] == *id)
            };
            let lines = records.iter().enumerate().filter(|(index, _)| !is_replaced(*index));
            let rows: Vec<_> = lines.map(|(index, record)| Row::new(index + 2, record)).collect();
            let decided = rows.iter().map(|row| {
                (format!("tap:{}", row.line), decide(mode, row, &rows, &customers))
            });
            let is_unchanged = |(_, (what, _)): &(_, (String, _))| what == "unchanged";
            let (unchanged, expected): (Vec<_>, Vec<_>) = decided.partition(is_unchanged);
            assert_eq!(planned, expected, "{customers:#?}");
            let found = world.state.run(run).unwrap();
            assert_eq!((found.unchanged, found.rows), (unchanged.len() as u64, rows.len() as u64));
            let absent = customers.iter().filter(|customer| {
                let mut rows = rows.iter();
                mode == "mirror" && !rows.any(|row| found_any(row, &customers, customer))
            });
            let mut absent: Vec<_> = absent.map(|customer| customer["id"].clone()).collect();
            absent.sort_by_key(Value::to_string);
            assert_eq!(deleted, absent);
        });
    });
}

/// Whether a record may be a customer.
fn found_any(row: &Row<'_>, customers: &[Value], customer: &Value) -> bool {
    found(&row.wanted, customers).contains(&customer)
}
