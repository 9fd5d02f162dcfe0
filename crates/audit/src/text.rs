//! Whether two texts say the same, as far as a reader would notice.

/// White space collapsed and trimmed. What cannot be seen counts as white space, and so does the mark that stands for
/// characters that XML cannot carry.
pub(crate) fn squeeze(text: &str) -> String {
    text.split(is_space).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

fn is_space(character: char) -> bool {
    character.is_whitespace()
        || character.is_control()
        || matches!(character, '\u{fffd}' | '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{ad}' | '\u{34f}')
}

/// The words of a text: runs of letters and digits, in lower case.
pub(crate) fn words(text: &str) -> Vec<String> {
    text.split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// Whether all of `wanted` occurs in `text`, in order. What stands between is allowed: programs that turn HTML into
/// text differ in what they do with links, images and list marks.
pub(crate) fn contains_in_order(text: &[String], wanted: &[String]) -> bool {
    let mut rest = text.iter();
    wanted.iter().all(|word| rest.any(|candidate| candidate == word))
}

/// The visible text of an HTML document, roughly: no scripts, styles, comments or tags; entities resolved.
pub(crate) fn visible(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        text.push_str(&rest[..start]);
        rest = &rest[start..];
        let Some(tag) = tag_name(rest) else {
            // "a < b" is text.
            text.push('<');
            rest = &rest[1..];
            continue;
        };
        let end = match tag.as_str() {
            "!--" => after(rest, "-->"),
            "style" | "script" | "title" => after_closing(rest, &tag),
            _ => after(rest, ">"),
        };
        if !INLINE.contains(&tag.trim_start_matches('/')) {
            text.push(' ');
        }
        rest = &rest[end..];
    }
    text.push_str(rest);
    entities(&text)
}

/// Tags within a word.
const INLINE: [&str; 14] =
    ["b", "i", "u", "em", "strong", "span", "font", "a", "sub", "sup", "small", "big", "code", "wbr"];

fn tag_name(text: &str) -> Option<String> {
    if text.starts_with("<!--") {
        return Some("!--".to_owned());
    }
    let name: String = text[1..]
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '!' | '?' | ':'))
        .collect();
    let first = name.trim_start_matches(['/', '!', '?']).chars().next()?;
    first.is_ascii_alphabetic().then(|| name.to_ascii_lowercase().trim_end_matches('/').to_owned())
}

fn after(text: &str, mark: &str) -> usize {
    text.find(mark).map_or(text.len(), |start| start + mark.len())
}

fn after_closing(text: &str, tag: &str) -> usize {
    let lower = text.to_ascii_lowercase();
    lower
        .find(&format!("</{tag}"))
        .map_or_else(|| after(text, ">"), |start| start + after(&text[start..], ">"))
}

/// Resolves character references and the named entities that mail programs write.
fn entities(text: &str) -> String {
    let mut resolved = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('&') {
        resolved.push_str(&rest[..start]);
        rest = &rest[start..];
        match reference(rest) {
            Some((character, length)) => {
                resolved.push(character);
                rest = &rest[length..];
            }
            None => {
                resolved.push('&');
                rest = &rest[1..];
            }
        }
    }
    resolved.push_str(rest);
    resolved
}

fn reference(text: &str) -> Option<(char, usize)> {
    let end = text.char_indices().take(12).find(|(_, character)| *character == ';')?.0;
    let name = &text[1..end];
    let character = if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        char::from_u32(code)?
    } else {
        named(name)?
    };
    Some((character, end + 1))
}

fn named(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        "auml" => 'ä',
        "ouml" => 'ö',
        "uuml" => 'ü',
        "Auml" => 'Ä',
        "Ouml" => 'Ö',
        "Uuml" => 'Ü',
        "szlig" => 'ß',
        "eacute" => 'é',
        "egrave" => 'è',
        "agrave" => 'à',
        "ccedil" => 'ç',
        "euro" => '€',
        "pound" => '£',
        "copy" => '©',
        "reg" => '®',
        "trade" => '™',
        "ndash" => '–',
        "mdash" => '—',
        "lsquo" => '‘',
        "rsquo" => '’',
        "ldquo" => '“',
        "rdquo" => '”',
        "hellip" => '…',
        "bull" => '•',
        "middot" => '·',
        "laquo" => '«',
        "raquo" => '»',
        "zwnj" => '\u{200c}',
        "shy" => '\u{ad}',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_is_read_as_a_person_sees_it() {
        let html = "<html><head><title>x</title><style>p{color:red}</style></head><body><!-- no --><p>Gr&uuml;&szlig;e,<br>1 < 2 &amp; <b>b</b>old</p></body></html>";
        assert_eq!(squeeze(&visible(html)), "Grüße, 1 < 2 & bold");
    }

    #[test]
    fn changed_words_are_noticed_and_additions_are_not() {
        let seen = words("Please call [https://x.example] me, Ann");
        assert!(contains_in_order(&seen, &words("please CALL me ann")));
        assert!(!contains_in_order(&seen, &words("please write me")));
        assert!(!contains_in_order(&seen, &words("me call")));
    }

    #[test]
    fn white_space_does_not_count() {
        assert_eq!(squeeze(" a\r\n\tb\u{a0} c "), "a b c");
    }
}
