//! The records of one item, read from and written to the tables.

use crate::storage::{Fields, Reading, Record, StorageError, Target, Writing};
use tandem_groupware::{InfoArea, NewDocument, Record as ItemRecord, RecordSet};

/// More records of one sort than this belong to no item.
const MANY: usize = 10_000;

/// Fields by which a record points to the activity to which it belongs.
const OWNER: [(&str, &str); 2] = [("ContactStatNo", "StatNo"), ("ContactSeqNo", "SeqNo")];

/// Everything that belongs to a record that is an item. Documents come without their bytes.
pub(super) fn read(reading: &Reading<'_>, primary: &Record) -> Result<RecordSet, StorageError> {
    let mut set = RecordSet::of(item_record(primary.clone())?);
    if primary.target.area != "MA" {
        return Ok(set);
    }
    let owner = OWNER.map(|(field, key)| (field, primary.get(key)));
    let all = |area: &str| -> Result<Vec<ItemRecord>, StorageError> {
        reading.find(area, &owner, MANY)?.into_iter().map(item_record).collect()
    };
    set.participants = all("MB")?;
    set.todos = all("TD")?;
    if primary.is("IsMasterContact") {
        set.exceptions = all("MA")?;
        set.exceptions.retain(|exception| exception.is("IsSerialContact"));
    }
    for area in [InfoArea::Document, InfoArea::CustomerDocument] {
        set.documents
            .extend(reading.find(area.as_str(), &owner, MANY)?.iter().map(|record| document(area, record)));
    }
    Ok(set)
}

/// The record to which an activity's dependent records point.
pub(super) fn item_record(record: Record) -> Result<ItemRecord, StorageError> {
    let invalid = |_| StorageError::Invalid(format!("{} is no record that items are made of", record.target));
    Ok(ItemRecord {
        info_area: record.target.area.parse::<InfoArea>().map_err(invalid)?,
        id: u64::try_from(record.target.id).ok(),
        fields: record.fields,
    })
}

fn document(info_area: InfoArea, record: &Record) -> NewDocument {
    NewDocument {
        info_area,
        name: record.get("Name").to_owned(),
        media_type: record.get("MediaType").to_owned(),
        size: record.get("Size").parse().unwrap_or_default(),
        inline: record.is("Inline"),
        bytes: Vec::new(),
    }
}

/// Stores the set as it shall be; `before` is the set as it is, none for a new item. Answers the primary record.
pub(super) fn write(
    writing: &mut Writing<'_>,
    set: &RecordSet,
    before: Option<&RecordSet>,
) -> Result<Record, StorageError> {
    let primary = put(writing, &set.primary, &Fields::new())?;
    let owner = OWNER
        .iter()
        .map(|(field, key)| ((*field).to_owned(), primary.get(key).to_owned()))
        .collect::<Fields>();
    for record in set.participants.iter().chain(&set.exceptions).chain(&set.todos) {
        put(writing, record, &owner)?;
    }
    for document in &set.documents {
        put_document(writing, document, &owner)?;
    }
    if let Some(before) = before {
        remove_missing(writing, &before.participants, &set.participants)?;
        remove_missing(writing, &before.exceptions, &set.exceptions)?;
        remove_missing(writing, &before.todos, &set.todos)?;
    }
    // What belongs to it may have moved its stamp.
    Ok(writing.get(&primary.target)?.unwrap_or(primary))
}

fn put(writing: &mut Writing<'_>, record: &ItemRecord, owner: &Fields) -> Result<Record, StorageError> {
    let mut fields = record.fields.clone();
    fields.extend(owner.iter().map(|(field, value)| (field.clone(), value.clone())));
    match record.id {
        Some(id) => writing.update(&target(record.info_area, id), &fields),
        None => writing.insert(record.info_area.as_str(), &fields),
    }
}

/// A file that is there already, by name and content, is not stored again.
fn put_document(
    writing: &mut Writing<'_>,
    document: &NewDocument,
    owner: &Fields,
) -> Result<(), StorageError> {
    let held_without_bytes = document.bytes.is_empty() && document.size > 0;
    if held_without_bytes {
        return Ok(());
    }
    let digest = writing.put_blob(&document.bytes)?;
    let size = document.bytes.len().to_string();
    let mut fields = owner.clone();
    let texts = [
        ("Name", document.name.as_str()),
        ("MediaType", &document.media_type),
        ("Size", &size),
        ("Digest", &digest),
        ("Inline", if document.inline { "true" } else { "false" }),
    ];
    fields.extend(texts.map(|(field, value)| (field.to_owned(), value.to_owned())));
    let area = document.info_area.as_str();
    let same =
        ["ContactStatNo", "ContactSeqNo", "Name", "Digest"].map(|field| (field, fields[field].as_str()));
    // The name may be cut when it is stored: a second look by what is left of it is not worth its cost.
    if writing.find(area, &same, 1)?.is_empty() {
        writing.insert(area, &fields)?;
    }
    Ok(())
}

fn remove_missing(
    writing: &mut Writing<'_>,
    before: &[ItemRecord],
    after: &[ItemRecord],
) -> Result<(), StorageError> {
    for record in before {
        if let Some(id) = record.id.filter(|id| after.iter().all(|kept| kept.id != Some(*id))) {
            writing.delete(&target(record.info_area, id))?;
        }
    }
    Ok(())
}

pub(super) fn target(area: InfoArea, id: u64) -> Target {
    Target::new(area.as_str(), i64::try_from(id).unwrap_or(i64::MAX))
}
