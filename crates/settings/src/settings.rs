//! The settings as typed values.

use crate::values::Values;
use jiff::civil::Date;
use std::path::PathBuf;
use std::time::Duration;
use tandem_model::{EmailAddress, Kind};
use url::Url;

/// Which way items of a kind travel.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Direction {
    /// Both ways.
    #[default]
    Both,
    /// From Microsoft 365 to the CRM only.
    ToCrm,
    /// From the CRM to Microsoft 365 only.
    ToM365,
}

impl Direction {
    /// Whether changes in Microsoft 365 travel to the CRM.
    pub fn to_crm(self) -> bool {
        self != Direction::ToM365
    }

    /// Whether changes in the CRM travel to Microsoft 365.
    pub fn to_m365(self) -> bool {
        self != Direction::ToCrm
    }

    pub(crate) fn of_word(word: &str) -> Self {
        match word {
            "to-crm" => Direction::ToCrm,
            "to-m365" => Direction::ToM365,
            _ => Direction::Both,
        }
    }
}

/// How the connector logs in at CRM.interface.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum CrmLogin {
    /// User and password in each request.
    #[default]
    Password,
    /// A token in each request, good once and for two minutes.
    Token,
}

/// All settings. Each field is explained in the reference under the key of the same name.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "the fields are the sections of the reference")]
pub struct Settings {
    pub connection: Connection,
    pub emails: Emails,
    pub appointments: Appointments,
    pub notifications: Notifications,
    pub contacts: Contacts,
    pub tasks: Tasks,
    pub errors: Errors,
}

/// Where everything is.
#[derive(Debug, Clone, PartialEq)]
pub struct Connection {
    /// CRM.interface.
    pub crm_url: Url,
    /// How to log in there.
    pub crm_login: CrmLogin,
    /// Microsoft Graph, without version.
    pub graph_url: Url,
    /// Token service of Entra, without tenant.
    pub login_url: Url,
    /// Domains in lower case, without "@"; never empty.
    pub address_spaces: Vec<String>,
    /// `users.xml`; absolute, or relative to the working directory as the settings file's own path is.
    pub users_file: PathBuf,
    /// The store; as `users_file`.
    pub store: PathBuf,
    /// Address of the PostgreSQL database that is used instead of `store`.
    pub database: Option<String>,
    /// The file with its password; as `users_file`.
    pub database_password_file: Option<PathBuf>,
    /// Whether credentials in plain text are accepted.
    pub allow_plain_credentials: bool,
    /// Name of this installation, sent to the CRM as `ClientID`.
    pub installation: String,
    /// Mailboxes worked on at the same time.
    pub workers: u32,
    /// Pause between two looks at the list of mailboxes.
    pub mailbox_refresh: Duration,
    /// When not empty: only these mailboxes.
    pub mailbox_allow_list: Vec<EmailAddress>,
}

/// E-mails, Microsoft 365 to the CRM.
#[derive(Debug, Clone, PartialEq)]
pub struct Emails {
    /// Whether they travel at all.
    pub enabled: bool,
    /// Pause between the end of a cycle and the start of the next, or less where another kind of the same interval is due.
    pub interval: Duration,
    /// Path of the synchronisation folder, beginning with "/".
    pub folder: String,
    /// Whether a missing folder is created.
    pub create_folder: bool,
    /// Whether a mail travels whose recipients do not name the owner of the mailbox.
    pub owner_not_recipient: bool,
    /// HTML instead of plain text.
    pub html: bool,
    /// Longest text, in characters.
    pub max_content_chars: u64,
    /// Whether attachments travel.
    pub attachments: bool,
    /// Largest attachment in KB (1024 bytes); 0 = no limit.
    pub attachment_limit_kb: u64,
    /// Whether a mail moves to `success_folder` when it is in the CRM.
    pub move_success: bool,
    /// Subfolder of `folder`.
    pub success_folder: String,
    /// Whether a mail moves to `failure_folder` when the CRM refuses it.
    pub move_failure: bool,
    /// Subfolder of `folder`.
    pub failure_folder: String,
    /// Mails sent before the beginning of this day (UTC) stay out.
    pub ignore_before: Option<Date>,
}

