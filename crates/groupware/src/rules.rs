//! The CRM's rules: both files together.

use crate::forms::Options;
use crate::xml::{Element, XmlError};
use crate::{Forms, MissingAttendees, OtherGroup, Switches, other_groups};
use std::fmt;
use std::sync::LazyLock;
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
    /// `settings.xml`, its other groups: not used here.
    pub other_groups: Vec<OtherGroup>,
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
        let mut rules = Self::default();
        rules.read_forms(forms_xml)?;
        rules.read_settings(settings_xml)?;
        Ok(rules)
    }

    /// Takes another `forms.xml`; one that cannot be used changes nothing.
    pub fn read_forms(&mut self, text: &str) -> Result<(), RulesError> {
        let builtin = &Self::template().forms;
        let read = Element::parse(text).and_then(|root| {
            let mut forms = Forms::read(&root)?;
            forms.settle(Some(builtin))?;
            Ok(forms)
        });
        let mut forms = read.map_err(|error| error.of(Source::Forms))?;
        forms.fill_in(builtin);
        self.forms = forms;
        Ok(())
    }

    /// Takes another `settings.xml`; one that cannot be used changes nothing.
    pub fn read_settings(&mut self, text: &str) -> Result<(), RulesError> {
        let read =
            Element::parse(text).and_then(|root| Ok((Switches::read(&root)?, other_groups::read(&root))));
        (self.switches, self.other_groups) = read.map_err(|error| error.of(Source::Settings))?;
        Ok(())
    }

    /// The template that is shipped with the program.
    pub fn builtin() -> Self {
        Self::template().clone()
    }

    pub(crate) fn template() -> &'static Self {
        static TEMPLATE: LazyLock<Rules> = LazyLock::new(|| {
            let forms = Element::parse(FORMS).and_then(|root| {
                let mut forms = Forms::read(&root)?;
                forms.settle(None)?;
                Ok(forms)
            });
            let switches = Element::parse(SETTINGS).and_then(|root| Switches::read(&root));
            // A test reads both files: they cannot fail here.
            Rules {
                forms: forms.unwrap_or_default(),
                switches: switches.unwrap_or_default(),
                other_groups: Vec::new(),
            }
        });
        &TEMPLATE
    }

    /// The text of the shipped `forms.xml`, to be laid into a new installation.
    pub fn builtin_forms() -> &'static str {
        FORMS
    }

    /// The text of the shipped `settings.xml`, to be laid into a new installation.
    pub fn builtin_settings() -> &'static str {
        SETTINGS
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

    /// The type (field `Contact`) that a new activity of a kind gets: keys `contact_type` and `published_type` of the
    /// kind's options, else those of the built-in template.
    pub fn activity_type(&self, kind: Kind, published: bool) -> &str {
        let key = if published { "published_type" } else { "contact_type" };
        let own = self.options(kind).and_then(|options| options.keys.get(key));
        let builtin = || Self::template().options(kind).and_then(|options| options.keys.get(key));
        own.filter(|word| !word.is_empty()).or_else(builtin).map_or("", String::as_str)
    }

    /// Whether an activity of that type (field `Contact`) is an e-mail; all others are appointments.
    pub fn is_mail(&self, activity_type: &str) -> bool {
        activity_type == self.activity_type(Kind::Mail, false)
    }

    /// Whether a deletion in Microsoft 365 reaches records of a kind (`delete_sync_process_410` and its siblings).
    pub fn deletes(&self, kind: Kind) -> bool {
        self.options(kind).is_some_and(Options::deletes)
    }
}

impl XmlError {
    pub(crate) fn of(self, file: Source) -> RulesError {
        RulesError { file, line: self.line, reason: self.reason }
    }
}
