//! The page one comes to after signing in.

use super::cell::Cells;
use super::list::{Rows, rows};
use super::seen::Condition;
use super::{Site, Visited};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use tandem_web::{Trouble, Words};

/// So many activities are shown.
const MOST: usize = 10;

#[derive(Template)]
#[template(path = "front.html")]
struct Page<'a> {
    t: Words<'a>,
    counts: Vec<(String, String, u64)>,
    mine: Option<Rows>,
}

pub(super) async fn show(State(site): State<Site>, visit: Visited) -> Result<Response, Trouble> {
    let (this, asked) = (site.clone(), visit.clone());
    let today = site.crm.storage.now().strftime("%Y-%m-%d").to_string();
    let read = site.read(move |reading| {
        let (words, rights) = (this.web.words(&asked), this.rights(&asked.visitor));
        let mut counts = Vec::new();
        for sheet in this.sheets.iter().filter(|sheet| !sheet.administrator || rights.are_all()) {
            let count = Condition::seen(&rights, &sheet.area, false).count(reading, &sheet.area)?;
            counts.push((sheet.slug.clone(), words.say(&format!("{}.title", sheet.slug)).to_owned(), count));
        }
        let mine = match asked.visitor.rep_id() {
            Some(rep) => {
                let mut coming = Condition::seen(&rights, "MA", false);
                coming.and("\"RepID\" = ? AND \"Date\" >= ?", [rep.to_owned(), today]);
                let records = coming.page(reading, "MA", "\"Date\", \"Time\", _id", MOST, 0)?;
                let cells = Cells::new(reading, &this.sheets, words);
                let sheet = this.sheets.of("MA");
                sheet.map(|sheet| rows(reading, &cells, sheet, &records, words)).transpose()?
            }
            None => None,
        };
        Ok((counts, mine))
    });
    let (counts, mine) = read.await?;
    let t = site.web.words(&visit);
    site.web.page(&visit, t.say("page.front"), &Page { t, counts, mine })
}
