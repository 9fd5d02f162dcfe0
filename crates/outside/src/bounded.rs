//! Reading a file that may be the wrong one: its size is looked at first, and what grows while it is read is read no
//! further than the limit.

use std::fs::File;
use std::io::{Error, ErrorKind, Read, Result};
use std::path::Path;

/// The bytes of a file of at most `limit` bytes; of a larger one an error of the kind [`ErrorKind::FileTooLarge`] that
/// names the limit. The file is named by whoever asked for it.
pub fn read(path: &Path, limit: u64) -> Result<Vec<u8>> {
    let file = File::open(path)?;
    let size = file.metadata()?.len();
    if size > limit {
        return Err(too_large(limit));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit { Err(too_large(limit)) } else { Ok(bytes) }
}

/// The text of a file in UTF-8, as [`read`] reads it; of anything else an error of the kind [`ErrorKind::InvalidData`].
pub fn text(path: &Path, limit: u64) -> Result<String> {
    String::from_utf8(read(path, limit)?)
        .map_err(|error| Error::new(ErrorKind::InvalidData, error.utf8_error()))
}

fn too_large(limit: u64) -> Error {
    let shown = match limit {
        0..1024 => format!("{limit} bytes"),
        1024..0x10_0000 => format!("{} KiB", limit >> 10),
        _ => format!("{} MiB", limit >> 20),
    };
    Error::new(ErrorKind::FileTooLarge, format!("it is larger than {shown}, the limit for such a file"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_up_to_the_limit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, "words").unwrap();
        assert_eq!(text(&path, 5).unwrap(), "words");
        let error = text(&path, 4).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::FileTooLarge);
        assert_eq!(error.to_string(), "it is larger than 4 bytes, the limit for such a file");
        std::fs::write(&path, [0xff]).unwrap();
        assert_eq!(text(&path, 5).unwrap_err().kind(), ErrorKind::InvalidData);
        assert_eq!(read(&folder.path().join("none"), 5).unwrap_err().kind(), ErrorKind::NotFound);
    }

    #[test]
    fn a_giant_is_refused_before_it_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("giant");
        File::create(&path).unwrap().set_len(1 << 40).unwrap();
        let told = read(&path, 4 << 20).unwrap_err().to_string();
        assert_eq!(told, "it is larger than 4 MiB, the limit for such a file");
    }

    #[cfg(unix)]
    #[test]
    fn what_tells_no_size_ends_at_the_limit() {
        assert_eq!(read(Path::new("/dev/zero"), 1 << 10).unwrap_err().kind(), ErrorKind::FileTooLarge);
    }
}
