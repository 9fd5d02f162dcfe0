//! The company's first day is written into both sides.

use crate::DemoError;
use crate::commands::insert;
use crate::company::{Colleague, Company, DOMAIN, Fields, Meeting, STATION, fields};
use crate::sides::Sides;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Commands in one request to the CRM.
const BATCH: usize = 100;

/// Writes everything.
pub(crate) async fn fill(company: &Company, sides: &Sides) -> Result<(), DemoError> {
    let (crm, tenant) = tokio::join!(fill_crm(company, sides), fill_tenant(company, sides));
    crm.and(tenant)
}

async fn fill_crm(company: &Company, sides: &Sides) -> Result<(), DemoError> {
    let mut commands = people(company);
    for activity in &company.activities {
        commands.push(insert("Contact", &activity.fields));
        for participant in &activity.participants {
            let mut row = participant.fields.clone();
            row.insert("ContactStatNo".to_owned(), activity.fields["StatNo"].clone());
            row.insert("ContactSeqNo".to_owned(), activity.fields["SeqNo"].clone());
            commands.push(insert("Participant", &row));
        }
        commands.extend(activity.exceptions.iter().map(|exception| insert("Contact", exception)));
    }
    commands.extend(company.crm_tasks.iter().map(|task| insert("Task", task)));
    commands.extend(company.absences.iter().map(|absence| insert("Absence", absence)));
    for batch in commands.chunks(BATCH) {
        sides.crm.send("filling", &batch.concat()).await?;
    }
    Ok(())
}

/// Companies before their persons, persons before the reps that are linked to them.
fn people(company: &Company) -> Vec<String> {
    let own = fields([
        ("CoGrp", STATION.to_owned()),
        ("CoNo", "1".to_owned()),
        ("Company", "Nordwind Messtechnik AG".to_owned()),
        ("Street", "Donauufer 12".to_owned()),
        ("ZipCode", "1020".to_owned()),
        ("City", "Wien".to_owned()),
        ("Country", "Austria".to_owned()),
        ("Email", format!("office@{DOMAIN}")),
    ]);
    let mut commands = vec![insert("Company", &own)];
    commands.extend(company.customers.iter().map(|customer| {
        let row = fields([
            ("CoGrp", STATION.to_owned()),
            ("CoNo", customer.number.to_string()),
            ("Company", customer.name.clone()),
            ("Street", customer.street.clone()),
            ("ZipCode", customer.zip.clone()),
            ("City", customer.city.clone()),
            ("State", customer.state.clone()),
            ("Country", customer.country.clone()),
            ("Phone", customer.phone.clone()),
            ("Email", format!("info@{}", customer.domain)),
            ("RepID", customer.rep.to_string()),
        ]);
        insert("Company", &row)
    }));
    commands.extend(company.colleagues.iter().map(|colleague| insert("Person", &person_of(colleague))));
    commands
        .extend((0..company.persons.len()).map(|index| insert("Person", &customer_person(company, index))));
    commands.extend(company.colleagues.iter().map(|colleague| insert("Rep", &rep_of(colleague))));
    commands
}

fn person_of(colleague: &Colleague) -> Fields {
    fields([
        ("PeGrp", STATION.to_owned()),
        ("PeNo", colleague.rep.to_string()),
        ("CoGrp", STATION.to_owned()),
        ("CoNo", "1".to_owned()),
        ("Company", "Nordwind Messtechnik AG".to_owned()),
        ("FirstName", colleague.given.clone()),
        ("LastName", colleague.family.clone()),
        ("Email", colleague.address.clone()),
    ])
}

fn rep_of(colleague: &Colleague) -> Fields {
    let flag = colleague.synchronised.to_string();
    fields([
        ("RepID", colleague.rep.to_string()),
        ("Name", colleague.name()),
        ("Login", colleague.address.split('@').next().unwrap_or_default().to_owned()),
        ("Email", colleague.address.clone()),
        ("Inactive", "false".to_owned()),
        ("PeGrp", STATION.to_owned()),
        ("PeNo", colleague.rep.to_string()),
        ("ConnectorEnabled", flag.clone()),
        ("SyncEmails", flag.clone()),
        ("SyncAppointments", flag.clone()),
        ("SyncTasks", flag.clone()),
        ("SyncAddressBook", flag),
        ("Language", "en".to_owned()),
        ("TimeZone", colleague.office.zone().to_owned()),
    ])
}

