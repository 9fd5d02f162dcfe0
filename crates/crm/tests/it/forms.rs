//! `forms.xml` through the served CRM: filters, marks of deletion, the list of missing attendees.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use crate::support::items::{appointment, as_appointment, as_contact, as_task, task};
use crate::support::{Crm, settings, system_folder};
use tandem_crm::Options;
use tandem_crm_interface::language::{Condition, Operator, Query};
use tandem_crm_interface::sync::{Command, ContentType, RecordState, StatusCode};
use tandem_groupware::Rules;
use tandem_model::{Item, RecordId, Stamp};

/// The example of the setup guide for the ISI template, its form joined again.
const ISI: &str = include_str!("../../../groupware/tests/fixtures/isi-joined.xml");

async fn over(forms: &str) -> (tempfile::TempDir, Crm) {
    let folder = system_folder(Some(forms), Some(&settings(&[])));
    let crm = Crm::with(Options { system: Some(folder.path().to_owned()), ..Options::default() }).await;
    crm.add_rep("Ann", "Europe/Vienna").await;
    crm.add_rep("Bob", "Europe/Vienna").await;
    (folder, crm)
}

/// The built-in file with more blocks.
fn with(blocks: &str) -> String {
    Rules::builtin_forms().replace("</root>", &format!("{blocks}</root>"))
}

/// The built-in file with another summary of missing attendees.
fn with_summary(summary: &str) -> String {
    let forms = Rules::builtin_forms();
    let (start, end) = (forms.find("<summary>").unwrap(), forms.find("</summary>").unwrap());
    format!("{}<summary>{summary}{}", &forms[..start], &forms[end..])
}

fn strangers() -> Item {
    let attendees = ["bob@covote.example", "yara@far.example", "zoe@far.example"];
    Item::Appointment(appointment("Board", "2026-11-30T09:00:00Z", "ann@covote.example", &attendees))
}

/// Subjects, or given names, of what a rep is shown.
async fn shown(crm: &Crm, rep: &str, content_type: ContentType) -> Vec<String> {
    let page = crm.rep(rep).changes(content_type, Stamp(0)).await;
    let names = page.changes.iter().filter_map(|change| match &change.state {
        RecordState::Present { item, .. } => Some(match item.as_ref() {
            Item::Appointment(_) => as_appointment(item).subject.clone(),
            Item::Task(_) => as_task(item).subject.clone(),
            Item::Contact(_) => as_contact(item).given_name.clone(),
            Item::Absence(absence) => absence.text.clone(),
            other => panic!("{other:?}"),
        }),
        _ => None,
    });
    names.collect()
}

#[tokio::test]
async fn each_kind_has_its_filter_and_default_filters_all() {
    let cond = |table: &str, field: &str| {
        format!("<condition><cond tablename='{table}' fieldname='{field}' op='!=' value='hide'/></condition>")
    };
    let handler = |name: &str, table: &str, field: &str| {
        let other = Rules::builtin_forms().replace(&format!("type=\"{name}\""), "type=\"Unused\"");
        other.replace(
            "</root>",
            &format!("<SyncHandler type='{name}'>{}</SyncHandler></root>", cond(table, field)),
        )
    };
    let cases = [
        ("ExchangeConnector_VeventFilter", "Contact", "FreeC4", ContentType::Vevent),
        ("GraphConnector_VeventFilter", "Contact", "FreeC4", ContentType::Vevent),
        ("ExchangeConnector_TasksFilter", "Task", "Subject", ContentType::Tasks),
        ("ExchangeConnector_PersonFilter", "Person", "FirstName", ContentType::Person),
        ("ExchangeConnector_AbsencesFilter", "Absence", "Type", ContentType::Absences),
        ("Default", "Task", "Subject", ContentType::Tasks),
        ("Default", "Contact", "FreeC4", ContentType::Vevent),
    ];
    for (name, table, field, content_type) in cases {
        let (_folder, crm) = over(&handler(name, table, field)).await;
        let reps = crm.all("Rep").await;
        let rep = reps.iter().find(|rep| rep.field("Login") == Some("ann")).unwrap().field("RepID").unwrap();
        let date = if matches!(table, "Absence") { "StartDate" } else { "Date" };
        for value in ["hide", "show"] {
            let mut fields = vec![(field, value)];
            if table != "Person" {
                fields.push(("RepID", rep));
            }
            match table {
                "Contact" => {
                    fields.extend([("Contact", "Appointment"), ("Subject", value), (date, "2026-12-01")]);
                }
                "Absence" => fields.extend([("Text", value), (date, "2026-12-01")]),
                _ => {}
            }
            crm.insert(table, &fields).await;
        }
        let mut names = shown(&crm, "ann", content_type).await;
        names.retain(|name| name == "hide" || name == "show");
        assert_eq!(names, ["show"], "{name} on {table}");
        crm.stop().await;
    }
}

