//! Field mapping through the served CRM: what the connector is told, and what is refused.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use crate::support::{Crm, system_folder};
use tandem_crm::Options;
use tandem_crm_interface::sync::{Answer, Command};
use tandem_groupware::Rules;
use tandem_mapping::{Flow, Mapping};
use tandem_model::Kind;

/// The template, whose form of persons has these fields besides.
fn forms(fields: &str) -> String {
    let start = "<form type=\"mmPerson\">\n    <table tablename=\"Person\">\n";
    let forms = Rules::builtin_forms().replace(start, &format!("{start}{fields}\n"));
    assert_ne!(forms, Rules::builtin_forms());
    forms
}

async fn told(crm: &Crm) -> Mapping {
    match crm.rep("ann").send(vec![Command::Fields]).await.remove(0) {
        Answer::Fields(mapping) => mapping,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_connector_is_told_what_forms_xml_says_now() {
    let folder = system_folder(Some(Rules::builtin_forms()), None);
    let crm = Crm::with(Options { system: Some(folder.path().to_owned()), ..Options::default() }).await;
    crm.add_rep("Ann", "Europe/Vienna").await;
    assert_eq!(told(&crm).await, Mapping::default(), "the template has the default pairs only");
    let path = folder.path().join("xml/forms.xml");
    std::fs::write(&path, forms("<field fieldname=\"FreeC1\" graph=\"nickName\" direction=\"to-crm\"/>"))
        .unwrap();
    assert_eq!(told(&crm).await.of(Kind::Contact).additional["nickName"].1, Flow::ToCrm);

    let wrong = forms("<field fieldname=\"FreeN1\" graph=\"nickName\"/>");
    std::fs::write(&path, &wrong).unwrap();
    assert_eq!(
        told(&crm).await.of(Kind::Contact).additional["nickName"].1,
        Flow::ToCrm,
        "the one before holds"
    );
    let state = crm.ask("GET", "state").await;
    let file = state["files"]
        .as_array()
        .unwrap()
        .iter()
        .find(|file| file["path"].as_str().unwrap().ends_with("forms.xml"));
    let refused = &file.unwrap()["refused"];
    let line = wrong.lines().position(|line| line.contains("FreeN1")).unwrap() + 1;
    assert_eq!(refused["line"], line);
    assert!(refused["reason"].as_str().unwrap().starts_with("Person.FreeN1 cannot hold"), "{refused}");
    crm.stop().await;
}

#[tokio::test]
async fn a_mapping_is_judged_before_it_is_saved() {
    let crm = Crm::start().await;
    let good = forms(
        "<field fieldname=\"FreeD1\" graph=\"SystemTime {00020329-0000-0000-C000-000000000046} Name Since\"/>",
    );
    assert_eq!(crm.ask_about("POST", "validate/forms.xml", &good).await["ok"], true);
    let missing = crm
        .ask_about("POST", "validate/forms.xml", &forms("<field fieldname=\"FreeX9\" graph=\"nickName\"/>"))
        .await;
    assert_eq!(missing["reason"], "the CRM has no field Person.FreeX9 to feed \"nickName\"");
    crm.stop().await;
}

#[tokio::test]
async fn a_pair_whose_field_the_crm_lacks_is_off() {
    let folder = system_folder(Some(&Rules::builtin_forms().replace("A031Location", "A099Location")), None);
    let crm = Crm::with(Options { system: Some(folder.path().to_owned()), ..Options::default() }).await;
    crm.add_rep("Ann", "Europe/Vienna").await;
    assert_eq!(told(&crm).await.of(Kind::Appointment).flow(Kind::Appointment, "location"), Flow::Off);
    crm.stop().await;
}
