//! IDs that are written back.

use std::future::pending;

use pivotal_sync::{Config, WrittenBack};
use pivotal_test_support::response;

use crate::hubspot::{FIELDS, account};
use crate::service::{Account, Fault, Service, http, hubspot, no_fault, stripe};
use crate::world::{World, world};

const SECTION: &str = "[write_back]\nproperty = \"pivotal_customer_id\"\n";

/// Syncs and writes back.
async fn sync(world: &World, service: &Service, config: &Config) -> (u8, Option<WrittenBack>) {
    let report = service.sync(world, config).await.unwrap();
    let run = report.run.id;
    let http = http();
    let written = pivotal_sync::write_back(&world.state, run, config, &http, pending());
    let written = written.await.unwrap();
    (world.state.run(run).unwrap().exit_code.unwrap(), written)
}

fn counts(written: &WrittenBack) -> (u64, u64, u64) {
    (written.written, written.unchanged, written.failed)
}

#[tokio::test]
async fn the_id_of_the_customer_gets_into_hubspot_once() {
    let mut account = account(120);
    account.properties.push("pivotal_customer_id");
    account.page = 60;
    let service = hubspot(account, no_fault);
    let config = service.config(&format!("{FIELDS}{SECTION}"));
    let world = world(false).await;
    let (code, written) = sync(&world, &service, &config).await;
    assert_eq!((code, counts(&written.unwrap())), (0, (120, 0, 0)));
    let customers = world.customers().await;
    let of_seven = customers
        .iter()
        .find(|row| row.hubspot_company_id.as_deref() == Some("7"));
    assert_eq!(
        service.account().rows[6]["properties"]["pivotal_customer_id"],
        of_seven.unwrap().id.as_str()
    );
    assert_eq!(service.lines("POST").len(), 2);

    let (code, written) = sync(&world, &service, &config).await;
    assert_eq!((code, counts(&written.unwrap())), (0, (0, 120, 0)));
    assert_eq!(
        service.lines("POST").len(),
        2,
        "the second run writes nothing"
    );

    service.account().rows[6]["properties"]["pivotal_customer_id"] = "other".into();
    let (_, written) = sync(&world, &service, &config).await;
    assert_eq!(counts(&written.unwrap()), (1, 119, 0));
}

#[tokio::test]
async fn the_id_of_the_customer_gets_into_the_metadata_of_stripe_once() {
    let rows = (1..=3).map(|number| crate::stripe::customer(&format!("cus_{number}"), &[]));
    let account = Account {
        rows: rows.collect(),
        ..Account::default()
    };
    let service = stripe(account, no_fault);
    let config = service.config(&format!("{}{SECTION}", crate::stripe::FIELDS));
    let world = world(false).await;
    let (code, written) = sync(&world, &service, &config).await;
    assert_eq!((code, counts(&written.unwrap())), (0, (3, 0, 0)));
    let posts = service.requests();
    let post = posts
        .iter()
        .find(|request| request.line.starts_with("POST"))
        .unwrap();
    assert!(String::from_utf8_lossy(&post.body).starts_with("metadata%5Bpivotal_customer_id%5D="));
    assert_eq!(
        post.header("content-type"),
        Some("application/x-www-form-urlencoded")
    );
    assert_eq!(service.account().rows[0]["metadata"]["plan"], "Growth");
    let (_, written) = sync(&world, &service, &config).await;
    assert_eq!(counts(&written.unwrap()), (0, 3, 0));
}

#[tokio::test]
async fn what_is_not_written_makes_the_run_partial_and_undoes_nothing() {
    let no_scope: Fault = |request, _| {
        let body = r#"{"message":"This app hasn't been granted all required scopes"}"#;
        request
            .line
            .starts_with("POST")
            .then(|| response("403 Forbidden", "", body))
    };
    let cases: [(bool, bool, Fault, &str); 4] = [
        (true, true, no_fault, "1: The company is locked"),
        (
            false,
            false,
            no_fault,
            "no company property \"pivotal_customer_id\"; create it",
        ),
        (true, false, no_scope, "crm.objects.companies.write"),
        (
            true,
            false,
            |request, number| {
                (number > 0 && request.line.starts_with("GET"))
                    .then(|| response("500 Error", "", ""))
            },
            "status 500",
        ),
    ];
    for (has_property, locked, fault, why) in cases {
        let mut account = account(2);
        account.rows[0]["locked"] = locked.into();
        if has_property {
            account.properties.push("pivotal_customer_id");
        }
        let service = hubspot(account, fault);
        let config = service.config(&format!("{FIELDS}{SECTION}"));
        let world = world(false).await;
        let (code, written) = sync(&world, &service, &config).await;
        let problem = written.unwrap().problem.unwrap();
        assert!(problem.contains(why), "{problem}");
        assert_eq!((code, world.customers().await.len()), (5, 2), "{why}");
        let run = &world.state.runs().unwrap()[0];
        assert_eq!(run.state, "partial");
        assert!(run.reason.as_ref().unwrap().starts_with("write back: "));
        // One company that fails does not hold up the other.
        let id = &service.account().rows[1]["properties"]["pivotal_customer_id"];
        assert_eq!(id.is_string(), locked, "{why}");
    }
}

#[tokio::test]
async fn nothing_is_written_back_without_an_applied_run_of_the_source() {
    let mut of_service = account(2);
    of_service.properties.push("pivotal_customer_id");
    let service = hubspot(of_service, no_fault);
    let config = service.config(&format!("{FIELDS}{SECTION}"));
    let world = world(false).await;
    let plan = world.plan_sources(&config, vec![service.source(&config)]);
    let planned = plan.await.unwrap();
    let csv = world
        .import(&crate::world::mode("upsert"), "name,slug\nA,a\n")
        .await
        .run
        .id;
    let requests = service.requests().len();
    // A file needs no key of HubSpot.
    let mut http = http();
    http.variables = std::sync::Arc::new(|_| None);
    for run in [planned, csv] {
        let written = pivotal_sync::write_back(&world.state, run, &config, &http, pending());
        assert_eq!(written.await.unwrap(), None);
    }
    assert_eq!(service.requests().len(), requests);
}

#[test]
fn the_section_needs_a_link_and_a_source_that_can_be_written_to() {
    let cases = [
        ("", "needs a source"),
        (
            "[source]\ntype = \"hubspot\"\n",
            "hubspot_company_id = \"id\"",
        ),
    ];
    for (source, why) in cases {
        let text = format!("{source}{SECTION}[fields]\nname = \"name\"\nslug = \"slug\"");
        let error = Config::parse(&text).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
    let name = SECTION.replace("pivotal_customer_id", "Pivotal ID");
    let text = format!("[source]\ntype = \"hubspot\"\n{name}{FIELDS}");
    assert!(
        Config::parse(&text)
            .unwrap_err()
            .to_string()
            .contains("lower-case")
    );
}
