//! One logical call: a turn, an attempt, a decision, and around again.

use std::mem;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use reqwest::{Request, Response, ResponseBuilderExt};
use tokio::time::{Instant, sleep, timeout};
use tracing::Span;

use super::{Executor, IDEMPOTENCY_KEY, stand_in, telemetry};
use crate::exchange::{Attempt, Delivery, Exchange, HttpResponse, Outcome, RequestLine};
use crate::failure::{Failure, FailureKind};
use crate::idempotency::IdempotencyKey;
use crate::operation::{Operation, RetryClass};
use crate::rate_limiter::RateLimit;
use crate::retry::{
    AttemptOutcome, Decision, RetryContext, RetryPolicy, StopReason, conflict_code, decide,
    retry_after,
};
use crate::transport::{BoxFuture, receive};

/// What one attempt came to.
pub(super) struct Ended {
    pub(super) result: Result<http::Response<Bytes>, Failure>,
    pub(super) elapsed: Duration,
    at: Instant,
    rate_limit: Option<RateLimit>,
    retry_after: Option<Duration>,
}

impl Ended {
    pub(super) fn status(&self) -> Option<StatusCode> {
        match &self.result {
            Ok(response) => Some(response.status()),
            Err(failure) => failure.status(),
        }
    }

    /// The deadline passed before the first turn came.
    fn without_a_turn(at: Instant) -> Self {
        Self {
            result: Err(Failure::new(FailureKind::Deadline)),
            elapsed: Duration::ZERO,
            at,
            rate_limit: None,
            retry_after: None,
        }
    }

    fn summary(&self, waited: Duration) -> Attempt {
        let failure = self.result.as_ref().err();
        Attempt {
            status: self.status(),
            failure: failure.map(Failure::kind),
            delivery: failure.map_or(Delivery::Received, Failure::delivery),
            elapsed: self.elapsed,
            waited,
        }
    }
}

