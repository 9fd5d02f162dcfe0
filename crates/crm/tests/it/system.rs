//! The system folder while the CRM serves: changes take effect, bad files are refused, and both can be asked for.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use crate::support::items::appointment;
use crate::support::{Crm, settings, system_folder};
use base64::Engine as _;
use std::path::Path;
use tandem_crm::Options;
use tandem_crm_interface::sync::wire::Reply;
use tandem_crm_interface::sync::{Command, ContentType};
use tandem_groupware::Rules;
use tandem_model::{Item, Stamp};

async fn over(folder: &Path) -> Crm {
    let crm = Crm::with(Options { system: Some(folder.to_owned()), ..Options::default() }).await;
    crm.add_rep("Ann", "Europe/Vienna").await;
    crm
}

/// What the CRM says about one of the two files.
async fn file(crm: &Crm, name: &str) -> serde_json::Value {
    let state = crm.ask("GET", "state").await;
    let files = state["files"].as_array().unwrap().clone();
    files.into_iter().find(|file| file["path"].as_str().unwrap().ends_with(name)).unwrap()
}

/// The reason with which Ann's connector is refused, if it is.
async fn refusal(crm: &Crm) -> Option<String> {
    match crm.rep("ann").reply(vec![]).await {
        Reply::Answers(_) => None,
        Reply::Refused(status) => status.reason,
    }
}

#[tokio::test]
async fn a_change_of_forms_xml_takes_effect_at_once() {
    let folder = system_folder(Some(Rules::builtin_forms()), None);
    let crm = over(folder.path()).await;
    let path = folder.path().join("xml/forms.xml");
    assert_eq!(refusal(&crm).await, None);
    let without = Rules::builtin_forms().replace("client=\"GraphApi\"", "client=\"GraphOld\"");
    std::fs::write(&path, &without).unwrap();
    assert_eq!(refusal(&crm).await.as_deref(), Some("client-unknown"));
    // Many editors write a new file and rename it.
    let aside = folder.path().join("xml/forms.xml.new");
    std::fs::write(&aside, Rules::builtin_forms()).unwrap();
    std::fs::rename(&aside, &path).unwrap();
    assert_eq!(refusal(&crm).await, None);
    crm.stop().await;
}

#[tokio::test]
async fn a_bad_file_is_refused_with_its_line_and_the_old_one_stays_in_force() {
    let folder = system_folder(Some(Rules::builtin_forms()), Some(&settings(&[])));
    let crm = over(folder.path()).await;
    let path = folder.path().join("xml/forms.xml");
    let before = file(&crm, "forms.xml").await;
    assert_eq!(before["loaded"], before["on_disk"]);
    assert!(before["refused"].is_null());

    std::fs::write(&path, Rules::builtin_forms().replace("</root>", "</rot>")).unwrap();
    assert_eq!(refusal(&crm).await, None, "the old rules hold");
    let refused = file(&crm, "forms.xml").await;
    assert_eq!(refused["loaded"], before["loaded"]);
    assert_ne!(refused["on_disk"], before["on_disk"]);
    let last = Rules::builtin_forms().trim_end().lines().count();
    assert_eq!(refused["refused"]["line"], last, "{refused}");
    let finding = &crm.ask("GET", "checklist").await["findings"][0];
    assert_eq!((finding["check"].as_str(), finding["level"].as_str()), (Some("file-refused"), Some("error")));

    // The other file is not held up by it.
    std::fs::write(folder.path().join("settings.xml"), settings(&[("create_persons", true)])).unwrap();
    let state = crm.ask("GET", "state").await;
    let switches = state["switches"].as_array().unwrap();
    assert_eq!(switches.iter().find(|switch| switch["key"] == "create_persons").unwrap()["value"], true);

    std::fs::File::create(&path).unwrap().set_len(1 << 40).unwrap();
    assert_eq!(refusal(&crm).await, None);
    let reason = &file(&crm, "forms.xml").await["refused"]["reason"];
    assert_eq!(reason, "the file cannot be read: it is larger than 4 MiB, the limit for such a file");

    std::fs::remove_file(&path).unwrap();
    assert_eq!(refusal(&crm).await, None);
    assert_eq!(file(&crm, "forms.xml").await["refused"]["reason"], "the file is gone");
    std::fs::write(&path, Rules::builtin_forms()).unwrap();
    let after = file(&crm, "forms.xml").await;
    assert!(after["refused"].is_null(), "{after}");
    assert_eq!(after["loaded_at"], before["loaded_at"], "it is what was in force all the time");
    crm.stop().await;
}

#[tokio::test]
async fn a_file_that_appears_later_is_taken() {
    let folder = system_folder(None, None);
    let crm = over(folder.path()).await;
    assert!(file(&crm, "settings.xml").await["loaded"].is_null(), "the built-in rules are in force");
    std::fs::write(folder.path().join("settings.xml"), settings(&[("crm_wins", true)])).unwrap();
    assert!(file(&crm, "settings.xml").await["loaded"].is_string());
    crm.stop().await;
}

#[tokio::test]
async fn the_other_groups_of_settings_xml_are_kept_and_explained() {
    let text = "<root><general><key name='Log level' value='3'/></general><groupware/>\
        <group name='Advanced II'><key name='Threads' value='8'/></group></root>";
    let folder = system_folder(None, Some(text));
    let crm = over(folder.path()).await;
    let state = crm.ask("GET", "state").await;
    let groups = state["other_groups"].as_array().unwrap();
    let names = groups.iter().map(|group| group["name"].as_str().unwrap()).collect::<Vec<_>>();
    assert_eq!(names, ["General", "Advanced II"]);
    assert_eq!(groups[0]["keys"][0], serde_json::json!({ "name": "Log level", "value": "3" }));
    assert!(groups.iter().all(|group| !group["reason"].as_str().unwrap().is_empty()));
    assert_eq!(std::fs::read_to_string(folder.path().join("settings.xml")).unwrap(), text);
    crm.stop().await;
}

