//! `pivotal webhooks`.

mod listen;

use clap::{Args, Subcommand};
use pivotal_sdk::{Client, Method, RetryPolicy, Value};
use serde_json::json;

use crate::connect::{BASE_URL, of_environment};
use crate::fields;
use crate::output::Output;
use crate::report::Failure;
use listen::Listen;

/// The address that `pivotal sandbox` listens on by default.
const SANDBOX: &str = "http://127.0.0.1:8787";

#[derive(Debug, Subcommand)]
pub(crate) enum Webhooks {
    Listen(Listen),
    Trigger(Trigger),
    Resend(Resend),
}

impl Webhooks {
    pub(crate) async fn run(self) -> Result<(), Failure> {
        match self {
            Self::Listen(listen) => listen.run().await,
            Self::Trigger(Trigger {
                event,
                json,
                sandbox,
            }) => {
                let data = json.as_deref().map_or(Ok(json!({})), fields::json)?;
                let body = json!({ "type": event, "data": data });
                sandbox.call("trigger", &body).await
            }
            Self::Resend(Resend { id, sandbox }) => {
                sandbox.call("resend", &json!({ "id": id })).await
            }
        }
    }
}

/// Let a sandbox send an event, and print its ID.
///
/// The sandbox needs --admin, and a URL from --webhook.
#[derive(Debug, Args)]
pub(crate) struct Trigger {
    /// The type of the event, such as customer.created; any text.
    event: String,
    /// The key `data` of the payload, or `-` to read it from standard input. Default: an empty object.
    #[arg(long, value_name = "JSON")]
    json: Option<String>,
    #[command(flatten)]
    sandbox: Sandbox,
}

/// Let a sandbox send an event again, with the same ID and a new time.
///
/// The sandbox needs --admin. It keeps the last 1,000 events.
#[derive(Debug, Args)]
pub(crate) struct Resend {
    /// The ID of the event, as `listen` prints it.
    id: String,
    #[command(flatten)]
    sandbox: Sandbox,
}

#[derive(Debug, Args)]
struct Sandbox {
    /// Base URL of the sandbox. Default: PIVOTAL_BASE_URL, or http://127.0.0.1:8787. If it requires a
    /// token, set PIVOTAL_ADMIN_TOKEN.
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    #[command(flatten)]
    output: Output,
}

impl Sandbox {
    /// Calls the admin API and prints the response.
    async fn call(self, path: &str, body: &Value) -> Result<(), Failure> {
        self.output.check()?;
        let base_url = self.base_url.or_else(|| of_environment(BASE_URL));
        let builder = Client::builder()
            .base_url(base_url.as_deref().unwrap_or(SANDBOX))
            .retry(RetryPolicy::off());
        let builder = match of_environment("PIVOTAL_ADMIN_TOKEN") {
            Some(token) => builder.api_key(token),
            None => builder.anonymous(),
        };
        let client = builder.build()?;
        if !client.base_url().is_loopback() {
            return Err(Failure::unusable(format_args!(
                "{} is not a sandbox on this machine; start `pivotal sandbox --admin` and name it with --base-url",
                client.base_url()
            )));
        }
        let path = format!("/_sandbox/webhooks/{path}");
        let request = client.request(Method::POST, path).json(body);
        self.output.value(&request.await?)
    }
}
