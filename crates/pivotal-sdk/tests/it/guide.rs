//! The code of `docs/sdk.md`.

use std::error::Error;
use std::path::Path;

use pivotal_sdk::{
    Client, CreateContact, CreateCustomer, Customer, CustomerStatus, Delivery, ErrorCode,
    ErrorKind, GetOrCreate, Method, Response, UpdateCustomer, Value,
};

use crate::sandbox::sandbox;

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

#[expect(dead_code, reason = "it calls Pivotal itself")]
async fn a_client() -> Result {
    let pivotal = Client::builder()
        .api_key(std::env::var("PIVOTAL_API_KEY")?)
        .require_test_mode()
        .build()?;
    println!("{}", pivotal.me().await?.organization.name);
    Ok(())
}

async fn rows(pivotal: &Client) -> Result<Customer> {
    let domain = Some("aurora-demo.com");

    let aurora = CreateCustomer::new("Aurora Outfitters")
        .slug("aurora-demo")
        .mrr(120_000)
        .maybe_domain(domain);
    let aurora = pivotal.customers().create(aurora).await?;

    let mira = CreateContact::new("Mira Chen", "mira@aurora-demo.com").is_primary(true);
    pivotal.customer(&aurora).contacts().create(mira).await?;

    let changes = UpdateCustomer::new().plan("Growth").clear_domain();
    let aurora = pivotal.customer(&aurora).update(changes).await?;

    let wanted = UpdateCustomer::new().name("Aurora Outfitters").mrr(150_000);
    let changes = UpdateCustomer::changes(&aurora, wanted);
    if !changes.is_empty() {
        pivotal.customer(&aurora).update(changes).await?;
    }
    Ok(pivotal.customer(&aurora).get().await?)
}

async fn lists(pivotal: &Client) -> Result {
    let mut customers = pivotal
        .customers()
        .list()
        .status(CustomerStatus::Onboarding)
        .stream();
    while let Some(customer) = customers.try_next().await? {
        println!("{} {}", customer.display_id, customer.name);
    }

    let mut rows = pivotal.customers().list().stream().results();
    while let Some(row) = rows.try_next().await? {
        match row {
            Ok(customer) => println!("{}", customer.name),
            Err(error) => eprintln!("{:?}: {error}", error.row_id()),
        }
    }
    Ok(())
}

async fn errors(pivotal: &Client) -> Result {
    let aurora = CreateCustomer::new("Aurora Outfitters").slug("aurora-demo");

    match pivotal.customers().create(aurora).await {
        Ok(customer) => println!("created {}", customer.id),
        Err(error) if error.is_code(ErrorCode::SlugTaken) => println!("exists already"),
        Err(error) if error.kind() == ErrorKind::InvalidRequest => {
            let field = error.field().unwrap_or("request");
            println!("{field}: {}", error.message());
        }
        Err(error) if error.delivery() == Delivery::Unknown => println!("perhaps created: {error}"),
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

async fn creates(pivotal: &Client) -> Result {
    let customer = CreateCustomer::new("Borealis Books").slug("borealis-demo");
    let call = pivotal.customers().create(customer);
    call.idempotency_key("crm-company-4711").await?;

    let customer = CreateCustomer::new("Borealis Books").slug("borealis-demo");
    match pivotal.customers().get_or_create(customer).await? {
        GetOrCreate::Created(customer) => println!("created {}", customer.id),
        GetOrCreate::Existing(customer) => println!("found {}", customer.id),
    }
    Ok(())
}

async fn unknown(pivotal: &Client, customer: &Customer) -> Result {
    if let CustomerStatus::Unknown(status) = &customer.status {
        println!("a status that is newer than this program: {status}");
    }
    for (key, value) in &customer.extra {
        println!("a field that is newer than this program: {key} = {value}");
    }

    let me = pivotal.request(Method::GET, "/api/v1/me");
    let me: Response<Value> = me.send().await?;
    assert!(me.pointer("/organization/name").is_some());
    Ok(())
}

#[tokio::test]
async fn the_code_of_the_guide_runs() {
    // Strict mode does not take null, which is not documented.
    let (_sandbox, pivotal) = sandbox().await;
    let aurora = rows(&pivotal).await.unwrap();
    let (plan, domain) = (aurora.plan.as_deref(), aurora.domain.as_deref());
    assert_eq!(
        (plan, domain, aurora.mrr),
        (Some("Growth"), None, Some(150_000))
    );
    lists(&pivotal).await.unwrap();
    errors(&pivotal).await.unwrap();
    creates(&pivotal).await.unwrap();
    assert_eq!(pivotal.customers().list().await.unwrap().data.len(), 2);
    unknown(&pivotal, &aurora).await.unwrap();
}

/// The lines without their indentation.
fn lines(code: &str) -> String {
    code.lines()
        .map(|line| format!("{}\n", line.trim()))
        .collect()
}

#[test]
fn the_code_of_the_guide_is_the_code_above() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/sdk.md");
    let page = std::fs::read_to_string(page).unwrap();
    let here = lines(include_str!("guide.rs"));
    let blocks = page.split("```rust\n").skip(1);
    let blocks: Vec<_> = blocks
        .map(|block| block.split_once("```").unwrap().0)
        .collect();
    assert_eq!(blocks.len(), 9);
    for block in blocks {
        assert!(here.contains(&lines(block)), "not in guide.rs:\n{block}");
    }
}