#[tokio::test]
async fn only_one_who_knows_a_password_learns_how_it_stands() {
    let crm = Crm::start().await;
    for (method, path) in
        [("GET", "state"), ("GET", "checklist"), ("POST", "catalogs"), ("POST", "validate/forms.xml")]
    {
        for login in [None, Some(("OCSU", "wrong")), Some(("", ""))] {
            let (status, body) = crm.ask_with(method, path, login).await;
            assert_eq!(status, 401, "{path}");
            assert!(body["error"].is_string() && body.as_object().unwrap().len() == 1, "{body}");
        }
        let let_in = crm.ask_with(method, path, Some(("ocsu", crm.password()))).await;
        assert_ne!(let_in.0, 401, "{path}: {}", let_in.1);
    }
    let login = base64::engine::general_purpose::STANDARD.encode(format!("OCSU:{}", crm.password()));
    for (site, expected) in [("cross-site", 401), ("same-site", 401), ("same-origin", 200), ("none", 200)] {
        let headers = format!("Authorization: Basic {login}\r\nSec-Fetch-Site: {site}\r\n");
        assert_eq!(crm.exchange("POST /CRMinterface/catalogs", &headers, b"").await.0, expected, "{site}");
    }
    crm.stop().await;
}

#[tokio::test]
async fn a_field_of_another_template_is_filled_and_one_that_the_crm_lacks_is_not() {
    let forms = Rules::builtin_forms()
        .replace("fieldname=\"A031Location\" as=\"Location\"", "fieldname=\"FreeC9\"")
        .replace("<field fieldname=\"FreeC4\"/>", "<field fieldname=\"FreeC4\" as=\"Location\"/>");
    let folder = system_folder(Some(&forms), None);
    let crm = over(folder.path()).await;
    let meeting =
        || Item::Appointment(appointment("Board", "2026-11-30T09:00:00Z", "ann@covote.example", &[]));
    let status = crm.rep("ann").add("k1", meeting()).await;
    let record = crm.record(&status.record.unwrap()).await;
    assert_eq!((record.field("FreeC4"), record.field("A031Location")), (Some("Room 1"), Some("")));
    assert_eq!(crate::support::items::as_appointment(&status.item.unwrap()).location, "Room 1");
    let remarks = crm.ask("GET", "state").await["remarks"].to_string();
    assert!(remarks.contains("the CRM has no field Contact.FreeC9"), "{remarks}");
    // It can be filled in the CRM, too.
    let page = crm.rep("ann").page(ContentType::Vevent, Stamp(0), None, 10).await;
    assert!(page.changes.is_empty(), "{page:?}");
    let get = Command::Get { record: record.record_id().unwrap(), content_type: ContentType::Vevent };
    crm.update(&record.record_id().unwrap(), &[("FreeC4", "Room 7")]).await;
    let answer = format!("{:?}", crm.rep("ann").send(vec![get]).await);
    assert!(answer.contains("Room 7"), "{answer}");
    crm.stop().await;
}

#[tokio::test]
async fn a_file_is_judged_before_it_is_saved() {
    let crm = Crm::start().await;
    let good = crm.ask_about("POST", "validate/forms.xml", Rules::builtin_forms()).await;
    assert_eq!(good, serde_json::json!({ "ok": true, "remarks": [] }));
    const TORN: &str = include_str!("../../../groupware/tests/fixtures/isi-torn.xml");
    let torn = crm.ask_about("POST", "validate/forms.xml", TORN).await;
    assert_eq!((torn["ok"].as_bool(), torn["line"].as_u64()), (Some(false), Some(101)), "{torn}");
    let typo = "<root><groupware>\n<key name='create_person' value='true'/></groupware></root>";
    let refused = crm.ask_about("POST", "validate/settings.xml", typo).await;
    assert_eq!(refused["reason"], "there is no groupware switch \"create_person\"");
    assert_eq!(refused["line"], 2);
    assert!(crm.ask_about("POST", "validate/passwd", "").await["error"].is_string());
    crm.stop().await;
}

#[tokio::test]
async fn a_switch_is_set_in_the_file_and_nothing_else_is_touched() {
    let text = "<root><!-- ours --><general><key name='x' value='1'/></general><groupware/></root>";
    let folder = system_folder(None, Some(text));
    let crm = over(folder.path()).await;
    let set = crm.ask_about("PUT", "switches/crm_wins", "true").await;
    assert_eq!(set, serde_json::json!({ "key": "crm_wins", "value": true }));
    let state = crm.ask("GET", "state").await;
    let switches = state["switches"].as_array().unwrap();
    assert_eq!(switches.iter().find(|switch| switch["key"] == "crm_wins").unwrap()["value"], true);
    let after = std::fs::read_to_string(folder.path().join("settings.xml")).unwrap();
    assert!(
        after.starts_with("<root><!-- ours --><general><key name='x' value='1'/></general><groupware>"),
        "{after}"
    );
    assert!(
        crm.ask_about("PUT", "switches/no_such", "true").await["error"].as_str().unwrap().contains("no_such")
    );
    assert!(crm.ask_about("PUT", "switches/crm_wins", "yes").await["error"].is_string());
    assert_eq!(std::fs::read_to_string(folder.path().join("settings.xml")).unwrap(), after);
    crm.stop().await;

    let crm = Crm::start().await;
    let nowhere = crm.ask_about("PUT", "switches/crm_wins", "true").await;
    assert!(nowhere["error"].as_str().unwrap().contains("--system"));
    crm.stop().await;
}
