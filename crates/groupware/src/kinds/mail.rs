//! E-mails: activities of the type `E-Mail`.

use super::{activity, begin};
use crate::participants::{self, Named};
use crate::pen::{Eye, Pen};
use crate::people::{Party, People};
use crate::{
    Change, InfoArea, Linked, NewDocument, Note, RecordSet, Rules, Unreadable, Written, html, list, moments,
    newcomers, words,
};
use tandem_model::{
    Attachment, AttachmentContent, Body, Direction, Kind, Mail, Person, Response, Role, When, Zone,
};

const PEOPLE: [&str; 4] = ["from", "to", "cc", "bcc"];
/// The media type of a document that is a link to a file elsewhere (RFC 2483, section 5).
const LINK: &str = "text/uri-list";

pub(super) fn write(mail: &Mail, change: Change<'_>, people: People<'_>, rules: &Rules) -> Written {
    let mut pen = Pen::new(Kind::Mail, change, rules);
    let mut set = begin(change, InfoArea::Activity);
    let named = mail.from.iter().chain(mail.recipients());
    let new_people =
        if pen.wants_any(&PEOPLE) { newcomers::persons(named, people, &rules.switches) } else { Vec::new() };
    let rule = rules.missing_attendees(Kind::Mail);
    let summarised = pen.wants_any(&["from", "to", "cc", "bcc", "body"]);
    if summarised {
        activity::detach_list(rule, &mut set);
    }
    if pen.adds() {
        let place = place(mail, people);
        let sort = rules.activity_type(Kind::Mail, false);
        activity::head(&pen, &mut set.primary, sort, &place, people);
        pen.put(&mut set.primary, "Status", "completed");
    }
    fields(&mut pen, mail, &mut set, people);
    pen.additional(&mut set.primary, &mail.additional);
    if pen.wants_any(&PEOPLE) {
        set.participants = participants::write(&pen, &named_people(mail), &set.participants, people);
    }
    if summarised {
        participants::summarise(&mut pen, Kind::Mail, &mut set, people);
    }
    if pen.wants("attachments") {
        set.documents = documents(&mut pen, &mail.attachments);
        activity::name_documents(&pen, &mut set.primary, &set.documents);
    }
    Written { set, new_people, notes: pen.notes }
}

fn fields(pen: &mut Pen<'_>, mail: &Mail, set: &mut RecordSet, people: People<'_>) {
    let record = &mut set.primary;
    if pen.wants("message_id") {
        pen.put(record, "MessageID", mail.message_id.as_str());
    }
    if pen.wants("subject") {
        pen.text(record, "Subject", &mail.subject);
    }
    if pen.wants("sent_at") {
        moments::write_instant(pen, record, mail.sent_at, &people.acting.zone);
    }
    if pen.wants("direction") {
        pen.put(record, "Direction", words::direction(mail.direction));
    }
    if pen.wants("importance") {
        pen.put(record, "Priority", words::importance(mail.importance));
    }
    if pen.wants("categories") {
        pen.categories(record, &mail.categories);
    }
    if pen.wants("body") {
        let (rich, plain) = match mail.body.html {
            true => (mail.body.text.as_str(), html::to_text(&mail.body.text)),
            false => ("", mail.body.text.clone()),
        };
        pen.put(record, "RichText", rich);
        pen.text(record, "Text", &plain);
        if mail.body.truncated {
            pen.notes.push(Note::new("text-truncated", "the text was cut by the connector's maximum size"));
        }
    }
}

/// At whom a mail stands. A received one at its sender, a sent one at the first recipient whom the CRM knows and who is
/// no colleague; where there is nobody, at the owner of the mailbox.
fn place(mail: &Mail, people: People<'_>) -> Party {
    let place = match mail.direction {
        Direction::In => mail.from.as_ref().map(|sender| people.party(&sender.address)).filter(at_somebody),
        Direction::Out => {
            mail.recipients().map(|recipient| people.party(&recipient.address)).find(Party::is_external)
        }
    };
    place.unwrap_or_else(|| people.owner())
}

