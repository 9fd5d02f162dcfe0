//! The switches of `settings.xml`: all of its groupware page, and what else has an effect here.

use crate::xml::{Element, XmlError};

/// A switch, as the configurator shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Switch {
    /// Its key in the file.
    pub key: &'static str,
    /// Its name in the configurator.
    pub label: &'static str,
    /// The page of the configurator, which is the group of the file.
    pub page: &'static str,
    /// The part of the page on which it stands.
    pub group: &'static str,
    /// What it does.
    pub help: &'static str,
    /// Whether it is on when the file does not say.
    pub default: bool,
}

macro_rules! switches {
    ($($page:literal, $group:literal {
        $($(#[doc = $help:literal])+ $field:ident = $default:literal, $label:literal;)*
    })*) => {
        /// The switches that have an effect here, with the defaults of the setup guide (step 3, groupware page). That
        /// *Force login encryption* stands on the page *General* is ours: the guides do not say where it is.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct Switches {
            $($($(#[doc = $help])+ pub $field: bool,)*)*
            /// Switches that were given and have no effect here.
            pub without_effect: Vec<AcceptedOnly>,
        }

        impl Default for Switches {
            fn default() -> Self {
                Self { $($($field: $default,)*)* without_effect: Vec::new() }
            }
        }

        impl Switch {
            /// Every switch that has an effect here.
            pub const ALL: &'static [Switch] = &[$($(Switch {
                key: stringify!($field),
                label: $label,
                page: $page,
                group: $group,
                help: concat!($($help),+),
                default: $default,
            },)*)*];
        }

        impl Switches {
            /// Each switch that has an effect: key in the file, label of the configurator, value.
            pub fn list(&self) -> Vec<(&'static str, &'static str, bool)> {
                vec![$($((stringify!($field), $label, self.$field),)*)*]
            }

            fn slot(&mut self, page: &str, word: &str) -> Option<&mut bool> {
                $($(if page == $page && (word == plain(stringify!($field)) || word == plain($label)) {
                    return Some(&mut self.$field);
                })*)*
                None
            }
        }
    };
}

switches! {
    "General", "Login" {
        /// Logins with user and password in clear are refused: only tokens are taken (attribute `auth`).
        force_login_encryption = false, "Force login encryption";
    }
    "Groupware", "Attendee conflict resolution" {
        /// An address that no person has but exactly one company means that company.
        company_if_unique = true, "By email: use company if unique";
        /// An address that exactly one person has means that person.
        person_if_unique = true, "By email: use person if unique";
        /// Answers of participants are not shown to the connector, nor taken from it.
        do_not_generate_full_status = false, "Do not generate full status";
        /// The participants' names on the activity say how each answered; their own records say it besides.
        generate_short_status = false, "Generate short status";
        /// Persons and companies that are locked are passed over when an address is looked up.
        ignore_locked_records = false, "Ignore locked records";
        /// A rep means the person linked to him; otherwise his address has to be unique among persons.
        use_fi_kp_from_rep = true, "Use FI/KP from rep";
        /// Where both sides changed a field, the CRM's value wins.
        crm_wins = false, "update CRM fields modified after last Sync always win";
    }
    "Groupware", "Autosync" {
        /// Only favourites travel to the address books.
        filter_by_favorites = false, "Filter by favorites";
        /// Only a rep's own persons and companies travel to his address book.
        filter_by_rep = false, "Filter by rep";
        /// Only persons and companies of a rep's sales group travel to his address book.
        filter_by_salesgroup = false, "Filter by salesgroup";
        /// Companies travel to the address books.
        synchronize_companies = true, "Synchronize companies";
        /// Persons who belong to a company travel to the address books.
        synchronize_contact_persons = true, "Synchronize contact persons";
        /// Persons without a company travel to the address books.
        synchronize_persons = true, "Synchronize persons";
    }
    "Groupware", "Options" {
        /// Persons and companies that were found by an address are remembered until one of them changes.
        cache_attendees = false, "Cache attendees";
        /// Reps that were found by an address are remembered until one of them changes.
        cache_reps = false, "Cache reps";
        /// Every write of a connector leaves a record in the table Journal: who, what, and how it ended.
        create_journal = false, "Create Journal";
        /// An item that the CRM knows under the same id from another connector is that record, and not a new one.
        enable_migration_to_update_crm = false, "Enable migration to update CRM";
        /// What a rep's right lets him read is all that he is shown; private activities are hidden always.
        enable_rights_when_reading_records = false, "Enable rights when reading records";
        /// SyncML messages and their answers are written to `trace/syncml.log` in the system folder, without passwords.
        generate_syncml_trace_information = false, "Generate SyncML trace information";
    }
    "Groupware", "update CRM settings" {
        /// A company that a new contact names and that the CRM does not know is added.
        create_companies = false, "Create new Companies";
        /// Somebody whom the CRM does not know is added as a person.
        create_persons = false, "Create new Persons";
        /// Text that is too long for its field is not cut.
        do_not_truncate = false, "Do not truncate field contents";
        /// Each rep who takes part in an appointment gets a to-do record with his answer.
        generate_todo_records = false, "Generate ToDo records";
        /// Attachments become documents of D1, otherwise of D2.
        documents_in_d1 = true, "Store attachments in Documents (D1) instead of Customer Documents (D2)";
        /// Answers of reps are taken over and shown.
        synchronize_rep_status = true, "Synchronize rep status";
    }
}

/// A switch that is accepted and has no effect here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct AcceptedOnly {
    /// Label of the configurator.
    pub label: &'static str,
    /// Why it has none.
    pub reason: &'static str,
}