#[tokio::test]
async fn filters_speak_the_language_of_queries() {
    let (folder, crm) = over(Rules::builtin_forms()).await;
    let reps = crm.all("Rep").await;
    let rep = reps.iter().find(|rep| rep.field("Login") == Some("ann")).unwrap().field("RepID").unwrap();
    let tasks = [
        ("Board", "10"),
        ("board meeting", "9"),
        ("Zoo", ""),
        ("Bored", "100"),
        ("Büro Ärztin", "0"),
        ("", "1"),
    ];
    for (subject, percent) in tasks {
        crm.insert("Task", &[("RepID", rep), ("Subject", subject), ("Percent", percent)]).await;
    }
    let cases = [
        ("Subject", "Board"),
        ("Subject", "B*d"),
        ("Subject", "bo?rd"),
        ("Subject", "bÜRO ä*"),
        ("Subject", "oard"),
        ("Subject", ""),
        ("Percent", "10"),
        ("Percent", "9"),
    ];
    for (field, value) in cases {
        for operator in Operator::ALL {
            let op = operator.as_str().replace('<', "&lt;");
            let block = format!(
                "<SyncHandler type='Default'><condition><cond tablename='Task' fieldname='{field}' op='{op}' value='{value}'/></condition></SyncHandler>"
            );
            std::fs::write(folder.path().join("xml/forms.xml"), with(&block)).unwrap();
            let filtered = shown(&crm, "ann", ContentType::Tasks).await;
            let condition = Condition::compare("Task", field, operator, value);
            let queried = crm.query(Query { condition: Some(condition), ..Query::all("Task") }).await;
            let queried: Vec<_> = queried.iter().map(|record| record.field("Subject").unwrap()).collect();
            assert_eq!(filtered, queried, "{field} {op} {value}");
        }
    }
    crm.stop().await;
}

#[tokio::test]
async fn missing_attendees_are_listed_as_the_file_says() {
    let texts = "<header lang='en'>Missing:</header><header lang='de'>Es fehlen:</header><required lang='en'>To: </required>";
    let replace = "<field fieldname='MissingParticipants' mode='replace'/>";
    let append = "<field fieldname='Text' mode='append'/><separator>\n--\n</separator>";
    let one_line = "<email_separator>, </email_separator>";
    let (yara, zoe) = ("yara <yara@far.example>", "zoe <zoe@far.example>");
    let cases = [
        (
            format!("{replace}{texts}{one_line}"),
            "en",
            "MissingParticipants",
            format!("Missing:\nTo: {yara}, {zoe}"),
        ),
        (format!("{replace}{texts}"), "en", "MissingParticipants", format!("Missing:\nTo: {yara}\n{zoe}")),
        (
            format!("{replace}{texts}{one_line}"),
            "de",
            "MissingParticipants",
            format!("Es fehlen:\nTo: {yara}, {zoe}"),
        ),
        (
            format!("{append}{texts}{one_line}"),
            "en",
            "Text",
            format!("Bring coffee\n--\nMissing:\nTo: {yara}, {zoe}"),
        ),
    ];
    for (summary, language, field, expected) in cases {
        let (_folder, crm) = over(&with_summary(&summary)).await;
        let reps = crm.all("Rep").await;
        let ann = reps.iter().find(|rep| rep.field("Login") == Some("ann")).unwrap().record_id().unwrap();
        crm.update(&ann, &[("Language", language)]).await;
        let status = crm.rep("ann").add("k", strangers()).await;
        let record = crm.record(&status.record.unwrap()).await;
        assert_eq!(record.field(field), Some(expected.as_str()), "{summary}");
        assert_eq!(record.field("ConnectorMissingparticipants"), Some("true"));
        // The list is the CRM's: the appointment's own text does not have it.
        assert_eq!(as_appointment(&status.item.unwrap()).text, "Bring coffee");
        crm.stop().await;
    }
}

