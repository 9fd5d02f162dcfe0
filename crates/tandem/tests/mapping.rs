//! `tandem config mapping`: what holds, what becomes of an item, and what is refused.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops at the first surprise")]

mod stage;

use serde_json::{Value, json};
use stage::{complaint, tandem};
use std::path::{Path, PathBuf};
use tandem_groupware::Rules;

const COST: &str = "String {00020329-0000-0000-c000-000000000046} Name CostCentre";

/// A system folder whose form of persons has these fields besides.
fn system(dir: &Path, fields: &str) -> PathBuf {
    let start = "<form type=\"mmPerson\">\n    <table tablename=\"Person\">\n";
    let forms = Rules::builtin_forms().replace(start, &format!("{start}{fields}\n"));
    assert_ne!(forms, Rules::builtin_forms());
    std::fs::create_dir_all(dir.join("xml")).unwrap();
    std::fs::write(dir.join("xml/forms.xml"), forms).unwrap();
    dir.to_owned()
}

async fn answered(arguments: &[&str]) -> Value {
    let output = tandem(arguments).await;
    assert_eq!(output.status.code(), Some(0), "{}", complaint(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test]
async fn every_pair_is_shown_with_where_it_comes_from() {
    let folder = tempfile::tempdir().unwrap();
    let fields = format!("<field fieldname=\"FreeC1\" graph=\"{COST}\" direction=\"to-crm\"/>");
    let dir = system(folder.path(), &fields);
    let told = answered(&["config", "mapping", "--system", dir.to_str().unwrap(), "--json"]).await;
    let find = |crm: &str| {
        told["pairs"].as_array().unwrap().iter().find(|pair| pair["crm"] == json!([crm])).unwrap()
    };
    let own = find("Person.FreeC1");
    assert_eq!(
        (&own["graph"], &own["direction"], &own["from"]),
        (&json!(COST), &json!("to-crm"), &json!("file"))
    );
    let line = own["line"].as_u64().unwrap();
    let forms = std::fs::read_to_string(dir.join("xml/forms.xml")).unwrap();
    assert!(forms.lines().nth(line as usize - 1).unwrap().contains("FreeC1"));
    let default = find("Contact.A031Location");
    assert_eq!((&default["graph"], &default["from"]), (&json!("location/displayName"), &json!("default")));

    let output = tandem(&["config", "mapping"]).await;
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("default     Contact.A031Location <-> location/displayName"), "{text}");
    assert!(!text.contains("line "), "nothing but defaults: {text}");
}

#[tokio::test]
async fn a_preview_tells_what_each_side_would_get() {
    let folder = tempfile::tempdir().unwrap();
    let fields = format!(
        "<field fieldname=\"FreeC1\" graph=\"nickName\"/><field fieldname=\"FreeC2\" graph=\"{COST}\" direction=\"to-crm\"/>"
    );
    let dir = system(folder.path(), &fields);
    let sample = folder.path().join("karl.json");
    let contact = json!({
        "id": "1", "givenName": "Karl", "nickName": "Charly", "spouseName": "Ida",
        "singleValueExtendedProperties": [{"id": COST.replace("c000", "C000"), "value": "K-7"}]
    });
    std::fs::write(&sample, contact.to_string()).unwrap();
    let (dir, sample) = (dir.to_str().unwrap(), sample.to_str().unwrap());
    let told =
        answered(&["config", "mapping", "--system", dir, "--preview", "contact", sample, "--json"]).await;
    let person = &told["crm"]["Person"][0];
    let held = ["FirstName", "FreeC1", "FreeC2"].map(|field| person[field].as_str().unwrap());
    assert_eq!(held, ["Karl", "Charly", "K-7"]);
    assert_eq!((&told["graph"]["givenName"], &told["graph"]["nickName"]), (&json!("Karl"), &json!("Charly")));
    assert_eq!(told["graph"]["singleValueExtendedProperties"], Value::Null, "it travels to the CRM only");

    let output = tandem(&["config", "mapping", "--system", dir, "--preview", "contact", sample]).await;
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("  Person.FreeC2 = K-7\n"), "{text}");
    assert!(text.contains("  nickName = \"Charly\"\n"), "{text}");
}

#[tokio::test]
async fn a_mapping_that_cannot_be_is_refused_with_line_and_reason() {
    let folder = tempfile::tempdir().unwrap();
    for (fields, why) in [
        (
            "<field fieldname=\"FreeN1\" graph=\"nickName\"/>",
            "Person.FreeN1 cannot hold what \"nickName\" does: text",
        ),
        ("<field fieldname=\"FreeX9\" graph=\"nickName\"/>", "the CRM has no field Person.FreeX9"),
        ("<field fieldname=\"FreeC1\" graph=\"changeKey\"/>", "it is the item's version"),
    ] {
        let dir = system(folder.path(), fields);
        let forms = std::fs::read_to_string(dir.join("xml/forms.xml")).unwrap();
        let line = forms.lines().position(|line| line.contains(fields)).unwrap() + 1;
        let output = tandem(&["config", "mapping", "--system", dir.to_str().unwrap()]).await;
        let told = complaint(&output);
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains(&format!("forms.xml, line {line}: ")) && told.contains(why), "{told}");
    }
    let output = tandem(&["config", "mapping", "--preview", "letter", "x.json"]).await;
    assert_eq!(output.status.code(), Some(2));
    assert!(complaint(&output).contains("\"letter\" is no kind of item"));
}

#[tokio::test]
async fn a_folder_that_is_no_system_folder_is_told() {
    let folder = tempfile::tempdir().unwrap();
    for dir in [folder.path().to_owned(), folder.path().join("none")] {
        let output = tandem(&["config", "mapping", "--system", dir.to_str().unwrap()]).await;
        let told = complaint(&output);
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains(dir.to_str().unwrap()) && told.contains("has no xml/forms.xml"), "{told}");
    }
}

#[tokio::test]
async fn a_report_logs_nothing_that_is_not_its_answer() {
    let folder = tempfile::tempdir().unwrap();
    let dir = system(folder.path(), "");
    let switches = tandem_groupware::Rules::builtin_settings();
    std::fs::write(dir.join("settings.xml"), switches).unwrap();
    let output = tandem(&["config", "mapping", "--system", dir.to_str().unwrap()]).await;
    assert_eq!((output.status.code(), complaint(&output).as_str()), (Some(0), ""));
}
