//! Application permissions that Graph's mailbox resources know ("Microsoft Graph permissions reference").

/// Their names. The place of a name is its bit in [`Roles`].
const NAMES: [&str; 16] = [
    "Calendars.Read",
    "Calendars.ReadWrite",
    "Contacts.Read",
    "Contacts.ReadWrite",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
    "Mail.Read",
    "Mail.ReadWrite",
    "Mail.Send",
    "MailboxSettings.Read",
    "MailboxSettings.ReadWrite",
    "Tasks.Read.All",
    "Tasks.ReadWrite.All",
    "User.Read.All",
    "User.ReadBasic.All",
    "User.ReadWrite.All",
];

/// A set of permissions. Names that the mailbox resources do not know are not in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Roles(u16);

impl Roles {
    /// The permission of a name.
    pub fn named(name: &str) -> Self {
        NAMES.iter().position(|known| *known == name).map_or(Self::default(), |bit| Self(1 << bit))
    }

    /// Whether any is in both sets.
    pub fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The names, in alphabetical order.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        NAMES.iter().enumerate().filter(move |(bit, _)| self.0 & (1 << bit) != 0).map(|(_, name)| *name)
    }
}

impl<'a> FromIterator<&'a str> for Roles {
    fn from_iter<T: IntoIterator<Item = &'a str>>(names: T) -> Self {
        Self(names.into_iter().fold(0, |all, name| all | Self::named(name).0))
    }
}
