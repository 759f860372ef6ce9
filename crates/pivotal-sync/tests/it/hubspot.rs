//! Companies of HubSpot.

use pivotal_sync::{Config, SourceKind};
use serde_json::{Value, json};

use crate::service::{Account, http, hubspot, no_fault};
use crate::world::world;

pub(crate) const FIELDS: &str = "
[fields]
hubspot_company_id = \"id\"
name = \"name\"
domain = { column = \"domain\", transform = [\"domain\"] }
";

pub(crate) fn company(id: u32, name: &str) -> Value {
    let domain = format!("https://www.{}.test/", name.to_lowercase());
    json!({ "id": id.to_string(), "properties": { "name": name, "domain": domain } })
}

/// An account with this many companies.
pub(crate) fn account(companies: u32) -> Account {
    Account {
        rows: (1..=companies)
            .map(|id| company(id, &format!("C{id}")))
            .collect(),
        properties: vec!["name", "domain"],
        ..Account::default()
    }
}

#[tokio::test]
async fn companies_are_imported_page_by_page_and_a_second_run_writes_nothing() {
    let service = hubspot(account(230), no_fault);
    let config = service.config(FIELDS);
    let world = world(false).await;
    let report = service.sync(&world, &config).await.unwrap();
    assert_eq!(
        (report.run.rows, report.counts.done),
        (230, 230),
        "{report}"
    );
    assert_eq!(report.run.exit_code, Some(0));
    assert_eq!(report.run.source, "HubSpot");
    let targets = service.lines("GET");
    assert_eq!(
        targets,
        [
            "GET /crm/objects/2026-09/companies?limit=100&properties=domain%2Cname",
            "GET /crm/objects/2026-09/companies?limit=100&properties=domain%2Cname&after=100",
            "GET /crm/objects/2026-09/companies?limit=100&properties=domain%2Cname&after=200",
        ]
    );
    assert_eq!(world.items(report.run.id)[0].place, "HubSpot:1");
    let customers = world.customers().await;
    let first = customers.iter().find(|row| row.name == "C1").unwrap();
    assert_eq!(first.hubspot_company_id.as_deref(), Some("1"));
    assert_eq!(first.domain.as_deref(), Some("c1.test"));

    world.sandbox.clear_requests();
    let report = service.sync(&world, &config).await.unwrap();
    assert_eq!((report.run.unchanged, world.writes().len()), (230, 0));
}

/// Reads the columns of the first company as text, one per field.
async fn columns(account: Account, columns: &[(&str, &str)]) -> (Vec<Option<String>>, Vec<String>) {
    let service = hubspot(account, no_fault);
    let mut text =
        "[fields]\nhubspot_company_id = \"id\"\nname = { constant = \"A\" }\n".to_owned();
    for (field, column) in columns {
        text += &format!("{field} = \"{column}\"\n");
    }
    let config = service.config(&text);
    let world = world(false).await;
    let report = service.sync(&world, &config).await.unwrap();
    assert_eq!(report.run.exit_code, Some(0), "{report}");
    let customer = serde_json::to_value(&world.customers().await[0]).unwrap();
    let values = columns.iter().map(|(field, _)| {
        let value = customer.get(field)?;
        Some(value.as_str().map_or(value.to_string(), str::to_owned))
    });
    (values.collect(), service.lines(""))
}

#[tokio::test]
async fn the_deal_that_was_won_first_and_the_owners_are_columns() {
    let deal = |id: &str, won: &str, closed: &str, owner: &str| {
        json!({ "id": id, "properties": {
            "dealname": format!("Deal {id}"), "amount": "99.50", "closedate": closed,
            "hubspot_owner_id": owner, "hs_is_closed_won": won,
        } })
    };
    let mut account = account(1);
    account.properties.push("hubspot_owner_id");
    account.rows[0]["properties"]["hubspot_owner_id"] = "8".into();
    account.rows[0]["deals"] = json!(["21", "22", "23", "24"]);
    account.deals = vec![
        deal("21", "true", "2026-03-01T00:00:00Z", "8"),
        deal("22", "false", "2025-01-01T00:00:00Z", "8"),
        deal("23", "true", "2026-02-01T00:00:00.5Z", "9"),
        deal("24", "true", "", "9"),
    ];
    account.owners = (1..=9)
        .map(|id| json!({ "id": id.to_string(), "email": format!("o{id}@crm.test"), "type": "PERSON", "archived": false, "createdAt": "2026-05-26T17:21:09.412Z", "updatedAt": "2026-05-26T17:21:09.412Z" }))
        .collect();
    account.page = 4;
    let (values, lines) = columns(
        account,
        &[
            ("hubspot_deal_id", "closed_won_deal_id"),
            ("plan", "closed_won_deal_owner_email"),
            ("slack_channel_id", "owner_email"),
            ("intercom_company_id", "closed_won_deal_closed_at"),
        ],
    )
    .await;
    let expected = ["23", "o9@crm.test", "o8@crm.test", "2026-02-01T00:00:00.5Z"];
    assert_eq!(values, expected.map(|text| Some(text.to_owned())));
    let owners = lines.iter().filter(|line| line.contains("/owners")).count();
    assert_eq!(owners, 3);
    assert!(
        lines.iter().any(|line| line.contains("associations=deals")),
        "{lines:?}"
    );
}

#[tokio::test]
async fn a_company_without_a_won_deal_has_none_and_nothing_else_is_asked_for() {
    let (values, lines) = columns(account(1), &[("hubspot_deal_id", "closed_won_deal_id")]).await;
    assert_eq!(values, [None]);
    assert_eq!(lines.len(), 1, "{lines:?}");
    let (_, lines) = columns(account(1), &[]).await;
    assert_eq!(lines, ["GET /crm/objects/2026-09/companies?limit=100"]);
}

/// The rows of contacts that a plan keeps, by company. The column is mapped only so that it is read:
/// a list is not a value of a field, and the record fails with its contacts in failed.csv.
#[tokio::test]
async fn contacts_are_read_in_batches_and_beyond_the_first_page_of_associations() {
    let mut account = account(2);
    let ids: Vec<_> = (1000..1250).map(|id: u32| id.to_string()).collect();
    account.contacts = ids
        .iter()
        .map(|id| json!({ "id": id, "properties": { "email": format!("p{id}@c.test"), "firstname": "P" } }))
        .collect();
    account.rows[0]["contacts"] = json!(ids);
    account.rows[1]["contacts"] = json!(["1001"]);
    account.inline = 100;
    let service = hubspot(account, no_fault);
    let config = service.config("[fields]\nhubspot_company_id = \"id\"\nplan = \"contacts\"\n");
    let world = world(false).await;
    let report = service.sync(&world, &config).await.unwrap();
    assert_eq!(report.counts.invalid, 2, "{report}");
    let failed = world.failed_csv(report.run.id);
    let contacts = |row: usize| -> Vec<Value> {
        let mut reader = csv::Reader::from_reader(failed.as_bytes());
        let header = reader.headers().unwrap().clone();
        let column = header.iter().position(|name| name == "contacts").unwrap();
        let row = reader.records().nth(row).unwrap().unwrap();
        serde_json::from_str(&row[column]).unwrap()
    };
    assert_eq!(contacts(0).len(), 250);
    let expected = json!([{
        "id": "1001", "email": "p1001@c.test", "firstname": "P", "lastname": null, "jobtitle": null,
    }]);
    assert_eq!(Value::Array(contacts(1)), expected);
    let batches = service.lines("/contacts/batch/read");
    assert_eq!(batches.len(), 3);
    let walked = service.lines("/crm/v4/objects/companies/1/associations/contacts");
    assert_eq!(walked.len(), 1);
}

/// The sections of the first configuration that are comments, as settings.
fn sections() -> String {
    let text = pivotal_sync::init_service(SourceKind::Hubspot).unwrap();
    let (_, text) = text.split_once("# [contacts]").unwrap();
    let (text, _) = text.split_once("# [write_back]").unwrap();
    let lines = text.lines().filter_map(|line| line.strip_prefix("# "));
    let settings = lines.filter(|line| line.starts_with('[') || line.contains(" = "));
    let settings = settings.map(|line| line.replace("ada@example.com", "o9@crm.test") + "\n");
    settings.fold("[contacts]\n".to_owned(), |text, line| text + &line)
}

#[tokio::test]
async fn companies_come_with_contacts_and_onboardings_as_in_the_first_configuration() {
    let mut account = account(2);
    let contact = |id: &str, first: &str, last: Value| {
        json!({ "id": id, "properties": {
            "email": format!("P{id}@c.test"), "firstname": first, "lastname": last, "jobtitle": "Ops",
        } })
    };
    account.contacts = vec![
        contact("71", "Mira", "Chen".into()),
        contact("72", "Ines", Value::Null),
    ];
    account.rows[0]["contacts"] = json!(["71", "72"]);
    account.rows[0]["deals"] = json!(["23"]);
    account.properties.push("hubspot_owner_id");
    account.rows[0]["properties"]["hubspot_owner_id"] = "9".into();
    account.deals = vec![json!({ "id": "23", "properties": {
        "dealname": "Deal", "amount": "99.50", "closedate": "2026-02-01T00:00:00.5Z",
        "hubspot_owner_id": "9", "hs_is_closed_won": "true",
    } })];
    account.owners = vec![
        json!({ "id": "9", "email": "o9@crm.test", "type": "PERSON", "archived": false,
            "createdAt": "2026-05-26T17:21:09.412Z", "updatedAt": "2026-05-26T17:21:09.412Z" }),
    ];
    let service = hubspot(account, no_fault);
    let config = service.config(&format!("{FIELDS}{}", sections()));
    for undocumented in crate::world::MODES {
        let world = world(undocumented).await;
        let report = service.sync(&world, &config).await.unwrap();
        assert_eq!(report.counts.done + report.counts.failed, 5, "{report}");
        let customers = world.customers().await;
        let c1 = customers.iter().find(|row| row.name == "C1").unwrap();
        let contacts = world.client.customer(c1).contacts().list().await.unwrap();
        let contacts = contacts.data.iter().rev();
        let contacts = contacts.map(|row| (row.name.as_str(), row.email.as_str()));
        let expected = [("Mira Chen", "p71@c.test"), ("Ines", "p72@c.test")];
        assert_eq!(contacts.collect::<Vec<_>>(), expected);
        let onboarding = world.onboardings().await.remove(0);
        let closed = "2026-02-01T00:00:00.5Z".parse().unwrap();
        assert_eq!(onboarding.target_launch_date, Some(closed));
        // The reference does not have the manager of an onboarding.
        let manager = undocumented.then_some("usr_...");
        assert_eq!(onboarding.csm_id.as_deref(), manager);
        assert_eq!(report.run.exit_code, Some(u8::from(!undocumented)));

        world.sandbox.clear_requests();
        let report = service.sync(&world, &config).await.unwrap();
        assert_eq!(report.run.exit_code, Some(0), "{report}");
        assert_eq!(world.writes(), []);
    }
}

#[tokio::test]
async fn a_property_that_the_account_does_not_have_is_an_error_before_any_write() {
    let service = hubspot(account(1), no_fault);
    let config = service.config(&FIELDS.replace("\"name\"", "\"nmae\""));
    let world = world(true).await;
    let error = service.sync(&world, &config).await.unwrap_err();
    assert_eq!(error.exit_code(), 2);
    assert!(error.to_string().contains("no column \"nmae\""), "{error}");
    assert_eq!(world.sandbox.requests(), []);
}

#[test]
fn a_key_is_never_in_the_configuration() {
    let text = |line: &str| {
        format!("[source]\ntype = \"hubspot\"\n{line}\n[fields]\nhubspot_company_id = \"id\"")
    };
    for line in [
        "api_key = \"pat-eu1-secretSecret\"",
        "api-key = \"pat-eu1-secretSecret\"",
        "token = \"pat-eu1-secretSecret\"",
        "api_key = \"${HUBSPOT TOKEN} pat-eu1-secretSecret\"",
        "base_url = \"http://x\"\napi_key = [\"pat-eu1-secretSecret\"]",
    ] {
        let error = Config::parse(&text(line)).unwrap_err().to_string();
        assert!(error.starts_with("line "), "{error}");
        assert!(!error.contains("secret"), "{error}");
    }
    let config = Config::parse(&text("api_key = \"${OTHER}\"")).unwrap();
    let error = pivotal_sync::Source::configured(&config, &http()).unwrap_err();
    assert_eq!(error.exit_code(), 4);
    assert!(error.to_string().contains("OTHER"), "{error}");
}

#[test]
fn plain_http_to_another_machine_and_a_key_of_pivotal_are_refused() {
    let config = |url: &str| {
        Config::parse(&format!(
            "[source]\ntype = \"hubspot\"\nbase_url = \"{url}\"\n[fields]\nhubspot_company_id = \"id\""
        ))
        .unwrap()
    };
    let error = pivotal_sync::Source::configured(&config("http://crm.test"), &http()).unwrap_err();
    assert!(error.to_string().contains("unencrypted"), "{error}");
    let error = pivotal_sync::Source::configured(&config("${CRM_URL}"), &http()).unwrap_err();
    assert!(
        error.to_string().contains("variable CRM_URL is not set"),
        "{error}"
    );
    let mut of_pivotal = http();
    of_pivotal.variables = std::sync::Arc::new(|_| Some("pivotal_aB3dE5fG7hJ9kL1m".to_owned()));
    let config = config("https://crm.test");
    let error = pivotal_sync::Source::configured(&config, &of_pivotal).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("HUBSPOT_TOKEN has a key of Pivotal"),
        "{error}"
    );
    assert!(!error.to_string().contains("aB3d"), "{error}");
}

