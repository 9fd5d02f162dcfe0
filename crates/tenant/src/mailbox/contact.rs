//! Contacts.

use super::content::{EmailAddress, ExtendedProperty, PhysicalAddress, Stamp};
use super::extensions::Extensions;
use super::personal::Photo;
use crate::ids::ItemNo;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A contact in a contact folder.
#[derive(Debug, Clone)]
pub struct Contact {
    /// Its number.
    pub no: ItemNo,
    /// The folder it lies in.
    pub folder: ItemNo,
    /// When it was made and changed.
    pub stamp: Stamp,
    /// What clients may write.
    pub content: ContactContent,
    /// Extended properties.
    pub extended: Vec<ExtendedProperty>,
    /// Open extensions.
    pub extensions: Extensions,
    /// His photo.
    pub photo: Option<Box<Photo>>,
    /// The file it was filled from.
    pub source: Option<Box<str>>,
}

/// The writable properties of `contact`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[allow(missing_docs, reason = "the names are those of Graph's resource and say it all")]
pub struct ContactContent {
    pub assistant_name: Option<Box<str>>,
    pub birthday: Option<Timestamp>,
    pub business_address: PhysicalAddress,
    pub business_home_page: Option<Box<str>>,
    pub business_phones: Vec<Box<str>>,
    pub categories: Vec<Box<str>>,
    pub children: Vec<Box<str>>,
    pub company_name: Option<Box<str>>,
    pub department: Option<Box<str>>,
    pub display_name: Option<Box<str>>,
    pub email_addresses: Vec<EmailAddress>,
    pub file_as: Option<Box<str>>,
    pub generation: Option<Box<str>>,
    pub given_name: Option<Box<str>>,
    pub home_address: PhysicalAddress,
    pub home_phones: Vec<Box<str>>,
    pub im_addresses: Vec<Box<str>>,
    pub initials: Option<Box<str>>,
    pub job_title: Option<Box<str>>,
    pub manager: Option<Box<str>>,
    pub middle_name: Option<Box<str>>,
    pub mobile_phone: Option<Box<str>>,
    pub nick_name: Option<Box<str>>,
    pub office_location: Option<Box<str>>,
    pub other_address: PhysicalAddress,
    pub personal_notes: Option<Box<str>>,
    pub profession: Option<Box<str>>,
    pub spouse_name: Option<Box<str>>,
    pub surname: Option<Box<str>>,
    pub title: Option<Box<str>>,
    pub yomi_company_name: Option<Box<str>>,
    pub yomi_given_name: Option<Box<str>>,
    pub yomi_surname: Option<Box<str>>,
}

impl ContactContent {
    /// What is wrong with it, in words.
    pub fn fault(&self) -> Option<String> {
        let limits = [
            ("emailAddresses", self.email_addresses.len(), 3),
            ("businessPhones", self.business_phones.len(), 2),
            ("homePhones", self.home_phones.len(), 2),
            ("imAddresses", self.im_addresses.len(), 3),
        ];
        limits
            .iter()
            .find(|(_, count, limit)| count > limit)
            .map(|(name, count, limit)| format!("{name} holds {count} values; at most {limit} are allowed."))
    }

    /// The name that Outlook makes of the others.
    fn made_name(&self) -> Option<Box<str>> {
        let parts: Vec<&str> = [&self.given_name, &self.middle_name, &self.surname]
            .into_iter()
            .flatten()
            .map(AsRef::as_ref)
            .collect();
        if parts.is_empty() { self.company_name.clone() } else { Some(parts.join(" ").into()) }
    }

    /// Makes the display name anew, as an update does that changes other names and leaves it out ("Update contact").
    pub fn rename(&mut self) {
        self.display_name = self.made_name();
    }

    /// Fills the names that Outlook derives from others.
    pub fn complete(&mut self) {
        let joined = |parts: [&Option<Box<str>>; 2], separator: &str| {
            let parts: Vec<&str> = parts.iter().filter_map(|part| part.as_deref()).collect();
            (!parts.is_empty()).then(|| parts.join(separator).into_boxed_str())
        };
        if self.display_name.is_none() {
            self.display_name = self.made_name();
        }
        if self.file_as.is_none() {
            self.file_as =
                joined([&self.surname, &self.given_name], ", ").or_else(|| self.display_name.clone());
        }
    }
}
