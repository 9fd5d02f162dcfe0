//! `forms.xml`: which fields are exchanged, what is filtered, how deletion works, who may speak for reps.

mod authentication;
mod form;
mod mapped;
mod options;

pub use authentication::{Authentication, MasterUser};
pub use form::{Field, Form};
pub use options::Options;

use crate::Condition;
use crate::xml::{Element, XmlError};
use crate::{RulesError, Source};
use std::collections::{BTreeMap, BTreeSet};
use tandem_mapping::{CrmType, Mapping};
use tandem_model::Kind;

/// The file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Forms {
    /// Who may act for reps.
    pub authentication: Authentication,
    /// The filters, by the type of their `SyncHandler`.
    pub handlers: BTreeMap<String, Condition>,
    /// The fields of each kind.
    pub forms: BTreeMap<Kind, Form>,
    /// The options of each kind.
    pub options: BTreeMap<Kind, Options>,
    /// What was accepted though it is not as it should be: for the log.
    pub remarks: Vec<String>,
}

/// The type of a kind's form: the content type's name after `x-` (`text/x-vevent`, `text/x-mmTasks` …).
pub(crate) fn form_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Mail => "mmRecord",
        Kind::Appointment => "vevent",
        Kind::Task => "mmTasks",
        Kind::Contact => "mmPerson",
        Kind::Absence => "mmAbsences",
    }
}

fn kind_of(form_name: &str) -> Option<Kind> {
    Kind::ALL.into_iter().find(|kind| form_type(*kind).eq_ignore_ascii_case(form_name))
}

impl Forms {
    pub(crate) fn read(root: &Element) -> Result<Self, XmlError> {
        if root.name != "root" {
            return Err(XmlError::new(root.line, format!("the root element is <root>, not <{}>", root.name)));
        }
        let mut forms = Self::default();
        for child in &root.children {
            match child.name.as_str() {
                "settings" => forms.read_settings(child)?,
                _ => forms.read_block(child, "root")?,
            }
        }
        Ok(forms)
    }

    fn read_settings(&mut self, settings: &Element) -> Result<(), XmlError> {
        for child in &settings.children {
            if child.name == "authentication" {
                self.authentication = Authentication::read(child)?;
            } else {
                self.read_block(child, "settings")?;
                self.remarks.push(format!(
                    "line {}: <{}> belongs beside <settings>, not into it; it is accepted",
                    child.line, child.name
                ));
            }
        }
        Ok(())
    }

    fn read_block(&mut self, element: &Element, inside: &str) -> Result<(), XmlError> {
        match element.name.as_str() {
            "SyncHandler" => self.read_handler(element),
            "options" => self.read_options(element),
            "form" => self.read_form(element),
            // Parts of what belongs elsewhere: the file is torn.
            "table" | "field" | "condition" | "lop" | "cond" | "masterUser" | "missing_attendees" => {
                Err(element.unexpected(inside))
            }
            _ => {
                self.remark(element, inside);
                Ok(())
            }
        }
    }

    fn read_handler(&mut self, element: &Element) -> Result<(), XmlError> {
        let name = element.required("type")?.to_owned();
        let condition = match element.child("condition") {
            Some(condition) => Condition::read(condition)?,
            None => return Err(XmlError::new(element.line, "<SyncHandler> needs a <condition>")),
        };
        if !Kind::ALL.into_iter().any(|kind| applies_to(&name, kind))
            && !name.eq_ignore_ascii_case("DeleteSync")
        {
            self.remarks.push(format!(
                "line {}: SyncHandler \"{name}\" is of no known type; it filters nothing",
                element.line
            ));
        }
        if self.handlers.insert(name.clone(), condition).is_some() {
            return Err(XmlError::new(
                element.line,
                format!("there are two SyncHandlers of type \"{name}\""),
            ));
        }
        Ok(())
    }

    fn read_options(&mut self, element: &Element) -> Result<(), XmlError> {
        for child in &element.children {
            let Some(kind) = kind_of(&child.name) else {
                self.remark(child, "options");
                continue;
            };
            let options = Options::read(child)?;
            for unknown in child.children.iter().filter(|part| !Options::knows(&part.name)) {
                self.remark(unknown, &child.name);
            }
            if self.options.insert(kind, options).is_some() {
                return Err(XmlError::new(child.line, format!("there are two options for <{}>", child.name)));
            }
        }
        Ok(())
    }

