//! Master users: logins that may act in the name of reps.

use crate::xml::{Element, XmlError};
use std::collections::{BTreeMap, BTreeSet};

/// `authentication`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Authentication {
    /// By client type (`outlook`, `notes`, `GraphApi`).
    pub master_users: BTreeMap<String, MasterUser>,
}

/// `masterUser`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MasterUser {
    /// The master user's login, such as `OCSU`.
    pub login: String,
    /// The session values that a request of this client must carry, such as `Principal` and `ClientID`: a request
    /// that lacks one of them is refused.
    pub required: BTreeSet<String>,
}

impl Authentication {
    pub(super) fn read(element: &Element) -> Result<Self, XmlError> {
        let mut master_users = BTreeMap::new();
        for child in &element.children {
            if child.name != "masterUser" {
                return Err(child.unexpected("authentication"));
            }
            let client = child.required("client")?.to_owned();
            let login = child.text.trim().to_owned();
            if login.is_empty() {
                return Err(XmlError::new(
                    child.line,
                    format!("the masterUser of client \"{client}\" has no login"),
                ));
            }
            let required = child
                .required("login")?
                .split(',')
                .map(|name| name.trim().to_owned())
                .filter(|name| !name.is_empty());
            let user = MasterUser { login, required: required.collect() };
            if master_users.insert(client.clone(), user).is_some() {
                return Err(XmlError::new(child.line, format!("client \"{client}\" has two master users")));
            }
        }
        Ok(Self { master_users })
    }

    /// The master user of a client type.
    pub fn master_user(&self, client: &str) -> Option<&MasterUser> {
        self.master_users.get(client)
    }
}
