//! The switches of the groupware page of `settings.xml`.

use crate::xml::{Element, XmlError};

macro_rules! switches {
    ($($(#[$doc:meta])* $field:ident = $default:literal, $label:literal;)*) => {
        /// The switches that have an effect here, with the defaults of the setup guide (step 3, groupware page).
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct Switches {
            $($(#[$doc])* pub $field: bool,)*
            /// Switches that were given and have no effect here.
            pub without_effect: Vec<AcceptedOnly>,
        }

        impl Default for Switches {
            fn default() -> Self {
                Self { $($field: $default,)* without_effect: Vec::new() }
            }
        }

        impl Switches {
            /// Each switch that has an effect: key in the file, label of the configurator, value.
            pub fn list(&self) -> Vec<(&'static str, &'static str, bool)> {
                vec![$((stringify!($field), $label, self.$field),)*]
            }

            fn slot(&mut self, word: &str) -> Option<&mut bool> {
                $(if word == plain(stringify!($field)) || word == plain($label) {
                    return Some(&mut self.$field);
                })*
                None
            }
        }
    };
}

switches! {
    /// An address that no person has but exactly one company means that company.
    company_if_unique = true, "By email: use company if unique";
    /// An address that exactly one person has means that person.
    person_if_unique = true, "By email: use person if unique";
    /// Answers of participants are not shown to the connector, nor taken from it.
    do_not_generate_full_status = false, "Do not generate full status";
    /// A rep means the person linked to him; otherwise his address has to be unique among persons.
    use_fi_kp_from_rep = true, "Use FI/KP from rep";
    /// Where both sides changed a field, the CRM's value wins.
    crm_wins = false, "update CRM fields modified after last Sync always win";
    /// Only favourites travel to the address books.
    filter_by_favorites = false, "Filter by favorites";
    /// Only a rep's own persons and companies travel to his address book.
    filter_by_rep = false, "Filter by rep";
    /// Companies travel to the address books.
    synchronize_companies = true, "Synchronize companies";
    /// Persons who belong to a company travel to the address books.
    synchronize_contact_persons = true, "Synchronize contact persons";
    /// Persons without a company travel to the address books.
    synchronize_persons = true, "Synchronize persons";
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
    pub const ALL: [AcceptedOnly; 11] = [
        only(
            "Generate short status",
            "Microsoft 365 has no place for one common status; it shows each attendee's",
        ),
        only(
            "Ignore locked records",
            "records are never locked by an open editor here; a change that comes between is answered with a conflict and tried again",
        ),
        only("Filter by salesgroup", "this CRM has no sales groups; filter by rep or by favourites instead"),
        only("Cache attendees", "all people of an item are looked up in one query"),
        only("Cache reps", "all people of an item are looked up in one query"),
        only("Create Journal", "every decision is in the connector's journal"),
        only("Deadlock priority", "it is a setting of SQL Server sessions"),
        only(
            "Disable database transactions",
            "a record without its participants must never be seen, so every write is a transaction",
        ),
        only("Enable migration to update CRM", "existing pairs are adopted always, without a switch"),
        only("Enable rights when reading records", "the rep's rights apply always, to reading too"),
        only("Generate SyncML trace information", "messages are traced by the log level of the server"),
    ];

    fn find(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|switch| plain(switch.label) == word)
    }
}

const fn only(label: &'static str, reason: &'static str) -> AcceptedOnly {
    AcceptedOnly { label, reason }
}

impl Switches {
    /// Reads the `groupware` element of `settings.xml`: `<key name="…" value="true"/>`, the name being the key or the
    /// configurator's label in any spelling. Other groups of the file are not looked at.
    pub(crate) fn read(root: &Element) -> Result<Self, XmlError> {
        let mut switches = Self::default();
        for group in groupware(root) {
            for key in &group.children {
                if key.name != "key" {
                    return Err(key.unexpected(&group.name));
                }
                switches.set(key)?;
            }
        }
        switches.without_effect.sort();
        switches.without_effect.dedup();
        Ok(switches)
    }

    fn set(&mut self, key: &Element) -> Result<(), XmlError> {
        let name = key.required("name")?;
        let value = key.attribute("value").unwrap_or_default().trim();
        let word = plain(name);
        if let Some(slot) = self.slot(&word) {
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
        } else if let Some(switch) = AcceptedOnly::find(&word) {
            self.without_effect.push(switch);
        } else {
            return Err(XmlError::new(key.line, format!("there is no groupware switch \"{name}\"")));
        }
        Ok(())
    }
}

/// The groupware group, wherever it stands: `<groupware>` or `<group name="Groupware">`.
fn groupware(element: &Element) -> Vec<&Element> {
    let named = element.name.eq_ignore_ascii_case("groupware")
        || (element.name == "group"
            && element.attribute("name").is_some_and(|name| name.eq_ignore_ascii_case("groupware")));
    if named { vec![element] } else { element.children.iter().flat_map(groupware).collect() }
}

/// Letters and digits only, in lower case: in labels people vary spaces, dashes and capitals.
fn plain(name: &str) -> String {
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
        let switches = read("<key name='create_persons' value='True'/><key name='Generate ToDo records' value='1'/><key name='Cache reps' value='False'/>").unwrap();
        assert!(switches.create_persons && switches.generate_todo_records);
        assert_eq!(switches.without_effect[0].label, "Cache reps");
        assert_eq!(Switches { without_effect: vec![], ..read("").unwrap() }, Switches::default());
    }

    #[test]
    fn a_switch_that_nobody_knows_is_refused() {
        assert_eq!(read("<key name='create_person' value='true'/>").unwrap_err().line, 2);
        assert!(read("<key name='create_persons' value='ja'/>").unwrap_err().reason.contains("ja"));
    }

    #[test]
    fn every_option_of_the_guide_is_either_obeyed_or_explained() {
        let obeyed = Switches::default().list().len();
        assert_eq!(obeyed + AcceptedOnly::ALL.len(), 27);
        let mut labels: Vec<_> =
            Switches::default().list().into_iter().map(|(_, label, _)| plain(label)).collect();
        labels.extend(AcceptedOnly::ALL.iter().map(|switch| plain(switch.label)));
        labels.sort();
        labels.dedup();
        assert_eq!(labels.len(), 27);
    }
}
