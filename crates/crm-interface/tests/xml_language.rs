//! The XML language: the guide's examples, and that what is written is read.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod items;

use items::text;
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use tandem_crm_interface::language::{
    Action, Attributes, CatalogForm, Command, Comparison, Condition, CursorFlags, DateOrder, Direction,
    Document, FieldInput, FieldRef, FieldValue, Linked, Operator, Options, Query, Record, RecordInput,
    Request, Response, Return, ReturnKind, Returned, Sort, Table, TableRef, Test, WriteError, read_request,
    read_response, write_request, write_response,
};
use tandem_crm_interface::session::{Impersonated, Secret, Session};
use tandem_model::Stamp;

fn session() -> Session {
    Session { user: "OCSU".into(), password: Secret::new("s3cret"), ..Session::default() }
}

fn read(xml: &str) -> Request {
    read_request(xml.as_bytes()).unwrap()
}

fn attributes(pairs: &[(&str, &str)]) -> Attributes {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

// Administrator guide of CRM.interface, "Common Elements", the example of a table that is read twice.
const TABLE_READ_TWICE: &str = r#"<request>
  <query>
    <tables>
      <table tablename="Company">
        <table tablename="Person"><table tablename="Contact"/></table>
        <table tablename="Contact" alias="Contact2"/>
      </table>
    </tables>
    <condition>
      <cond tablename="Contact" alias="Contact2" fieldname="PeGrp" op="=" value="0"/>
      <cond tablename="Contact" alias="Contact2" fieldname="PeNo" op="=" value="0"/>
    </condition>
    <fields tablename="Company" fields="Company"/>
    <fields tablename="Person" fields="LastName"/>
    <fields tablename="Contact" fields="Contact,Date,Time"/>
    <fields tablename="Contact" alias="Contact2" fields="Contact,Text,Subject"/>
  </query>
</request>"#;

#[test]
fn the_guides_query_with_an_alias() {
    let request = read(TABLE_READ_TWICE);
    let [Command { action: Action::Query(query), .. }] = request.commands.as_slice() else {
        panic!("{request:?}")
    };
    let [person, contact2] = query.table.linked.as_slice() else { panic!("{query:?}") };
    assert_eq!(query.table.name, "Company");
    assert_eq!((person.name.as_str(), person.linked[0].name.as_str()), ("Person", "Contact"));
    assert_eq!((contact2.name.as_str(), contact2.answer_name()), ("Contact", "Contact2"));
    let contact2 = contact2.reference();
    let compare = |field: &str| {
        Condition::Compare(Comparison {
            table: contact2.clone(),
            field: field.into(),
            operator: Operator::Equal,
            value: "0".into(),
            by_key: false,
        })
    };
    assert_eq!(query.condition, Some(Condition::All(vec![compare("PeGrp"), compare("PeNo")])));
    let fields: Vec<_> = query.fields.iter().map(|f| (f.table.alias.as_deref(), f.field.as_str())).collect();
    assert_eq!(
        fields,
        [
            (None, "Company"),
            (None, "LastName"),
            (None, "Contact"),
            (None, "Date"),
            (None, "Time"),
            (Some("Contact2"), "Contact"),
            (Some("Contact2"), "Text"),
            (Some("Contact2"), "Subject"),
        ]
    );
}

#[test]
fn the_guides_record_of_an_answer() {
    let response = read_response(
        br#"<response><query><Company tableshort="FI" id="1"><Contact2 tableshort="MA" id=" 4294967394">
        <Contact>Letter</Contact><Text>any text</Text><Subject>any text</Subject></Contact2></Company></query></response>"#,
    )
    .unwrap();
    let letter = &response.results[0].records[0].linked[0];
    assert_eq!(letter.table, "Contact2");
    assert_eq!(letter.record_id(), Some("MA:4294967394".into()));
    assert_eq!(letter.field("Contact"), Some("Letter"));
    assert_eq!(letter.field("Date"), None);
}

// The same guide, "Custom attributes".
#[test]
fn the_guides_custom_attributes() {
    let request = read(
        r#"<?xml version="1.0"?>
      <request MyAttribute="MyAttributeValue">
        <import MyImportAttribute="MyImportAttributeValue">
          <fields>
            <Company MyCompanyAttribute="MyCompanyAttributeValue">
              <Company matchup="true"> CRM.interface test</Company>
              <Synonym/>
            </Company>
          </fields>
        </import>
        <query catexkeys="false" MyQueryAttribute="MyQueryAttributeValue">
          <tables><table tablename="Company"/></tables>
          <condition>
            <cond tablename="Company" fieldname="Company" op="=" value=" CRM.interface test"/>
          </condition>
          <fields tablename="Company" fields="Company,FreeN3" MyFieldsAttribute="MyFieldsAttributeValue"/>
          <fields>
            <field tablename="Company" fieldname="FreeC1" MyFieldAttribute="MyFieldsAttributeValue"/>
          </fields>
        </query>
      </request>"#,
    );
    assert_eq!(request.attributes, attributes(&[("MyAttribute", "MyAttributeValue")]));
    let [import, query] = request.commands.as_slice() else { panic!("{request:?}") };
    assert_eq!(import.attributes, attributes(&[("MyImportAttribute", "MyImportAttributeValue")]));
    let company = RecordInput {
        attributes: attributes(&[("MyCompanyAttribute", "MyCompanyAttributeValue")]),
        ..RecordInput::new(
            "Company",
            [FieldInput::matchup("Company", " CRM.interface test"), FieldInput::new("Synonym", "")],
        )
    };
    assert_eq!(import.action, Action::Import(vec![company]));
    assert_eq!(query.attributes, attributes(&[("MyQueryAttribute", "MyQueryAttributeValue")]));
    let Action::Query(query) = &query.action else { panic!("{query:?}") };
    let of_fields = attributes(&[("MyFieldsAttribute", "MyFieldsAttributeValue")]);
    let of_field = attributes(&[("MyFieldAttribute", "MyFieldsAttributeValue")]);
    assert_eq!(
        query.fields,
        [
            FieldRef { attributes: of_fields.clone(), ..FieldRef::new("Company", "Company") },
            FieldRef { attributes: of_fields, ..FieldRef::new("Company", "FreeN3") },
            FieldRef { attributes: of_field, ..FieldRef::new("Company", "FreeC1") },
        ]
    );
}

// The same guide, "Commands", the example of break: the language is namespace-neutral.
#[test]
fn a_command_that_is_not_understood_does_not_stop_the_others() {
    let request = read(
        r#"<mp:request xmlns:mp="http://www.update.com/xml/core/mp" user="u" pwd="p">
        <mp:break if="/root/response/*[last()]//return[@type='error']"/>
        <mp:break if="id('x')"/><query><tables/></query><query text="x"><tables><table tablename="FI"/></tables></query><mp:nop/></mp:request>"#,
    );
    assert_eq!(request.attributes, attributes(&[("xmlns:mp", "http://www.update.com/xml/core/mp")]));
    let said: Vec<_> = request
        .commands
        .iter()
        .map(|command| match &command.action {
            Action::Invalid { name, why } => format!("{name}: {why}"),
            action => action.name().to_owned(),
        })
        .collect();
    assert_eq!(
        said,
        [
            "break",
            "break: line 3, <mp:break>: character 1 of the condition: a function or prefix that is known: not, boolean, \
             count, last, true, false",
            "query: line 3, <tables>: exactly one table at the top is missing",
            "query: line 3, <query>: \"text\" is not allowed as a custom attribute, for it is protected",
            "nop",
        ]
    );
}

#[test]
fn nobody_gets_other_rights_than_he_asked_for_and_no_password_is_copied() {
    let request = read(
        r#"<request user="u" pwd="s3cret" client="GraphApi" Principal="ann" ClientID="1" xml:lang="de" log="1" x="y">
        <nop user="v" pwd="w"/></request>"#,
    );
    assert_eq!(request.session.client.as_deref(), Some("GraphApi"));
    assert_eq!(request.session.principal.as_deref(), Some("ann"));
    assert_eq!(request.session.client_id.as_deref(), Some("1"));
    assert_eq!(request.session.language.as_deref(), Some("de"));
    assert_eq!(request.session.password.reveal(), "s3cret");
    assert_eq!(request.attributes, attributes(&[("x", "y")]));
    assert_eq!(request.commands[0].session.as_ref().unwrap().user, "v");
    assert!(request.commands[0].attributes.is_empty());
    assert!(!format!("{request:?}").contains("s3cret"));
    let error = read_request(b"<request user='u'><nop impersonate='x'/></request>").unwrap_err().to_string();
    assert_eq!(error, "line 1, <nop>: \"x\" is not pairs such as user=ann;email=ann@example.com");
}

#[test]
fn the_writer_refuses_what_the_reader_could_not_read() {
    let write = |action| write_request(&Request::new(session(), [action]));
    let insert = |table: &str, field: &str| {
        write(Action::Insert(vec![RecordInput::new(table, [FieldInput::new(field, "x")])]))
    };
    assert!(insert("Company", "Company").is_ok());
    for name in ["", "a b", "x/><y", "a\"", "1"] {
        assert_eq!(insert(name, "Company"), Err(WriteError::Name(name.into())));
        assert_eq!(insert("Company", name), Err(WriteError::Name(name.into())));
    }
    let named = |name: &str| {
        let mut request = Request::new(session(), []);
        request.attributes = attributes(&[(name, "x")]);
        write_request(&request)
    };
    assert!(named("MyAttribute").is_ok());
    for name in ["user", "pwd", "text", "null", "fields"] {
        assert_eq!(named(name), Err(WriteError::NotCustom(name.into())));
    }
    assert!(write(Action::Invalid { name: "x".into(), why: "y".into() }).is_err());
}

#[test]
fn errors_stand_where_they_happened() {
    let response = read_response(
        br#"<root><response a="1"><query><return type="error" code="404" text="no table Foo"/></query>
        <import><return type="error" code="500">Company is required</return></import>
        <count count="7"/></response></root>"#,
    )
    .unwrap();
    assert_eq!(response.results[0].error(), Some(&Return::error("404", "no table Foo")));
    assert_eq!(response.results[1].error(), Some(&Return::error("500", "Company is required")));
    assert_eq!((response.results[2].error(), response.results[2].count), (None, Some(7)));
    let refused =
        read_response(br#"<response><return type="error" code="401" text="no"/></response>"#).unwrap();
    assert_eq!(refused.refusal, Some(Return::error("401", "no")));
}

fn name() -> impl Strategy<Value = String> {
    "[A-Z][A-Za-z0-9_]{0,8}".prop_filter("a name of the language's own", |name| {
        !["Principal", "ClientID"].contains(&name.as_str())
    })
}

fn custom() -> impl Strategy<Value = Attributes> {
    btree_map(name(), text(), 0..3)
}

fn table_ref() -> impl Strategy<Value = TableRef> {
    (name(), option::of(name())).prop_map(|(name, alias)| TableRef { name, alias })
}

fn table() -> impl Strategy<Value = Table> {
    let own = || {
        let page = (option::of(any::<u32>()), any::<u32>());
        let which = (option::of(any::<u64>()), any::<u32>().prop_map(CursorFlags));
        (name(), option::of(name()), any::<bool>(), page, which, custom()).prop_map(
            |(name, alias, all_fields, (max_records, skip), (record, flags), options)| Table {
                name,
                alias,
                all_fields,
                max_records,
                skip,
                record,
                flags,
                linked: vec![],
                options,
            },
        )
    };
    own().prop_recursive(3, 8, 3, move |inner| {
        (own(), vec(inner, 0..3)).prop_map(|(table, linked)| Table { linked, ..table })
    })
}

fn condition() -> impl Strategy<Value = Condition> {
    let compare = (table_ref(), name(), select(Operator::ALL.to_vec()), text(), any::<bool>()).prop_map(
        |(table, field, operator, value, by_key)| {
            Condition::Compare(Comparison { table, field, operator, value, by_key })
        },
    );
    compare.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Condition::All),
            vec(inner, 0..3).prop_map(Condition::Any),
        ]
    })
}

