//! Edits on the pages: checked, told to connectors, refused when somebody was quicker, and harmless whatever they hold.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use crate::support::Crm;
use crate::support::browser::Browser;
use crate::support::items::{as_appointment, as_contact, as_task, contact, task};
use reqwest::StatusCode;
use tandem_crm_interface::sync::{ContentType, RecordState};
use tandem_model::{Item, RecordId, Stamp};

fn number(record: &RecordId) -> &str {
    record.as_str().split_once(':').unwrap().1
}

#[tokio::test]
async fn an_edit_on_a_page_reaches_the_connector_that_wrote_the_record() {
    let crm = Crm::start().await;
    crm.add_rep("Ann", "Europe/Vienna").await;
    let ann = crm.rep("ann");
    let added = ann.add("t1", Item::Task(task("Call", "2026-12-01"))).await;
    let (record, since) = (added.record.unwrap(), added.stamp.unwrap());
    assert!(ann.changes(ContentType::Tasks, Stamp(0)).await.changes.is_empty(), "its own write is no news");
    let administrator = Browser::administrator(&crm).await;
    let path = format!("/tasks/{}", number(&record));
    let saved = administrator.save(&path, &[("Subject", "Call back"), ("Percent", "50")]).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    let page = ann.changes(ContentType::Tasks, since).await;
    let [change] = page.changes.as_slice() else { panic!("{page:?}") };
    assert_eq!((&change.record, change.keys.as_slice()), (&record, ["t1".to_owned()].as_slice()));
    let RecordState::Present { item, .. } = &change.state else { panic!("{change:?}") };
    assert_eq!(as_task(item).subject, "Call back");
    let (stamp, writes) = crm.counters().await;
    administrator.save(&path, &[("Subject", "Call back"), ("Percent", "50")]).await;
    assert_eq!(crm.counters().await, (stamp, writes), "a form that changes nothing writes nothing");
    crm.stop().await;
}

#[tokio::test]
async fn even_the_reps_own_edit_is_news_to_his_connector() {
    let crm = Crm::start().await;
    let rep = crm.add_rep("Ann", "Europe/Vienna").await;
    let administrator = Browser::administrator(&crm).await;
    let id = crm.all("Rep").await[0].id.unwrap();
    administrator
        .post(&format!("/reps/{id}/password"), &[("password", "correct horse"), ("again", "correct horse")])
        .await;
    let browser = Browser::signed_in(&crm, "ann", "correct horse").await;
    let mut calls = Vec::new();
    let fields = [
        ("Contact", "Appointment"),
        ("Subject", "Lunch"),
        ("Date", "2026-12-01"),
        ("Time", "12:00"),
        ("EndDate", "2026-12-01"),
        ("EndTime", "13:00"),
        ("RepID", rep.as_str()),
    ];
    let added = browser.save("/activities/new", &fields).await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.body);
    for (subject, date) in [("Later", "2099-02-01"), ("Sooner", "2099-01-01"), ("Past", "2001-01-01")] {
        let fields =
            [("RepID", rep.as_str()), ("Contact", "Telephone"), ("Subject", subject), ("Date", date)];
        let call = crm.insert("Contact", &fields).await;
        calls.push(call);
    }
    let front = browser.get("/").await.body;
    let place = |subject: &str| front.find(&format!(">{subject}<"));
    assert!(place("Sooner").unwrap() < place("Later").unwrap() && place("Past").is_none());
    for call in &calls {
        crm.delete(call).await;
    }
    let connector = crm.rep("ann");
    let page = connector.changes(ContentType::Vevent, Stamp(0)).await;
    let [change] = page.changes.as_slice() else { panic!("{page:?}") };
    let RecordState::Present { item, .. } = &change.state else { panic!("{change:?}") };
    assert_eq!(as_appointment(item).subject, "Lunch");
    // A participant belongs to the appointment, which travels again.
    let path = added.header("location").split('?').next().unwrap().to_owned();
    crm.insert("Person", &[("FirstName", "Cal"), ("LastName", "Coe"), ("Email", "cal@acme.example")]).await;
    browser
        .post(
            &format!("{path}/participants"),
            &[("who", "cal coe"), ("Role", "optional"), ("Status", "none")],
        )
        .await;
    let page = connector.changes(ContentType::Vevent, page.next).await;
    let RecordState::Present { item, .. } = &page.changes[0].state else { panic!("{page:?}") };
    assert_eq!(
        as_appointment(item).attendees.iter().next().unwrap().person.address.as_str(),
        "cal@acme.example"
    );
    // Deleted and restored.
    browser.post(&format!("{path}/delete"), &[]).await;
    assert!(browser.get("/recycle").await.body.contains("Lunch"));
    assert!(!browser.get("/activities").await.body.contains("Lunch"));
    assert_eq!(
        browser.save_from(&browser.get(&path).await, &path, &[("Subject", "x")]).await.status,
        StatusCode::NOT_FOUND
    );
    browser.post(&format!("{path}/restore"), &[]).await;
    assert!(browser.get("/activities").await.body.contains("Lunch"));
    assert!(!browser.get("/recycle").await.body.contains("Lunch"));
    let back = connector.changes(ContentType::Vevent, page.next).await;
    assert!(matches!(back.changes[0].state, RecordState::Present { .. }));
    crm.stop().await;
}

