//! The CRM.interface configurator (setup guide, part B, step 3): `settings.xml` in its eight groups, `forms.xml`, what they
//! were before, and the validation checklist. For administrators.
//!
//! What is saved goes the way of the system folder: judged first, then put in place, so that a mistake never takes effect.

mod checklist;
mod forms;
mod settings;
mod versions;

use super::{CrmDoor, Site, Visited};
use crate::system::{FileState, SaveError, System};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Redirect;
use tandem_web::{Access, Pages, Posted, Trouble, Words};

/// Texts in both languages.
pub(super) const TEXTS: [&str; 2] = [include_str!("texts.toml"), include_str!("switches.toml")];

/// The groups of the configurator, in its order: in addresses, and as they are called.
const GROUPS: [(&str, &str); 8] = [
    ("general", "General"),
    ("inbound-transformations", "Inbound Transformations"),
    ("outbound-transformations", "Outbound Transformations"),
    ("output-encoding", "Output Encoding"),
    ("advanced-1", "Advanced I"),
    ("advanced-2", "Advanced II"),
    ("groupware", "Groupware"),
    ("catalogs", "Catalogs"),
];

/// Adds the configurator's pages.
pub(super) fn add(pages: Pages<CrmDoor, Site>) -> Pages<CrmDoor, Site> {
    let administrator = Access::Administrator;
    type Group = Path<String>;
    type Version = Path<(String, u64)>;
    pages
        .get("/configurator", administrator, || async { Redirect::to("/configurator/settings/general") })
        .get(
            "/configurator/settings/{group}",
            administrator,
            |State(site): State<Site>, visit: Visited, Path(group): Group| settings::show(site, visit, group),
        )
        .post(
            "/configurator/settings/{group}",
            administrator,
            |State(site): State<Site>, visit: Visited, Path(group): Group, posted: Posted| {
                settings::save(site, visit, group, posted)
            },
        )
        .get("/configurator/forms", administrator, |State(site): State<Site>, visit: Visited| {
            forms::show(site, visit)
        })
        .post(
            "/configurator/forms",
            administrator,
            |State(site): State<Site>, visit: Visited, posted: Posted| forms::save(site, visit, posted),
        )
        .get(
            "/configurator/versions/{file}/{number}",
            administrator,
            |State(site): State<Site>, visit: Visited, Path((file, number)): Version| {
                versions::show(site, visit, file, number)
            },
        )
        .post(
            "/configurator/versions/{file}/{number}/restore",
            administrator,
            |State(site): State<Site>, visit: Visited, Path((file, number)): Version| {
                versions::restore(site, visit, file, number)
            },
        )
        .get("/configurator/checklist", administrator, |State(site): State<Site>, visit: Visited| {
            checklist::show(site, visit)
        })
}

/// What stands above and below every page of the configurator.
struct Around<'a> {
    tabs: Vec<Tab<'a>>,
    version: &'static str,
}

struct Tab<'a> {
    path: String,
    text: &'a str,
    current: bool,
}

impl<'a> Around<'a> {
    fn of(t: Words<'a>, current: &str) -> Self {
        let groups = GROUPS.iter().map(|(slug, name)| (format!("/configurator/settings/{slug}"), *name));
        let others = [
            ("/configurator/forms".to_owned(), t.say("configurator.forms")),
            ("/configurator/checklist".to_owned(), t.say("configurator.checklist")),
        ];
        let tabs = groups.chain(others).map(|(path, text)| Tab { current: path == current, path, text });
        Self { tabs: tabs.collect(), version: env!("CARGO_PKG_VERSION") }
    }
}

/// What of a file is in force and what lies on disk, in words.
struct Stand {
    path: String,
    loaded: String,
    since: String,
    on_disk: String,
    /// Why what is on disk is not in force.
    refused: Option<String>,
}

impl Stand {
    fn of(state: &FileState, t: Words<'_>) -> Self {
        let short = |digest: &Option<String>, otherwise: &str| {
            let digest = digest.as_ref().map(|digest| digest.chars().take(12).collect());
            digest.unwrap_or_else(|| t.say(otherwise).to_owned())
        };
        let refused = state.refused.as_ref().map(|refused| match refused.line {
            Some(line) => format!("{}: {}", t.fill("configurator.line", line), refused.reason),
            None => refused.reason.clone(),
        });
        Self {
            path: state.path.display().to_string(),
            loaded: short(&state.loaded, "configurator.builtin"),
            since: state.loaded_at.map(|at| at.strftime("%Y-%m-%d %H:%M:%S").to_string()).unwrap_or_default(),
            on_disk: short(&state.on_disk, "configurator.no_file"),
            refused,
        }
    }
}

/// Why a text was not saved, in words.
fn told(error: &SaveError, t: Words<'_>) -> String {
    match error {
        SaveError::NoFolder => t.say("configurator.no_folder").to_owned(),
        SaveError::Rules(error) => {
            format!("{}: {}", t.fill("configurator.line", error.line), error.reason)
        }
        SaveError::Changed(_) | SaveError::File { .. } => error.to_string(),
    }
}

/// Works with files, on a thread that may wait for the disk.
async fn with_files<T: Send + 'static>(
    site: &Site,
    work: impl FnOnce(&System) -> T + Send + 'static,
) -> Result<T, Trouble> {
    let system = site.crm.system.clone();
    tokio::task::spawn_blocking(move || work(&system))
        .await
        .map_err(|error| Trouble::Failed(error.to_string()))
}

/// A page whose content stands between the configurator's tabs and its footer.
fn page(
    site: &Site,
    visit: &Visited,
    status: axum::http::StatusCode,
    content: &impl Template,
) -> Result<axum::response::Response, Trouble> {
    let t = site.web.words(visit);
    site.web.page_with(status, visit, t.say("configurator.title"), content)
}
