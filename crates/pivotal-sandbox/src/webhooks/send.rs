//! Sends events: a task that starts what is due, and one attempt.

use std::{pin::pin, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Request, header};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use tokio::{
    net::TcpStream,
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep_until, timeout},
};

use super::{
    Attempt, Endpoint,
    queue::Job,
    target::{Secret, Target},
};
use crate::{connection::stopped, faults::FaultKind, state::Shared};

/// The time limit of an attempt. Evidence: decided.
const TIME_LIMIT: Duration = Duration::from_secs(10);
/// How many bytes of an answer the journal keeps.
const ANSWER_BYTES: usize = 1024;
/// How long an event that is reordered waits for a later one.
const HOLD: Duration = Duration::from_secs(30);
/// How old the time of the fault `old-timestamp` is, in seconds: beyond every tolerance.
const OLD: i64 = 3600;
/// How long running attempts may take after the sandbox was stopped.
const GRACE_PERIOD: Duration = Duration::from_secs(1);

/// Sends events until the sender of `stopping` is dropped.
pub(crate) async fn deliver(shared: Arc<Shared>, stopping: watch::Receiver<()>) {
    let mut attempts = JoinSet::new();
    let mut stop = pin!(stopped(stopping));
    loop {
        let wake = start_due(&shared, &mut attempts);
        tokio::select! {
            () = shared.webhooks.changed.notified() => {}
            Some(_) = attempts.join_next() => {}
            () = sleep_until(wake.unwrap_or_else(Instant::now)), if wake.is_some() => {}
            () = &mut stop => break,
        }
    }
    let all = async { while attempts.join_next().await.is_some() {} };
    let _ = timeout(GRACE_PERIOD, all).await;
}

/// Starts an attempt of each event that is due, and returns when the next one will be.
fn start_due(shared: &Arc<Shared>, attempts: &mut JoinSet<()>) -> Option<Instant> {
    loop {
        let job = match shared.webhooks.lock().queue.next(Instant::now()) {
            Ok(job) => job,
            Err(until) => return until,
        };
        let fault = shared.faults.next_for_webhook();
        if fault.kind == Some(FaultKind::Reorder) && !job.was_held {
            let mut state = shared.webhooks.lock();
            state.queue.hold(&job.id, Instant::now() + HOLD);
            continue;
        }
        let shared = Arc::clone(shared);
        attempts.spawn(async move {
            fault.delay().await;
            let kind = fault.kind.as_ref();
            let mut made = vec![attempt(&shared, &job, kind).await];
            if kind == Some(&FaultKind::Duplicate) {
                made.push(attempt(&shared, &job, kind).await);
            }
            let mut state = shared.webhooks.lock();
            state.queue.finish(&job.id, made, Instant::now());
        });
    }
}

/// Sends an event once. Its time is that of the system's clock, which receivers compare with theirs,
/// even while the sandbox's is frozen.
async fn attempt(shared: &Shared, job: &Job, fault: Option<&FaultKind>) -> Attempt {
    let (at, started) = (Timestamp::now(), Instant::now());
    let Endpoint { target, secret } = shared.webhooks.lock().endpoint.clone();
    let answer = match target {
        None => Err("no URL is set".to_owned()),
        Some(target) => {
            let old = fault == Some(&FaultKind::OldTimestamp);
            let timestamp = at.as_second() - if old { OLD } else { 0 };
            let secret = match fault {
                Some(FaultKind::WrongSignature) => secret.wrong(),
                _ => secret,
            };
            timeout(TIME_LIMIT, post(&target, &secret, job, timestamp))
                .await
                .unwrap_or_else(|_| Err(format!("no answer within {} s", TIME_LIMIT.as_secs())))
        }
    };
    let (status, answer) = match answer {
        Ok((status, body)) => (Some(status), body),
        Err(error) => (None, error),
    };
    Attempt {
        at,
        took: started.elapsed(),
        status,
        answer,
    }
}

/// Sends a request on a connection of its own, and returns the status and the body of the answer.
/// Redirects are not followed.
async fn post(
    target: &Target,
    secret: &Secret,
    job: &Job,
    timestamp: i64,
) -> Result<(u16, String), String> {
    let request = Request::post(&target.path)
        .header(header::HOST, &target.authority)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::CONNECTION, "close")
        .header("svix-id", &job.id)
        .header("svix-timestamp", timestamp)
        .header("svix-signature", secret.sign(&job.id, timestamp, &job.body))
        .body(Full::new(job.body.clone()))
        .map_err(|error| error.to_string())?;
    let stream = TcpStream::connect(&*target.addresses).await;
    let stream = stream.map_err(|error| format!("cannot connect: {error}"))?;
    let (mut sender, connection) = http1::handshake::<_, Full<Bytes>>(TokioIo::new(stream))
        .await
        .map_err(|error| error.to_string())?;
    let exchange = async {
        let mut response = sender.send_request(request).await?;
        let mut body = Vec::new();
        while body.len() < ANSWER_BYTES
            && let Some(frame) = response.frame().await
        {
            body.extend_from_slice(&frame?.into_data().unwrap_or_default());
        }
        body.truncate(ANSWER_BYTES);
        let body = String::from_utf8_lossy(&body).into_owned();
        Ok::<_, hyper::Error>((response.status().as_u16(), body))
    };
    let (mut exchange, mut connection) = (pin!(exchange), pin!(connection));
    let answer = tokio::select! {
        answer = &mut exchange => answer,
        // What has arrived can still be read.
        _ = &mut connection => exchange.await,
    };
    answer.map_err(|error| error.to_string())
}
