//! What stops a run before the first write.

use pivotal_sync::{ApplyOptions, Guard, Report};

use crate::world::{World, anything, mode, world};

/// Ten customers, or the first of them, with this revenue.
fn source(rows: usize, mrr: &str) -> String {
    let rows = (0..rows).map(|row| format!("Customer {row},customer-{row},{mrr}\n"));
    rows.fold("name,slug,mrr\n".to_owned(), |text, row| text + &row)
}

async fn filled() -> World {
    let world = world(false).await;
    world.import(&mode("upsert"), &source(10, "1")).await;
    world.sandbox.clear_requests();
    world
}

/// Applies with the defaults: the guard stops it, and nothing is written. With the option it goes on.
async fn stops(
    world: &World,
    mode_name: &str,
    source: &str,
    guard: Guard,
    allow: fn(&mut ApplyOptions),
) {
    let run = world.plan(&mode(mode_name), source).await.unwrap();
    let report = world.apply(run, &ApplyOptions::default()).await.unwrap();
    assert_eq!(report.guards, [guard]);
    assert_eq!(report.run.exit_code, Some(6));
    assert_eq!(report.run.state, "stopped");
    assert_eq!(world.writes(), []);
    let shown = report.to_string();
    let option = report.guards[0].option();
    assert!(
        shown.contains("STOPPED by a guard; nothing was written"),
        "{shown}"
    );
    assert!(
        report.counts.left == 0
            || shown.contains(&format!("`pivotal apply {run} {option}` applies it")),
        "{shown}"
    );
    // As it is shown later.
    let later = Report::new(&world.state, run, Vec::new())
        .unwrap()
        .to_string();
    assert!(
        later.contains("STOPPED: ") && later.contains(option),
        "{later}"
    );
    let mut options = ApplyOptions::default();
    allow(&mut options);
    let report = world.apply(run, &options).await.unwrap();
    assert_eq!(report.guards, []);
    assert_eq!(report.counts.left, 0);
}

#[tokio::test]
async fn more_than_20_percent_change() {
    let world = filled().await;
    let three = format!(
        "{}{}",
        source(3, "2"),
        source(10, "1").split_off(14 + 3 * 23)
    );
    let guard = Guard::TooManyChanges {
        changes: 3,
        customers: 10,
    };
    stops(&world, "upsert", &three, guard, |options| {
        options.allow.max_changes = 30;
    })
    .await;
    assert_eq!(world.writes().len(), 3);
}

#[tokio::test]
async fn more_than_10_percent_are_deleted() {
    let world = filled().await;
    let guard = Guard::TooManyDeletes {
        deletes: 2,
        customers: 10,
    };
    stops(&world, "mirror", &source(8, "1"), guard, |options| {
        options.allow.max_deletes = 20;
    })
    .await;
    assert_eq!(world.customers().await.len(), 8);
}

#[tokio::test]
async fn the_source_is_empty() {
    let world = filled().await;
    let allow = |options: &mut ApplyOptions| options.allow.shrunk_source = true;
    stops(&world, "upsert", &source(0, ""), Guard::EmptySource, allow).await;
}

#[tokio::test]
async fn the_source_has_less_than_half() {
    let world = filled().await;
    let guard = Guard::ShrunkSource {
        rows: 4,
        before: 10,
    };
    let allow = |options: &mut ApplyOptions| options.allow.shrunk_source = true;
    stops(&world, "upsert", &source(4, "1"), guard, allow).await;
}

#[tokio::test]
async fn customers_are_deleted_and_the_source_is_cut_off() {
    let world = filled().await;
    let cut_off = format!("{}\"Customer 9,customer-9", source(9, "1"));
    let run = world.plan(&mode("mirror"), &cut_off).await.unwrap();
    let report = world.apply(run, &ApplyOptions::default()).await.unwrap();
    assert!(
        matches!(report.guards[..], [Guard::IncompleteSource { .. }]),
        "{:?}",
        report.guards
    );
    assert_eq!(world.writes(), []);
}

#[tokio::test]
async fn customers_are_deleted_and_a_record_could_be_any_of_them() {
    let world = filled().await;
    let source = format!("{}Customer 9,customer-9\n", source(9, "1"));
    let guard = Guard::IncompleteSource {
        reason: "1 record could be any of them".to_owned(),
    };
    let allow = |options: &mut ApplyOptions| options.allow.incomplete_source = true;
    stops(&world, "mirror", &source, guard, allow).await;
}

#[tokio::test]
async fn an_invalid_record_protects_its_customer() {
    let world = filled().await;
    let source = source(10, "1").replace("customer-9,1", "customer-9,many");
    let report = world.import(&mode("mirror"), &source).await;
    assert_eq!((report.counts.invalid, report.counts.delete), (1, 0));
}

#[tokio::test]
async fn a_live_key_needs_permission() {
    let sandbox = pivotal_sandbox::Sandbox::builder().api_key("pivotal_live_key_1");
    let sandbox = sandbox.start().await.unwrap();
    let client = pivotal_sdk::Client::builder()
        .base_url(sandbox.base_url())
        .api_key("pivotal_live_key_1")
        .build()
        .unwrap();
    let world = World {
        sandbox,
        client,
        ..world(true).await
    };
    let allow = |options: &mut ApplyOptions| options.allow.live_key = true;
    stops(&world, "upsert", &source(1, "1"), Guard::LiveKey, allow).await;
    let again = world.plan(&mode("upsert"), &source(1, "1")).await.unwrap();
    assert_eq!(world.apply(again, &anything()).await.unwrap().guards, []);
}

/// A file of failed records with these rows of [`source`].
fn part(rows: usize) -> String {
    let header = "mrr,reason,code,field,sent\n";
    let part = source(rows, "1").replace("mrr\n", header);
    part.replace(",1\n", ",1,,not_attempted,,no\n")
}

#[tokio::test]
async fn a_part_of_a_source_is_neither_compared_nor_compared_with() {
    let world = filled().await;
    for rows in [4, 1] {
        let run = world.plan(&mode("upsert"), &part(rows)).await.unwrap();
        let report = world.apply(run, &ApplyOptions::default()).await.unwrap();
        assert_eq!(
            (report.guards.len(), report.run.unchanged),
            (0, rows as u64)
        );
    }
    let guard = Guard::ShrunkSource {
        rows: 4,
        before: 10,
    };
    let allow = |options: &mut ApplyOptions| options.allow.shrunk_source = true;
    stops(&world, "upsert", &source(4, "1"), guard, allow).await;
}

#[tokio::test]
async fn what_a_part_of_a_source_does_not_have_is_not_deleted() {
    let world = filled().await;
    let report = world.import(&mode("mirror"), &part(9)).await;
    assert_eq!((report.counts.delete, report.run.exit_code), (0, Some(0)));
    assert_eq!(world.customers().await.len(), 10);
    let shown = report.to_string();
    let read = "9 records that an earlier run has not done, read to its end";
    assert!(shown.contains(read), "{shown}");
}
