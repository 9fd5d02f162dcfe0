//! HTML as plain text, for the few bodies that come as HTML although text was asked for. No layout: blocks begin on
//! lines of their own, list items get a dash, cells a tab.

/// Elements whose content is no text.
const SILENT: [&str; 4] = ["script", "style", "head", "title"];
const BLOCKS: [&str; 19] = [
    "address",
    "article",
    "blockquote",
    "div",
    "dl",
    "dt",
    "dd",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "ol",
    "p",
    "section",
    "table",
];

/// The text of an HTML document or fragment.
pub(crate) fn to_text(html: &str) -> String {
    let mut text = Text::default();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        text.words(&rest[..at]);
        rest = &rest[at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.find("-->").map_or("", |end| &comment[end + 3..]);
            continue;
        }
        let Some(end) = rest.find('>') else {
            text.words(rest);
            rest = "";
            break;
        };
        let tag = rest[1..end].trim();
        rest = &rest[end + 1..];
        let closing = tag.starts_with('/');
        let name = tag.trim_start_matches('/').split([' ', '/', '\t', '\r', '\n']).next().unwrap_or_default();
        let name = name.to_ascii_lowercase();
        if !closing && SILENT.contains(&name.as_str()) && !tag.ends_with('/') {
            rest = behind(rest, &name);
        } else {
            text.tag(&name, closing);
        }
    }
    text.words(rest);
    text.out
}

/// What follows the end of an element.
fn behind<'a>(rest: &'a str, name: &str) -> &'a str {
    let end = format!("</{name}");
    // ASCII lower case keeps byte positions.
    let Some(at) = rest.to_ascii_lowercase().find(&end) else { return "" };
    rest[at..].find('>').map_or("", |close| &rest[at + close + 1..])
}

#[derive(Default)]
struct Text {
    out: String,
    pre: bool,
}

impl Text {
    fn tag(&mut self, name: &str, closing: bool) {
        match name {
            "br" => self.out.push('\n'),
            "pre" => {
                self.new_line();
                self.pre = !closing;
            }
            "li" if !closing => {
                self.new_line();
                self.out.push_str("- ");
            }
            "tr" => self.new_line(),
            "td" | "th" if !closing && !self.at_line_start() => self.out.push('\t'),
            "hr" => {
                self.new_line();
                self.out.push_str("---\n");
            }
            _ if BLOCKS.contains(&name) => self.new_line(),
            _ => {}
        }
    }

    fn words(&mut self, raw: &str) {
        let raw = entities(raw);
        if self.pre {
            self.out.push_str(&raw);
            return;
        }
        for character in raw.chars() {
            // A no-break space is a character of the text; the rest of the white space is layout.
            if character.is_ascii_whitespace() {
                if !self.at_line_start() && !self.out.ends_with([' ', '\t']) {
                    self.out.push(' ');
                }
            } else {
                self.out.push(if character == '\u{a0}' { ' ' } else { character });
            }
        }
    }

    fn at_line_start(&self) -> bool {
        self.out.is_empty() || self.out.ends_with('\n')
    }

    fn new_line(&mut self) {
        if !self.at_line_start() {
            let end = self.out.trim_end_matches(' ').len();
            self.out.truncate(end);
            self.out.push('\n');
        }
    }
}

/// Replaces character references; unknown ones stay as they are.
fn entities(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let name = rest.split(';').next().unwrap_or_default();
        match reference(name).filter(|_| name.len() < rest.len()) {
            Some(character) => {
                out.push(character);
                rest = &rest[name.len() + 1..];
            }
            None => out.push('&'),
        }
    }
    out + rest
}

fn reference(name: &str) -> Option<char> {
    let number = |digits: &str, radix| u32::from_str_radix(digits, radix).ok().and_then(char::from_u32);
    if let Some(digits) = name.strip_prefix("#x").or_else(|| name.strip_prefix("#X")) {
        return number(digits, 16);
    }
    if let Some(digits) = name.strip_prefix('#') {
        return number(digits, 10);
    }
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
        "euro" => '€',
        "ndash" => '–',
        "mdash" => '—',
        "hellip" => '…',
        "bull" => '•',
        "lsquo" => '‘',
        "rsquo" => '’',
        "ldquo" => '“',
        "rdquo" => '”',
        "bdquo" => '„',
        "copy" => '©',
        "reg" => '®',
        "trade" => '™',
        "deg" => '°',
        "sect" => '§',
        _ => return None,
    })
}

/// Text as HTML that shows the same.
pub(crate) fn from_text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\n', "<br>\r\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_outlook_sends() {
        let html = "<html>\r\n<head><style>p {margin:0}</style></head><body>\r\n<p class=\"x\">Gr&uuml;&szlig;e,\r\n  Ann</p>\
                    <div>1 &lt; 2&nbsp;&#x20AC;<br>next</div><ul><li>one</li><li>two</li></ul>\
                    <table><tr><td>a</td><td>b</td></tr></table><!-- no > text --></body></html>";
        assert_eq!(to_text(html).trim_end(), "Grüße, Ann\n1 < 2 €\nnext\n- one\n- two\na\tb");
    }

    #[test]
    fn broken_markup_loses_nothing_readable() {
        assert_eq!(to_text("a < b & c"), "a < b & c");
        assert_eq!(to_text("x<script>evil"), "x");
        assert_eq!(to_text("&unknown; &#xD800;"), "&unknown; &#xD800;");
        assert_eq!(to_text("<pre>a\n  b</pre>c"), "a\n  b\nc");
    }

    proptest! {
        #[test]
        fn text_survives_html(text in "[a-z<>&;#\" \n]{0,40}") {
            let wanted: Vec<String> =
                text.lines().map(|line| line.split_ascii_whitespace().collect::<Vec<_>>().join(" ")).collect();
            let got: Vec<String> = to_text(&from_text(&text)).lines().map(|line| line.trim().to_owned()).collect();
            let (got, wanted) = (got.join("\n"), wanted.join("\n"));
            prop_assert_eq!(got.trim_end(), wanted.trim_end());
        }

        #[test]
        fn nothing_panics(html in "\\PC{0,60}|[<>/&;#!a-z -]{0,60}") {
            to_text(&html);
        }
    }
}
