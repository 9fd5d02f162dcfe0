//! The button that adds the catalog entries which the setup guide asks for (part B, step 1).

use super::seen;
use super::{Site, Visited};
use crate::admin::catalogs;
use axum::response::{IntoResponse, Redirect, Response};
use tandem_web::Trouble;

pub(super) async fn add_missing(site: Site, visit: Visited) -> Result<Response, Trouble> {
    let author = visit.visitor.author.clone();
    let added = site.crm.storage.write(author, catalogs::add_missing).await.map_err(seen::failed)?;
    let words = site.web.words(&visit);
    let text = match added.as_slice() {
        [] => words.say("page.nothing_missing").to_owned(),
        added => words.fill("page.missing_added", added.join(", ")),
    };
    site.web.notice(&visit, text);
    Ok(Redirect::to("/catalogs").into_response())
}
