//! The XML language: queries and writes.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use crate::support::{Crm, held, input};
use std::collections::BTreeMap;
use tandem_crm_interface::language::{
    Action, Command, Condition, CursorFlags, Direction, FieldInput, FieldRef, Operator, Query, RecordInput,
    Request, ReturnKind, Sort, Table, TableRef,
};

async fn filled() -> Crm {
    let crm = Crm::start().await;
    for (name, city) in [("Acme", "Graz"), ("Bolt", "Wien"), ("Cogs", "Graz")] {
        let company = RecordInput {
            linked: vec![
                input("Person", &[("FirstName", "Ann"), ("LastName", name), ("Favorite", "true")]),
                input("Person", &[("FirstName", "Bob"), ("LastName", name)]),
            ],
            ..input("Company", &[("Company", name), ("City", city)])
        };
        crm.run(Action::Insert(vec![company])).await;
    }
    crm
}

fn company_with_persons() -> Query {
    let mut table = Table::new("Company");
    table.linked.push(Table::new("Person"));
    Query {
        table,
        condition: None,
        fields: vec![FieldRef::new("Company", "Company"), FieldRef::new("Person", "FirstName")],
        sort: vec![],
    }
}

#[tokio::test]
async fn tables_nest_along_their_links() {
    let crm = filled().await;
    let companies = crm.query(company_with_persons()).await;
    assert_eq!(companies.len(), 3);
    assert_eq!((companies[1].field("Company"), companies[1].info_area.as_str()), (Some("Bolt"), "FI"));
    let names =
        companies[1].linked.iter().map(|person| person.field("FirstName").unwrap()).collect::<Vec<_>>();
    assert_eq!(names, ["Ann", "Bob"]);
    assert_eq!(companies[1].linked[0].info_area, "KP");
    crm.stop().await;
}

#[tokio::test]
async fn a_condition_on_a_nested_table_selects_both_with_a_flag() {
    let crm = filled().await;
    let condition = Condition::All(vec![
        Condition::compare("Company", "City", Operator::Equal, "Graz"),
        Condition::compare("Person", "LastName", Operator::Like, "co*"),
        Condition::compare("Person", "Favorite", Operator::NotEqual, "true"),
    ]);
    let mut query = company_with_persons().with(condition);
    assert_eq!(crm.query(query.clone()).await.len(), 2, "a condition on persons is none on companies");
    query.table.linked[0].flags = CursorFlags::WITH;
    let companies = crm.query(query).await;
    assert_eq!(companies.len(), 1);
    assert_eq!(companies[0].field("Company"), Some("Cogs"));
    assert_eq!(companies[0].linked.len(), 1);
    assert_eq!(companies[0].linked[0].field("FirstName"), Some("Bob"));
    crm.stop().await;
}

#[tokio::test]
async fn conditions_know_numbers_booleans_and_emptiness() {
    let crm = filled().await;
    let count = async |table: &str, condition: Condition| {
        crm.run(Action::Count(Query::all(table).with(condition))).await.count.unwrap()
    };
    use Operator::{Equal, Greater, Like, NotEqual};
    assert_eq!(count("Person", Condition::compare("Person", "Favorite", Equal, "false")).await, 3);
    assert_eq!(count("Person", Condition::compare("Person", "Favorite", NotEqual, "true")).await, 3);
    assert_eq!(count("Person", Condition::compare("Person", "Email", Equal, "")).await, 6);
    assert_eq!(count("Person", Condition::compare("Person", "Email", NotEqual, "")).await, 0);
    // As text "10" would be smaller than "9".
    for number in 4..=12 {
        crm.insert("Company", &[("Company", "More"), ("CoNo", &number.to_string())]).await;
    }
    assert_eq!(count("Company", Condition::compare("Company", "CoNo", Greater, "9")).await, 3);
    assert_eq!(count("Company", Condition::compare("Company", "Company", Like, "?OLT")).await, 1);
    assert_eq!(count("Company", Condition::compare("Company", "Company", Like, "_olt")).await, 0);
    let any = Condition::Any(vec![
        Condition::compare("FI", "Company", Equal, "Acme"),
        Condition::compare("FI", "Company", Equal, "Bolt"),
    ]);
    assert_eq!(count("FI", any).await, 2);
    assert_eq!(count("FI", Condition::Any(vec![])).await, 0);
    crm.stop().await;
}

