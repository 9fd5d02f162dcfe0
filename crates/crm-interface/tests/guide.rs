//! Examples of the public guides as this crate reads them; names and data are ours, the structure is theirs.
//!
//! Administrator guide of CRM.interface: *Impersonation*, *Working with transactions*, *Cursor Flags*; the break of
//! *Commands*, the alias of *Common Elements* and *Custom attributes* stand in `xml_language.rs`.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use tandem_crm_interface::language::{
    Action, Condition, CursorFlags, FieldInput, Linked, Operator, Request, ReturnKind, Test, code,
    read_request, read_response,
};
use tandem_crm_interface::session::Impersonated;

fn read(xml: &str) -> Request {
    read_request(xml.as_bytes()).unwrap()
}

// Documented, apart from the value of the token.
#[test]
fn impersonation() {
    let request = read(
        r#"<request auth="1.T0NTVQ.0.n.m" user="nobody" pwd="nothing"
             impersonate="user=ANN;rep=Ann Arbor;email=ann@example.com"><nop/></request>"#,
    );
    let session = request.session;
    assert_eq!(session.token.unwrap().reveal(), "1.T0NTVQ.0.n.m");
    assert_eq!(
        (session.user.as_str(), session.password.reveal()),
        ("", ""),
        "a token comes before user and pwd"
    );
    assert_eq!(
        session.impersonate,
        [
            Impersonated::User("ANN".into()),
            Impersonated::Rep("Ann Arbor".into()),
            Impersonated::Email("ann@example.com".into())
        ]
    );
}

// Documented in full.
#[test]
fn the_answer_of_a_transaction_that_was_rolled_back() {
    let response = read_response(
        br#"<response>
          <import transaction="true">
            <return table="FI" tablename="Company" id="4294981504" type="insert"/>
            <return table="KP" id="0" type="error" func="C_Portal::ProcessImportNode">
              <ecode>-10027</ecode>
              <etext>Dictionary: Field not found</etext>
              <table table="KP" tablename="Person"/>
              <field>Wrong</field>
            </return>
            <return type="error" func="C_Portal::XmlProcessCommand">
              <ecode>-10089</ecode>
              <etext>Database transaction: Rollback</etext>
            </return>
          </import>
        </response>"#,
    )
    .unwrap();
    let import = &response.results[0];
    let [company, person, rollback] = import.returns.as_slice() else { panic!("{import:?}") };
    assert!(import.transaction);
    assert_eq!(import.written(), ["FI:4294981504".into()]);
    assert_eq!((company.kind.clone(), company.table.as_str()), (ReturnKind::Insert, "Company"));
    assert_eq!((person.table.as_str(), person.info_area.as_str(), person.id), ("Person", "KP", None));
    assert_eq!((person.code.as_str(), person.field.as_deref()), (code::FIELD_NOT_FOUND, Some("Wrong")));
    assert_eq!((rollback.code.as_str(), rollback.table.as_str()), (code::ROLLBACK, ""));
    assert_eq!(import.error().unwrap().text, "Dictionary: Field not found");
}

// Documented up to the last field that the public page shows.
#[test]
fn a_document_and_its_record_in_one_transaction() {
    let request = read(
        r#"<request transaction="true">
          <putdoc>
            <Name>notes.txt</Name>
            <Keyword>Minutes</Keyword>
            <rawdata xmlns:dt="urn:schemas-microsoft-com:datatypes" dt:dt="bin.base64">dGVz
              dA==</rawdata>
          </putdoc>
          <import>
            <fields>
              <Documents>
                <links><link tablename="Documents" id="$lastRecId"/></links>
                <Private>false</Private>
                <DocClass>Textfile</DocClass>
              </Documents>
            </fields>
          </import>
        </request>"#,
    );
    assert!(request.transaction);
    let Action::PutDoc(document) = &request.commands[0].action else { panic!("{request:?}") };
    assert_eq!((document.name.as_str(), document.content.as_slice()), ("notes.txt", b"test".as_slice()));
    assert_eq!(document.fields, [FieldInput::new("Keyword", "Minutes")]);
    let Action::Import(records) = &request.commands[1].action else { panic!("{request:?}") };
    assert_eq!(records[0].links, [Linked { table: "Documents".into(), id: None }]);
    assert_eq!(records[0].fields.len(), 2);
}

