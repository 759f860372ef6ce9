//! What happens when a plan meets a server that fails, and customers that have changed.

use std::future::ready;

use pivotal_sdk::{CreateCustomer, UpdateCustomer};

use crate::world::{MODES, World, anything, mode, world};

const THREE: &str = "name,slug,mrr\nA,a,1\nB,b,2\nC,c,3\n";

#[tokio::test]
async fn what_changed_since_the_plan_is_not_overwritten() {
    for undocumented in MODES {
        let world = world(undocumented).await;
        world.import(&mode("upsert"), THREE).await;
        let run = world
            .plan(&mode("upsert"), "name,slug,mrr\nA,a,10\nD,d,1\nB,b,20\n")
            .await
            .unwrap();
        let customer = world.customers().await.remove(0);
        world
            .client
            .customer(&customer)
            .update(UpdateCustomer::new().mrr(5))
            .await
            .unwrap();
        let report = world.apply(run, &anything()).await.unwrap();
        assert_eq!((report.counts.done, report.counts.failed), (2, 1));
        let items = world.items(run);
        assert_eq!(items[0].code.as_deref(), Some("changed_meanwhile"));
        assert_eq!(world.customers().await[0].mrr, Some(5));
    }
}

#[tokio::test]
async fn a_customer_that_was_created_since_the_plan_is_not_doubled() {
    let world = world(false).await;
    let run = world
        .plan(&mode("upsert"), "name,domain\nA,a.test\n")
        .await
        .unwrap();
    let other = CreateCustomer::new("A").domain("A.test");
    world.client.customers().create(other).await.unwrap();
    // Another process: the mirror is read again.
    let world = world.reopened();
    let report = world.apply(run, &anything()).await.unwrap();
    assert_eq!(world.items(run)[0].code.as_deref(), Some("exists_now"));
    assert_eq!(report.run.exit_code, Some(1));
    assert_eq!(world.customers().await.len(), 1);
}

#[tokio::test]
async fn a_create_without_a_response_is_in_doubt_until_the_next_walk() {
    for (fault, processed) in [
        ("reset-after-processing", true),
        ("status-after-processing=504", true),
        ("status=503", false),
    ] {
        for undocumented in MODES {
            let world = world(undocumented).await;
            world.inject(&format!("create-customer:{fault}:count=1"));
            let report = world.import(&mode("upsert"), THREE).await;
            assert_eq!(
                (report.counts.done, report.counts.in_doubt),
                (2, 1),
                "{fault}"
            );
            assert_eq!(
                (report.run.state.as_str(), report.run.exit_code),
                ("partial", Some(5))
            );
            assert!(
                world
                    .failed_csv(report.run.id)
                    .trim_end()
                    .ends_with(",unknown")
            );
            assert_eq!(world.customers().await.len(), if processed { 3 } else { 2 });
            world.sandbox.clear_requests();
            let report = world.apply(report.run.id, &anything()).await;
            assert_eq!(report.unwrap().run.state, "complete", "{fault}");
            assert_eq!(world.writes().len(), usize::from(!processed));
            assert_eq!(world.customers().await.len(), 3);
        }
    }
}

#[tokio::test]
async fn an_update_and_a_delete_without_a_response_are_found_by_the_next_walk() {
    let world = world(false).await;
    world.import(&mode("upsert"), THREE).await;
    world.inject("update-customer:reset-after-processing:count=1");
    world.inject("delete-customer:reset-after-processing:count=1");
    let report = world
        .import(&mode("mirror"), "name,slug,mrr\nA,a,10\nB,b,2\n")
        .await;
    assert_eq!(
        (report.counts.done, report.counts.in_doubt),
        (0, 2),
        "{report}"
    );
    let run = report.run.id;
    world.sandbox.clear_requests();
    let report = world.apply(run, &anything()).await.unwrap();
    assert_eq!(
        (report.run.state.as_str(), report.counts.done),
        ("complete", 2)
    );
    assert_eq!(world.writes(), []);
    // An undo knows of it, too.
    world.undo(run).await;
    assert_eq!(world.customers().await[0].mrr, Some(1));
}