#[tokio::test]
async fn pages_are_sorted_and_know_the_whole() {
    let crm = filled().await;
    let mut query = Query::all("Person");
    query.table.max_records = Some(2);
    query.table.skip = 1;
    let by = |field: &str, direction| Sort { table: TableRef::new(""), field: field.to_owned(), direction };
    query.sort = vec![by("FirstName", Direction::Descending), by("LastName", Direction::Ascending)];
    let page = crm.run(Action::Query(query)).await;
    assert_eq!(page.count, Some(6));
    let names = page
        .records
        .iter()
        .map(|person| (person.field("FirstName"), person.field("LastName")))
        .collect::<Vec<_>>();
    assert_eq!(names, [(Some("Bob"), Some("Bolt")), (Some("Bob"), Some("Cogs"))]);
    crm.stop().await;
}

#[tokio::test]
async fn an_import_updates_what_matches_and_adds_the_rest() {
    let crm = filled().await;
    let import = |name: &str, city: &str| {
        RecordInput::new("Company", [FieldInput::matchup("Company", name), FieldInput::new("City", city)])
    };
    let returned = crm.run(Action::Import(vec![import("Bolt", "Linz"), import("Dash", "Bonn")])).await;
    let kinds = returned.returns.iter().map(|returned| returned.kind.clone()).collect::<Vec<_>>();
    assert_eq!(kinds, [ReturnKind::Update, ReturnKind::Insert]);
    let again = crm.counters().await;
    crm.run(Action::Import(vec![import("Bolt", "Linz")])).await;
    assert_eq!(crm.counters().await, again, "nothing differs, so nothing is written");
    let cities = crm
        .all("Company")
        .await
        .iter()
        .map(|company| company.field("City").unwrap().to_owned())
        .collect::<Vec<_>>();
    assert_eq!(cities, ["Graz", "Linz", "Graz", "Bonn"]);
    let found = crm.run(Action::Match(vec![import("Dash", "")])).await;
    assert_eq!(found.written(), ["FI:4".into()]);
    crm.stop().await;
}

#[tokio::test]
async fn deleted_records_are_not_found_any_more() {
    let crm = filled().await;
    let delete = RecordInput::new("Person", [FieldInput::matchup("LastName", "Bolt")]);
    let returned = crm.run(Action::Delete(vec![delete])).await;
    assert_eq!(returned.written().len(), 2);
    assert_eq!(crm.all("Person").await.len(), 4);
    assert!(crm.query(company_with_persons()).await[1].linked.is_empty());
    crm.stop().await;
}

#[tokio::test]
async fn a_record_that_fails_leaves_nothing_and_keeps_nobody_from_working() {
    let crm = Crm::start().await;
    let half = RecordInput {
        linked: vec![input("Person", &[("Birthday", "30.11.1970")])],
        ..input("Company", &[("Company", "Half")])
    };
    let actions = [
        Action::Insert(vec![half, input("Company", &[("Company", "Good")])]),
        Action::Query(Query::all("Nonsense")),
        Action::Query(Query::all("Company")),
    ];
    let response = crm.request(&Request::new(crm.administrator(), actions)).await;
    assert_eq!(
        response.results[0].error().unwrap().text,
        "Person.Birthday: \"30.11.1970\" is no date like 2026-11-30"
    );
    assert_eq!(response.results[0].written(), ["FI:1".into(), "FI:2".into()]);
    assert_eq!(response.results[1].error().unwrap().text, "there is no table \"Nonsense\"");
    let names =
        response.results[2].records.iter().map(|company| company.field("Company")).collect::<Vec<_>>();
    assert_eq!(names, [Some("Half"), Some("Good")]);
    assert!(crm.all("Person").await.is_empty());
    crm.stop().await;
}

#[tokio::test]
async fn mistakes_in_queries_are_named() {
    let crm = filled().await;
    let mut unlinked = Query::all("Absence");
    unlinked.table.linked.push(Table::new("Company"));
    assert_eq!(crm.fails(Action::Query(unlinked)).await, "table \"Absence\" is not linked to \"Company\"");
    let mut twice = Query::all("Contact");
    twice.table.linked.push(Table::new("Contact"));
    assert!(crm.fails(Action::Query(twice)).await.contains("give one of them an alias"));
    let field = Query { fields: vec![FieldRef::new("Company", "Nope")], ..Query::all("Company") };
    assert_eq!(crm.fails(Action::Query(field)).await, "Dictionary: table \"Company\" has no field \"Nope\"");
    let number = Condition::compare("Company", "CoNo", Operator::Less, "nine");
    assert_eq!(
        crm.fails(Action::Query(Query::all("Company").with(number))).await,
        "CoNo: \"nine\" is no whole number"
    );
    crm.stop().await;
}

