//! Documents from somebody who means harm, or from a broken program: a typed error, never a panic, never much memory.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use tandem_crm_interface::sync::wire::{Envelope, read_request, read_response};
use tandem_crm_interface::xml::{Limits, Problem, ReadError, parse, parse_within};
use tandem_crm_interface::{detect, language};

/// All entrances for foreign bytes answer a document that no parser should take with the same error.
fn refused(document: &[u8]) -> ReadError {
    let error = parse(document).unwrap_err();
    assert_eq!(read_request(document).unwrap_err(), error);
    assert_eq!(read_response(document, &Envelope::default()).unwrap_err(), error);
    assert_eq!(language::read_request(document).unwrap_err(), error);
    assert_eq!(language::read_response(document).unwrap_err(), error);
    error
}

#[test]
fn document_types_and_entities_are_refused() {
    let bomb = br#"<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<request>&b;</request>"#;
    let error = refused(bomb);
    assert_eq!((error.line, &error.problem), (2, &Problem::Doctype));
    assert_eq!(detect(bomb).unwrap_err().problem, Problem::Doctype);
    assert_eq!(
        refused(b"<!DOCTYPE request SYSTEM \"file:///etc/passwd\"><request/>").problem,
        Problem::Doctype
    );

    let error = refused(b"<request>\n<query>&secret;</query></request>");
    assert_eq!(error.to_string(), "line 2, <query>: the entity &secret; is not one of the five of XML");
    assert_eq!(refused(b"<request a='&nbsp;'/>").problem, Problem::Entity("nbsp".into()));
}

#[test]
fn characters_that_xml_lacks_are_refused_however_they_are_written() {
    for document in
        ["<a>\u{1}</a>", "<a>&#1;</a>", "<a b='&#x1;'/>", "<a><![CDATA[\u{b}]]></a>", "<a>\u{fffe}</a>"]
    {
        let problem = refused(document.as_bytes()).problem;
        assert!(matches!(problem, Problem::Character(_)), "{document:?}: {problem:?}");
    }
    for document in
        ["<a>&#0;</a>", "<a>&#xD800;</a>", "<a>&#x110000;</a>", "<a>&#99999999999;</a>", "<a>&#;</a>"]
    {
        refused(document.as_bytes());
    }
}

#[test]
fn depth_is_bounded() {
    let deep = "<a>".repeat(10_000) + &"</a>".repeat(10_000);
    assert_eq!(refused(deep.as_bytes()).problem, Problem::TooLarge { what: "levels of elements", limit: 64 });
    // Conditions and linked records are read by recursion: no deeper than the limit.
    let lops = "<lop value='and'>".repeat(10_000);
    let query = format!("<request><query><tables><table tablename='FI'/></tables><condition>{lops}");
    assert!(language::read_request(query.as_bytes()).is_err());
    let tables = "<table tablename='FI'>".repeat(57) + &"</table>".repeat(57);
    let query = format!("<request><query><tables>{tables}</tables></query></request>");
    assert!(language::read_request(query.as_bytes()).is_ok());
}

#[test]
fn sizes_are_bounded() {
    let huge = format!("<request a=\"{}\"/>", "x".repeat(1 << 20));
    assert!(matches!(
        refused(huge.as_bytes()).problem,
        Problem::TooLarge { what: "bytes of an attribute", .. }
    ));
    let name = format!("<{}/>", "x".repeat(1 << 20));
    assert!(matches!(refused(name.as_bytes()).problem, Problem::TooLarge { what: "bytes of a name", .. }));
    let many: String = (0..100).map(|n| format!(" a{n}=''")).collect();
    let many = format!("<request{many}/>");
    assert!(matches!(refused(many.as_bytes()).problem, Problem::TooLarge { what: "attributes", .. }));

    let small = Limits { bytes: 100, elements: 10, ..Limits::MESSAGE };
    let too_long = [b"<a>".as_slice(), &[b'x'; 100], b"</a>"].concat();
    let problem = parse_within(&too_long, small).unwrap_err().problem;
    assert_eq!(problem, Problem::TooLarge { what: "bytes", limit: 100 });
    let problem = parse_within("<a/>".repeat(11).as_bytes(), small).unwrap_err().problem;
    assert!(matches!(problem, Problem::Malformed(_)), "{problem:?}");
    let wide = format!("<a>{}</a>", "<b/>".repeat(10));
    assert_eq!(
        parse_within(wide.as_bytes(), small).unwrap_err().problem,
        Problem::TooLarge { what: "elements", limit: 10 }
    );
}

