//! What goes to standard output and standard error, and with which exit code: 0 done, 1 the answer is no, 2 wrong use
//! or cannot. Much of the text is foreign, a subject above all: what steers a terminal leaves here as something to read.

use serde_json::Value;
use std::fmt::Write as _;
use std::io::Write;
use std::process::ExitCode;

/// Says on standard error why the command cannot do its work.
pub(crate) fn cannot(why: &str) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "tandem: {}", harmless(why));
    ExitCode::from(2)
}

/// Writes a line to standard output. A reader that went away is no reason to fail.
pub(crate) fn line(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{}", harmless(text));
    let _ = out.flush();
}

/// The text with control characters, and those that turn the direction of what follows, written as JSON writes them: a
/// JSON document means the same afterwards.
fn harmless(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut harmless, character| {
        match character {
            '\n' | '\t' => harmless.push(character),
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' => {
                // Writing to a String cannot fail.
                let _ = write!(harmless, "\\u{:04x}", u32::from(character));
            }
            _ => harmless.push(character),
        }
        harmless
    })
}

/// Writes the one JSON document of a `--json` command.
pub(crate) fn document(value: &Value) {
    line(&serde_json::to_string_pretty(value).unwrap_or_else(|_| value.to_string()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_subject_steers_no_terminal() {
        let subject = "\u{1b}]0;title\u{7}\u{9b}2J\rOffer\u{202e}fdp\u{7f} \u{fc}ber\n\tnext";
        let shown = harmless(subject);
        assert_eq!(shown, "\\u001b]0;title\\u0007\\u009b2J\\u000dOffer\\u202efdp\\u007f \u{fc}ber\n\tnext");
        let document = json!({"subject": subject});
        let written = harmless(&serde_json::to_string_pretty(&document).unwrap());
        assert!(!written.chars().any(|character| character.is_control() && character != '\n'), "{written:?}");
        assert_eq!(serde_json::from_str::<Value>(&written).unwrap(), document);
    }
}
