//! The CRM's pages in a browser. What they show and write goes through the same rooms as what CRM.interface reads and
//! writes: the rights of the language, the stamps and feeds of the storage. That is why an edit made here synchronises.

mod access_times;
mod catalog;
mod cell;
mod configurator;
mod document;
mod door;
mod extra;
mod form;
mod front;
mod letter;
mod link;
mod list;
mod participant;
mod record;
mod recycle;
mod rep;
mod search;
mod seen;
mod sheet;

use crate::crm::Crm;
use crate::error::CrmError;
use axum::Router;
use axum::extract::{Path, State};
use door::{CrmDoor, User};
use sheet::{Sheet, Sheets};
use std::sync::Arc;
use tandem_outside::{SystemChance, SystemClock};
use tandem_web::{Access, Entry, Lifetime, Pages, Posted, Product, Route, Visit, Web};

/// Texts in both languages.
const TEXTS: &str = include_str!("texts.toml");

/// The largest upload, in bytes: the largest document, and what a form adds to it.
const MAX_UPLOAD: usize = crate::storage::MAX_DOCUMENT + (1 << 20);

/// A request of somebody who is signed in.
type Visited = Visit<User>;

/// What handlers work with.
#[derive(Clone)]
pub(crate) struct Site {
    web: Web<CrmDoor>,
    crm: Crm,
    sheets: Arc<Sheets>,
}

/// The pages, and the table of their addresses. `secure` says that they are served over HTTPS only.
pub(crate) fn pages(crm: &Crm, secure: bool) -> Result<(Router, Vec<Route>), CrmError> {
    let sheets = Arc::new(Sheets::read(crm.storage.schema())?);
    let web = Web::new(
        CrmDoor(crm.clone()),
        product(&sheets, secure),
        Arc::new(SystemClock),
        Arc::new(SystemChance),
    )?;
    let mut pages = Pages::new(&web)
        .get("/", Access::SignedIn, front::show)
        .get("/search", Access::SignedIn, search::show)
        .get("/recycle", Access::SignedIn, recycle::show);
    for sheet in sheets.iter() {
        pages = of_sheet(pages, sheet);
    }
    let (router, table) = configurator::add(of_activities(pages))
        .post("/catalogs/add-missing", Access::Administrator, |State(site): State<Site>, visit: Visited| {
            catalog::add_missing(site, visit)
        })
        .post(
            "/reps/{id}/password",
            Access::Administrator,
            |State(site): State<Site>, visit: Visited, Path(id): Path<i64>, posted: Posted| {
                rep::set_password(site, visit, id, posted)
            },
        )
        .finish();
    Ok((router.with_state(Site { web, crm: crm.clone(), sheets }), table))
}

/// List, record, adding, deleting and restoring, for each table that has pages.
fn of_sheet(pages: Pages<CrmDoor, Site>, sheet: &Sheet) -> Pages<CrmDoor, Site> {
    let access = if sheet.administrator { Access::Administrator } else { Access::SignedIn };
    // Handlers live as long as the program.
    let area: &'static str = sheet.area.clone().leak();
    let at = |end: &str| format!("/{}{end}", sheet.slug);
    pages
        .get(&at(""), access, move |State(site): State<Site>, visit: Visited| list::show(site, visit, area))
        .get(&at("/new"), access, move |State(site): State<Site>, visit: Visited| {
            record::new(site, visit, area)
        })
        .post(&at("/new"), access, move |State(site): State<Site>, visit: Visited, posted: Posted| {
            record::save(site, visit, area, 0, posted)
        })
        .get(&at("/{id}"), access, move |State(site): State<Site>, visit: Visited, Path(id): Path<i64>| {
            record::show(site, visit, area, id)
        })
        .post(
            &at("/{id}"),
            access,
            move |State(site): State<Site>, visit: Visited, Path(id): Path<i64>, posted: Posted| {
                record::save(site, visit, area, id, posted)
            },
        )
        .post(
            &at("/{id}/delete"),
            access,
            move |State(site): State<Site>, visit: Visited, Path(id): Path<i64>| {
                record::remove(site, visit, area, id, false)
            },
        )
        .post(
            &at("/{id}/restore"),
            access,
            move |State(site): State<Site>, visit: Visited, Path(id): Path<i64>| {
                record::remove(site, visit, area, id, true)
            },
        )
}

/// What belongs to an activity.
fn of_activities(pages: Pages<CrmDoor, Site>) -> Pages<CrmDoor, Site> {
    type Document = Path<(i64, String, i64)>;
    pages
        .get(
            "/activities/{id}/letter",
            Access::SignedIn,
            |State(site): State<Site>, visit: Visited, Path(id): Path<i64>| letter::show(site, visit, id),
        )
        .post(
            "/activities/{id}/participants",
            Access::SignedIn,
            |State(site): State<Site>, visit: Visited, Path(id): Path<i64>, posted: Posted| {
                participant::add(site, visit, id, posted)
            },
        )
        .post(
            "/activities/{id}/participants/{which}/remove",
            Access::SignedIn,
            |State(site): State<Site>, visit: Visited, Path((id, which)): Path<(i64, i64)>| {
                participant::remove(site, visit, id, which)
            },
        )
        .post_files(
            "/activities/{id}/documents",
            Access::SignedIn,
            MAX_UPLOAD,
            |State(site): State<Site>, visit: Visited, Path(id): Path<i64>, posted: Posted| {
                document::upload(site, visit, id, posted)
            },
        )
        .get(
            "/activities/{id}/documents/{area}/{which}",
            Access::SignedIn,
            |State(site): State<Site>, visit: Visited, Path((id, area, which)): Document| async move {
                document::download(site, visit, id, &area, which).await
            },
        )
        .post(
            "/activities/{id}/documents/{area}/{which}/remove",
            Access::SignedIn,
            |State(site): State<Site>, visit: Visited, Path((id, area, which)): Document| async move {
                document::remove(site, visit, id, &area, which).await
            },
        )
}

fn product(sheets: &Sheets, secure: bool) -> Product {
    let of =
        |slug: &str| sheets.iter().find(|sheet| sheet.slug == slug).is_some_and(|sheet| sheet.administrator);
    let entry = |path: &'static str, text: &'static str| Entry { path, text, administrator: of(&path[1..]) };
    Product {
        name: "Tandem CRM",
        cookie: "tandem-crm",
        secure,
        lifetime: Lifetime::default(),
        navigation: vec![
            entry("/", "page.front"),
            entry("/persons", "persons.title"),
            entry("/companies", "companies.title"),
            entry("/activities", "activities.title"),
            entry("/tasks", "tasks.title"),
            entry("/todos", "todos.title"),
            entry("/absences", "absences.title"),
            entry("/reps", "reps.title"),
            entry("/rights", "rights.title"),
            entry("/catalogs", "catalogs.title"),
            Entry { path: "/configurator", text: "configurator.title", administrator: true },
            entry("/recycle", "page.recycle"),
        ],
        search: Some("/search"),
        footer: format!("Tandem CRM {}", env!("CARGO_PKG_VERSION")),
        texts: [&[TEXTS][..], &configurator::TEXTS].concat(),
    }
}
