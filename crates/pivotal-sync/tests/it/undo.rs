//! Undo.

use pivotal_sdk::UpdateCustomer;

use crate::world::{MODES, anything, mode, world};

const BEFORE: &str = "name,slug,mrr\nA,a,1\nB,b,2\nC,c,3\n";

#[tokio::test]
async fn it_restores_what_changed_and_deletes_what_was_created() {
    for undocumented in MODES {
        let world = world(undocumented).await;
        world.import(&mode("upsert"), BEFORE).await;
        let before = world.customers().await;
        let changed = "name,slug,mrr\nA,a,10\nB2,b,20\nD,d,4\n";
        let run = world.import(&mode("upsert"), changed).await.run.id;
        let report = world.undo(run).await;
        assert_eq!((report.counts.done, report.run.exit_code), (3, Some(0)));
        let after = world.customers().await;
        let values = |rows: &[pivotal_sdk::Customer]| -> Vec<_> {
            let value = |row: &pivotal_sdk::Customer| (row.id.clone(), row.name.clone(), row.mrr);
            rows.iter().map(value).collect()
        };
        assert_eq!(values(&after), values(&before));
    }
}

#[tokio::test]
async fn it_leaves_alone_what_changed_since() {
    let world = world(false).await;
    world.import(&mode("upsert"), BEFORE).await;
    let run = world
        .import(&mode("upsert"), "name,slug,mrr\nA,a,10\nB,b,20\nD,d,4\n")
        .await
        .run
        .id;
    let [a, b, _, d] = &world.customers().await[..] else {
        panic!("there are four");
    };
    let changed = |name: &str| UpdateCustomer::new().name(name);
    world
        .client
        .customer(a)
        .update(UpdateCustomer::new().mrr(11))
        .await
        .unwrap();
    // Another field of it.
    world
        .client
        .customer(b)
        .update(changed("B2"))
        .await
        .unwrap();
    world
        .client
        .customer(d)
        .update(changed("D2"))
        .await
        .unwrap();
    let report = world.undo(run).await;
    assert_eq!((report.counts.done, report.counts.failed), (1, 2));
    let codes: Vec<_> = world
        .items(report.run.id)
        .into_iter()
        .map(|item| item.code)
        .collect();
    let changed = Some("changed_meanwhile".to_owned());
    assert_eq!(codes, [changed.clone(), None, changed]);
    let found: Vec<_> = world
        .customers()
        .await
        .into_iter()
        .map(|row| (row.name, row.mrr))
        .collect();
    let row = |name: &str, mrr| (name.to_owned(), Some(mrr));
    assert_eq!(
        found,
        [row("A", 11), row("B2", 2), row("C", 3), row("D2", 4)]
    );
}

#[tokio::test]
async fn a_change_that_was_undone_does_not_keep_a_customer() {
    let world = world(false).await;
    let import = world.import(&mode("upsert"), BEFORE).await.run.id;
    let changed = BEFORE.replace("C,c,3", "C,c,30");
    let change = world.import(&mode("upsert"), &changed).await.run.id;
    world.undo(change).await;
    let report = world.undo(import).await;
    assert_eq!((report.counts.done, report.run.exit_code), (3, Some(0)));
    assert_eq!(world.customers().await.len(), 0);
}

#[tokio::test]
async fn a_deleted_customer_is_a_conflict() {
    let world = world(false).await;
    world.import(&mode("upsert"), BEFORE).await;
    let run = world
        .import(&mode("mirror"), "name,slug,mrr\nA,a,1\nB,b,2\n")
        .await
        .run
        .id;
    let report = world.undo(run).await;
    assert_eq!((report.counts.conflict, report.run.exit_code), (1, Some(1)));
}

/// For 24 hours the idempotency key of the first create gives the customer that the undo deleted.
#[tokio::test]
async fn an_import_after_an_undo_creates_again() {
    let world = world(true).await;
    for _ in 0..3 {
        let report = world.import(&mode("upsert"), BEFORE).await;
        assert_eq!(report.counts.done, 3);
        assert_eq!(world.customers().await.len(), 3);
        world.undo(report.run.id).await;
        assert_eq!(world.customers().await.len(), 0);
    }
}

#[tokio::test]
async fn a_run_that_changed_nothing_cannot_be_undone() {
    let world = world(true).await;
    let run = world.plan(&mode("upsert"), BEFORE).await.unwrap();
    let error = world.plan_undo(run).await.unwrap_err();
    assert_eq!(error.to_string(), format!("run {run} has changed nothing"));
}

#[tokio::test]
async fn its_plan_shows_what_it_leaves_alone_and_what_is_undone_already() {
    for undocumented in MODES {
        let world = world(undocumented).await;
        world.import(&mode("upsert"), BEFORE).await;
        let changed = "name,slug,mrr\nA,a,10\nB,b,20\nD,d,4\nE,e,5\n";
        let run = world.import(&mode("upsert"), changed).await.run.id;
        let customers = world.customers().await;
        for customer in [&customers[0], &customers[3]] {
            let change = UpdateCustomer::new().mrr(7);
            world
                .client
                .customer(customer)
                .update(change)
                .await
                .unwrap();
        }
        let undo = world.plan_undo(run).await.unwrap();
        let shown = |run| -> Vec<_> {
            let items = world.items(run).into_iter();
            items
                .map(|item| format!("{} {}", item.action, item.reason.unwrap_or_default()))
                .collect()
        };
        let planned = [
            "delete ",
            "conflict the customer has changed since run 2",
            "update ",
            "conflict mrr has changed since run 2",
        ];
        assert_eq!(shown(undo), planned);
        let report = world.apply(undo, &anything()).await.unwrap();
        assert_eq!((report.counts.done, report.counts.failed), (2, 2));

        world.sandbox.clear_requests();
        let report = world.undo(run).await;
        assert_eq!(
            (report.counts.done, report.counts.skipped),
            (0, 2),
            "{report}"
        );
        let reasons = shown(report.run.id);
        assert_eq!(reasons[0], "skipped the customer was deleted already");
        assert_eq!(reasons[2], "skipped it has these values already");
        assert_eq!(world.writes(), []);
    }
}

#[tokio::test]
async fn what_changes_while_it_is_applied_has_changed_since_the_run() {
    let world = world(false).await;
    let run = world.import(&mode("upsert"), BEFORE).await.run.id;
    let undo = world.plan_undo(run).await.unwrap();
    let customer = world.customers().await.remove(0);
    let change = UpdateCustomer::new().mrr(7);
    world
        .client
        .customer(&customer)
        .update(change)
        .await
        .unwrap();
    world.apply(undo, &anything()).await.unwrap();
    let reason = world.items(undo).pop().unwrap().reason;
    let expected = "the customer has changed since run 1";
    assert_eq!(reason.as_deref(), Some(expected));
}