    fn read_form(&mut self, element: &Element) -> Result<(), XmlError> {
        let name = element.required("type")?;
        let Some(kind) = kind_of(name) else {
            self.remarks
                .push(format!("line {}: form \"{name}\" is of no kind that is synchronised", element.line));
            return Ok(());
        };
        if self.forms.insert(kind, Form::read(kind, element)?).is_some() {
            return Err(XmlError::new(element.line, format!("there are two forms of type \"{name}\"")));
        }
        Ok(())
    }

    /// Settles the meanings of fields: those of the built-in template are what it says itself.
    pub(crate) fn settle(&mut self, builtin: Option<&Forms>) -> Result<(), XmlError> {
        let known: Vec<&Form> = builtin.iter().flat_map(|builtin| builtin.forms.values()).collect();
        self.forms.iter_mut().try_for_each(|(kind, form)| form.settle(*kind, &known))
    }

    /// A kind without a form has that of the built-in template, and so have tasks without options.
    pub(crate) fn fill_in(&mut self, builtin: &Forms) {
        for (kind, form) in &builtin.forms {
            if !self.forms.contains_key(kind) {
                self.remarks.push(format!(
                    "there is no form \"{}\": the one of the built-in template is used for every {kind}",
                    form_type(*kind)
                ));
                self.forms.insert(*kind, form.clone());
            }
        }
        if let Some(options) = builtin.options.get(&Kind::Task) {
            self.options.entry(Kind::Task).or_insert_with(|| options.clone());
        }
    }

    /// Which field of the CRM feeds which field of Graph, beside the default pairs.
    pub fn mapping(&self) -> Mapping {
        let mut mapping = Mapping::default();
        for (kind, form) in &self.forms {
            mapping.set(*kind, form.mapping().clone());
        }
        mapping
    }

    /// Refuses forms that pair a field that the CRM does not have, or that cannot hold what Graph's field does. `types`
    /// tells the type of a field by table and name.
    pub fn check_types(&self, types: impl Fn(&str, &str) -> Option<CrmType>) -> Result<(), RulesError> {
        let checked = self.forms.values().try_for_each(|form| form.check(&types));
        checked.map_err(|error| error.of(Source::Forms))
    }

    /// Takes fields off the forms that the CRM does not have, and the remark says so: (table, field).
    pub fn retain_known(&mut self, known: impl Fn(&str, &str) -> bool) -> BTreeSet<(String, String)> {
        let mut unknown = BTreeSet::new();
        for (kind, form) in &mut self.forms {
            unknown.extend(form.retain_known(*kind, &known));
        }
        for (table, field) in &unknown {
            self.remarks.push(format!("the CRM has no field {table}.{field}: it is not exchanged"));
        }
        unknown
    }

    /// Real files hold more than what is known here; it must not stop them, nor be passed over in silence.
    fn remark(&mut self, element: &Element, inside: &str) {
        let Element { line, name, .. } = element;
        self.remarks.push(format!("line {line}: <{name}> in <{inside}> is not known here; it has no effect"));
    }

    /// The form of a kind.
    pub fn form(&self, kind: Kind) -> &Form {
        const EMPTY: &Form = Form::EMPTY;
        self.forms.get(&kind).unwrap_or(EMPTY)
    }

    /// The conditions that records of a kind have to fulfil to be shown to the connector.
    pub fn filters(&self, kind: Kind) -> impl Iterator<Item = &Condition> {
        self.handlers.iter().filter(move |(name, _)| applies_to(name, kind)).map(|(_, condition)| condition)
    }

    /// A handler by its type.
    pub(crate) fn handler(&self, name: &str) -> Option<&Condition> {
        self.handlers
            .iter()
            .find(|(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, condition)| condition)
    }
}

/// Whether a `SyncHandler` filters a kind: `Default` filters all, `ExchangeConnector_VeventFilter` and its like their own.
/// The prefix names the connector for which the filter was once written; it is not compared.
fn applies_to(handler: &str, kind: Kind) -> bool {
    const END: &str = "Filter";
    let name = handler.rsplit('_').next().unwrap_or(handler);
    let at = name.len().saturating_sub(END.len());
    let own = form_type(kind);
    let short = own.strip_prefix("mm").unwrap_or(own);
    handler.eq_ignore_ascii_case("Default")
        || match (name.get(..at), name.get(at..)) {
            (Some(begin), Some(end)) if end.eq_ignore_ascii_case(END) => {
                begin.eq_ignore_ascii_case(own) || begin.eq_ignore_ascii_case(short)
            }
            _ => false,
        }
}
