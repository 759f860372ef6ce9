//! What every program has in common: the calls that `run.py` asks for, and the line it reads.

use std::env;
use std::hint::black_box;
use std::time::Instant;

use serde_json::json;

/// A call that failed, as far as its error can be asked.
#[derive(Default)]
pub struct Failure {
    /// The HTTP status, if the error has it.
    pub status: Option<u16>,
    /// The server's code, if the error has it as a typed value.
    pub code: Option<String>,
    pub text: String,
}

/// The same calls by one client.
pub trait Peer {
    type Customer;

    fn new(base_url: &str, key: &str) -> Self;

    async fn get(&self, id: &str) -> Result<Self::Customer, Failure>;

    /// The phase of an onboarding, which the document limits to an enum.
    async fn phase(&self, id: &str) -> Result<String, Failure>;

    /// Sets `plan` to `Scale` and clears `domain`, in one request.
    async fn update(&self, id: &str) -> Result<(), Failure>;

    async fn create(&self, name: &str) -> Result<(), Failure>;

    /// The IDs of all customers, by pages of 10 as the client offers it, without a loop around failures.
    async fn ids(&self) -> Result<Vec<String>, Failure>;

    fn debug(&self) -> String;
}

/// Runs the command of the arguments: `get ID`, `phase ID`, `update ID`, `create NAME`, `ids`, `debug`, `loop COUNT`.
pub fn run<P: Peer>() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let base_url = env::var("PIVOTAL_BASE_URL").unwrap();
    let key = env::var("PIVOTAL_API_KEY").unwrap();
    let arguments: Vec<String> = env::args().skip(1).collect();
    let argument = arguments.get(1).map_or("", String::as_str);
    let started = Instant::now();
    let outcome = runtime.block_on(async {
        let peer = P::new(&base_url, &key);
        match arguments[0].as_str() {
            "get" => peer.get(argument).await.map(|_| String::new()),
            "phase" => peer.phase(argument).await,
            "update" => peer.update(argument).await.map(|()| String::new()),
            "create" => peer.create(argument).await.map(|()| String::new()),
            "ids" => peer.ids().await.map(|ids| ids.join(" ")),
            "debug" => Ok(peer.debug()),
            "loop" => {
                for _ in 0..argument.parse().unwrap() {
                    black_box(peer.get("1").await?);
                }
                Ok(String::new())
            }
            command => panic!("unknown command {command}"),
        }
    });
    let seconds = started.elapsed().as_secs_f64();
    let report = match outcome {
        Ok(shown) => json!({ "ok": true, "shown": shown, "seconds": seconds }),
        Err(failure) => json!({
            "ok": false, "status": failure.status, "code": failure.code, "text": failure.text, "seconds": seconds,
        }),
    };
    println!("{report}");
}
