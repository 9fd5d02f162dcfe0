//! The administrator's settings as the planner's policy.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use tandem_model::Kind;
use tandem_reconcile::{Direction, MailPolicy, MailRules, Policy};
use tandem_settings::Settings;

/// The policy for items of a kind that travel as pairs.
pub(crate) fn of(settings: &Settings, kind: Kind, now: Timestamp) -> Policy {
    let appointments = &settings.appointments;
    Policy {
        direction: match settings.direction(kind) {
            tandem_settings::Direction::Both => Direction::Both,
            tandem_settings::Direction::ToCrm => Direction::ToCrm,
            tandem_settings::Direction::ToM365 => Direction::ToM365,
        },
        fields: BTreeMap::new(),
        new_only_from_crm: kind == Kind::Appointment && appointments.new_only_from_crm,
        deletions: match kind {
            Kind::Appointment => appointments.deletions,
            Kind::Task => settings.tasks.deletions,
            Kind::Contact | Kind::Absence | Kind::Mail => true,
        },
        private: kind != Kind::Appointment || appointments.private,
        published: appointments.published,
        ignore_before: settings.ignore_before(kind).map(midnight),
        window: window(settings, kind, now),
        mail: MailRules {
            internal: settings.notifications.internal,
            external: settings.notifications.external,
            past: settings.notifications.past,
            on_text_change: settings.notifications.on_text_change,
            own_domains: settings.connection.address_spaces.iter().cloned().collect(),
        },
    }
}

/// The policy for e-mails.
pub(crate) fn of_mail(settings: &Settings) -> MailPolicy {
    MailPolicy {
        owner_not_recipient: settings.emails.owner_not_recipient,
        ignore_before: settings.emails.ignore_before.map(midnight),
    }
}

/// The time frame of a kind: whole UTC days around today, so that it moves once a day and not with every cycle.
pub(crate) fn window(settings: &Settings, kind: Kind, now: Timestamp) -> Option<(Timestamp, Timestamp)> {
    let (past, future) = match kind {
        Kind::Appointment | Kind::Absence => {
            (settings.appointments.past_days, settings.appointments.future_days)
        }
        Kind::Task => (settings.tasks.past_days, settings.tasks.future_days),
        Kind::Mail | Kind::Contact => return None,
    };
    let today = midnight(TimeZone::UTC.to_datetime(now).date());
    let days = |count: u32| SignedDuration::from_hours(24 * i64::from(count));
    let from = today.saturating_sub(days(past)).unwrap_or(Timestamp::MIN);
    let to = today.saturating_add(days(future + 1)).unwrap_or(Timestamp::MAX);
    Some((from, to))
}

fn midnight(day: Date) -> Timestamp {
    TimeZone::UTC.to_timestamp(day.to_datetime(Time::midnight())).unwrap_or(Timestamp::MIN)
}
