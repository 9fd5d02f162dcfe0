//! Contacts: persons of the CRM, contacts of Outlook.

use crate::{Additional, EmailAddress};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A person. Outlook keeps at most three addresses and two phones of a sort; the rest stays with the side that has it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Contact {
    /// Given name.
    pub given_name: String,
    /// Family name.
    pub surname: String,
    /// Academic or other title before the name.
    pub title: String,
    /// Employer.
    pub company: String,
    /// Position.
    pub job_title: String,
    /// Department.
    pub department: String,
    /// Addresses in their order, the preferred one first; at most three.
    pub emails: Vec<EmailAddress>,
    /// Business phones in their order; at most two.
    pub business_phones: Vec<String>,
    /// Mobile phone.
    pub mobile_phone: String,
    /// Private phones; at most two.
    pub home_phones: Vec<String>,
    /// Address of the workplace.
    pub business_address: PostalAddress,
    /// Private address.
    pub home_address: PostalAddress,
    /// Date of birth.
    pub birthday: Option<Date>,
    /// Notes, plain text.
    pub notes: String,
    /// Categories.
    pub categories: BTreeSet<String>,
    /// Additional fields.
    pub additional: Additional,
}

/// A postal address; every part may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "the names say it")]
pub struct PostalAddress {
    pub street: String,
    pub postal_code: String,
    pub city: String,
    pub state: String,
    pub country: String,
}

impl Contact {
    /// The name as people write it; the first address or the company where there is no name.
    pub fn display_name(&self) -> String {
        let name = [self.title.as_str(), &self.given_name, &self.surname]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" ");
        if !name.is_empty() {
            return name;
        }
        self.emails.first().map_or_else(|| self.company.clone(), |address| address.to_string())
    }
}
