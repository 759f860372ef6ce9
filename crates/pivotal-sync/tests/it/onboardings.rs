//! Onboardings on closed-won deals: each deal opens one at most, and only of a customer without one.

use pivotal_sdk::CreateOnboarding;
use pivotal_sync::{Config, Kind};

use crate::world::{MODES, anything, world};

fn config() -> Config {
    Config::parse(
        r#"
        [fields]
        name = "name"
        slug = "slug"
        [owners]
        "ada@example.com" = "usr_1"
        [onboarding]
        when = "deal"
        [onboarding.fields]
        target_launch_date = { column = "closed", transform = ["date"], add_days = 30 }
        "#,
    )
    .unwrap()
}

const THREE: &str = "\
name,slug,deal,closed
A,a,77,2026-06-15
B,b,,
C,c,78,1781481600000
";

#[tokio::test]
async fn a_deal_opens_one_and_a_second_run_writes_nothing() {
    for undocumented in MODES {
        let world = world(undocumented).await;
        let report = world.import(&config(), THREE).await;
        assert_eq!(
            (report.counts.done, report.run.exit_code),
            (5, Some(0)),
            "{report}"
        );
        let dates = world.onboardings().await.into_iter();
        let dates: Vec<_> = dates.map(|row| row.target_launch_date).collect();
        assert_eq!(
            dates,
            ["2026-07-15T00:00:00Z"; 2].map(|time| time.parse().ok())
        );

        world.sandbox.clear_requests();
        let report = world.import(&config(), THREE).await;
        assert_eq!(
            (report.run.unchanged, report.run.unchanged_onboardings),
            (3, 2)
        );
        assert_eq!(world.writes(), []);
    }
}

#[tokio::test]
async fn a_deal_is_opened_once_even_if_its_onboarding_was_deleted() {
    for undocumented in MODES {
        let world = world(undocumented).await;
        let customers = THREE.replace("77", "").replace("78", "");
        world.import(&config(), &customers).await;
        let earlier = world.plan(&config(), THREE).await.unwrap();
        world.import(&config(), THREE).await;
        for onboarding in world.onboardings().await {
            world.client.onboarding(&onboarding).delete().await.unwrap();
        }
        let report = world.import(&config(), THREE).await;
        assert_eq!(report.run.unchanged_onboardings, 2);
        assert_eq!(world.onboardings().await, []);
        // Nor by a plan that was made before.
        let world = world.reopened();
        let report = world.apply(earlier, &anything()).await.unwrap();
        assert_eq!(report.kinds[&Kind::Onboarding].failed, 2, "{report}");
        assert_eq!(world.onboardings().await, []);
        // Another deal of the customer opens one.
        world.import(&config(), &THREE.replace("77", "79")).await;
        assert_eq!(world.onboardings().await.len(), 1);
    }
}

#[tokio::test]
async fn a_customer_with_an_onboarding_gets_none() {
    for undocumented in MODES {
        let world = world(undocumented).await;
        world
            .import(&config(), "name,slug,deal,closed\nA,a,,\n")
            .await;
        let customer = world.customers().await.remove(0);
        let by_hand = || CreateOnboarding::new(&customer);
        world.client.onboardings().create(by_hand()).await.unwrap();
        let report = world.import(&config(), THREE).await;
        assert_eq!(report.kinds[&Kind::Onboarding].create, 1);
        assert_eq!(world.onboardings().await.len(), 2);

        // Also if it was opened after the plan.
        let with_deal = THREE.replace("B,b,", "B,b,80");
        let run = world.plan(&config(), &with_deal).await.unwrap();
        let customer = world.customer("b").await;
        let by_hand = CreateOnboarding::new(&customer);
        world.client.onboardings().create(by_hand).await.unwrap();
        let world = world.reopened();
        world.apply(run, &anything()).await.unwrap();
        assert_eq!(world.items(run)[0].code.as_deref(), Some("exists_now"));
        assert_eq!(world.onboardings().await.len(), 3);
    }
}

