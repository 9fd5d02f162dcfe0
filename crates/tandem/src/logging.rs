//! Logs go to standard error. `TANDEM_LOG` says how much (`debug`, `tandem_engine=trace` …); without it `info`, or what
//! the command says. An event is one line: what a subject or the text of an error holds begins no other.

use std::io::Write;
use tandem_outside::terminal;
use tracing_subscriber::EnvFilter;

/// Starts logging; `usual` says how much where the environment does not.
pub(crate) fn start(json: bool, usual: &str) {
    let filter = EnvFilter::try_from_env("TANDEM_LOG").unwrap_or_else(|_| EnvFilter::new(usual));
    let writer = || Lines(std::io::stderr());
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer).with_target(false);
    if json {
        builder.json().init();
    } else {
        builder.init();
    }
}

/// Passes events on, each as one line that steers nothing.
struct Lines<W>(W);

impl<W: Write> Write for Lines<W> {
    /// Takes one whole event with the line break that ends it: the formatter hands it over in one piece.
    fn write(&mut self, event: &[u8]) -> std::io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        let mut line = terminal::line(text.strip_suffix('\n').unwrap_or(&text));
        line.push('\n');
        self.0.write_all(line.as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    const SUBJECT: &str = "Offer\r\n2026-01-01T00:00:00Z  INFO all is well\u{1b}[2J\u{9b}2J\u{202e}fdp";

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// What is logged of two events that hold the subject in each place in which an event can hold something.
    fn logged(json: bool) -> String {
        let kept = Kept::default();
        let writer = kept.clone();
        let builder = tracing_subscriber::fmt().with_writer(move || Lines(writer.clone()));
        let tell = || {
            let error = std::io::Error::other(SUBJECT);
            tracing::warn!(mailbox = %SUBJECT, debug = ?SUBJECT, plain = SUBJECT, %error, "{SUBJECT}");
            tracing::info!("the next");
        };
        if json {
            tracing::subscriber::with_default(builder.json().finish(), tell);
        } else {
            tracing::subscriber::with_default(builder.finish(), tell);
        }
        let bytes = kept.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_subject_forges_no_line_and_steers_no_terminal() {
        for json in [false, true] {
            let logged = logged(json);
            let lines: Vec<&str> = logged.lines().collect();
            assert_eq!(lines.len(), 2, "{logged:?}");
            assert!(lines[1].contains("the next"), "{logged:?}");
            let steers = |character: char| character.is_control() || character == '\u{202e}';
            assert!(!lines[0].contains(steers), "{logged:?}");
        }
    }

    #[test]
    fn a_line_for_machines_says_what_it_said() {
        let logged = logged(true);
        let event: serde_json::Value = serde_json::from_str(logged.lines().next().unwrap()).unwrap();
        for field in ["message", "mailbox", "plain", "error"] {
            assert_eq!(event["fields"][field], SUBJECT, "{field}");
        }
    }
}
