//! `forms.xml`: shown as it is on disk, changed, judged, saved.

use super::{Around, Stand, page, told, with_files};
use crate::pages::{Site, Visited};
use crate::system::{SaveError, Shown, Version};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use tandem_web::{Posted, Trouble, Words};

const FILE: &str = "forms.xml";

#[derive(Template)]
#[template(path = "configurator_forms.html")]
struct Page<'a> {
    t: Words<'a>,
    token: &'a str,
    around: Around<'a>,
    text: String,
    digest: String,
    /// None where there is no system folder.
    stand: Option<Stand>,
    remarks: Vec<String>,
    versions: Vec<Version>,
    error: Option<String>,
}

pub(super) async fn show(site: Site, visit: Visited) -> Result<Response, Trouble> {
    render(&site, &visit, None).await
}

pub(super) async fn save(site: Site, visit: Visited, posted: Posted) -> Result<Response, Trouble> {
    // Browsers send line feeds as two characters (HTML, form submission).
    let text = posted.get("text").unwrap_or_default().replace("\r\n", "\n");
    let (shown, by) = (posted.text("_shown").to_owned(), visit.visitor.author.principal.clone());
    let saving = text.clone();
    let saved = with_files(&site, move |system| system.save(FILE, &saving, Some(&shown), &by)).await?;
    let t = site.web.words(&visit);
    match saved {
        Ok(()) => {
            site.web.notice(&visit, t.say("configurator.saved"));
            Ok(Redirect::to("/configurator/forms").into_response())
        }
        Err(error) => {
            let refused = Refused { text, digest: posted.text("_shown").to_owned(), why: told(&error, t) };
            render(&site, &visit, Some(refused)).await
        }
    }
}

/// A text that was not saved: it is shown again, so that nobody loses his work.
struct Refused {
    text: String,
    digest: String,
    why: String,
}

async fn render(site: &Site, visit: &Visited, refused: Option<Refused>) -> Result<Response, Trouble> {
    let read = with_files(site, |system| (system.rules(), system.shown(FILE), system.versions(FILE)));
    let (rules, shown, versions) = read.await?;
    let t = site.web.words(visit);
    let (stand, on_disk, digest) = match shown {
        Ok(Shown { text, digest, state }) => (Some(Stand::of(&state, t)), text, digest),
        Err(SaveError::NoFolder) => {
            (None, tandem_groupware::Rules::builtin_forms().to_owned(), String::new())
        }
        Err(error) => return Err(Trouble::Failed(error.to_string())),
    };
    let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let (text, digest, error) = match refused {
        Some(refused) => (refused.text, refused.digest, Some(refused.why)),
        None => (on_disk, digest, None),
    };
    let content = Page {
        t,
        token: visit.token(),
        around: Around::of(t, "/configurator/forms"),
        text,
        digest,
        stand,
        remarks: rules.forms.remarks.clone(),
        versions,
        error,
    };
    page(site, visit, status, &content)
}
