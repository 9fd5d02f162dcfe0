//! Formatted text that somebody else wrote, as in e-mails: cleaned, and shown where it can do nothing.

use super::seen::{self, Unseen};
use super::{Site, Visited};
use crate::storage::Target;
use ammonia::{Builder, UrlRelative};
use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use std::borrow::Cow;
use tandem_web::{ISOLATED, Trouble};

/// The formatted text of an activity (field F5044, *rich text*), for a frame on its page.
pub(super) async fn show(site: Site, visit: Visited, id: i64) -> Result<Response, Trouble> {
    let rights = site.rights(&visit.visitor);
    let found = site.read(move |reading| {
        let record = seen::record(reading, &rights, &Target::new("MA", id))?;
        Ok(record.map(|record| record.get("F5044").to_owned()).and_then(|text| match text.trim() {
            "" => Err(Unseen::Nothing),
            _ => Ok(text),
        }))
    });
    let words = site.web.words(&visit);
    let text = found.await?.map_err(|unseen| unseen.trouble(words.say("page.not_yours")))?;
    let policy = [(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(ISOLATED))];
    Ok((policy, Html(document(&text))).into_response())
}

fn document(text: &str) -> String {
    format!("<!doctype html><meta charset=\"utf-8\"><title>·</title><body>{}</body>", clean(text))
}

/// HTML without anything that runs, loads or hides. Pictures within the text stay; others would tell their sender who reads
/// it. Links open a new window that knows nothing of this one.
fn clean(html: &str) -> String {
    Builder::default()
        .add_url_schemes(["data"])
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer"))
        .set_tag_attribute_value("a", "target", "_blank")
        .attribute_filter(|element, attribute, value| match (element, attribute) {
            ("img", "src") => picture(value).then_some(Cow::Borrowed(value)),
            (_, "href" | "cite" | "src" | "background") if has_scheme(value, "data:") => None,
            _ => Some(Cow::Borrowed(value)),
        })
        .clean(html)
        .to_string()
}

/// Pictures within the text itself, of kinds that hold no script.
fn picture(source: &str) -> bool {
    ["data:image/png;", "data:image/jpeg;", "data:image/gif;"].iter().any(|kind| has_scheme(source, kind))
}

fn has_scheme(value: &str, scheme: &str) -> bool {
    value.trim_start().get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_runs_and_nothing_is_loaded() {
        let hostile = [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "<img src='https://spy.example/pixel.gif'>",
            "<a href='javascript:alert(1)'>x</a>",
            "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
            "<svg onload=alert(1)><script>1</script></svg>",
            "<iframe src='https://evil.example'></iframe>",
            "<form action='https://evil.example'><input name=a></form>",
            "<style>@import 'https://evil.example'</style>",
            "<p style=\"background:url(https://spy.example)\" onclick=alert(1)>x</p>",
            "<base href='https://evil.example'><meta http-equiv=refresh content='0;url=https://evil.example'>",
            "<link rel=stylesheet href='https://evil.example'>",
            "<math><mtext></p><img src=x onerror=alert(1)>",
        ];
        for html in hostile {
            let clean = clean(html);
            for part in
                ["alert(", "evil.example", "spy.example", "<script", "onerror", "<style", "<form", "<svg"]
            {
                assert!(!clean.contains(part), "{html} became {clean}");
            }
        }
    }

    #[test]
    fn what_people_write_stays() {
        let html = "<p><b>Hi</b> <a href=\"https://acme.example/\">us</a></p>";
        let expected = "<p><b>Hi</b> <a href=\"https://acme.example/\" target=\"_blank\" rel=\"noopener noreferrer\">us</a></p>";
        assert_eq!(clean(html), expected);
        assert!(clean("<img src=\"data:image/png;base64,AAAA\">").contains("data:image/png"));
        assert!(!clean("<img src=\"data:image/svg+xml,x\">").contains("svg"));
    }
}
