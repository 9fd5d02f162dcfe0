//! Where a request comes from, as the browser says: the second lock of every form besides its token.

use axum::http::{HeaderMap, header};

/// Whether another site made the browser send this (Fetch Metadata, W3C; RFC 6454, 7). Who sends neither header is no
/// browser, and carries no cookies that he was not given.
pub(crate) fn is_foreign(headers: &HeaderMap) -> bool {
    let text =
        |name: header::HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("unreadable"));
    let site = text(header::HeaderName::from_static("sec-fetch-site"));
    if site.is_some_and(|site| !["same-origin", "none"].contains(&site)) {
        return true;
    }
    let Some(origin) = text(header::ORIGIN) else { return false };
    let host = origin.split_once("://").map(|(_, host)| host);
    host.is_none() || host != text(header::HOST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn from(pairs: &[(&'static str, &'static str)]) -> bool {
        let pairs = pairs
            .iter()
            .map(|(name, value)| (header::HeaderName::from_static(name), HeaderValue::from_static(value)));
        is_foreign(&pairs.collect())
    }

    #[test]
    fn only_our_own_pages_send_forms() {
        assert!(!from(&[("host", "127.0.0.1:8080")]));
        assert!(!from(&[
            ("host", "crm.example"),
            ("origin", "https://crm.example"),
            ("sec-fetch-site", "same-origin")
        ]));
        assert!(from(&[("host", "127.0.0.1:8080"), ("origin", "http://127.0.0.1:9090")]));
        assert!(from(&[("host", "127.0.0.1:8080"), ("origin", "null")]));
        assert!(from(&[("host", "crm.example"), ("sec-fetch-site", "same-site")]));
    }
}
