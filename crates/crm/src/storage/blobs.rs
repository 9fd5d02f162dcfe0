//! The content of documents, kept once for each digest however many records show it.

use super::{Reading, StorageError, Writing};
use rusqlite::{OptionalExtension, params};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// The largest document that is taken, in bytes.
pub const MAX_DOCUMENT: usize = 48 << 20;

impl Writing<'_> {
    /// Keeps content and answers its digest, SHA-256 in hexadecimal digits.
    pub fn put_blob(&self, content: &[u8]) -> Result<String, StorageError> {
        if content.len() > MAX_DOCUMENT {
            return Err(StorageError::Invalid(format!(
                "the document has {} bytes; at most {MAX_DOCUMENT} are taken",
                content.len()
            )));
        }
        let digest = hexadecimal(&Sha256::digest(content));
        self.connection
            .prepare_cached("INSERT OR IGNORE INTO blob VALUES (?, ?)")?
            .execute(params![digest, content])?;
        Ok(digest)
    }
}

impl Reading<'_> {
    /// The content with a digest.
    pub fn blob(&self, digest: &str) -> Result<Option<Vec<u8>>, StorageError> {
        let mut statement = self.connection.prepare_cached("SELECT content FROM blob WHERE digest = ?")?;
        Ok(statement.query_row([digest], |row| row.get(0)).optional()?)
    }
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
