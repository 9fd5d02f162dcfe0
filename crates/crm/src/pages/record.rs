//! A record's page: seeing it, changing it, adding one, deleting it and bringing it back.

use super::cell::Cells;
use super::form::{Desk, Entered, Shown};
use super::list::{self, Rows};
use super::seen::{self, Unseen};
use super::sheet::{Sheet, Tab};
use super::{Site, Visited, extra};
use crate::schema::{LinkEnd, Table};
use crate::storage::{Author, Fields, Reading, Record, StorageError, Target, Writing};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use tandem_model::Stamp;
use tandem_web::{Posted, Trouble, Words};

/// So many records of another table are shown below a record.
const RELATED: usize = 20;

#[derive(Template)]
#[template(path = "record.html")]
struct Page<'a> {
    t: Words<'a>,
    token: &'a str,
    sheet: &'a Sheet,
    list_title: &'a str,
    tab: &'a str,
    tabs: Vec<Chooser<'a>>,
    known: Known,
    name: &'a str,
    /// What is to be said before the form.
    warning: Option<String>,
}

/// A tab that can be chosen.
struct Chooser<'a> {
    name: &'a str,
    text: String,
    current: bool,
}

/// What is known of a record that is shown.
#[derive(Debug)]
pub(super) struct Known {
    pub record: Record,
    pub fields: Vec<Shown>,
    /// Whether the visitor may change it.
    pub editable: bool,
    pub modified: String,
    pub related: Vec<(String, Rows)>,
    pub extra: extra::Extra,
}

impl Known {
    fn is_new(&self) -> bool {
        self.record.target.id == 0
    }
}

/// What became of a form that was sent.
enum Saved {
    Done(Target),
    Unseen(Unseen),
    Refused(Box<Known>, Option<String>),
}

pub(super) async fn show(
    site: Site,
    visit: Visited,
    area: &'static str,
    id: i64,
) -> Result<Response, Trouble> {
    let (this, asked) = (site.clone(), visit.clone());
    let found = site.read(move |reading| {
        let record = seen::record(reading, &this.rights(&asked.visitor), &Target::new(area, id))?;
        record.map_or_else(
            |unseen| Ok(Err(unseen)),
            |record| this.known(reading, &asked, record, &Entered::default()).map(Ok),
        )
    });
    match found.await? {
        Ok(known) => site.record_page(StatusCode::OK, &visit, area, known, None).await,
        Err(unseen) => Err(unseen.trouble(site.web.words(&visit).say("page.not_yours"))),
    }
}

pub(super) async fn new(site: Site, visit: Visited, area: &'static str) -> Result<Response, Trouble> {
    site.may_write(&visit, area)?;
    let (this, asked) = (site.clone(), visit.clone());
    let fresh = fresh(&site, &visit, area);
    let known = site.read(move |reading| this.known(reading, &asked, fresh, &Entered::default())).await?;
    site.record_page(StatusCode::OK, &visit, area, known, None).await
}

/// A record that is not there yet, with what one would fill in anyway.
fn fresh(site: &Site, visit: &Visited, area: &str) -> Record {
    let rep = visit.visitor.rep_id().unwrap_or_default();
    let filled: &[(&str, &str)] = match area {
        "MA" => &[("RepID", rep), ("Contact", "Appointment"), ("ShowAs", "busy"), ("Priority", "normal")],
        "A1" => &[("RepID", rep), ("CreatedByID", rep), ("Status", "notStarted"), ("Priority", "normal")],
        "TD" => &[("RepID", rep), ("Status", "open"), ("ContactStatNo", "1")],
        "A3" => &[("RepID", rep), ("AllDay", "true")],
        _ => &[],
    };
    let filled = filled.iter().filter(|(_, value)| !value.is_empty());
    let mut fields =
        filled.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<Fields>();
    let asked = site.sheets.of(area).into_iter().flat_map(|sheet| &sheet.columns);
    fields.extend(
        asked.map(|name| (name.clone(), visit.asked(name).to_owned())).filter(|(_, value)| !value.is_empty()),
    );
    Record {
        target: Target::new(area, 0),
        stamp: Stamp(0),
        modified: Timestamp::UNIX_EPOCH,
        author: Author::default(),
        unseen: Stamp(0),
        deleted: false,
        fields,
    }
}

