//! `missing_attendees` of `forms.xml`: what a record says about people whom the CRM does not know.

use crate::xml::{Element, XmlError};
use crate::{InfoArea, Record};
use std::collections::BTreeMap;

/// How somebody who is missing takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    Required,
    Optional,
    /// A room, a thing, a blind copy.
    Informational,
    /// A sender or organiser, and whoever takes part in a way that nobody says.
    Unknown,
}

impl Part {
    const ALL: [Part; 4] = [Part::Required, Part::Optional, Part::Informational, Part::Unknown];

    fn element(self) -> &'static str {
        match self {
            Part::Required => "required",
            Part::Optional => "optional",
            Part::Informational => "informational",
            Part::Unknown => "unknown",
        }
    }
}

/// The rule.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MissingAttendees {
    /// What is set in the record when somebody is missing: field and value.
    pub marks: BTreeMap<String, String>,
    /// Where the list of those who are missing goes.
    pub targets: Vec<Target>,
    /// Between the text that a field holds and the appended list.
    pub separator: String,
    /// Between two of them; without one each stands on a line of his own.
    pub email_separator: Option<String>,
    /// Texts by element name, then by language.
    texts: BTreeMap<String, BTreeMap<String, String>>,
}

/// A field that takes the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The field.
    pub field: String,
    /// Whether the list is appended to what the field holds; otherwise it replaces it.
    pub append: bool,
}

impl MissingAttendees {
    pub(crate) fn read(element: &Element) -> Result<Self, XmlError> {
        let mut rule = Self { separator: "\n\n".to_owned(), ..Self::default() };
        for child in &element.children {
            match child.name.as_str() {
                name if name == InfoArea::Activity.table_name() => rule.marks = marks(child),
                "summary" => rule.read_summary(child)?,
                _ => return Err(child.unexpected("missing_attendees")),
            }
        }
        Ok(rule)
    }

    fn read_summary(&mut self, summary: &Element) -> Result<(), XmlError> {
        for child in &summary.children {
            match child.name.as_str() {
                "field" => {
                    let mode = child.required("mode")?;
                    let append = match mode {
                        "append" => true,
                        "replace" => false,
                        _ => {
                            return Err(XmlError::new(
                                child.line,
                                format!("\"{mode}\" is no mode; known are replace, append"),
                            ));
                        }
                    };
                    self.targets.push(Target { field: child.required("fieldname")?.to_owned(), append });
                }
                "separator" => self.separator.clone_from(&child.text),
                "email_separator" => self.email_separator = Some(child.text.clone()),
                "header" | "required" | "optional" | "informational" | "unknown" => {
                    let language = child.attribute("lang").unwrap_or_default().to_lowercase();
                    self.texts.entry(child.name.clone()).or_default().insert(language, child.text.clone());
                }
                _ => return Err(child.unexpected("summary")),
            }
        }
        Ok(())
    }

    /// A text in the language, else in its main language, else in English, else in whichever there is.
    fn text(&self, element: &str, language: &str) -> &str {
        let Some(texts) = self.texts.get(element) else { return "" };
        let language = language.to_lowercase();
        let main = language.split(['-', '_']).next().unwrap_or_default();
        [language.as_str(), main, "en", ""]
            .into_iter()
            .find_map(|candidate| texts.get(candidate))
            .or_else(|| texts.values().next())
            .map_or("", String::as_str)
    }

    /// The list in a language; empty when nobody is missing.
    pub(crate) fn list(&self, people: &[(Part, String)], language: &str) -> String {
        if people.is_empty() {
            return String::new();
        }
        let mut lines = vec![self.text("header", language).trim_end().to_owned()];
        lines.retain(|header| !header.is_empty());
        for part in Part::ALL {
            let names: Vec<&str> =
                people.iter().filter(|(other, _)| *other == part).map(|(_, name)| name.as_str()).collect();
            if names.is_empty() {
                continue;
            }
            let separator = self.email_separator.as_deref().unwrap_or("\n");
            lines.push(format!("{}{}", self.text(part.element(), language), names.join(separator)));
        }
        lines.join("\n")
    }

