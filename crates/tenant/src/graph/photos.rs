//! Photos of users and contacts.

use super::{Call, raw, render};
use crate::error::GraphError;
use crate::ids::{ItemNo, MailboxNo};
use crate::mailbox::personal::Photo;
use crate::wire::Response;
use serde_json::{Map, Value, json};

/// Largest photo, in bytes.
const LARGEST: usize = 4 * 1024 * 1024;

/// Sizes that Microsoft 365 keeps of a photo, in pixels.
const SIZES: [u32; 9] = [48, 64, 96, 120, 240, 360, 432, 504, 648];

impl Call<'_> {
    /// `photo` and `photos` of a user.
    pub(super) fn user_photo_route(
        &mut self,
        mailbox: MailboxNo,
        names: &[&str],
    ) -> Result<Response, GraphError> {
        let personal = self.tenant.mailbox(mailbox).personal.as_ref();
        let photo = personal.and_then(|personal| personal.photo.clone());
        let missing = || GraphError::new(404, "ImageNotFound", "No photo was uploaded for this user.");
        match (self.method.as_str(), names) {
            // Who has none is shown as a single pixel ("Get profilePhoto", response without an uploaded photo).
            ("GET", ["photo"]) => Ok(self.single(200, "photo", shown(photo.as_ref(), None))),
            ("GET", ["photos"]) => {
                let sizes: Vec<u32> = photo.as_ref().map(kept).unwrap_or_default();
                let sizes = sizes.into_iter().collect();
                Ok(self.list("photos", sizes, |size| shown(photo.as_ref(), Some(*size))))
            }
            ("GET", ["photos" | "photo", size]) if *size != "$value" => {
                let size = wanted(size, photo.as_ref()).ok_or_else(missing)?;
                Ok(self.single(200, "photos", shown(photo.as_ref(), Some(size))))
            }
            ("GET", ["photos" | "photo", size, "$value"]) => {
                wanted(size, photo.as_ref()).ok_or_else(missing)?;
                photo.map(|photo| raw(&photo.media_type, photo.bytes)).ok_or_else(missing)
            }
            ("GET", ["photo", "$value"]) => {
                photo.map(|photo| raw(&photo.media_type, photo.bytes)).ok_or_else(missing)
            }
            ("PUT" | "PATCH", ["photo", "$value"] | ["photo"]) => {
                let new = self.new_photo()?;
                self.tenant.mailbox_mut(mailbox).personal.get_or_insert_default().photo = Some(new);
                Ok(Response::empty(200))
            }
            ("DELETE", ["photo", "$value"] | ["photo"]) => {
                photo.ok_or_else(missing)?;
                if let Some(personal) = &mut self.tenant.mailbox_mut(mailbox).personal {
                    personal.photo = None;
                }
                Ok(Response::empty(204))
            }
            _ => Err(self.unsupported(names)),
        }
    }

    /// `photo` of a contact; `names` is what follows it.
    pub(super) fn contact_photo_route(
        &mut self,
        mailbox: MailboxNo,
        no: ItemNo,
        names: &[&str],
    ) -> Result<Response, GraphError> {
        let mut contact = self.tenant.mailbox(mailbox).contacts[&no].clone();
        let missing = || GraphError::new(404, "ErrorItemNotFound", "The photo wasn't found.");
        let status = match (self.method.as_str(), names) {
            ("GET", []) => {
                let photo = contact.photo.as_deref().ok_or_else(missing)?;
                return Ok(self.single(200, "photo", shown(Some(photo), None)));
            }
            ("GET", ["$value"]) => {
                let photo = contact.photo.as_deref().ok_or_else(missing)?;
                return Ok(raw(&photo.media_type, photo.bytes.clone()));
            }
            ("PUT" | "PATCH", ["$value"] | []) => {
                contact.photo = Some(Box::new(self.new_photo()?));
                200
            }
            ("DELETE", ["$value"] | []) => {
                contact.photo.take().ok_or_else(missing)?;
                204
            }
            _ => return Err(self.unsupported(names)),
        };
        contact.stamp.touch(self.now, self.tenant.sequence.change());
        self.tenant.mailbox_mut(mailbox).put_contact(contact);
        Ok(Response::empty(status))
    }

    fn new_photo(&self) -> Result<Photo, GraphError> {
        if !self.content_type.starts_with("image/") {
            return Err(GraphError::bad(
                "The Content-Type of a photo must be that of a picture, such as image/jpeg.",
            ));
        }
        if self.body.is_empty() || self.body.len() > LARGEST {
            return Err(GraphError::new(
                413,
                "RequestEntityTooLarge",
                "A photo holds at least a byte and at most 4 MB.",
            ));
        }
        Ok(Photo { media_type: self.content_type.as_str().into(), bytes: self.body.clone() })
    }
}

/// The sizes in which a photo can be had: those that it is not smaller than, and its own.
fn kept(photo: &Photo) -> Vec<u32> {
    let (width, _) = photo.size();
    let mut sizes: Vec<u32> = SIZES.into_iter().filter(|size| *size <= width).collect();
    if sizes.is_empty() {
        sizes.push(width);
    }
    sizes
}

/// The size that a path such as `48x48` asks for; the next smaller one if that is not there.
fn wanted(size: &str, photo: Option<&Photo>) -> Option<u32> {
    let (width, height) =
        size.to_ascii_lowercase().split_once('x').map(|(a, b)| (a.to_owned(), b.to_owned()))?;
    let size: u32 = width.parse().ok().filter(|_| width == height)?;
    let kept = kept(photo?);
    kept.iter().rev().find(|known| **known <= size).or(kept.first()).copied()
}

/// `profilePhoto`. The simulation keeps one picture and calls it by each size.
pub(super) fn shown(photo: Option<&Photo>, size: Option<u32>) -> Map<String, Value> {
    let (width, height) = match (photo, size) {
        (_, Some(size)) => (size, size),
        (Some(photo), None) => photo.size(),
        (None, None) => (1, 1),
    };
    render::object(json!({
        "@odata.mediaContentType": photo.map_or("image/gif", |photo| &photo.media_type),
        "@odata.mediaEtag": photo.map_or(String::new(), |photo| format!("\"{:08X}\"", photo.bytes.len())),
        "id": format!("{width}x{height}"),
        "width": width,
        "height": height,
    }))
}
