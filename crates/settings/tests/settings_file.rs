//! Settings files as people write them, right and wrong.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may stop at the first surprise")]

use std::path::Path;
use std::time::Duration;
use tandem_model::{EmailAddress, Kind};
use tandem_settings::{Direction, Origin, SETTINGS, SettingsError, SettingsFile};

const LEAST: &str = "[connection]\ncrm_url = \"https://crm.example.com/CRMinterface/xml\"\naddress_spaces = [\"Example.com\"]\n";

fn parse(text: &str) -> Result<SettingsFile, SettingsError> {
    SettingsFile::parse(text, Path::new("/etc/tandem/tandem.toml"))
}

/// The least, and then something.
fn with(text: &str) -> Result<SettingsFile, SettingsError> {
    parse(&format!("{LEAST}{text}"))
}

#[track_caller]
fn refused(text: &str) -> String {
    match parse(text) {
        Ok(_) => panic!("accepted: {text}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn the_defaults_are_the_guides_baseline() {
    let file = with("").unwrap();
    let settings = file.settings();
    let minutes = |n: u64| Duration::from_secs(60 * n);
    assert_eq!(settings.emails.interval, minutes(10));
    assert_eq!(
        (settings.appointments.interval, settings.appointments.past_days, settings.appointments.future_days),
        (minutes(10), 7, 7)
    );
    assert_eq!(
        (settings.tasks.interval, settings.tasks.past_days, settings.tasks.future_days),
        (minutes(10), 7, 7)
    );
    assert_eq!(settings.contacts.interval, minutes(1440));
    assert_eq!((settings.errors.crm_timeout, settings.errors.graph_timeout), (minutes(1), minutes(1)));
    assert_eq!((settings.emails.folder.as_str(), settings.emails.create_folder), ("/Inbox/crm", true));
    assert_eq!(
        (settings.emails.success_folder.as_str(), settings.emails.failure_folder.as_str()),
        ("Sync_Success", "Sync_Failure")
    );
    // On in the guide's screen, and off there.
    assert!(settings.emails.attachments && settings.emails.move_success && settings.emails.move_failure);
    assert!(!settings.emails.html && !settings.emails.owner_not_recipient);
    assert!(!settings.notifications.past && !settings.notifications.on_text_change);
    assert_eq!(settings.connection.graph_url.as_str(), "https://graph.microsoft.com/");
    assert_eq!(settings.connection.login_url.as_str(), "https://login.microsoftonline.com/");
    assert!(!settings.connection.allow_plain_credentials);
    assert_eq!(Kind::ALL.map(|kind| settings.enabled(kind)), [true; 5]);
    assert_eq!(
        Kind::ALL.map(|kind| settings.direction(kind)),
        [Direction::ToCrm, Direction::Both, Direction::Both, Direction::Both, Direction::ToM365]
    );
}

#[test]
fn every_value_arrives() {
    let file = with(
        "mailbox_allow_list = [\" Ann@Example.com\"]\nstore = \"data/tandem.db\"\nusers_file = \"/run/secrets/users.xml\"\n\
         graph_url = \"http://127.0.0.1:8080\"\nworkers = 2\nmailbox_refresh = \"1h 30m\"\n\
         [emails]\nenabled = false\ninterval = \"0s\"\nfolder = \"/Posteingang/Kunden/\"\nattachment_limit_kb = 5_000\n\
         ignore_before = 2026-11-01\n\
         [appointments]\ndirection = \"to-crm\"\nabsences = false\nprivate = true\n\
         [tasks]\ndirection = \"to-m365\"\nignore_before = \"2026-01-31\"\n\
         [errors]\ndelete_guard_percent = 100\n",
    )
    .unwrap();
    let settings = file.settings();
    let connection = &settings.connection;
    assert_eq!(connection.address_spaces, ["example.com"]);
    assert_eq!(connection.mailbox_allow_list, [EmailAddress::new("ann@example.com")]);
    // Relative paths start beside the file.
    assert_eq!(connection.store, Path::new("/etc/tandem/data/tandem.db"));
    assert_eq!(connection.users_file, Path::new("/run/secrets/users.xml"));
    assert_eq!((connection.workers, connection.mailbox_refresh), (2, Duration::from_secs(5400)));
    assert_eq!((settings.emails.enabled, settings.emails.interval), (false, Duration::ZERO));
    assert_eq!(
        (settings.emails.folder.as_str(), settings.emails.attachment_limit_kb),
        ("/Posteingang/Kunden", 5000)
    );
    assert_eq!(settings.ignore_before(Kind::Mail).unwrap().to_string(), "2026-11-01");
    assert_eq!(settings.ignore_before(Kind::Task).unwrap().to_string(), "2026-01-31");
    assert_eq!(settings.ignore_before(Kind::Contact), None);
    assert_eq!(
        (settings.appointments.direction, settings.tasks.direction),
        (Direction::ToCrm, Direction::ToM365)
    );
    assert!(
        settings.enabled(Kind::Appointment)
            && !settings.enabled(Kind::Absence)
            && settings.appointments.private
    );
    assert!(
        settings.in_address_space(&"bob@EXAMPLE.com".into())
            && !settings.in_address_space(&"bob@sub.example.com".into())
    );
    assert_eq!(settings.errors.delete_guard_percent, 100);
}

#[test]
fn everything_wrong_is_told_at_once() {
    let message = refused(
        "[connection]\ncrm_url = \"http://crm.example.com/CRMinterface/xml\"\n\n[emails]\nintervall = \"5m\"\ninterval = \"5\"\n\
         html = \"yes\"\nattachment_limit_kb = -1\n\n[tasks]\npast_days = 99999\ndirection = \"both ways\"\n\n[email]\nenabled = true\n",
    );
    assert_eq!(
        message,
        "the settings need 9 corrections:\n  \
         /etc/tandem/tandem.toml:2: connection.crm_url: not allowed; expected is an address that begins with https:// (http:// for this machine only), without user, password, query and fragment\n  \
         /etc/tandem/tandem.toml:5: emails.intervall: unknown; did you mean emails.interval?\n  \
         /etc/tandem/tandem.toml:6: emails.interval: \"5\" is not allowed; expected is a time span such as \"10m\" or \"1h 30m\", 0s to 7d\n  \
         /etc/tandem/tandem.toml:7: emails.html: a text where true or false is expected\n  \
         /etc/tandem/tandem.toml:8: emails.attachment_limit_kb: -1 is not allowed; expected is a whole number of KB, 0 to 153600\n  \
         /etc/tandem/tandem.toml:11: tasks.past_days: 99999 is not allowed; expected is a whole number of days, 0 to 18250\n  \
         /etc/tandem/tandem.toml:12: tasks.direction: \"both ways\" is not allowed; expected is one of \"both\", \"to-crm\", \"to-m365\"\n  \
         /etc/tandem/tandem.toml:14: email: unknown; did you mean [emails]?\n  \
         /etc/tandem/tandem.toml: connection.address_spaces: missing; expected is a list of at least one domain without \"@\", such as [\"example.com\"]"
    );
}

#[test]
fn secrets_are_sent_away_and_not_repeated() {
    for text in [
        "client_secret = \"geheim\"",
        "[emails]\nPassword = \"geheim\"",
        "[secrets]\na = \"geheim\"",
        "[connection.token]\na = \"geheim\"",
        "[connection]\nmaster_pwd = \"geheim\"",
        "[connection]\ncrm_url = \"https://user:geheim@crm.example.com/x\"",
        "[connection]\ncrm_url = \"https://crm.example.com/x?key=geheim\"",
        "[connection]\nclient_secret = geheim",
        "[connection]\nclient_secret = \"geheim",
    ] {
        let message = refused(text);
        assert!(!message.contains("geheim"), "{message}");
        assert!(
            message.contains("users.xml")
                || message.contains("without user, password")
                || message.contains("not TOML"),
            "{message}"
        );
    }
}

#[test]
fn what_is_no_toml_is_told_with_its_line() {
    let message = refused(&format!("{LEAST}[emails]\nenabled = true\nenabled = false\nhtml true\n"));
    assert!(message.contains("/etc/tandem/tandem.toml:6: not TOML: duplicate key"), "{message}");
    assert!(message.contains("/etc/tandem/tandem.toml:7: not TOML: "), "{message}");
}

#[test]
fn what_an_unreadable_file_may_lack_is_not_told() {
    let message = refused("[connection\naddress_spaces = [\"example.com\"]\n");
    assert!(message.contains("tandem.toml:1: not TOML: "), "{message}");
    assert!(!message.contains("missing"), "{message}");
}

#[test]
fn values_have_to_make_sense() {
    let one = |text: &str| {
        let message = with(text).err().unwrap_or_else(|| panic!("accepted: {text}")).to_string();
        message.lines().nth(1).unwrap().trim().trim_start_matches("/etc/tandem/tandem.toml:").to_owned()
    };
    for (text, expected) in [
        (
            "workers = 0",
            "4: connection.workers: 0 is not allowed; expected is a whole number of mailboxes, 1 to 256",
        ),
        (
            "workers = 2.5",
            "4: connection.workers: a number with a fraction where a whole number of mailboxes, 1 to 256 is expected",
        ),
        (
            "workers = 99999999999999999999",
            "4: connection.workers: 99999999999999999999 is not allowed; expected is a whole number of mailboxes, 1 to 256",
        ),
        (
            "installation = \"two words\"",
            "4: connection.installation: \"two words\" is not allowed; expected is a name of 1 to 64 letters, digits, \".\", \"_\" and \"-\"",
        ),
        (
            "mailbox_allow_list = [\"ann\"]",
            "4: connection.mailbox_allow_list: [\"ann\"] is not allowed; expected is a list of e-mail addresses, such as [\"ann@example.com\"]",
        ),
        (
            "mailbox_allow_list = \"ann@example.com\"",
            "4: connection.mailbox_allow_list: a text where a list of e-mail addresses, such as [\"ann@example.com\"] is expected",
        ),
        (
            "store = \"users.xml\"",
            "4: connection.store: does not go with connection.users_file: both name the same file",
        ),
        ("emails.folder = \"Inbox/crm\"", "4: connection.emails: unknown"),
        (
            "[emails]\nfolder = \"Inbox/crm\"",
            "5: emails.folder: \"Inbox/crm\" is not allowed; expected is the path of a mail folder such as \"/Inbox/crm\"",
        ),
        (
            "[emails]\nfolder = \"/Inbox//crm\"",
            "5: emails.folder: \"/Inbox//crm\" is not allowed; expected is the path of a mail folder such as \"/Inbox/crm\"",
        ),
        (
            "[emails]\nsuccess_folder = \"a/b\"",
            "5: emails.success_folder: \"a/b\" is not allowed; expected is the name of a mail folder, without \"/\"",
        ),
        (
            "[emails]\nsuccess_folder = \"sync_failure\"",
            "5: emails.failure_folder: does not go with emails.success_folder: both name the same folder",
        ),
        ("[emails]\nignore_before = 2026-02-30", "5: not TOML: "),
        (
            "[emails]\nignore_before = 2026-02-03T10:00:00Z",
            "5: emails.ignore_before: a date where a day such as 2026-11-01 is expected",
        ),
        (
            "[errors]\nretry_max = \"10s\"",
            "5: errors.retry_max: does not go with errors.retry_first: it must not be shorter",
        ),
        (
            "[errors]\ngraph_timeout = \"2h\"",
            "5: errors.graph_timeout: \"2h\" is not allowed; expected is a time span such as \"10m\" or \"1h 30m\", 1s to 1h",
        ),
        (
            "[notifications]\nintern = true",
            "5: notifications.intern: unknown; did you mean notifications.internal?",
        ),
        ("[errors]\nworkers = 3", "5: errors.workers: unknown; did you mean connection.workers?"),
        ("[nonsense]\nx = 1", "4: nonsense: unknown"),
    ] {
        let found = one(text);
        assert!(
            found == expected || (expected.ends_with(": ") && found.starts_with(expected)),
            "{text}: {found}"
        );
    }
    let spaces = |list: &str| parse(&LEAST.replace("[\"Example.com\"]", list));
    for wrong in ["[]", "[\"@example.com\"]", "[\"\"]", "[\"a b\"]", "[1]", "[\"-x.com\"]"] {
        assert!(spaces(wrong).is_err(), "{wrong}");
    }
    assert!(spaces("[\"müller.example\", \"localhost\"]").is_ok());
    let section = parse("connection = 3\n").unwrap_err().to_string();
    assert!(
        section.contains("tandem.toml:1: connection: a number where a section [connection] is expected"),
        "{section}"
    );
}

#[test]
fn each_value_knows_where_it_comes_from() {
    let file = with("[tasks]\npast_days = 3\n").unwrap();
    let origin = |key: &str| file.resolved().iter().find(|one| one.setting.key == key).unwrap().origin;
    assert_eq!(origin("tasks.past_days"), Origin::File { line: 5 });
    assert_eq!(origin("tasks.future_days"), Origin::Default);
    assert_eq!(file.resolved().len(), SETTINGS.len());

    let shown = file.show();
    assert!(
        shown.contains("tasks.past_days = 3                                           # line 5\n"),
        "{shown}"
    );
    assert!(
        shown.contains("tasks.interval = \"10m\"                                        # default\n"),
        "{shown}"
    );
    assert!(shown.contains("# tasks.ignore_before is not set"), "{shown}");
    // What is shown is a settings file that says the same.
    let again = parse(&shown).unwrap();
    assert_eq!(again.settings(), file.settings());

    let json = file.show_json();
    assert_eq!(json.as_array().unwrap().len(), SETTINGS.len());
    let one = |key: &str| json.as_array().unwrap().iter().find(|one| one["key"] == key).unwrap().to_string();
    assert_eq!(one("tasks.past_days"), r#"{"key":"tasks.past_days","line":5,"origin":"file","value":3}"#);
    assert_eq!(
        one("tasks.ignore_before"),
        r#"{"key":"tasks.ignore_before","origin":"default","value":null}"#
    );
}

#[test]
fn files_are_read_from_disk() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tandem.toml");
    let error = SettingsFile::load(&path).unwrap_err();
    assert!(matches!(error, SettingsError::Unreadable { .. }));
    assert!(error.to_string().contains("--config"), "{error}");
    std::fs::write(&path, LEAST).unwrap();
    let file = SettingsFile::load(&path).unwrap();
    assert_eq!(file.settings().connection.store, directory.path().join("tandem.db"));
    std::fs::write(&path, "#".repeat((1 << 20) + 1)).unwrap();
    assert!(matches!(SettingsFile::load(&path), Err(SettingsError::TooLarge { .. })));
    std::fs::write(&path, [0xff, 0xfe, 0x00]).unwrap();
    assert!(matches!(SettingsFile::load(&path), Err(SettingsError::Unreadable { .. })));
}