    /// Marks a record and writes the list, or takes both back when nobody is missing. Answers the fields it set.
    pub(crate) fn apply(
        &self,
        record: &mut Record,
        people: &[(Part, String)],
        language: &str,
        form: impl Fn(&str) -> bool,
    ) {
        for (field, value) in self.marks.iter().filter(|(field, _)| form(field)) {
            if !people.is_empty() {
                record.set(field, value.as_str());
            } else if record.get(field) == value {
                record.set(field, if value == "true" { "false" } else { "" });
            }
        }
        let list = self.list(people, language);
        for target in self.targets.iter().filter(|target| form(&target.field)) {
            if !target.append {
                record.set(&target.field, list.as_str());
            } else if !list.is_empty() {
                let held = record.get(&target.field);
                let separator = if held.is_empty() { "" } else { self.separator.as_str() };
                let text = format!("{held}{separator}{list}");
                record.set(&target.field, text);
            }
        }
    }

    /// The text of a field without the list that was appended to it, in whichever language that was.
    pub(crate) fn strip<'a>(&self, field: &str, text: &'a str, people: &[(Part, String)]) -> &'a str {
        if people.is_empty() || !self.targets.iter().any(|target| target.append && target.field == field) {
            return text;
        }
        let mut languages: Vec<&str> =
            self.texts.values().flat_map(|texts| texts.keys().map(String::as_str)).collect();
        languages.push("");
        for language in languages {
            let list = self.list(people, language);
            if let Some(rest) = text.strip_suffix(list.as_str()) {
                return rest.strip_suffix(self.separator.as_str()).unwrap_or(rest);
            }
        }
        text
    }
}

/// The children of a record template: field and value.
pub(crate) fn marks(template: &Element) -> BTreeMap<String, String> {
    template.children.iter().map(|field| (field.name.clone(), field.text.trim().to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(summary: &str) -> MissingAttendees {
        let text = format!(
            "<missing_attendees><Contact><Flag>true</Flag></Contact><summary>{summary}
             <header lang='en'>Missing:</header><header lang='de'>Es fehlen:</header>
             <required lang='en'>To: </required><optional lang='en'>CC: </optional></summary></missing_attendees>"
        );
        MissingAttendees::read(&Element::parse(&text).unwrap()).unwrap()
    }

    fn people() -> Vec<(Part, String)> {
        vec![(Part::Optional, "c@x".into()), (Part::Required, "a@x".into()), (Part::Required, "b@x".into())]
    }

    #[test]
    fn the_list_is_in_the_language_of_the_rep() {
        let rule = rule("<field fieldname='M' mode='replace'/><email_separator>, </email_separator>");
        assert_eq!(rule.list(&people(), "en"), "Missing:\nTo: a@x, b@x\nCC: c@x");
        assert_eq!(rule.list(&people(), "de-AT"), "Es fehlen:\nTo: a@x, b@x\nCC: c@x");
        assert_eq!(rule.list(&people(), "fr"), "Missing:\nTo: a@x, b@x\nCC: c@x");
        assert_eq!(rule.list(&[], "en"), "");
    }

    #[test]
    fn without_email_separator_each_has_a_line() {
        let rule = rule("<field fieldname='M' mode='replace'/>");
        assert_eq!(rule.list(&people(), "en"), "Missing:\nTo: a@x\nb@x\nCC: c@x");
    }

    #[test]
    fn an_appended_list_can_be_told_from_the_text() {
        let rule = rule("<field fieldname='Text' mode='append'/><separator>\n--\n</separator>");
        let mut record = Record::new(InfoArea::Activity);
        record.set("Text", "Agenda");
        rule.apply(&mut record, &people(), "de", |_| true);
        assert!(record.is("Flag"));
        assert_eq!(record.get("Text"), "Agenda\n--\nEs fehlen:\nTo: a@x\nb@x\nCC: c@x");
        assert_eq!(rule.strip("Text", record.get("Text"), &people()), "Agenda");
        rule.apply(&mut record, &[], "de", |_| true);
        assert_eq!(record.get("Flag"), "false");
    }

    #[test]
    fn an_unknown_mode_is_refused() {
        let text = "<missing_attendees><summary>\n<field fieldname='M' mode='prepend'/></summary></missing_attendees>";
        let error = MissingAttendees::read(&Element::parse(text).unwrap()).unwrap_err();
        assert_eq!(error.line, 2);
        assert!(error.reason.contains("prepend"));
    }
}
