//! Filling from files: every file has an account, and nothing panics.

use crate::support::{Site, empty, text};
use serde_json::{Value, json};
use std::path::Path;

async fn filled(site: &Site, files: &[(&str, &str)]) -> Vec<Value> {
    let directory = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = directory.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    let body = json!({"dir": directory.path()});
    let report = site.control("POST", "/fill", Some(body)).await.expect(200);
    assert_eq!(site.control("GET", "/fill", None).await.expect(200), report);
    report["files"].as_array().unwrap().clone()
}

fn calendar(events: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test\r\n{}\r\nEND:VCALENDAR\r\n",
        events.trim().replace('\n', "\r\n")
    )
}

fn series(rule: &str) -> String {
    calendar(&format!(
        "BEGIN:VEVENT\nUID:{rule}\nDTSTART;TZID=Europe/Vienna:20261019T100000\nDTEND;TZID=Europe/Vienna:20261019T110000\nSUMMARY:s\nRRULE:{rule}\nEND:VEVENT"
    ))
}

#[tokio::test]
async fn a_mail_keeps_what_it_came_with() {
    let site = empty().await;
    let user = site.user("ada").await;
    let mail = "From: Petra <p@n.example>\r\nTo: Ada <ada@meridian.example>\r\nSubject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\nDate: Sun, 01 Nov 2026 10:00:00 +0100\r\nMessage-ID: <m1@n.example>\r\nContent-Type: text/plain\r\n\r\nHello\r\n";
    let bare = "From: p@n.example\r\nSubject: no id\r\n\r\nText\r\n";
    let files = filled(&site, &[("eml/a.eml", mail), ("eml/b.eml", bare), ("c.eml", "\u{1}\u{2}")]).await;
    assert_eq!(files.len(), 3);
    assert_eq!(files[0]["file"], "c.eml");
    assert!(files[0]["refused"].as_str().unwrap().contains("no e-mail message"));
    let dump = site.dump(&user).await;
    let messages = dump["messages"].as_array().unwrap();
    assert_eq!(messages[0]["subject"], "Grüße");
    assert_eq!(messages[0]["internetMessageId"], "<m1@n.example>");
    assert_eq!(messages[0]["receivedDateTime"], "2026-11-01T09:00:00Z");
    assert_eq!(
        (messages[0]["folderPath"].as_str(), messages[0]["source"].as_str()),
        (Some("/Inbox/crm"), Some("eml/a.eml"))
    );
    assert_eq!(files[1]["items"][0]["id"], messages[0]["id"]);
    assert!(text(&messages[1], "internetMessageId").ends_with("@meridian.example>"), "generated");
    let value = format!("/users/{user}/messages/{}/$value", text(&messages[0], "id"));
    assert_eq!(site.get(&value).await.bytes, mail.as_bytes(), "byte for byte");
    site.stop().await;
}

#[tokio::test]
async fn a_giant_is_refused_unread_and_the_others_are_taken() {
    let site = empty().await;
    site.user("ada").await;
    let directory = tempfile::tempdir().unwrap();
    std::fs::File::create(directory.path().join("giant.eml")).unwrap().set_len(1 << 40).unwrap();
    std::fs::write(directory.path().join("small.eml"), "From: p@n.example\r\nSubject: s\r\n\r\nText\r\n")
        .unwrap();
    let body = json!({"dir": directory.path()});
    let report = site.control("POST", "/fill", Some(body)).await.expect(200);
    let refused = report["files"][0]["refused"].as_str().unwrap();
    assert_eq!(refused, "cannot be read: it is larger than 150 MiB, the limit for such a file");
    assert_eq!(report["files"][1]["items"].as_array().unwrap().len(), 1);
    site.stop().await;
}

