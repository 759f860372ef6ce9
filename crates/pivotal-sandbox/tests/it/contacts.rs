use serde_json::{Value, json};

use crate::client::{Client, display_ids};

fn mira() -> Value {
    json!({ "name": "Mira Chen", "email": "Mira@Aurora-Demo.com", "title": "Head of Ops", "is_primary": true,
        "labels": ["billing", "technical"] })
}

/// A contact of this customer, like [`mira`].
async fn create(pivotal: &Client, customer: u64) -> Value {
    let contacts = format!("/customers/{customer}/contacts");
    pivotal.post(&contacts, mira()).await.created()
}

#[tokio::test]
async fn a_contact_keeps_what_it_was_created_with_and_its_address_in_lower_case() {
    let pivotal = Client::start().await;
    let customer = pivotal.customer("Aurora").await;
    let contact = create(&pivotal, 1).await;
    assert_eq!(contact["object"], "contact");
    assert_eq!(contact["customer_id"], customer["id"]);
    assert_eq!(contact["email"], "mira@aurora-demo.com");
    assert_eq!(
        (&contact["title"], &contact["is_primary"]),
        (&json!("Head of Ops"), &json!(true))
    );
    assert_eq!(contact["labels"], json!(["billing", "technical"]));
    assert_eq!(pivotal.get("/contacts/1").await.ok(), contact);
    assert_eq!(
        pivotal
            .get(&format!("/contacts/{}", contact["id"].as_str().unwrap()))
            .await
            .ok(),
        contact
    );
}

#[tokio::test]
async fn a_contact_created_with_the_least_has_defaults() {
    let pivotal = Client::start().await;
    let customer = pivotal.customer("Aurora").await;
    let path = format!("/customers/{}/contacts", customer["id"].as_str().unwrap());
    let contact = pivotal
        .post(&path, json!({ "name": "Mira", "email": "m@x.io" }))
        .await
        .created();
    assert_eq!(
        (
            &contact["title"],
            &contact["is_primary"],
            &contact["labels"]
        ),
        (&Value::Null, &json!(false), &json!([]))
    );
}

#[tokio::test]
async fn the_same_address_under_the_same_customer_gives_the_existing_contact() {
    let pivotal = Client::start().await;
    pivotal.customer("Aurora").await;
    let contact = create(&pivotal, 1).await;
    let other = json!({ "name": "Another Name", "email": "MIRA@aurora-demo.com" });
    assert_eq!(
        pivotal.post("/customers/1/contacts", other).await.created(),
        contact
    );
    assert_eq!(
        display_ids(&pivotal.get("/customers/1/contacts").await.ok()),
        [1]
    );
}

#[tokio::test]
async fn an_address_of_another_customers_contact_is_taken() {
    let pivotal = Client::start().await;
    pivotal.customer("Aurora").await;
    pivotal.customer("Borealis").await;
    create(&pivotal, 1).await;
    let response = pivotal.post("/customers/2/contacts", mira()).await;
    assert_eq!(response.refused(409, "email_taken"), Some("email"));
}

#[tokio::test]
async fn an_address_is_free_once_its_contact_or_customer_is_deleted() {
    let pivotal = Client::start().await;
    pivotal.customer("Aurora").await;
    pivotal.customer("Borealis").await;
    create(&pivotal, 1).await;
    pivotal.delete("/contacts/1").await.ok();
    let second = create(&pivotal, 1).await;
    assert_eq!(second["display_id"], 2);
    pivotal.delete("/customers/1").await.ok();
    assert_eq!(create(&pivotal, 2).await["display_id"], 3);
}

#[tokio::test]
async fn an_address_can_be_changed_but_not_to_one_that_is_taken() {
    let pivotal = Client::start().await;
    pivotal.customer("Aurora").await;
    create(&pivotal, 1).await;
    pivotal
        .post(
            "/customers/1/contacts",
            json!({ "name": "Noor", "email": "noor@x.io" }),
        )
        .await
        .created();
    let response = pivotal
        .patch("/contacts/2", json!({ "email": "MIRA@aurora-demo.com" }))
        .await;
    assert_eq!(response.refused(409, "email_taken"), Some("email"));
    assert_eq!(
        pivotal
            .patch("/contacts/1", json!({ "email": "Mira@X.io" }))
            .await
            .ok()["email"],
        "mira@x.io"
    );
    // The old address is free, the new one is not, and one's own is no clash.
    pivotal
        .patch("/contacts/1", json!({ "email": "mira@x.io" }))
        .await
        .ok();
    pivotal
        .patch("/contacts/2", json!({ "email": "mira@aurora-demo.com" }))
        .await
        .ok();
    pivotal
        .patch("/contacts/2", json!({ "email": "mira@x.io" }))
        .await
        .refused(409, "email_taken");
}

#[tokio::test]
async fn an_update_leaves_what_it_omits_and_null_clears_the_title() {
    let pivotal = Client::start().await;
    pivotal.customer("Aurora").await;
    create(&pivotal, 1).await;
    let contact = pivotal
        .patch("/contacts/1", json!({ "title": null, "labels": [] }))
        .await
        .ok();
    assert_eq!(
        (
            &contact["title"],
            &contact["labels"],
            &contact["is_primary"]
        ),
        (&Value::Null, &json!([]), &json!(true))
    );
    assert_eq!(
        pivotal
            .patch("/contacts/1", json!({ "labels": null }))
            .await
            .refused(400, "invalid_type"),
        Some("labels")
    );
}

#[tokio::test]
async fn contacts_are_listed_by_customer() {
    let pivotal = Client::start().await;
    for name in ["Aurora", "Borealis"] {
        pivotal.customer(name).await;
    }
    for (customer, email) in [(1, "a@x.io"), (2, "b@x.io"), (1, "c@x.io")] {
        let body = json!({ "name": "Someone", "email": email });
        pivotal
            .post(&format!("/customers/{customer}/contacts"), body)
            .await
            .created();
    }
    assert_eq!(
        display_ids(&pivotal.get("/customers/1/contacts").await.ok()),
        [3, 1]
    );
    assert_eq!(
        display_ids(&pivotal.get("/customers/2/contacts").await.ok()),
        [2]
    );
    pivotal
        .get("/customers/3/contacts")
        .await
        .refused(404, "customer_not_found");
    pivotal
        .post("/customers/3/contacts", mira())
        .await
        .refused(404, "customer_not_found");
}
