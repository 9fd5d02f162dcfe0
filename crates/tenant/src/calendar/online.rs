//! Online meetings: the link, and the block of text that keeps them alive.

use crate::ids::{Sequence, guid};
use crate::mailbox::content::{Body, BodyType};
use crate::mailbox::event::{EventContent, OnlineMeetingProvider};
use serde_json::{Map, Value, json};

/// What the service sets by itself; a client's words about it count for nothing.
pub const READ_ONLY: [&str; 2] = ["onlineMeeting", "onlineMeetingUrl"];

/// Gives a meeting that is to be online its link, and writes it into the text.
pub fn enable(content: &mut EventContent, sequence: &mut Sequence) {
    if !content.is_online_meeting || content.online_meeting.is_some() {
        return;
    }
    if content.online_meeting_provider == OnlineMeetingProvider::Unknown {
        content.online_meeting_provider = OnlineMeetingProvider::TeamsForBusiness;
    }
    let (high, low) = (sequence.bits(), sequence.bits());
    let url =
        format!("https://teams.microsoft.com/l/meetup-join/19%3ameeting_{}%40thread.v2/0", guid(high, low));
    let number = low % 1_000_000_000;
    content.body = with_block(&content.body, &url, number);
    content.online_meeting = Some(json!({
        "joinUrl": url,
        "conferenceId": format!("{number:09}"),
        "tollNumber": "+1 323-555-0166",
    }));
}

/// The text with the block by which the meeting is joined, as HTML.
fn with_block(body: &Body, url: &str, number: u64) -> Body {
    let text = match body.content_type {
        BodyType::Html => body.content.to_string(),
        BodyType::Text => body
            .content
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .replace("\r\n", "\n")
            .replace('\n', "<br>\r\n"),
    };
    let line = "<div><span>________________________________________________________________________________</span></div>";
    let block = format!(
        "\r\n{line}\r\n<div class=\"me-email-text\"><a class=\"me-email-headline\" href=\"{url}\">Join Microsoft Teams Meeting</a></div>\r\n<div>Conference ID: {number:09}#</div>\r\n{line}\r\n"
    );
    let content = match text.rfind("</body>") {
        Some(at) => format!("{}{block}{}", &text[..at], &text[at..]),
        None => format!("<html><body>\r\n{text}{block}</body></html>"),
    };
    Body { content_type: BodyType::Html, content: content.into() }
}

/// What a change leaves of an online meeting. Once online, neither `isOnlineMeeting` nor the provider can be changed;
/// but a text without the block ends it (documented with the update of events).
pub fn keep(before: &EventContent, after: &mut EventContent, patch: &Map<String, Value>) {
    let Some(link) = &before.online_meeting else { return };
    let url = link.get("joinUrl").and_then(Value::as_str).unwrap_or_default();
    if patch.contains_key("body") && !after.body.content.contains(url) {
        after.is_online_meeting = false;
        after.online_meeting = None;
        after.online_meeting_url = None;
        after.online_meeting_provider = OnlineMeetingProvider::Unknown;
        return;
    }
    after.is_online_meeting = before.is_online_meeting;
    after.online_meeting_provider = before.online_meeting_provider;
}
