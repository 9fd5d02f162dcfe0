//! What every request to Graph goes through, alone or in a batch: it is counted, let in, and answered.

use super::target::Target;
use super::trace::Trace;
use super::{Batch, answer};
use crate::error::GraphError;
use crate::limits::Visit;
use crate::tenant::Tenant;
use crate::wire::{Request, Response};
use crate::{access, entra};
use jiff::Timestamp;

/// Answers a request.
pub(crate) fn handle(tenant: &mut Tenant, request: &Request, now: Timestamp) -> Response {
    let trace = Trace::of(tenant, request);
    let mut response = match entra::caller(tenant, request, now) {
        Ok(caller) => {
            let mut visit = Visit::of(tenant, caller);
            let mut response = if request.path.trim_end_matches('/') == "/v1.0/$batch" {
                let outcome = Batch::answer(tenant, &mut visit, request, now);
                trace.shape(outcome, now)
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

/// Answers one request, alone or out of a batch.
pub(super) fn attend(
    tenant: &mut Tenant,
    visit: &mut Visit,
    trace: &Trace,
    request: &Request,
    now: Timestamp,
) -> Response {
    let target = Target::of(tenant, request);
    tenant.count(&request.method, target.owner);
    let outcome: Result<Response, GraphError> = visit
        .admit(tenant, &target, request, now)
        .and_then(|()| access::check(tenant, visit.caller(), &target, request, now))
        .and_then(|()| answer(tenant, visit.caller(), &target, request, now));
    trace.shape(outcome, now)
}