fn query() -> impl Strategy<Value = Query> {
    let field = (table_ref(), name(), custom()).prop_map(|(table, field, attributes)| FieldRef {
        table,
        field,
        attributes,
    });
    let direction = select(vec![Direction::Ascending, Direction::Descending]);
    let sort = (table_ref(), name(), direction).prop_map(|(table, field, direction)| Sort {
        table,
        field,
        direction,
    });
    (table(), option::of(condition()), vec(field, 0..4), vec(sort, 0..3))
        .prop_map(|(table, condition, fields, sort)| Query { table, condition, fields, sort })
}

fn field() -> impl Strategy<Value = FieldInput> {
    (name(), text(), any::<bool>(), any::<bool>()).prop_map(|(name, value, matchup, by_key)| FieldInput {
        name,
        value,
        matchup,
        by_key,
    })
}

fn document() -> impl Strategy<Value = Document> {
    let fields = vec((name(), text()).prop_map(|(name, value)| FieldInput::new(name, value)), 0..3);
    (option::of(name()), "[a-z]{1,8}[.]txt", vec(any::<u8>(), 0..64), fields).prop_map(
        |(table, name, content, mut fields)| {
            fields.retain(|field| field.name != "Name");
            Document { table, name, content, fields }
        },
    )
}

fn options() -> impl Strategy<Value = Options> {
    let catalogs = prop_oneof![
        Just(CatalogForm::Text),
        Just(CatalogForm::Number),
        Just(CatalogForm::Key),
        (1_u8..=9).prop_map(CatalogForm::Combined),
    ];
    let order = || option::of(select(DateOrder::ALL.to_vec()));
    (catalogs, order(), order(), any::<bool>()).prop_map(|(catalogs, dates_in, dates_out, transaction)| {
        Options { catalogs, dates_in, dates_out, transaction }
    })
}

