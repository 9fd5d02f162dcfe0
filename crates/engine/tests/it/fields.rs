//! Field mapping: additional fields travel with their items, and default pairs travel as forms.xml says.

#![allow(clippy::unwrap_used, reason = "tests may stop at the first surprise")]

use crate::stage::{ANN, KARL, Stage};
use serde_json::{Value, json};
use tandem_audit::Record;
use tandem_model::Kind;

const COST: &str = "String {00020329-0000-0000-c000-000000000046} Name CostCentre";
const RANK: &str = "Integer {00020329-0000-0000-c000-000000000046} Id 0x8105";
const SHARE: &str = "Double {00020329-0000-0000-c000-000000000046} Name Share";
const VIP: &str = "Boolean {00020329-0000-0000-c000-000000000046} Name Vip";
const SINCE: &str = "SystemTime {00020329-0000-0000-c000-000000000046} Name Since";

/// A field that feeds one of Graph.
fn fed(field: &str, graph: &str) -> String {
    format!("<field fieldname=\"{field}\" graph=\"{graph}\"/>")
}

/// Persons have a field of each type.
async fn with_every_type() -> Stage {
    let stage = Stage::set().await;
    let fields =
        [("FreeC1", "nickName"), ("FreeC2", COST), ("FreeN1", RANK), ("FreeF1", SHARE), ("FreeL1", VIP)];
    let fields: String = fields.iter().map(|(field, graph)| fed(field, graph)).collect();
    stage.lists("mmPerson", "Person", &(fields + &fed("FreeD1", SINCE)));
    stage
}

async fn karl(stage: &Stage) -> Record {
    let mut found = stage.records("Person").await;
    found.retain(|person| person.get("Email") == KARL);
    assert_eq!(found.len(), 1, "{found:#?}");
    found.remove(0)
}

async fn contact(stage: &Stage) -> (String, Value) {
    let mut found = stage.contacts("ann").await;
    assert_eq!(found.len(), 1, "{found:#?}");
    let contact = found.remove(0);
    (contact["id"].as_str().unwrap().to_owned(), contact)
}

async fn edits_contact(stage: &Stage, id: &str, patch: Value) {
    stage.outlook("PATCH", &format!("/users/{ANN}/contacts/{id}"), patch).await;
}

async fn held(stage: &Stage, id: &str, property: &str) -> Option<String> {
    stage.property("ann", "contacts", id, property).await
}

#[tokio::test]
async fn fields_of_every_type_travel_to_contacts_and_back() {
    let stage = with_every_type().await;
    let person = karl(&stage).await;
    let values =
        [("FreeC1", "Charly"), ("FreeC2", "K-7"), ("FreeN1", "3"), ("FreeF1", "0.5"), ("FreeL1", "true")];
    stage.edits("Person", &person, &[&values[..], &[("FreeD1", "2020-02-29")]].concat()).await;
    stage.settle().await;
    let (id, entry) = contact(&stage).await;
    assert_eq!(entry["nickName"], "Charly");
    for (property, value) in
        [(COST, "K-7"), (RANK, "3"), (SHARE, "0.5"), (VIP, "true"), (SINCE, "2020-02-29T00:00:00Z")]
    {
        assert_eq!(held(&stage, &id, property).await.as_deref(), Some(value), "{property}");
    }

    let mut patch = Stage::properties(&[
        (COST, "K-8"),
        (RANK, "-4"),
        (SHARE, "2.25"),
        (VIP, "false"),
        (SINCE, "2021-01-01T00:00:00Z"),
    ]);
    patch["nickName"] = json!("Carlo");
    edits_contact(&stage, &id, patch).await;
    stage.settle().await;
    let person = karl(&stage).await;
    let fields = ["FreeC1", "FreeC2", "FreeN1", "FreeF1", "FreeD1"].map(|field| person.get(field));
    assert_eq!(fields, ["Carlo", "K-8", "-4", "2.25", "2021-01-01"]);
    assert!(!person.is("FreeL1"));

    let emptied = ["FreeC1", "FreeC2", "FreeN1", "FreeF1", "FreeD1"].map(|field| (field, ""));
    stage.edits("Person", &person, &emptied).await;
    stage.settle().await;
    let (_, entry) = contact(&stage).await;
    assert_eq!(entry["nickName"], Value::Null);
    assert_eq!(held(&stage, &id, COST).await.as_deref(), Some(""));
    assert_eq!(held(&stage, &id, SINCE).await.as_deref(), Some("4501-01-01T00:00:00Z"), "Outlook's None");
    stage.strike().await;
}

