//! Whether a message has what is searched for.

use super::{Relation, Search, Term, says};
use crate::mailbox::attachment::Attachment;
use crate::mailbox::content::{Importance, Recipient};
use crate::mailbox::message::Message;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

impl Search {
    /// Whether a message has it; words such as `today` are read at `now`.
    pub fn finds(&self, message: &Message, now: Timestamp) -> bool {
        match self {
            Self::All(members) => members.iter().all(|member| member.finds(message, now)),
            Self::Any(members) => members.iter().any(|member| member.finds(message, now)),
            Self::Not(inner) => !inner.finds(message, now),
            Self::Term(term) => term.finds(message, now),
        }
    }
}

impl Term {
    fn finds(&self, message: &Message, now: Timestamp) -> bool {
        let found = self.has(message, now);
        if self.relation == Relation::Differs { !found } else { found }
    }

    fn has(&self, message: &Message, now: Timestamp) -> bool {
        let content = &message.content;
        let value = self.value.as_str();
        let subject = || says(content.subject.as_deref().unwrap_or_default(), value);
        let body = || says(&content.body.plain(), value);
        let any = |list: &[Recipient]| list.iter().any(|one| is(one, value));
        let from = || content.from.iter().chain(&content.sender).any(|one| is(one, value));
        let recipients =
            || any(&content.to_recipients) || any(&content.cc_recipients) || any(&content.bcc_recipients);
        let flag = |flag: bool| value.eq_ignore_ascii_case(if flag { "true" } else { "false" });
        let has_files = message.attachments.iter().any(|one| !one.is_inline);
        let Some(property) = &self.property else { return subject() || body() || from() };
        match property.as_str() {
            "subject" => subject(),
            "body" => body(),
            "from" => from(),
            "to" => any(&content.to_recipients),
            "cc" => any(&content.cc_recipients),
            "bcc" => any(&content.bcc_recipients),
            "recipients" => recipients(),
            "participants" => from() || recipients(),
            "attachment" => message.attachments.iter().any(|one| says(&one.name, value)),
            "hasattachment" | "hasattachments" => flag(has_files),
            "isread" => flag(content.is_read),
            "category" => content.categories.iter().any(|category| says(category, value)),
            "importance" => {
                let known: &[&str] = match content.importance {
                    Importance::Low => &["low"],
                    Importance::Normal => &["medium", "normal"],
                    Importance::High => &["high"],
                };
                known.iter().any(|name| name.eq_ignore_ascii_case(value))
            }
            "kind" => value.eq_ignore_ascii_case("email"),
            "received" => self.dated(message.received, now),
            "sent" => self.dated(content.sent_date_time.unwrap_or(message.received), now),
            "size" => self.sized(size(message)),
            _ => false,
        }
    }

    fn dated(&self, instant: Timestamp, now: Timestamp) -> bool {
        let day = TimeZone::UTC.to_datetime(instant).date();
        if let Some((from, to)) = self.value.split_once("..") {
            return date(from, now).zip(date(to, now)).is_some_and(|(from, to)| from <= day && day <= to);
        }
        date(&self.value, now).is_some_and(|known| self.holds(&day, &known))
    }

    fn sized(&self, size: usize) -> bool {
        if let Some((from, to)) = self.value.split_once("..") {
            let (from, to) = (from.parse::<usize>(), to.parse::<usize>());
            return from.is_ok_and(|from| from <= size) && to.is_ok_and(|to| size <= to);
        }
        self.value.parse().is_ok_and(|known| self.holds(&size, &known))
    }

    fn holds<T: Ord>(&self, value: &T, known: &T) -> bool {
        match self.relation {
            Relation::Has | Relation::Differs => value == known,
            Relation::Above => value > known,
            Relation::From => value >= known,
            Relation::Below => value < known,
            Relation::To => value <= known,
        }
    }
}

fn is(recipient: &Recipient, value: &str) -> bool {
    let email = &recipient.email_address;
    [&email.name, &email.address].into_iter().flatten().any(|text| says(text, value))
}

/// Roughly what the message would take on the wire.
fn size(message: &Message) -> usize {
    let attachments: usize = message.attachments.iter().map(Attachment::size).sum();
    message.mime.as_ref().map_or(message.content.body.content.len() + attachments, bytes::Bytes::len)
}

/// A day: `2026-07-23`, `07/23/2026`, `today` or `yesterday`.
fn date(text: &str, now: Timestamp) -> Option<Date> {
    let today = TimeZone::UTC.to_datetime(now).date();
    match text.trim().to_ascii_lowercase().as_str() {
        "today" => Some(today),
        "yesterday" => today.checked_sub(1.day()).ok(),
        text => {
            text.get(..10).and_then(|day| day.parse().ok()).or_else(|| Date::strptime("%m/%d/%Y", text).ok())
        }
    }
}
