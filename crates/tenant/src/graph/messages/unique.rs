//! `uniqueBody`: what a message says itself, without the messages that it quotes.

use crate::mailbox::content::{Body, BodyType};

/// Where mail programs begin to quote in HTML, in lower case.
const HTML: [&str; 6] = [
    "<div id=\"appendonsend\"",
    "<div id=\"divrplyfwdmsg\"",
    "<div class=\"gmail_quote",
    "<blockquote",
    "<hr ",
    "<hr>",
];

/// Where they do in plain text, at the beginning of a line.
const TEXT: [&str; 4] = ["-----original message-----", "________________________________", "from: ", "> "];

/// The part of a body before its first quotation.
pub fn body(body: &Body) -> Body {
    let content = &body.content;
    let lower = content.to_ascii_lowercase();
    let end = match body.content_type {
        BodyType::Html => HTML.iter().filter_map(|mark| lower.find(mark)).min(),
        BodyType::Text => {
            let starts = lower.match_indices('\n').map(|(at, _)| at + 1);
            starts.into_iter().find(|at| TEXT.iter().any(|mark| lower[*at..].starts_with(mark)))
        }
    };
    let Some(end) = end.filter(|end| *end > 0) else { return body.clone() };
    let own = content.get(..end).unwrap_or(content).trim_end();
    let content = match body.content_type {
        BodyType::Html if lower.contains("</html>") => format!("{own}</body></html>"),
        _ => own.to_owned(),
    };
    Body { content_type: body.content_type, content: content.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_quoted_is_left_out() {
        let text = |content: &str| Body { content_type: BodyType::Text, content: content.into() };
        let html = |content: &str| Body { content_type: BodyType::Html, content: content.into() };
        assert_eq!(*body(&text("Yes.\r\n\r\nFrom: A\r\nSubject: x")).content, *"Yes.");
        assert_eq!(*body(&text("Am > 3?\nNo quote here")).content, *"Am > 3?\nNo quote here");
        let reply = "<html><body><p>Yes</p><blockquote>No?</blockquote></body></html>";
        assert_eq!(*body(&html(reply)).content, *"<html><body><p>Yes</p></body></html>");
    }
}