fn test() -> impl Strategy<Value = Test> {
    let tests = vec![
        "/root/response/*[last()]//return[@type='error']",
        "count(//return[@type='error']) > 2 and not(/root/response/query[1]/Company)",
        "//Company[City='Graz' or @id=\"7\"]/@id = 7",
    ];
    select(tests).prop_map(|source| Test::parse(source).unwrap())
}

/// A session of the language, which can also say whom to impersonate and from where the user comes.
fn session_of_language() -> impl Strategy<Value = Session> {
    let value = || "[A-Za-z0-9.@=]{1,12}";
    let named = prop_oneof![
        value().prop_map(Impersonated::User),
        value().prop_map(Impersonated::Rep),
        value().prop_map(Impersonated::Email),
    ];
    (items::session(), vec(named, 0..3), option::of(text()))
        .prop_map(|(session, impersonate, domain)| Session { impersonate, domain, ..session })
}

fn inputs() -> impl Strategy<Value = Vec<RecordInput>> {
    let own = || {
        let link = (name(), option::of(any::<u64>())).prop_map(|(table, id)| Linked { table, id });
        (name(), option::of(any::<u64>()), vec(field(), 0..4), vec(link, 0..2), custom()).prop_map(
            |(table, id, fields, links, attributes)| RecordInput {
                table,
                id,
                fields,
                linked: vec![],
                links,
                attributes,
            },
        )
    };
    let record = own().prop_recursive(2, 6, 2, move |inner| {
        (own(), vec(inner, 0..3)).prop_map(|(record, linked)| RecordInput { linked, ..record })
    });
    vec(record, 0..3)
}

