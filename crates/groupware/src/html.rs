//! HTML as plain text, for the text field of an activity. Rough but safe: no tag, script or style gets through.

/// The visible text.
pub(crate) fn to_text(html: &str) -> String {
    let mut text = String::with_capacity(html.len() / 2);
    let mut rest = html;
    while let Some(start) = rest.find(['<', '&']) {
        push(&mut text, &rest[..start]);
        rest = &rest[start..];
        rest = if rest.starts_with('&') { entity(&mut text, rest) } else { tag(&mut text, rest) };
    }
    push(&mut text, rest);
    tidy(&text)
}

/// White space of the source is one space.
fn push(text: &mut String, source: &str) {
    for character in source.chars() {
        if !character.is_ascii_whitespace() {
            text.push(character);
        } else if !text.ends_with([' ', '\n']) {
            text.push(' ');
        }
    }
}

fn entity<'a>(text: &mut String, rest: &'a str) -> &'a str {
    const LONGEST: usize = 12;
    let end = rest.char_indices().take(LONGEST).find(|(_, character)| *character == ';').map(|(end, _)| end);
    let Some(end) = end else {
        text.push('&');
        return &rest[1..];
    };
    let name = &rest[1..end];
    match character(name) {
        Some(character) => text.push(character),
        None => text.push_str(&rest[..=end]),
    }
    &rest[end + 1..]
}

fn character(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code).filter(|character| !character.is_control() || *character == '\n');
    }
    NAMED.iter().find(|(known, _)| *known == name).map(|(_, character)| *character)
}

/// Entities that mail programs write.
const NAMED: &[(&str, char)] = &[
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", ' '),
    ("auml", 'ä'),
    ("ouml", 'ö'),
    ("uuml", 'ü'),
    ("Auml", 'Ä'),
    ("Ouml", 'Ö'),
    ("Uuml", 'Ü'),
    ("szlig", 'ß'),
    ("agrave", 'à'),
    ("aacute", 'á'),
    ("acirc", 'â'),
    ("atilde", 'ã'),
    ("aring", 'å'),
    ("aelig", 'æ'),
    ("Agrave", 'À'),
    ("Aacute", 'Á'),
    ("Acirc", 'Â'),
    ("Atilde", 'Ã'),
    ("Aring", 'Å'),
    ("AElig", 'Æ'),
    ("egrave", 'è'),
    ("eacute", 'é'),
    ("ecirc", 'ê'),
    ("euml", 'ë'),
    ("Egrave", 'È'),
    ("Eacute", 'É'),
    ("Ecirc", 'Ê'),
    ("igrave", 'ì'),
    ("iacute", 'í'),
    ("icirc", 'î'),
    ("iuml", 'ï'),
    ("Iacute", 'Í'),
    ("ccedil", 'ç'),
    ("Ccedil", 'Ç'),
    ("ograve", 'ò'),
    ("oacute", 'ó'),
    ("ocirc", 'ô'),
    ("otilde", 'õ'),
    ("oslash", 'ø'),
    ("Oacute", 'Ó'),
    ("Oslash", 'Ø'),
    ("ugrave", 'ù'),
    ("uacute", 'ú'),
    ("ucirc", 'û'),
    ("Uacute", 'Ú'),
    ("yacute", 'ý'),
    ("ntilde", 'ñ'),
    ("Ntilde", 'Ñ'),
    ("euro", '€'),
    ("pound", '£'),
    ("yen", '¥'),
    ("cent", '¢'),
    ("copy", '©'),
    ("reg", '®'),
    ("trade", '™'),
    ("hellip", '…'),
    ("ndash", '–'),
    ("mdash", '—'),
    ("lsquo", '‘'),
    ("rsquo", '’'),
    ("sbquo", '‚'),
    ("ldquo", '“'),
    ("rdquo", '”'),
    ("bdquo", '„'),
    ("laquo", '«'),
    ("raquo", '»'),
    ("lsaquo", '‹'),
    ("rsaquo", '›'),
    ("bull", '•'),
    ("middot", '·'),
    ("deg", '°'),
    ("sect", '§'),
    ("para", '¶'),
    ("times", '×'),
    ("divide", '÷'),
    ("plusmn", '±'),
    ("frac12", '½'),
    ("frac14", '¼'),
    ("frac34", '¾'),
    ("sup2", '²'),
    ("sup3", '³'),
    ("micro", 'µ'),
    ("iexcl", '¡'),
    ("iquest", '¿'),
    ("larr", '←'),
    ("rarr", '→'),
    ("uarr", '↑'),
    ("darr", '↓'),
    ("zwnj", '\u{200c}'),
    ("zwj", '\u{200d}'),
    ("ensp", ' '),
    ("emsp", ' '),
    ("thinsp", ' '),
    ("shy", '\u{ad}'),
];