// Documented: companies without persons are left out; the list of fields stands in `fieldname`.
#[test]
fn a_table_with_a_cursor_flag() {
    let request = read(
        r#"<request><query>
            <tables><table tablename="Company"><table tablename="Person" flags="256"/></table></tables>
            <fields tablename="Company" fields="Company"/>
            <fields tablename="Person" fieldname="LastName,FirstName"/>
            <condition><cond tablename="Company" fieldname="Company" op="=" value="acme*"/></condition>
          </query></request>"#,
    );
    let Action::Query(query) = &request.commands[0].action else { panic!("{request:?}") };
    assert!(query.table.linked[0].flags.has(CursorFlags::WITH));
    let fields: Vec<_> = query.fields.iter().map(|field| field.field.as_str()).collect();
    assert_eq!(fields, ["Company", "LastName", "FirstName"]);
    assert_eq!(query.condition, Some(Condition::compare("Company", "Company", Operator::Equal, "acme*")));
}

// Not in the guide, but what programs that are public send: tables by info area, records by recId, external keys.
#[test]
fn what_other_clients_write() {
    let request = read(
        r#"<request user="su" pwd="x">
          <query><tables><table table="FI" recId="4294967298"><table table="Y1"/></table></tables>
            <fields table="Y1" fields="6,7"/></query>
          <import catexkeys="1" dateformatin="ymd"><fields>
            <Opportunity recId="4294967299"><F7047>1_1036_2</F7047></Opportunity>
            <Tasks><Rep extkey="true">018</Rep><DueDate>20260801</DueDate></Tasks>
          </fields></import></request>"#,
    );
    let Action::Query(query) = &request.commands[0].action else { panic!("{request:?}") };
    assert_eq!((query.table.name.as_str(), query.table.record), ("FI", Some(4_294_967_298)));
    assert_eq!((query.fields[1].table.name.as_str(), query.fields[1].field.as_str()), ("Y1", "7"));
    let Action::Import(records) = &request.commands[1].action else { panic!("{request:?}") };
    assert_eq!(records[0].id, Some(4_294_967_299));
    assert!(records[1].fields[0].by_key);
}

/// Whether a condition holds for these answers, and what is wrong with it otherwise.
fn holds(condition: &str, answers: &str) -> Result<bool, String> {
    let test = Test::parse(condition).map_err(|error| error.to_string())?;
    let response = read_response(format!("<response>{answers}</response>").as_bytes()).unwrap();
    test.holds(&response).map_err(|error| error.to_string())
}

#[test]
fn conditions_look_at_the_answers_so_far() {
    let failed = r#"<import><return table="FI" tablename="Company" id="1" type="insert"/></import>
        <import><return type="error"><ecode>-10027</ecode></return></import>"#;
    let found = r#"<query><Company tableshort="FI" id="7"><City>Graz</City></Company>
        <Company tableshort="FI" id="8"><City>Wien</City></Company></query>"#;
    let cases = [
        ("/root/response/*[last()]//return[@type='error']", failed, true),
        ("/root/response/*[1]//return[@type='error']", failed, false),
        ("/root/response/*[last()]//return[@type='error']", found, false),
        ("//return/ecode = '-10027'", failed, true),
        ("count(//Company) = 2 and not(//return)", found, true),
        ("count(/root/response/query/Company[City='Graz']) > 1", found, false),
        ("//Company[City='Graz'][1]/@id = 7 or false()", found, true),
        ("//Company[2]/City != \"Graz\"", found, true),
        ("/response", found, false),
        ("//*[@tableshort and @id >= 8]", found, true),
        ("boolean(/root/response/count)", found, false),
    ];
    for (condition, answers, expected) in cases {
        assert_eq!(holds(condition, answers), Ok(expected), "{condition}");
    }
}

#[test]
fn a_condition_that_is_not_understood_says_where() {
    let cases = [
        ("", "character 1 of the condition: a path, a text or a number"),
        ("//a[", "character 5 of the condition: a path, a text or a number"),
        ("//a]", "character 4 of the condition: the end, and, or, or a comparison"),
        ("//a['x", "character 5 of the condition: a text that ends"),
        (
            "//ancestor::a",
            "character 3 of the condition: a function or prefix that is known: not, boolean, count, last, true, false",
        ),
        ("//return[ecode = -10027]", "character 18 of the condition: a path, a text or a number"),
        ("//@id[1]", "character 6 of the condition: the end, and, or, or a comparison"),
        ("//a/..", "character 6 of the condition: a name, *, @ or a single ."),
    ];
    for (condition, expected) in cases {
        assert_eq!(holds(condition, "").unwrap_err(), expected, "{condition}");
    }
    let deep = format!("{}//a{}", "(".repeat(40), ")".repeat(40));
    assert!(holds(&deep, "").unwrap_err().contains("32 brackets"));
    assert!(holds(&"a".repeat(5000), "").unwrap_err().contains("4096"));
    // What would take for ever is given up.
    let many = format!("<query>{}</query>", "<Company tableshort=\"FI\" id=\"1\"/>".repeat(400));
    let costly = format!("{}//none{}", "//*[".repeat(5), "]".repeat(5));
    assert!(holds(&costly, &many).unwrap_err().contains("too many elements"));
}