impl Executor {
    /// Makes the call and leaves its history; gives what the generated client is handed.
    ///
    /// What is awaited here is kept small, since every call carries it and copies it on its way to
    /// where it is awaited: an `async fn` would hold its parameters twice, and what is rare is
    /// boxed. The clock is read once for what happens at one moment.
    pub(super) fn call(
        &self,
        client: &reqwest::Client,
        request: Request,
        operation: &'static Operation,
        line: Option<Box<RequestLine>>,
        span: Span,
    ) -> impl Future<Output = reqwest::Result<Response>> {
        let timeout = request.timeout().copied();
        let class = self.class(operation);
        let idempotency_key = match class {
            RetryClass::ByKey => request
                .headers()
                .get(IDEMPOTENCY_KEY)
                .and_then(IdempotencyKey::from_header),
            RetryClass::Safe | RetryClass::Idempotent | RetryClass::Never => None,
        };
        let mut next = Some(request);
        async move {
            let started = Instant::now();
            let runtime = &*self.runtime;
            let policy = self.options.retry.as_ref().unwrap_or(&runtime.retry);
            let allowed = self.options.deadline.or(runtime.deadline);
            let deadline = allowed.and_then(|allowed| started.checked_add(allowed));

            let mut earlier = Vec::new();
            let mut waited_for_turn = Duration::ZERO;
            let mut last: Option<Box<(Ended, Duration)>> = None;
            let mut asked = started;
            let (ended, stop_reason, at) = loop {
                let permit = if operation.authenticated {
                    runtime.rate_limiter.admit(asked, deadline).await
                } else {
                    Ok(runtime.rate_limiter.pass(asked))
                };
                let Ok(permit) = permit else {
                    let now = Instant::now();
                    waited_for_turn += now - asked;
                    break (last.map(|last| last.0), StopReason::Deadline, now);
                };
                let begun = permit.given();
                waited_for_turn += begun - asked;
                earlier.extend(last.take().map(|last| last.0.summary(last.1)));

                let attempt = earlier.len() as u32 + 1;
                let left = deadline.map(|deadline| deadline.saturating_duration_since(begun));
                let within = left.into_iter().chain(timeout).min();
                let ended = {
                    let request = next.take().expect("a repetition has its request");
                    if attempt < policy.max_attempts {
                        next = copy(&request);
                    }
                    self.attempt(client, request, begun, within)
                };
                let ended = ended.await;
                match &ended.result {
                    Ok(response) => {
                        let (rate_limit, retry_after) = (ended.rate_limit, ended.retry_after);
                        permit.answered(response.status(), rate_limit, retry_after, ended.at);
                        runtime.deprecations.look_at(operation, response.headers());
                    }
                    Err(failure) => permit.failed(failure, ended.at),
                }

                let decision = self.decide(policy, class, attempt, &ended, deadline);
                telemetry::attempt(attempt, &ended, decision);
                let at = ended.at;
                let after = match decision {
                    Decision::Repeat { after } if next.is_some() => after,
                    // A body that is a stream is gone after one attempt.
                    Decision::Repeat { .. } => break (Some(ended), StopReason::NotSafe, at),
                    Decision::End(stop_reason) => break (Some(ended), stop_reason, at),
                };
                last = Some(Box::new((ended, after)));
                Box::pin(sleep(after)).await;
                asked = Instant::now();
            };

            let attempts = earlier.len() as u32 + u32::from(ended.is_some());
            let ended = ended.unwrap_or_else(|| Ended::without_a_turn(at));
            // What goes without the key is told of another allowance.
            let rate_limit = ended.rate_limit.filter(|_| operation.authenticated);
            let retry_after = ended.retry_after;
            let (outcome, handed_on) = self.split(ended.result);
            let exchange = Exchange {
                operation,
                attempts,
                elapsed: at - started,
                waited_for_turn,
                outcome,
                stop_reason,
                earlier,
                rate_limit,
                retry_after,
                idempotency_key,
            };
            telemetry::finish(&span, &exchange);
            self.finish(line, exchange);
            handed_on
        }
    }

    /// Sends one request through the transport, within a time; holds it to the limits that the
    /// transport may have overlooked.
    fn attempt(
        &self,
        client: &reqwest::Client,
        mut request: Request,
        begun: Instant,
        within: Option<Duration>,
    ) -> impl Future<Output = Ended> {
        if request.timeout() != within.as_ref() {
            *request.timeout_mut() = within;
        }
        let limit = self.runtime.body_limit;
        let sending = match &self.runtime.transport {
            None => Sending::Http(client.execute(request)),
            Some(transport) => Sending::Other(transport.send(request, limit)),
        };
        async move {
            let result = match (sending, within) {
                (Sending::Http(sending), _) => receive(sending, limit).await,
                (Sending::Other(sending), None) => sending.await,
                (Sending::Other(sending), Some(within)) => Box::pin(timeout(within, sending))
                    .await
                    .unwrap_or_else(|_| Err(Failure::new(FailureKind::Timeout))),
            };
            let result = match result {
                Ok(response) if response.body().len() > limit => {
                    let failure = Failure::new(FailureKind::BodyTooLarge { limit });
                    Err(failure.after_status(response.status()))
                }
                result => result,
            };
            let at = Instant::now();
            let headers = result.as_ref().ok().map(http::Response::headers);
            Ended {
                elapsed: at - begun,
                at,
                rate_limit: headers.and_then(RateLimit::from_headers),
                retry_after: headers.and_then(retry_after),
                result,
            }
        }
    }