#[tokio::test]
async fn a_record_that_somebody_else_changed_is_not_overwritten() {
    let crm = Crm::start().await;
    crm.add_rep("Ann", "Europe/Vienna").await;
    let ann = crm.rep("ann");
    let added = ann.add("p1", Item::Contact(contact("Cal", "Coe", "cal@acme.example"))).await;
    let record = match added.record {
        Some(record) => record,
        None => crm.insert("Person", &[("FirstName", "Cal"), ("LastName", "Coe"), ("Phone", "1")]).await,
    };
    let administrator = Browser::administrator(&crm).await;
    let path = format!("/persons/{}", number(&record));
    let opened = administrator.get(&path).await;
    crm.update(&record, &[("Function", "Chief")]).await;
    let fields = [("FirstName", "Cal"), ("LastName", "Coe"), ("Function", "Clerk")];
    let refused = administrator.save_from(&opened, &path, &fields).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.body.contains("Meanwhile changed to: Chief"), "{}", refused.body);
    assert!(refused.body.contains("value=\"Clerk\""), "what was entered is kept");
    assert_eq!(crm.record(&record).await.field("Function"), Some("Chief"));
    let again = administrator.save_from(&refused, &path, &fields).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER);
    assert_eq!(crm.record(&record).await.field("Function"), Some("Clerk"));
    crm.stop().await;
}

#[tokio::test]
async fn what_is_wrong_stands_beside_its_field() {
    let crm = Crm::start().await;
    let rep = crm.add_rep("Ann", "Europe/Vienna").await;
    let administrator = Browser::administrator(&crm).await;
    let long = "x".repeat(81);
    let cases = [
        ("/persons/new", vec![("LastName", "")], "This must be filled in."),
        ("/persons/new", vec![("LastName", long.as_str())], "At most 80 characters."),
        ("/persons/new", vec![("LastName", "A"), ("Birthday", "30.11.2026")], "A date like 2026-11-30"),
        ("/persons/new", vec![("LastName", "A"), ("@company", "Nobody & Sons")], "Nothing of this name"),
        ("/companies/new", vec![("Company", "A"), ("Email", "no address")], "This is no e-mail address."),
        ("/tasks/new", vec![("Subject", "A"), ("RepID", &rep), ("Percent", "half")], "A whole number"),
        (
            "/tasks/new",
            vec![("Subject", "A"), ("RepID", &rep), ("StartDate", "2026-12-02"), ("DueDate", "2026-12-01")],
            "The end comes before the beginning.",
        ),
        (
            "/absences/new",
            vec![
                ("RepID", &rep),
                ("StartDate", "2026-12-02"),
                ("EndDate", "2026-12-03"),
                ("TimeZone", "Moon/Sea"),
            ],
            "There is no such time zone.",
        ),
    ];
    let before = crm.counters().await;
    for (path, fields, text) in cases {
        let answer = administrator.save(path, &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{path} {fields:?}");
        assert!(answer.body.contains(text), "{path} {fields:?}: {}", answer.body);
        assert!(answer.body.contains("class=\"field wrong\"") || answer.body.contains(" wrong\""), "{path}");
    }
    assert_eq!(crm.counters().await, before);
    crm.stop().await;
}

#[tokio::test]
async fn a_person_is_linked_to_his_company_by_its_name() {
    let crm = Crm::start().await;
    let company = crm.insert("Company", &[("Company", "Acme")]).await;
    let administrator = Browser::administrator(&crm).await;
    let added = administrator.save("/persons/new", &[("LastName", "Coe"), ("@company", "acme")]).await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.body);
    let person = &crm.all("Person").await[0];
    let company = crm.record(&company).await;
    assert_eq!((person.field("CoNo"), person.field("Company")), (company.field("CoNo"), Some("Acme")));
    let page = administrator.get(&format!("/companies/{}", company.id.unwrap())).await;
    assert!(page.body.contains(">Coe</a>"), "the company's persons are on its page");
    crm.stop().await;
}