#[test]
fn other_encodings_are_refused() {
    assert_eq!(refused(b"<request>\xFF\xFE</request>").problem, Problem::NotUtf8(9));
    assert_eq!(refused(b"<request>\xC3").problem, Problem::NotUtf8(9));
    let utf16: Vec<u8> = "\u{feff}<request/>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(refused(&utf16).problem, Problem::NotUtf8(0));
    let declared = b"<?xml version='1.0' encoding='ISO-8859-1'?><request/>";
    assert_eq!(refused(declared).problem, Problem::Encoding("ISO-8859-1".into()));
    assert!(parse("\u{feff}<request/>".as_bytes()).is_ok(), "a byte order mark is no harm");
}

#[test]
fn what_is_not_well_formed_is_refused() {
    for document in [
        "",
        " ",
        "text",
        "<a",
        "<a>",
        "</a>",
        "<a></b>",
        "<a><b></a></b>",
        "<a/><b/>",
        "<a/>text",
        "text<a/>",
        "<a b/>",
        "<a b=c/>",
        "<a b='1' b='2'/>",
        "<a b='<'/>",
        "<a>&</a>",
        "<a>&amp</a>",
        "<a><![CDATA[</a>",
        "<a><!-- </a>",
        "<1a/>",
        "<a b!='1'/>",
        "< a/>",
        "<a>]]></a",
        "<?xml version='1.0'",
        "<a b='1/>",
    ] {
        assert!(parse(document.as_bytes()).is_err(), "{document:?}");
    }
}

#[test]
fn a_groupware_message_lacks_nothing() {
    let error = |body: &str| {
        let document = format!(
            "<SyncML><SyncHdr><VerProto>SyncML/1.1</VerProto></SyncHdr><SyncBody>{body}</SyncBody></SyncML>"
        );
        read_request(document.as_bytes()).unwrap_err().to_string()
    };
    let cases = [
        ("<Sync/>", "line 1, <Sync>: CmdID is missing"),
        ("<Exec/>", "line 1, <Exec>: \"Exec\" is not a command that is understood: Alert, Sync, Map or Get"),
        ("<Get><CmdID>x</CmdID></Get>", "line 1, <CmdID>: \"x\" is not the number of a command"),
        ("<Get><CmdID>1</CmdID></Get>", "line 1, <Get>: Item is missing"),
        ("<Get><CmdID>1</CmdID><Item/></Get>", "line 1, <Item>: Meta/Type is missing"),
        (
            "<Sync><CmdID>1</CmdID><Target><LocURI>text/x-vevent</LocURI></Target><Add><CmdID>2</CmdID><Item>\
             <Source><LocURI>k</LocURI></Source><Data><task/></Data></Item></Add></Sync>",
            "line 1, <task>: \"task\" is not the payload element of the content type",
        ),
        (
            "<Sync><CmdID>1</CmdID><Target><LocURI>text/x-vevent</LocURI></Target><Add><CmdID>2</CmdID><Item>\
             <Source><LocURI>k</LocURI></Source><Data><vevent><when allDay='true' start='2026-02-30' \
             end='2026-03-01'/></vevent></Data></Item></Add></Sync>",
            "line 1, <when>: \"2026-02-30\" is not a date such as 2026-03-29",
        ),
    ];
    for (body, expected) in cases {
        assert_eq!(error(body), expected);
    }
    let error =
        read_request(b"<SyncML><SyncHdr><VerProto>SyncML/1.2</VerProto></SyncHdr></SyncML>").unwrap_err();
    assert_eq!(
        error.to_string(),
        "line 1, <VerProto>: \"SyncML/1.2\" is not SyncML/1.1, the only version that this program speaks"
    );
    assert_eq!(
        read_request(b"<html/>").unwrap_err().to_string(),
        "line 1, <html>: \"html\" is not the root element SyncML"
    );
}
