//! Strategies that generate anything that can be sent: items, commands and answers.
//!
//! Text holds whatever people and malformed mail put into it, apart from characters that XML cannot hold: what
//! becomes of those is tested by itself. What many strategies are made of is boxed: unboxed, a request's strategy
//! would not fit on the stack of a test.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]
#![allow(dead_code, reason = "each test program uses a part of it")]

use jiff::Timestamp;
use jiff::civil::Date;
use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use tandem_crm_interface::session::{Secret, Session};
use tandem_crm_interface::sync::{
    Answer, Change, ChangePage, Command, ContentType, CurrentRecord, Note, RecordState, Status, StatusCode,
    SyncRequest, Window,
};
use tandem_mapping::{Flow, KindMapping, Mapping, Target};
use tandem_model::{
    Absence, Additional, AdditionalValue, Appointment, Attachment, AttachmentContent, Attendee, Body,
    Contact, Direction, EmailAddress, Importance, InternetMessageId, Item, Kind, Mail, Occurrence, Pattern,
    Person, PostalAddress, RecordId, RelativeIndex, Response, Role, Series, SeriesEnd, ShowAs, Stamp, Task,
    TaskStatus, Weekday, When, Zone,
};

/// Any text that XML can hold, with a taste for what is hard to write in it.
pub fn text() -> BoxedStrategy<String> {
    let piece = prop_oneof![
        4 => "[a-zA-Z0-9 äß€]{1,8}",
        2 => select(vec!["<", ">", "&", "\"", "'", "]]>", "&amp;", "\r\n", "\n", "\r", "\t", "  ", "\u{85}", "\u{2028}",
            "<!--", "<![CDATA[", "\u{fffd}", "\u{feff}", "😀", "e\u{301}", "\u{7f}", "\u{ef}\u{bf}"])
            .prop_map(str::to_owned),
        1 => any::<char>().prop_filter("a character of XML", |c| {
            !matches!(c, '\0'..='\x08' | '\x0B' | '\x0C' | '\x0E'..='\x1F' | '\u{FFFE}' | '\u{FFFF}')
        }).prop_map(String::from),
    ];
    // A repeated text is long enough for a CDATA section.
    let repeated = prop_oneof![19 => Just(1), 1 => Just(60)];
    (vec(piece, 0..5), repeated).prop_map(|(pieces, times)| pieces.concat().repeat(times)).boxed()
}

pub fn address() -> impl Strategy<Value = EmailAddress> {
    prop_oneof![
        "[a-z0-9.'+]{1,8}@[a-z]{1,8}\\.example",
        Just(String::new()),
        Just("/o=org/cn=recipients & co".to_owned()),
    ]
    .prop_map(|address| EmailAddress::new(&address))
}

pub fn person() -> impl Strategy<Value = Person> {
    (text(), address()).prop_map(|(name, address)| Person { name, address })
}

pub fn instant() -> impl Strategy<Value = Timestamp> {
    (-2_000_000_000_i64..4_000_000_000, prop_oneof![Just(0), 0..1_000_000_000_i32])
        .prop_map(|(second, nanosecond)| Timestamp::new(second, nanosecond).unwrap())
}

pub fn date() -> impl Strategy<Value = Date> {
    (1601_i16..2500, 1_i8..=12, 1_i8..=28).prop_map(|(y, m, d)| Date::new(y, m, d).unwrap())
}

pub fn categories() -> impl Strategy<Value = std::collections::BTreeSet<String>> {
    btree_set(text(), 0..3)
}

fn importance() -> impl Strategy<Value = Importance> {
    select(vec![Importance::Low, Importance::Normal, Importance::High])
}

fn response() -> impl Strategy<Value = Response> {
    select(vec![Response::None, Response::Accepted, Response::Tentative, Response::Declined])
}

fn show_as() -> impl Strategy<Value = ShowAs> {
    select(vec![ShowAs::Free, ShowAs::Tentative, ShowAs::Busy, ShowAs::Oof, ShowAs::WorkingElsewhere])
}

fn zone() -> impl Strategy<Value = Zone> {
    select(vec!["UTC", "Europe/Vienna", "America/New_York", "tzone://Microsoft/Custom", "A & B"])
        .prop_map(Zone::new)
}