#[tokio::test]
async fn a_company_that_a_moving_list_has_twice_is_one_record() {
    let service = hubspot(account(3), no_fault);
    // The second page begins one row earlier.
    service.account().rows.insert(2, company(2, "C2"));
    service.account().page = 2;
    let config = service.config(FIELDS);
    let world = world(false).await;
    let report = service.sync(&world, &config).await.unwrap();
    assert_eq!((report.run.rows, report.counts.done), (3, 3), "{report}");
}

#[tokio::test]
async fn failed_records_of_hubspot_can_be_mended_and_imported_as_a_file() {
    let service = hubspot(account(2), no_fault);
    service.account().rows[0]["properties"]["name"] = Value::Null;
    let config = service.config(FIELDS);
    let world = world(false).await;
    let report = service.sync(&world, &config).await.unwrap();
    assert_eq!(report.run.exit_code, Some(1), "{report}");
    let failed = world.failed_csv(report.run.id);
    let expected = "domain,id,name,reason,code,field,sent\nhttps://www.c1.test/,1,,";
    assert!(failed.starts_with(expected), "{failed}");
    let mended = failed.replace(",1,,", ",1,C1,");
    let report = world.import(&config, &mended).await;
    assert_eq!(
        (report.counts.done, report.run.exit_code),
        (1, Some(0)),
        "{report}"
    );
    let report = service.sync(&world, &config).await.unwrap();
    assert_eq!(report.run.unchanged, 2, "{report}");
}
