//! Delta queries: pages of what changed, and the link for the next time.

use super::Call;
use super::sync_state::SyncToken;
use crate::error::GraphError;
use crate::ids::MailboxNo;
use crate::mailbox::changes::{ChangeLog, Entry};
use crate::wire::Response;
use serde_json::Value;

/// A collection that is read by delta.
pub struct Collection<'a> {
    /// What kind it is.
    pub kind: &'a str,
    /// The mailbox it belongs to.
    pub mailbox: MailboxNo,
    /// Its number there.
    pub number: u64,
}

/// The options that a first call leaves in the token.
const KEPT: [&str; 8] =
    ["$select", "$top", "changeType", "startDateTime", "endDateTime", "$filter", "$expand", "$orderby"];

impl Call<'_> {
    /// The token of this call: a new one, or that of the link that it follows.
    pub(super) fn sync_token(&mut self, collection: &Collection<'_>) -> Result<SyncToken, GraphError> {
        let text = self.query.value("$deltatoken").or_else(|| self.query.value("$skiptoken"));
        // An empty token is that of a link to start again with.
        let Some(text) = text.filter(|text| !text.is_empty()) else {
            let (state, generation) = self.tenant.syncs.begin();
            let kept = |name: &String| KEPT.iter().any(|kept| kept.eq_ignore_ascii_case(name));
            return Ok(SyncToken {
                state,
                generation,
                kind: collection.kind.into(),
                mailbox: collection.mailbox,
                collection: collection.number,
                cursor: 0,
                first_round: Some(0),
                issued: self.now.as_second(),
                options: self.query.all.iter().filter(|(name, _)| kept(name)).cloned().collect(),
            });
        };
        let token = self.tenant.syncs.read(text).ok_or_else(GraphError::sync_state)?;
        let same = *token.kind == *collection.kind
            && token.mailbox == collection.mailbox
            && token.collection == collection.number;
        if !same {
            return Err(GraphError::sync_state());
        }
        if !self.tenant.syncs.lives(&token, self.tenant.settings.behaviour.sync_generations) {
            let options = encoded(&token.options);
            let joint = if options.is_empty() { "" } else { "&" };
            return Err(GraphError {
                // Documented: where to start again is told, as a link with an empty token.
                location: Some(
                    format!("{}{}?{options}{joint}$deltatoken=", self.tenant.graph_url, self.path).into(),
                ),
                ..GraphError::sync_state()
            });
        }
        self.query = super::query::Query::parse(Some(&encoded(&token.options)))?;
        Ok(token)
    }

    /// Entries of one page.
    pub(super) fn delta_page_size(&self) -> usize {
        let default = self.tenant.settings.behaviour.delta_page;
        self.prefer.page.or(self.query.top).unwrap_or(default).clamp(1, 1000)
    }

    /// The answer to a delta query: `entries` of one page, read up to `cursor`; `more` when others wait.
    pub(super) fn delta_answer(
        &mut self,
        context: &str,
        mut token: SyncToken,
        mut entries: Vec<Value>,
        mut cursor: u64,
        mut more: bool,
    ) -> Response {
        if self.tenant.settings.behaviour.untidy_delta {
            if self.tenant.sequence.bits().is_multiple_of(4) {
                // "A response can be an empty page with a nextLink": the same place is read again.
                (entries, cursor, more) = (Vec::new(), token.cursor, true);
            } else {
                self.disorder(&mut entries);
            }
        }
        if cursor != token.cursor || token.first_round.is_some() {
            token.generation = self.tenant.syncs.advance(token.state);
        }
        token.cursor = cursor;
        if *token.kind == *"users" {
            // Links of the directory live from their last use on; those of Outlook stay the same while nothing happens.
            token.issued = self.now.as_second();
        }
        if !more {
            token.first_round = None;
        }
        let sealed = self.tenant.syncs.seal(&token);
        let (name, parameter) =
            if more { ("@odata.nextLink", "$skiptoken") } else { ("@odata.deltaLink", "$deltatoken") };
        let link = format!("{}{}?{parameter}={sealed}", self.tenant.graph_url, self.path);
        let context = format!("{}/v1.0/$metadata#{context}", self.tenant.graph_url);
        // As they are: a macro would serialise every entry once more.
        let parts =
            [("@odata.context", context.into()), ("value", Value::Array(entries)), (name, link.into())];
        let answer = parts.map(|(name, value): (&str, Value)| (name.to_owned(), value)).into_iter().collect();
        Response::json(200, Value::Object(answer))
    }
}

impl Call<'_> {
    /// Mixes the entries of a page, and repeats one of them where there is room.
    fn disorder(&mut self, entries: &mut Vec<Value>) {
        let mut below =
            |end: usize| usize::try_from(self.tenant.sequence.bits() % end.max(1) as u64).unwrap_or(0);
        for at in (1..entries.len()).rev() {
            entries.swap(at, below(at + 1));
        }
        let again = below(entries.len());
        if let Some(entry) = entries.get(again).cloned().filter(|_| entries.len() < self.delta_page_size()) {
            entries.push(entry);
        }
    }
}

/// One page of a log.
pub struct Page<K> {
    /// What to tell.
    pub entries: Vec<(K, Entry)>,
    /// Up to where the log was read.
    pub cursor: u64,
    /// Whether there is more.
    pub more: bool,
}

/// Reads a page of a log from where a token stands.
pub fn read<K: Ord + Copy>(
    log: &ChangeLog<K>,
    token: &mut SyncToken,
    size: usize,
) -> Result<Page<K>, GraphError> {
    if token.cursor > log.end() {
        return Err(GraphError::sync_state());
    }
    if token.first_round == Some(0) {
        token.first_round = Some(log.end());
    }
    let start = token.first_round.unwrap_or(0);
    let old_news = |entry: &Entry| token.first_round.is_some() && entry.gone && entry.last <= start;
    let mut entries = Vec::new();
    let (mut cursor, mut more) = (token.cursor, false);
    for (key, entry) in log.since(token.cursor) {
        if entries.len() >= size {
            more = true;
            break;
        }
        cursor = entry.last;
        if !old_news(&entry) {
            entries.push((key, entry));
        }
    }
    if !more {
        cursor = log.end();
    }
    Ok(Page { entries, cursor, more })
}

fn encoded(options: &[(String, String)]) -> String {
    let parts: Vec<String> = options
        .iter()
        .map(|(name, value)| format!("{}={}", crate::wire::escaped(name), crate::wire::escaped(value)))
        .collect();
    parts.join("&")
}