    /// Asks the pure function, and settles with the budget.
    fn decide(
        &self,
        policy: &RetryPolicy,
        class: RetryClass,
        attempt: u32,
        ended: &Ended,
        deadline: Option<Instant>,
    ) -> Decision {
        let budget = self.runtime.budget.as_ref();
        let status = ended.status();
        if ended.result.is_ok() && status.is_some_and(|status| status.is_success()) {
            budget.inspect(|tokens| tokens.earn());
            return Decision::End(StopReason::Final);
        }

        let code = match &ended.result {
            Ok(response) if response.status() == StatusCode::CONFLICT => {
                conflict_code(response.body())
            }
            _ => None,
        };
        let tried = match &ended.result {
            Ok(response) => AttemptOutcome::Response(response.status(), code.as_deref()),
            Err(failure) => AttemptOutcome::Failed(failure.kind(), failure.status()),
        };
        // A 429 costs nothing; anything else is paid for before it is asked for, so that calls that
        // fail together cannot spend the same token.
        let free = status == Some(StatusCode::TOO_MANY_REQUESTS);
        let paid = budget.filter(|_| !free).map(|tokens| tokens.spend());
        let decision = decide(&RetryContext {
            policy,
            class,
            attempt,
            tried,
            retry_after: ended.retry_after,
            jitter: self.runtime.jitter.next(),
            time_left: deadline.map(|deadline| deadline.saturating_duration_since(Instant::now())),
            affordable: paid.unwrap_or(true),
        });
        if let (Decision::End(_), Some(true), Some(tokens)) = (decision, paid, budget) {
            tokens.give_back();
        }
        decision
    }

    /// The result as the record keeps it, and as the generated client is handed it.
    fn split(
        &self,
        result: Result<http::Response<Bytes>, Failure>,
    ) -> (Outcome, reqwest::Result<Response>) {
        match result {
            Ok(response) => {
                let (mut parts, body) = response.into_parts();
                let headers = match (&self.record, &self.runtime.observer) {
                    (Some(_), _) if self.bare => mem::take(&mut parts.headers),
                    // Nobody will look at the headers of a call that leaves no record.
                    (None, None) => HeaderMap::new(),
                    _ => parts.headers.clone(),
                };
                let answered = HttpResponse {
                    status: parts.status,
                    headers,
                    body: body.clone(),
                };
                (Outcome::Response(answered), Ok(self.hand_on(parts, body)))
            }
            Err(failure) => {
                let (failure, error) = failure.split();
                let handed_on = error.map_or_else(|| Ok(stand_in(&failure)), Err);
                (Outcome::Failed(failure), handed_on)
            }
        }
    }

    /// The response as the HTTP stack has it, for the generated client.
    fn hand_on(&self, parts: http::response::Parts, body: Bytes) -> Response {
        if self.runtime.transport.is_some() {
            return http::Response::from_parts(parts, body).into();
        }
        // Without a URL the HTTP stack would parse one of its own invention. It is given the
        // address alone: what follows is the caller's data, and the generated client's errors print
        // it.
        let mut builder = http::Response::builder();
        if let Some(extensions) = builder.extensions_mut() {
            *extensions = parts.extensions;
        }
        let address = self.runtime.base_url.url().clone();
        let mut whole = builder
            .url(address)
            .body(body)
            .expect("nothing in it was given as text");
        *whole.status_mut() = parts.status;
        *whole.version_mut() = parts.version;
        *whole.headers_mut() = parts.headers;
        whole.into()
    }
}

/// A request on its way.
enum Sending<'a, H> {
    /// Through the HTTP client, which keeps to the time limit.
    Http(H),
    /// Through a transport that somebody wrote.
    Other(BoxFuture<'a, Result<http::Response<Bytes>, Failure>>),
}

/// A request to send once more; `None` when its body is a stream.
///
/// [`Request::try_clone`] makes room for a time limit and for what a request may hold beside,
/// whether or not there is anything. Without a body there is a cheaper way.
fn copy(request: &Request) -> Option<Request> {
    if request.body().is_some() {
        return request.try_clone();
    }
    let mut copy = Request::new(request.method().clone(), request.url().clone());
    copy.headers_mut().clone_from(request.headers());
    *copy.version_mut() = request.version();
    Some(copy)
}
