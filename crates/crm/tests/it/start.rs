//! What the CRM starts with: system folder, filling, database.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use crate::support::{Crm, held};
use tandem_crm::{CrmError, Options, start};

async fn error(options: Options) -> String {
    match start(options).await {
        Ok(_) => panic!("it must not start"),
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn a_bad_file_of_the_system_folder_is_named_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("xml")).unwrap();
    let options = || Options { system: Some(folder.path().to_owned()), ..Options::default() };
    std::fs::write(folder.path().join("xml/forms.xml"), "<root>\n  <field fieldname='CoNo'/>\n</root>")
        .unwrap();
    let text = error(options()).await;
    assert!(text.contains("forms.xml, line 2:"), "{text}");
    std::fs::write(
        folder.path().join("settings.xml"),
        "<root><groupware>\n\n<key name='Create new Persons' value='perhaps'/></groupware></root>",
    )
    .unwrap();
    std::fs::remove_file(folder.path().join("xml/forms.xml")).unwrap();
    let text = error(options()).await;
    assert!(text.contains("settings.xml, line 3:") && text.contains("perhaps"), "{text}");
    let missing = Options { system: Some(folder.path().join("nowhere")), ..Options::default() };
    assert!(error(missing).await.contains("nowhere cannot be read"));
}

#[tokio::test]
async fn forms_xml_names_the_master_user() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("xml")).unwrap();
    let forms = "<root><settings><authentication>\
        <masterUser client='GraphApi' login='Principal'>SYNC</masterUser>\
        </authentication></settings></root>";
    std::fs::write(folder.path().join("xml/forms.xml"), forms).unwrap();
    let crm = Crm::with(Options { system: Some(folder.path().to_owned()), ..Options::default() }).await;
    assert!(crm.ready_line().contains("\"master_user\":\"SYNC\""));
    crm.add_rep("Ann", "Europe/Vienna").await;
    use tandem_crm_interface::session::Session;
    use tandem_crm_interface::sync::wire::Reply;
    // ClientID is not asked for, so it may be missing; OCSU is no master user any more.
    let session = Session { user: "SYNC".into(), client_id: None, ..crm.rep("ann").session() };
    assert!(matches!(crate::support::reply(&crm, session, vec![]).await, Reply::Answers(_)));
    let Reply::Refused(status) = crate::support::reply(&crm, crm.rep("ann").session(), vec![]).await else {
        panic!()
    };
    assert_eq!(status.reason.as_deref(), Some("master-user"));
    crm.stop().await;
}

#[tokio::test]
async fn a_folder_of_json_fills_tables_once() {
    let folder = tempfile::tempdir().unwrap();
    let fill = folder.path().join("fill");
    std::fs::create_dir(&fill).unwrap();
    let write = |name: &str, text: &str| std::fs::write(fill.join(name), text).unwrap();
    write("Rep.json", r#"[{"Name":"Ann","Login":"ann","Email":"ann@acme.example","ConnectorEnabled":true}]"#);
    write(
        "Person.json",
        r#"[{"FirstName":"Ann","LastName":"Arbor","Company":"Acme","Email":"ann@acme.example"}]"#,
    );
    write("Company.json", r#"[{"Company":"Acme","City":"Graz"}]"#);
    let options =
        || Options { db: Some(folder.path().join("crm.db")), fill: Some(fill.clone()), ..Options::default() };
    let first = Crm::with(options()).await;
    let password = first.password().to_owned();
    let person = first.all("Person").await.remove(0);
    assert_eq!((held(&person)["CoNo"], held(&person)["CoGrp"]), ("1", "1"));
    let rep = first.all("Rep").await.remove(0);
    assert_eq!((held(&rep)["PeNo"], held(&rep)["ConnectorEnabled"]), ("1", "true"));
    first.stop().await;
    let mut second = Crm::with(options()).await;
    second.remember_password(&password);
    assert_eq!(second.all("Person").await.len(), 1);
    second.stop().await;
}

#[tokio::test]
async fn a_bad_filling_leaves_nothing_and_says_where() {
    let folder = tempfile::tempdir().unwrap();
    let db = folder.path().join("crm.db");
    let fill = folder.path().join("fill");
    std::fs::create_dir(&fill).unwrap();
    let options = || Options { db: Some(db.clone()), fill: Some(fill.clone()), ..Options::default() };
    std::fs::write(fill.join("Company.json"), r#"[{"Company":"Acme"}]"#).unwrap();
    std::fs::write(fill.join("Person.json"), r#"[{"LastName":"A"},{"LastName":"B","Birthday":"soon"}]"#)
        .unwrap();
    let text = error(options()).await;
    assert!(text.contains("Person.json, entry 2: Person.Birthday: \"soon\" is no date"), "{text}");
    std::fs::write(fill.join("Person.json"), "[{").unwrap();
    assert!(error(options()).await.contains("Person.json"));
    std::fs::write(fill.join("Persons.json"), "[]").unwrap();
    std::fs::remove_file(fill.join("Person.json")).unwrap();
    assert!(error(options()).await.contains("named after no table"));
    std::fs::remove_file(fill.join("Persons.json")).unwrap();
    std::fs::File::create(fill.join("Person.json")).unwrap().set_len(1 << 40).unwrap();
    let text = error(options()).await;
    assert!(text.contains("Person.json cannot be read: it is larger than 256 MiB"), "{text}");
    std::fs::remove_file(fill.join("Person.json")).unwrap();
    let crm = Crm::with(options()).await;
    assert_eq!(crm.all("Company").await.len(), 1, "what failed before left nothing");
    crm.stop().await;
}

#[tokio::test]
async fn a_system_folder_may_be_empty_but_has_to_be_there() {
    let folder = tempfile::tempdir().unwrap();
    let system = folder.path().join("system");
    let options = || Options { system: Some(system.clone()), ..Options::default() };
    let text = error(options()).await;
    assert!(text.contains(system.to_str().unwrap()) && text.contains("it may be empty"), "{text}");
    std::fs::create_dir(&system).unwrap();
    Crm::with(options()).await.stop().await;
}

#[tokio::test]
async fn a_database_that_is_none_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let db = folder.path().join("notes.txt");
    std::fs::write(
        &db,
        "these are my notes, and they are longer than a header of SQLite would be, by some way",
    )
    .unwrap();
    let before = std::fs::read(&db).unwrap();
    let outcome = start(Options { db: Some(db.clone()), ..Options::default() }).await;
    assert!(matches!(outcome, Err(CrmError::Storage(_))));
    assert_eq!(std::fs::read(&db).unwrap(), before);
}