/// Appointments and absences.
#[derive(Debug, Clone, PartialEq)]
pub struct Appointments {
    /// Whether they travel at all.
    pub enabled: bool,
    /// Pause between the end of a cycle and the start of the next, or less where another kind of the same interval is due.
    pub interval: Duration,
    /// Days before today, by scheduled date.
    pub past_days: u32,
    /// Days after today, by scheduled date.
    pub future_days: u32,
    /// Which way.
    pub direction: Direction,
    /// New ones come from the CRM only; changes travel by `direction`.
    pub new_only_from_crm: bool,
    /// Whether private ones travel.
    pub private: bool,
    /// Whether those travel whose organiser is not synchronised.
    pub published: bool,
    /// Whether deletions travel.
    pub deletions: bool,
    /// Whether absences travel from the CRM to Microsoft 365.
    pub absences: bool,
    /// Appointments created before the beginning of this day (UTC) stay out.
    pub ignore_before: Option<Date>,
}

/// Who may get mail because of a change that was made in the CRM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Notifications {
    /// Attendees within the address spaces.
    pub internal: bool,
    /// All other attendees.
    pub external: bool,
    /// Also about appointments that are over.
    pub past: bool,
    /// Also when nothing but the text changed.
    pub on_text_change: bool,
}

/// Persons and companies.
#[derive(Debug, Clone, PartialEq)]
pub struct Contacts {
    /// Whether they travel at all.
    pub enabled: bool,
    /// Pause between the end of a cycle and the start of the next, or less where another kind of the same interval is due.
    pub interval: Duration,
    /// Which way.
    pub direction: Direction,
    /// Contacts created before the beginning of this day (UTC) stay out.
    pub ignore_before: Option<Date>,
}

/// Tasks.
#[derive(Debug, Clone, PartialEq)]
pub struct Tasks {
    /// Whether they travel at all.
    pub enabled: bool,
    /// Pause between the end of a cycle and the start of the next, or less where another kind of the same interval is due.
    pub interval: Duration,
    /// Days before today, by due date, else start date.
    pub past_days: u32,
    /// Days after today, by due date, else start date.
    pub future_days: u32,
    /// Which way.
    pub direction: Direction,
    /// Whether deletions travel.
    pub deletions: bool,
    /// Tasks created before the beginning of this day (UTC) stay out.
    pub ignore_before: Option<Date>,
}

/// Time limits, retries, guards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Errors {
    /// Time limit of a request to CRM.interface.
    pub crm_timeout: Duration,
    /// Time limit of a request to Microsoft Graph.
    pub graph_timeout: Duration,
    /// Access errors in a row after which a mailbox is left out; 0 = never.
    pub exclude_after_errors: u32,
    /// Deletions of one kind in one cycle of a mailbox that need nobody's consent.
    pub delete_guard_count: u32,
    /// The same in percent of the mailbox's items of that kind.
    pub delete_guard_percent: u32,
    /// Days for which journal lines are kept.
    pub journal_days: u32,
    /// Pause before the first repetition of what failed.
    pub retry_first: Duration,
    /// Longest pause between two repetitions.
    pub retry_max: Duration,
}

impl Settings {
    /// Whether items of a kind travel at all. Absences follow appointments.
    pub fn enabled(&self, kind: Kind) -> bool {
        match kind {
            Kind::Mail => self.emails.enabled,
            Kind::Appointment => self.appointments.enabled,
            Kind::Absence => self.appointments.enabled && self.appointments.absences,
            Kind::Contact => self.contacts.enabled,
            Kind::Task => self.tasks.enabled,
        }
    }

    /// Pause between the end of a cycle of a kind and the start of the next.
    pub fn interval(&self, kind: Kind) -> Duration {
        match kind {
            Kind::Mail => self.emails.interval,
            Kind::Appointment | Kind::Absence => self.appointments.interval,
            Kind::Contact => self.contacts.interval,
            Kind::Task => self.tasks.interval,
        }
    }

    /// Which way items of a kind travel. E-mails and absences have one way only.
    pub fn direction(&self, kind: Kind) -> Direction {
        match kind {
            Kind::Mail => Direction::ToCrm,
            Kind::Absence => Direction::ToM365,
            Kind::Appointment => self.appointments.direction,
            Kind::Contact => self.contacts.direction,
            Kind::Task => self.tasks.direction,
        }
    }

    /// The day before which items of a kind are left alone.
    pub fn ignore_before(&self, kind: Kind) -> Option<Date> {
        match kind {
            Kind::Mail => self.emails.ignore_before,
            Kind::Appointment | Kind::Absence => self.appointments.ignore_before,
            Kind::Contact => self.contacts.ignore_before,
            Kind::Task => self.tasks.ignore_before,
        }
    }

