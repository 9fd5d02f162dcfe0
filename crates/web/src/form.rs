//! What a form sent.

use crate::Trouble;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use bytes::Bytes;
use futures_util::stream;
use std::convert::Infallible;
use std::sync::Arc;
use url::form_urlencoded;

/// The field in which every form carries the token of its session.
pub(crate) const TOKEN: &str = "_token";
/// At most so many fields and files are read.
const MOST_FIELDS: usize = 1_000;

/// A file that was sent.
#[derive(Debug, Clone)]
pub struct File {
    /// The form's field.
    pub field: String,
    /// The name that the sender gave it: whatever he liked.
    pub name: String,
    /// The media type that the sender gave it: whatever he liked.
    pub media_type: String,
    /// Its content.
    pub content: Bytes,
}

/// What a form sent; the gate has made sure that it comes from a page of the same session.
#[derive(Debug, Clone, Default)]
pub struct Posted(Arc<Sent>);

#[derive(Debug, Default)]
struct Sent {
    fields: Vec<(String, String)>,
    files: Vec<File>,
}

impl Posted {
    /// The value of a field; of several with the same name, the last (a box that is ticked comes after its hidden `false`).
    pub fn get(&self, field: &str) -> Option<&str> {
        self.0.fields.iter().rev().find(|(name, _)| name == field).map(|(_, value)| value.as_str())
    }

    /// The value of a field without white space around it; empty where it was not sent.
    pub fn text(&self, field: &str) -> &str {
        self.get(field).unwrap_or_default().trim()
    }

    /// All fields in their order.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The files that were sent; a field in which no file was chosen sends none.
    pub fn files(&self) -> &[File] {
        &self.0.files
    }

    /// Reads a body of one of the two types that browsers send.
    pub(crate) async fn read(headers: &HeaderMap, body: Bytes) -> Result<Self, Trouble> {
        let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let media_type = media_type.unwrap_or_default().to_ascii_lowercase();
        let sent = if media_type.starts_with("application/x-www-form-urlencoded") {
            let pairs = form_urlencoded::parse(&body)
                .take(MOST_FIELDS + 1)
                .map(|(n, v)| (n.into_owned(), v.into_owned()));
            Sent { fields: pairs.collect(), files: Vec::new() }
        } else if media_type.starts_with("multipart/form-data") {
            let given =
                headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
            multipart(given, body).await?
        } else {
            return Err(Trouble::Unreadable("a form is expected".to_owned()));
        };
        if sent.fields.len() + sent.files.len() > MOST_FIELDS {
            return Err(Trouble::Unreadable(format!("a form has at most {MOST_FIELDS} fields")));
        }
        Ok(Self(Arc::new(sent)))
    }
}

async fn multipart(media_type: &str, body: Bytes) -> Result<Sent, Trouble> {
    let unreadable = |error: multer::Error| Trouble::Unreadable(error.to_string());
    let boundary = multer::parse_boundary(media_type).map_err(unreadable)?;
    let body = stream::once(async { Ok::<_, Infallible>(body) });
    let mut parts = multer::Multipart::new(body, boundary);
    let mut sent = Sent::default();
    while let Some(part) = parts.next_field().await.map_err(unreadable)? {
        let field = part.name().unwrap_or_default().to_owned();
        match part.file_name().map(str::to_owned) {
            Some(name) => {
                let media_type = part.content_type().map(ToString::to_string).unwrap_or_default();
                let content = part.bytes().await.map_err(unreadable)?;
                if !name.is_empty() || !content.is_empty() {
                    sent.files.push(File { field, name, media_type, content });
                }
            }
            None => {
                let bytes = part.bytes().await.map_err(unreadable)?;
                sent.fields.push((field, String::from_utf8_lossy(&bytes).into_owned()));
            }
        }
        if sent.fields.len() + sent.files.len() > MOST_FIELDS {
            break;
        }
    }
    Ok(sent)
}

impl<S: Sync> FromRequestParts<S> for Posted {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Trouble> {
        let outside = || Trouble::Failed("this page is not behind the gate, or takes no form".to_owned());
        parts.extensions.get::<Self>().cloned().ok_or_else(outside)
    }
}

#[cfg(test)]
impl Posted {
    pub(crate) fn of(fields: &[(&str, &str)]) -> Self {
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Self(Arc::new(Sent { fields: fields.collect(), files: Vec::new() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[tokio::test]
    async fn the_last_of_two_counts() {
        let posted = Posted::of(&[("Favorite", "false"), ("Favorite", "true")]);
        assert_eq!(posted.text("Favorite"), "true");
        assert_eq!(posted.get("Other"), None);
    }

    #[tokio::test]
    async fn fields_and_files_are_told_apart() {
        let body = "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--B\r\nContent-Disposition: form-data; \
            name=\"f\"; filename=\"../x.txt\"\r\nContent-Type: text/plain\r\n\r\nhello\r\n--B\r\nContent-Disposition: \
            form-data; name=\"g\"; filename=\"\"\r\n\r\n\r\n--B--\r\n";
        let media_type = HeaderValue::from_static("multipart/form-data; boundary=B");
        let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, media_type)]);
        let posted = Posted::read(&headers, Bytes::from(body)).await.unwrap();
        assert_eq!(posted.text("a"), "1");
        let [file] = posted.files() else { panic!("{:?}", posted.files()) };
        assert_eq!((file.name.as_str(), file.content.as_ref()), ("../x.txt", b"hello".as_slice()));
    }

    #[tokio::test]
    async fn what_is_no_form_is_refused() {
        assert!(Posted::read(&HeaderMap::new(), Bytes::from("{}")).await.is_err());
    }
}
