//! Decodes values as generated types and encodes them again, and sends requests.

use std::error::Error;
use std::fmt::Debug;
use std::io::{self, BufRead};
use std::sync::{Arc, Mutex};

use pivotal_runtime::{ApiKey, BaseUrl, ClientConfig, Executor, RetryPolicy, Runtime, http_client};
use pivotal_test_support::{ScriptedServer, response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::endpoint::Endpoint;
use super::requests;

type Answer = Result<Value, Box<dyn Error>>;

fn shown<T: Serialize + Debug>(value: &T) -> Answer {
    let encoded = serde_json::to_value(value)?;
    Ok(json!({ "encoded": encoded, "shown": format!("{value:?}") }))
}

fn answered<E: Endpoint>(value: Value) -> Answer
where
    E::Response: Serialize + DeserializeOwned + Debug,
{
    shown(&serde_json::from_str::<E::Response>(&value.to_string())?)
}

fn called<E: Endpoint>(request: E, key: &str) -> Answer {
    request.check().map_err(|violation| format!("{violation:?}"))?;
    let received = Arc::new(Mutex::new(Value::Null));
    let (of_server, prepared) = (received.clone(), response("204 No Content", "", ""));
    let server = ScriptedServer::start(move |request| {
        *of_server.lock().unwrap() = json!([request.line, request.headers, request.body]);
        prepared.clone()
    });
    let base_url = BaseUrl::parse(server.base_url())?;
    let http = http_client(&base_url)?;
    let mut config = ClientConfig::new(base_url);
    config.api_key = Some(ApiKey::new(key)?);
    config.retry = RetryPolicy::off();
    let executor = Executor::new(Arc::new(Runtime::new(config)));
    let client = super::Client::new(http, executor);
    let threads = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    threads.block_on(request.send(&client)).map_err(|error| format!("{error:?}"))?;
    let received = received.lock().unwrap().take();
    Ok(json!({ "received": received }))
}

fn field<T: DeserializeOwned>(fields: &Value, name: &str) -> serde_json::Result<T> {
    serde_json::from_value(fields.get(name).cloned().unwrap_or_default())
}

fn answer(operation: &str, direction: &str, value: Value, key: &str) -> Answer {
    match (operation, direction) {
/* arms */
        _ => Err("no such request".into()),
    }
}

pub fn run() -> Result<(), Box<dyn Error>> {
    for line in io::stdin().lock().lines() {
        let (operation, direction, value, key): (String, String, Value, String) = serde_json::from_str(&line?)?;
        let answer = answer(&operation, &direction, value, &key);
        println!("{}", answer.unwrap_or_else(|error| json!({ "error": error.to_string() })));
    }
    Ok(())
}
