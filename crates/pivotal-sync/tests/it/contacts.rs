//! Contacts: created, updated, left alone, in doubt and undone.

use std::time::Duration;

use pivotal_sdk::{CreateContact, UpdateContact};
use pivotal_sync::{Config, ItemState, Kind};
use serde_json::{Value, json};

use crate::world::{MODES, anything, world};

/// Customers by slug, with a list of contacts.
fn config(mode: &str) -> Config {
    Config::parse(&format!(
        r#"
        [sync]
        mode = "{mode}"
        [fields]
        name = "name"
        slug = "slug"
        [contacts]
        list = "contacts"
        [contacts.fields]
        email = "email"
        name = {{ column = ["firstname", "lastname"] }}
        title = "jobtitle"
        "#
    ))
    .unwrap()
}

fn contact(name: &str, email: &str, title: &str) -> Value {
    json!({ "firstname": name, "lastname": "Chen", "email": email, "jobtitle": title })
}

fn two() -> Value {
    json!([
        { "name": "A", "slug": "a", "contacts": [
            contact("Mira", "Mira@A.test", "Ops"), contact("Ines", "ines@a.test", "") ] },
        { "name": "B", "slug": "b", "contacts": [] },
    ])
}

const TWO: [&str; 2] = [
    "a: Mira Chen, mira@a.test, Ops",
    "a: Ines Chen, ines@a.test, ",
];

#[tokio::test]
async fn they_are_created_after_their_customer_and_a_second_run_writes_nothing() {
    for undocumented in MODES {
        let world = world(undocumented).await;
        let report = world.import_json(&config("upsert"), &two()).await;
        assert_eq!(
            (report.counts.done, report.run.exit_code),
            (4, Some(0)),
            "{report}"
        );
        let created = report.kinds.values().map(|counts| counts.create);
        assert_eq!(created.collect::<Vec<_>>(), [2, 2, 0]);
        assert_eq!(report.requests, 4);
        assert_eq!(world.contacts().await, TWO);

        world.sandbox.clear_requests();
        let report = world.import_json(&config("upsert"), &two()).await;
        assert_eq!(
            (report.run.unchanged, report.run.unchanged_contacts),
            (2, 2)
        );
        assert_eq!(world.writes(), []);
        // B has no contacts in the source, so that nobody asks for them.
        let reads = world.sandbox.requests();
        let reads = reads
            .iter()
            .filter(|request| request.path.ends_with("/contacts"));
        assert_eq!(reads.count(), 1);
    }
}