fn command() -> impl Strategy<Value = Command> {
    let action = prop_oneof![
        query().prop_map(Action::Query),
        query().prop_map(Action::Count),
        inputs().prop_map(Action::Insert),
        inputs().prop_map(Action::Update),
        inputs().prop_map(Action::Import),
        inputs().prop_map(Action::Match),
        inputs().prop_map(Action::Delete),
        inputs().prop_map(Action::Link),
        inputs().prop_map(Action::GetDoc),
        document().prop_map(Action::PutDoc),
        any::<u32>().prop_map(Action::Catalog),
        test().prop_map(Action::Break),
        Just(Action::Nop),
    ];
    (action, option::of(session_of_language()), options(), custom())
        .prop_map(|(action, session, options, attributes)| Command { action, session, options, attributes })
}

fn record() -> impl Strategy<Value = Record> {
    let own = move || {
        let field = (name(), text(), custom()).prop_map(|(name, value, attributes)| FieldValue {
            name,
            value,
            attributes,
        });
        (
            (name(), "[A-Z][A-Z0-9]", option::of(any::<u64>()), option::of(any::<u64>())),
            (vec(field, 0..4), custom()),
        )
            .prop_map(|((table, info_area, id, stamp), (fields, attributes))| Record {
                table,
                info_area,
                id,
                stamp: stamp.map(Stamp),
                fields,
                linked: vec![],
                attributes,
            })
    };
    own().prop_recursive(2, 6, 2, move |inner| {
        (own(), vec(inner, 0..3)).prop_map(|(record, linked)| Record { linked, ..record })
    })
}

fn returned() -> impl Strategy<Value = Return> {
    let kind = select(vec!["error", "insert", "update", "match", "delete", "warning"]);
    let record = (name(), "[A-Z][A-Z0-9]", option::of(1_u64..));
    // Layout around codes and texts is not theirs.
    let told = || "([!-~]{1,8}( [!-~]{1,8})?)?";
    (kind, option::of(record), told(), told(), option::of(name()), custom()).prop_map(
        |(kind, record, code, text, field, attributes)| {
            let plain = Return { field, attributes, ..Return::new(ReturnKind::parse(kind), code, text) };
            match record {
                Some((table, info_area, id)) => Return { table, info_area, id, ..plain },
                None => plain,
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn every_request_is_read_as_it_was_written(
        session in session_of_language(), commands in vec(command(), 0..4), transaction in any::<bool>(),
        attributes in custom(),
    ) {
        let request = Request { session, commands, transaction, attributes };
        prop_assert_eq!(read_request(&write_request(&request).unwrap()).unwrap(), request);
    }

    #[test]
    fn every_answer_is_read_as_it_was_written(
        results in vec(
            (
                (select(vec!["query", "count", "insert", "nop"]), any::<bool>()), vec(record(), 0..3),
                vec(returned(), 0..3), option::of(any::<u64>()), custom(),
            ).prop_map(|((command, transaction), records, returns, count, attributes)| Returned {
                command: command.into(), records, count, returns, transaction, attributes,
            }),
            0..4,
        ),
        attributes in custom(),
    ) {
        let response = Response { results, refusal: None, attributes };
        prop_assert_eq!(read_response(&write_response(&response).unwrap()).unwrap(), response);
    }
}
