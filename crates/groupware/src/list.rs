//! Several short texts in one field, with semicolons between them.

use std::collections::BTreeSet;

/// Joins; what would make the field longer than `limit` characters is left out whole. A semicolon inside is escaped.
pub(crate) fn join(values: &BTreeSet<String>, limit: usize) -> (String, bool) {
    let (mut text, mut complete, mut length) = (String::new(), true, 0);
    for value in values {
        let value = value.trim().replace('\\', "\\\\").replace(';', "\\;");
        let separator = if text.is_empty() { "" } else { "; " };
        let more = separator.len() + value.chars().count();
        if length + more > limit {
            complete = false;
            continue;
        }
        text.push_str(separator);
        text.push_str(&value);
        length += more;
    }
    (text, complete)
}

/// Splits what [`join`] or a person wrote.
pub(crate) fn split(text: &str) -> BTreeSet<String> {
    let (mut values, mut value) = (BTreeSet::new(), String::new());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => value.extend(characters.next()),
            ';' => {
                values.insert(value.trim().to_owned());
                value.clear();
            }
            other => value.push(other),
        }
    }
    values.insert(value.trim().to_owned());
    values.remove("");
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(values: &[&str]) -> BTreeSet<String> {
        values.iter().map(|value| (*value).to_owned()).collect()
    }

    #[test]
    fn values_are_told_apart_again() {
        let values = set(&["Red", "a;b", "c\\", "ä, ö"]);
        let (text, complete) = join(&values, 100);
        assert!(complete);
        assert_eq!(split(&text), values);
        assert_eq!(split(" Red;Blue ; ;"), set(&["Blue", "Red"]));
    }

    #[test]
    fn what_does_not_fit_is_left_out_whole() {
        assert_eq!(join(&set(&["aaaa", "bb"]), 5), ("aaaa".to_owned(), false));
    }
}
