//! Users of the directory.

use crate::calendar::Zone;
use serde::{Deserialize, Serialize};

/// A user of the directory.
#[derive(Debug, Clone)]
pub struct User {
    /// GUID.
    pub id: Box<str>,
    /// Primary SMTP address.
    pub mail: Box<str>,
    /// Name for signing in.
    pub user_principal_name: Box<str>,
    /// Name for people.
    pub display_name: Box<str>,
    /// Where he works.
    pub zone: Zone,
    /// All addresses; the primary one with `SMTP:`, the others with `smtp:`.
    pub proxy_addresses: Vec<Box<str>>,
    /// What few users have.
    pub details: Option<Box<UserDetails>>,
    /// Whether he was deleted, and how.
    pub gone: Option<Gone>,
}

/// How a user left the directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gone {
    /// He can be restored within thirty days: delta tells `changed`.
    Restorable,
    /// For good: delta tells `deleted`.
    ForGood,
}

/// What the directory may know of a user besides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[allow(missing_docs, reason = "the names are those of Graph's resource and say it all")]
pub struct UserDetails {
    pub account_enabled: bool,
    pub business_phones: Vec<Box<str>>,
    pub city: Option<Box<str>>,
    pub company_name: Option<Box<str>>,
    pub country: Option<Box<str>>,
    pub department: Option<Box<str>>,
    pub employee_id: Option<Box<str>>,
    pub given_name: Option<Box<str>>,
    pub job_title: Option<Box<str>>,
    pub mobile_phone: Option<Box<str>>,
    pub office_location: Option<Box<str>>,
    pub other_mails: Vec<Box<str>>,
    pub postal_code: Option<Box<str>>,
    pub preferred_language: Option<Box<str>>,
    pub state: Option<Box<str>>,
    pub street_address: Option<Box<str>>,
    pub surname: Option<Box<str>>,
    pub usage_location: Option<Box<str>>,
    pub user_type: Box<str>,
    /// Whether a licence with Exchange Online is assigned; without one there is no mailbox.
    pub licensed: bool,
}

impl Default for UserDetails {
    fn default() -> Self {
        Self {
            account_enabled: true,
            business_phones: Vec::new(),
            city: None,
            company_name: None,
            country: None,
            department: None,
            employee_id: None,
            given_name: None,
            job_title: None,
            mobile_phone: None,
            office_location: None,
            other_mails: Vec::new(),
            postal_code: None,
            preferred_language: None,
            state: None,
            street_address: None,
            surname: None,
            usage_location: None,
            user_type: "Member".into(),
            licensed: true,
        }
    }
}

impl User {
    /// Whether he has a mailbox in the cloud.
    pub fn is_licensed(&self) -> bool {
        self.details.as_ref().is_none_or(|details| details.licensed)
    }

    /// The language of his mailbox: that of the directory, or English.
    pub fn language(&self) -> &str {
        self.details.as_ref().and_then(|details| details.preferred_language.as_deref()).unwrap_or("en-US")
    }

    /// All by which he is found, in lower case.
    pub fn names(&self) -> Vec<String> {
        let plain = |proxy: &str| {
            let smtp = proxy.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("smtp:"));
            proxy[if smtp { 5 } else { 0 }..].to_lowercase()
        };
        let mut names = vec![self.id.to_lowercase(), self.mail.to_lowercase()];
        names.push(self.user_principal_name.to_lowercase());
        names.extend(self.proxy_addresses.iter().map(|proxy| plain(proxy)));
        names
    }
}