/// Saves a form: a new record where `id` is zero.
pub(super) async fn save(
    site: Site,
    visit: Visited,
    area: &'static str,
    id: i64,
    posted: Posted,
) -> Result<Response, Trouble> {
    site.may_write(&visit, area)?;
    let (this, asked, sent) = (site.clone(), visit.clone(), posted.clone());
    let author = visit.visitor.author.clone();
    let saved = site.crm.storage.write(author, move |writing| this.write(writing, &asked, &sent, area, id));
    let words = site.web.words(&visit);
    match saved.await.map_err(seen::failed)? {
        Saved::Done(target) => {
            site.web.notice(&visit, words.say(if id == 0 { "page.added" } else { "page.saved" }));
            let slug = site.sheets.of(area).map_or("", |sheet| sheet.slug.as_str());
            let tab = visit.asked("tab");
            let tab = if tab.chars().all(|c| c.is_ascii_lowercase() || c == '_') { tab } else { "" };
            Ok(Redirect::to(&format!("/{slug}/{}?tab={tab}", target.id)).into_response())
        }
        Saved::Unseen(unseen) => Err(unseen.trouble(words.say("page.not_yours"))),
        Saved::Refused(known, warning) => {
            let status =
                if warning.is_some() { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
            let warning = warning.or_else(|| Some(words.say("page.faults").to_owned()));
            site.record_page(status, &visit, area, *known, warning).await
        }
    }
}

/// Deletes a record softly, or brings it back.
pub(super) async fn remove(
    site: Site,
    visit: Visited,
    area: &'static str,
    id: i64,
    restore: bool,
) -> Result<Response, Trouble> {
    site.may_write(&visit, area)?;
    let (rights, target) = (site.rights(&visit.visitor), Target::new(area, id));
    let written = site.crm.storage.write(visit.visitor.author.clone(), move |writing| {
        if let Err(unseen) = seen::record(writing, &rights, &target)? {
            return Ok(Err(unseen));
        }
        if restore {
            writing.undelete(&target)?;
        } else {
            writing.delete(&target)?;
        }
        Ok(Ok(()))
    });
    let words = site.web.words(&visit);
    let done = written.await.map_err(seen::failed)?;
    done.map_err(|unseen| unseen.trouble(words.say("page.not_yours")))?;
    site.web.notice(&visit, words.say(if restore { "page.restored" } else { "page.deleted" }));
    let slug = site.sheets.of(area).map_or("", |sheet| sheet.slug.as_str());
    let to = if restore { format!("/{slug}/{id}") } else { format!("/{slug}") };
    Ok(Redirect::to(&to).into_response())
}

impl Site {
    /// Refuses whoever may not change records of a table.
    pub(super) fn may_write(&self, visit: &Visited, area: &str) -> Result<(), Trouble> {
        if self.rights(&visit.visitor).may_write(area) {
            return Ok(());
        }
        Err(Trouble::Forbidden(self.web.words(visit).say("page.read_only").to_owned()))
    }

    async fn record_page(
        &self,
        status: StatusCode,
        visit: &Visited,
        area: &'static str,
        known: Known,
        warning: Option<String>,
    ) -> Result<Response, Trouble> {
        let sheet = self.sheets.of(area).ok_or(Trouble::NotFound)?;
        let t = self.web.words(visit);
        let name = if known.is_new() {
            t.say(&format!("{}.new", sheet.slug)).to_owned()
        } else {
            let (this, asked, record) = (self.clone(), visit.clone(), known.record.clone());
            let name = self.read(move |reading| {
                let sheet = this.sheets.of(area);
                let cells = Cells::new(reading, &this.sheets, this.web.words(&asked));
                sheet.map_or_else(|| Ok(String::new()), |sheet| cells.name(sheet, &record))
            });
            name.await?
        };
        let tab = tab(sheet, visit.asked("tab")).name.as_str();
        let list_title = format!("{}.title", sheet.slug);
        let page = Page {
            t,
            token: visit.token(),
            sheet,
            list_title: t.say(&list_title),
            tab,
            tabs: self.tabs(t, sheet, tab, known.is_new()),
            known,
            name: &name,
            warning,
        };
        self.web.page_with(status, visit, &name, &page)
    }

    /// The tabs of a record; a new one is added from its first.
    fn tabs<'a>(&self, t: Words<'_>, sheet: &'a Sheet, current: &str, is_new: bool) -> Vec<Chooser<'a>> {
        let shown = sheet.tabs.iter().take(if is_new { 1 } else { usize::MAX });
        let chooser = |tab: &'a Tab| Chooser {
            name: &tab.name,
            text: t.say(&format!("tab.{}", tab.name)).to_owned(),
            current: tab.name == current,
        };
        shown.map(chooser).collect()
    }

    /// Reads what the page of a record shows.
    fn known(
        &self,
        reading: &Reading<'_>,
        visit: &Visited,
        record: Record,
        entered: &Entered,
    ) -> Result<Known, StorageError> {
        let (rights, words) = (self.rights(&visit.visitor), self.web.words(visit));
        let area = record.target.area.clone();
        let (sheet, table) = self.sheet(reading, &area)?;
        let desk = Desk { reading, sheets: &self.sheets, sheet, table, rights: &rights, words };
        let fields = desk.form(tab(sheet, visit.asked("tab")), &record, entered)?;
        let is_new = record.target.id == 0;
        let mut related = Vec::new();
        for other in sheet.related.iter().filter(|_| !is_new) {
            let (condition, values) = join(reading, &record, other);
            let rows =
                list::some(reading, &self.sheets, words, &rights, other, (&condition, values), RELATED)?;
            let slug = self.sheets.of(other).map_or("", |sheet| sheet.slug.as_str());
            related.push((words.say(&format!("{slug}.title")).to_owned(), rows));
        }
        Ok(Known {
            editable: !record.deleted && rights.may_write(&area),
            modified: self.modified(reading, &record)?,
            extra: if is_new { extra::Extra::default() } else { extra::of(self, reading, visit, &record)? },
            fields,
            related,
            record,
        })
    }

    fn sheet<'s>(
        &'s self,
        reading: &'s Reading<'_>,
        area: &str,
    ) -> Result<(&'s Sheet, &'s Table), StorageError> {
        let lost = || StorageError::Invalid(format!("table {area} has no pages"));
        Ok((self.sheets.of(area).ok_or_else(lost)?, reading.schema().table(area).ok_or_else(lost)?))
    }

    /// When a record was written last and by whom, in words.
    fn modified(&self, reading: &Reading<'_>, record: &Record) -> Result<String, StorageError> {
        let rep = reading.find("ID", &[("RepID", record.author.principal.as_str())], 1)?.pop();
        let who = rep.map_or_else(|| record.author.principal.clone(), |rep| rep.get("Name").to_owned());
        let client = Some(&record.author.client).filter(|client| !client.is_empty());
        let through = client.map(|client| format!(" ({client})")).unwrap_or_default();
        Ok(format!("{} UTC, {who}{through}", record.modified.strftime("%Y-%m-%d %H:%M")))
    }

    fn write(
        &self,
        writing: &mut Writing<'_>,
        visit: &Visited,
        posted: &Posted,
        area: &'static str,
        id: i64,
    ) -> Result<Saved, StorageError> {
        let (rights, words) = (self.rights(&visit.visitor), self.web.words(visit));
        let record = if id == 0 {
            fresh(self, visit, area)
        } else {
            match seen::record(writing, &rights, &Target::new(area, id))? {
                Ok(record) if record.deleted => return Ok(Saved::Unseen(Unseen::Nothing)),
                Ok(record) => record,
                Err(unseen) => return Ok(Saved::Unseen(unseen)),
            }
        };
        let (sheet, table) = self.sheet(writing, area)?;
        let tab = tab(sheet, visit.asked("tab"));
        let desk = Desk { reading: writing, sheets: &self.sheets, sheet, table, rights: &rights, words };
        let mut entered = desk.read(tab, &record, posted)?;
        if id != 0 && posted.text("_stamp") != record.stamp.0.to_string() {
            let here = desk.mark_changed(tab, &record, posted, &mut entered)?;
            let mut warning = words.fill("page.changed", self.modified(writing, &record)?);
            if !here {
                warning.push(' ');
                warning.push_str(words.say("page.changed_beside"));
            }
            return Ok(Saved::Refused(
                Box::new(self.known(writing, visit, record, &entered)?),
                Some(warning),
            ));
        }
        if !entered.errors.is_empty() {
            return Ok(Saved::Refused(Box::new(self.known(writing, visit, record, &entered)?), None));
        }
        entered.fields.retain(|name, value| differs(record.get(name), value));
        if id == 0 {
            let mut fields = record.fields;
            fields.extend(entered.fields);
            return Ok(Saved::Done(writing.insert(area, &fields)?.target));
        }
        // The stamp proves that he knows what he overwrites.
        writing.informed();
        Ok(Saved::Done(writing.update(&record.target, &entered.fields)?.target))
    }
}

/// A box that was never ticked holds nothing, and line ends from elsewhere may be CR LF: neither is a change.
fn differs(held: &str, value: &str) -> bool {
    held != value && !(held.is_empty() && value == "false") && held.replace("\r\n", "\n") != value
}

fn tab<'s>(sheet: &'s Sheet, name: &str) -> &'s Tab {
    sheet.tabs.iter().find(|tab| tab.name == name).unwrap_or(&sheet.tabs[0])
}

/// The condition that records of another table belong to this one.
fn join(reading: &Reading<'_>, record: &Record, area: &str) -> (String, Vec<String>) {
    let ends = reading.schema().link(&record.target.area, area).unwrap_or_default();
    let (mut terms, mut values) = (Vec::new(), Vec::new());
    for (own, other) in ends {
        let (LinkEnd::Field(own), LinkEnd::Field(other)) = (own, other) else { continue };
        terms.push(format!("\"{other}\" = ?"));
        values.push(record.get(&own).to_owned());
    }
    (terms.join(" AND "), values)
}
