//! The five forms in which Exchange writes an id. None can be derived from another without the tenant's key.

use crate::ids::{IdKey, ItemId, Kind, mix};

/// `exchangeIdFormat`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdForm {
    /// MAPI's binary id.
    Entry = 1,
    /// That of Exchange Web Services.
    Ews = 2,
    /// MAPI's binary id that survives moves.
    ImmutableEntry = 3,
    /// Graph's default.
    Rest = 4,
    /// Graph's id that survives moves.
    RestImmutable = 5,
}

impl IdForm {
    /// The form of a name that Graph gives it.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "entryId" => Some(Self::Entry),
            "ewsId" => Some(Self::Ews),
            "immutableEntryId" => Some(Self::ImmutableEntry),
            "restId" => Some(Self::Rest),
            "restImmutableEntryId" => Some(Self::RestImmutable),
            _ => None,
        }
    }

    /// Whether ids of this form survive moves.
    pub fn is_immutable(self) -> bool {
        matches!(self, Self::ImmutableEntry | Self::RestImmutable)
    }
}

/// Length of what stands before the sealed part of an id.
const PREFIX: usize = 5;

impl IdKey {
    /// An id in a form.
    pub fn write(self, id: ItemId, form: IdForm) -> String {
        if matches!(form, IdForm::Rest | IdForm::RestImmutable) {
            // Folders have one id for all preferences.
            let is_folder = matches!(id.kind, Kind::Folder | Kind::ContactFolder);
            return self.encode(ItemId { moves: id.moves.filter(|_| !is_folder), ..id });
        }
        let text = self.of(form).encode(id);
        let sealed = text.get(PREFIX..).unwrap_or_default();
        match form {
            // Plain base64, with its padding.
            IdForm::Ews => format!("AAMkAD{}=", sealed.replace('-', "+").replace('_', "/")),
            // URL-safe base64; the digit tells how many signs of padding are left out.
            _ => format!("AAAAA{sealed}1"),
        }
    }

    /// The id that a text of a form stands for; `None` when this tenant did not write it so.
    pub fn read(self, text: &str, form: IdForm) -> Option<ItemId> {
        let id = match form {
            IdForm::Rest | IdForm::RestImmutable => {
                let id = self.decode(text)?;
                let is_folder = matches!(id.kind, Kind::Folder | Kind::ContactFolder);
                return (is_folder || id.moves.is_none() == form.is_immutable()).then_some(id);
            }
            IdForm::Ews => {
                text.strip_prefix("AAMkAD")?.strip_suffix('=')?.replace('+', "-").replace('/', "_")
            }
            _ => text.strip_prefix("AAAAA")?.strip_suffix('1')?.to_owned(),
        };
        self.of(form).decode(&format!("AAMkA{id}"))
    }

    fn of(self, form: IdForm) -> Self {
        Self(mix(self.0 ^ mix(form as u64)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{ItemNo, MailboxNo};

    #[test]
    fn each_form_is_read_as_itself_only() {
        let key = IdKey(7);
        let all = [IdForm::Entry, IdForm::Ews, IdForm::ImmutableEntry, IdForm::Rest, IdForm::RestImmutable];
        for form in all {
            let moves = (!form.is_immutable()).then_some(3);
            let id = ItemId { kind: Kind::Message, mailbox: MailboxNo(1), item: ItemNo(2), day: 0, moves };
            let text = key.write(id, form);
            for other in all {
                assert_eq!(key.read(&text, other), (form == other).then_some(id), "{form:?} as {other:?}");
            }
        }
    }
}