pub fn when() -> impl Strategy<Value = When> {
    prop_oneof![
        (date(), 1_i64..40).prop_map(|(start, days)| When::AllDay {
            start,
            end: start.saturating_add(jiff::Span::new().days(days)),
        }),
        (instant(), 0_i64..200_000, zone()).prop_map(|(start, seconds, zone)| When::Timed {
            start,
            end: start + jiff::SignedDuration::from_secs(seconds),
            zone,
        }),
    ]
}

fn attachment() -> impl Strategy<Value = Attachment> {
    let content = prop_oneof![
        vec(any::<u8>(), 0..200).prop_map(AttachmentContent::Bytes),
        text().prop_map(AttachmentContent::Link),
        text().prop_map(AttachmentContent::LeftOut),
    ];
    (text(), text(), any::<u64>(), any::<bool>(), content).prop_map(
        |(name, media_type, size, inline, content)| Attachment { name, media_type, size, inline, content },
    )
}

pub fn mail() -> impl Strategy<Value = Mail> {
    let people = || vec(person(), 0..3);
    let body = (any::<bool>(), text(), any::<bool>()).prop_map(|(html, text, truncated)| Body {
        html,
        text,
        truncated,
    });
    (
        (text(), text(), option::of(person()), people(), people(), people()),
        (instant(), select(vec![Direction::In, Direction::Out]), importance(), categories()),
        (body, vec(attachment(), 0..3), additional()),
    )
        .prop_map(
            |((id, subject, from, to, cc, bcc), (sent_at, direction, importance, categories), rest)| Mail {
                message_id: InternetMessageId::new(id),
                subject,
                from,
                to,
                cc,
                bcc,
                sent_at,
                direction,
                importance,
                categories,
                body: rest.0,
                attachments: rest.1,
                additional: rest.2,
            },
        )
}

fn days() -> impl Strategy<Value = std::collections::BTreeSet<Weekday>> {
    btree_set(weekday(), 1..8)
}

fn weekday() -> impl Strategy<Value = Weekday> {
    use Weekday::{Friday, Monday, Saturday, Sunday, Thursday, Tuesday, Wednesday};
    select(vec![Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday])
}

fn pattern() -> impl Strategy<Value = Pattern> {
    use RelativeIndex::{First, Fourth, Last, Second, Third};
    let index = || select(vec![First, Second, Third, Fourth, Last]);
    let interval = || 1_u32..100;
    prop_oneof![
        interval().prop_map(|interval| Pattern::Daily { interval }),
        (interval(), days(), weekday()).prop_map(|(interval, days, first_day)| Pattern::Weekly {
            interval,
            days,
            first_day
        }),
        (interval(), 1_u8..=31).prop_map(|(interval, day)| Pattern::AbsoluteMonthly { interval, day }),
        (interval(), days(), index()).prop_map(|(interval, days, index)| Pattern::RelativeMonthly {
            interval,
            days,
            index
        }),
        (interval(), 1_u8..=12, 1_u8..=31).prop_map(|(interval, month, day)| Pattern::AbsoluteYearly {
            interval,
            month,
            day
        }),
        (interval(), 1_u8..=12, days(), index()).prop_map(|(interval, month, days, index)| {
            Pattern::RelativeYearly { interval, month, days, index }
        }),
    ]
}

fn series() -> impl Strategy<Value = Series> {
    let end = prop_oneof![
        Just(SeriesEnd::Never),
        date().prop_map(SeriesEnd::Until),
        any::<u32>().prop_map(SeriesEnd::Count),
    ];
    let occurrence =
        (when(), text(), text(), text(), show_as()).prop_map(|(when, subject, location, text, show_as)| {
            Occurrence { when, subject, location, text, show_as }
        });
    (pattern(), date(), end, zone(), btree_set(date(), 0..3), btree_map(date(), occurrence, 0..3)).prop_map(
        |(pattern, start, end, zone, cancelled, exceptions)| Series {
            pattern,
            start,
            end,
            zone,
            cancelled,
            exceptions,
        },
    )
}

pub fn appointment() -> impl Strategy<Value = Appointment> {
    let role = select(vec![Role::Required, Role::Optional, Role::Resource]);
    let attendee = (person(), role).prop_map(|(person, role)| Attendee { person, role });
    (
        (text(), text(), text(), when(), show_as(), any::<bool>()),
        (importance(), option::of(any::<u32>()), categories(), option::of(person())),
        (
            btree_set(attendee, 0..4),
            btree_map(address(), response(), 0..4),
            option::of(series()),
            additional(),
        ),
    )
        .prop_map(
            |(
                (subject, text, location, when, show_as, private),
                (importance, reminder_minutes, categories, organizer),
                (attendees, responses, series, additional),
            )| Appointment {
                subject,
                text,
                location,
                when,
                show_as,
                private,
                importance,
                reminder_minutes,
                categories,
                organizer,
                attendees,
                responses,
                series,
                additional,
            },
        )
}

