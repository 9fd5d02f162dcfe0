//! What changed among the messages of a folder.

use crate::error::GraphError;
use crate::graph::delta::{self, Collection};
use crate::graph::filter::{Filter, Operand, Operator};
use crate::graph::{Call, render};
use crate::ids::{ItemNo, Kind, MailboxNo};
use crate::mailbox::changes::Entry;
use crate::wire::Response;
use serde_json::Value;

impl Call<'_> {
    pub(super) fn messages_delta(
        &mut self,
        mailbox: MailboxNo,
        folder: ItemNo,
    ) -> Result<Response, GraphError> {
        let collection = Collection { kind: "messages", mailbox, number: folder.0 };
        let mut token = self.sync_token(&collection)?;
        self.check_delta_query()?;
        let wanted = self.query.value("changeType").map(str::to_ascii_lowercase);
        let size = self.delta_page_size();
        let cursor = token.cursor;
        let store = self.tenant.mailbox(mailbox);
        let Some(log) = store.folders.get(&folder).map(|folder| &folder.log) else {
            return Err(GraphError::not_found());
        };
        let page = delta::read(log, &mut token, size)?;
        let filter = self.query.filter.as_ref();
        let mut entries: Vec<Value> = page
            .entries
            .iter()
            .filter(|(_, entry)| wanted.as_deref().is_none_or(|wanted| wanted == kind(*entry, cursor)))
            .filter_map(|(no, entry)| match store.messages.get(no) {
                Some(message) if !entry.gone => {
                    let map = self.message(mailbox, message);
                    let kept = filter.is_none_or(|filter| filter.holds(&Value::Object(map.clone())));
                    kept.then(|| Value::Object(self.projected(map)))
                }
                gone => {
                    // Even the regular id is that of before the move: only so does the reader know whom it means.
                    let moves = gone.map_or(0, |message| message.moves.saturating_sub(1));
                    Some(render::removed(&self.id(Kind::Message, mailbox, *no, moves), "deleted"))
                }
            })
            .collect();
        self.order(&mut entries);
        Ok(self.delta_answer("messages", token, entries, page.cursor, page.more))
    }

    /// Refuses what the delta of messages does not take: of filters only the time of arrival from some time on, of
    /// orders only the latest first, no search ("message: delta", OData query parameters).
    fn check_delta_query(&self) -> Result<(), GraphError> {
        let refuse = |option: &str| {
            Err(GraphError::new(
                400,
                "ErrorInvalidUrlQuery",
                format!(
                    "The following parameters are not supported with change tracking over the 'Messages' resource: '{option}'."
                ),
            ))
        };
        if self.query.search.is_some() {
            return refuse("$search");
        }
        if self.query.skip > 0 {
            return refuse("$skip");
        }
        let from_some_time = |filter: &Filter| {
            matches!(filter, Filter::Compare(Operand::Path(path), Operator::Ge | Operator::Gt, Operand::Value(_))
                if path.eq_ignore_ascii_case("receivedDateTime"))
        };
        if !self.query.filter.as_ref().is_none_or(from_some_time) {
            return refuse("$filter");
        }
        let latest_first =
            |(path, descends): &(String, bool)| *descends && path.eq_ignore_ascii_case("receivedDateTime");
        if self.query.order.len() > 1 || !self.query.order.iter().all(latest_first) {
            return refuse("$orderby");
        }
        match self.query.value("changeType").map(str::to_ascii_lowercase).as_deref() {
            None | Some("created" | "updated" | "deleted") => Ok(()),
            Some(other) => Err(GraphError::bad(format!(
                "The changeType '{other}' is none of created, updated and deleted."
            ))),
        }
    }
}

/// What happened to an item since a reader was at `cursor`.
fn kind(entry: Entry, cursor: u64) -> &'static str {
    match entry {
        entry if entry.gone => "deleted",
        entry if entry.first > cursor => "created",
        _ => "updated",
    }
}