#[tokio::test]
async fn a_rejected_key_stops_the_run() {
    let world = world(false).await;
    let run = world.plan(&mode("upsert"), THREE).await.unwrap();
    assert!(world.sandbox.revoke_key(world.sandbox.api_key()));
    let report = world.apply(run, &anything()).await.unwrap();
    assert_eq!(
        (report.run.state.as_str(), report.run.exit_code),
        ("failed", Some(4))
    );
    assert_eq!(report.counts.left, 3);
    let error = world.plan(&mode("upsert"), THREE).await.unwrap_err();
    assert_eq!(error.exit_code(), 4);
}

#[tokio::test]
async fn many_errors_in_a_row_stop_the_run() {
    let world = world(false).await;
    let rows = (0..60).map(|row| format!("C {row},c-{row}\n"));
    let source = rows.fold("name,slug\n".to_owned(), |text, row| text + &row);
    world.inject("create-customer:status=500");
    let run = world.plan(&mode("upsert"), &source).await.unwrap();
    let mut options = anything();
    options.max_errors_in_a_row = 5;
    let report = world.apply(run, &options).await.unwrap();
    assert_eq!(report.run.exit_code, Some(5));
    assert!(report.run.reason.unwrap().starts_with("5 errors in a row"));
    assert!(report.counts.left > 40);
    world.sandbox.faults().clear();
    let report = world.apply(run, &anything()).await.unwrap();
    assert_eq!(
        (report.run.state.as_str(), report.counts.done),
        ("complete", 60)
    );
    assert_eq!(world.customers().await.len(), 60);
}

#[tokio::test]
async fn an_interruption_keeps_the_rest_of_the_plan() {
    let world = world(false).await;
    let run = world.plan(&mode("upsert"), THREE).await.unwrap();
    let mut options = anything();
    options.concurrency = 1;
    let report = pivotal_sync::apply(&world.client, &world.state, run, &options, ready(())).await;
    let report = report.unwrap();
    assert_eq!(
        (report.run.state.as_str(), report.run.exit_code),
        ("partial", Some(130))
    );
    assert!(report.counts.left > 0);
    let report = world.apply(run, &anything()).await.unwrap();
    assert_eq!(
        (report.run.state.as_str(), report.counts.done),
        ("complete", 3)
    );
    assert_eq!(world.customers().await.len(), 3);
}

#[tokio::test]
async fn the_idempotency_key_is_that_of_record_and_content() {
    let keys = |world: &World| -> Vec<String> {
        let writes = world.writes();
        let key = writes
            .iter()
            .filter_map(|request| request.header("idempotency-key"));
        let mut keys: Vec<_> = key.map(str::to_owned).collect();
        keys.sort();
        keys
    };
    let (one, other) = (world(true).await, world(false).await);
    one.import(&mode("upsert"), THREE).await;
    // The order does not matter.
    other
        .import(&mode("upsert"), "slug,name,mrr\nc,C,3\na,A,1\nb,B,2\n")
        .await;
    assert_eq!(keys(&one), keys(&other));
    assert_eq!(keys(&one).len(), 3);
    let changed = world(true).await;
    changed
        .import(&mode("upsert"), &THREE.replace(",3", ",4"))
        .await;
    assert_eq!(
        keys(&one)
            .iter()
            .filter(|key| keys(&changed).contains(key))
            .count(),
        2
    );
}

#[tokio::test]
async fn failed_csv_has_what_was_not_attempted_and_goes_on() {
    let world = world(false).await;
    let rows = (0..60).map(|row| format!("C {row},c-{row},{row}\n"));
    let source = rows.fold("name,slug,mrr\nBad,bad,many\n".to_owned(), |text, row| {
        text + &row
    });
    world.inject("create-customer:status=503:after=20");
    let report = world.import(&mode("upsert"), &source).await;
    assert_eq!(report.run.exit_code, Some(5));
    let failed = world.failed_csv(report.run.id);
    let counts = report.counts;
    assert!(counts.done == 20 && counts.left > 10, "{report}");
    assert_eq!(failed.lines().count(), 1 + 61 - 20);
    let last = "C 59,c-59,59,source.csv:62: not attempted,not_attempted,,no\n";
    assert!(failed.ends_with(last), "{failed}");
    world.sandbox.faults().clear();
    let report = world
        .import(&mode("upsert"), &failed.replace("many", "1"))
        .await;
    assert_eq!(report.run.exit_code, Some(0), "{report}");
    assert_eq!(world.customers().await.len(), 61);
}
