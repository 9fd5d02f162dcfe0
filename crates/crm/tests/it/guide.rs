//! Examples of the administrator guide of CRM.interface against the embedded CRM: the structure is the guide's, the data
//! ours. What is documented and what is our reading stands at each.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use crate::support::Crm;
use tandem_crm_interface::language::{Response, ReturnKind, Returned, code, read_response};

/// Posts commands as administrator, as they stand in the guide.
async fn ask(crm: &Crm, request_attributes: &str, commands: &str) -> Response {
    let request = format!(
        r#"<?xml version="1.0"?><request user="OCSU" pwd="{}" {request_attributes}>{commands}</request>"#,
        crm.password()
    );
    let (status, body) = crm.post(request.as_bytes()).await;
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
    read_response(&body).unwrap()
}

fn names(returned: &Returned) -> Vec<&str> {
    returned.records.iter().map(|record| record.field("Company").unwrap_or_default()).collect()
}

async fn with_companies() -> Crm {
    let crm = Crm::start().await;
    for (name, person) in [("Acme", Some("Arbor")), ("Acme South", None), ("Bolt", Some("Berg"))] {
        let person =
            person.map_or_else(String::new, |name| format!("<Person><LastName>{name}</LastName></Person>"));
        let insert =
            format!("<insert><fields><Company><Company>{name}</Company>{person}</Company></fields></insert>");
        assert_eq!(ask(&crm, "", &insert).await.results[0].error(), None);
    }
    crm
}

