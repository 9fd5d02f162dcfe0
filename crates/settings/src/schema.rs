//! What there is to know about a setting.

/// The tab of the configurator on which a setting stands, with the setup guide's names and order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names are the guide's")]
pub enum Tab {
    Connection,
    EMails,
    AppointI,
    AppointIa,
    AppointII,
    NotificationRules,
    Contacts,
    Tasks,
    ErrorHandling,
}

impl Tab {
    /// All tabs, in the guide's order.
    pub const ALL: [Tab; 9] = [
        Tab::Connection,
        Tab::EMails,
        Tab::AppointI,
        Tab::AppointIa,
        Tab::AppointII,
        Tab::NotificationRules,
        Tab::Contacts,
        Tab::Tasks,
        Tab::ErrorHandling,
    ];

    /// The tab's caption.
    pub fn caption(self) -> &'static str {
        match self {
            Tab::Connection => "Connection",
            Tab::EMails => "E-Mails",
            Tab::AppointI => "Appoint. (I)",
            Tab::AppointIa => "Appoint. (Ia)",
            Tab::AppointII => "Appoint. (II)",
            Tab::NotificationRules => "Appointment notification rules",
            Tab::Contacts => "Contacts",
            Tab::Tasks => "Tasks",
            Tab::ErrorHandling => "Error Handling",
        }
    }
}

/// Which values a setting takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// `true` or `false`.
    Flag,
    /// A whole number, limits included.
    Number {
        /// Smallest.
        min: u64,
        /// Largest.
        max: u64,
        /// What is counted.
        unit: &'static str,
    },
    /// A time span such as `"10m"`, limits in seconds, included.
    Period {
        /// Shortest, in seconds.
        min: u64,
        /// Longest, in seconds.
        max: u64,
    },
    /// A word of 1 to 64 letters, digits, `.`, `_` and `-`.
    Name,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// An https address; plain http to this machine only.
    Url,
    /// Address of a PostgreSQL database, without a password.
    Database,
    /// A file; relative to the directory of the settings file.
    File,
    /// A mail folder's path that begins with `/`.
    FolderPath,
    /// A mail folder's name.
    FolderName,
    /// A day such as `2026-11-01`.
    Day,
    /// Domains, without `@`.
    Domains,
    /// E-mail addresses.
    Addresses,
}

/// The value of a setting that nobody set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preset {
    /// It must be set.
    Required,
    /// Nothing: no limit, no choice.
    Unset,
    /// An empty list.
    Empty,
    /// A flag.
    Flag(bool),
    /// A number.
    Number(u64),
    /// Anything that is written as text.
    Text(&'static str),
}

/// A setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// Section and name, as in `emails.interval`.
    pub key: &'static str,
    /// Where the configurator shows it.
    pub tab: Tab,
    /// Which values it takes.
    pub shape: Shape,
    /// Its value when nobody sets it.
    pub preset: Preset,
    /// What it does, in whole sentences.
    pub help: &'static str,
    /// The version that brought it.
    pub since: &'static str,
}

impl Setting {
    /// The section of the file in which it stands.
    pub fn section(&self) -> &'static str {
        self.key.split_once('.').map_or(self.key, |(section, _)| section)
    }

    /// Its name within the section.
    pub fn name(&self) -> &'static str {
        self.key.split_once('.').map_or(self.key, |(_, name)| name)
    }
}
