//! Addresses: made from segments, or taken from an answer and checked.

use crate::GraphError;
use std::fmt::Write as _;
use url::{Position, Url};

/// Builds the URL of a resource: `{base}/v1.0/{segments}?{query}`. Segments may hold any character.
pub(crate) fn resource(base: &Url, segments: &[&str], query: &[(&str, &str)]) -> String {
    let mut text = base[..Position::AfterPath].trim_end_matches('/').to_owned();
    // Segments of dots would lead somewhere else.
    for segment in std::iter::once(&"v1.0").chain(segments).filter(|segment| !matches!(**segment, "." | ".."))
    {
        text.push('/');
        encode(&mut text, segment, b"-._~!$&'()*+,;=:@");
    }
    for (number, (name, value)) in query.iter().enumerate() {
        text.push(if number == 0 { '?' } else { '&' });
        text.push_str(name);
        text.push('=');
        encode(&mut text, value, b"-._~$,:/()!*@");
    }
    text
}

/// The path of a URL, for logs: the query may hold what is nobody's business.
pub(crate) fn path(url: &str) -> &str {
    let behind = url.split_once("://").map_or(url, |(_, behind)| behind);
    let path = behind.find('/').map_or("", |begin| &behind[begin..]);
    path.split(['?', '#']).next().unwrap_or_default()
}

/// Encodes a value, but leaves what OData's own syntax uses readable in logs. A space becomes `%20`: `+` is a plus sign
/// to some readers.
fn encode(text: &mut String, value: &str, readable: &[u8]) {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || readable.contains(&byte);
    let mut from = 0;
    for (at, byte) in value.bytes().enumerate().filter(|(_, byte)| !plain(*byte)) {
        text.push_str(value.get(from..at).unwrap_or_default());
        // Writing to a String cannot fail.
        let _ = write!(text, "%{byte:02X}");
        from = at + 1;
    }
    text.push_str(value.get(from..).unwrap_or_default());
}

/// A value within an OData string literal.
pub(crate) fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

/// Reads a link from an answer or from a stored position. It is followed only to the configured service: the request
/// carries the token.
pub(crate) fn link(base: &Url, link: &str, what: &str) -> Result<String, GraphError> {
    if is_plainly_ours(base, link) {
        return Ok(link.to_owned());
    }
    let url = Url::parse(link).map_err(|_| GraphError::Unreadable {
        what: what.to_owned(),
        why: "it holds a link that is no URL".into(),
    })?;
    if url.origin() == base.origin() && url.username().is_empty() && url.password().is_none() {
        return Ok(url.into());
    }
    Err(GraphError::ForeignLink {
        what: what.to_owned(),
        host: url.origin().ascii_serialization(),
        configured: base.origin().ascii_serialization(),
    })
}

/// Whether a link begins with the service's own origin and the slash of a path, and holds nothing that a parser would
/// write in another way. Nearly all do, and they are long: what is not as plain as that is parsed.
fn is_plainly_ours(base: &Url, link: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&()*+,;=:@/?%".contains(&byte);
    let origin = &base[..Position::BeforePath];
    base.username().is_empty()
        && base.password().is_none()
        && link.strip_prefix(origin).is_some_and(|rest| rest.starts_with('/'))
        && link.bytes().all(plain)
        && !link.contains("/.")
        && !link.contains("/%")
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
            url,
            "https://graph.microsoft.com/v1.0/users/a%2Fb%3Fc/messages/A+==?$filter=x%20eq%20%27%C3%B6%20%26%20%C3%BC%27"
        );
        assert_eq!(quoted("O'Hara"), "'O''Hara'");
        let under = Url::parse("http://127.0.0.1:81/graph/").unwrap();
        assert_eq!(resource(&under, &["users"], &[]), "http://127.0.0.1:81/graph/v1.0/users");
        assert_eq!(resource(&under, &["..", "users", "."], &[]), "http://127.0.0.1:81/graph/v1.0/users");
        assert_eq!(path(&resource(&under, &["users"], &[("$top", "1")])), "/graph/v1.0/users");
    }

    #[test]
    fn links_lead_to_the_configured_service_only() {
        for (ours, followed) in [
            ("https://graph.microsoft.com/v1.0/users?$skiptoken=x", None),
            ("HTTPS://Graph.Microsoft.com/v1.0/users", Some("https://graph.microsoft.com/v1.0/users")),
            ("https://graph.microsoft.com:443/v1.0/ü", Some("https://graph.microsoft.com/v1.0/%C3%BC")),
            (
                "https://graph.microsoft.com\\@x.example/v1.0",
                Some("https://graph.microsoft.com/@x.example/v1.0"),
            ),
            ("https://graph.microsoft.com/a/%2e%2e/v1.0", Some("https://graph.microsoft.com/v1.0")),
            ("https://graph.microsoft.com/a/../v1.0", Some("https://graph.microsoft.com/v1.0")),
        ] {
            assert_eq!(link(&base(), ours, "t").unwrap(), followed.unwrap_or(ours));
        }
        for foreign in [
            "https://graph.microsoft.com.evil.example/v1.0",
            "http://graph.microsoft.com/v1.0",
            "https://graph.microsoft.com:444/v1.0",
            "https://user@graph.microsoft.com/v1.0",
            "https://graph.microsoft.com@evil.example/v1.0",
            "https://graph.microsoft.com%2F@evil.example/v1.0",
            "file:///etc/passwd",
        ] {
            assert!(matches!(link(&base(), foreign, "t"), Err(GraphError::ForeignLink { .. })), "{foreign}");
        }
        assert!(matches!(link(&base(), "v1.0/users", "t"), Err(GraphError::Unreadable { .. })));
    }
}