// *Commands*, break. Documented: the request, and that `nop` is left undone. Ours: that the break answers an element.
#[tokio::test]
async fn break_ends_the_request_after_an_error() {
    let crm = Crm::start().await;
    let import = |field: &str| {
        format!(
            r#"<import><fields><Company><Company matchup="true">break-dance</Company>{field}</Company></fields></import>
            <break if="/root/response/*[last()]//return[@type='error']"/><nop/>"#
        )
    };
    let wrong = import("<UndefinedField>undefined field</UndefinedField>");
    let response = ask(&crm, r#"xmlns:mp="http://www.update.com/xml/core/mp""#, &wrong).await;
    let commands: Vec<_> = response.results.iter().map(|returned| returned.command.as_str()).collect();
    assert_eq!(commands, ["import", "break"]);
    assert_eq!(response.attributes["xmlns:mp"], "http://www.update.com/xml/core/mp");
    let error = response.results[0].error().unwrap();
    assert_eq!(
        (error.code.as_str(), error.field.as_deref()),
        (code::FIELD_NOT_FOUND, Some("UndefinedField"))
    );
    assert!(crm.all("Company").await.is_empty());

    let response = ask(&crm, "", &import("")).await;
    let commands: Vec<_> = response.results.iter().map(|returned| returned.command.as_str()).collect();
    assert_eq!(commands, ["import", "break", "nop"]);
    crm.stop().await;
}

// Ours: a condition that is not understood ends the request as well, since it guards what follows.
#[tokio::test]
async fn a_break_that_is_not_understood_guards_all_the_same() {
    let crm = Crm::start().await;
    let commands = r#"<break if="document('x')"/><insert><fields><Company><Company>A</Company></Company></fields></insert>"#;
    let response = ask(&crm, "", commands).await;
    assert_eq!(response.results.len(), 1);
    assert!(response.results[0].error().unwrap().text.contains("character 1 of the condition"));
    assert!(crm.all("Company").await.is_empty());
    crm.stop().await;
}

// *Working with transactions*, the first example. Documented: request, answer and effect, but for `func`.
#[tokio::test]
async fn a_command_in_a_transaction_is_all_or_nothing() {
    let crm = Crm::start().await;
    let import = |transaction: &str| {
        format!(
            "<import {transaction}><fields><Company><Company>Acme</Company><Person><Wrong>wrong fieldname</Wrong>\
             <FirstName>John</FirstName><LastName>Doe</LastName></Person></Company></fields></import>"
        )
    };
    let response = ask(&crm, "", &import(r#"transaction="true""#)).await;
    let [company, person, rollback] = response.results[0].returns.as_slice() else { panic!("{response:?}") };
    assert!(response.results[0].transaction);
    assert_eq!((company.info_area.as_str(), company.table.as_str()), ("FI", "Company"));
    assert_eq!((company.kind.clone(), person.kind.clone()), (ReturnKind::Insert, ReturnKind::Error));
    assert_eq!((person.info_area.as_str(), person.table.as_str(), person.id), ("KP", "Person", None));
    assert_eq!((person.code.as_str(), person.field.as_deref()), (code::FIELD_NOT_FOUND, Some("Wrong")));
    assert_eq!(
        (rollback.code.as_str(), rollback.text.as_str()),
        (code::ROLLBACK, "Database transaction: Rollback")
    );
    assert!(crm.all("Company").await.is_empty());

    // Without the attribute the company stays.
    let response = ask(&crm, "", &import("")).await;
    assert_eq!(response.results[0].returns.len(), 2);
    assert_eq!((crm.all("Company").await.len(), crm.all("Person").await.len()), (1, 0));
    crm.stop().await;
}

// The same page, the second example, with our table of documents. Documented: putdoc, `$lastRecId`, and that all commands
// are one transaction. Ours: getdoc, and that commands behind a failed one are left undone.
#[tokio::test]
async fn a_request_in_a_transaction_is_all_or_nothing() {
    let crm = Crm::start().await;
    let commands = |field: &str| {
        format!(
            r#"<putdoc><Name>Testdatei.txt</Name><Keyword>Putdoc_Test</Keyword>
              <rawdata xmlns:dt="urn:schemas-microsoft-com:datatypes" dt:dt="bin.base64">dGVzdA==</rawdata></putdoc>
            <import><fields><Document><links><link tablename="Document" id="$lastRecId"/></links>
              <{field}>text/plain</{field}></Document></fields></import><nop/>"#
        )
    };
    let response = ask(&crm, r#"transaction="true""#, &commands("Nonsense")).await;
    assert_eq!(response.results.len(), 2);
    assert_eq!(response.results[1].returns.last().unwrap().code, code::ROLLBACK);
    assert!(crm.all("Document").await.is_empty());

    let response = ask(&crm, r#"transaction="true""#, &commands("MediaType")).await;
    assert_eq!(response.results.len(), 3, "{response:?}");
    assert_eq!(response.results[0].written(), response.results[1].written());
    let read = r#"<getdoc mytag="x"><fields><Document recId="1"/></fields></getdoc>"#;
    let response = ask(&crm, "", read).await;
    let document = &response.results[0].records[0];
    assert_eq!(document.field("rawdata"), Some("dGVzdA=="));
    assert_eq!(
        (document.field("MediaType"), document.field("Name")),
        (Some("text/plain"), Some("Testdatei.txt"))
    );
    assert_eq!(response.results[0].attributes["mytag"], "x");
    crm.stop().await;
}

// Ours: a break with `transaction` undoes what it follows.
#[tokio::test]
async fn a_break_can_undo_the_transaction() {
    let crm = Crm::start().await;
    let commands = |transaction: &str| {
        format!(
            r#"<insert><fields><Company><Company>A</Company></Company></fields></insert>
            <break if="count(//return[@type='insert']) = 1" {transaction}/><nop/>"#
        )
    };
    let response = ask(&crm, r#"transaction="true""#, &commands(r#"transaction="true""#)).await;
    assert_eq!(response.results[1].error().unwrap().code, code::ROLLBACK);
    assert!(crm.all("Company").await.is_empty());
    let response = ask(&crm, r#"transaction="true""#, &commands("")).await;
    assert_eq!(response.results.len(), 2);
    assert_eq!(crm.all("Company").await.len(), 1);
    crm.stop().await;
}

// *Cursor Flags*. Documented: both examples, the flags and their numbers, and `*` in the value of `=`.
#[tokio::test]
async fn cursor_flags_say_how_a_table_is_read() {
    let crm = with_companies().await;
    let query = |flags: &str| {
        format!(
            r#"<query><tables><table tablename="Company"><table tablename="Person" flags="{flags}"/></table></tables>
            <fields tablename="Company" fields="Company"/><fields tablename="Person" fieldname="LastName,FirstName"/>
            <condition><cond tablename="Company" fieldname="Company" op="=" value="acme*"/></condition></query>"#
        )
    };
    let cases = [
        ("0", vec!["Acme", "Acme South"], 1),
        ("256", vec!["Acme"], 1),
        ("0x300", vec!["Acme"], 0),
        ("1024", vec!["Acme South"], 0),
        ("2048", vec!["Acme", "Acme South"], 1),
    ];
    for (flags, companies, persons) in cases {
        let returned = ask(&crm, "", &query(flags)).await.results.remove(0);
        assert_eq!(names(&returned), companies, "{flags}");
        let linked: usize = returned.records.iter().map(|company| company.linked.len()).sum();
        assert_eq!(linked, persons, "{flags}");
    }

    let contacts = r#"<insert><fields><Company><Company>Sums</Company><Contact><Duration>30</Duration></Contact>
        <Contact><Duration>15</Duration></Contact></Company></fields></insert>"#;
    assert_eq!(ask(&crm, "", contacts).await.results[0].error(), None);
    let sums = r#"<query><tables><table tablename="Company"><table tablename="Contact" flags="128"/></table></tables>
        <fields tablename="Company" fields="Company"/><fields tablename="Contact" fields="Duration"/>
        <condition><cond tablename="Company" fieldname="Company" op="=" value="Sums"/></condition></query>"#;
    let returned = ask(&crm, "", sums).await.results.remove(0);
    let [sum] = returned.records[0].linked.as_slice() else { panic!("{returned:?}") };
    assert_eq!((sum.field("Duration"), sum.id), (Some("45"), None));
    crm.stop().await;
}

// *Cursor Flags*: 16384 reads deleted records too, 32 looks at no rights.
#[tokio::test]
async fn deleted_records_are_read_with_their_flag() {
    let crm = with_companies().await;
    ask(&crm, "", r#"<delete><fields><Company recId="1"/></fields></delete>"#).await;
    let query = |flags: &str| {
        format!(
            r#"<query><tables><table tablename="Company" flags="{flags}" allfields="true"/></tables></query>"#
        )
    };
    assert_eq!(names(&ask(&crm, "", &query("0")).await.results[0]).len(), 2);
    assert_eq!(names(&ask(&crm, "", &query("16384")).await.results[0]).len(), 3);
    assert_eq!(names(&ask(&crm, "", &query("32")).await.results[0]).len(), 2);
    crm.stop().await;
}

// *Common Elements*, a table that is read twice. Documented: the request, and that an alias may be the table's name.
#[tokio::test]
async fn a_table_is_read_twice_by_its_alias() {
    let crm = Crm::start().await;
    let insert = r#"<insert><fields><Company><Company>Acme</Company>
        <Contact><Contact>Letter</Contact><Subject>company</Subject><PeNo>0</PeNo></Contact>
        <Person><LastName>Arbor</LastName><Contact><Contact>Phone</Contact><Subject>person</Subject></Contact></Person>
        </Company></fields></insert>"#;
    assert_eq!(ask(&crm, "", insert).await.results[0].error(), None);
    for alias in ["Contact2", "Contact"] {
        let query = format!(
            r#"<query><tables><table tablename="Company"><table tablename="Person"><table tablename="Contact"/></table>
              <table tablename="Contact" alias="{alias}"/></table></tables>
            <condition><cond tablename="Contact" alias="{alias}" fieldname="PeNo" op="=" value="0"/></condition>
            <fields tablename="Company" fields="Company"/><fields tablename="Person" fields="LastName"/>
            <fields tablename="Contact" fields="Contact,Date,Time"/>
            <fields tablename="Contact" alias="{alias}" fields="Contact,Text,Subject"/></query>"#
        );
        let returned = ask(&crm, "", &query).await.results.remove(0);
        let [person, letter] = returned.records[0].linked.as_slice() else { panic!("{returned:?}") };
        assert_eq!((letter.table.as_str(), letter.info_area.as_str()), (alias, "MA"));
        assert_eq!((letter.field("Contact"), letter.field("Subject")), (Some("Letter"), Some("company")));
        assert_eq!(person.linked[0].table, "Contact");
        assert_eq!(person.linked[0].field("Contact"), Some("Phone"));
        assert_eq!(person.linked[0].field("Subject"), None, "asked of the other only");
    }
    let twice = r#"<query><tables><table tablename="Company"><table tablename="Contact" alias="A"/>
        <table tablename="Contact" alias="A"/></table></tables></query>"#;
    assert!(
        ask(&crm, "", twice).await.results[0].error().unwrap().text.contains("give one of them an alias")
    );
    crm.stop().await;
}

// *Custom attributes*. Documented: the request, and where attributes are copied from; ours: to which element of a
// writing command's answer.
#[tokio::test]
async fn custom_attributes_are_copied_everywhere() {
    let crm = Crm::start().await;
    let commands = r#"<import MyImportAttribute="i"><fields><Company MyCompanyAttribute="c">
          <Company matchup="true"> CRM.interface test</Company><Phone/></Company></fields></import>
        <query catexkeys="false" MyQueryAttribute="q"><tables><table tablename="Company"/></tables>
          <condition><cond tablename="Company" fieldname="Company" op="=" value=" CRM.interface test"/></condition>
          <fields tablename="Company" fields="Company,City" MyFieldsAttribute="fs"/>
          <fields><field tablename="Company" fieldname="Street" MyFieldAttribute="f"/></fields></query>
        <query code="1"><tables><table tablename="Company"/></tables></query>"#;
    let response = ask(&crm, r#"MyAttribute="r" name="not copied""#, commands).await;
    let [import, query, protected] = response.results.as_slice() else { panic!("{response:?}") };
    assert_eq!((response.attributes["MyAttribute"].as_str(), response.attributes.get("name")), ("r", None));
    assert_eq!(import.attributes["MyImportAttribute"], "i");
    assert_eq!(import.returns[0].attributes["MyCompanyAttribute"], "c");
    assert_eq!(query.attributes["MyQueryAttribute"], "q");
    let fields = &query.records[0].fields;
    assert_eq!(fields[1].attributes["MyFieldsAttribute"], "fs");
    assert_eq!(fields[2].attributes["MyFieldAttribute"], "f");
    assert!(protected.error().unwrap().text.contains("protected"));
    crm.stop().await;
}

// *Command attributes*: catalog entries by text, number, external key and both; the order of dates.
#[tokio::test]
async fn values_travel_in_the_forms_that_a_command_asks_for() {
    let crm = Crm::start().await;
    let key = |form: &str, content_type: &str, key: &str| {
        format!(
            r#"<import {form}><fields><ExternalKey><ContentType>{content_type}</ContentType><Key matchup="true">{key}</Key>
            <ExtSystem extkey="true">9001_53_1</ExtSystem></ExternalKey></fields></import>"#
        )
    };
    let written = [
        key("", "text/x-vevent", "a"),
        key(r#"catexkeys="true""#, "9001_479_5", "b"),
        key(r#"catformat="3""#, "(9001_479_5) text/x-vevent", "c"),
    ];
    for command in &written {
        assert_eq!(ask(&crm, "", command).await.results[0].error(), None, "{command}");
    }
    let stored = crm.all("ExternalKey").await;
    assert_eq!(stored.len(), 3);
    for record in &stored {
        assert_eq!(
            (record.field("ContentType"), record.field("ExtSystem")),
            (Some("text/x-vevent"), Some("GraphApi"))
        );
    }
    let query = |form: &str| {
        format!(
            r#"<query {form}><tables><table tablename="ExternalKey"/></tables><condition>
            <cond fieldname="Key" value="a"/></condition><fields fields="ContentType"/></query>"#
        )
    };
    let answers = async |form: &str| {
        let returned = ask(&crm, "", &query(form)).await.results.remove(0);
        returned.records[0].field("ContentType").unwrap().to_owned()
    };
    assert_eq!(answers(r#"catexkeys="true""#).await, "9001_479_5");
    assert_eq!(answers(r#"catformat="6""#).await, "9001_479_5|text/x-vevent");
    assert_eq!(answers("").await, "text/x-vevent");
    let number = answers(r#"catbynum="true""#).await;
    assert_eq!(ask(&crm, "", &key(r#"catbynum="true""#, &number, "d")).await.results[0].error(), None);
    for (command, why) in [
        (key(r#"catexkeys="true""#, "9001_479_99", "e"), "catalog 479 has no entry"),
        (query(r#"catexkeys="true" catbynum="true""#), "cannot both be set"),
    ] {
        assert!(ask(&crm, "", &command).await.results[0].error().unwrap().text.contains(why), "{why}");
    }

    let dates = r#"<insert dateformatin="dmy"><fields><Contact><Date>30.11.2026</Date></Contact></fields></insert>
        <query dateformatout="ydm"><tables><table tablename="Contact"/></tables><fields fields="Date"/></query>"#;
    let response = ask(&crm, "", dates).await;
    assert_eq!(response.results[1].records[0].field("Date"), Some("2026-30-11"));
    assert_eq!(crm.all("Contact").await[0].field("Date"), Some("2026-11-30"));
    crm.stop().await;
}

// Ours: `catalog` and `link`, and `links` to a record that is there.
#[tokio::test]
async fn catalogs_and_links_have_commands_of_their_own() {
    let crm = with_companies().await;
    let catalog = ask(&crm, r#"lang="0""#, r#"<catalog catno="479"/><catalog catno="4711"/>"#).await;
    assert_eq!(catalog.results[0].records.len(), 5);
    assert_eq!(catalog.results[0].records[4].field("Text"), Some("text/x-vevent"));
    assert_eq!(catalog.results[1].error().unwrap().text, "there is no catalog 4711");

    let link = |to: &str| {
        format!(
            r#"<link><fields><Person><links><link tablename="Company" id="{to}"/></links>
            <LastName matchup="true">Arbor</LastName></Person></fields></link>"#
        )
    };
    assert_eq!(ask(&crm, "", &link("3")).await.results[0].error(), None);
    let persons = crm.all("Person").await;
    assert_eq!(persons.iter().filter(|person| person.field("CoNo") == Some("3")).count(), 2);
    for (to, why) in [("99", "there is no record FI:99 to link to"), ("$lastRecId", "nothing was written")] {
        assert!(ask(&crm, "", &link(to)).await.results[0].error().unwrap().text.contains(why), "{to}");
    }
    let chained = r#"<insert><fields><Company><Company>New</Company></Company></fields></insert>
        <insert><fields><Person><links><link tablename="Company" id="$lastRecId"/></links><LastName>Ny</LastName></Person>
        </fields></insert>"#;
    assert_eq!(ask(&crm, "", chained).await.results[1].error(), None);
    let persons = crm.all("Person").await;
    assert_eq!(persons.last().unwrap().field("CoNo"), Some("4"));
    crm.stop().await;
}
