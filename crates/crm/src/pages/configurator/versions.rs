//! What a file was before: shown, and saved again.

use super::{Around, page, told, with_files};
use crate::pages::{Site, Visited};
use crate::system::Version;
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use tandem_web::{Trouble, Words};

#[derive(Template)]
#[template(path = "configurator_version.html")]
struct Page<'a> {
    t: Words<'a>,
    token: &'a str,
    around: Around<'a>,
    version: Version,
    text: String,
}

/// The file's name, when it is one, and the page on which it is changed.
fn known(file: &str) -> Result<(&'static str, &'static str), Trouble> {
    match file {
        "forms.xml" => Ok(("forms.xml", "/configurator/forms")),
        "settings.xml" => Ok(("settings.xml", "/configurator/settings/general")),
        _ => Err(Trouble::NotFound),
    }
}

pub(super) async fn show(site: Site, visit: Visited, file: String, number: u64) -> Result<Response, Trouble> {
    let (name, back) = known(&file)?;
    let read = with_files(&site, move |system| (system.versions(name), system.version(name, number)));
    let (versions, text) = read.await?;
    let version = versions.into_iter().find(|version| version.number == number);
    let (version, text) = version.zip(text).ok_or(Trouble::NotFound)?;
    let t = site.web.words(&visit);
    let content = Page { t, token: visit.token(), around: Around::of(t, back), version, text };
    page(&site, &visit, StatusCode::OK, &content)
}

pub(super) async fn restore(
    site: Site,
    visit: Visited,
    file: String,
    number: u64,
) -> Result<Response, Trouble> {
    let (name, back) = known(&file)?;
    let by = visit.visitor.author.principal.clone();
    let saved = with_files(&site, move |system| {
        system.version(name, number).map(|text| system.save(name, &text, None, &by))
    });
    let t = site.web.words(&visit);
    match saved.await?.ok_or(Trouble::NotFound)? {
        Ok(()) => site.web.notice(&visit, t.say("configurator.saved")),
        Err(error) => {
            site.web.notice(&visit, format!("{}: {}", t.say("configurator.refused"), told(&error, t)));
        }
    }
    Ok(Redirect::to(back).into_response())
}
