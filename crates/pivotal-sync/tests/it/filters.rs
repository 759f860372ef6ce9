//! Filters and owners.

use pivotal_sync::Config;

use crate::world::{anything, world};

fn config(mode: &str) -> Config {
    Config::parse(&format!(
        r#"
        [sync]
        mode = "{mode}"
        match = ["domain", "slug"]
        [fields]
        name = "name"
        slug = "slug"
        domain = {{ column = "domain", transform = ["domain"] }}
        [filter]
        stage = ["customer", "opportunity"]
        region = "EU"
        "#
    ))
    .unwrap()
}

const ALL: &str = "\
name,slug,domain,stage,region
A,a,a.test,customer,EU
B,b,,opportunity, EU
C,c,,lead,EU
D,d,,customer,US
";

#[tokio::test]
async fn records_that_do_not_match_are_skipped() {
    let world = world(false).await;
    let report = world.import(&config("upsert"), ALL).await;
    assert_eq!(
        (
            report.counts.done,
            report.counts.skipped,
            report.run.exit_code
        ),
        (2, 2, Some(0))
    );
    let items = world.items(report.run.id);
    assert_eq!(items[2].code.as_deref(), Some("filtered"));
    assert_eq!(items[2].reason.as_deref(), Some("stage is \"lead\""));
}

#[tokio::test]
async fn a_record_that_is_left_out_is_no_conflict_for_another() {
    let world = world(false).await;
    for _ in 0..2 {
        let source =
            "name,slug,domain,stage,region\nA,,a.test,customer,EU\nA too,,a.test,lead,EU\n";
        let report = world.import(&config("upsert"), source).await;
        let counts = &report.counts;
        assert_eq!((counts.conflict, counts.skipped), (0, 1), "{report}");
        assert_eq!(counts.create + report.run.unchanged, 1, "{report}");
    }
}

#[tokio::test]
async fn a_filter_never_deletes_a_customer() {
    let world = world(false).await;
    world.import(&config("upsert"), ALL).await;
    let lead = ALL.replace("a.test,customer", "a.test,lead");
    let report = world.import(&config("mirror"), &lead).await;
    assert_eq!(
        (report.counts.delete, report.run.exit_code),
        (0, Some(0)),
        "{report}"
    );
    assert_eq!(world.customers().await.len(), 2);
    // What it cannot be recognized by is wrong: it may be any of them.
    let unknown = lead.replace("A,a,a.test,lead", "A,,no domain,lead");
    let run = world.plan(&config("mirror"), &unknown).await.unwrap();
    let report = world.apply(run, &anything()).await.unwrap();
    assert_eq!(report.run.exit_code, Some(6), "{report}");
}

#[tokio::test]
async fn the_owner_is_sent_with_a_create_only() {
    let config = Config::parse(
        r#"
        [fields]
        name = "name"
        slug = "slug"
        mrr = "mrr"
        owner_id = { column = "owner", map = "owners" }
        [owners]
        "ada@example.com" = "usr_1"
        "#,
    )
    .unwrap();
    for undocumented in [true, false] {
        let world = world(undocumented).await;
        let source = "name,slug,mrr,owner\nA,a,1,Ada@Example.com\nB,b,1,bob@example.com\n";
        let report = world.import(&config, source).await;
        assert_eq!(
            (report.counts.done, report.counts.invalid),
            (1, 1),
            "{report}"
        );
        let writes = world.writes();
        let body = r#"{"mrr":1,"name":"A","owner_id":"usr_1","slug":"a"}"#;
        assert_eq!(writes[0].body, body);
        // Of a customer that exists, the owner does not matter.
        let left = source.replace("Ada", "Someone.else").replace("a,1", "a,2");
        let report = world.import(&config, &left).await;
        assert_eq!(
            (report.counts.done, report.counts.invalid),
            (1, 1),
            "{report}"
        );
        assert_eq!(world.writes()[1].body, r#"{"mrr":2}"#);
    }
}

#[tokio::test]
async fn an_unknown_owner_does_not_hide_that_a_value_is_too_long() {
    let config = Config::parse(
        r#"
        [fields]
        name = "name"
        slug = "slug"
        owner_id = { column = "owner", map = "owners" }
        [owners]
        "ada@example.com" = "usr_1"
        "#,
    )
    .unwrap();
    let world = world(false).await;
    let source = "name,slug,owner\nA,a,ada@example.com\n";
    world.import(&config, source).await;
    let long = format!("{},a,bob@example.com", "x".repeat(300));
    let source = source.replace("A,a,ada@example.com", &long);
    let run = world.plan(&config, &source).await.unwrap();
    let item = &world.items(run)[0];
    let found = (item.code.as_deref(), item.field.as_deref());
    assert_eq!(found, (Some("exceeds_limit"), Some("name")));
}
