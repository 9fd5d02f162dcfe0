//! The settings, one row each, in the order of the configurator's tabs.

use crate::schema::{Preset, Setting, Shape, Tab};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// The pause between two cycles: 0 is "as often as possible" (setup guide, configurator).
const INTERVAL: Shape = Shape::Period { min: 0, max: 7 * DAY };
/// Days before or after today: up to fifty years.
const DAYS: Shape = Shape::Number { min: 0, max: 18_250, unit: "days" };
const DIRECTION: Shape = Shape::Choice(&["both", "to-crm", "to-m365"]);
/// The predecessor's limit for the mail system, taken for both sides.
const TIMEOUT: Shape = Shape::Period { min: 1, max: HOUR };

const fn row(key: &'static str, tab: Tab, shape: Shape, preset: Preset, help: &'static str) -> Setting {
    Setting { key, tab, shape, preset, help, since: "0.1.0" }
}

const fn flag(key: &'static str, tab: Tab, on: bool, help: &'static str) -> Setting {
    row(key, tab, Shape::Flag, Preset::Flag(on), help)
}

/// All settings.
pub const SETTINGS: &[Setting] = &[
    // Connection
    row(
        "connection.address_spaces",
        Tab::Connection,
        Shape::Domains,
        Preset::Required,
        "Mail address spaces: the domains whose mailboxes are synchronised, without \"@\". Reps with an address \
         elsewhere are left out and reported.",
    ),
    row(
        "connection.mailbox_refresh",
        Tab::Connection,
        Shape::Period { min: MINUTE, max: 7 * DAY },
        Preset::Text("24h"),
        "Pause between two looks at the CRM's reps and the tenant's users for new, changed and gone mailboxes. They \
         are looked at on every start, too.",
    ),
    row(
        "connection.mailbox_allow_list",
        Tab::Connection,
        Shape::Addresses,
        Preset::Empty,
        "Addresses of the mailboxes of a pilot: when the list is not empty, all others are left out.",
    ),
    row(
        "connection.crm_url",
        Tab::Connection,
        Shape::Url,
        Preset::Required,
        "Address of CRM.interface, as in \"https://crm.example.com/CRMinterface/xml\". Plain http is accepted for \
         this machine only.",
    ),
    row(
        "connection.crm_login",
        Tab::Connection,
        Shape::Choice(&["password", "token"]),
        Preset::Text("password"),
        "How the connector logs in at CRM.interface: with user and password, or with a token for each request, which \
         holds neither the password nor anything that is good twice. The embedded CRM takes both, and tokens only where \
         Force login encryption is on. How the original interface builds its tokens is not published, so it takes \
         passwords only.",
    ),
    row(
        "connection.graph_url",
        Tab::Connection,
        Shape::Url,
        Preset::Text("https://graph.microsoft.com"),
        "Address of Microsoft Graph, without version. National clouds and the simulated tenant have others.",
    ),
    row(
        "connection.login_url",
        Tab::Connection,
        Shape::Url,
        Preset::Text("https://login.microsoftonline.com"),
        "Address of the token service (Microsoft Entra), without tenant.",
    ),
    row(
        "connection.users_file",
        Tab::Connection,
        Shape::File,
        Preset::Text("users.xml"),
        "The file with the credentials: the app registration and the CRM's master user.",
    ),
    flag(
        "connection.allow_plain_credentials",
        Tab::Connection,
        false,
        "Accept a users.xml whose secrets are not encrypted. For trials.",
    ),
    row(
        "connection.store",
        Tab::Connection,
        Shape::File,
        Preset::Text("tandem.db"),
        "The file in which the connector keeps what it knows (SQLite). One connector, one store.",
    ),
    row(
        "connection.database",
        Tab::Connection,
        Shape::Database,
        Preset::Unset,
        "A PostgreSQL database that is used instead of the file `connection.store`, for large installations. The tables \
         are made in it, in the schema `tandem`. A server on another machine is spoken to over TLS only.",
    ),
    row(
        "connection.database_password_file",
        Tab::Connection,
        Shape::File,
        Preset::Unset,
        "The file whose first line is the password for `connection.database`; readable by the connector's user only.",
    ),
    row(
        "connection.installation",
        Tab::Connection,
        Shape::Name,
        Preset::Text("tandem"),
        "Name of this installation. The CRM sees it as the ClientID of the connector's sessions; do not change it \
         once items have been synchronised.",
    ),
    row(
        "connection.workers",
        Tab::Connection,
        Shape::Number { min: 1, max: 256, unit: "mailboxes" },
        Preset::Number(8),
        "How many mailboxes are worked on at the same time.",
    ),
    // E-Mails
    flag("emails.enabled", Tab::EMails, true, "Synchronise e-mails: Microsoft 365 to the CRM, never back."),
    row(
        "emails.interval",
        Tab::EMails,
        INTERVAL,
        Preset::Text("10m"),
        "Pause between the end of a cycle and the start of the next, or less where another kind of the same interval is due; \"0s\" is as often as possible.",
    ),
    row(
        "emails.folder",
        Tab::EMails,
        Shape::FolderPath,
        Preset::Text("/Inbox/crm"),
        "The synchronisation folder. Mails in it and in its subfolders travel. \"/Inbox\" stands for the inbox in any \
         language.",
    ),
    flag("emails.create_folder", Tab::EMails, true, "Create the synchronisation folder where it is missing."),
    flag(
        "emails.owner_not_recipient",
        Tab::EMails,
        false,
        "Synchronise even if the owner of the mailbox is not among sender and recipients, as with blind copies and \
         lists.",
    ),
    flag("emails.html", Tab::EMails, false, "Take the HTML text instead of plain text."),
    row(
        "emails.max_content_chars",
        Tab::EMails,
        Shape::Number { min: 1_000, max: 10_000_000, unit: "characters" },
        Preset::Number(1_000_000),
        "Longest text; the rest is cut off, which the journal and the activity tell.",
    ),
    flag("emails.attachments", Tab::EMails, true, "Store attachments as documents of the activity."),
    row(
        "emails.attachment_limit_kb",
        Tab::EMails,
        Shape::Number { min: 0, max: 153_600, unit: "KB" },
        Preset::Number(0),
        "Attachments larger than this stay behind, which the journal and the activity tell; 0 = no limit. Exchange \
         itself allows 150 MB.",
    ),
    flag(
        "emails.move_success",
        Tab::EMails,
        true,
        "Move a mail to the success folder when it is in the CRM. Otherwise it stays where it is and is known as done.",
    ),
    row(
        "emails.success_folder",
        Tab::EMails,
        Shape::FolderName,
        Preset::Text("Sync_Success"),
        "Subfolder of the synchronisation folder for mails that are in the CRM. Never input.",
    ),
    flag(
        "emails.move_failure",
        Tab::EMails,
        true,
        "Move a mail to the failure folder when the CRM refuses it. Dragged back out, it is tried again.",
    ),
    row(
        "emails.failure_folder",
        Tab::EMails,
        Shape::FolderName,
        Preset::Text("Sync_Failure"),
        "Subfolder of the synchronisation folder for mails that the CRM refused. Never input.",
    ),
    row(
        "emails.ignore_before",
        Tab::EMails,
        Shape::Day,
        Preset::Unset,
        "Leave mails alone that were sent before this day (UTC), as after a move from another connector.",
    ),
    // Appoint. (I)
    flag("appointments.enabled", Tab::AppointI, true, "Synchronise appointments."),
    row(
        "appointments.interval",
        Tab::AppointI,
        INTERVAL,
        Preset::Text("10m"),
        "Pause between the end of a cycle and the start of the next, or less where another kind of the same interval is due; \"0s\" is as often as possible.",
    ),
    row(
        "appointments.past_days",
        Tab::AppointI,
        DAYS,
        Preset::Number(7),
        "Time frame before today, by scheduled date, both ways.",
    ),
    row(
        "appointments.future_days",
        Tab::AppointI,
        DAYS,
        Preset::Number(7),
        "Time frame after today, by scheduled date, both ways.",
    ),
    flag(
        "appointments.private",
        Tab::AppointI,
        false,
        "Synchronise private appointments. Of those left out nothing but the opaque id is stored.",
    ),
    row(
        "appointments.ignore_before",
        Tab::AppointI,
        Shape::Day,
        Preset::Unset,
        "Leave appointments alone that were created before this day (UTC), as after a move from another connector.",
    ),
    // Appoint. (Ia)
    row(
        "appointments.direction",
        Tab::AppointIa,
        DIRECTION,
        Preset::Text("both"),
        "Which way appointments travel: both, to-crm or to-m365.",
    ),
    flag(
        "appointments.new_only_from_crm",
        Tab::AppointIa,
        false,
        "New appointments come from the CRM only; changes of known ones travel by the direction.",
    ),
    flag(
        "appointments.published",
        Tab::AppointIa,
        true,
        "Take appointments into the CRM that somebody else called: a customer, or a colleague who is not synchronised. \
         The CRM marks their records as published; what is changed or deleted there does not reach Outlook, until the \
         organiser is synchronised himself. Off, they stay in Outlook only.",
    ),
    // Appoint. (II)
    flag(
        "appointments.absences",
        Tab::AppointII,
        true,
        "Synchronise the CRM's absences as out-of-office events. They never travel back.",
    ),
    flag(
        "appointments.deletions",
        Tab::AppointII,
        true,
        "Synchronise deletions. In the CRM a deleted appointment is marked, not removed.",
    ),
    // Appointment notification rules
    flag(
        "notifications.internal",
        Tab::NotificationRules,
        true,
        "Attendees within the address spaces get invitations, updates and cancellations for changes of time, place or \
         attendees that the organiser makes in the CRM.",
    ),
    flag("notifications.external", Tab::NotificationRules, true, "The same for all other attendees."),
    flag("notifications.past", Tab::NotificationRules, false, "Also for appointments that are over."),
    flag(
        "notifications.on_text_change",
        Tab::NotificationRules,
        false,
        "Also when nothing but the text changed.",
    ),
    // Contacts
    flag(
        "contacts.enabled",
        Tab::Contacts,
        true,
        "Synchronise persons and companies with the address books.",
    ),
    row(
        "contacts.interval",
        Tab::Contacts,
        INTERVAL,
        Preset::Text("24h"),
        "Pause between the end of a cycle and the start of the next, or less where another kind of the same interval is due, counted from the start of the connector; \"0s\" \
         is as often as possible.",
    ),
    row(
        "contacts.direction",
        Tab::Contacts,
        DIRECTION,
        Preset::Text("both"),
        "Which way contacts travel: both, to-crm or to-m365. New contacts become persons only if the CRM's \
         settings.xml allows it.",
    ),
    row(
        "contacts.ignore_before",
        Tab::Contacts,
        Shape::Day,
        Preset::Unset,
        "Leave contacts alone that were created before this day (UTC), as after a move from another connector.",
    ),
    // Tasks
    flag("tasks.enabled", Tab::Tasks, true, "Synchronise tasks with To Do."),
    row(
        "tasks.interval",
        Tab::Tasks,
        INTERVAL,
        Preset::Text("10m"),
        "Pause between the end of a cycle and the start of the next, or less where another kind of the same interval is due; \"0s\" is as often as possible.",
    ),
    row(
        "tasks.past_days",
        Tab::Tasks,
        DAYS,
        Preset::Number(7),
        "Time frame before today, by due date, else start date.",
    ),
    row(
        "tasks.future_days",
        Tab::Tasks,
        DAYS,
        Preset::Number(7),
        "Time frame after today, by due date, else start date.",
    ),
    row(
        "tasks.direction",
        Tab::Tasks,
        DIRECTION,
        Preset::Text("both"),
        "Which way tasks travel: both, to-crm or to-m365.",
    ),
    flag(
        "tasks.deletions",
        Tab::Tasks,
        true,
        "Synchronise deletions. In the CRM a deleted task is marked, not removed.",
    ),
    row(
        "tasks.ignore_before",
        Tab::Tasks,
        Shape::Day,
        Preset::Unset,
        "Leave tasks alone that were created before this day (UTC), as after a move from another connector.",
    ),
    // Error Handling
    row(
        "errors.crm_timeout",
        Tab::ErrorHandling,
        TIMEOUT,
        Preset::Text("60s"),
        "Longest wait for an answer of CRM.interface.",
    ),
    row(
        "errors.graph_timeout",
        Tab::ErrorHandling,
        TIMEOUT,
        Preset::Text("60s"),
        "Longest wait for an answer of Microsoft Graph. A task or contact whose making was not answered is made anew ten \
         times as long after, if it has not come until then.",
    ),
    row(
        "errors.exclude_after_errors",
        Tab::ErrorHandling,
        Shape::Number { min: 0, max: 1_000, unit: "errors" },
        Preset::Number(10),
        "A mailbox is left out after so many access errors in a row, until the next start or refresh of the list; 0 = \
         never.",
    ),
    row(
        "errors.delete_guard_count",
        Tab::ErrorHandling,
        Shape::Number { min: 0, max: 100_000, unit: "items" },
        Preset::Number(10),
        "Deletions of one kind in one cycle of a mailbox wait for a person's consent when they are more than this \
         number and more than the percentage below.",
    ),
    row(
        "errors.delete_guard_percent",
        Tab::ErrorHandling,
        Shape::Number { min: 0, max: 100, unit: "percent" },
        Preset::Number(25),
        "The percentage that belongs to the number above, of the mailbox's synchronised items of that kind.",
    ),
    row(
        "errors.retry_first",
        Tab::ErrorHandling,
        Shape::Period { min: 1, max: HOUR },
        Preset::Text("30s"),
        "Pause before what failed is tried again; it doubles with each further failure.",
    ),
    row(
        "errors.retry_max",
        Tab::ErrorHandling,
        Shape::Period { min: 1, max: 7 * DAY },
        Preset::Text("1h"),
        "Longest pause before what failed is tried again.",
    ),
    row(
        "errors.journal_days",
        Tab::ErrorHandling,
        Shape::Number { min: 1, max: 3_650, unit: "days" },
        Preset::Number(90),
        "How long the journal is kept.",
    ),
];
