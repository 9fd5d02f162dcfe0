//! Cookies: reading them from a request, and the one form in which they are set.

use axum::http::{HeaderMap, HeaderValue, header};

/// The value of a cookie of the request. Of two with the same name the first counts (RFC 6265, 5.4).
pub(crate) fn read<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

/// Sets a cookie that no script reads, no other site sends, and that ends with the browser.
pub(crate) fn set(name: &str, value: &str, secure: bool) -> Option<HeaderValue> {
    written(name, value, secure, "")
}

/// Takes a cookie back.
pub(crate) fn clear(name: &str, secure: bool) -> Option<HeaderValue> {
    written(name, "", secure, "; Max-Age=0")
}

fn written(name: &str, value: &str, secure: bool, end: &str) -> Option<HeaderValue> {
    let secure = if secure { "; Secure" } else { "" };
    HeaderValue::from_str(&format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict{secure}{end}")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=1; tandem=x=y"));
        headers.append(header::COOKIE, HeaderValue::from_static("b=2"));
        assert_eq!(read(&headers, "tandem"), Some("x=y"));
        assert_eq!(read(&headers, "b"), Some("2"));
        assert_eq!(read(&headers, "andem"), None);
    }

    #[test]
    fn a_cookie_is_for_this_site_and_no_script() {
        let set = set("tandem", "abc", true).unwrap();
        assert_eq!(set.to_str().unwrap(), "tandem=abc; Path=/; HttpOnly; SameSite=Strict; Secure");
        assert!(clear("tandem", false).unwrap().to_str().unwrap().ends_with("; Max-Age=0"));
    }
}
