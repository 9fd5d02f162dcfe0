//! `translateExchangeIds`: ids of an item in the five forms that Exchange knows.

use super::Call;
use crate::error::GraphError;
use crate::id_form::IdForm;
use crate::ids::{ItemId, Kind, MailboxNo};
use crate::wire::Response;
use serde_json::{Value, json};

/// How many ids one request may bring.
const LARGEST: usize = 1000;

impl Call<'_> {
    pub(super) fn translate_ids(&self, mailbox: MailboxNo) -> Result<Response, GraphError> {
        let body = self.object()?;
        let find =
            |name: &str| body.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value);
        let form = |name: &str| {
            let value = find(name).and_then(Value::as_str).unwrap_or_default();
            IdForm::named(value).ok_or_else(|| {
                GraphError::bad(format!(
                    "'{value}' is no value of exchangeIdFormat for the parameter '{name}'."
                ))
            })
        };
        let (source, target) = (form("sourceIdType")?, form("targetIdType")?);
        let Some(inputs) = find("inputIds").and_then(Value::as_array) else {
            return Err(GraphError::bad("The parameter 'inputIds' is required."));
        };
        if inputs.len() > LARGEST {
            return Err(GraphError::new(
                400,
                "ErrorInvalidArgument",
                format!(
                    "The parameter 'inputIds' holds {} ids; at most {LARGEST} are allowed.",
                    inputs.len()
                ),
            ));
        }
        let results: Vec<Value> = inputs
            .iter()
            .map(|input| {
                let id = input.as_str().unwrap_or_default();
                match self.translated(mailbox, id, source, target) {
                    Ok(translated) => json!({ "sourceId": id, "targetId": translated }),
                    Err(error) => json!({
                        "sourceId": id,
                        "errorDetails": { "code": error.code, "message": error.message },
                    }),
                }
            })
            .collect();
        let context = self.context("Collection(microsoft.graph.convertIdResult)");
        Ok(Response::json(200, json!({ "@odata.context": context, "value": results })))
    }

    fn translated(
        &self,
        mailbox: MailboxNo,
        text: &str,
        source: IdForm,
        target: IdForm,
    ) -> Result<String, GraphError> {
        let id = self.tenant.ids.read(text, source).ok_or_else(GraphError::malformed_id)?;
        if id.mailbox != mailbox {
            return Err(GraphError::not_found());
        }
        let moves = self.present_moves(id).ok_or_else(GraphError::not_found)?;
        if id.moves.is_some_and(|known| known != moves) {
            // An id of before a move is an id of nothing.
            return Err(GraphError::not_found());
        }
        Ok(self.tenant.ids.write(ItemId { moves: (!target.is_immutable()).then_some(moves), ..id }, target))
    }

    /// How often an item was moved; `None` when it is not there, or of no kind that Exchange has ids for.
    fn present_moves(&self, id: ItemId) -> Option<u32> {
        let store = self.tenant.mailbox(id.mailbox);
        match id.kind {
            Kind::Message => store.messages.get(&id.item).map(|message| message.moves),
            Kind::Event | Kind::Occurrence => store.events.get(&id.item).map(|_| 0),
            Kind::Contact => store.contacts.get(&id.item).map(|_| 0),
            Kind::Folder => store.folders.get(&id.item).map(|_| 0),
            Kind::ContactFolder => store.contact_folders.get(&id.item).map(|_| 0),
            _ => None,
        }
    }

    /// The id under which Exchange Web Services know an item.
    pub(crate) fn ews_id(&self, kind: Kind, mailbox: MailboxNo, item: crate::ids::ItemNo) -> String {
        let id = ItemId { kind, mailbox, item, day: 0, moves: Some(0) };
        let moves = self.present_moves(id);
        self.tenant.ids.write(ItemId { moves: moves.or(Some(0)), ..id }, IdForm::Ews)
    }
}