/// A rep without a person is nobody at whom an activity could stand.
fn at_somebody(party: &Party) -> bool {
    party.person.is_some() || party.company.is_some()
}

fn named_people(mail: &Mail) -> Vec<Named<'_>> {
    let named = |role| move |person| Named { person, role, response: Response::None };
    let from = mail.from.iter().map(named(words::ORGANIZER));
    let to = mail.to.iter().map(named(words::role(Role::Required)));
    let cc = mail.cc.iter().map(named(words::role(Role::Optional)));
    let bcc = mail.bcc.iter().map(named(words::role(Role::Resource)));
    from.chain(to).chain(cc).chain(bcc).collect()
}

fn documents(pen: &mut Pen<'_>, attachments: &[Attachment]) -> Vec<NewDocument> {
    let d1 = pen.rules.switches.documents_in_d1;
    let info_area = if d1 { InfoArea::Document } else { InfoArea::CustomerDocument };
    let mut documents = Vec::new();
    for attachment in attachments {
        let (media_type, bytes) = match &attachment.content {
            AttachmentContent::Bytes(bytes) => (attachment.media_type.clone(), bytes.clone()),
            AttachmentContent::Link(address) => (LINK.to_owned(), address.clone().into_bytes()),
            AttachmentContent::LeftOut(reason) => {
                let text = format!("\"{}\" was left out: {reason}", attachment.name);
                pen.notes.push(Note::new("attachment-left-out", text));
                continue;
            }
        };
        documents.push(NewDocument {
            info_area,
            name: attachment.name.clone(),
            media_type,
            size: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            inline: attachment.inline,
            bytes,
        });
    }
    documents
}

pub(super) fn read(eye: Eye<'_>, set: &RecordSet, people: &Linked, zone: &Zone) -> Result<Mail, Unreadable> {
    let record = &set.primary;
    let sent_at = match moments::read(eye, Kind::Mail, record, moments::ACTIVITY, zone)? {
        When::Timed { start, .. } => start,
        whole_day => whole_day.start_in(&zone.time_zone()),
    };
    let with_role = |role: &str| -> Vec<Person> {
        let participants = set.participants.iter().filter(|participant| participant.get("Role") == role);
        participants.map(|participant| participants::read(eye, participant, people)).collect()
    };
    Ok(Mail {
        message_id: eye.owned(record, "MessageID").into(),
        subject: eye.owned(record, "Subject"),
        from: with_role(words::ORGANIZER).into_iter().next(),
        to: with_role(words::role(Role::Required)),
        cc: with_role(words::role(Role::Optional)),
        bcc: with_role(words::role(Role::Resource)),
        sent_at,
        direction: words::read_direction(eye.get(record, "Direction")),
        importance: words::read_importance(eye.get(record, "Priority")),
        categories: list::split(eye.get(record, "Categories")),
        body: body(eye, set),
        attachments: set.documents.iter().map(attachment).collect(),
        additional: eye.additional(record),
    })
}

fn body(eye: Eye<'_>, set: &RecordSet) -> Body {
    let rich = eye.lines(&set.primary, "RichText");
    if !rich.is_empty() {
        return Body { html: true, text: rich, truncated: false };
    }
    let text = eye.lines(&set.primary, "Text");
    let field = eye.name(&set.primary, "Text");
    let text = activity::own_text(eye.rules.missing_attendees(Kind::Mail), field, text, set);
    Body { html: false, text, truncated: false }
}

fn attachment(document: &NewDocument) -> Attachment {
    let link = || std::str::from_utf8(&document.bytes).ok().map(|text| text.trim().to_owned());
    let content = if document.bytes.is_empty() && document.size > 0 {
        AttachmentContent::LeftOut("it stays in the CRM's documents".to_owned())
    } else {
        match link().filter(|text| document.media_type == LINK && !text.contains('\n')) {
            Some(address) => AttachmentContent::Link(address),
            None => AttachmentContent::Bytes(document.bytes.clone()),
        }
    };
    Attachment {
        name: document.name.clone(),
        media_type: document.media_type.clone(),
        size: document.size,
        inline: document.inline,
        content,
    }
}