async fn delete(crm: &Crm, record: &RecordId, content_type: ContentType) -> (StatusCode, Option<String>) {
    let command = Command::Delete { record: record.clone(), content_type, if_stamp: None };
    let status = crm.rep("ann").status(command).await;
    (status.code, status.reason)
}

#[tokio::test]
async fn a_deletion_reaches_the_crm_only_where_a_key_lets_it() {
    for (key, content_type, item, field) in [
        ("delete_sync_process_410", ContentType::Vevent, strangers(), "ConnectorDeleted"),
        ("delete_sync_process_tasks", ContentType::Tasks, Item::Task(task("Call", "2026-12-01")), "Deleted"),
    ] {
        for value in [true, false] {
            let on = format!("name=\"{key}\" value=\"true\"");
            let forms = Rules::builtin_forms().replace(&on, &format!("name=\"{key}\" value=\"{value}\""));
            let (_folder, crm) = over(&forms).await;
            let record = crm.rep("ann").add("k", item.clone()).await.record.unwrap();
            let (code, reason) = delete(&crm, &record, content_type).await;
            let marked = crm.record(&record).await.field(field) == Some("true");
            match value {
                true => assert_eq!((code, marked), (StatusCode::OK, true)),
                false => assert_eq!(
                    (code, reason.as_deref(), marked),
                    (StatusCode::NOT_DELETED, Some("deletion-off"), false)
                ),
            }
            crm.stop().await;
        }
    }
}

#[tokio::test]
async fn marks_of_other_templates_come_from_the_file() {
    let handler = "<SyncHandler type='DeleteSync'><condition><cond tablename='Contact' fieldname='FreeC4' op='!=' value='gelöscht'/></condition></SyncHandler>";
    let options = "<deleted><Contact><FreeC5>weg</FreeC5></Contact></deleted>";
    let builtin = Rules::builtin_forms();
    let (start, end) =
        (builtin.find("<deleted>").unwrap(), builtin.find("</deleted>").unwrap() + "</deleted>".len());
    let without = format!("{}{}", &builtin[..start], &builtin[end..]);
    let cases = [
        (without.replace("</root>", &format!("{handler}</root>")), "FreeC4", "gelöscht"),
        (format!("{}{options}{}", &builtin[..start], &builtin[end..]), "FreeC5", "weg"),
        (
            without
                .replace(
                    "fieldname=\"ConnectorDeleted\" as=\"Deleted\"",
                    "fieldname=\"FreeC6\" as=\"Deleted\"",
                )
                .replace(
                    "<cond tablename=\"Contact\" fieldname=\"ConnectorDeleted\" op=\"!=\" value=\"true\"/>",
                    "",
                ),
            "FreeC6",
            "true",
        ),
    ];
    for (forms, field, value) in cases {
        let (_folder, crm) = over(&forms).await;
        let record = crm.rep("ann").add("k", strangers()).await.record.unwrap();
        assert_eq!(delete(&crm, &record, ContentType::Vevent).await.0, StatusCode::OK);
        assert_eq!(crm.record(&record).await.field(field), Some(value));
        assert_eq!(delete(&crm, &record, ContentType::Vevent).await.1.as_deref(), Some("already-deleted"));
        crm.stop().await;
    }
}

