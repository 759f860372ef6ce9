//! The life of one call, from the prepared request to the response.

use std::mem;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode};
use reqwest::Request;
use tokio::time::{Instant, sleep, timeout};
use tracing::Span;

use super::{Executor, telemetry};
use crate::exchange::{Attempt, Exchange, HttpResponse, Outcome, RequestLine};
use crate::failure::{Delivery, Failure, FailureKind};
use crate::idempotency::IdempotencyKey;
use crate::operation::{Operation, RetryClass};
use crate::rate_limit::{LimitHeaders, RateLimit};
use crate::redact::redact_body;
use crate::retry::{
    AttemptOutcome, Decision, RetryContext, RetryPolicy, StopReason, conflict_code, decide,
};
use crate::transport::{BoxFuture, receive};
use crate::wait::{LONG_WAIT, WaitReason};

/// The result of one attempt.
pub(super) struct AttemptResult {
    pub(super) result: Result<http::Response<Bytes>, Failure>,
    pub(super) elapsed: Duration,
    ended_at: Instant,
    rate_limit: Option<RateLimit>,
    retry_after: Option<Duration>,
}

impl AttemptResult {
    pub(super) fn status(&self) -> Option<StatusCode> {
        match &self.result {
            Ok(response) => Some(response.status()),
            Err(failure) => failure.status(),
        }
    }

    /// The deadline passed before the first attempt.
    fn never_sent(ended_at: Instant) -> Self {
        Self {
            result: Err(Failure::new(FailureKind::Deadline)),
            elapsed: Duration::ZERO,
            ended_at,
            rate_limit: None,
            retry_after: None,
        }
    }

    fn summary(&self, delay: Duration) -> Attempt {
        let failure = self.result.as_ref().err();
        Attempt {
            status: self.status(),
            failure: failure.map(Failure::kind),
            delivery: failure.map_or(Delivery::Received, Failure::delivery),
            elapsed: self.elapsed,
            delay,
        }
    }
}