#[tokio::test]
async fn documents_keep_their_content_once() {
    let crm = Crm::start().await;
    for name in ["a.txt", "b.txt"] {
        crm.insert("Document", &[("Name", name), ("content", "aGVsbG8=")]).await;
    }
    let query = Query { fields: vec![FieldRef::new("Document", "content")], ..Query::all("Document") };
    let documents = crm.query(query).await;
    assert_eq!(documents[0].field("content"), Some("aGVsbG8="));
    assert_eq!(documents[1].field("Size"), Some("5"));
    assert_eq!(documents[0].field("Digest"), documents[1].field("Digest"));
    assert_eq!(documents[0].field("Digest").map(str::len), Some(64));
    assert!(crm.all("Document").await[0].field("content").is_none());
    crm.stop().await;
}

#[tokio::test]
async fn custom_attributes_come_back() {
    let crm = filled().await;
    let attribute = |value: &str| BTreeMap::from([("mytag".to_owned(), value.to_owned())]);
    let mut query = company_with_persons();
    query.fields[0].attributes = attribute("field");
    let command = Command { attributes: attribute("command"), ..Command::from(Action::Query(query)) };
    let request = Request {
        attributes: attribute("request"),
        commands: vec![command],
        ..Request::new(crm.administrator(), [])
    };
    let response = crm.request(&request).await;
    assert_eq!(response.attributes["mytag"], "request");
    assert_eq!(response.results[0].attributes["mytag"], "command");
    assert_eq!(response.results[0].records[0].fields[0].attributes["mytag"], "field");
    crm.stop().await;
}

#[tokio::test]
async fn the_guides_catalogs_are_there_in_both_languages() {
    let crm = Crm::start().await;
    let entries = crm.all("Catalog").await;
    let text = |key: &str| {
        let entry = entries.iter().find(|entry| entry.field("ExtKey") == Some(key)).unwrap();
        (entry.field("CatNo").unwrap(), entry.field("TextEn").unwrap(), entry.field("TextDe").unwrap())
    };
    assert_eq!(text("9001_479_1"), ("479", "application/x-mmRecord", "application/x-mmRecord"));
    assert_eq!(text("9001_479_5"), ("479", "text/x-vevent", "text/x-vevent"));
    assert_eq!(text("9001_53_1"), ("53", "GraphApi", "GraphApi"));
    assert_eq!(text("9001_9001_4"), ("9001", "out of office", "abwesend"));
    crm.stop().await;
}

#[tokio::test]
async fn counters_tell_outsiders_of_every_write() {
    let crm = Crm::start().await;
    let before = crm.counters().await;
    crm.all("Company").await;
    assert_eq!(crm.counters().await, before);
    let company = crm.insert("Company", &[("Company", "Acme")]).await;
    crm.update(&company, &[("City", "Graz")]).await;
    let after = crm.counters().await;
    assert_eq!(after.1, before.1 + 2);
    assert!(after.0 > before.0);
    let record = crm.record(&company).await;
    assert_eq!(record.stamp.unwrap().0, after.0);
    assert_eq!(held(&record)["City"], "Graz");
    crm.stop().await;
}

#[tokio::test]
async fn what_is_no_document_is_refused() {
    let crm = Crm::start().await;
    for body in [
        "",
        "nonsense",
        "<request",
        "<other/>",
        "<!DOCTYPE request [<!ENTITY a 'b'>]><request>&a;</request>",
        "<SyncML/>",
    ] {
        let (status, _) = crm.post(body.as_bytes()).await;
        assert_eq!(status, 400, "{body}");
    }
    crm.stop().await;
}

#[tokio::test]
async fn text_that_is_too_long_is_cut_and_said() {
    let crm = Crm::start().await;
    let long = "ä".repeat(300);
    let returned =
        crm.run(Action::Insert(vec![input("Contact", &[("Subject", &long), ("Text", &long)])])).await;
    assert_eq!(returned.returns[1].text, "Subject was cut to 255 characters");
    let activity = crm.all("Contact").await.remove(0);
    assert_eq!(activity.field("Subject"), Some("ä".repeat(255).as_str()));
    assert_eq!(activity.field("Text"), Some(long.as_str()));
    crm.stop().await;
}
