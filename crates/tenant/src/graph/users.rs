//! Users of the directory.

use super::Call;
use super::delta::{self, Collection};
use crate::error::GraphError;
use crate::ids::MailboxNo;
use crate::mailbox::User;
use crate::wire::Response;
use serde_json::{Map, Value, json};

impl User {
    /// The JSON of `user`.
    pub(crate) fn json(&self) -> Map<String, Value> {
        let (given, surname) = self.display_name.split_once(' ').unwrap_or((&self.display_name, ""));
        let value = json!({
            "id": self.id,
            "accountEnabled": true,
            "businessPhones": [],
            "displayName": self.display_name,
            "givenName": given,
            "surname": surname,
            "jobTitle": null,
            "mail": self.mail,
            "mobilePhone": null,
            "officeLocation": null,
            "preferredLanguage": null,
            "proxyAddresses": self.proxy_addresses,
            "userPrincipalName": self.user_principal_name,
            "userType": "Member",
        });
        value.as_object().cloned().unwrap_or_default()
    }
}

/// What comes when nothing is selected.
const DEFAULT: [&str; 11] = [
    "id",
    "businessPhones",
    "displayName",
    "givenName",
    "surname",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "userPrincipalName",
];

impl Call<'_> {
    pub(super) fn users(&mut self) -> Result<Response, GraphError> {
        self.check_advanced()?;
        self.select_default();
        if self.query.top.is_some_and(|top| top > 999) {
            return Err(GraphError::new(
                400,
                "Request_UnsupportedQuery",
                "Invalid page size specified: must be between 1 and 999 inclusive.",
            ));
        }
        self.query.top = Some(self.query.top.unwrap_or(100));
        let users: Vec<&User> = self.tenant.mailboxes.iter().map(|mailbox| &mailbox.user).collect();
        Ok(self.list("users", users, |user| user.json()))
    }

    pub(super) fn user(&mut self, name: &str) -> Result<Response, GraphError> {
        self.select_default();
        let no = self.tenant.find_user(name).ok_or_else(|| {
            GraphError::new(
                404,
                "Request_ResourceNotFound",
                format!("Resource '{name}' does not exist or one of its queried reference-property objects are not present."),
            )
        })?;
        let mut user = self.tenant.mailbox(no).user.json();
        // Only who selects it gets it.
        user.insert("mailboxSettings".to_owned(), self.mailbox_settings(no).value());
        Ok(self.single(200, "users", user))
    }

    pub(super) fn users_delta(&mut self) -> Result<Response, GraphError> {
        let collection = Collection { kind: "users", mailbox: MailboxNo(u32::MAX), number: 0 };
        let mut token = self.sync_token(&collection)?;
        self.select_default();
        let size = self.delta_page_size();
        let page = delta::read(&self.tenant.users_log, &mut token, size)?;
        let entries = page
            .entries
            .iter()
            .filter_map(|(no, _)| self.tenant.mailboxes.get(usize::try_from(no.0).ok()?))
            .map(|mailbox| Value::Object(self.projected(mailbox.user.json())))
            .collect();
        Ok(self.delta_answer("users", token, entries, page.cursor, page.more))
    }

    pub(super) fn mailbox_settings(&self, mailbox: MailboxNo) -> Response {
        let user = &self.tenant.mailbox(mailbox).user;
        let zone = crate::calendar::windows_name(user.zone.name()).unwrap_or(user.zone.name());
        Response::json(200, json!({ "timeZone": zone, "language": { "locale": "en-US" } }))
    }

    /// Refuses advanced queries that do not say that they are content with what is eventually consistent.
    fn check_advanced(&self) -> Result<(), GraphError> {
        if self.query.search.is_some() && !self.eventual {
            return Err(GraphError::new(
                400,
                "Request_UnsupportedQuery",
                "Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'",
            ));
        }
        Ok(())
    }

    fn select_default(&mut self) {
        if self.query.select.is_none() {
            self.query.select = Some(DEFAULT.iter().map(|name| (*name).to_owned()).collect());
        }
    }
}