#[tokio::test]
async fn each_additional_field_travels_alone() {
    let stage = with_every_type().await;
    stage.edits("Person", &karl(&stage).await, &[("FreeC1", "Charly"), ("FreeC2", "K-7")]).await;
    stage.settle().await;
    let (id, _) = contact(&stage).await;
    edits_contact(&stage, &id, Stage::properties(&[(COST, "K-8")])).await;
    stage.edits("Person", &karl(&stage).await, &[("FreeC1", "Carlo"), ("FreeN1", "9")]).await;
    stage.settle().await;
    let ((_, entry), person) = (contact(&stage).await, karl(&stage).await);
    assert_eq!((&entry["nickName"], person.get("FreeC1")), (&json!("Carlo"), "Carlo"));
    assert_eq!((held(&stage, &id, COST).await.as_deref(), person.get("FreeC2")), (Some("K-8"), "K-8"));
    assert_eq!(held(&stage, &id, RANK).await.as_deref(), Some("9"));
    let applied = stage.story(&person.name()).await.into_iter().map(|line| line.entry.text);
    let last: Vec<String> = applied.filter(|text| text.starts_with("updated in the CRM")).collect();
    assert!(last.last().unwrap().ends_with(&format!(": additional.{COST}")), "{last:?}");
    stage.strike().await;
}

#[tokio::test]
async fn of_two_values_of_one_field_the_other_stands_in_the_journal() {
    let stage = with_every_type().await;
    stage.settle().await;
    let (id, _) = contact(&stage).await;
    edits_contact(&stage, &id, Stage::properties(&[(COST, "Outlook")])).await;
    stage.edits("Person", &karl(&stage).await, &[("FreeC2", "CRM")]).await;
    stage.settle().await;
    let kept = karl(&stage).await.get("FreeC2").to_owned();
    assert_eq!(held(&stage, &id, COST).await, Some(kept.clone()));
    let facts = stage
        .story(&karl(&stage).await.name())
        .await
        .into_iter()
        .flat_map(|line| line.entry.facts.as_array().cloned().unwrap_or_default());
    let lost: Vec<Value> =
        facts.map(|fact| fact["conflict"]["losing_value"].clone()).filter(|lost| !lost.is_null()).collect();
    let other = if kept == "CRM" { "Outlook" } else { "CRM" };
    assert_eq!(lost, [json!(other)]);
    stage.strike().await;
}

#[tokio::test]
async fn what_is_taken_off_the_mapping_is_deleted_nowhere() {
    let stage = with_every_type().await;
    stage.edits("Person", &karl(&stage).await, &[("FreeC1", "Charly"), ("FreeC2", "K-7")]).await;
    stage.settle().await;
    let (id, _) = contact(&stage).await;
    stage.rewrites_forms(|forms| {
        forms.replace(&fed("FreeC1", "nickName"), "").replace(&fed("FreeC2", COST), "")
    });
    edits_contact(&stage, &id, json!({"spouseName": "Ida", "jobTitle": "Buyer"})).await;
    stage.edits("Person", &karl(&stage).await, &[("Phone", "+43 1 222")]).await;
    stage.settle().await;
    let ((_, entry), person) = (contact(&stage).await, karl(&stage).await);
    assert_eq!((&entry["nickName"], person.get("FreeC1")), (&json!("Charly"), "Charly"));
    assert_eq!((held(&stage, &id, COST).await.as_deref(), person.get("FreeC2")), (Some("K-7"), "K-7"));
    assert_eq!((&entry["businessPhones"], person.get("Function")), (&json!(["+43 1 222"]), "Buyer"));

    // Without a mapping both go on by themselves; mapped again, an edit travels, and what it replaces is told.
    stage.edits("Person", &person, &[("FreeC1", "Carlo")]).await;
    edits_contact(&stage, &id, json!({"nickName": "Karli"})).await;
    stage.settle().await;
    stage.lists("mmPerson", "Person", &fed("FreeC1", "nickName"));
    stage.edits("Person", &karl(&stage).await, &[("Phone", "+43 1 333")]).await;
    stage.settle().await;
    let ((_, entry), person) = (contact(&stage).await, karl(&stage).await);
    assert_eq!(entry["nickName"], person.get("FreeC1"));
    stage.was(&person.name(), "conflict").await;
    stage.strike().await;
}

#[tokio::test]
async fn a_newly_mapped_field_overwrites_nothing_unseen() {
    let stage = Stage::set().await;
    stage.settle().await;
    let (id, _) = contact(&stage).await;
    edits_contact(&stage, &id, json!({"nickName": "Karli"})).await;
    stage.settle().await;
    stage.lists("mmPerson", "Person", &fed("FreeC1", "nickName"));
    stage.edits("Person", &karl(&stage).await, &[("Phone", "+43 1 444")]).await;
    stage.settle().await;
    assert_eq!(contact(&stage).await.1["nickName"], "Karli");
    assert_eq!(karl(&stage).await.get("FreeC1"), "Karli");
    stage.strike().await;
}

