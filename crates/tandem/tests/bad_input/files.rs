//! Settings, credentials and the store: what is wrong with the files is said before anybody is asked anything.

use super::stage::{complaint, tandem};
use super::{assert_says, refused};
use std::fs;
use std::path::{Path, PathBuf};

const SECRET: &str = "Xy8~not-to-be-shown";
const PASSWORD: &str = "pass-not-to-be-shown";

/// A folder with settings and credentials in order; the sides are nowhere.
struct Files {
    dir: tempfile::TempDir,
}

impl Files {
    async fn new() -> Self {
        let files = Self { dir: tempfile::tempdir().unwrap() };
        files.write("tandem.toml", &files.settings(""));
        files.write("secret", SECRET);
        files.write("password", PASSWORD);
        let (users, secret) = (files.path("users.xml"), files.path("secret"));
        let set_app = ["--admin-email", "admin@nordwind.example", "--tenant-id", "t", "--client-id", "c"];
        let mut arguments = vec!["users".as_ref(), "--file".as_ref(), users.as_os_str(), "set-app".as_ref()];
        arguments.extend(set_app.iter().map(|word| std::ffi::OsStr::new(*word)));
        arguments.extend(["--secret-file".as_ref(), secret.as_os_str()]);
        let output = tandem(&arguments).await;
        assert!(output.status.success(), "{}", complaint(&output));
        let password = files.path("password");
        let output = tandem(&[
            "users".as_ref(),
            "--file".as_ref(),
            users.as_os_str(),
            "set-master".as_ref(),
            "--login".as_ref(),
            "OCSU".as_ref(),
            "--password-file".as_ref(),
            password.as_os_str(),
        ])
        .await;
        assert!(output.status.success(), "{}", complaint(&output));
        files
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// Settings that are in order, with more lines in their first section.
    fn settings(&self, more: &str) -> String {
        let path = |name: &str| self.path(name).to_string_lossy().into_owned();
        format!(
            "[connection]\naddress_spaces = [\"nordwind.example\"]\ncrm_url = \"http://127.0.0.1:9/CRMinterface/xml\"\n\
             graph_url = \"http://127.0.0.1:9\"\nlogin_url = \"http://127.0.0.1:9\"\nusers_file = {:?}\nstore = {:?}\n\
             allow_plain_credentials = true\n{more}\n",
            path("users.xml"),
            path("tandem.db")
        )
    }

    async fn refused(&self) -> String {
        refused(&self.path("tandem.toml"), &[SECRET, PASSWORD]).await
    }
}

#[tokio::test]
async fn settings_that_are_not_there_are_named() {
    let told = refused(Path::new("/nowhere/tandem.toml"), &[]).await;
    assert_says(&told, &["/nowhere/tandem.toml", "--config"]);
    let output = tandem(&["status", "--config", "/nowhere/tandem.toml"]).await;
    assert_eq!(output.status.code(), Some(2));
}

#[tokio::test]
async fn an_unknown_setting_is_named_with_its_line_and_its_neighbour() {
    let files = Files::new().await;
    files.write("tandem.toml", &files.settings("[emails]\nfoldr = \"/Inbox/crm\""));
    assert_says(&files.refused().await, &["tandem.toml:10", "emails.foldr", "did you mean emails.folder"]);
}

#[tokio::test]
async fn a_value_out_of_range_is_named_with_the_range() {
    let files = Files::new().await;
    files.write("tandem.toml", &files.settings("[appointments]\npast_days = -4"));
    assert_says(&files.refused().await, &["tandem.toml:10", "appointments.past_days", "expected is"]);
}

#[tokio::test]
async fn a_secret_among_the_settings_is_refused_and_not_repeated() {
    let files = Files::new().await;
    files.write("tandem.toml", &files.settings(&format!("client_secret = \"{SECRET}\"")));
    assert_says(&files.refused().await, &["client_secret", "users.xml", "delete this line"]);
}

#[tokio::test]
async fn plain_http_to_another_machine_is_refused() {
    let files = Files::new().await;
    let settings = files.settings("").replace("http://127.0.0.1:9/CRM", "http://crm.nordwind.example/CRM");
    files.write("tandem.toml", &settings);
    assert_says(&files.refused().await, &["connection.crm_url", "https://"]);
}

#[tokio::test]
async fn credentials_that_are_not_there_are_named() {
    let files = Files::new().await;
    fs::remove_file(files.path("users.xml")).unwrap();
    assert_says(&files.refused().await, &["users.xml", "tandem users"]);
}

#[cfg(unix)]
#[tokio::test]
async fn credentials_that_others_may_read_are_refused() {
    use std::os::unix::fs::PermissionsExt;
    let files = Files::new().await;
    fs::set_permissions(files.path("users.xml"), fs::Permissions::from_mode(0o644)).unwrap();
    assert_says(&files.refused().await, &["users.xml", "644", "chmod 600"]);
}

#[tokio::test]
async fn plain_credentials_need_a_deliberate_setting() {
    let files = Files::new().await;
    files.write("tandem.toml", &files.settings("").replace("allow_plain_credentials = true", ""));
    assert_says(
        &files.refused().await,
        &["users.xml", "not encrypted", "connection.allow_plain_credentials"],
    );
}

#[tokio::test]
async fn credentials_that_are_no_xml_are_refused_with_their_line() {
    let files = Files::new().await;
    let text = fs::read_to_string(files.path("users.xml")).unwrap();
    files.write("users.xml", &text.replace("</", "<"));
    assert_says(&files.refused().await, &["users.xml:"]);
}

#[tokio::test]
async fn a_damaged_store_is_named() {
    let files = Files::new().await;
    files.write("tandem.db", &"this is no database ".repeat(500));
    assert_says(&files.refused().await, &["tandem.db", "cannot be opened"]);
    let config = files.path("tandem.toml");
    let output = tandem(&["status".as_ref(), "--config".as_ref(), config.as_os_str()]).await;
    assert_eq!(output.status.code(), Some(2), "{}", complaint(&output));
    assert_says(&complaint(&output), &["tandem.db"]);
}
