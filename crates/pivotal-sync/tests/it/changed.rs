//! What somebody has changed in Pivotal since a run wrote it.

use pivotal_sdk::{UpdateContact, UpdateCustomer};
use pivotal_sync::Config;

use crate::world::{MODES, World, mode, world};

const GROWTH: &str = "name,slug,plan,mrr\nA,a,Growth,1\nB,b,Growth,2\n";

/// Somebody gives the first customer another plan.
async fn change(world: &World, plan: &str) {
    let customer = world.customers().await.remove(0);
    let change = UpdateCustomer::new().plan(plan);
    let changed = world.client.customer(&customer).update(change).await;
    changed.unwrap();
}

async fn plans(world: &World) -> Vec<String> {
    let customers = world.customers().await.into_iter();
    customers.filter_map(|customer| customer.plan).collect()
}

#[tokio::test]
async fn it_is_a_conflict_unless_the_source_wins() {
    for undocumented in MODES {
        let world = world(undocumented).await;
        world.import(&mode("upsert"), GROWTH).await;
        let scale = GROWTH.replace("Growth", "Scale");
        world.import(&mode("upsert"), &scale).await;
        change(&world, "Human").await;
        // Not with the run that has changed only another field since.
        let scale = scale.replace(",1", ",10");
        world.import(&mode("upsert"), &scale).await;
        let report = world.import(&mode("upsert"), &scale).await;
        assert_eq!((report.counts.conflict, report.run.unchanged), (1, 1));
        assert_eq!(report.run.exit_code, Some(1));
        let item = world.items(report.run.id).remove(0);
        assert_eq!(item.code.as_deref(), Some("changed_in_pivotal"));
        assert_eq!(item.field.as_deref(), Some("plan"));
        assert_eq!(
            item.reason.unwrap(),
            "changed in Pivotal since run 2: `plan` was \"Scale\", is \"Human\"; --overwrite-changed overwrites it"
        );
        assert_eq!(plans(&world).await, ["Human", "Scale"]);

        let text = "[sync]\noverwrite_changed = true\n[fields]\nslug = \"slug\"\nplan = \"plan\"";
        let report = world.import(&Config::parse(text).unwrap(), &scale).await;
        assert_eq!((report.counts.update, report.run.exit_code), (1, Some(0)));
        // What this run has written is watched from now on.
        change(&world, "Human").await;
        let report = world.import(&mode("upsert"), &scale).await;
        let reason = world.items(report.run.id).remove(0).reason.unwrap();
        assert!(reason.contains("since run 5: "), "{reason}");
        // The same change in the source resolves it.
        let human = scale.replacen("Scale", "Human", 1).replace(",1\n", ",10\n");
        let report = world.import(&mode("upsert"), &human).await;
        assert_eq!(report.run.unchanged + report.counts.update, 2, "{report}");
    }
}

#[tokio::test]
async fn what_no_run_wrote_is_not_watched() {
    let world = world(false).await;
    world.import(&mode("upsert"), "name,slug\nA,a\n").await;
    change(&world, "Human").await;
    let run = world
        .import(&mode("upsert"), "name,slug,plan\nA,a,Scale\n")
        .await;
    assert_eq!((run.counts.update, run.run.exit_code), (1, Some(0)));
    // An undo is a run, too.
    world.undo(run.run.id).await;
    assert_eq!(plans(&world).await, ["Human"]);
    let run = world
        .import(&mode("upsert"), "name,slug,plan\nA,a,Scale\n")
        .await;
    assert_eq!((run.counts.update, run.run.exit_code), (1, Some(0)));
    let deleted = world.undo(1).await;
    assert_eq!(deleted.counts.done, 0, "{deleted}");
}

#[tokio::test]
async fn what_a_run_wrote_is_known_when_its_plan_is_not_kept() {
    let world = world(false).await;
    world.import(&mode("upsert"), GROWTH).await;
    for _ in 0..31 {
        world.plan(&mode("upsert"), GROWTH).await.unwrap();
    }
    assert!(world.state.run(1).unwrap().pruned);
    change(&world, "Human").await;
    let report = world.import(&mode("upsert"), GROWTH).await;
    assert_eq!(report.counts.conflict, 1, "{report}");
}

#[tokio::test]
async fn contacts_are_watched_and_those_of_a_changed_customer_are_synced() {
    let world = world(false).await;
    let config = "[fields]\nname = \"name\"\nslug = \"slug\"\nplan = \"plan\"\n
        [contacts.fields]\nemail = \"email\"\ntitle = \"title\"";
    let config = Config::parse(config).unwrap();
    let source = "name,slug,plan,email,title\nA,a,Growth,a@a.test,CEO\nB,b,Growth,b@b.test,CEO\n";
    world.import(&config, source).await;
    change(&world, "Human").await;
    let customer = world.customers().await.remove(1);
    let contacts = world.client.customer(&customer).contacts().list();
    let contact = contacts.collect_up_to(10).await.unwrap().remove(0);
    let change = UpdateContact::new().title("Human");
    let changed = world.client.contact(&contact).update(change).await;
    changed.unwrap();
    let report = world.import(&config, &source.replace("CEO", "CFO")).await;
    let items = world.items(report.run.id);
    let states: Vec<_> = items
        .iter()
        .map(|item| format!("{} {} {}", item.kind, item.action, item.state))
        .collect();
    let expected = [
        "customer conflict failed",
        "contact update done",
        "contact conflict failed",
    ];
    assert_eq!(states, expected);
    let reason = items[2].reason.as_deref().unwrap();
    assert!(
        reason.contains("`title` was \"CEO\", is \"Human\""),
        "{reason}"
    );
}
