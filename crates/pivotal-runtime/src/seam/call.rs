//! One logical call: a turn, an attempt, a decision, and around again.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use reqwest::{Request, Response};
use tokio::time::{Instant, sleep, timeout};

use super::{IDEMPOTENCY_KEY, Seam, stand_in, telemetry};
use crate::exchange::{Answered, Attempt, Delivery, Exchange, Outcome};
use crate::failure::{Failure, FailureKind};
use crate::idempotency::IdempotencyKey;
use crate::operation::{Operation, RetryClass};
use crate::pacing::RateLimit;
use crate::retry::{
    Decision, Ending, RetryPolicy, Situation, Tried, conflict_code, decide, retry_after,
};
use crate::transport::send_http;

/// What one attempt came to.
pub(super) struct Ended {
    pub(super) result: Result<http::Response<Bytes>, Failure>,
    pub(super) elapsed: Duration,
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
    fn without_a_turn() -> Self {
        Self {
            result: Err(Failure::new(FailureKind::Deadline)),
            elapsed: Duration::ZERO,
            rate_limit: None,
            retry_after: None,
        }
    }

    fn summary(&self, waited: Duration) -> Attempt {
        let failure = self.result.as_ref().err();
        Attempt {
            status: self.status(),
            failure: failure.map(Failure::kind),
            delivery: failure.map_or(Delivery::Answered, Failure::delivery),
            elapsed: self.elapsed,
            waited,
        }
    }
}

impl Seam {
    /// Makes the call; gives its history and what the generated client is handed.
    pub(super) async fn call(
        &self,
        client: &reqwest::Client,
        request: Request,
        operation: &'static Operation,
    ) -> (Exchange, reqwest::Result<Response>) {
        let started = Instant::now();
        let runtime = &*self.runtime;
        let policy = self.options.retry.as_ref().unwrap_or(&runtime.retry);
        let allowed = self.options.deadline.or(runtime.deadline);
        let deadline = allowed.and_then(|allowed| started.checked_add(allowed));
        let idempotency_key = request
            .headers()
            .get(IDEMPOTENCY_KEY)
            .and_then(IdempotencyKey::from_header);

        let class = self.class(operation);
        let mut request = request;
        let mut earlier = Vec::new();
        let mut waited_for_turn = Duration::ZERO;
        let mut last: Option<(Ended, Duration)> = None;
        let (ended, ending) = loop {
            let asked = Instant::now();
            let permit = runtime.pacer.admit(deadline).await;
            waited_for_turn += asked.elapsed();
            let Ok(permit) = permit else {
                break (last.map(|(ended, _)| ended), Ending::Deadline);
            };
            earlier.extend(last.take().map(|(ended, waited)| ended.summary(waited)));

            let attempt = earlier.len() as u32 + 1;
            let spare = if attempt < policy.max_attempts {
                request.try_clone()
            } else {
                None
            };
            let ended = self.attempt(client, request, deadline).await;
            match &ended.result {
                Ok(response) => {
                    permit.answered(response.status(), ended.rate_limit, ended.retry_after);
                    runtime.deprecations.look_at(operation, response.headers());
                }
                Err(failure) => permit.failed(failure),
            }

            let decision = self.decide(policy, class, attempt, &ended, deadline);
            telemetry::attempt(attempt, &ended, decision);
            match (decision, spare) {
                (Decision::Repeat { after }, Some(again)) => {
                    sleep(after).await;
                    request = again;
                    last = Some((ended, after));
                }
                // A body that is a stream is gone after one attempt.
                (Decision::Repeat { .. }, None) => break (Some(ended), Ending::NotSafe),
                (Decision::End(ending), _) => break (Some(ended), ending),
            }
        };

        let attempts = earlier.len() as u32 + u32::from(ended.is_some());
        let ended = ended.unwrap_or_else(Ended::without_a_turn);
        let (rate_limit, retry_after) = (ended.rate_limit, ended.retry_after);
        let (outcome, handed_on) = self.split(ended.result);
        let exchange = Exchange {
            operation,
            attempts,
            elapsed: started.elapsed(),
            waited_for_turn,
            outcome,
            ending,
            earlier,
            rate_limit,
            retry_after,
            idempotency_key,
        };
        (exchange, handed_on)
    }

    async fn attempt(
        &self,
        client: &reqwest::Client,
        mut request: Request,
        deadline: Option<Instant>,
    ) -> Ended {
        let begun = Instant::now();
        if let Some(deadline) = deadline {
            let left = deadline.saturating_duration_since(begun);
            let limit = request.timeout().map_or(left, |limit| left.min(*limit));
            *request.timeout_mut() = Some(limit);
        }
        let result = self.exchange(client, request).await;
        let headers = result.as_ref().ok().map(http::Response::headers);
        Ended {
            elapsed: begun.elapsed(),
            rate_limit: headers.and_then(RateLimit::from_headers),
            retry_after: headers.and_then(retry_after),
            result,
        }
    }

    /// Sends one request through the transport; holds it to the limits that it may have overlooked.
    async fn exchange(
        &self,
        client: &reqwest::Client,
        request: Request,
    ) -> Result<http::Response<Bytes>, Failure> {
        let limit = self.runtime.body_limit;
        let response = match &self.runtime.transport {
            None => send_http(client, request, limit).await?,
            Some(transport) => match request.timeout().copied() {
                None => transport.send(request, limit).await?,
                Some(within) => timeout(within, transport.send(request, limit))
                    .await
                    .unwrap_or_else(|_| Err(Failure::new(FailureKind::Timeout)))?,
            },
        };
        if response.body().len() > limit {
            let failure = Failure::new(FailureKind::BodyTooLarge { limit });
            return Err(failure.after_status(response.status()));
        }
        Ok(response)
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
            return Decision::End(Ending::Final);
        }

        let code = match &ended.result {
            Ok(response) if response.status() == StatusCode::CONFLICT => {
                conflict_code(response.body())
            }
            _ => None,
        };
        let tried = match &ended.result {
            Ok(response) => Tried::Answered(response.status(), code.as_deref()),
            Err(failure) => Tried::Failed(failure.kind(), failure.status()),
        };
        // A 429 costs nothing; anything else is paid for before it is asked for, so that calls that
        // fail together cannot spend the same token.
        let free = status == Some(StatusCode::TOO_MANY_REQUESTS);
        let paid = budget.filter(|_| !free).map(|tokens| tokens.spend());
        let decision = decide(&Situation {
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
                // Nobody will look at the headers of a call that leaves no record.
                let kept = self.record.is_some() || self.runtime.observer.is_some();
                let headers = if kept {
                    response.headers().clone()
                } else {
                    HeaderMap::new()
                };
                let answered = Answered {
                    status: response.status(),
                    headers,
                    body: response.body().clone(),
                };
                (Outcome::Answered(answered), Ok(Response::from(response)))
            }
            Err(failure) => {
                let (failure, error) = failure.split();
                let handed_on = error.map_or_else(|| Ok(stand_in(&failure)), Err);
                (Outcome::Failed(failure), handed_on)
            }
        }
    }
}
