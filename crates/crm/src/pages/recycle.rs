//! The recycle list: what was deleted and can be restored.

use super::cell::Cells;
use super::seen::Condition;
use super::{Site, Visited};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use tandem_web::{Trouble, Words};

/// So many records of each table are shown, the latest first.
const MOST: usize = 100;

#[derive(Template)]
#[template(path = "recycle.html")]
struct Page<'a> {
    t: Words<'a>,
    token: &'a str,
    rows: Vec<Row>,
}

struct Row {
    address: String,
    kind: String,
    name: String,
    deleted: String,
    by: String,
    restorable: bool,
}

pub(super) async fn show(State(site): State<Site>, visit: Visited) -> Result<Response, Trouble> {
    let (this, asked) = (site.clone(), visit.clone());
    let rows = site.read(move |reading| {
        let (words, rights) = (this.web.words(&asked), this.rights(&asked.visitor));
        let cells = Cells::new(reading, &this.sheets, words);
        let mut found = Vec::new();
        for sheet in this.sheets.iter().filter(|sheet| !sheet.administrator || rights.are_all()) {
            let records = Condition::seen(&rights, &sheet.area, true).page(
                reading,
                &sheet.area,
                "_modified DESC",
                MOST,
                0,
            )?;
            for record in records {
                let rep = reading.find("ID", &[("RepID", record.author.principal.as_str())], 1)?.pop();
                let row = Row {
                    address: format!("/{}/{}", sheet.slug, record.target.id),
                    kind: words.say(&format!("{}.title", sheet.slug)).to_owned(),
                    name: cells.name(sheet, &record)?,
                    deleted: record.modified.strftime("%Y-%m-%d %H:%M").to_string(),
                    by: rep.map_or_else(|| record.author.principal.clone(), |rep| rep.get("Name").to_owned()),
                    restorable: rights.may_write(&sheet.area),
                };
                found.push((record.modified, row));
            }
        }
        found.sort_by_key(|(modified, _)| std::cmp::Reverse(*modified));
        Ok(found.into_iter().map(|(_, row)| row).collect::<Vec<_>>())
    });
    let t = site.web.words(&visit);
    let page = Page { t, token: visit.token(), rows: rows.await? };
    site.web.page(&visit, t.say("page.recycle"), &page)
}