impl Executor {
    /// Makes the call:
    ///
    /// 1. Wait for a permit of the rate limiter.
    /// 2. Send the request and read the response.
    /// 3. Report the result to the rate limiter.
    /// 4. Decide whether to retry. If so, wait and go back to 1.
    /// 5. Record the call and return the response to the generated client.
    ///
    /// The future is kept small, because every call moves it several times: an `async fn` would
    /// contain its parameters twice, and what few calls need is boxed. The clock is read once for
    /// everything that happens at one moment.
    pub(super) fn call(
        &self,
        client: &reqwest::Client,
        request: Box<Request>,
        operation: &'static Operation,
        line: Option<Box<RequestLine>>,
        span: Span,
    ) -> impl Future<Output = reqwest::Result<http::Response<Bytes>>> {
        let timeout = request.timeout().copied();
        let class = self.retry_class(operation);
        let idempotency_key = match class {
            RetryClass::ByKey => {
                let key = self.options.get().idempotency_key.clone();
                Some(key.unwrap_or_else(IdempotencyKey::generate))
            }
            RetryClass::Safe | RetryClass::Idempotent | RetryClass::Never => None,
        };
        let mut next = Some(request);
        async move {
            let started = Instant::now();
            let runtime = &*self.runtime;
            let options = self.options.get();
            let policy = options.retry.as_ref().unwrap_or(&runtime.config.retry);
            let limit = options.deadline.or(runtime.config.deadline);
            let deadline = limit.and_then(|limit| started.checked_add(limit));

            let mut history = Vec::new();
            let mut rate_limit_wait = Duration::ZERO;
            let mut last: Option<Box<(AttemptResult, Duration)>> = None;
            let mut now = started;
            let (result, stop_reason, ended_at) = loop {
                // What is not needed while a retry waits is dropped before it does.
                let delay = {
                    // 1. Wait for the rate limiter.
                    let permit = if operation.authenticated {
                        runtime
                            .rate_limiter
                            .acquire(now, deadline, |left| {
                                runtime.report_wait(operation, WaitReason::RateLimit, left);
                            })
                            .await
                    } else {
                        Ok(runtime.rate_limiter.unlimited(now))
                    };
                    let Ok(permit) = permit else {
                        let ended_at = Instant::now();
                        rate_limit_wait += ended_at - now;
                        let result = last.map(|last| last.0);
                        break (result, StopReason::DeadlineExceeded, ended_at);
                    };
                    let begun = permit.acquired_at();
                    rate_limit_wait += begun - now;
                    history.extend(last.take().map(|last| last.0.summary(last.1)));

                    // 2. Send the request.
                    let attempt = history.len() as u32 + 1;
                    let left = deadline.map(|deadline| deadline.saturating_duration_since(begun));
                    let time_limit = left.into_iter().chain(timeout).min();
                    let sending = {
                        let mut request = next.take().expect("a retry has its request");
                        if attempt < policy.max_attempts {
                            next = copy(&request);
                        }
                        self.complete(&mut request, operation, idempotency_key.as_ref());
                        self.attempt(client, request, begun, time_limit)
                    };
                    let result = sending.await;

                    // 3. Report the result to the rate limiter.
                    let ended_at = result.ended_at;
                    match &result.result {
                        Ok(response) => {
                            let (rate_limit, retry_after) = (result.rate_limit, result.retry_after);
                            permit.response(response.status(), rate_limit, retry_after, ended_at);
                            runtime.warn_if_deprecated(operation, response.headers());
                        }
                        Err(failure) => permit.failed(failure, ended_at),
                    }

                    // 4. Decide whether to retry.
                    let decision = self.decide(policy, class, attempt, &result, deadline);
                    let failure = result.result.as_ref().err().map(Failure::kind);
                    telemetry::attempt(attempt, result.status(), failure, result.elapsed, decision);
                    let delay = match decision {
                        Decision::Retry { after } if next.is_some() => after,
                        // A body that is a stream cannot be sent again.
                        Decision::Retry { .. } => {
                            break (Some(result), StopReason::UnsafeToRetry, ended_at);
                        }
                        Decision::Stop(stop_reason) => break (Some(result), stop_reason, ended_at),
                    };
                    if delay > LONG_WAIT {
                        let reason = WaitReason::Retry(result.summary(delay));
                        runtime.report_wait(operation, reason, Some(delay));
                    }
                    last = Some(Box::new((result, delay)));
                    delay
                };
                Box::pin(sleep(delay)).await;
                now = Instant::now();
            };

            // 5. Record the call and return the response.
            let attempts = history.len() as u32 + u32::from(result.is_some());
            let result = result.unwrap_or_else(|| AttemptResult::never_sent(ended_at));
            let retry_after = result.retry_after;
            let (outcome, response) = self.outcome_and_response(result.result, operation);
            let exchange = Exchange {
                operation,
                attempts,
                elapsed: ended_at - started,
                rate_limit_wait,
                outcome,
                stop_reason,
                history,
                retry_after,
                idempotency_key,
                keys: Arc::clone(&runtime.keys),
            };
            telemetry::finish(&span, &exchange);
            self.record(line, exchange);
            response
        }
    }

