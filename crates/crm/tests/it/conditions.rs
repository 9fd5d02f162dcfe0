//! Conditions, counts, sorts and pages as documents on the wire.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use crate::support::Crm;
use tandem_crm_interface::language::{Response, Returned, read_response};

async fn filled() -> Crm {
    let crm = Crm::start().await;
    for (name, city) in [("Müller & Söhne", "Graz"), ("Söhnlein", "Wien"), ("Acme", "Graz"), ("Empty", "")]
    {
        crm.insert("Company", &[("Company", name), ("City", city)]).await;
    }
    crm
}

/// Posts the commands, as they would stand in a file.
async fn posted(crm: &Crm, commands: &str) -> Response {
    let request = format!("<request user=\"OCSU\" pwd=\"{}\">\n{commands}\n</request>", crm.password());
    let (status, body) = crm.post(request.as_bytes()).await;
    assert_eq!(status, 200);
    read_response(&body).unwrap()
}

async fn asked(crm: &Crm, command: &str) -> Returned {
    posted(crm, command).await.results.remove(0)
}

fn companies(condition: &str) -> String {
    format!(
        "<query><tables><table tablename=\"Company\"/></tables>\n<condition>{condition}</condition>\n\
         <fields tablename=\"Company\" fields=\"Company\"/></query>"
    )
}

fn names(returned: &Returned) -> Vec<&str> {
    returned.records.iter().map(|record| record.field("Company").unwrap()).collect()
}

fn cond(operator: &str, value: &str) -> String {
    format!("<cond tablename=\"Company\" fieldname=\"Company\" op=\"{operator}\" value=\"{value}\"/>")
}

#[tokio::test]
async fn every_operator_of_the_guide_is_understood() {
    let crm = filled().await;
    for (operator, value, found) in [
        ("()", "söhn", &["Müller & Söhne", "Söhnlein"][..]),
        ("()", "SÖHN?E", &["Söhnlein"]),
        (")(", "söhn", &["Acme", "Empty"]),
        ("=", "SÖHN*", &["Söhnlein"]),
        ("!=", "*söhn*", &["Acme", "Empty"]),
        ("&lt;&gt;", "Acme", &["Müller & Söhne", "Söhnlein", "Empty"]),
        ("&lt;", "Empty", &["Acme"]),
        ("&lt;=", "Empty", &["Acme", "Empty"]),
        ("&gt;", "Müller", &["Müller & Söhne", "Söhnlein"]),
        ("&gt;=", "Söhnlein", &["Söhnlein"]),
    ] {
        let returned = asked(&crm, &companies(&cond(operator, value))).await;
        assert_eq!(returned.error(), None);
        assert_eq!(names(&returned), found, "{operator} {value}");
    }
    crm.stop().await;
}

#[tokio::test]
async fn what_is_empty_contains_nothing() {
    let crm = filled().await;
    let city = |operator: &str| {
        companies(&format!(
            "<cond tablename=\"Company\" fieldname=\"City\" op=\"{operator}\" value=\"graz\"/>"
        ))
    };
    assert_eq!(names(&asked(&crm, &city("()")).await), ["Müller & Söhne", "Acme"]);
    assert_eq!(names(&asked(&crm, &city(")(")).await), ["Söhnlein", "Empty"]);
    crm.stop().await;
}

#[tokio::test]
async fn what_is_no_operator_is_told_with_its_line_and_the_rest_runs() {
    let crm = filled().await;
    for operator in ["=&gt;", "contains", "~", ""] {
        let commands = format!("{}\n<nop/>", companies(&cond(operator, "x")));
        let response = posted(&crm, &commands).await;
        let text = &response.results[0].error().unwrap().text;
        assert!(text.starts_with("line 3, <cond>: ") && text.contains("is not an operator"), "{text}");
        assert_eq!(response.results[1].error(), None, "the commands behind it run");
    }
    crm.stop().await;
}

#[tokio::test]
async fn a_condition_takes_an_external_key_and_no_parent_catalog() {
    let crm = Crm::start().await;
    for (content_type, key) in [("text/x-vevent", "one"), ("text/x-mmTasks", "two")] {
        crm.insert("ExternalKey", &[("ContentType", content_type), ("Key", key)]).await;
    }
    let keys = |more: &str| {
        format!(
            "<query><tables><table tablename=\"ExternalKey\"/></tables><condition>\
             <cond tablename=\"ExternalKey\" fieldname=\"ContentType\" op=\"=\" {more}/></condition>\
             <fields tablename=\"ExternalKey\" fields=\"Key\"/></query>"
        )
    };
    let found = asked(&crm, &keys("extkey=\"true\" value=\"9001_479_5\"")).await;
    assert_eq!(found.error(), None);
    let found: Vec<_> = found.records.iter().map(|record| record.field("Key").unwrap()).collect();
    assert_eq!(found, ["one"]);
    let unknown = asked(&crm, &keys("extkey=\"true\" value=\"NoSuchKey\"")).await;
    assert!(unknown.error().unwrap().text.contains("has no entry \"NoSuchKey\""));
    let parent = asked(&crm, &keys("value=\"text/x-vevent\" extkey2=\"true\" value2=\"above\"")).await;
    assert!(parent.error().unwrap().text.contains("not supported"), "{:?}", parent.error());
    crm.stop().await;
}

#[tokio::test]
async fn a_count_counts_all_and_a_page_knows_the_whole() {
    let crm = filled().await;
    let table = "<tables><table tablename=\"Company\" maxrecords=\"1\" skip=\"1\"/></tables>";
    let condition =
        "<condition><cond tablename=\"Company\" fieldname=\"City\" op=\"=\" value=\"Graz\"/></condition>";
    let sort = "<sort><field tablename=\"Company\" fieldname=\"Company\"/></sort>";
    let fields = "<fields tablename=\"Company\" fields=\"Company\"/>";
    let count = asked(&crm, &format!("<count>{table}{condition}</count>")).await;
    assert_eq!((count.count, count.records.len()), (Some(2), 0));
    let page = asked(&crm, &format!("<query>{table}{condition}{fields}{sort}</query>")).await;
    assert_eq!((page.count, names(&page)), (Some(2), vec!["Müller & Söhne"]));
    let beyond = table.replace("skip=\"1\"", "skip=\"7\"");
    let page = asked(&crm, &format!("<query>{beyond}{condition}{fields}{sort}</query>")).await;
    assert_eq!((page.count, page.records.len()), (Some(2), 0));
    crm.stop().await;
}

#[tokio::test]
async fn what_cannot_be_sorted_or_paged_is_told() {
    let crm = filled().await;
    let query = |attributes: &str, sort: &str| {
        format!(
            "<query><tables><table tablename=\"Company\"{attributes}/></tables>\
             <fields tablename=\"Company\" fields=\"Company\"/><sort>{sort}</sort></query>"
        )
    };
    for (attributes, sort, why) in [
        ("", "<field tablename=\"Company\" fieldname=\"Nope\"/>", "cannot be sorted by \"Nope\""),
        ("", "<field tablename=\"Person\" fieldname=\"LastName\"/>", "\"Person\" is not among the tables"),
        (
            "",
            "<field tablename=\"Company\" fieldname=\"City\" order=\"up\"/>",
            "line 2, <field>: \"up\" is not asc or desc",
        ),
        (" maxrecords=\"many\"", "", "line 2, <table>: \"many\" is not a number of records"),
    ] {
        let returned = asked(&crm, &query(attributes, sort)).await;
        let text = &returned.error().unwrap().text;
        assert!(text.contains(why), "{text}");
    }
    crm.stop().await;
}
