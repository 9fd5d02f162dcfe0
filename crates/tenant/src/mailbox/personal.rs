//! What few mailboxes have: settings of their own, categories, a photo.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The rare parts of a mailbox.
#[derive(Debug, Clone, Default)]
pub struct Personal {
    /// Members of `mailboxSettings` that were changed.
    pub settings: Map<String, Value>,
    /// The master list of categories; `None`: as Outlook begins it.
    pub categories: Option<Vec<Category>>,
    /// The owner's photo.
    pub photo: Option<Photo>,
}

/// `outlookCategory`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Category {
    /// GUID.
    #[serde(default)]
    pub id: Box<str>,
    /// Name; it does not change.
    pub display_name: Box<str>,
    /// `none` or `preset0` to `preset24`.
    #[serde(default = "uncoloured")]
    pub color: Box<str>,
}

fn uncoloured() -> Box<str> {
    "none".into()
}

/// A photo of a user or a contact.
#[derive(Debug, Clone, PartialEq)]
pub struct Photo {
    /// MIME type.
    pub media_type: Box<str>,
    /// The picture.
    pub bytes: Bytes,
}

impl Photo {
    /// Width and height in pixels, as far as the picture tells; 1 by 1 when it does not.
    pub fn size(&self) -> (u32, u32) {
        measured(&self.bytes).unwrap_or((1, 1))
    }
}

/// The size that stands in the head of a PNG, a GIF or a JPEG.
fn measured(bytes: &[u8]) -> Option<(u32, u32)> {
    if bytes.starts_with(b"\x89PNG") {
        let four = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
        return Some((four(16)?, four(20)?));
    }
    if bytes.starts_with(b"GIF8") {
        let two = |at: usize| Some(u32::from(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?)));
        return Some((two(6)?, two(8)?));
    }
    let two = |at: usize| Some(u32::from(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?)));
    let mut at = if bytes.starts_with(b"\xff\xd8") { 2 } else { return None };
    loop {
        // Each segment: 0xff, its kind, its length; the frame headers 0xc0 to 0xcf hold the size, but for three of them.
        let kind = *bytes.get(at + 1)?;
        if (0xc0..=0xcf).contains(&kind) && ![0xc4, 0xc8, 0xcc].contains(&kind) {
            return Some((two(at + 7)?, two(at + 5)?));
        }
        at += 2 + usize::try_from(two(at + 2)?).ok()?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_tell_their_size() {
        let photo =
            |bytes: &'static [u8]| Photo { media_type: "image/x".into(), bytes: Bytes::from_static(bytes) };
        assert_eq!(photo(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x30\0\0\0\x40").size(), (48, 64));
        assert_eq!(photo(b"GIF89a\x05\0\x06\0").size(), (5, 6));
        let jpeg = b"\xff\xd8\xff\xe0\0\x04ab\xff\xc0\0\x11\x08\x00\x78\x00\xf0";
        assert_eq!(photo(jpeg).size(), (240, 120));
        assert_eq!(photo(b"\xff\xd8\xff\xe0\xff\xff").size(), (1, 1));
        assert_eq!(photo(b"").size(), (1, 1));
    }
}
