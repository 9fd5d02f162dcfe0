//! Words of strangers, made fit for a terminal and for a log that is read line by line. A subject, a name or the text of
//! an error can hold whatever its author liked: an escape sequence that steers the terminal, a line break that begins
//! a line which nobody wrote, a turn of direction that makes the rest read otherwise than it is.

use std::fmt::Write;

/// The text as one line: what steers, breaks or turns it is written as JSON writes it, so that a JSON document means the
/// same afterwards. A tab stays.
pub fn line(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut line, character| {
        match character {
            '\n' => line.push_str("\\n"),
            '\r' => line.push_str("\\r"),
            '\t' => line.push(character),
            _ if character.is_control() || turns(character) => {
                // Writing to a String cannot fail.
                let _ = write!(line, "\\u{:04x}", u32::from(character));
            }
            _ => line.push(character),
        }
        line
    })
}

/// Text of several lines, each made fit as [`line`] does it. For texts whose line breaks are our own.
pub fn lines(text: &str) -> String {
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

/// The text as a complaint: one that has several lines has all but the first indented, so that none of them can be
/// taken for the beginning of something else.
pub fn complaint(text: &str) -> String {
    text.trim_end_matches('\n').split('\n').map(line).collect::<Vec<_>>().join("\n    ")
}

/// Embeddings, overrides and isolates, which turn the direction of all that follows (Unicode Standard Annex 9, section
/// 2), and the separators that some programs take for line breaks.
fn turns(character: char) -> bool {
    matches!(character, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUBJECT: &str =
        "\u{1b}]0;title\u{7}\u{9b}2J\rOffer\u{202e}fdp\u{7f} \u{fc}ber\n\tnext\u{2028}\u{2067}";

    #[test]
    fn a_subject_steers_no_terminal_and_begins_no_line() {
        assert_eq!(
            line(SUBJECT),
            "\\u001b]0;title\\u0007\\u009b2J\\rOffer\\u202efdp\\u007f \u{fc}ber\\n\tnext\\u2028\\u2067"
        );
        assert_eq!(line("Ann \u{2014} \u{5d0}\u{5d1} \u{1f600}"), "Ann \u{2014} \u{5d0}\u{5d1} \u{1f600}");
    }

    #[test]
    fn lines_of_our_own_stay_lines() {
        assert_eq!(lines("kind\nmail\u{1b}[2J 3\n"), "kind\nmail\\u001b[2J 3\n");
    }

    #[test]
    fn a_complaint_has_one_beginning() {
        assert_eq!(complaint("no CRM\n2026-01-01 INFO fine\r\n"), "no CRM\n    2026-01-01 INFO fine\\r");
    }

    #[test]
    fn a_document_means_the_same() {
        let document = serde_json::json!({ "subject": SUBJECT });
        let written = lines(&serde_json::to_string_pretty(&document).unwrap());
        assert!(!written.chars().any(|character| character.is_control() && character != '\n'), "{written:?}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&written).unwrap(), document);
    }
}
