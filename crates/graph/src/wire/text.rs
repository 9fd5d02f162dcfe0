//! Bodies.

use super::html;
use serde::Deserialize;
use serde_json::{Value, json};

/// Graph `itemBody`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ItemBody {
    pub(crate) content_type: Option<String>,
    pub(crate) content: Option<String>,
}

impl ItemBody {
    pub(crate) fn is_html(&self) -> bool {
        self.content_type.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("html"))
    }

    /// The body as plain text, also where the service gives HTML in spite of our preference.
    pub(crate) fn text(&self) -> String {
        let content = self.content.as_deref().unwrap_or_default();
        if self.is_html() { tidy(&html::to_text(content)) } else { tidy(content) }
    }
}

/// A plain text body.
pub(crate) fn body(text: &str) -> Value {
    json!({ "contentType": "text", "content": text })
}

/// Text in the form in which it is compared: lines end in `\n`, no white space at the ends of lines or at the end of
/// the text. Exchange adds and drops such white space freely when it turns one kind of body into another.
pub(crate) fn tidy(text: &str) -> String {
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n").replace('\r', "\n");
    let mut lines: Vec<&str> = text.split('\n').map(str::trim_end).collect();
    while lines.last().is_some_and(|line| line.is_empty()) {
        lines.pop();
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_tidied() {
        assert_eq!(tidy("a \r\nb\r\rc\u{a0}\r\n \r\n"), "a\nb\n\nc");
        assert_eq!(tidy(" \r\n"), "");
        assert_eq!(tidy("\u{feff} indented"), " indented");
    }

    #[test]
    fn html_becomes_text() {
        let body =
            ItemBody { content_type: Some("HTML".into()), content: Some("<p>a</p><p>b&amp;c</p>".into()) };
        assert_eq!(body.text(), "a\nb&c");
    }
}
