//! Bodies as clients prefer them: text or HTML, and without scripts unless they ask for them.

use super::Call;
use crate::mailbox::content::{Body, BodyType};
use serde_json::{Value, json};

impl Call<'_> {
    /// A body as the client prefers it.
    pub(super) fn body_json(&self, body: &Body) -> Value {
        let html_wanted = match self.prefer.body {
            Some(wanted) => wanted == BodyType::Html,
            None => body.content_type == BodyType::Html || self.tenant.settings.behaviour.text_bodies_as_html,
        };
        match (body.content_type, html_wanted) {
            (BodyType::Html, false) => json!({ "contentType": "text", "content": body.plain() }),
            (BodyType::Text, true) => json!({ "contentType": "html", "content": wrapped(&body.content) }),
            (BodyType::Html, true) if !self.prefer.unsafe_html && is_unsafe(&body.content) => {
                json!({ "contentType": "html", "content": safe(&body.content) })
            }
            _ => json!(body),
        }
    }
}

/// Text as Outlook turns it into HTML.
fn wrapped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let text = text.replace("\r\n", "\n").replace('\n', "<br>\r\n");
    format!(
        "<html><head>\r\n<meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\"></head><body><div class=\"PlainText\">{text}</div></body></html>"
    )
}

/// Whether HTML may hold something that runs. Most does not, and is passed on as it is.
fn is_unsafe(html: &str) -> bool {
    let lower = html.to_ascii_lowercase();
    lower.contains("<script") || lower.contains("javascript:") || handler(&lower, 0).is_some()
}

/// HTML without scripts, handlers of events and links that run.
fn safe(html: &str) -> String {
    let mut out = html.to_owned();
    // Lower case of ASCII keeps the places of all signs.
    while let Some(start) = out.to_ascii_lowercase().find("<script") {
        let rest = out[start..].to_ascii_lowercase();
        let end = rest.find("</script>").map_or(out.len(), |end| start + end + "</script>".len());
        out.replace_range(start..end, "");
    }
    while let Some((start, end)) = handler(&out.to_ascii_lowercase(), 0) {
        out.replace_range(start..end, "");
    }
    while let Some(start) = out.to_ascii_lowercase().find("javascript:") {
        out.replace_range(start..start + "javascript:".len(), "");
    }
    out
}

/// Where an attribute such as `onclick="…"` stands within a tag, with the space before it.
fn handler(lower: &str, from: usize) -> Option<(usize, usize)> {
    let found = from + lower.get(from..)?.find(" on")?;
    let rest = &lower[found + 3..];
    let name = rest.find(|sign: char| !sign.is_ascii_alphabetic()).unwrap_or(rest.len());
    let in_tag = lower[..found].rfind('<') > lower[..found].rfind('>');
    let value = rest.get(name..).and_then(|rest| rest.strip_prefix('='));
    let Some(value) = value.filter(|_| in_tag && name > 0) else { return handler(lower, found + 3) };
    let quote = value.chars().next().filter(|sign| ['"', '\''].contains(sign));
    let length = match quote {
        Some(quote) => value[1..].find(quote).map_or(value.len(), |end| end + 2),
        None => value.find([' ', '>']).unwrap_or(value.len()),
    };
    Some((found, found + 3 + name + 1 + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_runs_is_left_and_the_rest_stays() {
        let html =
            "<p onclick=\"go()\" class='a'>On = off</p><SCRIPT>x</SCRIPT><a href='javascript:y()'>z</a>";
        assert!(is_unsafe(html));
        assert_eq!(safe(html), "<p class='a'>On = off</p><a href='y()'>z</a>");
        assert!(!is_unsafe("<p>turn on=1 or on time</p>"));
    }
}
