//! Ids. Each side's ids are opaque text; a newtype each, so that they cannot be mixed up.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes the id as the other system wrote it; ids are opaque and case-sensitive.
            pub fn new(id: impl Into<String>) -> Self {
                Self(id.into())
            }

            /// The id as the other system writes it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(id: &str) -> Self {
                Self(id.to_owned())
            }
        }

        impl From<String> for $name {
            fn from(id: String) -> Self {
                Self(id)
            }
        }
    };
}

text_id! {
    /// A mailbox: the `id` of its Microsoft Graph user.
    MailboxId
}
text_id! {
    /// The immutable id of an Outlook item, or the id of a To Do task (which changes when it moves between lists).
    GraphId
}
text_id! {
    /// `@odata.etag` of an item as Graph last answered it, for `If-Match`.
    Etag
}
text_id! {
    /// `iCalUId`: the same in all attendees' copies of a single event or of a series' master.
    ICalUid
}
text_id! {
    /// `internetMessageId`: the RFC 5322 `Message-ID` with its angle brackets.
    InternetMessageId
}
text_id! {
    /// A CRM record: the info area's short name and the decimal 64-bit record id, as in `MA:1042`.
    RecordId
}

/// The CRM's change number of a record. It grows with every write anywhere in the CRM, so that it orders changes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Stamp(pub u64);

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An e-mail address, trimmed and in lower case, so that equal addresses compare equal.
///
/// RFC 5321 lets local parts differ by case; no mail system in use does, and Exchange does not.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct EmailAddress(String);

impl<'de> Deserialize<'de> for EmailAddress {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::new(&String::deserialize(deserializer)?))
    }
}

impl EmailAddress {
    /// Normalises the text; whether anybody can receive mail there is not checked.
    pub fn new(address: &str) -> Self {
        let address = address.trim();
        let address =
            address.get(..7).filter(|p| p.eq_ignore_ascii_case("mailto:")).map_or(address, |_| &address[7..]);
        Self(address.to_lowercase())
    }

    /// The normalised address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part behind the last `@`, or nothing for an address without one.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

impl From<&str> for EmailAddress {
    fn from(address: &str) -> Self {
        Self::new(address)
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_equal_whatever_their_case_and_scheme() {
        assert_eq!(EmailAddress::new(" MAILTO:Ann@Example.COM "), EmailAddress::new("ann@example.com"));
        assert_eq!(EmailAddress::new("ann@example.com").domain(), "example.com");
        assert_eq!(EmailAddress::new("nobody").domain(), "");
        assert_eq!(EmailAddress::new("ümläut"), EmailAddress::new("ÜMLÄUT"));
    }
}