#[tokio::test]
async fn the_guides_example_serves() {
    let (_folder, crm) = over(ISI).await;
    let status = crm.rep("ann").add("k", strangers()).await;
    assert_eq!(status.code, StatusCode::ADDED);
    let record = status.record.unwrap();
    let held = crm.record(&record).await;
    assert_eq!(held.field("A031Location"), Some("Room 1"));
    assert_eq!(
        held.field("MissingParticipants"),
        Some("Unassigned participants:\nTo: yara <yara@far.example>, zoe <zoe@far.example>")
    );
    assert_eq!(held.field("Categories"), Some(""), "the form does not list it");
    assert_eq!(shown(&crm, "bob", ContentType::Vevent).await, ["Board"]);
    assert_eq!(delete(&crm, &record, ContentType::Vevent).await.0, StatusCode::OK);
    assert_eq!(shown(&crm, "bob", ContentType::Vevent).await, [""; 0]);
    crm.stop().await;
}

#[tokio::test]
async fn published_appointments_and_types_of_activity_are_called_as_the_file_says() {
    let forms = Rules::builtin_forms()
        .replace("name=\"contact_type\" value=\"Appointment\"", "name=\"contact_type\" value=\"Termin\"")
        .replace("name=\"contact_type\" value=\"E-Mail\"", "name=\"contact_type\" value=\"Post\"")
        .replace("name=\"published_type\" value=\"Info\"", "name=\"published_type\" value=\"Hinweis\"")
        .replace("<ConnectorPublished>true</ConnectorPublished>", "<FreeC5>veröffentlicht</FreeC5>");
    let (_folder, crm) = over(&forms).await;
    let ann = crm.rep("ann");
    let meeting = ann.add("k", strangers()).await.record.unwrap();
    let published = Command::Add { key: "p".into(), item: strangers(), published: true };
    let published = ann.status(published).await.record.unwrap();
    let letter = crate::support::items::mail("<1@x>", "bob@covote.example", &["ann@covote.example"]);
    let letter = ann.add("<1@x>", Item::Mail(letter)).await.record.unwrap();
    for (record, field, value) in [
        (&meeting, "Contact", "Termin"),
        (&published, "Contact", "Hinweis"),
        (&published, "FreeC5", "veröffentlicht"),
        (&letter, "Contact", "Post"),
    ] {
        assert_eq!(crm.record(record).await.field(field), Some(value));
    }
    let change = ann.get(&published, ContentType::Vevent).await.unwrap();
    assert!(matches!(change.state, RecordState::Present { published: true, .. }));
    assert!(ann.get(&letter, ContentType::Vevent).await.is_none(), "an e-mail is no appointment");
    crm.stop().await;
}

#[tokio::test]
async fn a_field_is_exchanged_as_far_as_its_form_lists_it() {
    let cases = [
        // Without a length the built-in form's holds.
        ("<field fieldname=\"Subject\"/>", 255),
        ("<field fieldname=\"Subject\" length=\"10\"/>", 10),
        ("", 0),
    ];
    for (instead, length) in cases {
        let kept = "x".repeat(length);
        let start = Rules::builtin_forms().find("<form type=\"mmTasks\">").unwrap();
        let (before, tasks) = Rules::builtin_forms().split_at(start);
        let tasks = tasks.replacen("<field fieldname=\"Subject\" length=\"255\"/>", instead, 1);
        let (_folder, crm) = over(&format!("{before}{tasks}")).await;
        let status = crm.rep("ann").add("t", Item::Task(task(&"x".repeat(300), "2026-12-01"))).await;
        let item = status.item.unwrap();
        assert_eq!(as_task(&item).subject, kept, "{instead}");
        assert_eq!(crm.record(&status.record.unwrap()).await.field("Subject"), Some(kept.as_str()));
        crm.stop().await;
    }
}
