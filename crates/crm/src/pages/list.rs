//! Lists of records.

use super::Site;
use super::cell::Cells;
use super::seen::Condition;
use super::sheet::{Sheet, Sheets};
use super::{User, Visited};
use crate::language::rights::Rights;
use crate::schema::FieldType;
use crate::storage::{Reading, Record, StorageError};
use askama::Template;
use axum::response::Response;
use tandem_web::{Trouble, Visit, Words};

/// So many records are on a page.
const PER_PAGE: usize = 50;
/// A text of more characters needs a column that is not too narrow.
const LONG: usize = 24;

/// A table of records.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub labels: Vec<String>,
    pub rows: Vec<Row>,
}

#[derive(Debug)]
pub(super) struct Row {
    pub address: String,
    /// The value of each column, and whether it is a number or a moment.
    pub cells: Vec<(String, &'static str)>,
}

#[derive(Template)]
#[template(path = "list.html")]
struct Page<'a> {
    t: Words<'a>,
    sheet: &'a Sheet,
    token: &'a str,
    title: &'a str,
    new: &'a str,
    words: &'a str,
    encoded: String,
    rows: Rows,
    count: u64,
    previous: Option<usize>,
    next: Option<usize>,
    may_add: bool,
}

/// The list of a table.
pub(super) async fn show(site: Site, visit: Visited, area: &'static str) -> Result<Response, Trouble> {
    let sheet = site.sheets.of(area).ok_or(Trouble::NotFound)?;
    let page = visit.asked("page").parse::<usize>().unwrap_or(1).clamp(1, 1_000_000);
    let (this, asked) = (site.clone(), visit.clone());
    let (rows, count) = site.read(move |reading| this.listed(reading, &asked, area, page)).await?;
    let pages = usize::try_from(count).unwrap_or(usize::MAX).div_ceil(PER_PAGE);
    let t = site.web.words(&visit);
    let (title, new) = (format!("{}.title", sheet.slug), format!("{}.new", sheet.slug));
    let content = Page {
        t,
        sheet,
        token: visit.token(),
        title: t.say(&title),
        new: t.say(&new),
        words: visit.asked("q"),
        encoded: encoded(visit.asked("q")),
        rows,
        count,
        previous: (page > 1).then(|| page - 1),
        next: (page < pages).then_some(page + 1),
        may_add: site.rights(&visit.visitor).may_write(area),
    };
    site.web.page(&visit, t.say(&title), &content)
}

/// A text as a parameter of an address.
pub(super) fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

impl Site {
    fn listed(
        &self,
        reading: &Reading<'_>,
        visit: &Visit<User>,
        area: &str,
        page: usize,
    ) -> Result<(Rows, u64), StorageError> {
        let Some(sheet) = self.sheets.of(area) else { return Ok((Rows::default(), 0)) };
        let mut condition = Condition::seen(&self.rights(&visit.visitor), area, false);
        condition.with_words(visit.asked("q"), &sheet.search);
        let records = condition.page(reading, area, &sheet.order(), PER_PAGE, (page - 1) * PER_PAGE)?;
        let cells = Cells::new(reading, &self.sheets, self.web.words(visit));
        Ok((rows(reading, &cells, sheet, &records, self.web.words(visit))?, condition.count(reading, area)?))
    }
}

/// Records in the columns of their sheet.
pub(super) fn rows(
    reading: &Reading<'_>,
    cells: &Cells<'_>,
    sheet: &Sheet,
    records: &[Record],
    words: Words<'_>,
) -> Result<Rows, StorageError> {
    let table = reading.schema().table(&sheet.area);
    let look = |name: &str| match table.and_then(|table| table.field(name)).map(|field| field.kind) {
        Some(FieldType::Date | FieldType::Time | FieldType::Bool) => "short",
        _ => "",
    };
    let row = |record: &Record| {
        let mut shown = Vec::with_capacity(sheet.columns.len());
        for column in &sheet.columns {
            let value = cells.of(record, column)?;
            let long = value.chars().count() > LONG;
            shown.push((value, if long { "long" } else { look(column) }));
        }
        // The first column leads to the record, and so it must show something.
        if let Some(first) = shown.first_mut().filter(|first| first.0.is_empty()) {
            first.0 = cells.name(sheet, record)?;
        }
        Ok(Row { address: format!("/{}/{}", sheet.slug, record.target.id), cells: shown })
    };
    let labels = sheet.columns.iter().map(|name| words.say(&format!("field.{name}")).to_owned()).collect();
    Ok(Rows { labels, rows: records.iter().map(row).collect::<Result<_, StorageError>>()? })
}

/// A few records of a table that meet a condition, in the table's order.
pub(super) fn some(
    reading: &Reading<'_>,
    sheets: &Sheets,
    words: Words<'_>,
    rights: &Rights,
    area: &str,
    (condition, values): (&str, Vec<String>),
    limit: usize,
) -> Result<Rows, StorageError> {
    let Some(sheet) = sheets.of(area) else { return Ok(Rows::default()) };
    let mut seen = Condition::seen(rights, area, false);
    seen.and(condition, values);
    let records = seen.page(reading, area, &sheet.order(), limit, 0)?;
    rows(reading, &Cells::new(reading, sheets, words), sheet, &records, words)
}