impl AcceptedOnly {
    /// All of them.
    pub const ALL: [AcceptedOnly; 2] = [
        only("Deadlock priority", "it is a setting of SQL Server sessions, and no SQL Server is here"),
        only(
            "Disable database transactions",
            "a record without its participants must never be seen, so every write is a transaction",
        ),
    ];

    fn find(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|switch| plain(switch.label) == word)
    }
}

const fn only(label: &'static str, reason: &'static str) -> AcceptedOnly {
    AcceptedOnly { label, reason }
}

impl Switches {
    /// Reads `settings.xml`: `<key name="…" value="true"/>` in the element of a page, the name being the key or the
    /// configurator's label in any spelling. On the groupware page every key must be known; what the other pages hold
    /// besides our switches is kept: [`crate::OtherGroup`].
    pub(crate) fn read(root: &Element) -> Result<Self, XmlError> {
        let mut switches = Self::default();
        for group in pages(root) {
            let page = page_of(group).unwrap_or_default();
            for key in &group.children {
                if key.name == "key" {
                    switches.set(page, key)?;
                } else if page == GROUPWARE {
                    return Err(key.unexpected(&group.name));
                }
            }
        }
        switches.without_effect.sort();
        switches.without_effect.dedup();
        Ok(switches)
    }

    fn set(&mut self, page: &str, key: &Element) -> Result<(), XmlError> {
        let name = match key.attribute("name") {
            None if page != GROUPWARE => return Ok(()),
            _ => key.required("name")?,
        };
        let value = key.attribute("value").unwrap_or_default().trim();
        let word = plain(name);
        if let Some(slot) = self.slot(page, &word) {
            match value.to_ascii_lowercase().as_str() {
                "true" | "1" => *slot = true,
                "false" | "0" => *slot = false,
                "" | "<unset>" => {}
                _ => {
                    return Err(XmlError::new(
                        key.line,
                        format!("the switch \"{name}\" is true or false, not \"{value}\""),
                    ));
                }
            }
        } else if page != GROUPWARE {
            return Ok(());
        } else if let Some(switch) = AcceptedOnly::find(&word) {
            self.without_effect.push(switch);
        } else {
            return Err(XmlError::new(key.line, format!("there is no groupware switch \"{name}\"")));
        }
        Ok(())
    }
}

/// The page every key of which must be known.
const GROUPWARE: &str = "Groupware";

/// The page with switches that an element is: `<groupware>` or `<group name="Groupware">`.
pub(crate) fn page_of(element: &Element) -> Option<&'static str> {
    let name = match element.attribute("name") {
        Some(name) if element.name == "group" => name,
        _ => &element.name,
    };
    Switch::ALL.iter().map(|switch| switch.page).find(|page| plain(page) == plain(name))
}

/// Whether an element is the groupware group.
pub(crate) fn is_groupware(element: &Element) -> bool {
    page_of(element) == Some(GROUPWARE)
}

/// The groups that hold switches, wherever they stand.
fn pages(element: &Element) -> Vec<&Element> {
    if page_of(element).is_some() { vec![element] } else { element.children.iter().flat_map(pages).collect() }
}

/// Letters and digits only, in lower case: in labels people vary spaces, dashes and capitals.
pub(crate) fn plain(name: &str) -> String {
    name.chars().filter(|character| character.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(keys: &str) -> Result<Switches, XmlError> {
        Switches::read(
            &Element::parse(&format!("<root><general/><groupware>\n{keys}</groupware></root>")).unwrap(),
        )
    }

    #[test]
    fn keys_and_labels_both_name_a_switch() {
        let switches = read("<key name='create_persons' value='True'/><key name='Generate ToDo records' value='1'/><key name='Deadlock priority' value='0'/>").unwrap();
        assert!(switches.create_persons && switches.generate_todo_records);
        assert_eq!(switches.without_effect[0].label, "Deadlock priority");
        assert_eq!(Switches { without_effect: vec![], ..read("").unwrap() }, Switches::default());
    }

    #[test]
    fn a_switch_that_nobody_knows_is_refused() {
        assert_eq!(read("<key name='create_person' value='true'/>").unwrap_err().line, 2);
        assert!(read("<key name='create_persons' value='ja'/>").unwrap_err().reason.contains("ja"));
    }

    #[test]
    fn a_switch_counts_on_its_own_page_only() {
        let read = |text: &str| Switches::read(&Element::parse(text).unwrap());
        let general = "<root><general><key name='Force login encryption' value='true'/><key name='Log' value='C:'/><x/></general></root>";
        assert!(read(general).unwrap().force_login_encryption);
        let elsewhere = general.replace("general", "advanced");
        assert!(!read(&elsewhere).unwrap().force_login_encryption);
        assert!(read(&general.replace("general", "groupware")).is_err());
        assert_eq!(read(&general.replace("'true'", "'yes'")).unwrap_err().line, 1);
    }

    #[test]
    fn every_option_of_the_guide_is_either_obeyed_or_explained() {
        let groupware = Switch::ALL.iter().filter(|switch| switch.page == GROUPWARE);
        let mut labels: Vec<_> = groupware.map(|switch| plain(switch.label)).collect();
        assert_eq!(labels.len() + AcceptedOnly::ALL.len(), 27);
        labels.extend(AcceptedOnly::ALL.iter().map(|switch| plain(switch.label)));
        labels.sort();
        labels.dedup();
        assert_eq!(labels.len(), 27);
        assert!(Switch::ALL.iter().all(|switch| switch.help.trim().ends_with('.')));
    }
}