#[tokio::test]
async fn rules_become_patterns_or_are_refused_by_name() {
    let site = empty().await;
    site.user("ada").await;
    let fits = [
        ("FREQ=DAILY;COUNT=5", "daily", "numbered"),
        ("FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR", "weekly", "noEnd"),
        ("FREQ=WEEKLY;INTERVAL=2;UNTIL=20261231T090000Z", "weekly", "endDate"),
        ("FREQ=MONTHLY;BYMONTHDAY=19", "absoluteMonthly", "noEnd"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "relativeMonthly", "noEnd"),
        ("FREQ=MONTHLY;BYDAY=3MO", "relativeMonthly", "noEnd"),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "relativeMonthly", "noEnd"),
        ("FREQ=YEARLY", "absoluteYearly", "noEnd"),
        ("FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU", "relativeYearly", "noEnd"),
    ];
    for (rule, pattern, range) in fits {
        let file = filled(&site, &[("a.ics", &series(rule))]).await[0].clone();
        assert!(file["refused"].is_null(), "{rule}: {file}");
        let id = text(&file["items"][0], "id");
        let event = site.get(&format!("/users/ada@meridian.example/events/{id}")).await.expect(200);
        assert_eq!(event["recurrence"]["pattern"]["type"], pattern, "{rule}");
        assert_eq!(event["recurrence"]["range"]["type"], range, "{rule}");
        assert_eq!(event["iCalUId"], rule);
    }
    let until = filled(&site, &[("a.ics", &series("FREQ=DAILY;UNTIL=20261021T070000Z"))]).await[0].clone();
    let id = text(&until["items"][0], "id");
    let event = site.get(&format!("/users/ada@meridian.example/events/{id}")).await.expect(200);
    assert_eq!(event["recurrence"]["range"]["endDate"], "2026-10-20", "UNTIL before the time of day");
    for (rule, reason) in [
        ("FREQ=HOURLY", "more often than daily"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,15", "several BYMONTHDAY"),
        ("FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=1,2", "BYSETPOS"),
        ("FREQ=MONTHLY;BYDAY=5MO", "position 5"),
        ("FREQ=MONTHLY;BYMONTH=1,2;BYDAY=3WE", "BYMONTH"),
        ("FREQ=YEARLY;BYWEEKNO=20", "BYWEEKNO"),
        ("FREQ=DAILY;COUNT=5000", "COUNT 5000"),
        ("FREQ=SOMETIMES", "RRULE"),
    ] {
        let file = filled(&site, &[("a.ics", &series(rule))]).await[0].clone();
        assert!(file["items"].as_array().unwrap().is_empty());
        assert!(file["refused"].as_str().unwrap_or_default().contains(reason), "{rule}: {file}");
    }
    site.stop().await;
}

#[tokio::test]
async fn a_series_comes_with_its_gaps_and_exceptions() {
    let site = empty().await;
    let user = site.user("ada").await;
    let text_of = calendar(
        "BEGIN:VEVENT\nUID:s1\nDTSTART;TZID=\"W. Europe Standard Time\":20261019T100000\nDURATION:PT1H\nSUMMARY:Weekly\\, really\nRRULE:FREQ=WEEKLY;COUNT=5\nEXDATE;TZID=Europe/Vienna:20261026T100000\nORGANIZER;CN=Boss:mailto:boss@out.example\nATTENDEE;PARTSTAT=ACCEPTED;CN=Ada:mailto:ada@meridian.example\nBEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT30M\nEND:VALARM\nEND:VEVENT\n\
         BEGIN:VEVENT\nUID:s1\nRECURRENCE-ID;TZID=Europe/Vienna:20261102T100000\nDTSTART;TZID=Europe/Vienna:20261103T120000\nDTEND;TZID=Europe/Vienna:20261103T130000\nSUMMARY:Moved\nEND:VEVENT",
    );
    let file = filled(&site, &[("ics/s.ics", &text_of)]).await[0].clone();
    assert!(file["refused"].is_null(), "{file}");
    let event = site.dump(&user).await["events"][0].clone();
    assert_eq!(event["subject"], "Weekly, really");
    assert_eq!(
        (event["isOrganizer"].as_bool(), event["responseStatus"]["response"].as_str()),
        (Some(false), Some("accepted"))
    );
    assert_eq!(event["reminderMinutesBeforeStart"], 30);
    assert!(text(&json!({"x": event["cancelledOccurrences"][0]}), "x").ends_with(".2026-10-26"));
    assert_eq!(event["exceptionOccurrences"][0]["subject"], "Moved");
    assert_eq!(event["exceptionOccurrences"][0]["start"]["dateTime"], "2026-11-03T11:00:00.0000000");
    // The same UID again is the same event.
    let again = calendar(
        "BEGIN:VEVENT\nUID:s1\nDTSTART:20261019T080000Z\nDTEND:20261019T090000Z\nSUMMARY:Single now\nEND:VEVENT",
    );
    let second = filled(&site, &[("ics/t.ics", &again)]).await[0].clone();
    assert_eq!(second["items"], file["items"]);
    let dump = site.dump(&user).await;
    assert_eq!(dump["events"].as_array().unwrap().len(), 1);
    assert_eq!(dump["events"][0]["subject"], "Single now");
    site.stop().await;
}

