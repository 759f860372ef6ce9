//! A webhook for a CRM: a deal that is closed as won becomes a customer, its contact and an
//! onboarding. However often the CRM delivers the deal, even at the same time, one of each is
//! created.
//!
//! ```sh
//! cargo run -p pivotal-sdk --example webhook
//! ```

use std::error::Error;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use pivotal_sdk::{
    Client, CreateContact, CreateCustomer, CreateOnboarding, CustomerStatus, Onboarding, reqwest,
};
use serde::Deserialize;
use tokio::net::TcpListener;

mod server;

#[derive(Deserialize)]
struct Deal {
    id: String,
    stage: String,
    company_id: String,
    company: String,
    contact: String,
    email: String,
}

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Box<dyn Error>> {
    let server = server::Server::start().await?;
    let pivotal = &server.pivotal;
    let url = serve(pivotal.clone()).await?;
    let deal = r#"{
        "id": "731", "stage": "closedwon", "company_id": "example",
        "company": "Aurora Outfitters", "contact": "Mira Chen", "email": "mira@aurora-demo.com"
    }"#;
    let http = reqwest::Client::new();
    for delivery in ["first", "second"] {
        let response = http.post(&url).body(deal).send().await?;
        println!("{delivery} delivery: {}", response.status());
    }
    let customer = pivotal.customers().find_by_slug("hubspot-example").await?;
    let customer = customer.ok_or("the customer was not created")?;
    let onboardings = pivotal.customer(&customer).onboardings().list().await?;
    println!("{}: {} onboarding", customer.name, onboardings.data.len());

    for onboarding in &onboardings.data {
        pivotal.onboarding(onboarding).delete().await?;
    }
    pivotal.customer(&customer).delete().await?;
    Ok(())
}

/// Starts the service and returns the URL of its webhook.
pub(crate) async fn serve(pivotal: Client) -> std::io::Result<String> {
    let app = Router::new()
        .route("/deals", post(receive))
        .with_state(pivotal);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/deals", listener.local_addr()?);
    tokio::spawn(async { axum::serve(listener, app).await });
    Ok(url)
}

/// The status decides whether the CRM delivers the deal again.
async fn receive(State(pivotal): State<Client>, body: Bytes) -> StatusCode {
    // A real service verifies the CRM's signature of `body` here.
    let Ok(deal) = serde_json::from_slice::<Deal>(&body) else {
        return StatusCode::BAD_REQUEST;
    };
    if deal.stage != "closedwon" {
        return StatusCode::NO_CONTENT;
    }
    match open(&pivotal, &deal).await {
        Ok(onboarding) => {
            println!("deal {}: onboarding #{}", deal.id, onboarding.display_id);
            StatusCode::OK
        }
        Err(error) if error.is_invalid_request() => {
            eprintln!("deal {}: {error}", deal.id);
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Err(error) => {
            eprintln!("deal {}: {error}", deal.id);
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}

async fn open(pivotal: &Client, deal: &Deal) -> pivotal_sdk::Result<Onboarding> {
    let customer = CreateCustomer::new(&deal.company)
        .slug(format!("hubspot-{}", deal.company_id))
        .hubspot_company_id(&deal.company_id)
        .status(CustomerStatus::Onboarding);
    let customer = pivotal.customers().get_or_create(customer).await?;
    let customer = customer.into_inner();

    let contact = CreateContact::new(&deal.contact, &deal.email).is_primary(true);
    let contacts = pivotal.customer(&customer).contacts();
    contacts.get_or_create(contact).await?;

    let notes = format!("HubSpot deal {}", deal.id);
    let onboarding = CreateOnboarding::new(&customer.id).notes(notes);
    let onboarding = pivotal.onboardings().get_or_create(onboarding).await?;
    Ok(onboarding.into_inner())
}