#[tokio::test]
async fn what_a_record_held_before_does_not_stand_in_the_way() {
    let crm = Crm::start().await;
    let rep = crm.add_rep("Ann", "Europe/Vienna").await;
    let fields = [
        ("RepID", rep.as_str()),
        ("Contact", "Letter of old"),
        ("Subject", "Offer"),
        ("Date", "2026-12-01"),
        ("Person", "Nobody Known"),
        ("Text", "One\r\nTwo"),
    ];
    let activity = crm.insert("Contact", &fields).await;
    let administrator = Browser::administrator(&crm).await;
    let path = format!("/activities/{}", number(&activity));
    let form = [
        ("RepID", rep.as_str()),
        ("Contact", "Letter of old"),
        ("Subject", "Offer, second"),
        ("Date", "2026-12-01"),
        ("@person", "Nobody Known"),
        ("Text", "One\r\nTwo"),
        ("Private", "false"),
    ];
    let saved = administrator.save(&path, &form).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    let record = crm.record(&activity).await;
    assert_eq!(
        (record.field("Subject"), record.field("Person")),
        (Some("Offer, second"), Some("Nobody Known"))
    );
    let elsewhere = administrator.save(&path, &[("@person", "Somebody Else")]).await;
    assert_eq!(elsewhere.status, StatusCode::UNPROCESSABLE_ENTITY);
    crm.stop().await;
}

const HOSTILE: &str = "\"><script>alert(1)</script><img src=x onerror=alert(2)>'&{{7*7}}";

