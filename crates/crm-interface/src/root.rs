//! Which half of the language a message is in.

use crate::xml::{Problem, ReadError, root_name};

/// The halves of the language, told apart by the root element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Root {
    /// `<request>`: the XML language.
    Request,
    /// `<SyncML>`: groupware traffic.
    SyncMl,
}

/// Looks at the root element's start tag and no further: whether the rest can be read shows when it is read.
pub fn detect(message: &[u8]) -> Result<Root, ReadError> {
    let name = root_name(message)?;
    match name.rsplit(':').next() {
        Some("request") => Ok(Root::Request),
        Some("SyncML") => Ok(Root::SyncMl),
        _ => Err(ReadError::document(Problem::Invalid {
            found: name.chars().take(60).collect(),
            expected: "a root element of CRM.interface: request or SyncML",
        })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_decides() {
        assert_eq!(detect(b"<request/>"), Ok(Root::Request));
        assert_eq!(detect(b"<?xml version='1.0'?>\n<!-- x -->\n<mp:request user=\"\">"), Ok(Root::Request));
        assert_eq!(detect(b"\xEF\xBB\xBF<SyncML xmlns='SYNCML:SYNCML1.1'><SyncHdr>"), Ok(Root::SyncMl));
        assert!(detect(b"<html>").is_err());
        assert!(detect(b"").is_err());
        assert!(detect(b"nonsense").is_err());
        assert_eq!(detect(b"<!DOCTYPE x><request/>").unwrap_err().problem, Problem::Doctype);
    }
}