pub fn task() -> impl Strategy<Value = Task> {
    use TaskStatus::{Completed, Deferred, InProgress, NotStarted, WaitingOnOthers};
    let status = select(vec![NotStarted, InProgress, Completed, WaitingOnOthers, Deferred]);
    let day = || option::of(date());
    (text(), text(), status, importance(), day(), day(), day(), option::of(instant()), categories()).prop_map(
        |(subject, text, status, importance, start, due, completed, reminder, categories)| Task {
            subject,
            text,
            status,
            importance,
            start,
            due,
            completed,
            reminder,
            categories,
        },
    )
}

pub fn contact() -> impl Strategy<Value = Contact> {
    let place = || {
        (text(), text(), text(), text(), text()).prop_map(|(street, postal_code, city, state, country)| {
            PostalAddress { street, postal_code, city, state, country }
        })
    };
    (
        (text(), text(), text(), text(), text(), text()),
        (vec(address(), 0..4), vec(text(), 0..3), text(), vec(text(), 0..3)),
        (place(), place(), option::of(date()), text(), categories(), additional()),
    )
        .prop_map(
            |(
                (given_name, surname, title, company, job_title, department),
                (emails, business_phones, mobile_phone, home_phones),
                (business_address, home_address, birthday, notes, categories, additional),
            )| Contact {
                given_name,
                surname,
                title,
                company,
                job_title,
                department,
                emails,
                business_phones,
                mobile_phone,
                home_phones,
                business_address,
                home_address,
                birthday,
                notes,
                categories,
                additional,
            },
        )
}

/// Additional fields of every type.
pub fn additional() -> BoxedStrategy<Additional> {
    let value = prop_oneof![
        any::<bool>().prop_map(AdditionalValue::Boolean),
        any::<i64>().prop_map(AdditionalValue::Integer),
        text().prop_map(AdditionalValue::Text),
        date().prop_map(|date| AdditionalValue::Date { date }),
        (-1e9..1e9_f64)
            .prop_map(|number| AdditionalValue::Decimal { decimal: number.to_string().parse().unwrap() }),
    ];
    vec((text(), value), 0..4).prop_map(|fields| fields.into_iter().collect()).boxed()
}

pub fn absence() -> impl Strategy<Value = Absence> {
    (text(), text(), when(), additional()).prop_map(|(subject, text, when, additional)| Absence {
        show_as: ShowAs::Oof,
        subject,
        text,
        when,
        additional,
    })
}

pub fn item() -> BoxedStrategy<Item> {
    prop_oneof![
        mail().prop_map(Item::Mail),
        appointment().prop_map(Item::Appointment),
        task().prop_map(Item::Task),
        contact().prop_map(Item::Contact),
        absence().prop_map(Item::Absence),
    ]
    .boxed()
}

pub fn record() -> impl Strategy<Value = RecordId> {
    ("[A-Z][A-Z0-9]", any::<u64>()).prop_map(|(area, id)| RecordId::new(format!("{area}:{id}")))
}

pub fn content_type() -> impl Strategy<Value = ContentType> {
    select(ContentType::ALL.to_vec())
}

fn stamp() -> impl Strategy<Value = Stamp> {
    any::<u64>().prop_map(Stamp)
}

pub fn command() -> impl Strategy<Value = Command> {
    let window = (instant(), instant()).prop_map(|(from, to)| Window { from, to });
    prop_oneof![
        (content_type(), stamp(), option::of(window), any::<u32>()).prop_map(
            |(content_type, since, window, limit)| Command::Changes { content_type, since, window, limit }
        ),
        (text(), item(), any::<bool>()).prop_map(|(key, item, published)| Command::Add {
            key,
            item,
            published
        }),
        (record(), item(), btree_set(text(), 0..4), option::of(stamp()))
            .prop_map(|(record, item, fields, if_stamp)| Command::Replace { record, item, fields, if_stamp }),
        (record(), address(), response()).prop_map(|(record, address, response)| Command::Participation {
            record,
            address,
            response
        }),
        (record(), content_type(), option::of(stamp()))
            .prop_map(|(record, content_type, if_stamp)| Command::Delete { record, content_type, if_stamp }),
        (record(), content_type(), text()).prop_map(|(record, content_type, key)| Command::Map {
            record,
            content_type,
            key
        }),
        (record(), content_type()).prop_map(|(record, content_type)| Command::Get { record, content_type }),
        Just(Command::Fields),
    ]
}