#[tokio::test]
async fn additional_fields_of_appointments_and_series_travel() {
    let stage = Stage::set().await;
    let link = "<field fieldname=\"FreeC5\" graph=\"webLink\"/>";
    stage.rewrites_forms(|forms| {
        let (start, rest) = forms.split_once("<form type=\"vevent\">").unwrap();
        let rest = rest.replacen("<field fieldname=\"FreeC4\"/>", &fed("FreeC4", COST), 1);
        let rest = rest.replacen("<field fieldname=\"FreeC5\"/>", link, 1);
        format!("{start}<form type=\"vevent\">{rest}")
    });
    let mut event = stage.on(3, "10:00", "11:00", "Review");
    event["singleValueExtendedProperties"] =
        Stage::properties(&[(COST, "K-1")])["singleValueExtendedProperties"].clone();
    let id = stage.enters("ann", event).await;
    let mut weekly = stage.on(3, "14:00", "15:00", "Weekly");
    weekly["recurrence"] = json!({
        "pattern": {"type": "daily", "interval": 2},
        "range": {"type": "numbered", "startDate": stage.day(3), "numberOfOccurrences": 4}
    });
    let master = stage.enters("ann", weekly).await;
    stage
        .schedules(
            1,
            "50",
            &[
                ("Subject", "Plan"),
                ("Date", &stage.day(4)),
                ("Time", "09:00"),
                ("EndDate", &stage.day(4)),
                ("EndTime", "09:30"),
                ("FreeC4", "K-2"),
            ],
            &[],
        )
        .await;
    stage.settle().await;
    assert_eq!(stage.activity("Review").await.get("FreeC4"), "K-1");
    let plan = stage.event("ann", "Plan").await;
    assert_eq!(
        stage.property("ann", "events", plan["id"].as_str().unwrap(), COST).await.as_deref(),
        Some("K-2")
    );
    assert_eq!(
        stage.activity("Plan").await.get("FreeC5"),
        plan["webLink"],
        "what Microsoft 365 makes up comes too"
    );

    stage.edits("Contact", &stage.activity("Weekly").await, &[("FreeC4", "K-3")]).await;
    stage.changes("ann", &id, Stage::properties(&[(COST, "K-4")])).await;
    stage.settle().await;
    assert_eq!(stage.property("ann", "events", &master, COST).await.as_deref(), Some("K-3"));
    assert_eq!(stage.activity("Review").await.get("FreeC4"), "K-4");

    let link = plan["webLink"].as_str().unwrap();
    stage.edits("Contact", &stage.activity("Plan").await, &[("FreeC5", "mine")]).await;
    stage.settle().await;
    assert_eq!(stage.activity("Plan").await.get("FreeC5"), link, "it travels to the CRM only");
    stage.strike().await;
}

#[tokio::test]
async fn additional_fields_alone_mail_nobody() {
    let stage = Stage::set().await;
    stage.lists("vevent", "Contact", &fed("FreeN1", RANK));
    let mut meeting = stage.on(3, "10:00", "11:00", "Review");
    meeting["attendees"] = Stage::attendees(&[KARL]);
    let id = stage.enters("ann", meeting).await;
    stage.settle().await;
    let mails = stage.mails_sent().await;
    stage.edits("Contact", &stage.activity("Review").await, &[("FreeN1", "5")]).await;
    stage.settle().await;
    assert_eq!(stage.mails_sent().await, mails);
    assert_eq!(stage.property("ann", "events", &id, RANK).await, None);
    stage.was(&stage.activity("Review").await.name(), "not-mailed").await;
    stage.strike().await;
}

#[tokio::test]
async fn additional_fields_of_mails_reach_the_activity() {
    let stage = Stage::set().await;
    stage.lists("mmRecord", "Contact", &(fed("FreeC4", COST) + &fed("FreeD1", "receivedDateTime")));
    let more = Stage::properties(&[(COST, "K-9")]);
    stage.receives("ann", "<1@kunde.example>", KARL, more).await;
    stage.settle().await;
    let activity = stage.activity("About <1@kunde.example>").await;
    assert_eq!((activity.get("FreeC4"), activity.get("FreeD1")), ("K-9", stage.day(-1).as_str()));
    stage.strike().await;
}

