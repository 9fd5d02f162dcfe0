//! The password with which a rep signs in to the pages.

use super::seen;
use super::{Site, Visited};
use crate::storage::{Record, Target};
use axum::response::{IntoResponse, Redirect, Response};
use tandem_crm_interface::session::Secret;
use tandem_web::{Posted, Trouble};

/// The shortest password (NIST SP 800-63B: at least eight characters, no rules on their kind).
const SHORTEST: usize = 8;

/// Sets a rep's password, and ends his sessions.
pub(super) async fn set_password(
    site: Site,
    visit: Visited,
    id: i64,
    posted: Posted,
) -> Result<Response, Trouble> {
    let rep: Option<Record> = site.read(move |reading| reading.get(&Target::new("ID", id))).await?;
    let rep = rep.filter(|rep| !rep.deleted).ok_or(Trouble::NotFound)?;
    let words = site.web.words(&visit);
    let (password, again) =
        (posted.get("password").unwrap_or_default(), posted.get("again").unwrap_or_default());
    let text = if password.chars().count() < SHORTEST {
        words.fill("page.password_short", SHORTEST)
    } else if password != again {
        words.say("page.password_differs").to_owned()
    } else {
        let number = rep.get("RepID").to_owned();
        let set = site.crm.passwords.set_rep(&number, &Secret::new(password)).await;
        set.map_err(seen::failed)?;
        site.web.end_sessions(&visit, |user| user.rep_id() == Some(number.as_str()));
        words.say("page.password_done").to_owned()
    };
    site.web.notice(&visit, text);
    Ok(Redirect::to(&format!("/reps/{id}?tab=rights")).into_response())
}
