//! Messages of Singer taps.

use std::io::Cursor;

use pivotal_sync::{Config, Error, Report, Source};
use serde_json::json;

use crate::world::{World, world};

fn config(stream: &str) -> Config {
    Config::parse(&format!(
        "[source]\ntype = \"singer\"\nstream = \"{stream}\"\n[fields]\nname = \"name\"\nslug = \"slug\"\nplan = \"billing__plan\""
    ))
    .unwrap()
}

async fn sync(world: &World, messages: &str) -> Result<Report, Error> {
    let config = config("companies");
    let bytes = Cursor::new(messages.as_bytes().to_vec());
    let source = Source::new("tap", None, bytes, &config.source).unwrap();
    world.sync(&config, source).await
}

const SCHEMA: &str = r#"{"type":"SCHEMA","stream":"companies","key_properties":["id"],"schema":{"properties":{"id":{"type":"integer"},"name":{},"slug":{},"billing":{"properties":{"plan":{}}}}}}
"#;

fn record(id: u32, name: &str) -> String {
    let slug = name.to_lowercase();
    format!(
        r#"{{"type":"RECORD","stream":"companies","record":{{"id":{id},"name":"{name}","slug":"{slug}","billing":{{"plan":"Growth"}}}}}}"#
    ) + "\n"
}

#[tokio::test]
async fn records_of_the_stream_are_imported_and_the_last_state_is_kept() {
    let world = world(false).await;
    let messages = format!(
        "{SCHEMA}{{\"type\":\"SCHEMA\",\"stream\":\"deals\",\"schema\":{{}},\"key_properties\":[]}}\n{}{}\n{{\"type\":\"STATE\",\"value\":{{\"bookmark\":1}}}}\n{{\"type\":\"RECORD\",\"stream\":\"deals\",\"record\":{{}}}}\n{}{{\"type\":\"ACTIVATE_VERSION\",\"stream\":\"companies\",\"version\":1}}\n{{\"type\":\"STATE\",\"value\":{{\"bookmark\":2}}}}\n",
        record(1, "A"),
        record(2, "B"),
        // The same key again: the last one counts.
        record(1, "A2"),
    );
    let report = sync(&world, &messages).await.unwrap();
    assert_eq!(
        (report.run.rows, report.run.exit_code),
        (2, Some(0)),
        "{report}"
    );
    assert_eq!(report.run.singer_state, Some(json!({ "bookmark": 2 })));
    let mut names: Vec<_> = world
        .customers()
        .await
        .into_iter()
        .map(|row| (row.name, row.plan))
        .collect();
    names.sort();
    let growth = Some("Growth".to_owned());
    assert_eq!(
        names,
        [("A2".to_owned(), growth.clone()), ("B".to_owned(), growth)]
    );
    assert_eq!(
        world.state.runs().unwrap()[0].singer_state,
        Some(json!({ "bookmark": 2 }))
    );
}

#[tokio::test]
async fn broken_messages_are_partial_with_their_line() {
    let cases = [
        (
            format!("{SCHEMA}{}oops\n{}", record(1, "A"), record(2, "B")),
            "line 3: it is not JSON",
            2,
        ),
        (
            format!("{SCHEMA}{}{{\"type\":\"RECORD\",\"str", record(1, "A")),
            "line 3: it is not JSON",
            1,
        ),
        (
            format!(
                "{SCHEMA}{}{{\"type\":\"BATCH\",\"stream\":\"companies\"}}\n",
                record(1, "A")
            ),
            "line 3: messages of the type \"BATCH\" are not supported",
            1,
        ),
    ];
    for (messages, why, customers) in cases {
        let world = world(false).await;
        let report = sync(&world, &messages).await.unwrap();
        assert_eq!(report.run.exit_code, Some(5), "{report}");
        assert!(report.run.incomplete.unwrap().contains(why), "{why}");
        assert_eq!(world.customers().await.len(), customers);
    }
}

#[tokio::test]
async fn messages_without_the_stream_are_an_error_and_without_a_record_stopped_by_a_guard() {
    let world = world(false).await;
    for (messages, why) in [
        ("", "there is no stream"),
        (
            "{\"type\":\"SCHEMA\",\"stream\":\"company\",\"schema\":{}}\n",
            "the streams are company",
        ),
        (
            "Traceback (most recent call last):\n",
            "line 1: it is not JSON",
        ),
    ] {
        let error = sync(&world, messages).await.unwrap_err();
        assert_eq!(error.exit_code(), 5);
        assert!(error.to_string().contains(why), "{error}");
    }
    let report = sync(&world, SCHEMA).await.unwrap();
    assert_eq!(report.run.exit_code, Some(6), "{report}");
}

#[tokio::test]
async fn a_tap_that_may_have_broken_off_leads_to_no_delete() {
    let world = world(false).await;
    let messages = format!("{SCHEMA}{}{}", record(1, "A"), record(2, "B"));
    sync(&world, &messages).await.unwrap();
    let mut config = config("companies");
    config.sync.mode = pivotal_sync::Mode::Mirror;
    let cut = format!("{SCHEMA}{}", record(1, "A"));
    for (end, guards, customers) in [("", 1, 2), ("{\"type\":\"STATE\",\"value\":{}}\n", 0, 1)] {
        let bytes = Cursor::new(format!("{cut}{end}").into_bytes());
        let source = Source::new("tap", None, bytes, &config.source).unwrap();
        let report = world.sync(&config, source).await.unwrap();
        assert_eq!(report.guards.len(), guards, "{report}");
        assert_eq!(world.customers().await.len(), customers);
    }
}
