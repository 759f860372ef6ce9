use serde_json::json;

use crate::client::{Client, display_ids};

/// No row at all.
const NONE: [u64; 0] = [];

#[tokio::test]
async fn a_deleted_row_is_gone_from_reads_and_lists() {
    let pivotal = Client::furnished().await;
    for (path, list, code) in [
        ("/onboardings/1", "/onboardings", "onboarding_not_found"),
        ("/contacts/1", "/customers/1/contacts", "contact_not_found"),
        ("/customers/1", "/customers", "customer_not_found"),
    ] {
        let row = pivotal.get(path).await.ok();
        let response = pivotal.delete(path).await;
        assert_eq!(
            response.body,
            json!({ "object": "deleted", "id": row["id"], "display_id": 1, "deleted": true })
        );
        response.ok();
        pivotal.get(path).await.refused(404, code);
        pivotal.patch(path, json!({})).await.refused(404, code);
        assert_eq!(display_ids(&pivotal.get(list).await.ok()), NONE);
    }
}

#[tokio::test]
async fn deleting_again_gives_the_same_response() {
    let pivotal = Client::furnished().await;
    for path in ["/onboardings", "/contacts", "/customers"] {
        let id = pivotal.get(&format!("{path}/1")).await.ok()["id"]
            .as_str()
            .unwrap()
            .to_owned();
        let first = pivotal.delete(&format!("{path}/1")).await;
        let again = pivotal.delete(&format!("{path}/{id}")).await;
        assert_eq!(first.bytes, again.bytes);
        again.ok();
    }
}

#[tokio::test]
async fn a_row_that_never_existed_cannot_be_deleted() {
    let pivotal = Client::start().await;
    for (path, code) in [
        ("/customers", "customer_not_found"),
        ("/contacts", "contact_not_found"),
        ("/onboardings", "onboarding_not_found"),
    ] {
        for id in ["1", "unknown"] {
            pivotal
                .delete(&format!("{path}/{id}"))
                .await
                .refused(404, code);
        }
    }
}

#[tokio::test]
async fn a_deleted_customer_takes_its_rows_out_of_lists_and_they_survive() {
    let pivotal = Client::furnished().await;
    pivotal.delete("/customers/1").await.ok();
    assert_eq!(display_ids(&pivotal.get("/onboardings").await.ok()), NONE);
    assert_eq!(
        display_ids(&pivotal.get("/onboardings?customer_id=1").await.ok()),
        NONE
    );
    pivotal
        .get("/customers/1/contacts")
        .await
        .refused(404, "customer_not_found");
    pivotal
        .get("/customers/1/onboardings")
        .await
        .refused(404, "customer_not_found");
    pivotal.get("/contacts/1").await.ok();
    assert_eq!(
        pivotal
            .patch("/onboardings/1", json!({ "phase": "launch" }))
            .await
            .ok()["phase"],
        "launch"
    );
    pivotal.delete("/contacts/1").await.ok();
    pivotal
        .get("/contacts/1")
        .await
        .refused(404, "contact_not_found");
}

#[tokio::test]
async fn a_deleted_customer_frees_its_slug_and_never_its_number() {
    let pivotal = Client::furnished().await;
    pivotal.delete("/customers/1").await.ok();
    let body = json!({ "name": "Aurora Outfitters", "slug": "aurora-outfitters" });
    assert_eq!(
        pivotal.post("/customers", body.clone()).await.created()["display_id"],
        2
    );
    // Deleting the first once more does not free what the second holds now.
    pivotal.delete("/customers/1").await.ok();
    pivotal
        .post("/customers", body)
        .await
        .refused(409, "slug_taken");
}