fn customer_person(company: &Company, index: usize) -> Fields {
    let person = &company.persons[index];
    let customer = &company.customers[person.customer];
    let (private_zip, private_city) = person.private_city.clone().unwrap_or_default();
    fields([
        ("PeGrp", STATION.to_owned()),
        ("PeNo", person.number.to_string()),
        ("CoGrp", STATION.to_owned()),
        ("CoNo", customer.number.to_string()),
        ("Company", customer.name.clone()),
        ("FirstName", person.given.clone()),
        ("LastName", person.family.clone()),
        ("Function", person.function.clone()),
        ("Department", person.department.clone()),
        ("Email", person.emails[0].clone()),
        ("Email2", person.emails.get(1).cloned().unwrap_or_default()),
        ("Phone", person.phone.clone()),
        ("Mobile", person.mobile.clone()),
        ("Street", customer.street.clone()),
        ("ZipCode", customer.zip.clone()),
        ("City", customer.city.clone()),
        ("State", customer.state.clone()),
        ("Country", customer.country.clone()),
        ("PrivateZipCode", private_zip),
        ("PrivateCity", private_city),
        ("Birthday", person.birthday.clone().unwrap_or_default()),
        ("RepID", person.rep.to_string()),
    ])
}

async fn fill_tenant(company: &Company, sides: &Sides) -> Result<(), DemoError> {
    for colleague in &company.colleagues {
        sides.control.call("POST", "/users", Some(&user(colleague))).await?;
    }
    // Meetings come first: their answers need a look into mailboxes that are still small.
    meetings(company, sides).await?;
    for (kind, items) in
        [("tasks", &company.tasks), ("contacts", &company.contacts), ("messages", &company.mails)]
    {
        for item in items {
            let address = &company.colleagues[item.user].address;
            sides.control.call("POST", &format!("/users/{address}/{kind}"), Some(&item.body)).await?;
        }
    }
    Ok(())
}

fn user(colleague: &Colleague) -> Value {
    json!({
        "mail": colleague.address,
        "userPrincipalName": colleague.address,
        "displayName": colleague.name(),
        "timeZone": colleague.office.windows_zone(),
        "proxyAddresses": [format!("SMTP:{}", colleague.address)],
    })
}

