//! What changed among the users.

use crate::error::GraphError;
use crate::graph::delta::{self, Collection};
use crate::graph::filter::{Filter, Operand, Operator};
use crate::graph::{Call, render};
use crate::ids::MailboxNo;
use crate::mailbox::user::Gone;
use crate::wire::Response;
use serde_json::{Map, Value};

/// How long a token of the directory lives, in seconds ("Use delta query to track changes").
const WEEK: i64 = 7 * 24 * 60 * 60;

/// How many users one delta may follow by their ids.
const FOLLOWED: usize = 50;

impl Call<'_> {
    pub(in crate::graph) fn users_delta(&mut self) -> Result<Response, GraphError> {
        let collection = Collection { kind: "users", mailbox: MailboxNo(u32::MAX), number: 0 };
        let latest =
            self.query.value("$deltatoken").is_some_and(|token| token.eq_ignore_ascii_case("latest"));
        if latest {
            // A link for what happens from now on, without what is there.
            self.query.all.retain(|(name, _)| !name.eq_ignore_ascii_case("$deltatoken"));
        }
        let mut token = self.sync_token(&collection)?;
        if self.now.as_second() - token.issued > WEEK {
            return Err(GraphError::sync_state());
        }
        if !self.query.filter.as_ref().is_none_or(names_users) {
            return Err(GraphError::new(
                400,
                "Request_UnsupportedQuery",
                format!("The delta of users takes no other $filter than by id, of {FOLLOWED} users at most."),
            ));
        }
        // What the reader selected; the default properties are not told apart from it in later rounds.
        let selected = self.query.select.is_some();
        self.select_default();
        let size = self.delta_page_size();
        if latest {
            token.first_round = None;
            let end = self.tenant.users_log.end();
            return Ok(self.delta_answer("users", token, Vec::new(), end, false));
        }
        let page = delta::read(&self.tenant.users_log, &mut token, size)?;
        let users =
            page.entries.iter().filter_map(|(no, _)| self.tenant.mailboxes.get(usize::try_from(no.0).ok()?));
        let entries = users
            .map(|mailbox| &mailbox.user)
            .map(|user| (user, self.user_json(user)))
            .filter(|(_, map)| {
                let filter = self.query.filter.as_ref();
                filter.is_none_or(|filter| filter.holds(&Value::Object(map.clone())))
            })
            .map(|(user, map)| match user.gone {
                Some(Gone::Restorable) => render::removed(&user.id, "changed"),
                Some(Gone::ForGood) => render::removed(&user.id, "deleted"),
                None => Value::Object(self.user_told(map, selected)),
            })
            .collect();
        Ok(self.delta_answer("users", token, entries, page.cursor, page.more))
    }

    /// A user as delta tells him: what was never set is left out, unless it was asked for.
    fn user_told(&self, map: Map<String, Value>, selected: bool) -> Map<String, Value> {
        let mut map = self.projected(map);
        map.retain(|_, value| selected || !value.is_null());
        map
    }
}

/// Whether a filter only names users: `id eq '…' or id eq '…'`.
fn names_users(filter: &Filter) -> bool {
    fn count(filter: &Filter) -> Option<usize> {
        match filter {
            Filter::Or(a, b) => Some(count(a)? + count(b)?),
            Filter::Compare(Operand::Path(path), Operator::Eq, Operand::Value(_)) if path == "id" => Some(1),
            _ => None,
        }
    }
    count(filter).is_some_and(|users| users <= FOLLOWED)
}
