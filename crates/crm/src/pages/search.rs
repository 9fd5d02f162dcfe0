//! Search over persons, companies and activities.

use super::cell::Cells;
use super::list::{Rows, encoded, rows};
use super::seen::Condition;
use super::{Site, Visited};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use tandem_web::{Trouble, Words};

/// Where words are looked for.
const AREAS: [&str; 3] = ["KP", "FI", "MA"];
/// So many results of each table are shown.
const MOST: usize = 10;

#[derive(Template)]
#[template(path = "search.html")]
struct Page<'a> {
    t: Words<'a>,
    words: &'a str,
    encoded: String,
    results: Vec<Found>,
}

struct Found {
    title: String,
    slug: String,
    count: u64,
    rows: Rows,
}

pub(super) async fn show(State(site): State<Site>, visit: Visited) -> Result<Response, Trouble> {
    let (this, asked) = (site.clone(), visit.clone());
    let results = site.read(move |reading| {
        let (words, rights) = (this.web.words(&asked), this.rights(&asked.visitor));
        let mut results = Vec::new();
        for area in AREAS.into_iter().filter(|_| !asked.asked("q").is_empty()) {
            let Some(sheet) = this.sheets.of(area) else { continue };
            let mut condition = Condition::seen(&rights, area, false);
            condition.with_words(asked.asked("q"), &sheet.search);
            let records = condition.page(reading, area, &sheet.order(), MOST, 0)?;
            let cells = Cells::new(reading, &this.sheets, words);
            results.push(Found {
                title: words.say(&format!("{}.title", sheet.slug)).to_owned(),
                slug: sheet.slug.clone(),
                count: condition.count(reading, area)?,
                rows: rows(reading, &cells, sheet, &records, words)?,
            });
        }
        Ok(results)
    });
    let t = site.web.words(&visit);
    let page =
        Page { t, words: visit.asked("q"), encoded: encoded(visit.asked("q")), results: results.await? };
    site.web.page(&visit, t.say("page.search"), &page)
}
