//! Groupware messages: what is written is read, both ways.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod items;

use proptest::prelude::*;
use tandem_crm_interface::session::{Secret, Session};
use tandem_crm_interface::sync::wire::{
    Addressing, Incoming, Outgoing, Reply, read_request, read_response, write_refusal, write_request,
    write_response,
};
use tandem_crm_interface::sync::{
    Answer, Command, ContentType, Status, StatusCode, SyncRequest, SyncResponse, Window,
};
use tandem_crm_interface::xml;
use tandem_model::{Item, Response, Stamp, Task};

fn addressing() -> Addressing {
    Addressing { session_id: "7f".into(), target: "https://crm.example/CRMinterface/xml".into() }
}

fn session() -> Session {
    Session {
        user: "OCSU".into(),
        password: Secret::new("pass:word"),
        client: Some("GraphApi".into()),
        principal: Some("ann".into()),
        client_id: Some("node-1".into()),
        ..Session::default()
    }
}

fn send(commands: Vec<Command>) -> Outgoing {
    write_request(&SyncRequest { session: session(), commands }, &addressing())
}

fn shape(message: &[u8]) -> String {
    String::from_utf8(message.to_vec()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_request_is_read_as_it_was_written(request in items::request()) {
        // A session's texts travel in attributes and in base64, so they need no exception either.
        let outgoing = write_request(&request, &addressing());
        let Incoming { request: read, envelope } = read_request(&outgoing.body).unwrap();
        prop_assert_eq!(&read, &request);
        prop_assert!(read.session.password == request.session.password);
        prop_assert_eq!(envelope.commands, outgoing.envelope.commands);
        prop_assert_eq!(envelope.groups, outgoing.envelope.groups);
        prop_assert_eq!(envelope.session_id, "7f");
    }

    #[test]
    fn every_answer_is_read_as_it_was_written(
        (request, answers) in items::request().prop_flat_map(|request| {
            let answers: Vec<_> = request.commands.iter().map(items::answer).collect();
            (Just(request), answers)
        })
    ) {
        let outgoing = write_request(&request, &addressing());
        let incoming = read_request(&outgoing.body).unwrap();
        let response = SyncResponse { answers };
        let message = write_response(&incoming.envelope, &response);
        prop_assert_eq!(read_response(&message, &outgoing.envelope).unwrap(), Reply::Answers(response));
    }

    #[test]
    fn characters_that_xml_lacks_are_replaced_and_nothing_else(subject in any::<String>(), key in any::<String>()) {
        let task = |subject: &str| Item::Task(Task {
            subject: subject.into(), text: subject.into(), status: Default::default(), importance: Default::default(),
            start: None, due: None, completed: None, reminder: None,
            categories: [subject.to_owned()].into(),
        });
        let add = |subject: &str, key: &str| Command::Add { key: key.into(), item: task(subject), published: false };
        let read = read_request(&send(vec![add(&subject, &key)]).body).unwrap();
        prop_assert_eq!(&read.request.commands[0], &add(&xml::clean(&subject), &xml::clean(&key)));
    }

    #[test]
    fn a_message_that_is_cut_off_is_an_error(request in items::request(), at in any::<prop::sample::Index>()) {
        let body = write_request(&request, &addressing()).body;
        prop_assert!(read_request(&body[..at.index(body.len())]).is_err());
    }

    #[test]
    fn a_damaged_message_never_panics(
        request in items::request(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let Outgoing { mut body, envelope } = write_request(&request, &addressing());
        for (at, byte) in damage {
            let at = at.index(body.len());
            body[at] = byte;
        }
        let _ = read_request(&body);
        let _ = read_response(&body, &envelope);
    }
}

#[test]
fn a_request_has_the_shapes_of_syncml() {
    let record = "MA:1042".into();
    let outgoing = send(vec![
        Command::Changes {
            content_type: ContentType::Vevent,
            since: Stamp(41),
            window: Some(Window {
                from: "2026-01-01T00:00:00Z".parse().unwrap(),
                to: "2026-02-01T00:00:00Z".parse().unwrap(),
            }),
            limit: 10,
        },
        Command::Participation { record, address: "bob@example.com".into(), response: Response::Accepted },
        Command::Delete {
            record: "MA:7".into(),
            content_type: ContentType::Vevent,
            if_stamp: Some(Stamp(5)),
        },
        Command::Map { record: "A1:3".into(), content_type: ContentType::Tasks, key: "AAMk=".into() },
    ]);
    let expected = concat!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><SyncML xmlns=\"SYNCML:SYNCML1.1\">",
        "<SyncHdr><VerDTD>1.1</VerDTD><VerProto>SyncML/1.1</VerProto><SessionID>7f</SessionID><MsgID>1</MsgID>",
        "<Target><LocURI>https://crm.example/CRMinterface/xml</LocURI></Target>",
        "<Source><LocURI>node-1</LocURI><LocName>OCSU</LocName></Source>",
        "<Cred><Meta><Format xmlns=\"syncml:metinf\">b64</Format>",
        "<Type xmlns=\"syncml:metinf\">syncml:auth-basic</Type></Meta><Data>T0NTVTpwYXNzOndvcmQ=</Data></Cred>",
        "<Meta><x-mmSession xmlns=\"urn:x-mm:groupware:1\" client=\"GraphApi\" Principal=\"ann\" ",
        "ClientID=\"node-1\"/></Meta></SyncHdr><SyncBody>",
        "<Alert><CmdID>1</CmdID><Data>200</Data><Item><Target><LocURI>text/x-vevent</LocURI></Target>",
        "<Source><LocURI>text/x-vevent</LocURI></Source>",
        "<Meta><Anchor xmlns=\"syncml:metinf\"><Last>41</Last><Next>41</Next></Anchor>",
        "<x-mmWindow xmlns=\"urn:x-mm:groupware:1\" from=\"2026-01-01T00:00:00Z\" to=\"2026-02-01T00:00:00Z\"/>",
        "<x-mmLimit xmlns=\"urn:x-mm:groupware:1\">10</x-mmLimit></Meta></Item></Alert>",
        "<Sync><CmdID>2</CmdID><Target><LocURI>text/x-vevent</LocURI></Target>",
        "<Source><LocURI>text/x-vevent</LocURI></Source>",
        "<Replace><CmdID>3</CmdID><Meta><Type xmlns=\"syncml:metinf\">text/x-vevent</Type></Meta>",
        "<Item><Target><LocURI>MA:1042</LocURI></Target><x-mmParticipation xmlns=\"urn:x-mm:groupware:1\" ",
        "address=\"bob@example.com\" response=\"accepted\"/></Item></Replace>",
        "<Delete><CmdID>4</CmdID><Meta><Type xmlns=\"syncml:metinf\">text/x-vevent</Type></Meta>",
        "<Item x-mmStamp=\"5\"><Target><LocURI>MA:7</LocURI></Target></Item></Delete></Sync>",
        "<Map><CmdID>5</CmdID><Target><LocURI>text/x-mmTasks</LocURI></Target>",
        "<Source><LocURI>text/x-mmTasks</LocURI></Source><MapItem><Target><LocURI>A1:3</LocURI></Target>",
        "<Source><LocURI>AAMk=</LocURI></Source></MapItem></Map><Final/></SyncBody></SyncML>",
    );
    assert_eq!(shape(&outgoing.body), expected);
}

#[test]
fn other_writers_of_syncml_are_understood() {
    // Prefixes, layout, an entity, a CDATA section, commands with several items, a slow sync, a foreign element.
    let message = br#"<?xml version='1.0' encoding='utf-8'?>
        <s:SyncML xmlns:s="SYNCML:SYNCML1.1" xmlns:m="syncml:metinf">
          <s:SyncHdr><s:VerDTD>1.1</s:VerDTD><s:VerProto> SyncML/1.1 </s:VerProto><s:SessionID>9</s:SessionID>
            <s:MsgID>4</s:MsgID><s:Source><s:LocURI>x</s:LocURI></s:Source>
            <s:Cred><s:Meta><m:Type>syncml:auth-basic</m:Type></s:Meta><s:Data>T0NTVTp4OnkK</s:Data></s:Cred>
          </s:SyncHdr>
          <s:SyncBody>
            <s:Alert><s:CmdID>1</s:CmdID><s:Data>201</s:Data><s:Item><s:Target><s:LocURI>text/x-mmTasks</s:LocURI>
              </s:Target><s:Meta/></s:Item></s:Alert>
            <s:Sync><s:CmdID>2</s:CmdID><s:Target><s:LocURI>text/x-mmTasks</s:LocURI></s:Target>
              <s:Delete><s:CmdID>3</s:CmdID>
                <s:Item><s:Target><s:LocURI>A1:1</s:LocURI></s:Target></s:Item>
                <s:Item><s:Target><s:LocURI>A1:2</s:LocURI></s:Target></s:Item>
              </s:Delete>
              <s:Add><s:CmdID>4</s:CmdID><s:Item><s:Source><s:LocURI>k</s:LocURI></s:Source><s:Data>
                <task xmlns="urn:x-mm:groupware:1"><later/><subject>A &amp; <![CDATA[<B>]]>&#33;</subject></task>
              </s:Data></s:Item></s:Add>
            </s:Sync><s:Final/>
          </s:SyncBody>
        </s:SyncML>"#;
    let Incoming { request, envelope } = read_request(message).unwrap();
    assert_eq!(request.session.user, "OCSU");
    assert_eq!(request.session.password.reveal(), "x:y\n");
    assert_eq!(
        request.commands[0],
        Command::Changes { content_type: ContentType::Tasks, since: Stamp(0), window: None, limit: u32::MAX }
    );
    let delete =
        |id: &str| Command::Delete { record: id.into(), content_type: ContentType::Tasks, if_stamp: None };
    assert_eq!(request.commands[1..3], [delete("A1:1"), delete("A1:2")]);
    let Command::Add { item: Item::Task(task), .. } = &request.commands[3] else { panic!("{request:?}") };
    assert_eq!(task.subject, "A & <B>!");
    assert_eq!(envelope.commands.iter().map(|command| command.id).collect::<Vec<_>>(), [1, 3, 3, 4]);
}

#[test]
fn an_answer_fits_its_request_or_is_an_error() {
    let get = |id: &str| Command::Get { record: id.into(), content_type: ContentType::Tasks };
    let answer = |code| Answer::Status(Status::new(code));
    let two = send(vec![get("A1:1"), get("A1:2")]);
    let one = send(vec![get("A1:1")]);
    let respond = |outgoing: &Outgoing, answers| {
        write_response(&read_request(&outgoing.body).unwrap().envelope, &SyncResponse { answers })
    };
    let error = |message: &[u8], outgoing: &Outgoing| {
        read_response(message, &outgoing.envelope).unwrap_err().to_string()
    };

    let message = respond(&two, vec![answer(StatusCode::FORBIDDEN), answer(StatusCode::FORBIDDEN)]);
    assert!(read_response(&message, &two.envelope).is_ok());
    assert!(error(&message, &one).contains("command 3 is answered, but was not sent"));

    let message = respond(&one, vec![answer(StatusCode::FORBIDDEN)]);
    assert!(error(&message, &two).contains("command 3 (Get) is not answered"));

    let message = respond(&one, vec![answer(StatusCode::OK)]);
    assert!(error(&message, &one).contains("its result is missing"));

    let twice = shape(&message)
        .replace("<Final/>", "<Status><CmdRef>2</CmdRef><Cmd>Get</Cmd><Data>404</Data></Status>");
    assert!(error(twice.as_bytes(), &one).contains("answered twice"));
}

#[test]
fn the_order_of_the_answers_is_that_of_the_commands() {
    let get = |id: &str| Command::Get { record: id.into(), content_type: ContentType::Tasks };
    let outgoing = send(vec![get("A1:1"), get("A1:2")]);
    let message = br#"<SyncML><SyncHdr><VerProto>SyncML/1.1</VerProto></SyncHdr><SyncBody>
        <Status><CmdRef>3</CmdRef><Cmd>Get</Cmd><Data>403</Data></Status>
        <Status><CmdRef>2</CmdRef><Cmd>Get</Cmd><Data>404</Data></Status></SyncBody></SyncML>"#;
    let Reply::Answers(SyncResponse { answers }) = read_response(message, &outgoing.envelope).unwrap() else {
        panic!("refused")
    };
    let status = |code| Answer::Status(Status::new(code));
    assert_eq!(answers, [status(StatusCode::NOT_FOUND), status(StatusCode::FORBIDDEN)]);
}

#[test]
fn a_refusal_says_why() {
    let outgoing = send(vec![Command::Get { record: "A1:1".into(), content_type: ContentType::Tasks }]);
    let envelope = read_request(&outgoing.body).unwrap().envelope;
    let status = Status::failure(StatusCode::FORBIDDEN, "principal-unknown", "no rep has the login <ann>");
    let message = write_refusal(&envelope, &status);
    assert_eq!(read_response(&message, &outgoing.envelope).unwrap(), Reply::Refused(Box::new(status)));
    let acknowledged = shape(&write_response(&envelope, &SyncResponse::default()));
    assert!(acknowledged.contains("<Cmd>SyncHdr</Cmd>") && acknowledged.contains("<Data>212</Data>"));
    assert!(acknowledged.contains("<Data>511</Data>"), "a command that has no answer has failed");
}

#[test]
fn errors_name_the_line_and_the_element_and_never_the_password() {
    let outgoing = send(vec![Command::Get { record: "A1:1".into(), content_type: ContentType::Tasks }]);
    let message =
        shape(&outgoing.body).replace("<SyncBody>", "<SyncBody>\n\n").replace("text/x-mmTasks", "text/x-odd");
    let error = read_request(message.as_bytes()).unwrap_err().to_string();
    assert_eq!(
        error,
        "line 3, <Type>: \"text/x-odd\" is not a content type of the catalog Content Type (groupware)"
    );
    let broken = shape(&outgoing.body).replace("T0NTVTpwYXNzOndvcmQ=", "T0NTVTpwYXNzOndvcmQ");
    let error = read_request(broken.as_bytes()).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("T0NTV"), "{error}");
    assert!(!format!("{:?}", session()).contains("pass:word"));
}
