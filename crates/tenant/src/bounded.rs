//! Reading a file that an administrator named: no further than a limit, for it may be the wrong one.

use std::fs::File;
use std::io::{Error, ErrorKind, Read, Result};
use std::path::Path;

/// The bytes of a file of at most `limit` MiB; of a larger one an error that names the limit.
pub(crate) fn read(path: &Path, limit: u64) -> Result<Vec<u8>> {
    let too_large = || {
        let reason = format!("it is larger than {limit} MiB, the limit for such a file");
        Error::new(ErrorKind::FileTooLarge, reason)
    };
    let file = File::open(path)?;
    let size = file.metadata()?.len();
    if size > limit << 20 {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
    file.take((limit << 20) + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit << 20 { Err(too_large()) } else { Ok(bytes) }
}