#[tokio::test]
async fn nothing_that_is_written_into_a_field_becomes_part_of_a_page() {
    let crm = Crm::start().await;
    let rep = crm.add_rep("Ann", "Europe/Vienna").await;
    let texts = |fields: &[&str]| {
        fields.iter().map(|field| ((*field).to_owned(), HOSTILE.to_owned())).collect::<Vec<_>>()
    };
    let mut written = vec![
        (
            "Company",
            "companies",
            texts(&["Company", "Street", "ZipCode", "City", "Country", "Phone", "SalesGroup"]),
        ),
        (
            "Person",
            "persons",
            texts(&["FirstName", "LastName", "Company", "Function", "Text", "Categories", "Email"]),
        ),
        (
            "Contact",
            "activities",
            texts(&[
                "Contact",
                "Subject",
                "Text",
                "Person",
                "Company",
                "Rep",
                "ShowAs",
                "A031Location",
                "Status",
                "MissingParticipants",
            ]),
        ),
        ("Task", "tasks", texts(&["Subject", "Text", "Status", "Priority", "Reminder"])),
        ("Absence", "absences", texts(&["Type", "Text", "TimeZone"])),
        ("Right", "rights", texts(&["Name"])),
        ("Catalog", "catalogs", texts(&["Name", "ExtKey", "TextEn", "TextDe", "Tenant"])),
        ("Rep", "reps", texts(&["Name", "Login", "Email", "UserSettings", "Language", "Street"])),
    ];
    let administrator = Browser::administrator(&crm).await;
    let mut pages = vec!["/search?q=script".to_owned(), "/recycle".to_owned(), "/".to_owned()];
    for (table, slug, fields) in &mut written {
        if *table == "Contact" || *table == "Task" || *table == "Absence" {
            fields.push(("RepID".to_owned(), rep.clone()));
        }
        let fields = fields
            .iter()
            .map(|(name, value)| {
                (name.as_str(), &value[..value.len().min(if name == "RepID" { 20 } else { 400 })])
            })
            .collect::<Vec<_>>();
        let record = crm.insert(table, &fields).await;
        pages.extend([format!("/{slug}"), format!("/{slug}/{}", number(&record))]);
        if *table == "Contact" {
            pages.push(format!("/{slug}/{}?tab=details", number(&record)));
            let own = crm.record(&record).await;
            let owner = [
                ("ContactSeqNo", own.field("SeqNo").unwrap()),
                ("ContactStatNo", own.field("StatNo").unwrap()),
            ];
            for table in ["Participant", "Document"] {
                crm.insert(table, &[&owner[..], &[("Name", HOSTILE)]].concat()).await;
            }
        }
        if *table == "Rep" {
            for tab in ["rights", "settings", "configurations", "contact_data"] {
                pages.push(format!("/{slug}/{}?tab={tab}", number(&record)));
            }
        }
    }
    let deleted = crm.insert("Person", &[("LastName", HOSTILE)]).await;
    crm.delete(&deleted).await;
    pages.push(format!("/persons?q={}", "%22%3E%3Cscript%3Ealert(1)%3C/script%3E"));
    pages
        .push("/persons/new?LastName=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&tab=%22%3E%3Cscript".to_owned());
    for path in pages {
        let page = administrator.get(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        for part in ["<script", "<img", "onerror=alert(2)>'"] {
            assert!(!page.body.contains(part), "{path} holds {part}");
        }
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{path}");
    }
    let refused = administrator.save("/persons/new", &[("LastName", ""), ("FirstName", HOSTILE)]).await;
    assert!(!refused.body.contains("<script"));
    crm.stop().await;
}

#[tokio::test]
async fn formatted_text_is_cleaned_and_shown_apart() {
    let crm = Crm::start().await;
    let rep = crm.add_rep("Ann", "Europe/Vienna").await;
    let html = "<p onclick=alert(1)>Hello <a href='javascript:alert(1)'>you</a><a href='https://acme.example/'>us</a>\
        <script>alert(1)</script><img src='https://spy.example/p.gif'></p>";
    let fields = [
        ("RepID", rep.as_str()),
        ("Contact", "E-Mail"),
        ("Subject", "Offer"),
        ("F5044", html),
        ("Text", "Hello"),
    ];
    let activity = crm.insert("Contact", &fields).await;
    let administrator = Browser::administrator(&crm).await;
    let path = format!("/activities/{}", number(&activity));
    let page = administrator.get(&path).await;
    assert!(page.body.contains("<iframe class=\"letter\"") && page.body.contains("sandbox=\"allow-popups"));
    assert!(!page.body.contains("spy.example"));
    let letter = administrator.get(&format!("{path}/letter")).await;
    assert!(letter.body.contains("rel=\"noopener noreferrer\"") && letter.body.contains("Hello"));
    for part in ["alert(", "spy.example", "onclick", "<script"] {
        assert!(!letter.body.contains(part), "{}", letter.body);
    }
    let policy = letter.header("content-security-policy");
    assert!(
        policy.contains("sandbox")
            && policy.contains("default-src 'none'")
            && !policy.contains("allow-scripts")
    );
    crm.stop().await;
}

#[tokio::test]
async fn documents_come_back_as_they_went_in_under_a_harmless_name() {
    let crm = Crm::start().await;
    let rep = crm.add_rep("Ann", "Europe/Vienna").await;
    let activity =
        crm.insert("Contact", &[("RepID", &rep), ("Contact", "Appointment"), ("Subject", "Demo")]).await;
    let administrator = Browser::administrator(&crm).await;
    let path = format!("/activities/{}", number(&activity));
    let content = (0..=255).cycle().take(100_000).collect::<Vec<u8>>();
    let names = [
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\evil.html", "evil.html"),
        ("a\"; filename=\"b.exe", "b.exe"),
        ("Äpfel & <b>.pdf", "pfel"),
    ];
    for (index, (name, expected)) in names.into_iter().enumerate() {
        let sent = administrator.upload(&format!("{path}/documents"), name, "text/html", &content).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{name}: {}", sent.body);
        let got = administrator.get(&format!("{path}/documents/D1/{}", index + 1)).await;
        assert_eq!(got.status, StatusCode::OK, "{name}");
        assert_eq!(got.bytes, content, "{name}");
        let disposition = got.header("content-disposition");
        assert!(
            disposition.starts_with("attachment; filename=\"") && disposition.contains(expected),
            "{disposition}"
        );
        assert!(!disposition.contains('/') && !disposition.contains('\\'), "{disposition}");
        assert_eq!(got.header("x-content-type-options"), "nosniff");
        assert!(got.header("content-security-policy").contains("sandbox"));
    }
    assert_eq!(administrator.get(&format!("{path}/documents/XK/1")).await.status, StatusCode::NOT_FOUND);
    let other =
        crm.insert("Contact", &[("RepID", &rep), ("Contact", "Appointment"), ("Subject", "Other")]).await;
    let foreign = format!("/activities/{}/documents/D1/1", number(&other));
    assert_eq!(
        administrator.get(&foreign).await.status,
        StatusCode::NOT_FOUND,
        "it hangs on another activity"
    );
    let removed = administrator.post(&format!("{path}/documents/D1/1/remove"), &[]).await;
    assert_eq!(removed.status, StatusCode::SEE_OTHER);
    assert_eq!(administrator.get(&format!("{path}/documents/D1/1")).await.status, StatusCode::NOT_FOUND);
    let none = administrator.upload(&format!("{path}/documents"), "", "text/plain", b"").await;
    assert_eq!(none.status, StatusCode::SEE_OTHER);
    assert!(administrator.get(&path).await.body.contains("Choose a file first."));
    crm.stop().await;
}

#[tokio::test]
async fn reps_have_the_tabs_and_flags_of_the_guide() {
    let crm = Crm::start().await;
    crm.add_rep("Ann", "Europe/Vienna").await;
    let administrator = Browser::administrator(&crm).await;
    let id = crm.all("Rep").await[0].id.unwrap();
    let page = administrator.get(&format!("/reps/{id}?tab=connector_settings")).await;
    for tab in [
        "Person",
        "Rights",
        "Settings",
        "Access times",
        "Contact data",
        "Configurations",
        "connector Settings",
    ] {
        assert!(page.body.contains(&format!(">{tab}</a>")), "{tab}");
    }
    for label in [
        "Enable connector settings",
        "Synchronize e-mails",
        "Synchronize appointments",
        "Synchronize tasks",
        "Synchronize address book",
    ] {
        assert!(page.body.contains(&format!(">{label}</label>")), "{label}");
    }
    let off = [("SyncTasks", "false"), ("ConnectorEnabled", "true")];
    administrator.save(&format!("/reps/{id}?tab=connector_settings"), &off).await;
    let rep = &crm.all("Rep").await[0];
    assert_eq!((rep.field("SyncTasks"), rep.field("SyncEmails")), (Some("false"), Some("true")));
    assert_eq!(rep.field("Name"), Some("Ann"), "what is on other tabs is left alone");
    crm.stop().await;
}

#[tokio::test]
async fn missing_catalog_entries_come_back_by_a_button() {
    let crm = Crm::start().await;
    let administrator = Browser::administrator(&crm).await;
    let entry =
        crm.all("Catalog").await.into_iter().find(|entry| entry.field("TextEn") == Some("GraphApi")).unwrap();
    administrator.post(&format!("/catalogs/{}/delete", entry.id.unwrap()), &[]).await;
    assert!(crm.all("Catalog").await.iter().all(|entry| entry.field("TextEn") != Some("GraphApi")));
    administrator.post("/catalogs/add-missing", &[]).await;
    assert!(administrator.get("/catalogs").await.body.contains("Added: GraphApi."));
    let entry =
        crm.all("Catalog").await.into_iter().find(|entry| entry.field("TextEn") == Some("GraphApi")).unwrap();
    assert_eq!(entry.field("ExtKey"), Some("9001_53_1"));
    let path = format!("/catalogs/{}", entry.id.unwrap());
    let saved = administrator.save(&path, &[("Locked", "true"), ("TextDe", "Graph")]).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER);
    administrator.post("/catalogs/add-missing", &[]).await;
    assert!(administrator.get("/catalogs").await.body.contains("Nothing is missing."));
    let added = administrator
        .save(
            "/catalogs/new",
            &[
                ("CatNo", "9001"),
                ("Name", "ShowAs"),
                ("ExtKey", "x_1"),
                ("TextEn", "on duty"),
                ("TextDe", "im Dienst"),
            ],
        )
        .await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.body);
    assert!(administrator.get("/activities/new").await.body.contains(">on duty</option>"));
    crm.stop().await;
}

#[tokio::test]
async fn a_contact_that_was_edited_here_travels_to_address_books() {
    let crm = Crm::start().await;
    crm.add_rep("Ann", "Europe/Vienna").await;
    let person = crm
        .insert("Person", &[("FirstName", "Cal"), ("LastName", "Coe"), ("Email", "cal@acme.example")])
        .await;
    let since = Stamp(crm.counters().await.0);
    let administrator = Browser::administrator(&crm).await;
    let path = format!("/persons/{}?tab=contact_data", number(&person));
    assert_eq!(administrator.save(&path, &[("Mobile", "+43 1 5")]).await.status, StatusCode::SEE_OTHER);
    let page = crm.rep("ann").changes(ContentType::Person, since).await;
    let [change] = page.changes.as_slice() else { panic!("{page:?}") };
    let RecordState::Present { item, .. } = &change.state else { panic!("{change:?}") };
    assert_eq!(as_contact(item).mobile_phone.as_str(), "+43 1 5");
    crm.stop().await;
}