async fn meetings(company: &Company, sides: &Sides) -> Result<(), DemoError> {
    let token = sides.token().await?;
    let mut answers: BTreeMap<usize, Vec<(String, &'static str)>> = BTreeMap::new();
    for meeting in &company.meetings {
        let address = &company.colleagues[meeting.event.user].address;
        let created = sides
            .control
            .call("POST", &format!("/users/{address}/events"), Some(&meeting.event.body))
            .await?;
        edit_occurrences(company, sides, &token, meeting, &created).await?;
        let id = created["iCalUId"].as_str().unwrap_or_default();
        for (colleague, answer) in &meeting.answers {
            answers.entry(*colleague).or_default().push((id.to_owned(), answer));
        }
    }
    for (colleague, answers) in answers {
        answer(sides, &company.colleagues[colleague].address, &answers).await?;
    }
    Ok(())
}

async fn edit_occurrences(
    company: &Company,
    sides: &Sides,
    token: &str,
    meeting: &Meeting,
    created: &Value,
) -> Result<(), DemoError> {
    if meeting.edits.is_empty() {
        return Ok(());
    }
    let address = &company.colleagues[meeting.event.user].address;
    let master = created["id"].as_str().unwrap_or_default();
    let window = (format!("{}T00:00:00Z", company.day(-40)), format!("{}T00:00:00Z", company.day(120)));
    let instances = sides.instances(token, address, master, window).await?;
    for edit in &meeting.edits {
        let Some(id) = instances.get(edit.number).and_then(|instance| instance["id"].as_str()) else {
            continue;
        };
        let path = format!("/users/{address}/events/{id}");
        match &edit.patch {
            Some(patch) => sides.control.call("PATCH", &path, Some(patch)).await?,
            None => sides.control.call("DELETE", &path, None).await?,
        };
    }
    Ok(())
}

async fn answer(sides: &Sides, address: &str, answers: &[(String, &str)]) -> Result<(), DemoError> {
    let dump = sides.control.dump(address).await?;
    for (key, answer) in answers {
        let event = dump.events.iter().find(|event| {
            event["iCalUId"].as_str() == Some(key) && event["isOrganizer"].as_bool() != Some(true)
        });
        if let Some(id) = event.and_then(|event| event["id"].as_str()) {
            sides
                .control
                .call(
                    "POST",
                    &format!("/users/{address}/events/{id}/respond"),
                    Some(&json!({"response": answer})),
                )
                .await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::{delete, update};
    use crate::fleet::Setup;
    use crate::life::Life;
    use crate::scope::scope;
    use crate::sides::TenantAccess;
    use jiff::Timestamp;
    use jiff::tz::TimeZone;
    use std::collections::BTreeSet;
    use tandem_audit::{Audit, CrmAccess, Kind, snapshot};

    /// The two simulators in this process.
    struct Simulators {
        tenant: tandem_tenant::Running,
        crm: tandem_crm::Running,
        sides: Sides,
    }

    impl Simulators {
        async fn start() -> Self {
            let nobody = tandem_tenant::Options {
                users: tandem_tenant::SeedUsers::None,
                ..tandem_tenant::Options::default()
            };
            let tenant = tandem_tenant::serve(nobody).await.unwrap();
            let crm = tandem_crm::start(tandem_crm::Options::default()).await.unwrap();
            let access = CrmAccess {
                interface: crm.interface(),
                user: crm.master_user().to_owned(),
                password: crm.password().unwrap().reveal().to_owned(),
            };
            let tenant_access = TenantAccess {
                graph: tenant.graph_url.clone(),
                login: tenant.login_url.clone(),
                control: tenant.control_url.clone(),
                tenant_id: tenant.tenant_id.clone(),
                client_id: tenant.client_id.clone(),
                client_secret: tenant.client_secret.clone(),
            };
            let sides = Sides::new(tenant_access, access).unwrap();
            Self { tenant, crm, sides }
        }

        async fn stop(self) {
            self.tenant.stop().await.unwrap();
            self.crm.shutdown().await;
        }
    }

    /// A small company without its large attachments, which take their time in an unoptimised build.
    fn company() -> Company {
        let mut company = Company::new(1, 4, TimeZone::UTC.to_datetime(Timestamp::now()).date());
        company.mails.retain(|mail| mail.body.to_string().len() < 1_000_000);
        company
    }

    #[tokio::test]
    async fn both_sides_take_the_whole_company() {
        let simulators = Simulators::start().await;
        let (sides, company) = (&simulators.sides, company());
        fill(&company, sides).await.unwrap();

        let crm = |table: &'static str| async move { sides.crm.all(table).await.unwrap() };
        assert_eq!(crm("Company").await.len(), company.customers.len() + 1);
        assert_eq!(crm("Rep").await.len(), company.colleagues.len());
        let exceptions: usize = company.activities.iter().map(|activity| activity.exceptions.len()).sum();
        assert_eq!(crm("Contact").await.len(), company.activities.len() + exceptions);
        assert_eq!(crm("Absence").await.len(), company.absences.len());
        assert!(sides.crm.writes().await.unwrap() > 100);

        let mut dumps = Vec::new();
        for colleague in &company.colleagues {
            dumps.push(sides.control.dump(&colleague.address).await.unwrap());
        }
        // Meetings bring messages of their own into the mailboxes.
        let written = |message: &&Value| message["meetingMessageType"].is_null();
        let mails = dumps.iter().flat_map(|dump| &dump.messages).filter(written).count();
        assert_eq!(mails, company.mails.len());
        assert_eq!(dumps.iter().map(|dump| dump.tasks.len()).sum::<usize>(), company.tasks.len());
        let events = || dumps.iter().flat_map(|dump| &dump.events);
        assert!(events().any(|event| !event["cancelledOccurrences"].as_array().unwrap().is_empty()));
        assert!(events().any(|event| !event["exceptionOccurrences"].as_array().unwrap().is_empty()));
        let answered = |event: &&Value| {
            event["responseStatus"]["response"] == "accepted" && event["isOrganizer"] == false
        };
        assert!(events().any(|event| answered(&event)));
        simulators.stop().await;
    }

    /// Nothing has been synchronised: the audit misses everything that the rules let through, and nothing else.
    #[tokio::test]
    async fn the_audit_misses_everything_before_the_first_synchronisation() {
        let simulators = Simulators::start().await;
        let (sides, company) = (&simulators.sides, company());
        fill(&company, sides).await.unwrap();
        let scope = scope(&company, &Setup::new(false, true), Timestamp::now(), Timestamp::now());
        let report = Audit::run(&sides.tenant.control, sides.crm_access.clone(), scope).await.unwrap();
        for kind in [Kind::Mail, Kind::Appointment, Kind::Task] {
            assert!(!report.kinds[&kind].m365_only.is_empty(), "{kind}");
            assert_eq!(report.kinds[&kind].paired, 0, "{kind}");
        }
        for kind in [Kind::Appointment, Kind::Task, Kind::Contact, Kind::Absence] {
            assert!(!report.kinds[&kind].crm_only.is_empty(), "{kind}");
        }
        assert_eq!(report.totals().different + report.totals().duplicates, 0);
        simulators.stop().await;
    }

    #[tokio::test]
    async fn two_fills_of_one_seed_end_alike() {
        let mut snapshots = Vec::new();
        for _ in 0..2 {
            let simulators = Simulators::start().await;
            fill(&company(), &simulators.sides).await.unwrap();
            snapshots.push(
                snapshot(&simulators.sides.tenant.control, simulators.sides.crm_access.clone())
                    .await
                    .unwrap(),
            );
            simulators.stop().await;
        }
        assert_eq!(snapshots[0], snapshots[1]);
    }

    #[tokio::test]
    async fn life_goes_on_the_same_way_for_the_same_seed() {
        let mut stories = Vec::new();
        for _ in 0..2 {
            let simulators = Simulators::start().await;
            let company = company();
            fill(&company, &simulators.sides).await.unwrap();
            let mut life = Life::new(&company, &simulators.sides);
            let mut story = Vec::new();
            for _ in 0..40 {
                story.extend(life.step().await.unwrap());
            }
            stories.push(story);
            simulators.stop().await;
        }
        assert_eq!(stories[0], stories[1]);
        // Nothing is synchronised here, so that some deeds find nothing to be done to.
        assert!(stories[0].len() >= 36, "{:?}", stories[0]);
        let different: BTreeSet<&String> = stories[0].iter().collect();
        assert!(different.len() >= 36);
    }

    #[tokio::test]
    async fn commands_say_what_they_mean() {
        let simulators = Simulators::start().await;
        let crm = &simulators.sides.crm;
        let subject = |text: &str| fields([("Subject", text.to_owned())]);
        crm.send("a task", &insert("Task", &subject("before"))).await.unwrap();
        let task = crm.all("Task").await.unwrap().remove(0);
        crm.send("a change", &update("Task", &task.id, &subject("A & <B>\n\"C\""))).await.unwrap();
        assert_eq!(crm.all("Task").await.unwrap()[0].get("Subject"), "A & <B>\n\"C\"");
        crm.send("a deletion", &delete("Task", &task.id)).await.unwrap();
        assert!(crm.all("Task").await.unwrap().is_empty());
        let wrong = crm.send("a wrong table", &insert("Nothing", &subject("x"))).await;
        assert!(wrong.unwrap_err().to_string().contains("Nothing"));
        simulators.stop().await;
    }
}