#[tokio::test]
async fn two_records_with_one_deal_open_one() {
    let world = world(false).await;
    let report = world.import(&config(), &THREE.replace("78", "77")).await;
    assert_eq!(
        (
            report.run.exit_code,
            report.kinds[&Kind::Onboarding].skipped
        ),
        (Some(0), 1)
    );
    assert_eq!(world.onboardings().await.len(), 1);
}

#[tokio::test]
async fn a_create_without_a_response_is_resolved_and_the_deal_is_known() {
    for undocumented in MODES {
        for (fault, is_processed) in [("reset-after-processing", true), ("status=503", false)] {
            let world = world(undocumented).await;
            world.inject(&format!("create-onboarding:{fault}:count=1"));
            let report = world.import(&config(), THREE).await;
            assert_eq!(
                (report.counts.done, report.counts.in_doubt),
                (4, 1),
                "{report}"
            );
            world.sandbox.clear_requests();
            // The next run, not the same.
            let report = world.import(&config(), THREE).await;
            assert_eq!(report.run.exit_code, Some(0), "{report}");
            assert_eq!(world.writes().len(), usize::from(!is_processed));
            assert_eq!(world.onboardings().await.len(), 2);
            let deals: i64 = world
                .database()
                .query_row("SELECT count(*) FROM deals", [], |row| row.get(0))
                .unwrap();
            assert_eq!(deals, 2);
        }
    }
}

#[tokio::test]
async fn a_key_that_is_revoked_half_way_loses_and_doubles_nothing() {
    for undocumented in MODES {
        let world = world(undocumented).await;
        world.inject("create-onboarding:key-revoked:count=1");
        let report = world.import(&config(), THREE).await;
        assert_eq!(report.run.exit_code, Some(4), "{report}");
        let world = world.with_second_key();
        let report = world.apply(report.run.id, &anything()).await.unwrap();
        assert_eq!(
            (report.run.exit_code, report.counts.done),
            (Some(0), 5),
            "{report}"
        );
        assert_eq!(world.onboardings().await.len(), 2);
    }
}

#[tokio::test]
async fn an_undo_deletes_them_and_a_later_import_opens_them_again() {
    for undocumented in MODES {
        let world = world(undocumented).await;
        world
            .import(&config(), &THREE.replace("77", "").replace("78", ""))
            .await;
        for _ in 0..3 {
            let report = world.import(&config(), THREE).await;
            assert_eq!(
                (report.counts.done, report.run.exit_code),
                (2, Some(0)),
                "{report}"
            );
            let undone = world.undo(report.run.id).await;
            assert_eq!(
                (undone.counts.done, undone.run.exit_code),
                (2, Some(0)),
                "{undone}"
            );
            assert_eq!(world.onboardings().await, []);
        }
        assert_eq!(world.customers().await.len(), 3);
    }
}

#[tokio::test]
async fn an_unknown_owner_is_a_failed_onboarding_and_its_customer_is_not_affected() {
    let config = Config::parse(
        r#"
        [fields]
        name = "name"
        slug = "slug"
        [owners]
        "Ada@example.com" = "usr_1"
        [onboarding]
        when = "deal"
        [onboarding.fields]
        csm_id = { column = "owner", map = "owners" }
        "#,
    )
    .unwrap();
    let world = world(true).await;
    let source = "name,slug,deal,owner\nA,a,7,ADA@example.com\nB,b,8,bob@example.com\n";
    let report = world.import(&config, source).await;
    assert_eq!(
        report.run.reason.as_deref(),
        Some("onboardings failed: 1"),
        "{report}"
    );
    let failed = world.failed_csv(report.run.id);
    assert!(
        failed.contains("onboarding B: \"\"bob@example.com\"\" is not in [owners]"),
        "{failed}"
    );
    let onboardings = world.onboardings().await;
    assert_eq!(onboardings.len(), 1);
    assert_eq!(onboardings[0].csm_id.as_deref(), Some("usr_1"));
    assert_eq!(world.customers().await.len(), 2);
}
