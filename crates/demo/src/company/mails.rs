//! Mails that people put into their synchronisation folders.

use super::names::{FOLDERS, SUBJECTS};
use super::{Company, CustomerPerson, DOMAIN, Placed, recipient, texts};
use crate::dice::Dice;
use base64::Engine as _;
use jiff::civil::Date;
use serde_json::{Value, json};

const FOLDER: &str = "/Inbox/crm";
const KB: usize = 1024;

pub(super) fn mails(company: &Company) -> Vec<Placed> {
    let mut desk = Desk { company, dice: Dice::new(company.seed, "mails"), count: 0, mails: Vec::new() };
    let users: Vec<usize> = company.synchronised().map(|(index, _)| index).collect();
    for user in &users {
        for number in 0..7 {
            desk.received(*user, number);
        }
        desk.sent(*user);
        desk.sent(*user);
        desk.unknown_sender(*user);
        desk.many_recipients(*user);
    }
    for pair in users.chunks(2).filter(|pair| pair.len() == 2) {
        desk.in_two_mailboxes(pair[0], pair[1]);
        desk.internal(pair[0], pair[1]);
    }
    for user in users.iter().take(6) {
        desk.large(*user);
    }
    for user in users.iter().rev().take(3) {
        desk.blind_copy(*user);
    }
    desk.mails
}

/// A message as it is being written.
struct Draft {
    from: Value,
    to: Vec<Value>,
    cc: Vec<Value>,
    folder: &'static str,
    attachments: Vec<Value>,
}

struct Desk<'a> {
    company: &'a Company,
    dice: Dice,
    count: u32,
    mails: Vec<Placed>,
}

impl Desk<'_> {
    fn me(&self, user: usize) -> Value {
        let colleague = &self.company.colleagues[user];
        recipient(&colleague.name(), &colleague.address)
    }

    fn customer(&mut self) -> Value {
        person(self.dice.pick(&self.company.persons))
    }

    fn received(&mut self, user: usize, number: usize) {
        let from = self.customer();
        let mut draft =
            Draft { from, to: vec![self.me(user)], cc: Vec::new(), folder: FOLDER, attachments: Vec::new() };
        if number % 3 == 1 {
            draft.folder = self.dice.pick::<&'static str>(&FOLDERS);
        }
        if number % 3 == 2 {
            draft.attachments = self.files();
        }
        let message = self.written(draft, number % 2 == 1);
        self.mails.push(Placed { user, body: message });
    }

    /// Copied from the sent items.
    fn sent(&mut self, user: usize) {
        let to = vec![self.customer()];
        let draft =
            Draft { from: self.me(user), to, cc: Vec::new(), folder: FOLDER, attachments: Vec::new() };
        let message = self.written(draft, false);
        self.mails.push(Placed { user, body: message });
    }

    /// From somebody whom the CRM does not know.
    fn unknown_sender(&mut self, user: usize) {
        let number = self.dice.between(100, 999);
        let from = recipient(&format!("Visitor {number}"), &format!("visitor{number}@stranger.example"));
        let draft =
            Draft { from, to: vec![self.me(user)], cc: Vec::new(), folder: FOLDER, attachments: Vec::new() };
        let message = self.written(draft, true);
        self.mails.push(Placed { user, body: message });
    }

    fn many_recipients(&mut self, user: usize) {
        let mut to = vec![self.me(user)];
        to.extend((0..3).map(|_| self.customer()).collect::<Vec<_>>());
        let cc = vec![recipient("", "list@stranger.example"), self.customer()];
        let draft = Draft { from: self.customer(), to, cc, folder: FOLDER, attachments: Vec::new() };
        let message = self.written(draft, true);
        self.mails.push(Placed { user, body: message });
    }

    /// Both got it, both put it into their folders: one activity in the CRM.
    fn in_two_mailboxes(&mut self, first: usize, second: usize) {
        let to = vec![self.me(first), self.me(second)];
        let draft =
            Draft { from: self.customer(), to, cc: Vec::new(), folder: FOLDER, attachments: self.files() };
        let message = self.written(draft, false);
        self.mails.push(Placed { user: first, body: message.clone() });
        self.mails.push(Placed { user: second, body: message });
    }

    fn internal(&mut self, sender: usize, reader: usize) {
        let draft = Draft {
            from: self.me(sender),
            to: vec![self.me(reader)],
            cc: Vec::new(),
            folder: FOLDER,
            attachments: Vec::new(),
        };
        let message = self.written(draft, false);
        self.mails.push(Placed { user: reader, body: message });
    }

    fn large(&mut self, user: usize) {
        let size = KB * KB * usize::try_from(self.dice.between(3, 5)).unwrap_or(3);
        let file = self.file("Measurements.zip", "application/zip", size);
        let draft = Draft {
            from: self.customer(),
            to: vec![self.me(user)],
            cc: Vec::new(),
            folder: FOLDER,
            attachments: vec![file],
        };
        let message = self.written(draft, false);
        self.mails.push(Placed { user, body: message });
    }

    /// The owner is not among the recipients, so by default the mail does not travel.
    fn blind_copy(&mut self, user: usize) {
        let to = vec![recipient("Newsletter", &format!("all@{DOMAIN}"))];
        let draft =
            Draft { from: self.customer(), to, cc: Vec::new(), folder: FOLDER, attachments: Vec::new() };
        let message = self.written(draft, true);
        self.mails.push(Placed { user, body: message });
    }

    fn files(&mut self) -> Vec<Value> {
        let size = usize::try_from(self.dice.between(8, 60)).unwrap_or(8) * KB;
        let mut files = vec![self.file("Angebot Übersicht.pdf", "application/pdf", size)];
        if self.dice.chance(40) {
            files.push(self.file("drawing.png", "image/png", 12 * KB));
        }
        files
    }

    fn file(&mut self, name: &str, media_type: &str, size: usize) -> Value {
        let content = base64::engine::general_purpose::STANDARD.encode(self.dice.bytes(size));
        json!({"name": name, "contentType": media_type, "contentBytes": content})
    }

    fn written(&mut self, draft: Draft, html: bool) -> Value {
        self.count += 1;
        let (day, minute) = (self.company.day(-self.dice.between(1, 25)), self.dice.between(0, 599));
        let name = |value: &Value| value["emailAddress"]["name"].as_str().unwrap_or_default().to_owned();
        let (greeting, signature) = (format!("Dear {},", name(&draft.to[0])), name(&draft.from));
        let (kind, content) = if html {
            ("html", texts::html(&mut self.dice, &greeting, &signature))
        } else {
            ("text", texts::plain(&mut self.dice, &greeting, &signature))
        };
        let sent = instant(day, 420 + minute);
        json!({
            "folder": draft.folder,
            "internetMessageId": format!("<{:08x}.{}@mail.nordwind.example>", self.company.seed & 0xffff_ffff, self.count),
            "subject": format!("{} [{}]", self.dice.pick(&SUBJECTS), self.count),
            "body": {"contentType": kind, "content": content},
            "from": draft.from,
            "sender": draft.from,
            "toRecipients": draft.to,
            "ccRecipients": draft.cc,
            "sentDateTime": sent,
            "receivedDateTime": sent,
            "importance": if self.dice.chance(10) { "high" } else { "normal" },
            "attachments": draft.attachments,
        })
    }
}

fn person(person: &CustomerPerson) -> Value {
    recipient(&person.name(), &person.emails[0])
}

/// So many minutes after midnight, UTC.
pub(super) fn instant(day: Date, minutes: i64) -> String {
    format!("{day}T{:02}:{:02}:00Z", minutes / 60, minutes % 60)
}
