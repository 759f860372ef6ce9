//! `pivotal api`.

use clap::Args;
use pivotal_sdk::{Client, Method};

use crate::fields;
use crate::guard;
use crate::output::Output;
use crate::report::Failure;

#[derive(Debug, Args)]
pub(crate) struct Request {
    /// The method, GET if it is left out, and the path, such as /api/v1/me.
    #[arg(value_names = ["METHOD", "PATH"], num_args = 1..=2, required = true)]
    request: Vec<String>,
    /// Add a query parameter.
    #[arg(long, value_name = "NAME=VALUE", value_parser = fields::assignment)]
    query: Vec<(String, String)>,
    /// The body, or `-` to read it from standard input.
    #[arg(long, value_name = "JSON")]
    json: Option<String>,
    /// Send this idempotency key. A POST without one is retried only if it was not processed.
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
    /// Send a DELETE with a live key without asking.
    #[arg(short, long)]
    yes: bool,
}

impl Request {
    pub(crate) async fn run(self, client: &Client, output: &Output) -> Result<(), Failure> {
        let (method, path) = match self.request.as_slice() {
            [method, path] => (method.to_ascii_uppercase(), path),
            [path] => ("GET".to_owned(), path),
            _ => return Err(Failure::unusable("give a method and a path")),
        };
        let method: Method = method.parse().map_err(|_| {
            Failure::unusable(format!(
                "{method} is not a method; use GET, POST, PATCH, PUT or DELETE"
            ))
        })?;
        if method == Method::DELETE {
            guard::permit_deletion(client, self.yes, path)?;
        }
        let mut request = client.request(method, path);
        for (name, value) in self.query {
            request = request.query(name, value);
        }
        if let Some(json) = &self.json {
            request = request.json(&fields::json(json)?);
        }
        if let Some(key) = self.idempotency_key {
            request = request.idempotency_key(key);
        }
        output.value(&request.await.map_err(Failure::call)?)
    }
}
