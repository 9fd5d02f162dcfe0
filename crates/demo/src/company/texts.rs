//! Texts of mails and appointments.

use super::names::SENTENCES;
use crate::dice::Dice;

/// A few sentences, as plain text.
pub(crate) fn plain(dice: &mut Dice, greeting: &str, signature: &str) -> String {
    let count = usize::try_from(dice.between(2, 5)).unwrap_or(2);
    let body = dice.some(&SENTENCES, count).join(" ");
    format!("{greeting}\n\n{body}\n\n{signature}")
}

/// The same kind of text as mail programs write it in HTML.
pub(crate) fn html(dice: &mut Dice, greeting: &str, signature: &str) -> String {
    let count = usize::try_from(dice.between(2, 5)).unwrap_or(2);
    let paragraphs: String = dice
        .some(&SENTENCES, count)
        .into_iter()
        .map(|sentence| format!("<p>{}</p>\r\n", escaped(sentence)))
        .collect();
    format!(
        "<html><head><style>p {{ margin: 0 }}</style></head><body><!-- {} --><div>{}</div>{paragraphs}<table><tr><td>Net</td><td>1&nbsp;240&nbsp;&euro;</td></tr></table><p><b>{}</b></p></body></html>",
        dice.below(1000),
        escaped(greeting),
        escaped(signature)
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
