//! Documents and catalogs as commands of their own.

use super::fault::Fault;
use super::forms::Forms;
use super::rights::Rights;
use super::select::{content, record_answer};
use super::write::named;
use crate::schema::{FieldType, Table};
use crate::storage::Reading;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tandem_crm_interface::language::{Document, FieldInput, FieldValue, RecordInput, Returned};

/// The info area of documents (setup guide: attachments are stored in D1, or in D2 of the customer).
const DOCUMENTS: &str = "D1";
/// Where the content of a document stands in an answer.
const CONTENT: &str = "rawdata";

/// The record that `putdoc` writes.
pub(super) fn input(reading: &Reading<'_>, document: &Document) -> Result<RecordInput, Fault> {
    let name = document.table.as_deref().unwrap_or(DOCUMENTS);
    let table = documents(reading, name)?;
    let content = table.fields.iter().find(|field| field.kind == FieldType::Blob);
    let content =
        content.map(|field| FieldInput::new(field.name.clone(), STANDARD.encode(&document.content)));
    let mut fields = vec![FieldInput::new("Name", document.name.clone())];
    // The guide's example has a keyword; a data model without that field takes the document without it.
    fields.extend(
        document
            .fields
            .iter()
            .filter(|field| field.name != "Keyword" || table.field(&field.name).is_some())
            .cloned(),
    );
    fields.extend(content);
    Ok(RecordInput::new(table.name.clone(), fields))
}

/// `getdoc`: documents with their content.
pub(super) fn get(
    reading: &Reading<'_>,
    inputs: &[RecordInput],
    rights: &Rights,
    forms: &Forms,
) -> Result<Returned, Fault> {
    let mut returned = Returned::default();
    for input in inputs {
        let table = documents(reading, &input.table)?;
        let found = named(reading, table, input, rights, forms)?;
        if found.is_empty() {
            return Err(Fault::invalid("there is no such document"));
        }
        for record in found {
            let mut answer = record_answer(&input.table, &record);
            let fields = table.fields.iter().filter(|field| field.kind != FieldType::Blob);
            answer.fields =
                fields.map(|field| FieldValue::new(field.name.clone(), record.get(&field.name))).collect();
            answer.fields.push(FieldValue::new(CONTENT, content(reading, &record)?));
            answer.attributes.clone_from(&input.attributes);
            returned.records.push(answer);
        }
    }
    Ok(returned)
}

fn documents<'s>(reading: &Reading<'s>, name: &str) -> Result<&'s Table, Fault> {
    let table = reading
        .schema()
        .table(name)
        .filter(|table| table.fields.iter().any(|field| field.kind == FieldType::Blob));
    table.ok_or_else(|| Fault::invalid(format!("\"{name}\" is no table of documents")))
}

/// `catalog`: the entries of a catalog, with their texts in the session's language.
pub(super) fn catalog(reading: &Reading<'_>, number: u32, forms: &Forms) -> Result<Returned, Fault> {
    let entries = forms.entries(reading, number)?;
    if entries.is_empty() {
        return Err(Fault::invalid(format!("there is no catalog {number}")));
    }
    let mut returned = Returned::default();
    for entry in entries.iter() {
        let mut answer = record_answer("Catalog", entry);
        answer.fields = vec![
            FieldValue::new("ExtKey", entry.get("ExtKey")),
            FieldValue::new("Text", forms.text(entry)),
            FieldValue::new("Locked", if entry.is("Locked") { "true" } else { "false" }),
        ];
        returned.records.push(answer);
    }
    Ok(returned)
}