    /// Whether an address belongs to one of the address spaces.
    pub fn in_address_space(&self, address: &EmailAddress) -> bool {
        self.connection.address_spaces.iter().any(|space| space == address.domain())
    }

    /// None when a required setting has no value.
    pub(crate) fn of(values: &mut Values<'_>) -> Option<Self> {
        Some(Self {
            connection: Connection::of(values)?,
            emails: Emails::of(values),
            appointments: Appointments::of(values),
            notifications: Notifications {
                internal: values.flag("notifications.internal"),
                external: values.flag("notifications.external"),
                past: values.flag("notifications.past"),
                on_text_change: values.flag("notifications.on_text_change"),
            },
            contacts: Contacts {
                enabled: values.flag("contacts.enabled"),
                interval: values.period("contacts.interval"),
                direction: values.direction("contacts.direction"),
                ignore_before: values.day("contacts.ignore_before"),
            },
            tasks: Tasks {
                enabled: values.flag("tasks.enabled"),
                interval: values.period("tasks.interval"),
                past_days: values.small("tasks.past_days"),
                future_days: values.small("tasks.future_days"),
                direction: values.direction("tasks.direction"),
                deletions: values.flag("tasks.deletions"),
                ignore_before: values.day("tasks.ignore_before"),
            },
            errors: Errors {
                crm_timeout: values.period("errors.crm_timeout"),
                graph_timeout: values.period("errors.graph_timeout"),
                exclude_after_errors: values.small("errors.exclude_after_errors"),
                delete_guard_count: values.small("errors.delete_guard_count"),
                delete_guard_percent: values.small("errors.delete_guard_percent"),
                journal_days: values.small("errors.journal_days"),
                retry_first: values.period("errors.retry_first"),
                retry_max: values.period("errors.retry_max"),
            },
        })
    }
}

impl Connection {
    fn of(values: &mut Values<'_>) -> Option<Self> {
        Some(Self {
            crm_url: values.url("connection.crm_url")?,
            crm_login: match values.text("connection.crm_login").as_str() {
                "token" => CrmLogin::Token,
                _ => CrmLogin::Password,
            },
            graph_url: values.url("connection.graph_url")?,
            login_url: values.url("connection.login_url")?,
            address_spaces: values.list("connection.address_spaces"),
            users_file: values.path("connection.users_file"),
            store: values.path("connection.store"),
            database: values.optional_text("connection.database"),
            database_password_file: values.optional_path("connection.database_password_file"),
            allow_plain_credentials: values.flag("connection.allow_plain_credentials"),
            installation: values.text("connection.installation"),
            workers: values.small("connection.workers"),
            mailbox_refresh: values.period("connection.mailbox_refresh"),
            mailbox_allow_list: values
                .list("connection.mailbox_allow_list")
                .iter()
                .map(|address| EmailAddress::new(address))
                .collect(),
        })
    }
}

impl Emails {
    fn of(values: &mut Values<'_>) -> Self {
        Self {
            enabled: values.flag("emails.enabled"),
            interval: values.period("emails.interval"),
            folder: values.text("emails.folder"),
            create_folder: values.flag("emails.create_folder"),
            owner_not_recipient: values.flag("emails.owner_not_recipient"),
            html: values.flag("emails.html"),
            max_content_chars: values.number("emails.max_content_chars"),
            attachments: values.flag("emails.attachments"),
            attachment_limit_kb: values.number("emails.attachment_limit_kb"),
            move_success: values.flag("emails.move_success"),
            success_folder: values.text("emails.success_folder"),
            move_failure: values.flag("emails.move_failure"),
            failure_folder: values.text("emails.failure_folder"),
            ignore_before: values.day("emails.ignore_before"),
        }
    }
}

impl Appointments {
    fn of(values: &mut Values<'_>) -> Self {
        Self {
            enabled: values.flag("appointments.enabled"),
            interval: values.period("appointments.interval"),
            past_days: values.small("appointments.past_days"),
            future_days: values.small("appointments.future_days"),
            direction: values.direction("appointments.direction"),
            new_only_from_crm: values.flag("appointments.new_only_from_crm"),
            private: values.flag("appointments.private"),
            published: values.flag("appointments.published"),
            deletions: values.flag("appointments.deletions"),
            absences: values.flag("appointments.absences"),
            ignore_before: values.day("appointments.ignore_before"),
        }
    }
}
