//! Two workspaces: what one holds, the other never sees.

use pivotal_sandbox::{NewWorkspace, Sandbox, stateful_operations};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    client::{Client, Response, send},
    conformance::DOCUMENT,
};

const OTHER: &str = "pivotal_borealisLive";

/// The workspaces Sandbox and Borealis. Sandbox has two rows of each kind; Borealis has one
/// customer, of its own.
async fn two_workspaces() -> Client {
    let other = NewWorkspace::new("Borealis").key(OTHER);
    let pivotal = Client::of(Sandbox::builder().workspace(other)).await;
    for number in 1..=2 {
        let customer = pivotal.customer(&format!("Secret {number}")).await;
        pivotal.onboarding(&customer).await;
        let path = format!("/customers/{number}/contacts");
        let email = format!("secret{number}@aurora-demo.com");
        pivotal
            .post(&path, json!({ "name": "Secret", "email": email }))
            .await
            .created();
    }
    other_send(
        &pivotal,
        Method::POST,
        "/customers",
        Some(json!({ "name": "Borealis" })),
    )
    .await
    .created();
    pivotal
}

/// A request with the key of the other workspace.
async fn other_send(pivotal: &Client, method: Method, path: &str, body: Option<Value>) -> Response {
    let mut request = pivotal
        .http
        .request(method, pivotal.url(path))
        .bearer_auth(OTHER);
    if let Some(body) = body {
        request = request.json(&body);
    }
    send(request).await
}

/// Everything that the first workspace holds.
async fn holdings(pivotal: &Client) -> Vec<Value> {
    let mut all = Vec::new();
    for path in [
        "/customers",
        "/onboardings",
        "/customers/1/contacts",
        "/customers/2/contacts",
    ] {
        all.push(pivotal.get(path).await.ok());
    }
    all
}

/// The ids of the rows that paths through `collection` name, opaque and numeric.
async fn ids_of(pivotal: &Client, collection: &str) -> Vec<String> {
    let path = match collection {
        "contacts" => "/customers/2/contacts",
        "onboardings" => "/onboardings",
        _ => "/customers",
    };
    let list = pivotal.get(path).await.ok();
    let row = &list["data"][0];
    assert_eq!(row["display_id"], 2, "{collection}");
    vec![row["id"].as_str().unwrap().to_owned(), "2".to_owned()]
}

/// A body that the operation takes.
fn body(operation: &Value) -> Option<Value> {
    let reference =
        operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].as_str()?;
    let schema = DOCUMENT.pointer(&reference[1..]).unwrap();
    let example = schema["examples"].get(0).cloned();
    Some(example.unwrap_or_else(|| json!({})))
}

#[tokio::test]
async fn no_operation_reaches_a_row_of_another_workspace() {
    let pivotal = two_workspaces().await;
    let before = holdings(&pivotal).await;
    let mut tried = Vec::new();
    for (template, item) in DOCUMENT["paths"].as_object().unwrap() {
        let segments: Vec<_> = template.trim_start_matches("/api/v1/").split('/').collect();
        let Some(place) = segments.iter().position(|segment| segment.starts_with('{')) else {
            continue;
        };
        let operations = item.as_object().unwrap().iter();
        // Without a handler an operation responds with an example, which is no row.
        let operations = operations.filter(|(_, operation)| {
            let id = operation["operationId"].as_str();
            id.is_some_and(|id| stateful_operations().any(|known| known == id))
        });
        for (method, operation) in operations {
            for id in ids_of(&pivotal, segments[place - 1]).await {
                let mut path = segments.clone();
                path[place] = &id;
                let path = format!("/{}", path.join("/"));
                let method = method.to_uppercase().parse().unwrap();
                let response = other_send(&pivotal, method, &path, body(operation)).await;
                assert_eq!(
                    response.status, 404,
                    "{} {path}: {}",
                    operation["operationId"], response.body
                );
                assert!(!response.body.to_string().contains("Secret"));
            }
            tried.push(&operation["operationId"]);
        }
    }
    assert!(tried.len() >= 12, "{tried:?}");
    assert_eq!(holdings(&pivotal).await, before);
}

#[tokio::test]
async fn no_list_shows_a_row_of_another_workspace() {
    let pivotal = two_workspaces().await;
    let customer = pivotal.get("/customers/2").await.ok();
    let id = customer["id"].as_str().unwrap();
    for path in [
        "/customers?limit=100".to_owned(),
        "/customers?slug=secret-1".to_owned(),
        "/customers?cursor=2100-01-01T00:00:00Z".to_owned(),
        "/onboardings".to_owned(),
        format!("/onboardings?customer_id={id}"),
        "/onboardings?customer_id=2".to_owned(),
        "/customers/1/contacts".to_owned(),
        "/customers/1/onboardings".to_owned(),
    ] {
        let response = other_send(&pivotal, Method::GET, &path, None).await;
        assert!(
            !response.body.to_string().to_lowercase().contains("secret"),
            "{path}"
        );
        assert!(!response.body.to_string().contains(id), "{path}");
        if response.status != 404 {
            let rows = response.ok()["data"].as_array().unwrap().len();
            assert_eq!(
                rows,
                usize::from(path.contains("limit") || path.contains("cursor"))
            );
        }
    }
}

#[tokio::test]
async fn a_body_cannot_name_a_customer_of_another_workspace() {
    let pivotal = two_workspaces().await;
    for id in [
        pivotal.get("/customers/2").await.ok()["id"].clone(),
        json!("2"),
    ] {
        let body = Some(json!({ "customer_id": id }));
        other_send(&pivotal, Method::POST, "/onboardings", body)
            .await
            .refused(404, "customer_not_found");
    }
}

#[tokio::test]
async fn an_idempotency_key_of_one_workspace_is_free_in_another() {
    let pivotal = two_workspaces().await;
    let first = pivotal
        .post_with_key("/customers", "k", json!({ "name": "Ours" }))
        .await;
    let second = pivotal
        .http
        .post(pivotal.url("/customers"))
        .bearer_auth(OTHER)
        .header("idempotency-key", "k")
        .json(&json!({ "name": "Another body" }));
    let second = send(second).await;
    assert_eq!(second.headers.get("idempotent-replayed"), None);
    assert_eq!(
        (
            first.created()["display_id"].clone(),
            second.created()["display_id"].clone()
        ),
        (json!(3), json!(2))
    );
}
