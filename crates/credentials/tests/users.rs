//! Reading and writing `users.xml`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may stop at the first surprise")]

use std::path::{Path, PathBuf};
use tandem_credentials::{AppRegistration, CredentialsError, MasterUser, Protection, Secret, Users};
use tempfile::TempDir;

const PLAIN: Protection = Protection::AllowPlain;

const FULL: &str = "\
<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<Users>
  <User type=\"Graph API App Registration\">
    <UserName>admin@example.com</UserName>
    <TenantId>t-1</TenantId>
    <ClientId>c-1</ClientId>
    <ClientSecret>geheim&amp;1</ClientSecret>
  </User>
  <User type=\"GraphApi Connector Master\">
    <UserName>OCSU</UserName>
    <Password>geheim2</Password>
  </User>
</Users>
";

fn write(text: &str) -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("users.xml");
    std::fs::write(&path, text).unwrap();
    set_mode(&path, 0o600);
    (directory, path)
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(not(unix))]
fn set_mode(_: &Path, _: u32) {}

/// The message, without the directory of this run. Whatever is wrong: no secret in it.
#[track_caller]
fn refused(text: &str) -> String {
    let (directory, path) = write(text);
    let error = Users::load(&path, PLAIN).unwrap_err();
    let message = error.to_string().replace(&directory.path().display().to_string(), "");
    for shown in [&message, &format!("{error:?}")] {
        assert!(!shown.contains("geheim"), "{shown}");
    }
    message
}

#[test]
fn a_file_is_read() {
    let (_directory, path) = write(&format!("\u{feff}{FULL}"));
    let users = Users::load(&path, PLAIN).unwrap();
    let app = users.app().unwrap();
    assert_eq!(
        (app.admin_email.as_str(), app.tenant_id.as_str(), app.client_id.as_str()),
        ("admin@example.com", "t-1", "c-1")
    );
    assert_eq!(app.secret.expose(), "geheim&1");
    let master = users.master().unwrap();
    assert_eq!(master.login, "OCSU");
    assert_eq!(master.password.as_ref().unwrap().expose(), "geheim2");
    assert!(!format!("{users:?}").contains("geheim"));
}

#[test]
fn what_is_written_is_read() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("users.xml");
    let mut users = Users::empty(&path);
    users.set_app(AppRegistration {
        admin_email: "ü@example.com".into(),
        tenant_id: "t".into(),
        client_id: "c".into(),
        secret: Secret::new("a<b>&\"']]>~ü€😀"),
    });
    users.set_master(MasterUser {
        login: "O'CSU".into(),
        password: Some(Secret::new("  two blanks around  ")),
    });
    users.save(PLAIN).unwrap();
    let read = Users::load(&path, PLAIN).unwrap();
    assert_eq!(read.app().unwrap().secret.expose(), "a<b>&\"']]>~ü€😀");
    assert_eq!(read.app().unwrap().admin_email, "ü@example.com");
    assert_eq!(read.master().unwrap().login, "O'CSU");
    assert_eq!(read.master().unwrap().password.as_ref().unwrap().expose(), "  two blanks around  ");

    // An entry is replaced, and the other one stays.
    let mut users = read;
    users.set_master(MasterUser { login: "NEW".into(), password: None });
    users.save(PLAIN).unwrap();
    let read = Users::load(&path, PLAIN).unwrap();
    assert_eq!(read.app().unwrap().tenant_id, "t");
    assert!(read.master().unwrap().password.is_none());
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1, "nothing is left beside it");
}

#[test]
fn plain_secrets_need_to_be_allowed() {
    let (_directory, path) = write(FULL);
    let error = Users::load(&path, Protection::RequireEncryption).unwrap_err();
    assert!(matches!(error, CredentialsError::PlainNotAllowed { .. }));
    assert!(error.to_string().contains("connection.allow_plain_credentials = true"));
    let users = Users::load(&path, PLAIN).unwrap();
    let error = users.save(Protection::RequireEncryption).unwrap_err();
    assert!(matches!(error, CredentialsError::CannotEncrypt { .. }));
    // Where nothing is secret nothing has to be encrypted.
    let (_directory, path) =
        write("<Users><User type=\"GraphApi Connector Master\"><UserName>OCSU</UserName></User></Users>");
    Users::load(&path, Protection::RequireEncryption).unwrap().save(Protection::RequireEncryption).unwrap();
}

#[test]
fn encrypted_credentials_are_recognised() {
    for text in [
        "<xenc:EncryptedData xmlns:xenc=\"http://www.w3.org/2001/04/xmlenc#\"/>",
        "<Users>\n<EncryptedData xmlns=\"http://www.w3.org/2001/04/xmlenc#\">x</EncryptedData></Users>",
        "<Users>\n<User type=\"GraphApi Connector Master\"><UserName>O</UserName><Password><e:EncryptedData/></Password></User></Users>",
    ] {
        let (_directory, path) = write(text);
        let error = Users::load(&path, PLAIN).unwrap_err();
        assert!(matches!(error, CredentialsError::Encrypted { .. }), "{error}");
    }
}

