//! The validation checklist of the setup guide as a page.

use super::{Around, page};
use crate::admin::checklist::{self, Checklist, Level};
use crate::pages::seen;
use crate::pages::{Site, Visited};
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use tandem_web::{Trouble, Words};

#[derive(Template)]
#[template(path = "configurator_checklist.html")]
struct Page<'a> {
    t: Words<'a>,
    around: Around<'a>,
    list: Checklist,
}

impl Page<'_> {
    fn level(&self, level: &Level) -> &str {
        self.t.say(match level {
            Level::Error => "configurator.level_error",
            Level::Warning => "configurator.level_warning",
            Level::Note => "configurator.level_note",
        })
    }
}

pub(super) async fn show(site: Site, visit: Visited) -> Result<Response, Trouble> {
    let list = checklist::of(&site.crm).await.map_err(seen::failed)?;
    let t = site.web.words(&visit);
    let content = Page { t, around: Around::of(t, "/configurator/checklist"), list };
    page(&site, &visit, StatusCode::OK, &content)
}