#[tokio::test]
async fn what_holds_nothing_is_skipped_and_what_is_broken_refused() {
    let site = empty().await;
    site.user("ada").await;
    let todo = calendar("BEGIN:VTODO\nUID:t\nSUMMARY:t\nEND:VTODO");
    let zone = calendar("BEGIN:VEVENT\nUID:z\nDTSTART;TZID=Nowhere/Land:20261019T100000\nEND:VEVENT");
    let rdate = calendar("BEGIN:VEVENT\nUID:r\nDTSTART:20261019T100000Z\nRDATE:20261020T100000Z\nEND:VEVENT");
    let group =
        "BEGIN:VCARD\r\nVERSION:4.0\r\nKIND:group\r\nFN:The group\r\nMEMBER:urn:uuid:1\r\nEND:VCARD\r\n";
    let two = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:A B\r\nN:B;A;;;\r\nEMAIL:a@b.example\r\nEND:VCARD\r\nBEGIN:VCARD\r\nVERSION:3.0\r\nFN:C D\r\nN:D;C;;;\r\nTEL;TYPE=CELL:1\r\nEND:VCARD\r\n";
    let files = filled(
        &site,
        &[
            ("a.ics", &todo),
            ("b.ics", &zone),
            ("c.ics", &rdate),
            ("d.vcf", group),
            ("e.vcf", two),
            ("f.vcf", "x"),
        ],
    )
    .await;
    assert_eq!(files[0]["skipped"], "holds no event");
    assert!(text(&files[1], "refused").contains("Nowhere/Land"));
    assert!(text(&files[2], "refused").contains("RDATE"));
    assert_eq!(files[3]["skipped"], "holds no person");
    assert_eq!(files[4]["items"].as_array().unwrap().len(), 2);
    assert_eq!(files[5]["refused"], "is no vCard");
    let contacts = site.all("/users/ada@meridian.example/contacts").await;
    assert_eq!(contacts[1]["mobilePhone"], "1");
    assert_eq!(
        (contacts[0]["surname"].as_str(), contacts[0]["displayName"].as_str()),
        (Some("B"), Some("A B"))
    );
    site.stop().await;
}

/// The files of other people's software in `tests/corpus`; `TANDEM_CORPUS` names another directory.
#[tokio::test]
async fn every_file_of_a_corpus_has_an_account() {
    let corpus = std::env::var("TANDEM_CORPUS")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus").to_owned());
    let site = empty().await;
    for name in ["ada", "bob", "cem"] {
        site.user(name).await;
    }
    let report = site.control("POST", "/fill", Some(json!({"dir": corpus}))).await.expect(200);
    let files = report["files"].as_array().unwrap();
    let count = |part: &str| std::fs::read_dir(Path::new(&corpus).join(part)).unwrap().count();
    assert_eq!(files.len(), count("eml") + count("ics") + count("vcf"));
    for file in files {
        let taken = !file["items"].as_array().unwrap().is_empty();
        let said = file["refused"].is_string() || file["skipped"].is_string();
        assert!(taken || said, "{file}");
        println!(
            "{} {} {} {}",
            file["file"],
            file["items"].as_array().unwrap().len(),
            file["refused"],
            file["skipped"]
        );
    }
    site.stop().await;
}
