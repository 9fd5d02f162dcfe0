//! What every request to Graph goes through, alone or in a batch: it is counted, let in, and answered.

use super::target::Target;
use super::trace::Trace;
use super::{Batch, answer};
use crate::entra::Caller;
use crate::error::GraphError;
use crate::faults;
use crate::limits::Visit;
use crate::tenant::Tenant;
use crate::wire::{Delivery, Request, Response};
use crate::{access, entra};
use jiff::Timestamp;

/// Answers a request.
pub(crate) fn handle(tenant: &mut Tenant, request: &Request, now: Timestamp) -> Response {
    let trace = Trace::of(tenant, request);
    let mut response = match entra::caller(tenant, request, now) {
        Ok(caller) => {
            let mut visit = Visit::of(tenant, caller);
            let mut response = if request.path.trim_end_matches('/') == "/v1.0/$batch" {
                envelope(tenant, &mut visit, &trace, request, now)
            } else {
                attend(tenant, &mut visit, &trace, request, now)
            };
            visit.end(tenant, &mut response, now);
            response
        }
        Err(error) => trace.shape(Err(error), now),
    };
    trace.sign(&mut response, now);
    tenant.outbox.hold(&response, &trace);
    response
}

/// Answers a batch.
fn envelope(
    tenant: &mut Tenant,
    visit: &mut Visit,
    trace: &Trace,
    request: &Request,
    now: Timestamp,
) -> Response {
    let target = Target::of(tenant, request);
    let mut play = faults::begin(tenant, request, &target, now);
    let now = play.time(now);
    let outcome = play.instead.take().unwrap_or_else(|| Batch::answer(tenant, visit, request, now));
    let mut response = trace.shape(outcome, now);
    play.end(tenant, &mut response, now);
    response
}

/// Answers one request, alone or out of a batch.
pub(super) fn attend(
    tenant: &mut Tenant,
    visit: &mut Visit,
    trace: &Trace,
    request: &Request,
    now: Timestamp,
) -> Response {
    let target = Target::of(tenant, request);
    let_in(tenant, visit, trace, request, &target, now, |tenant, caller, now| {
        access::check(tenant, caller, &target, request, now)?;
        answer(tenant, caller, &target, request, now)
    })
}

/// Counts a request, and lets it in under the limits and the rules of faults.
pub(super) fn let_in(
    tenant: &mut Tenant,
    visit: &mut Visit,
    trace: &Trace,
    request: &Request,
    target: &Target,
    now: Timestamp,
    answer: impl FnOnce(&mut Tenant, &Caller, Timestamp) -> Result<Response, GraphError>,
) -> Response {
    tenant.count(&request.method, target.owner);
    if let Err(error) = visit.admit(tenant, target, request, now) {
        return trace.shape(Err(error), now);
    }
    let mut play = faults::begin(tenant, request, target, now);
    let now = play.time(now);
    let outcome = play.instead.take().unwrap_or_else(|| answer(tenant, visit.caller(), now));
    let mut response = trace.shape(outcome, now);
    play.end(tenant, &mut response, now);
    response
}

/// Answers one request of a batch. What would happen to its connection is told by a status, for it has none.
pub(super) fn attend_part(
    tenant: &mut Tenant,
    visit: &mut Visit,
    trace: &Trace,
    request: &Request,
    now: Timestamp,
) -> Response {
    let mut response = attend(tenant, visit, trace, request, now);
    let failed = |status, code, text| trace.shape(Err(GraphError::new(status, code, text)), now);
    match response.delivery {
        Delivery::Prompt | Delivery::Held(_) => response,
        Delivery::Late(delay) => {
            visit.delay(delay);
            response.delivery = Delivery::Prompt;
            response
        }
        Delivery::Never => failed(504, "GatewayTimeout", "The service did not answer in time."),
        Delivery::Cut(_) | Delivery::Broken => {
            failed(502, "BadGateway", "The answer of the service could not be read.")
        }
    }
}
