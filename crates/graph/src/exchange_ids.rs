//! Ids that older programs noted, as the ids under which Graph knows the items today ("Graph documentation: user:
//! translateExchangeIds").

use crate::transport::call::{IMMUTABLE_ID, Reply};
use crate::wire::id;
use crate::{Class, GraphError, Mailbox};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::Method;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;
use tandem_model::{GraphId, Kind};

/// The service takes so many ids in one request.
const MOST_IDS: usize = 1000;

/// So many requests of one call may be refused because of an id in them; then the ids are not worth more of them.
const MOST_REFUSALS: u32 = 64;

/// The form of an id that another program noted: `exchangeIdFormat`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ExchangeIdForm {
    /// That of Exchange Web Services.
    Ews,
    /// The binary id of MAPI clients, in the service's URL-safe base64 (see [`ExchangeIdForm::entry_id`]).
    Entry,
    /// Graph's default, which changes when the item moves.
    Rest,
    /// Graph's immutable id.
    RestImmutable,
}

impl ExchangeIdForm {
    fn as_str(self) -> &'static str {
        match self {
            ExchangeIdForm::Ews => "ewsId",
            ExchangeIdForm::Entry => "entryId",
            ExchangeIdForm::Rest => "restId",
            ExchangeIdForm::RestImmutable => "restImmutableEntryId",
        }
    }

    /// An entry id as the service takes it, from the hexadecimal or base64 form in which MAPI programs write it: base64
    /// with `-` and `_`, and instead of the padding a digit that counts it. None for what is neither.
    pub fn entry_id(text: &str) -> Option<String> {
        let is_hex = text.len().is_multiple_of(2) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let bytes = if is_hex { from_hex(text)? } else { STANDARD.decode(text).ok()? };
        let padding = (3 - bytes.len() % 3) % 3;
        Some(format!("{}{padding}", URL_SAFE_NO_PAD.encode(bytes)))
    }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect()
}

/// An item of which only the id was asked for.
#[derive(Debug, Deserialize)]
struct Found {
    id: String,
}

/// What the service says of the ids.
#[derive(Debug, Deserialize)]
struct Translations {
    value: Vec<Translation>,
}

/// Graph `convertIdResult`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Translation {
    source_id: String,
    target_id: Option<String>,
}

impl Mailbox {
    /// The immutable ids of what these ids of this mailbox name. What names nothing (any more), or nothing in this
    /// mailbox, is missing in the answer.
    pub async fn translate_ids(
        &self,
        form: ExchangeIdForm,
        ids: &[String],
    ) -> Result<BTreeMap<String, GraphId>, GraphError> {
        let mut open: Vec<&[String]> = ids.chunks(MOST_IDS).rev().collect();
        let (mut translated, mut refusals) = (BTreeMap::new(), 0);
        while let Some(asked) = open.pop() {
            match self.translate(form, asked).await {
                Ok(reply) => {
                    let answer: Translations = reply.json()?;
                    translated.extend(answer.value.into_iter().filter_map(Translation::pair));
                }
                // One id that the service cannot take must not keep the others from being translated.
                Err(error) if error.class() == Class::Rejected && refusals < MOST_REFUSALS => {
                    refusals += 1;
                    if asked.len() > 1 {
                        let (first, second) = asked.split_at(asked.len() / 2);
                        open.extend([second, first]);
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(translated)
    }

    /// The immutable id of what an id of Exchange Web Services names, found by reading the item: for tenants that do not
    /// let an application translate. Graph's default id is the same base64 with `-` for `/` and `_` for `+`. None for
    /// what is gone or is no id of this mailbox, and for tasks, which Exchange Web Services know as something else.
    pub async fn find_by_ews_id(&self, kind: Kind, ews: &str) -> Result<Option<GraphId>, GraphError> {
        let collection = match kind {
            Kind::Mail => "messages",
            Kind::Appointment | Kind::Absence => "events",
            Kind::Contact => "contacts",
            Kind::Task => return Ok(None),
        };
        let rest = ews.replace('/', "-").replace('+', "_");
        let query = [("$select", "id")];
        let call = self.get(&[collection, &rest], &query, "looking for what an older connector noted");
        match self.send(call.prefer(IMMUTABLE_ID)).await {
            Ok(reply) => Ok(Some(id(&reply.json::<Found>()?.id))),
            Err(error) if matches!(error.class(), Class::Gone | Class::Rejected) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn translate(&self, form: ExchangeIdForm, ids: &[String]) -> Result<Reply, GraphError> {
        let doing = format!("translating {} ids of an older connector", ids.len());
        // It only reads: sending it twice does no harm.
        let call = self.call(Method::POST, &["translateExchangeIds"], &[], &doing).body(json!({
            "inputIds": ids,
            "sourceIdType": form.as_str(),
            "targetIdType": ExchangeIdForm::RestImmutable.as_str(),
        }));
        self.send(call).await
    }
}

impl Translation {
    fn pair(self) -> Option<(String, GraphId)> {
        let target = self.target_id.filter(|target| !target.is_empty())?;
        Some((self.source_id, id(&target)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entry_ids_are_written_as_the_service_takes_them() {
        assert_eq!(ExchangeIdForm::entry_id("0000FBFF").as_deref(), Some("AAD7_w2"));
        assert_eq!(ExchangeIdForm::entry_id("AAD7/w==").as_deref(), Some("AAD7_w2"));
        assert_eq!(ExchangeIdForm::entry_id("000000").as_deref(), Some("AAAA0"));
        assert_eq!(ExchangeIdForm::entry_id("<mail@example.com>"), None);
    }
}