/// Tags that begin a new line.
const LINES: [&str; 27] = [
    "br",
    "p",
    "div",
    "tr",
    "li",
    "ul",
    "ol",
    "table",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "blockquote",
    "pre",
    "section",
    "article",
    "header",
    "footer",
    "dl",
    "dt",
    "dd",
    "center",
    "form",
    "address",
];

fn tag<'a>(text: &mut String, rest: &'a str) -> &'a str {
    if rest.starts_with("<!--") {
        return behind(rest, "-->");
    }
    let name: String = rest[1..]
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '!' | '?' | ':'))
        .collect();
    let name = name.to_ascii_lowercase();
    let bare = name.trim_start_matches('/').trim_end_matches('/');
    if !bare.starts_with(|c: char| c.is_ascii_alphabetic() || c == '!' || c == '?') {
        // "a < b" is text.
        text.push('<');
        return &rest[1..];
    }
    if matches!(name.as_str(), "script" | "style" | "title") {
        return behind_closing(rest, bare);
    }
    if LINES.contains(&bare) {
        text.truncate(text.trim_end_matches(' ').len());
        let paragraph = matches!(bare, "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "blockquote");
        let enough = if paragraph { "\n\n" } else { "\n" };
        if bare == "br" {
            text.push('\n');
        }
        while !text.is_empty() && !text.ends_with(enough) {
            text.push('\n');
        }
    } else if matches!(bare, "td" | "th") && !text.ends_with([' ', '\n']) {
        text.push(' ');
    }
    behind(rest, ">")
}

fn behind<'a>(rest: &'a str, mark: &str) -> &'a str {
    rest.find(mark).map_or("", |start| &rest[start + mark.len()..])
}

/// Behind the closing tag of an element whose content is no text.
fn behind_closing<'a>(rest: &'a str, name: &str) -> &'a str {
    let closing = format!("</{name}");
    let found = rest.char_indices().find(|(at, _)| {
        rest.get(*at..*at + closing.len()).is_some_and(|part| part.eq_ignore_ascii_case(&closing))
    });
    found.map_or("", |(at, _)| behind(&rest[at..], ">"))
}

/// No white space at the end of lines, no more than one empty line together.
fn tidy(text: &str) -> String {
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines().map(str::trim) {
        if !line.is_empty() || lines.last().is_some_and(|last| !last.is_empty()) {
            lines.push(line);
        }
    }
    lines.join("\n").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_visible_text_is_left() {
        let html = "<html><head><title>T</title><style>p { color: red }</style></head><body><p>Gr&uuml;&szlig;e,<br>1 &lt; 2 &amp; <b>bo</b>ld</p>\
                    <script>alert('<p>')</script><!-- no --><ul><li>a</li><li>b</li></ul>3 < 4 &#8364; &unknown;</body></html>";
        assert_eq!(to_text(html), "Grüße,\n1 < 2 & bold\n\na\nb\n3 < 4 € &unknown;");
    }

    #[test]
    fn broken_html_ends() {
        for html in ["<", "&", "<p", "<!--", "<script", "<style><p>x", "&#xffffffff;", "a<b", "</", "&#1;"] {
            let _ = to_text(html);
        }
        assert_eq!(to_text("<SCRIPT>x</Script>y"), "y");
    }
}
