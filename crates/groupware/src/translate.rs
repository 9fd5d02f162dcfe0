//! Items to records and back.

use crate::{ActingRep, Directory, Linked, NewParty, Note, RecordSet, Refusal, Rules, Unreadable, kinds};
use std::collections::BTreeSet;
use tandem_model::{EmailAddress, Item, Kind, Response};

/// What is to be done with an item.
#[derive(Debug, Clone, Copy)]
pub enum Change<'a> {
    /// It is new in the CRM.
    Add {
        /// `x-mmPublish`: an appointment whose organiser is not synchronised; it is never sent back.
        published: bool,
    },
    /// Some fields of it changed.
    Replace {
        /// Which (names of `tandem_model::Document::fields`); all others stay as they are.
        fields: &'a BTreeSet<String>,
        /// The records as they are.
        existing: &'a RecordSet,
    },
}

/// Records to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The whole set as it shall be: see [`RecordSet`] for what is updated, added and deleted.
    pub set: RecordSet,
    /// Who has to be added first. When this is not empty: add them, [`Directory::enter`] each, keep their notes,
    /// drop `set` and ask again; the second answer names nobody.
    pub new_people: Vec<NewParty>,
    /// Remarks.
    pub notes: Vec<Note>,
}

/// The records that an item is, written by `acting`. `directory` holds what was found for [`crate::addresses`] and
/// [`crate::company_names`] of the item.
///
/// An added contact whose address belongs to exactly one person *is* that person: the set then holds nothing but the
/// id of the person's record, with the note `adopted`. Nothing is to be written; the record keeps what it holds.
pub fn to_records(
    item: &Item,
    change: Change<'_>,
    acting: &ActingRep,
    directory: &Directory,
    rules: &Rules,
) -> Result<Written, Refusal> {
    kinds::write(item, change, acting, directory, rules)
}

/// The item that records are, as `acting` sees it. `people` are the reps and persons that the records point to.
pub fn to_item(
    kind: Kind,
    set: &RecordSet,
    acting: &ActingRep,
    people: &Linked,
    rules: &Rules,
) -> Result<Item, Unreadable> {
    kinds::read(kind, set, acting, people, rules)
}

/// Notes one participant's answer (`x-mmParticipation`). Nothing changes when nobody has that address, when the form
/// does not exchange answers, or when it is a rep's and *Synchronize rep status* is off.
pub fn answer(
    set: &RecordSet,
    address: &EmailAddress,
    response: Response,
    people: &Linked,
    rules: &Rules,
) -> RecordSet {
    kinds::answer(set, address, response, people, rules)
}