    /// Sends one request through the transport. Enforces the time limit and the body limit, which a
    /// custom transport may ignore.
    fn attempt(
        &self,
        client: &reqwest::Client,
        mut request: Box<Request>,
        begun: Instant,
        time_limit: Option<Duration>,
    ) -> impl Future<Output = AttemptResult> + use<'_> {
        if request.timeout() != time_limit.as_ref() {
            *request.timeout_mut() = time_limit;
        }
        let limit = self.runtime.config.body_limit;
        let sending = match &self.runtime.config.transport {
            None => Sending::Http(client.execute(*request)),
            Some(transport) => Sending::Custom(transport.send(*request, limit)),
        };
        async move {
            let result = match sending {
                Sending::Http(sending) => receive(sending, limit).await,
                Sending::Custom(sending) => match time_limit {
                    None => sending.await,
                    Some(time_limit) => Box::pin(timeout(time_limit, sending))
                        .await
                        .unwrap_or_else(|_| Err(Failure::new(FailureKind::Timeout))),
                },
            };
            let result = match result {
                Ok(response) if response.body().len() > limit => {
                    let failure = Failure::new(FailureKind::BodyTooLarge { limit });
                    Err(failure.after_status(response.status()))
                }
                result => result,
            };
            let result = result.map_err(|failure| failure.sent_to(self.runtime.base_url()));
            let ended_at = Instant::now();
            let response = result.as_ref().ok();
            let headers = response.map(|response| LimitHeaders::of(response.headers()));
            let headers = headers.unwrap_or_default();
            AttemptResult {
                elapsed: ended_at - begun,
                ended_at,
                rate_limit: headers.for_limiter(),
                retry_after: headers.retry_after(),
                result,
            }
        }
    }

    /// Makes the retry decision and settles the retry budget.
    fn decide(
        &self,
        policy: &RetryPolicy,
        class: RetryClass,
        attempt: u32,
        result: &AttemptResult,
        deadline: Option<Instant>,
    ) -> Decision {
        let budget = self.runtime.retry_tokens.as_ref();
        let status = result.status();
        if result.result.is_ok() && status.is_some_and(|status| status.is_success()) {
            budget.inspect(|tokens| tokens.record_success());
            return Decision::Stop(StopReason::NotRetryable);
        }

        let code = match &result.result {
            Ok(response) if response.status() == StatusCode::CONFLICT => {
                conflict_code(response.body())
            }
            _ => None,
        };
        let outcome = match &result.result {
            Ok(response) => AttemptOutcome::Response(response.status(), code.as_deref()),
            Err(failure) => AttemptOutcome::Failed(failure.kind(), failure.status()),
        };
        // A retry after a 429 is free. For any other, the token is taken before the decision, so
        // that calls that fail at the same time cannot use the same token.
        let free = status == Some(StatusCode::TOO_MANY_REQUESTS);
        let token = budget.filter(|_| !free).map(|tokens| tokens.try_take());
        let decision = decide(&RetryContext {
            policy,
            class,
            caller_key: self.options.get().idempotency_key.is_some(),
            attempt,
            outcome,
            retry_after: result.retry_after,
            jitter: self.runtime.jitter.next(),
            time_left: deadline.map(|deadline| deadline.saturating_duration_since(Instant::now())),
            within_budget: token.unwrap_or(true),
        });
        if let (Decision::Stop(_), Some(true), Some(tokens)) = (decision, token, budget) {
            tokens.put_back();
        }
        decision
    }

    /// The result for the record of the call, and the response for the generated client.
    fn outcome_and_response(
        &self,
        result: Result<http::Response<Bytes>, Failure>,
        operation: &Operation,
    ) -> (Outcome, reqwest::Result<http::Response<Bytes>>) {
        match result {
            Ok(response) => {
                let (mut parts, mut body) = response.into_parts();
                if !parts.status.is_success() {
                    for key in &*self.runtime.keys {
                        body = redact_body(body, key.as_str());
                    }
                }
                if operation.format.optional && parts.status.is_success() && body.is_empty() {
                    body = Bytes::from_static(b"null");
                }
                if parts.status.as_u16() == Self::NO_RESPONSE_STATUS {
                    parts.headers.remove(Self::NO_RESPONSE_HEADER);
                }
                let headers = match (&self.slot, &self.runtime.config.observer) {
                    (Some(_), _) if self.strip_headers => mem::take(&mut parts.headers),
                    // Nobody will see the headers of a call that is not recorded.
                    (None, None) => HeaderMap::new(),
                    _ => parts.headers.clone(),
                };
                let response = HttpResponse {
                    status: parts.status,
                    headers,
                    body: body.clone(),
                };
                let returned = http::Response::from_parts(parts, body);
                (Outcome::Response(response), Ok(returned))
            }
            Err(mut failure) => {
                let response = match failure.take_http_error() {
                    Some(error) => Err(error),
                    None => Ok(no_response(&failure)),
                };
                (Outcome::Failed(failure), response)
            }
        }
    }
}

/// A request that is being sent.
enum Sending<'a, H> {
    /// By the HTTP client, which enforces the time limit.
    Http(H),
    /// By a custom transport.
    Custom(BoxFuture<'a, Result<http::Response<Bytes>, Failure>>),
}

/// A copy of a request for a retry; `None` if its body is a stream.
///
/// For a request without a body this is cheaper than [`Request::try_clone`].
fn copy(request: &Request) -> Option<Box<Request>> {
    if request.body().is_some() {
        return request.try_clone().map(Box::new);
    }
    let mut copy = Request::new(request.method().clone(), request.url().clone());
    copy.headers_mut().clone_from(request.headers());
    *copy.version_mut() = request.version();
    Some(Box::new(copy))
}

/// The response that replaces a failure.
fn no_response(failure: &Failure) -> http::Response<Bytes> {
    let envelope = serde_json::json!({
        "error": {
            "type": "client_error",
            "code": failure.kind().code(),
            "message": failure.to_string(),
        }
    });
    let mut response = http::Response::new(Bytes::from(envelope.to_string()));
    *response.status_mut() =
        StatusCode::from_u16(Executor::NO_RESPONSE_STATUS).expect("599 is a status");
    let headers = response.headers_mut();
    headers.insert(
        Executor::NO_RESPONSE_HEADER,
        HeaderValue::from_static(failure.kind().code()),
    );
    response
}
