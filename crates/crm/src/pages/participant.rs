//! Who takes part in an activity.

use super::seen::{self, Unseen};
use super::{Site, Visited, link};
use crate::language::rights::Rights;
use crate::storage::{Fields, Reading, StorageError, Target, Writing};
use crate::sync::person_name;
use axum::response::{IntoResponse, Redirect, Response};
use tandem_web::{Posted, Trouble};

/// What became of it; a text is what is wrong with what was filled in.
type Outcome = Result<Result<(), Unseen>, &'static str>;

/// Adds a participant: a rep, a person or a company by name or e-mail address, or an address that nobody has.
pub(super) async fn add(site: Site, visit: Visited, id: i64, posted: Posted) -> Result<Response, Trouble> {
    let rights = site.rights(&visit.visitor);
    let job = move |writing: &mut Writing<'_>| -> Result<Outcome, StorageError> {
        let activity = match seen::record(writing, &rights, &Target::new("MA", id))? {
            Ok(activity) if !activity.deleted => activity,
            Ok(_) => return Ok(Ok(Err(Unseen::Nothing))),
            Err(unseen) => return Ok(Ok(Err(unseen))),
        };
        let mut fields = match party(writing, &rights, posted.text("who"))? {
            Ok(fields) => fields,
            Err(key) => return Ok(Err(key)),
        };
        let texts = [
            ("ContactStatNo", activity.get("StatNo")),
            ("ContactSeqNo", activity.get("SeqNo")),
            ("Role", posted.text("Role")),
            ("Status", posted.text("Status")),
        ];
        fields.extend(texts.map(|(name, value)| (name.to_owned(), value.chars().take(20).collect())));
        writing.insert("MB", &fields)?;
        Ok(Ok(Ok(())))
    };
    let written = site.crm.storage.write(visit.visitor.author.clone(), job).await.map_err(seen::failed)?;
    answer(&site, &visit, id, written)
}

/// Takes a participant off an activity.
pub(super) async fn remove(site: Site, visit: Visited, id: i64, which: i64) -> Result<Response, Trouble> {
    let rights = site.rights(&visit.visitor);
    let job = move |writing: &mut Writing<'_>| -> Result<Outcome, StorageError> {
        let target = Target::new("MB", which);
        Ok(Ok(match belongs(writing, &rights, id, &target)? {
            Ok(()) => Ok(writing.delete(&target).map(|_| ())?),
            Err(unseen) => Err(unseen),
        }))
    };
    let written = site.crm.storage.write(visit.visitor.author.clone(), job).await.map_err(seen::failed)?;
    answer(&site, &visit, id, written)
}

fn answer(site: &Site, visit: &Visited, id: i64, outcome: Outcome) -> Result<Response, Trouble> {
    let words = site.web.words(visit);
    let text = match outcome {
        Ok(done) => {
            done.map_err(|unseen| unseen.trouble(words.say("page.not_yours")))?;
            "page.saved"
        }
        Err(key) => key,
    };
    site.web.notice(visit, words.say(text));
    Ok(Redirect::to(&format!("/activities/{id}")).into_response())
}

/// Whether a record that hangs on an activity hangs on this one, and the activity may be seen.
pub(super) fn belongs(
    reading: &Reading<'_>,
    rights: &Rights,
    activity: i64,
    target: &Target,
) -> Result<Result<(), Unseen>, StorageError> {
    let activity = match seen::record(reading, rights, &Target::new("MA", activity))? {
        Ok(activity) => activity,
        Err(unseen) => return Ok(Err(unseen)),
    };
    let record = reading.get(target)?.filter(|record| !record.deleted);
    let same = record.is_some_and(|record| {
        record.get("ContactStatNo") == activity.get("StatNo")
            && record.get("ContactSeqNo") == activity.get("SeqNo")
    });
    Ok(if same { Ok(()) } else { Err(Unseen::Nothing) })
}

/// The fields that say who it is.
fn party(
    reading: &Reading<'_>,
    rights: &Rights,
    text: &str,
) -> Result<Result<Fields, &'static str>, StorageError> {
    if text.is_empty() {
        return Ok(Err("page.required"));
    }
    let rep = reading.select(
        "ID",
        "_deleted = 0 AND (\"Name\" = ? COLLATE NOCASE OR \"Email\" = ? COLLATE NOCASE)",
        &[&text, &text],
        2,
    )?;
    let mut fields = Fields::new();
    let mut put = |name: &str, value: &str| {
        if !value.is_empty() {
            fields.insert(name.to_owned(), value.chars().take(160).collect());
        }
    };
    if let [rep] = rep.as_slice() {
        for (field, own) in
            [("RepID", "RepID"), ("Name", "Name"), ("Email", "Email"), ("PeGrp", "PeGrp"), ("PeNo", "PeNo")]
        {
            put(field, rep.get(own));
        }
        return Ok(Ok(fields));
    }
    let person = link::find(reading, rights, "KP", text)?;
    let company = link::find(reading, rights, "FI", text)?;
    match (person, company) {
        (Ok(person), _) => {
            put("Name", &person_name(&person));
            for field in ["Email", "PeGrp", "PeNo", "CoGrp", "CoNo"] {
                put(field, person.get(field));
            }
        }
        (Err("page.unknown_link"), Ok(company)) => {
            put("Name", company.get("Company"));
            for field in ["Email", "CoGrp", "CoNo"] {
                put(field, company.get(field));
            }
        }
        (Err(_), _) if text.contains('@') => put("Email", text),
        (Err(key), _) => return Ok(Err(key)),
    }
    Ok(Ok(fields))
}