#[tokio::test]
async fn one_changed_field_is_one_patch_and_others_are_left_alone() {
    for undocumented in MODES {
        let world = world(undocumented).await;
        world.import_json(&config("upsert"), &two()).await;
        let customer = world.customer("a").await;
        let by_hand = CreateContact::new("By hand", "hand@a.test");
        let contacts = world.client.customer(&customer).contacts();
        contacts.create(by_hand).await.unwrap();
        world.sandbox.clear_requests();
        let mut changed = two();
        changed[0]["contacts"] = json!([contact("Mira", "mira@a.test", "CEO")]);
        let run = world.plan_json(&config("upsert"), &changed).await.unwrap();
        let item = world.items(run).remove(0);
        assert_eq!(
            (item.kind, item.label.as_str()),
            (Kind::Contact, "mira@a.test of #1 A")
        );
        let report = world.apply(run, &anything()).await.unwrap();
        assert_eq!(report.run.exit_code, Some(0), "{report}");
        let writes = world.writes();
        assert_eq!(writes.len(), 1);
        assert_eq!(writes[0].method, "PATCH");
        assert_eq!(writes[0].body, r#"{"title":"CEO"}"#);
        let expected = [
            "a: Mira Chen, mira@a.test, CEO",
            TWO[1],
            "a: By hand, hand@a.test, ",
        ];
        assert_eq!(world.contacts().await, expected);

        let report = world.undo(run).await;
        assert_eq!((report.counts.done, report.run.exit_code), (1, Some(0)));
        assert_eq!(world.contacts().await[..2], TWO);
    }
}

#[tokio::test]
async fn the_mode_holds_for_contacts_as_for_customers() {
    for (mode, expected) in [
        ("create", (1, 0, 1)),
        ("update", (0, 1, 1)),
        ("upsert", (1, 1, 0)),
    ] {
        let world = world(false).await;
        world.import_json(&config("upsert"), &two()).await;
        let mut changed = two();
        changed[0]["contacts"][1] = contact("New", "new@a.test", "");
        changed[0]["contacts"][0]["jobtitle"] = "CEO".into();
        let report = world.import_json(&config(mode), &changed).await;
        let counts = report.kinds[&Kind::Contact];
        assert_eq!(
            (counts.create, counts.update, counts.skipped),
            expected,
            "{mode}"
        );
    }
}

#[tokio::test]
async fn unusable_contacts_are_reported_and_do_not_affect_their_customer() {
    let world = world(true).await;
    let long = "x".repeat(300);
    let records = json!([
        { "name": "A", "slug": "a", "contacts": [
            contact("Mira", "mira@a.test", ""),
            contact("Twice", "MIRA@a.test", ""),
            contact("Nobody", "", ""),
            contact(&long, "long@a.test", ""),
            contact("No address", "mira at a.test", ""),
            { "email": "nameless@a.test", "firstname": null },
            {},
        ] },
        { "name": "B", "slug": "b", "contacts": "no list" },
        { "name": "C", "slug": "c", "contacts": [contact("Mira", "mira@a.test", "")] },
        { "name": "D", "slug": "d" },
    ]);
    // One after the other, so that it is C that finds the address taken.
    let run = world.plan_json(&config("upsert"), &records).await.unwrap();
    let mut options = anything();
    options.concurrency = 1;
    let report = world.apply(run, &options).await.unwrap();
    assert_eq!(report.run.exit_code, Some(1));
    assert_eq!(report.run.reason.as_deref(), Some("contacts failed: 5"));
    assert_eq!(world.customers().await.len(), 4);
    let codes: Vec<_> = world
        .items(run)
        .into_iter()
        .filter(|item| item.kind == Kind::Contact)
        .map(|item| item.code.unwrap_or_default())
        .collect();
    let expected = [
        "",
        "duplicate_in_source",
        "no_email",
        "exceeds_limit",
        "invalid_value",
        "",
        "invalid_value",
        "email_taken",
    ];
    assert_eq!(codes, expected);
    let created = [
        "a: Mira Chen, mira@a.test, ",
        "a: nameless@a.test, nameless@a.test, ",
    ];
    assert_eq!(world.contacts().await, created);
    // Each record once.
    let failed = world.failed_csv(run);
    let failed = csv::Reader::from_reader(failed.as_bytes())
        .into_records()
        .map(Result::unwrap);
    let failed: Vec<_> = failed
        .map(|record| (record[2].to_owned(), record[4].to_owned()))
        .collect();
    let row = |slug: &str, code: &str| (slug.to_owned(), code.to_owned());
    let expected = [
        row("a", "duplicate_in_source"),
        row("b", "invalid_value"),
        row("c", "email_taken"),
    ];
    assert_eq!(failed, expected);
}

#[tokio::test]
async fn two_records_of_a_customer_learn_how_several_contacts_are_given() {
    let world = world(false).await;
    let fields = "[fields]\nname = \"company\"\ndomain = \"domain\"";
    let each = format!("{fields}\n[contacts.fields]\nemail = \"email\"");
    let rows = json!([
        { "company": "A", "domain": "a.test", "email": "mira@a.test" },
        { "company": "A", "domain": "a.test", "email": "ines@a.test" },
    ]);
    for (config, has_hint) in [(each.as_str(), true), (fields, false)] {
        let config = Config::parse(config).unwrap();
        let run = world.plan_json(&config, &rows).await.unwrap();
        let reason = world.items(run)[0].reason.clone().unwrap();
        assert!(reason.contains("has the same domain=a.test"), "{reason}");
        assert_eq!(reason.contains("`list` in [contacts]"), has_hint);
    }
    let list =
        format!("{fields}\n[contacts]\nlist = \"people\"\n[contacts.fields]\nemail = \"email\"");
    let people = r#"[{"email": "mira@a.test"}, {"email": "ines@a.test"}]"#;
    let row = json!([{ "company": "A", "domain": "a.test", "people": people }]);
    let report = world
        .import_json(&Config::parse(&list).unwrap(), &row)
        .await;
    assert_eq!(report.kinds[&Kind::Contact].done, 2, "{report}");
}

/// Every run meets them again, and must not end before what comes after them.
#[tokio::test]
async fn many_taken_addresses_do_not_stop_a_run() {
    let world = world(true).await;
    let people: Vec<_> = (0..9)
        .map(|id| contact("Ada", &format!("{id}@x.test"), ""))
        .collect();
    let a = json!({ "name": "A", "slug": "a", "contacts": people });
    world.import_json(&config("upsert"), &json!([a])).await;
    let b = json!({ "name": "B", "slug": "b", "contacts": people });
    let c = json!({ "name": "C", "slug": "c", "contacts": [] });
    let run = world.plan_json(&config("upsert"), &json!([a, b, c])).await;
    let mut options = anything();
    (options.concurrency, options.max_errors_in_a_row) = (1, 3);
    let report = world.apply(run.unwrap(), &options).await.unwrap();
    let counts = &report.counts;
    assert_eq!(
        (counts.done, counts.failed, counts.left),
        (2, 9, 0),
        "{report}"
    );
}

#[tokio::test]
async fn failed_records_with_a_list_can_be_imported_again() {
    let world = world(true).await;
    let mut records = two();
    records[0]["contacts"][0]["email"] = "mira at a.test".into();
    let report = world.import_json(&config("upsert"), &records).await;
    assert_eq!(
        (report.counts.failed, report.counts.done),
        (1, 3),
        "{report}"
    );
    let failed = world.failed_csv(report.run.id);
    assert!(failed.contains("contact mira at a.test of A: "), "{failed}");
    let mended = failed.replace("mira at ", "mira@");
    let report = world.import(&config("upsert"), &mended).await;
    assert_eq!(
        (report.run.exit_code, report.counts.done),
        (Some(0), 1),
        "{report}"
    );
    assert_eq!(world.contacts().await.len(), 2);
}

#[tokio::test]
async fn nothing_is_sent_for_a_customer_that_was_not_created() {
    // The documented statuses do not have at_risk, which only the server knows.
    let world = world(false).await;
    let mut config = config("upsert");
    let status = Config::parse("[fields]\nslug = \"slug\"\nstatus = \"name\"").unwrap();
    config.fields.extend(status.fields);
    let mut records = two();
    records[0]["name"] = "at_risk".into();
    records[1]["name"] = "active".into();
    let report = world.import_json(&config, &records).await;
    let kinds = [Kind::Customer, Kind::Contact].map(|kind| report.kinds[&kind].failed);
    assert_eq!(kinds, [1, 2], "{report}");
    let items = world.items(report.run.id);
    assert_eq!(items[1].code.as_deref(), Some("customer_failed"));
    assert_eq!(items[1].sent, "no");
    assert_eq!(world.writes().len(), 2);
    let failed = world.failed_csv(report.run.id);
    assert_eq!(failed.lines().count(), 2, "{failed}");
}

#[tokio::test]
async fn a_customer_in_doubt_keeps_its_contacts_in_the_plan() {
    for undocumented in MODES {
        for (fault, is_created) in [("reset-after-processing", true), ("status=503", false)] {
            let world = world(undocumented).await;
            world.inject(&format!("create-customer:{fault}:count=1"));
            let report = world.import_json(&config("upsert"), &two()).await;
            let counts = &report.counts;
            assert_eq!(
                (counts.done, counts.in_doubt, counts.left),
                (1, 1, 2),
                "{report}"
            );
            assert_eq!(world.customers().await.len(), 1 + usize::from(is_created));
            let report = world.apply(report.run.id, &anything()).await.unwrap();
            assert_eq!(report.run.exit_code, Some(0), "{report}");
            assert_eq!(world.contacts().await.len(), 2);
            assert_eq!(world.customers().await.len(), 2);
        }
    }
}

#[tokio::test]
async fn a_create_an_update_and_a_delete_without_a_response_are_resolved() {
    for undocumented in MODES {
        let world = world(undocumented).await;
        world.inject("create-customer-contact:reset-after-processing:count=1");
        let report = world.import_json(&config("upsert"), &two()).await;
        assert_eq!(
            (report.counts.done, report.counts.in_doubt),
            (3, 1),
            "{report}"
        );
        assert_eq!(report.run.exit_code, Some(5));
        world.sandbox.clear_requests();
        let first = world.apply(report.run.id, &anything()).await.unwrap();
        assert_eq!(
            (first.run.state.as_str(), first.counts.done),
            ("complete", 4)
        );
        assert_eq!(world.writes(), []);
        assert_eq!(world.contacts().await, TWO);

        world.inject("update-contact:reset-after-processing:count=1");
        let mut changed = two();
        changed[0]["contacts"][0]["jobtitle"] = "CEO".into();
        let report = world.import_json(&config("upsert"), &changed).await;
        assert_eq!(report.counts.in_doubt, 1);
        // A plan resolves it, too.
        world.sandbox.clear_requests();
        let again = world.import_json(&config("upsert"), &changed).await;
        assert_eq!(
            (again.run.exit_code, again.run.unchanged_contacts),
            (Some(0), 2)
        );
        assert_eq!(world.state.counts(report.run.id).unwrap().done, 1);
        assert_eq!(world.writes(), []);
    }
}

#[tokio::test]
async fn an_undo_without_a_response_deletes_the_customer_when_it_is_resolved() {
    for undocumented in MODES {
        let world = world(undocumented).await;
        let run = world.import_json(&config("upsert"), &two()).await.run.id;
        world.inject("delete-contact:reset-after-processing:count=1");
        let undo = world.undo(run).await;
        // The customer waits for it.
        let counts = &undo.counts;
        assert_eq!(
            (counts.done, counts.in_doubt, counts.left),
            (2, 1, 1),
            "{undo}"
        );
        let undo = world.apply(undo.run.id, &anything()).await.unwrap();
        assert_eq!(
            (undo.run.exit_code, undo.counts.done),
            (Some(0), 4),
            "{undo}"
        );
        assert_eq!(world.customers().await.len(), 0);
    }
}

#[tokio::test]
async fn a_key_that_is_revoked_half_way_loses_and_doubles_nothing() {
    for undocumented in MODES {
        let world = world(undocumented).await;
        world.inject("create-customer-contact:key-revoked:after=1:count=1");
        let mut options = anything();
        options.concurrency = 1;
        let run = world.plan_json(&config("upsert"), &two()).await.unwrap();
        let report = world.apply(run, &options).await.unwrap();
        assert_eq!(
            (report.run.exit_code, report.counts.done),
            (Some(4), 2),
            "{report}"
        );
        assert_eq!(report.counts.left, 2);
        let world = world.with_second_key();
        let report = world.apply(run, &options).await.unwrap();
        assert_eq!(
            (report.run.exit_code, report.counts.done),
            (Some(0), 4),
            "{report}"
        );
        assert_eq!(world.contacts().await, TWO);
    }
}

#[tokio::test]
async fn a_list_that_breaks_off_leads_to_no_plan() {
    let world = world(true).await;
    world.import_json(&config("upsert"), &two()).await;
    world.inject("list-customer-contacts:status=503:count=1");
    world.sandbox.clear_requests();
    let error = world
        .plan_json(&config("upsert"), &two())
        .await
        .unwrap_err();
    assert_eq!(error.exit_code(), 5);
    assert!(error.to_string().contains("after 0 contacts"), "{error}");
    assert_eq!(world.writes(), []);
    let walk = "SELECT mirror || ' ' || customers || ' ' || state FROM walks ORDER BY id DESC";
    let walk: String = world
        .database()
        .query_row(walk, [], |row| row.get(0))
        .unwrap();
    assert_eq!(walk, "contacts 1 broken");
}

#[tokio::test]
async fn what_changed_since_the_plan_is_left_alone() {
    for undocumented in MODES {
        let world = world(undocumented).await;
        world.import_json(&config("upsert"), &two()).await;
        let mut changed = two();
        changed[0]["contacts"][0]["jobtitle"] = "CEO".into();
        changed[0]["contacts"]
            .as_array_mut()
            .unwrap()
            .push(contact("New", "new@a.test", ""));
        let run = world.plan_json(&config("upsert"), &changed).await.unwrap();
        let customer = world.customer("a").await;
        let contacts = world.client.customer(&customer).contacts();
        let mira = contacts
            .find_by_email("mira@a.test")
            .await
            .unwrap()
            .unwrap();
        let title = UpdateContact::new().title("CTO");
        world.client.contact(&mira).update(title).await.unwrap();
        contacts
            .create(CreateContact::new("Else", "new@a.test"))
            .await
            .unwrap();
        // Another process: the mirror is read again.
        let world = world.reopened();
        let report = world.apply(run, &anything()).await.unwrap();
        assert_eq!(report.run.exit_code, Some(1));
        let codes: Vec<_> = world
            .items(run)
            .into_iter()
            .map(|item| item.code.unwrap())
            .collect();
        assert_eq!(codes, ["changed_meanwhile", "exists_now"]);
        let expected = [
            "a: Mira Chen, mira@a.test, CTO",
            TWO[1],
            "a: Else, new@a.test, ",
        ];
        assert_eq!(world.contacts().await, expected);
    }
}

#[tokio::test]
async fn an_undo_deletes_what_was_created_unless_it_has_changed() {
    for undocumented in MODES {
        let world = world(undocumented).await;
        let run = world.import_json(&config("upsert"), &two()).await.run.id;
        let customer = world.customer("a").await;
        let contacts = world.client.customer(&customer).contacts();
        let mira = contacts
            .find_by_email("mira@a.test")
            .await
            .unwrap()
            .unwrap();
        let title = UpdateContact::new().title("CTO");
        world.client.contact(&mira).update(title).await.unwrap();
        let report = world.undo(run).await;
        // Mira and her company stay.
        assert_eq!(
            (report.counts.done, report.counts.failed),
            (2, 2),
            "{report}"
        );
        assert_eq!(world.contacts().await, ["a: Mira Chen, mira@a.test, CTO"]);
        let codes = world
            .items(report.run.id)
            .into_iter()
            .filter_map(|item| item.code);
        assert_eq!(
            codes.collect::<Vec<_>>(),
            ["changed_meanwhile", "changed_meanwhile"]
        );
    }
}

#[tokio::test]
async fn an_undo_records_the_delete_of_a_customer_before_it_is_sent() {
    let world = world(false).await;
    let run = world.import_json(&config("upsert"), &two()).await.run.id;
    let undo = world.plan_undo(run).await.unwrap();
    world.inject("delete-customer:stall-after-processing");
    let options = anything();
    let both_deleted = async {
        while !world.customers().await.is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        // As a process that is killed then.
        report = world.apply(undo, &options) => panic!("{}", report.unwrap()),
        () = both_deleted => {}
    }
    let customers = world.items(undo).into_iter();
    let customers = customers.filter(|item| item.kind == Kind::Customer);
    let states: Vec<_> = customers.map(|item| item.state).collect();
    assert_eq!(states, [ItemState::Sending, ItemState::Sending]);
}

#[tokio::test]
async fn an_import_after_an_undo_creates_again() {
    for undocumented in MODES {
        let world = world(undocumented).await;
        let customers = json!([{ "name": "A", "slug": "a", "contacts": [] }]);
        world.import_json(&config("upsert"), &customers).await;
        let mut with_contacts = two();
        with_contacts.as_array_mut().unwrap().truncate(1);
        for _ in 0..3 {
            let report = world.import_json(&config("upsert"), &with_contacts).await;
            assert_eq!(
                (report.counts.done, report.run.exit_code),
                (2, Some(0)),
                "{report}"
            );
            assert_eq!(world.contacts().await, TWO);
            world.undo(report.run.id).await;
            assert_eq!(world.contacts().await.len(), 0);
        }
    }
}

#[tokio::test]
async fn a_record_is_one_contact_without_a_list() {
    let config = Config::parse(
        r#"
        [fields]
        name = "company"
        slug = "slug"
        [contacts.fields]
        email = "email"
        name = "person"
        is_primary = "primary"
        labels = "labels"
        "#,
    )
    .unwrap();
    for undocumented in MODES {
        let world = world(undocumented).await;
        let source = "\
company,slug,person,email,primary,labels
A,a,Mira Chen,Mira@a.test,yes,\"billing; technical\"
B,b,,,,
C,c,Ines,ines@c.test,perhaps,
";
        let report = world.import(&config, source).await;
        assert_eq!(
            (report.counts.done, report.counts.invalid),
            (4, 1),
            "{report}"
        );
        let customer = world.customer("a").await;
        let mira = world
            .client
            .customer(&customer)
            .contacts()
            .list()
            .await
            .unwrap();
        assert!(mira.data[0].is_primary);
        assert_eq!(mira.data[0].labels, ["billing", "technical"]);
        let report = world.import(&config, source).await;
        assert_eq!(report.run.unchanged_contacts, 1);
        // As a file of failed records has it that came from JSON.
        let list = source.replace("\"billing; technical\"", r#""[""billing"",""technical""]""#);
        let report = world.import(&config, &list).await;
        assert_eq!(report.run.unchanged_contacts, 1);
    }
}
