//! Documents of an activity: taken in and given out as files, never shown.

use super::participant::belongs;
use super::seen::{self, Unseen};
use super::{Site, Visited};
use crate::storage::{Fields, StorageError, Target, Writing};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use bytes::Bytes;
use std::fmt::Write as _;
use tandem_web::{ISOLATED, Posted, Trouble};

/// The areas that hold documents.
const AREAS: [&str; 2] = ["D1", "D2"];

pub(super) async fn upload(site: Site, visit: Visited, id: i64, posted: Posted) -> Result<Response, Trouble> {
    let words = site.web.words(&visit);
    let to = format!("/activities/{id}");
    let Some(file) = posted.files().first().cloned() else {
        site.web.notice(&visit, words.say("page.no_file"));
        return Ok(Redirect::to(&to).into_response());
    };
    let rights = site.rights(&visit.visitor);
    // Where connectors put attachments (settings.xml: store attachments in D1 instead of D2).
    let area = if site.crm.system.rules().switches.documents_in_d1 { "D1" } else { "D2" };
    let job = move |writing: &mut Writing<'_>| -> Result<Result<(), Unseen>, StorageError> {
        let activity = match seen::record(writing, &rights, &Target::new("MA", id))? {
            Ok(activity) if !activity.deleted => activity,
            Ok(_) => return Ok(Err(Unseen::Nothing)),
            Err(unseen) => return Ok(Err(unseen)),
        };
        let digest = writing.put_blob(&file.content)?;
        let texts = [
            ("Name", safe_name(&file.name)),
            ("MediaType", media_type(&file.media_type).to_owned()),
            ("Size", file.content.len().to_string()),
            ("Digest", digest),
            ("ContactStatNo", activity.get("StatNo").to_owned()),
            ("ContactSeqNo", activity.get("SeqNo").to_owned()),
        ];
        writing.insert(
            area,
            &texts.map(|(name, value)| (name.to_owned(), value)).into_iter().collect::<Fields>(),
        )?;
        Ok(Ok(()))
    };
    let written = site.crm.storage.write(visit.visitor.author.clone(), job).await.map_err(seen::failed)?;
    written.map_err(|unseen| unseen.trouble(words.say("page.not_yours")))?;
    site.web.notice(&visit, words.say("page.saved"));
    Ok(Redirect::to(&to).into_response())
}

pub(super) async fn download(
    site: Site,
    visit: Visited,
    id: i64,
    area: &str,
    which: i64,
) -> Result<Response, Trouble> {
    let area = *AREAS.iter().find(|known| **known == area).ok_or(Trouble::NotFound)?;
    let rights = site.rights(&visit.visitor);
    let found = site.read(move |reading| {
        let target = Target::new(area, which);
        if let Err(unseen) = belongs(reading, &rights, id, &target)? {
            return Ok(Err(unseen));
        }
        let Some(record) = reading.get(&target)? else { return Ok(Err(Unseen::Nothing)) };
        let content = match record.get("Digest") {
            "" => Some(Vec::new()),
            digest => reading.blob(digest)?,
        };
        Ok(content.map(|content| (record, content)).ok_or(Unseen::Nothing))
    });
    let found = found.await?.map_err(|unseen| unseen.trouble(site.web.words(&visit).say("page.not_yours")));
    let (record, content) = found?;
    let kind = HeaderValue::from_str(media_type(record.get("MediaType")));
    let disposition = HeaderValue::from_str(&disposition(&safe_name(record.get("Name"))));
    let (Ok(kind), Ok(disposition)) = (kind, disposition) else {
        return Err(Trouble::Failed("the document's name cannot be sent".to_owned()));
    };
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(ISOLATED)),
    ];
    Ok((headers, Bytes::from(content)).into_response())
}

pub(super) async fn remove(
    site: Site,
    visit: Visited,
    id: i64,
    area: &str,
    which: i64,
) -> Result<Response, Trouble> {
    let area = *AREAS.iter().find(|known| **known == area).ok_or(Trouble::NotFound)?;
    let rights = site.rights(&visit.visitor);
    let job = move |writing: &mut Writing<'_>| -> Result<Result<(), Unseen>, StorageError> {
        let target = Target::new(area, which);
        let belongs = belongs(writing, &rights, id, &target)?;
        if belongs.is_ok() {
            writing.delete(&target)?;
        }
        Ok(belongs)
    };
    let words = site.web.words(&visit);
    let written = site.crm.storage.write(visit.visitor.author.clone(), job).await.map_err(seen::failed)?;
    written.map_err(|unseen| unseen.trouble(words.say("page.not_yours")))?;
    site.web.notice(&visit, words.say("page.saved"));
    Ok(Redirect::to(&format!("/activities/{id}")).into_response())
}

/// A name under which a file can be kept anywhere: the last part of a path, without what controls a terminal or turns
/// the direction of writing round, and none that Windows keeps for devices.
pub(super) fn safe_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let plain = last.chars().filter(|c| !hidden(*c)).map(|c| if "<>:\"|?*".contains(c) { '_' } else { c });
    let plain = plain.take(200).collect::<String>();
    let plain = plain.trim_matches(|c: char| c == '.' || c.is_whitespace());
    let stem = plain.split('.').next().unwrap_or_default().to_ascii_uppercase();
    let numbered = |name: &str| {
        stem.strip_prefix(name).is_some_and(|rest| rest.len() == 1 && rest.as_bytes()[0].is_ascii_digit())
    };
    let device = ["CON", "PRN", "AUX", "NUL"].contains(&stem.as_str()) || numbered("COM") || numbered("LPT");
    match plain {
        "" => "document".to_owned(),
        plain if device => format!("_{plain}"),
        plain => plain.to_owned(),
    }
}

/// The media type when it is one in its plainest form; else that of any bytes.
fn media_type(text: &str) -> &str {
    let token = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&byte))
    };
    match text.split_once('/') {
        Some((kind, sort)) if token(kind) && token(sort) => text,
        _ => "application/octet-stream",
    }
}

/// `attachment` with the name in ASCII, and in full as RFC 6266 (4.3) and RFC 8187 say.
fn disposition(name: &str) -> String {
    let ascii =
        name.chars().map(|c| if c.is_ascii_graphic() && !"\"\\%".contains(c) || c == ' ' { c } else { '_' });
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    format!("attachment; filename=\"{}\"; filename*=UTF-8''{encoded}", ascii.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_become_harmless() {
        let names = [
            ("../../etc/passwd", "passwd"),
            ("C:\\Windows\\evil.exe", "evil.exe"),
            ("a\r\nSet-Cookie: x=1", "aSet-Cookie_ x=1"),
            ("invoice\u{202e}fdp.exe", "invoicefdp.exe"),
            ("con.txt", "_con.txt"),
            ("...", "document"),
            ("", "document"),
            ("<b>\"x\"</b>.pdf", "b_.pdf"),
            ("Angebot für Äpfel.pdf", "Angebot für Äpfel.pdf"),
        ];
        for (given, expected) in names {
            assert_eq!(safe_name(given), expected, "{given:?}");
        }
    }

    #[test]
    fn the_name_is_sent_in_two_forms() {
        let expected = "attachment; filename=\"_pfel.pdf\"; filename*=UTF-8''%C3%84pfel.pdf";
        assert_eq!(disposition("Äpfel.pdf"), expected);
    }

    #[test]
    fn media_types_are_plain_or_unknown() {
        assert_eq!(media_type("application/pdf"), "application/pdf");
        assert_eq!(media_type("text/html; charset=x\r\nA: b"), "application/octet-stream");
    }
}