#[tokio::test]
async fn additional_fields_of_absences_reach_the_event_and_stay_the_crms() {
    let stage = Stage::set().await;
    stage.lists("mmAbsences", "Absence", &fed("FreeC1", COST));
    let day = stage.day(5);
    let fields = [
        ("RepID", "1"),
        ("StartDate", day.as_str()),
        ("EndDate", &day),
        ("AllDay", "true"),
        ("Type", "Holiday"),
    ];
    stage.adds("Absence", &[&fields[..], &[("FreeC1", "K-5")]].concat()).await;
    stage.settle().await;
    let event = stage.event("ann", "Holiday").await;
    let id = event["id"].as_str().unwrap();
    assert_eq!(stage.property("ann", "events", id, COST).await.as_deref(), Some("K-5"));
    stage.changes("ann", id, Stage::properties(&[(COST, "K-6")])).await;
    stage.settle().await;
    assert_eq!(
        stage.property("ann", "events", id, COST).await.as_deref(),
        Some("K-5"),
        "it gets its value back"
    );
    stage.strike().await;
}

#[tokio::test]
async fn a_default_pair_can_be_moved_travel_one_way_or_be_off() {
    let stage = Stage::set().await;
    stage.rewrites_forms(|forms| {
        let vevent = forms.find("<form type=\"vevent\">").unwrap();
        let (start, rest) = forms.split_at(vevent);
        let rest = rest
            .replacen(
                "<field fieldname=\"FreeC4\"/>",
                "<field fieldname=\"FreeC4\" as=\"Location\" direction=\"to-crm\"/>",
                1,
            )
            .replacen("<field fieldname=\"A031Location\" as=\"Location\" length=\"255\"/>", "", 1)
            .replacen(
                "<field fieldname=\"Priority\"/>",
                "<field fieldname=\"Priority\" direction=\"off\"/>",
                1,
            );
        format!("{start}{rest}")
    });
    let mut event = stage.on(3, "10:00", "11:00", "Review");
    (event["location"], event["importance"]) = (json!({"displayName": "Room 7"}), json!("high"));
    let id = stage.enters("ann", event).await;
    stage.settle().await;
    let activity = stage.activity("Review").await;
    assert_eq!((activity.get("FreeC4"), activity.get("A031Location")), ("Room 7", ""));
    assert_eq!(activity.get("Priority"), "", "importance is off");

    stage
        .edits("Contact", &activity, &[("FreeC4", "Elsewhere"), ("Priority", "low"), ("Subject", "Review 2")])
        .await;
    stage.settle().await;
    let (event, activity) = (stage.event("ann", "Review 2").await, stage.activity("Review 2").await);
    assert_eq!((&event["location"]["displayName"], &event["importance"]), (&json!("Room 7"), &json!("high")));
    assert_eq!((activity.get("FreeC4"), activity.get("Priority")), ("Room 7", "low"));

    stage.changes("ann", &id, json!({"importance": "normal", "location": {"displayName": "Hall"}})).await;
    stage.settle().await;
    let activity = stage.activity("Review 2").await;
    assert_eq!((activity.get("FreeC4"), activity.get("Priority")), ("Hall", "low"));
    stage.strike().await;
}

#[tokio::test]
async fn a_field_that_is_no_longer_listed_is_not_emptied_in_microsoft_365() {
    let stage = Stage::set().await;
    let mut event = stage.on(3, "10:00", "11:00", "Review");
    event["location"] = json!({"displayName": "Room 7"});
    stage.enters("ann", event).await;
    stage.settle().await;
    stage.rewrites_forms(|forms| {
        forms.replace("<field fieldname=\"A031Location\" as=\"Location\" length=\"255\"/>", "")
    });
    stage.edits("Contact", &stage.activity("Review").await, &[("Subject", "Review 2")]).await;
    stage.settle().await;
    let event = stage.event("ann", "Review 2").await;
    assert_eq!(event["location"]["displayName"], "Room 7");
    assert_eq!(stage.activity("Review 2").await.get("A031Location"), "Room 7");
    stage.strike().await;
}

#[tokio::test]
async fn a_value_that_graph_cannot_hold_is_refused_and_told() {
    let stage = Stage::set().await;
    stage.lists("mmPerson", "Person", &fed("FreeN1", RANK));
    stage.edits("Person", &karl(&stage).await, &[("FreeN1", "3000000000")]).await;
    stage.settle().await;
    let links = stage.links("ann", Kind::Contact).await;
    let refused = links.iter().find(|link| link.reason == "refused-by-m365").unwrap();
    assert!(
        refused.detail.contains("\"3000000000\" is no whole number up to 2147483647"),
        "{}",
        refused.detail
    );
    stage.strike().await;
}
