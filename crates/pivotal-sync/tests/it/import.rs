//! Imports: what is created, updated and left alone.

use crate::world::{MODES, mode, world};

const THREE: &str = "\
name,slug,domain,mrr,status
Aurora,aurora,aurora.test,1200,active
Borealis,borealis,borealis.test,,onboarding
Cumulus,cumulus,,9900,active
";

#[tokio::test]
async fn a_second_import_of_the_same_source_writes_nothing() {
    for undocumented in MODES {
        let world = world(undocumented).await;
        let upsert = mode("upsert");
        let report = world.import(&upsert, THREE).await;
        assert_eq!((report.counts.done, report.run.exit_code), (3, Some(0)));
        assert_eq!(report.run.state, "complete");
        let created = world.customers().await;
        assert_eq!(created.len(), 3);
        assert_eq!(
            created
                .iter()
                .filter(|customer| customer.mrr == Some(9_900))
                .count(),
            1
        );

        world.sandbox.clear_requests();
        let report = world.import(&upsert, THREE).await;
        assert_eq!(report.run.unchanged, 3);
        assert_eq!(report.run.state, "complete");
        assert_eq!(world.writes(), []);
    }
}

#[tokio::test]
async fn one_changed_record_is_one_patch_of_the_changed_field() {
    for undocumented in MODES {
        let world = world(undocumented).await;
        let upsert = mode("upsert");
        world.import(&upsert, THREE).await;
        world.sandbox.clear_requests();
        let report = world.import(&upsert, &THREE.replace("1200", "1300")).await;
        assert_eq!(report.run.exit_code, Some(0));
        let writes = world.writes();
        assert_eq!(writes.len(), 1);
        assert_eq!(writes[0].method, "PATCH");
        assert_eq!(writes[0].body, r#"{"mrr":1300}"#);
    }
}

#[tokio::test]
async fn an_empty_value_leaves_the_field_as_it_is() {
    let world = world(false).await;
    world.import(&mode("upsert"), THREE).await;
    let without = THREE.replace("1200", "").replace("aurora.test", "");
    let report = world.import(&mode("upsert"), &without).await;
    assert_eq!(report.run.unchanged, 3);
}

#[tokio::test]
async fn the_mode_says_what_a_run_may_do() {
    let changed = format!("{}Deneb,deneb,,,active\n", THREE.replace("1200", "1300"));
    let changed = changed.replace("Borealis,borealis,borealis.test,,onboarding\n", "");
    let cases = [
        ("create", (1, 0, 0, 1)),
        ("update", (0, 1, 0, 1)),
        ("upsert", (1, 1, 0, 0)),
        ("mirror", (1, 1, 1, 0)),
    ];
    for (name, expected) in cases {
        let world = world(false).await;
        world.import(&mode("upsert"), THREE).await;
        let counts = world.import(&mode(name), &changed).await.counts;
        let found = (counts.create, counts.update, counts.delete, counts.skipped);
        assert_eq!(found, expected, "{name}");
        assert_eq!(counts.done, expected.0 + expected.1 + expected.2, "{name}");
        let names: Vec<_> = world
            .customers()
            .await
            .into_iter()
            .map(|row| row.name)
            .collect();
        assert_eq!(
            names.contains(&"Borealis".to_owned()),
            name != "mirror",
            "{name}"
        );
    }
}

#[tokio::test]
async fn records_that_cannot_be_told_apart_are_conflicts() {
    let world = world(false).await;
    let slugs = "name,slug,domain\nA,a,same.test\nB,b,\n";
    world.import(&mode("upsert"), slugs).await;
    // A second customer with the domain, as Pivotal allows.
    let second = pivotal_sdk::CreateCustomer::new("A2")
        .slug("a2")
        .domain("Same.test");
    world.client.customers().create(second).await.unwrap();
    world.sandbox.clear_requests();
    let source = "\
name,slug,domain,hubspot_company_id
A,,SAME.test,
C,c,c.test,7
C again,c3,,7
D,d,,
D again,d,,
Takes b,b,new.test,
Nobody,,,
";
    let report = world.import(&mode("upsert"), source).await;
    let items = world.items(report.run.id);
    let codes: Vec<_> = items
        .iter()
        .map(|item| item.code.as_deref().unwrap_or("-"))
        .collect();
    let expected = [
        "ambiguous_match",
        "duplicate_in_source",
        "duplicate_in_source",
        "duplicate_in_source",
        "duplicate_in_source",
        "-",
        "no_match_key",
    ];
    assert_eq!(codes, expected);
    // Found by its slug, because no customer has the domain.
    assert_eq!(items[5].label, "#2 B");
    assert_eq!(world.writes().len(), 1);
    assert_eq!(report.run.exit_code, Some(1));
}

#[tokio::test]
async fn a_customer_that_a_record_may_be_is_not_deleted() {
    let world = world(false).await;
    let rows = (0..6).map(|row| format!("Group,g-{row},group.test\n"));
    let source = rows.fold("name,slug,domain\n".to_owned(), |text, row| text + &row);
    let by_slug = "[sync]\nmatch = [\"slug\"]\n[fields]\nname = \"name\"\nslug = \"slug\"\ndomain = \"domain\"";
    let by_slug = pivotal_sync::Config::parse(by_slug).unwrap();
    world.import(&by_slug, &source).await;
    assert_eq!(world.customers().await.len(), 6);
    let mirror = mode("mirror");
    let run = world.plan(&mirror, "name,domain\nGroup,GROUP.test\n");
    let items = world.items(run.await.unwrap());
    let [item] = items.as_slice() else {
        panic!("{items:#?}");
    };
    let reason = item.reason.as_deref().unwrap();
    assert!(reason.ends_with(", and more"), "{reason}");
}

/// The domain by which the second one is recognized is not the first match key of the other.
#[tokio::test]
async fn two_records_of_a_new_customer_do_not_create_it_twice() {
    let world = world(false).await;
    let source = "name,hubspot_company_id,domain\nA,1,a.test\nA too,,a.test\n";
    world.import(&mode("upsert"), source).await;
    let customers = world.customers().await;
    assert_eq!(customers.len(), 1);
    // Two companies may have one domain.
    let source = "name,hubspot_company_id,domain\nB,2,b.test\nB too,3,b.test\n";
    world.import(&mode("upsert"), source).await;
    let report = world.import(&mode("upsert"), source).await;
    assert_eq!(report.run.unchanged, 2, "{report}");
}

#[tokio::test]
async fn failed_csv_is_the_source_with_reasons_and_can_be_imported() {
    let world = world(false).await;
    // The documented statuses do not have at_risk, which only the server knows.
    let source = "\
name,slug,mrr,status
Aurora,aurora,1,active
Bad number,bad,1.5,active
\"Quoted, name\",quoted,3,at_risk
";
    let report = world.import(&mode("upsert"), source).await;
    assert_eq!(report.run.exit_code, Some(1));
    let failed = world.failed_csv(report.run.id);
    // Which values the server names is up to the contract.
    let (start, rest) = failed.split_once("Expected ").unwrap();
    let (_, end) = rest.split_once(", received").unwrap();
    assert_eq!(
        format!("{start}Expected …, received{end}"),
        "\
name,slug,mrr,status,reason,code,field,sent
Bad number,bad,1.5,active,\"source.csv:3: \"\"1.5\"\" is not a whole number\",invalid_value,mrr,no
\"Quoted, name\",quoted,3,at_risk,\"source.csv:4: Invalid enum value. Expected …, received 'at_risk'\",invalid_enum_value,status,yes
"
    );
    let mended = failed.replace("1.5,", "15,").replace("at_risk,", "active,");
    let report = world.import(&mode("upsert"), &mended).await;
    assert_eq!((report.counts.done, report.run.exit_code), (2, Some(0)));
    assert_eq!(world.customers().await.len(), 3);
}

#[tokio::test]
async fn a_domain_with_capitals_is_found_again() {
    for domain in ["A.test", "\u{c4}pfel.test"] {
        let world = world(false).await;
        let source = format!("name,domain\nA,{domain}\n");
        world.import(&mode("upsert"), &source).await;
        let report = world.import(&mode("upsert"), &source).await;
        assert_eq!(report.run.unchanged, 1, "{domain}: {report}");
    }
}

#[tokio::test]
async fn a_rejected_null_is_a_failed_record() {
    // The strict sandbox takes no null.
    let config = pivotal_sync::Config::parse(
        "[fields]\nname = \"name\"\nslug = \"slug\"\nplan = { column = \"plan\", clear = true }",
    )
    .unwrap();
    let world = world(false).await;
    let report = world.import(&config, "name,slug,plan\nA,a,Growth\n").await;
    assert_eq!(report.run.exit_code, Some(0));
    let report = world.import(&config, "name,slug,plan\nA,a,\n").await;
    assert_eq!(report.run.exit_code, Some(1));
    let item = &world.items(report.run.id)[0];
    assert_eq!(item.code.as_deref(), Some("invalid_type"));
    assert_eq!(item.sent, "yes");
}

#[tokio::test]
async fn a_huge_value_is_not_repeated_in_reasons() {
    let world = world(false).await;
    let huge = "x".repeat(100_000);
    let source = format!("name,slug,mrr\n{huge},a,1\nB,b,{huge}\n");
    let report = world.import(&mode("upsert"), &source).await;
    for item in world.items(report.run.id) {
        assert_eq!(item.state.as_str(), "failed");
        assert!(item.label.len() < 200, "{}", item.label.len());
        assert!(item.reason.unwrap().len() < 300);
    }
}