#[cfg(unix)]
#[test]
fn the_file_is_its_owners() {
    use std::os::unix::fs::PermissionsExt;
    let (_directory, path) = write(FULL);
    for mode in [0o644, 0o604, 0o620, 0o666, 0o601] {
        set_mode(&path, mode);
        let error = Users::load(&path, PLAIN).unwrap_err();
        assert!(matches!(error, CredentialsError::Exposed { mode: found, .. } if found == mode), "{error}");
        assert!(error.to_string().contains("chmod 600"));
    }
    for mode in [0o600, 0o400, 0o640] {
        set_mode(&path, mode);
        Users::load(&path, PLAIN).unwrap();
    }
    // Written anew it is private, whatever it was.
    set_mode(&path, 0o640);
    Users::load(&path, PLAIN).unwrap().save(PLAIN).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_missing_file_or_entry_says_what_to_do() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("none.xml");
    let error = Users::load(&path, PLAIN).unwrap_err();
    assert!(matches!(error, CredentialsError::NotFound { .. }));
    assert!(error.to_string().contains("tandem users --file"), "{error}");
    let users = Users::empty(&path);
    assert!(users.app().unwrap_err().to_string().contains("set-app"));
    assert!(users.master().unwrap_err().to_string().contains("set-master"));
    let nowhere = Users::empty(&directory.path().join("no/such/users.xml"));
    assert!(matches!(nowhere.save(PLAIN), Err(CredentialsError::Unwritable { .. })));
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    let app = |inner: &str| {
        format!("<Users>\n<User type=\"Graph API App Registration\">\n{inner}\n</User>\n</Users>")
    };
    let cases = [
        (String::new(), "/users.xml:1: the file ends too early"),
        ("geheim".into(), "/users.xml:1: text is allowed inside the fields of a <User> only"),
        ("<Users>\n<User\n".into(), "/users.xml:2: this is not well-formed XML"),
        ("<Users>\n</User>".into(), "/users.xml:2: this is not well-formed XML"),
        ("<Users/>\n<Users/>".into(), "/users.xml:2: there is more than one root element"),
        ("<users/>".into(), "/users.xml:1: an unknown element; expected is <Users>"),
        ("<!DOCTYPE Users [<!ENTITY a \"geheim\">]>\n<Users/>".into(), "/users.xml:1: a DTD is not allowed"),
        (
            app("<UserName>&geheim;</UserName>"),
            "/users.xml:3: an entity is not allowed; known are &amp; &lt; &gt; &quot; &apos; and &#…;",
        ),
        (
            app("<Secret>geheim</Secret>"),
            "/users.xml:3: an unknown element; expected is one of UserName, TenantId, ClientId, ClientSecret, Password",
        ),
        (app("<UserName>a</UserName>\n<UserName>b</UserName>"), "/users.xml:4: UserName stands there twice"),
        (
            app("<UserName>a</UserName>\n<Password>geheim</Password>"),
            "/users.xml:4: Password does not belong to \"Graph API App Registration\"",
        ),
        (
            app(
                "<UserName>a</UserName><TenantId> </TenantId><ClientId>c</ClientId><ClientSecret>geheim</ClientSecret>",
            ),
            "/users.xml:2: \"Graph API App Registration\" lacks TenantId",
        ),
        (app("<UserName><b>geheim</b></UserName>"), "/users.xml:3: elements are nested too deep"),
        (
            "<Users>\n\n<User type=\"Other\"/></Users>".into(),
            "/users.xml:3: an unknown type of entry; known are \"Graph API App Registration\" and \"GraphApi Connector Master\"",
        ),
        (
            "<Users>\n<User/></Users>".into(),
            "/users.xml:2: a <User> needs the attribute type=\"Graph API App Registration\" or type=\"GraphApi Connector Master\"",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(refused(&text), expected, "{text}");
    }
    let twice = FULL.replace(
        "</Users>",
        "<User type=\"GraphApi Connector Master\"><UserName>X</UserName></User></Users>",
    );
    assert_eq!(refused(&twice), "/users.xml:13: there is more than one \"GraphApi Connector Master\"");
    assert!(refused(&format!("<!--{}-->{FULL}", "x".repeat(70_000))).contains("is larger than 65536 bytes"));
    assert!(refused(&format!("<Users>{}</Users>", "<User>".repeat(5_000))).contains("needs the attribute"));
}

#[test]
fn what_xml_cannot_hold_is_not_written() {
    let directory = tempfile::tempdir().unwrap();
    for password in ["", "line\n", "tab\t", "\u{0}", "\u{ffff}"] {
        let mut users = Users::empty(&directory.path().join("users.xml"));
        users.set_master(MasterUser { login: "OCSU".into(), password: Some(Secret::new(password)) });
        assert!(matches!(
            users.save(PLAIN),
            Err(CredentialsError::Unfit { what: "the master user's password" })
        ));
    }
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
}
