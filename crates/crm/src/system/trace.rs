//! The trace of SyncML messages (`settings.xml`: *Generate SyncML trace information*): for finding out what was said.

use jiff::Timestamp;
use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// A file that has grown beyond this is put aside; the one put aside before is gone.
const MOST_BYTES: u64 = 16 << 20;

/// Writes `trace/syncml.log` of the system folder.
#[derive(Debug)]
pub(super) struct Trace {
    folder: PathBuf,
    /// Whether it was said that nothing can be written.
    failed: Mutex<bool>,
}

impl Trace {
    pub(super) fn new(system: &Path) -> Self {
        Self { folder: system.join("trace"), failed: Mutex::new(false) }
    }

    /// Notes a message. One that cannot be written is given up: a trace stops nobody.
    pub(super) fn write(&self, what: &str, document: &[u8]) {
        let text = without_credentials(&String::from_utf8_lossy(document));
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        match self.append(&format!("=== {} {what}\n{text}\n", Timestamp::now())) {
            Ok(()) => *failed = false,
            Err(error) if !*failed => {
                *failed = true;
                tracing::warn!(folder = %self.folder.display(), %error, "no SyncML trace can be written");
            }
            Err(_) => {}
        }
    }

    fn append(&self, text: &str) -> std::io::Result<()> {
        std::fs::create_dir_all(&self.folder)?;
        let path = self.folder.join("syncml.log");
        if std::fs::metadata(&path).is_ok_and(|metadata| metadata.len() > MOST_BYTES) {
            std::fs::rename(&path, self.folder.join("syncml.1.log"))?;
        }
        OpenOptions::new().create(true).append(true).open(path)?.write_all(text.as_bytes())
    }
}

/// A document without what stands in its `Cred` elements; what follows one that is not closed is left out too.
fn without_credentials(document: &str) -> String {
    let mut text = String::with_capacity(document.len());
    let mut rest = document;
    while let Some(at) = start_of_cred(rest) {
        text.push_str(&rest[..at]);
        text.push_str("<Cred>…</Cred>");
        rest = after_cred(&rest[at..]);
    }
    let _ = write!(text, "{rest}");
    text
}

fn start_of_cred(text: &str) -> Option<usize> {
    text.match_indices('<').map(|(at, _)| at).find(|at| {
        let name: &str =
            text[at + 1..].split(|c: char| c.is_whitespace() || c == '>' || c == '/').next().unwrap_or("");
        name.rsplit(':').next() == Some("Cred")
    })
}

fn after_cred(text: &str) -> &str {
    text.match_indices("</")
        .map(|(at, _)| &text[at + 2..])
        .find_map(|end| {
            let (name, rest) = end.split_once('>')?;
            (name.trim().rsplit(':').next() == Some("Cred")).then_some(rest)
        })
        .unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_is_traced() {
        let masked =
            without_credentials("<a><Cred><Data>c2VjcmV0</Data></Cred><b/><s:Cred x='1'>y</s:Cred >z</a>");
        assert_eq!(masked, "<a><Cred>…</Cred><b/><Cred>…</Cred>z</a>");
        assert_eq!(without_credentials("<a><Cred><Data>c2Vj"), "<a><Cred>…</Cred>");
        assert_eq!(without_credentials("<Credit>1</Credit>"), "<Credit>1</Credit>");
    }
}
