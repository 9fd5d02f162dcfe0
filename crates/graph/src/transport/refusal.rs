//! What an answer that is no success means.

use crate::{Answer, GraphError};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use serde_json::Value;
use std::time::Duration;

const NO_RIGHT: &str = "Check the application permissions, the admin consent and any access policy of the mailbox; \
                        changes take up to two hours to act";
const NO_TOKEN: &str = "The service does not accept the token: check the application permissions (tasks need \
                        Tasks.ReadWrite.All) and the admin consent";
const NO_MAILBOX: &str = "The user has no usable Exchange Online mailbox: check licence, and whether the mailbox is \
                          on-premises or soft-deleted";
const NO_USER: &str = "The user is no longer in the directory: refresh the list of mailboxes";

/// Codes of 403 that are about the application's rights or the mailbox as a whole.
const RIGHTS: [&str; 6] = [
    "",
    "AccessDenied",
    "Authorization_IdentityNotFound",
    "Authorization_RequestDenied",
    "ErrorAccessDenied",
    "Forbidden",
];

/// Reads a refusal's facts: Graph's code, text and request id.
pub(crate) fn answer(what: &str, status: StatusCode, headers: &HeaderMap, body: &Bytes) -> Answer {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let error = &body["error"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    // Early services spell it innerError, the documentation innererror.
    let inner = if error["innerError"].is_object() { &error["innerError"] } else { &error["innererror"] };
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    Answer {
        what: what.to_owned(),
        status: status.as_u16(),
        code: text(&error["code"]),
        message: text(&error["message"]).chars().take(500).collect(),
        request_id: header("request-id").unwrap_or_else(|| text(&inner["request-id"])),
    }
}

/// How long the server wants us to wait: seconds, or a date (RFC 9110, section 10.2.3).
pub(crate) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let value = headers.get(http::header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(value).ok()?.timestamp();
    Some(Duration::try_from(date.duration_since(now)).unwrap_or_default())
}

/// Classifies a refusal. `after` is what [`retry_after`] read.
pub(crate) fn classify(at: Answer, after: Option<Duration>) -> GraphError {
    if is_resync(&at) {
        return GraphError::ResyncRequired(at);
    }
    let code = at.code.as_str();
    let denied = |advice, at| GraphError::Denied { at, advice };
    match at.status {
        401 => denied(NO_TOKEN, at),
        // Other codes of 403 are about the one item: a folder that cannot be deleted, a mailbox that is full.
        403 if RIGHTS.contains(&code) => denied(NO_RIGHT, at),
        _ if code == "ErrorItemNotFound" => GraphError::Gone(at),
        404 if code.starts_with("MailboxNot") || code == "ErrorNonExistentMailbox" => denied(NO_MAILBOX, at),
        404 if ["ErrorInvalidUser", "Request_ResourceNotFound"].contains(&code) => denied(NO_USER, at),
        404 => GraphError::Gone(at),
        409 | 412 => GraphError::Changed(at),
        429 | 509 => GraphError::Throttled { at, after },
        507 => GraphError::Rejected(at),
        408 | 500..=508 | 510.. => GraphError::Unavailable { at, after },
        _ => GraphError::Rejected(at),
    }
}

/// A delta token that is no longer known: 410, or another 40x with one of these codes, spelt in several ways
/// ("Graph documentation: delta query overview, synchronization reset").
fn is_resync(at: &Answer) -> bool {
    let code = at.code.to_lowercase();
    let named =
        ["syncstatenotfound", "syncstateinvalid", "resyncrequired"].iter().any(|name| code.contains(name));
    at.status == 410 || ((400..500).contains(&at.status) && named)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Class;

    fn class(status: u16, code: &str) -> Class {
        let body = Bytes::from(format!(
            r#"{{"error":{{"code":"{code}","message":"m","innerError":{{"request-id":"r"}}}}}}"#
        ));
        let at = answer("t", StatusCode::from_u16(status).unwrap(), &HeaderMap::new(), &body);
        assert_eq!((at.code.as_str(), at.request_id.as_str()), (code, "r"));
        classify(at, None).class()
    }

    #[test]
    fn refusals_by_status_and_code() {
        let retry = Class::Retry { after: None };
        for (status, code, expected) in [
            (400, "ErrorInvalidRequest", Class::Rejected),
            (400, "SyncStateNotFound", Class::Resync),
            (401, "UnknownError", Class::Denied),
            (403, "ErrorAccessDenied", Class::Denied),
            (403, "Authorization_RequestDenied", Class::Denied),
            (403, "ErrorDeleteDistinguishedFolder", Class::Rejected),
            (507, "ErrorQuotaExceeded", Class::Rejected),
            (400, "ErrorItemNotFound", Class::Gone),
            (404, "ErrorItemNotFound", Class::Gone),
            (404, "MailboxNotEnabledForRESTAPI", Class::Denied),
            (404, "Request_ResourceNotFound", Class::Denied),
            (409, "ErrorIrresolvableConflict", Class::Changed),
            (410, "resyncRequired", Class::Resync),
            (410, "", Class::Resync),
            (412, "ErrorIrresolvableConflict", Class::Changed),
            (413, "RequestEntityTooLarge", Class::Rejected),
            (429, "ApplicationThrottled", retry),
            (503, "ServiceNotAvailable", retry),
            (504, "UnknownError", retry),
            (509, "BandwidthLimit", retry),
        ] {
            assert_eq!(class(status, code), expected, "{status} {code}");
        }
    }

    #[test]
    fn an_answer_that_is_no_json_still_has_a_status() {
        let at = answer("reading x", StatusCode::BAD_GATEWAY, &HeaderMap::new(), &Bytes::from("<html>"));
        assert_eq!((at.status, at.code.as_str()), (502, ""));
    }

    #[test]
    fn waits_are_seconds_or_dates() {
        let wait = |value: &str| {
            let headers = [(http::header::RETRY_AFTER, value.parse().unwrap())].into_iter().collect();
            retry_after(&headers, "2026-01-01T00:00:00Z".parse().unwrap())
        };
        assert_eq!(wait("7"), Some(Duration::from_secs(7)));
        assert_eq!(wait("Thu, 01 Jan 2026 00:01:00 GMT"), Some(Duration::from_secs(60)));
        assert_eq!(wait("Wed, 31 Dec 2025 00:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(wait("soon"), None);
    }
}
