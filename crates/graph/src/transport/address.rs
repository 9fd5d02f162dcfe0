//! Addresses: made from segments, or taken from an answer and checked.

use crate::GraphError;
use std::fmt::Write as _;
use url::Url;

/// Builds the URL of a resource: `{base}/v1.0/{segments}?{query}`. Segments may hold any character.
pub(crate) fn resource(base: &Url, segments: &[&str], query: &[(&str, &str)]) -> Url {
    let mut url = base.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().push("v1.0").extend(segments);
    }
    let query: Vec<String> = query.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    url.set_query((!query.is_empty()).then(|| query.join("&")).as_deref());
    url
}

/// Encodes a query value, but leaves what OData's own syntax uses readable in logs. A space becomes `%20`: `+` is a
/// plus sign to some readers.
fn encode(value: &str) -> String {
    value.bytes().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~$,:/()!*@".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}

/// A value within an OData string literal.
pub(crate) fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

/// Reads a link from an answer or from a stored position. It is followed only to the configured service: the request
/// carries the token.
pub(crate) fn link(base: &Url, link: &str, what: &str) -> Result<Url, GraphError> {
    let url = Url::parse(link).map_err(|_| GraphError::Unreadable {
        what: what.to_owned(),
        why: "it holds a link that is no URL".into(),
    })?;
    if url.origin() == base.origin() && url.username().is_empty() && url.password().is_none() {
        return Ok(url);
    }
    Err(GraphError::ForeignLink {
        what: what.to_owned(),
        host: url.origin().ascii_serialization(),
        configured: base.origin().ascii_serialization(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> Url {
        Url::parse("https://graph.microsoft.com").unwrap()
    }

    #[test]
    fn segments_and_queries_are_encoded() {
        let url = resource(&base(), &["users", "a/b?c", "messages", "A+=="], &[("$filter", "x eq 'ö & ü'")]);
        assert_eq!(
            url.as_str(),
            "https://graph.microsoft.com/v1.0/users/a%2Fb%3Fc/messages/A+==?$filter=x%20eq%20%27%C3%B6%20%26%20%C3%BC%27"
        );
        assert_eq!(quoted("O'Hara"), "'O''Hara'");
        let under = Url::parse("http://127.0.0.1:81/graph/").unwrap();
        assert_eq!(resource(&under, &["users"], &[]).as_str(), "http://127.0.0.1:81/graph/v1.0/users");
    }

    #[test]
    fn links_lead_to_the_configured_service_only() {
        assert!(link(&base(), "https://graph.microsoft.com/v1.0/users?$skiptoken=x", "t").is_ok());
        for foreign in [
            "https://graph.microsoft.com.evil.example/v1.0",
            "http://graph.microsoft.com/v1.0",
            "https://graph.microsoft.com:444/v1.0",
            "https://user@graph.microsoft.com/v1.0",
            "file:///etc/passwd",
        ] {
            assert!(matches!(link(&base(), foreign, "t"), Err(GraphError::ForeignLink { .. })), "{foreign}");
        }
        assert!(matches!(link(&base(), "v1.0/users", "t"), Err(GraphError::Unreadable { .. })));
    }
}
