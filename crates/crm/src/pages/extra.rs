//! What some records show besides their fields: an activity its participants, documents and formatted text.

use super::cell::Cells;
use super::form::{Desk, Item};
use super::list::{self, Rows};
use super::sheet::Choice;
use super::{Site, Visited};
use crate::storage::{Reading, Record, StorageError};

/// At most so many participants and documents are shown.
const MOST: usize = 500;

/// What is shown besides the fields; the areas that do not have a thing leave it empty.
#[derive(Debug, Default)]
pub(super) struct Extra {
    pub participants: Vec<Participant>,
    pub documents: Vec<Document>,
    pub has_letter: bool,
    pub todos: Rows,
    pub roles: Vec<Item>,
    pub answers: Vec<Item>,
}

#[derive(Debug)]
pub(super) struct Participant {
    pub id: i64,
    pub name: String,
    pub email: String,
    pub role: String,
    pub status: String,
    /// Where the person, company or rep is found.
    pub address: Option<String>,
}

#[derive(Debug)]
pub(super) struct Document {
    pub id: i64,
    pub area: String,
    pub name: String,
    pub media_type: String,
    pub size: String,
}

/// What a record shows besides its fields.
pub(super) fn of(
    site: &Site,
    reading: &Reading<'_>,
    visit: &Visited,
    record: &Record,
) -> Result<Extra, StorageError> {
    if record.target.area != "MA" {
        return Ok(Extra::default());
    }
    let (rights, words) = (site.rights(&visit.visitor), site.web.words(visit));
    let owner = [("ContactStatNo", record.get("StatNo")), ("ContactSeqNo", record.get("SeqNo"))];
    let cells = Cells::new(reading, &site.sheets, words);
    let participants = reading.find("MB", &owner, MOST)?;
    let mut documents = reading.find("D1", &owner, MOST)?;
    documents.extend(reading.find("D2", &owner, MOST)?);
    let (Some(sheet), Some(table)) = (site.sheets.of("MA"), reading.schema().table("MA")) else {
        return Ok(Extra::default());
    };
    let desk = Desk { reading, sheets: &site.sheets, sheet, table, rights: &rights, words };
    let choices = |field: &str, chosen: &str| {
        let field = reading.schema().table("MB").and_then(|table| table.field(field));
        let choice = field.and_then(|field| site.sheets.choice("MB", field));
        desk.options(&choice.unwrap_or(Choice::Words(Vec::new())), chosen, true)
    };
    Ok(Extra {
        participants: participants
            .iter()
            .map(|participant| self::participant(reading, &cells, participant))
            .collect::<Result<_, _>>()?,
        documents: documents.iter().map(document).collect(),
        has_letter: !record.get("F5044").trim().is_empty(),
        todos: list::some(
            reading,
            &site.sheets,
            words,
            &rights,
            "TD",
            (
                "\"ContactStatNo\" = ? AND \"ContactSeqNo\" = ?",
                owner.map(|(_, value)| value.to_owned()).to_vec(),
            ),
            MOST,
        )?,
        roles: choices("Role", "required")?,
        answers: choices("Status", "none")?,
    })
}

fn participant(
    reading: &Reading<'_>,
    cells: &Cells<'_>,
    record: &Record,
) -> Result<Participant, StorageError> {
    let person =
        super::link::target(reading, record, "KP")?.map(|found| format!("/persons/{}", found.target.id));
    let company =
        super::link::target(reading, record, "FI")?.map(|found| format!("/companies/{}", found.target.id));
    let name = [record.get("Name").to_owned(), cells.of(record, "RepID")?, record.get("Email").to_owned()];
    Ok(Participant {
        id: record.target.id,
        name: name.into_iter().find(|name| !name.is_empty()).unwrap_or_default(),
        email: record.get("Email").to_owned(),
        role: cells.of(record, "Role")?,
        status: cells.of(record, "Status")?,
        address: person.or(company),
    })
}

fn document(record: &Record) -> Document {
    let size: u64 = record.get("Size").parse().unwrap_or_default();
    Document {
        id: record.target.id,
        area: record.target.area.clone(),
        name: super::document::safe_name(record.get("Name")),
        media_type: record.get("MediaType").to_owned(),
        size: if size < 10_240 { format!("{size} B") } else { format!("{} KB", size / 1_024) },
    }
}
