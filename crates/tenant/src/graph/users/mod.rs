//! Users of the directory.

mod delta;
mod query;
mod show;

use super::Call;
use crate::error::GraphError;
use crate::ids::MailboxNo;
use crate::mailbox::User;
use crate::wire::Response;

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
        self.check_directory_query()?;
        self.select_default();
        if self.query.top.is_some_and(|top| !(1..=999).contains(&top)) {
            return Err(GraphError::new(
                400,
                "Request_UnsupportedQuery",
                "Invalid page size specified: must be between 1 and 999 inclusive.",
            ));
        }
        self.query.top = Some(self.query.top.or(self.prefer.page).unwrap_or(100));
        // Without ConsistencyLevel the directory does not count.
        self.query.count &= self.eventual;
        let found = self.found_users()?;
        Ok(self.list("users", found, |user| self.user_json(user)))
    }

    /// `users/$count`.
    pub(super) fn count_users(&self) -> Result<Response, GraphError> {
        if !self.eventual {
            return Err(GraphError::new(400, "Request_BadRequest", "$count is not currently supported."));
        }
        self.check_directory_query()?;
        Ok(self.count_of(self.found_users()?, |_| true, |user| self.user_json(user)))
    }

    pub(super) fn user(&mut self, name: &str) -> Result<Response, GraphError> {
        self.select_default();
        let no = self.user_number(name)?;
        let mut user = self.user_json(&self.tenant.mailbox(no).user);
        if self.query.selects("mailboxSettings") {
            let settings = self.mailbox_settings(no);
            user.insert("mailboxSettings".to_owned(), serde_json::Value::Object(settings));
        }
        Ok(self.single(200, "users", user))
    }

    pub(super) fn user_number(&self, name: &str) -> Result<MailboxNo, GraphError> {
        self.tenant.find_user(name).ok_or_else(|| {
            GraphError::new(
                404,
                "Request_ResourceNotFound",
                format!("Resource '{name}' does not exist or one of its queried reference-property objects are not present."),
            )
        })
    }

    fn found_users(&self) -> Result<Vec<&User>, GraphError> {
        let there =
            self.tenant.mailboxes.iter().map(|mailbox| &mailbox.user).filter(|user| user.gone.is_none());
        match &self.query.search {
            None => Ok(there.collect()),
            Some(text) => {
                let search = query::DirectorySearch::parse(text)?;
                Ok(there.filter(|user| search.finds(&self.user_json(user))).collect())
            }
        }
    }

    fn select_default(&mut self) {
        if self.query.select.is_none() {
            self.query.select = Some(DEFAULT.iter().map(|name| (*name).to_owned()).collect());
        }
    }
}
