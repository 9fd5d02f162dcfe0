//! The invented company Nordwind, deterministic from a seed. All times are whole days from `today` with fixed
//! wall times, so that two runs on one day make the same company.

mod absences;
mod activities;
mod contacts;
mod mails;
mod meetings;
mod names;
mod people;
mod tasks;
mod texts;

pub use activities::Activity;
pub use meetings::Meeting;
pub(crate) use people::STATION;
pub use people::{Colleague, Customer, CustomerPerson, DOMAIN};

use jiff::civil::Date;
use serde_json::Value;
use std::collections::BTreeMap;

/// Fields of a CRM record by their XML names.
pub type Fields = BTreeMap<String, String>;

/// Something that lies in a colleague's mailbox, as Graph JSON.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    /// Index of the colleague.
    pub user: usize,
    /// What lies there.
    pub body: Value,
}

/// The company with all that it has on the first day.
#[derive(Debug, Clone)]
pub struct Company {
    /// What it was made from.
    pub seed: u64,
    /// The day on which it was made.
    pub today: Date,
    /// Who has a mailbox.
    pub colleagues: Vec<Colleague>,
    /// Who buys.
    pub customers: Vec<Customer>,
    /// Who works there.
    pub persons: Vec<CustomerPerson>,
    /// Messages in the synchronisation folders.
    pub mails: Vec<Placed>,
    /// Meetings made in Outlook.
    pub meetings: Vec<Meeting>,
    /// Tasks made in To Do.
    pub tasks: Vec<Placed>,
    /// Contacts made in Outlook.
    pub contacts: Vec<Placed>,
    /// Activities made in the CRM.
    pub activities: Vec<Activity>,
    /// Tasks made in the CRM.
    pub crm_tasks: Vec<Fields>,
    /// Absences, which are made in the CRM only.
    pub absences: Vec<Fields>,
}

/// The fewest mailboxes that the company can be made with.
pub const FEWEST_MAILBOXES: usize = 3;

impl Company {
    /// Makes the company. Fewer than [`FEWEST_MAILBOXES`] count as so many.
    pub fn new(seed: u64, mailboxes: usize, today: Date) -> Self {
        let colleagues = people::colleagues(seed, mailboxes.max(FEWEST_MAILBOXES));
        let reps: Vec<u32> = colleagues
            .iter()
            .filter(|colleague| colleague.synchronised)
            .map(|colleague| colleague.rep)
            .collect();
        let customers = people::customers(seed, &reps);
        let persons = people::persons(seed, &customers, &reps);
        let mut company = Self {
            seed,
            today,
            colleagues,
            customers,
            persons,
            mails: Vec::new(),
            meetings: Vec::new(),
            tasks: Vec::new(),
            contacts: Vec::new(),
            activities: Vec::new(),
            crm_tasks: Vec::new(),
            absences: Vec::new(),
        };
        company.mails = mails::mails(&company);
        company.meetings = meetings::meetings(&company);
        company.tasks = tasks::in_to_do(&company);
        company.contacts = contacts::contacts(&company);
        company.activities = activities::activities(&company);
        company.crm_tasks = tasks::in_crm(&company);
        company.absences = absences::absences(&company);
        company
    }

    /// The colleagues whose mailboxes are synchronised, with their indexes.
    pub fn synchronised(&self) -> impl Iterator<Item = (usize, &Colleague)> {
        self.colleagues.iter().enumerate().filter(|(_, colleague)| colleague.synchronised)
    }

    /// The day so many days from the first one.
    pub(crate) fn day(&self, offset: i64) -> Date {
        self.today.checked_add(jiff::Span::new().days(offset)).unwrap_or(self.today)
    }
}

/// `{"emailAddress":{…}}` as Graph has it.
pub(crate) fn recipient(name: &str, address: &str) -> Value {
    serde_json::json!({"emailAddress": {"name": name, "address": address}})
}

/// Fields from pairs; empty values are left out.
pub(crate) fn fields<const N: usize>(pairs: [(&str, String); N]) -> Fields {
    pairs
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn company(seed: u64, mailboxes: usize) -> Company {
        Company::new(seed, mailboxes, date(2026, 3, 2))
    }

    #[test]
    fn the_same_seed_makes_the_same_company() {
        let text = |company: &Company| format!("{company:?}");
        assert_eq!(text(&company(1, 25)), text(&company(1, 25)));
        assert_ne!(text(&company(1, 25)), text(&company(2, 25)));
    }

    #[test]
    fn there_is_enough_of_everything() {
        let company = company(1, 25);
        assert_eq!(company.synchronised().count(), 25);
        assert_eq!(company.customers.len(), 40);
        assert!((140..=180).contains(&company.persons.len()), "{}", company.persons.len());
        assert!(company.mails.len() >= 300, "{}", company.mails.len());
        assert!(company.meetings.len() + company.activities.len() >= 250);
        assert!(company.tasks.len() >= 90 && company.crm_tasks.len() >= 60);
        assert!(company.contacts.len() >= 30 && company.absences.len() >= 15);
        let zones: std::collections::BTreeSet<&str> =
            company.colleagues.iter().map(|colleague| colleague.office.zone()).collect();
        assert_eq!(zones.len(), 2);
    }

    #[test]
    fn attachments_are_large_but_not_too_many() {
        let company = company(1, 25);
        let sizes: Vec<usize> = company
            .mails
            .iter()
            .flat_map(|mail| mail.body["attachments"].as_array().cloned().unwrap_or_default())
            .map(|file| file["contentBytes"].as_str().map_or(0, str::len) * 3 / 4)
            .collect();
        let total: usize = sizes.iter().sum();
        assert!(sizes.iter().filter(|size| **size > 3_000_000).count() >= 3);
        assert!(total < 45_000_000, "{total}");
    }

    #[test]
    fn the_smallest_company_works_too() {
        let company = company(9, 1);
        assert_eq!(company.synchronised().count(), FEWEST_MAILBOXES);
        assert!(!company.mails.is_empty() && !company.meetings.is_empty() && !company.absences.is_empty());
    }
}