/// What a CRM may say about its fields.
pub fn mapping() -> impl Strategy<Value = Mapping> {
    let flow = || select(vec![Flow::Both, Flow::ToCrm, Flow::ToM365, Flow::Off]);
    let id = "(String|Integer) \\{00020329-0000-0000-c000-000000000046\\} (Name [a-zA-Z<&]{1,8}|Id 0x8[0-9a-f]{3})";
    let kind = select(vec![Kind::Mail, Kind::Appointment, Kind::Contact, Kind::Absence]);
    let fields = (vec((id, flow()), 0..4), btree_map("[a-z_]{1,8}", flow(), 0..3));
    vec((kind, fields), 0..4).prop_map(|kinds| {
        let mut mapping = Mapping::default();
        for (kind, (additional, changed)) in kinds {
            let targets = additional.into_iter().map(|(id, flow)| (Target::parse(kind, &id).unwrap(), flow));
            let additional = targets.map(|(target, flow)| (target.id.clone(), (target, flow))).collect();
            mapping.set(kind, KindMapping { additional, changed });
        }
        mapping
    })
}

/// A session as both halves of the language carry it: by password or by token.
pub fn session() -> impl Strategy<Value = Session> {
    let value = || option::of(text());
    let language = option::of(select(vec!["de", "en", "ja", "xx"]));
    (text(), text(), option::of("[!-~]{1,40}"), value(), value(), value(), language).prop_map(
        |(user, password, token, client, principal, client_id, language)| {
            let login = |text| if token.is_some() { String::new() } else { text };
            Session {
                user: login(user),
                password: Secret::new(login(password)),
                token: token.as_deref().map(Secret::new),
                client,
                principal,
                client_id,
                language: language.map(str::to_owned),
                ..Session::default()
            }
        },
    )
}

pub fn request() -> impl Strategy<Value = SyncRequest> {
    (session(), vec(command(), 0..6)).prop_map(|(session, commands)| SyncRequest { session, commands })
}

fn change() -> impl Strategy<Value = Change> {
    let state = prop_oneof![
        (item(), any::<bool>(), any::<bool>()).prop_map(|(item, published, wins)| RecordState::Present {
            item: Box::new(item),
            published,
            wins
        }),
        Just(RecordState::Deleted),
        Just(RecordState::Reassigned),
    ];
    (record(), vec(text(), 0..3), stamp(), option::of(instant()), state)
        .prop_map(|(record, keys, stamp, modified, state)| Change { record, keys, stamp, modified, state })
}

fn status() -> impl Strategy<Value = Status> {
    let note = (text(), text()).prop_map(|(code, text)| Note { code, text });
    (
        (200_u16..600).prop_map(StatusCode),
        option::of(record()),
        option::of(stamp()),
        option::of(item()),
        option::of(text()),
        option::of(text()),
        vec(note, 0..3),
    )
        .prop_map(|(code, record, stamp, item, reason, text, notes)| Status {
            code,
            record,
            stamp,
            item,
            reason,
            text,
            notes,
        })
}

/// An answer that fits the command: its own kind, or a failure.
pub fn answer(command: &Command) -> BoxedStrategy<Answer> {
    let failure = status().prop_map(|status| {
        let code = if status.code.is_success() { StatusCode(status.code.0 + 200) } else { status.code };
        Answer::Status(Status { code, ..status })
    });
    match command {
        Command::Changes { .. } => prop_oneof![
            3 => (vec(change(), 0..4), stamp(), any::<bool>())
                .prop_map(|(changes, next, more)| Answer::Changes(ChangePage { changes, next, more })),
            1 => failure,
        ]
        .boxed(),
        Command::Get { .. } => prop_oneof![
            3 => change().prop_map(|change| Answer::Record(CurrentRecord::Known(change))),
            1 => Just(Answer::Record(CurrentRecord::Unknown)),
            1 => failure,
        ]
        .boxed(),
        Command::Fields => prop_oneof![3 => mapping().prop_map(Answer::Fields), 1 => failure].boxed(),
        _ => status().prop_map(Answer::Status).boxed(),
    }
}
