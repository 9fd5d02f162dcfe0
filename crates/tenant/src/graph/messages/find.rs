//! Which messages a query finds.

use crate::error::GraphError;
use crate::graph::Call;
use crate::graph::search::Search;
use crate::ids::{ItemNo, MailboxNo};
use crate::mailbox::message::Message;
use crate::wire::Response;

/// How many messages a search finds at most.
const FOUND: usize = 1000;

impl Call<'_> {
    /// Messages, the latest first.
    fn message_numbers(&self, mailbox: MailboxNo, folder: Option<ItemNo>) -> Vec<ItemNo> {
        let store = self.tenant.mailbox(mailbox);
        if let Some(folder) = folder {
            return store
                .folders
                .get(&folder)
                .map(|folder| folder.messages.iter().rev().map(|(_, no)| *no).collect())
                .unwrap_or_default();
        }
        if let Some(id) = self.query.filter.as_ref().and_then(|filter| filter.required("internetMessageId")) {
            let start = (Box::from(id), ItemNo(0));
            return store
                .by_message_id
                .range(start..)
                .take_while(|(known, _)| **known == *id)
                .map(|(_, no)| *no)
                .collect();
        }
        let mut all: Vec<_> = store.messages.values().map(|message| (message.received, message.no)).collect();
        all.sort_unstable();
        all.into_iter().rev().map(|(_, no)| no).collect()
    }

    pub(super) fn messages(
        &self,
        mailbox: MailboxNo,
        folder: Option<ItemNo>,
    ) -> Result<Response, GraphError> {
        let numbers = match &self.query.search {
            Some(text) => self.searched(mailbox, folder, text)?,
            None => self.message_numbers(mailbox, folder),
        };
        let store = self.tenant.mailbox(mailbox);
        Ok(self.list_where(
            "messages",
            numbers,
            |no| self.may_be_wanted(&store.messages[no]),
            |no| self.message(mailbox, &store.messages[no]),
        ))
    }

    pub(super) fn count_messages(
        &self,
        mailbox: MailboxNo,
        folder: Option<ItemNo>,
    ) -> Result<Response, GraphError> {
        if self.query.search.is_some() {
            return Err(unsupported("$count"));
        }
        let store = self.tenant.mailbox(mailbox);
        let numbers = self.message_numbers(mailbox, folder);
        Ok(self.count_of(
            numbers,
            |no| self.may_be_wanted(&store.messages[no]),
            |no| self.message(mailbox, &store.messages[no]),
        ))
    }

    /// A cheap test that each message passes before the filter sees it whole.
    fn may_be_wanted(&self, message: &Message) -> bool {
        let Some(filter) = &self.query.filter else { return true };
        filter.required("internetMessageId").is_none_or(|id| *message.internet_message_id == *id)
            && !filter.rules_out(&message.extended)
    }

    /// What a search finds, sorted by the time of sending.
    fn searched(
        &self,
        mailbox: MailboxNo,
        folder: Option<ItemNo>,
        text: &str,
    ) -> Result<Vec<ItemNo>, GraphError> {
        if self.query.filter.is_some() {
            return Err(unsupported("$filter"));
        }
        if !self.query.order.is_empty() {
            return Err(unsupported("$orderBy"));
        }
        let search = Search::parse(text)?;
        let store = self.tenant.mailbox(mailbox);
        let numbers = self.message_numbers(mailbox, folder);
        let messages = numbers.iter().filter_map(|no| store.messages.get(no));
        let mut found: Vec<_> = messages
            .filter(|message| search.finds(message, self.now))
            .map(|message| (message.content.sent_date_time.unwrap_or(message.received), message.no))
            .collect();
        found.sort_unstable();
        Ok(found.into_iter().rev().take(FOUND).map(|(_, no)| no).collect())
    }
}

fn unsupported(option: &str) -> GraphError {
    let code = if option == "$orderBy" { "SearchWithOrderBy" } else { "SearchWithFilter" };
    GraphError::new(400, code, format!("The query parameter '{option}' is not supported with '$search'."))
}
