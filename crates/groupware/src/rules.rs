//! The CRM's rules: both files together.

use crate::forms::{Options, form_type};
use crate::xml::{Element, XmlError};
use crate::{Forms, MissingAttendees, Switches};
use std::fmt;
use tandem_model::Kind;

const FORMS: &str = include_str!("../data/forms.xml");
const SETTINGS: &str = include_str!("../data/settings.xml");

/// `forms.xml` and the groupware page of `settings.xml`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    /// `forms.xml`.
    pub forms: Forms,
    /// `settings.xml`, groupware page.
    pub switches: Switches,
}

/// One of the two files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// `forms.xml`.
    Forms,
    /// `settings.xml`.
    Settings,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Source::Forms => "forms.xml",
            Source::Settings => "settings.xml",
        })
    }
}

/// A file that cannot be used. The rules in force stay in force.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line}: {reason}")]
pub struct RulesError {
    /// Which file.
    pub file: Source,
    /// On which line, from 1.
    pub line: usize,
    /// What is wrong.
    pub reason: String,
}

impl Rules {
    /// Reads both files. A kind that `forms.xml` has no form for has that of the built-in template, which
    /// `forms.remarks` says.
    pub fn parse(forms_xml: &str, settings_xml: &str) -> Result<Self, RulesError> {
        let mut rules = Self::read(forms_xml, settings_xml)?;
        rules.fill_in();
        Ok(rules)
    }

    /// The template that is shipped with the program.
    pub fn builtin() -> Self {
        // A test reads both files: they cannot fail here.
        Self::read(FORMS, SETTINGS).unwrap_or_default()
    }

    /// The text of the shipped `forms.xml`, to be laid into a new installation.
    pub fn builtin_forms() -> &'static str {
        FORMS
    }

    /// The text of the shipped `settings.xml`, to be laid into a new installation.
    pub fn builtin_settings() -> &'static str {
        SETTINGS
    }

    fn read(forms_xml: &str, settings_xml: &str) -> Result<Self, RulesError> {
        let at = |file| move |error: XmlError| RulesError { file, line: error.line, reason: error.reason };
        let forms =
            Element::parse(forms_xml).and_then(|root| Forms::read(&root)).map_err(at(Source::Forms))?;
        let switches = Element::parse(settings_xml)
            .and_then(|root| Switches::read(&root))
            .map_err(at(Source::Settings))?;
        Ok(Self { forms, switches })
    }

    fn fill_in(&mut self) {
        let builtin = Self::builtin();
        for (kind, form) in builtin.forms.forms {
            if !self.forms.forms.contains_key(&kind) {
                self.forms.remarks.push(format!(
                    "there is no form \"{}\": the one of the built-in template is used for every {kind}",
                    form_type(kind)
                ));
                self.forms.forms.insert(kind, form);
            }
        }
    }

    pub(crate) fn options(&self, kind: Kind) -> Option<&Options> {
        self.forms.options.get(&kind)
    }

    /// What is done about people whom the CRM does not know; e-mails follow the rule of appointments unless they have
    /// one of their own.
    pub fn missing_attendees(&self, kind: Kind) -> Option<&MissingAttendees> {
        let own = self.options(kind).and_then(|options| options.missing_attendees.as_ref());
        own.or_else(|| self.options(Kind::Appointment)?.missing_attendees.as_ref())
    }

    /// Whether a deletion in Outlook reaches appointments (`delete_sync_process_410`).
    pub fn deletes_appointments(&self) -> bool {
        self.options(Kind::Appointment).is_some_and(|options| options.is("delete_sync_process_410"))
    }
}
